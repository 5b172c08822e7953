/**
 * What every SHOW answers: columns as StarRocks names them in each release (resolutions.md 2, 9 and
 * (a), sql-surface.md 4), and the cells that clients read.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { ProfileName } from '../../../src/fe/profile.ts';
import { smallWorld, type World } from './support/world.ts';

const words = (text: string): string[] => text.split(/,\s*/);

const FRONTENDS =
  'Name, IP, EditLogPort, HttpPort, QueryPort, RpcPort, Role, ClusterId, Join, Alive, ReplayedJournalId, LastHeartbeat, IsHelper, ErrMsg, StartTime, Version';
const BACKENDS =
  'BackendId, IP, HeartbeatPort, BePort, HttpPort, BrpcPort, LastStartTime, LastHeartbeat, Alive, SystemDecommissioned, ClusterDecommissioned, TabletNum, DataUsedCapacity, AvailCapacity, TotalCapacity, UsedPct, MaxDiskUsedPct, ErrMsg, Version, Status, DataTotalCapacity, DataUsedPct, CpuCores, MemLimit, NumRunningQueries, MemUsedPct, CpuUsedPct, DataCacheMetrics, Location';
const PARTITIONS =
  'PartitionId, PartitionName, VisibleVersion, VisibleVersionTime, VisibleVersionHash, State, PartitionKey, Range, DistributionKey, Buckets, ReplicationNum, StorageMedium, CooldownTime, LastConsistencyCheckTime, DataSize';
const PROCESSLIST =
  'Id, User, Host, Db, Command, ConnectionStartTime, Time, State, Info, IsPending, Warehouse';
const RETENTION = ', ClusterId, FinishTime, TTL, ExpireTime';

/** One list for all releases, or one for each. */
const COLUMNS: readonly (readonly [string, string | Readonly<Record<ProfileName, string>>])[] = [
  ['SHOW FRONTENDS', { '3.3': FRONTENDS, '3.5': `Id, ${FRONTENDS}`, '4.2': `Id, ${FRONTENDS}` }],
  [
    'SHOW BACKENDS',
    { '3.3': BACKENDS, '3.5': `${BACKENDS}, StatusCode`, '4.2': `${BACKENDS}, StatusCode` },
  ],
  [
    'SHOW PARTITIONS FROM d.r',
    {
      '3.3': `${PARTITIONS}, IsInMemory, RowCount`,
      '3.5': `${PARTITIONS}, StorageSize, IsInMemory, RowCount, DataVersion, VersionEpoch, VersionTxnType`,
      '4.2': `${PARTITIONS}, StorageSize, IsInMemory, RowCount, DataVersion, VersionEpoch, VersionTxnType, TabletBalanced`,
    },
  ],
  [
    'SHOW BACKUP',
    'JobId, SnapshotName, DbName, State, BackupObjs, CreateTime, SnapshotFinishedTime, UploadFinishedTime, FinishedTime, UnfinishedTasks, Progress, TaskErrMsg, Status, Timeout',
  ],
  [
    'SHOW RESTORE',
    'JobId, Label, Timestamp, DbName, State, AllowLoad, ReplicationNum, RestoreObjs, CreateTime, MetaPreparedTime, SnapshotFinishedTime, DownloadFinishedTime, FinishedTime, UnfinishedTasks, Progress, TaskErrMsg, Status, Timeout',
  ],
  ['SHOW REPOSITORIES', 'RepoId, RepoName, CreateTime, IsReadOnly, Location, Broker, ErrMsg'],
  [
    'SHOW SNAPSHOT ON repo',
    {
      '3.3': 'Snapshot, Timestamp, Status',
      '3.5': 'Snapshot, Timestamp, Status',
      '4.2': `Snapshot, Timestamp, Status${RETENTION}`,
    },
  ],
  [
    "SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's' AND TIMESTAMP = 't'",
    {
      '3.3': 'Snapshot, Timestamp, Database, Details, Status',
      '3.5': 'Snapshot, Timestamp, Database, Details, Status',
      '4.2': `Snapshot, Timestamp, Database, Details, Status${RETENTION}`,
    },
  ],
  [
    'SHOW PROCESSLIST',
    {
      '3.3': PROCESSLIST,
      '3.5': PROCESSLIST,
      '4.2': `ServerName, ${PROCESSLIST}, CNGroup, Catalog, QueryId`,
    },
  ],
  ['SHOW DATABASES', 'Database'],
  ['SHOW TABLES FROM d', 'Tables_in_d'],
  ['SHOW FULL TABLES FROM d', 'Tables_in_d, Table_type'],
  ['SHOW CREATE TABLE d.p', 'Table, Create Table'],
  ['DESC d.p', 'Field, Type, Null, Key, Default, Extra'],
  ['SHOW COLUMNS FROM d.p', 'Field, Type, Null, Key, Default, Extra'],
  [
    'SHOW FULL FIELDS FROM p FROM d',
    'Field, Type, Collation, Null, Key, Default, Extra, Privileges, Comment',
  ],
  [
    'SHOW KEYS FROM p IN d',
    'Table, Non_unique, Key_name, Seq_in_index, Column_name, Collation, Cardinality, Sub_part, Packed, Null, Index_type, Comment',
  ],
  [
    'SHOW TABLE STATUS FROM d',
    'Name, Engine, Version, Row_format, Rows, Avg_row_length, Data_length, Max_data_length, Index_length, Data_free, Auto_increment, Create_time, Update_time, Check_time, Collation, Checksum, Create_options, Comment',
  ],
  ['SHOW CREATE DATABASE d', 'Database, Create Database'],
  ['SHOW VARIABLES', 'Variable_name, Value'],
  ['SHOW STATUS', 'Variable_name, Value'],
  ['SHOW WARNINGS', 'Level, Code, Message'],
  ['SHOW ERRORS', 'Level, Code, Message'],
  ['SHOW ENGINES', 'Engine, Support, Comment, Transactions, XA, Savepoints'],
  ['SHOW CHARSET', 'Charset, Description, Default collation, Maxlen'],
  ['SHOW COLLATION', 'Collation, Charset, Id, Default, Compiled, Sortlen'],
  ['SHOW CATALOGS', 'Catalog, Type, Comment'],
  ['SHOW PRIVILEGES', 'Privilege, Context, Comment'],
  [
    'SHOW PLUGINS',
    'Name, Type, Description, Version, JavaVersion, ClassName, SoName, Sources, Status, Properties',
  ],
  ['SHOW VERBOSE VARIABLES', 'Variable_name, Value, Default_value, Is_changed'],
  ['SHOW OPEN TABLES FROM d', 'Database, Table, In_use, Name_locked'],
  ['SHOW STORAGE VOLUMES', 'Storage Volume'],
  ['SHOW PROPERTY', 'Key, Value'],
  ['ADMIN SHOW REPLICA DISTRIBUTION FROM d.p', 'BackendId, ReplicaNum, Graph, Percent'],
  ['ADMIN SHOW FRONTEND CONFIG', 'Key, AliasNames, Value, Type, IsMutable, Comment'],
];

describe.each(['3.3', '3.5', '4.2'] as const)('columns of release %s', (profile) => {
  let world: World;
  beforeAll(() => {
    world = smallWorld({ profile });
    world.run("CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b'");
  });
  test.each(COLUMNS)('%s', (sql, columns) => {
    const expected = typeof columns === 'string' ? columns : columns[profile];
    expect(world.run(sql).columns).toEqual(words(expected));
  });
});

describe('cells', () => {
  let world: World;
  beforeAll(() => {
    world = smallWorld();
    world.run("CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b/x/'");
    world.run("INSERT INTO d.r VALUES ('2024-01-05', 'x'), ('2024-02-05', 'y')");
    world.run('BACKUP SNAPSHOT d.s TO repo ON (r PARTITION (p1, p2), p)');
    world.untilJobDone('d');
  });

  test('SHOW FRONTENDS: alive, joined, at the last record of the log', () => {
    expect(world.objects('SHOW FRONTENDS')).toEqual([
      expect.objectContaining({
        Id: '1',
        Name: '127.0.0.1_9010_1735689600000',
        EditLogPort: '9010',
        HttpPort: '8030',
        QueryPort: '9030',
        RpcPort: '9020',
        Role: 'LEADER',
        Join: 'true',
        Alive: 'true',
        ReplayedJournalId: String(world.context.lastSequence()),
        ErrMsg: '',
        Version: '3.5.0-emulator',
      }),
    ]);
  });

  test('SHOW BACKENDS: three, each with its ports and its tablets', () => {
    const rows = world.objects('SHOW BACKENDS');
    expect(rows.map((row) => [row['BackendId'], row['HeartbeatPort'], row['BePort']])).toEqual([
      ['10001', '9050', '9060'],
      ['10002', '9051', '9061'],
      ['10003', '9052', '9062'],
    ]);
    expect(rows[0]).toMatchObject({
      Alive: 'true',
      TabletNum: '4',
      ErrMsg: '',
      MemLimit: '0.000 ',
      Version: '3.5.0-emulator',
      StatusCode: 'OK',
      Status: expect.stringMatching(
        /^\{"lastSuccessReportTabletsTime":"2025-01-01 \d\d:\d\d:\d\d"\}$/,
      ),
      TotalCapacity: expect.stringMatching(/^\d+\.\d{3} [KMGTP]?B$/),
      UsedPct: expect.stringMatching(/^\d+\.\d\d %$/),
    });
  });

  test('SHOW VERBOSE VARIABLES tells defaults and what was changed', () => {
    const like = "SHOW VERBOSE VARIABLES LIKE 'wait_timeout'";
    const row = (of: string): unknown => world.run(of).rows[0];
    expect(row(like)).toEqual(['wait_timeout', '28800', '28800', false]);
    expect(row(`SET wait_timeout = 5; ${like}`)).toEqual(['wait_timeout', '5', '28800', true]);
  });

  test('ADMIN SHOW REPLICA DISTRIBUTION counts replicas by backend', () => {
    expect(world.rows('ADMIN SHOW REPLICA DISTRIBUTION FROM d.r PARTITION (p1)')).toEqual(
      ['10001', '10002', '10003'].map((id) => [id, '1', '>'.repeat(33), '33.33 %']),
    );
    expect(world.failure('ADMIN SHOW REPLICA DISTRIBUTION FROM d.r PARTITION (x)')).toMatchObject({
      code: 1735,
    });
  });

  test('SHOW PARTITIONS: in the order of ranges, with ranges as StarRocks prints them', () => {
    const rows = world.objects('SHOW PARTITIONS FROM d.r');
    expect(rows).toMatchObject([
      {
        PartitionName: 'p1',
        VisibleVersion: '2',
        VisibleVersionHash: '0',
        State: 'NORMAL',
        PartitionKey: 'day',
        Range: '[types: [DATE]; keys: [0000-01-01]; ..types: [DATE]; keys: [2024-02-01]; )',
        DistributionKey: 'day',
        Buckets: '1',
        ReplicationNum: '3',
        StorageMedium: 'HDD',
        CooldownTime: '9999-12-31 23:59:59',
        LastConsistencyCheckTime: null,
        DataSize: expect.stringMatching(/^[\d.]+(B|KB)$/),
        IsInMemory: 'false',
        RowCount: '1',
        VersionTxnType: 'TXN_NORMAL',
      },
      { PartitionName: 'p2' },
    ]);
    expect(world.objects('SHOW PARTITIONS FROM d.p')).toMatchObject([
      { PartitionName: 'p', PartitionKey: '', Range: '', VisibleVersion: '1', RowCount: '0' },
    ]);
  });

  test('physical partition ids are the logical ones only in 3.3', () => {
    const idOf = (own: World): [string, number] => {
      const [partition] =
        own.context.catalog.databases
          .values()
          .next()
          .value?.tables.values()
          .next()
          .value?.partitions.values() ?? [];
      return [
        String(own.objects('SHOW PARTITIONS FROM d.p')[0]?.['PartitionId']),
        Number(partition?.id),
      ];
    };
    const [physical, logical] = idOf(world);
    expect(Number(physical)).not.toBe(logical);
    const [old, oldLogical] = idOf(smallWorld({ profile: '3.3' }));
    expect(Number(old)).toBe(oldLogical);
  });

  test('SHOW BACKUP and SHOW REPOSITORIES', () => {
    expect(world.objects('SHOW BACKUP FROM d')).toMatchObject([
      {
        SnapshotName: 's',
        DbName: 'd',
        State: 'FINISHED',
        BackupObjs: expect.stringContaining('[d.rPARTITIONS (p1, p2)]'),
        UnfinishedTasks: '',
        TaskErrMsg: '',
        Status: '[OK]',
        Timeout: '86400',
      },
    ]);
    expect(world.objects('SHOW REPOSITORIES')).toMatchObject([
      {
        RepoName: 'repo',
        IsReadOnly: 'false',
        Location: 'memory://b/x/',
        Broker: '',
        ErrMsg: null,
      },
    ]);
    expect(world.rows('SHOW RESTORE FROM d')).toEqual([]);
    expect(world.failure('SHOW BACKUP FROM nowhere')).toMatchObject({ code: 5501 });
    expect(world.failure('SHOW SNAPSHOT ON nowhere')).toMatchObject({ code: 5064, state: '42000' });
  });

  test('SHOW WARNINGS and SHOW ERRORS tell of the last error, in 4.2 alone', () => {
    for (const profile of ['3.5', '4.2'] as const) {
      const session = smallWorld({ profile, backends: 1 }).session();
      const told = (): unknown => [
        session.run('SHOW WARNINGS').rows,
        session.run('SHOW ERRORS').rows,
      ];
      session.failure('USE nowhere');
      const text = expect.stringContaining("'nowhere'");
      const rows = profile === '4.2' ? [['Error', '5501', text]] : [];
      expect(told()).toEqual([rows, rows]);
      session.failure('SELECT 1 +');
      const syntax = [['Error', '1064', expect.stringContaining('syntax')]];
      expect(told()).toEqual(profile === '4.2' ? [syntax, syntax] : [[], []]);
      session.run('SELECT 1');
      expect(told()).toEqual([[], []]);
    }
  });

  test('a trailing slash of a location goes only in 4.2', () => {
    const own = smallWorld({ profile: '4.2' });
    own.run("CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b/x//'");
    expect(own.objects('SHOW REPOSITORIES')[0]).toMatchObject({ Location: 'memory://b/x' });
  });

  test('DESC tells types, nulls, keys and defaults', () => {
    expect(world.rows('DESC d.r')).toEqual([
      ['day', 'date', 'NO', 'true', null, ''],
      ['what', 'varchar(10)', 'YES', 'false', null, ''],
    ]);
  });

  test('SHOW COLUMNS and SHOW FULL COLUMNS say YES and NO, also of keys', () => {
    expect(world.rows('SHOW COLUMNS FROM d.r')).toEqual([
      ['day', 'date', 'NO', 'YES', null, ''],
      ['what', 'varchar(10)', 'YES', 'NO', null, ''],
    ]);
    expect(world.rows("SHOW FULL COLUMNS FROM d.r LIKE 'wh%'")).toEqual([
      ['what', 'varchar(10)', '', 'YES', 'NO', null, '', '', ''],
    ]);
    expect(world.failure('SHOW COLUMNS FROM d.nothing')).toMatchObject({ code: 5502 });
    expect(world.failure('SHOW COLUMNS FROM r')).toMatchObject({ code: 1046 });
  });

  test('the tables of information_schema are described too', () => {
    const described = world.rows('DESC information_schema.schemata');
    expect(described[1]).toEqual(['SCHEMA_NAME', 'varchar(65533)', 'YES', 'false', null, '']);
    expect(world.rows('SHOW COLUMNS FROM schemata FROM information_schema')).toHaveLength(5);
  });

  test('SHOW INDEX has no rows, as keys are no indexes, but the table must be there', () => {
    expect(world.rows('SHOW INDEX FROM d.r')).toEqual([]);
    expect(world.failure('SHOW INDEX FROM d.nothing')).toMatchObject({ code: 5502 });
  });

  test('SHOW TABLE STATUS has the figures of information_schema.tables', () => {
    expect(world.objects("SHOW TABLE STATUS FROM d LIKE 'r'")).toEqual([
      expect.objectContaining({ Name: 'r', Engine: 'StarRocks', Rows: 2n, Checksum: null }),
    ]);
    expect(world.rows('SHOW TABLE STATUS FROM information_schema')).toEqual([]);
    expect(world.failure('SHOW TABLE STATUS')).toMatchObject({ code: 1046 });
  });

  test('SHOW CREATE DATABASE makes the database again', () => {
    expect(world.rows('SHOW CREATE DATABASE d')).toEqual([['d', 'CREATE DATABASE `d`']]);
    expect(world.failure('SHOW CREATE SCHEMA nowhere')).toMatchObject({ code: 5501 });
  });

  test('system databases are listed, and only information_schema has tables', () => {
    expect(world.rows('SHOW DATABASES').flat()).toEqual([
      '_statistics_',
      'd',
      'information_schema',
      'sys',
    ]);
    expect(world.rows('SHOW TABLES FROM sys')).toEqual([]);
    expect(world.rows('SHOW FULL TABLES FROM information_schema')).toContainEqual([
      'tables',
      'SYSTEM VIEW',
    ]);
    expect(world.rows('SHOW FULL TABLES FROM d')).toEqual([
      ['p', 'BASE TABLE'],
      ['r', 'BASE TABLE'],
    ]);
  });
});

describe('LIKE, WHERE, ORDER BY and LIMIT', () => {
  let world: World;
  beforeAll(() => {
    world = smallWorld();
    for (const name of ['a1', 'a2', 'a10', '1', '01']) {
      world.run(`CREATE DATABASE db_${name}`);
    }
    world.run(`CREATE TABLE d.many (k INT NOT NULL) DUPLICATE KEY (k) PARTITION BY RANGE (k)
      (START ("1") END ("13") EVERY (1)) DISTRIBUTED BY HASH (k) BUCKETS 1`);
    world.run('INSERT INTO d.many VALUES (3), (3), (11)');
  });
  const column = (sql: string, name: string): unknown[] =>
    world.objects(sql).map((row) => row[name]);

  test.each([
    ["SHOW DATABASES LIKE 'db\\\\_a%'", ['db_a1', 'db_a10', 'db_a2']],
    ["SHOW DATABASES WHERE `Database` IN ('db_1', 'd')", ['d', 'db_1']],
    [
      "SHOW DATABASES WHERE `Database` LIKE 'db%' AND NOT `Database` = 'db_1'",
      ['db_01', 'db_a1', 'db_a10', 'db_a2'],
    ],
  ])('%s', (sql, expected) => {
    expect(column(sql, 'Database')).toEqual(expected);
  });

  test.each([
    ["SHOW PARTITIONS FROM d.many WHERE PartitionName = 'p3'", ['p3']],
    ["SHOW PARTITIONS FROM d.many WHERE PartitionName LIKE 'p1%'", ['p1', 'p10', 'p11', 'p12']],
    ['SHOW PARTITIONS FROM d.many WHERE RowCount > 0 ORDER BY RowCount DESC', ['p3', 'p11']],
    ['SHOW PARTITIONS FROM d.many ORDER BY PartitionId DESC LIMIT 2', ['p12', 'p11']],
    ['SHOW PARTITIONS FROM d.many LIMIT 1 OFFSET 3', ['p4']],
    ['SHOW PARTITIONS FROM d.many LIMIT 3, 1', ['p4']],
  ])('%s', (sql, expected) => {
    expect(column(sql, 'PartitionName')).toEqual(expected);
  });

  test('texts are equal only when they are the same, also when they look like numbers', () => {
    expect(column("SHOW VARIABLES WHERE Value = '0060' OR Value = '60'", 'Value')).toEqual([
      '60',
      '60',
    ]);
  });

  test('what it cannot evaluate is refused by name', () => {
    expect(world.failure("SHOW DATABASES WHERE upper(`Database`) = 'D'")).toMatchObject({
      code: 1064,
      text: expect.stringContaining('not supported in the WHERE clause of a SHOW'),
    });
    expect(world.failure('SHOW DATABASES WHERE nothing = 1')).toMatchObject({ code: 5509 });
  });
});
