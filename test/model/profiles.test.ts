/**
 * What differs between the releases, as a client sees it: profile x observable, with the values of
 * resolutions.md. What does not differ stands once, for all profiles.
 */

import { createConnection } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { runNow } from '../../src/base/op.ts';
import { NO_QUIRKS } from '../../src/base/quirks.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import { showResult } from '../../src/fe/frontend-context.ts';
import { PROFILES, type ProfileName } from '../../src/fe/profile.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import {
  backUp,
  clusterWith,
  PROFILES_IN_ORDER,
  refusal,
  shopOf,
  textIn,
  timestampOf,
} from './shared-store.ts';

type PerProfile<T> = Readonly<Record<ProfileName, T>>;

const same = <T>(value: T): PerProfile<T> => ({ '3.3': value, '3.5': value, '4.2': value });

/** Columns of a release: all of them, or what the newest has less these. */
function columns(newest: string, less35: readonly string[], less33: readonly string[]) {
  const all = newest.split(' ');
  return {
    '3.3': all.filter((name) => !less33.includes(name)),
    '3.5': all.filter((name) => !less35.includes(name)),
    '4.2': all,
  };
}

const RETENTION = ['ClusterId', 'FinishTime', 'TTL', 'ExpireTime'];
const OF_NEW_PARTITIONS = ['StorageSize', 'DataVersion', 'VersionEpoch', 'VersionTxnType'];
const DETAILS = "WHERE SNAPSHOT = 's' AND TIMESTAMP = '2025'";

const COLUMNS: Readonly<Record<string, PerProfile<readonly string[]>>> = {
  'SHOW BACKUP': columns(
    `JobId SnapshotName DbName State BackupObjs CreateTime SnapshotFinishedTime UploadFinishedTime
      FinishedTime UnfinishedTasks Progress TaskErrMsg Status Timeout`.replace(/\s+/g, ' '),
    [],
    [],
  ),
  'SHOW RESTORE': columns(
    `JobId Label Timestamp DbName State AllowLoad ReplicationNum RestoreObjs CreateTime
      MetaPreparedTime SnapshotFinishedTime DownloadFinishedTime FinishedTime UnfinishedTasks
      Progress TaskErrMsg Status Timeout`.replace(/\s+/g, ' '),
    [],
    [],
  ),
  'SHOW SNAPSHOT ON repo': columns(
    `Snapshot Timestamp Status ${RETENTION.join(' ')}`,
    RETENTION,
    RETENTION,
  ),
  [`SHOW SNAPSHOT ON repo ${DETAILS}`]: columns(
    `Snapshot Timestamp Database Details Status ${RETENTION.join(' ')}`,
    RETENTION,
    RETENTION,
  ),
  'SHOW REPOSITORIES': columns(
    'RepoId RepoName CreateTime IsReadOnly Location Broker ErrMsg',
    [],
    [],
  ),
  'SHOW FRONTENDS': columns(
    `Id Name IP EditLogPort HttpPort QueryPort RpcPort Role ClusterId Join Alive ReplayedJournalId
      LastHeartbeat IsHelper ErrMsg StartTime Version`.replace(/\s+/g, ' '),
    [],
    ['Id'],
  ),
  'SHOW BACKENDS': columns(
    `BackendId IP HeartbeatPort BePort HttpPort BrpcPort LastStartTime LastHeartbeat Alive
      SystemDecommissioned ClusterDecommissioned TabletNum DataUsedCapacity AvailCapacity
      TotalCapacity UsedPct MaxDiskUsedPct ErrMsg Version Status DataTotalCapacity DataUsedPct
      CpuCores MemLimit NumRunningQueries MemUsedPct CpuUsedPct DataCacheMetrics Location
      StatusCode`.replace(/\s+/g, ' '),
    [],
    ['StatusCode'],
  ),
  'SHOW PARTITIONS FROM shop.events': columns(
    `PartitionId PartitionName VisibleVersion VisibleVersionTime VisibleVersionHash State
      PartitionKey Range DistributionKey Buckets ReplicationNum StorageMedium CooldownTime
      LastConsistencyCheckTime DataSize StorageSize IsInMemory RowCount DataVersion VersionEpoch
      VersionTxnType TabletBalanced`.replace(/\s+/g, ' '),
    ['TabletBalanced'],
    ['TabletBalanced', ...OF_NEW_PARTITIONS],
  ),
};

const COUNTS: Readonly<Record<string, PerProfile<number>>> = {
  'SHOW BACKUP': same(14),
  'SHOW RESTORE': same(18),
  'SHOW SNAPSHOT ON repo': { '3.3': 3, '3.5': 3, '4.2': 7 },
  [`SHOW SNAPSHOT ON repo ${DETAILS}`]: { '3.3': 5, '3.5': 5, '4.2': 9 },
  'SHOW FRONTENDS': { '3.3': 16, '3.5': 17, '4.2': 17 },
  'SHOW BACKENDS': { '3.3': 29, '3.5': 30, '4.2': 30 },
  'SHOW PARTITIONS FROM shop.events': { '3.3': 17, '3.5': 21, '4.2': 22 },
};

const OK = 'accepted';
const SYNTAX = '1064/HY000';
const COMMON = '5064/42000';
const NO_DB = '5501/3F000';
const BACKUP_ORDERS = 'BACKUP SNAPSHOT shop.x TO repo ON (orders)';
const AT = "PROPERTIES ('backup_timestamp' = '<ts>')";

/** Number and SQLSTATE of each statement; '<ts>' is the timestamp of the snapshot `s`. */
const OUTCOMES: Readonly<Record<string, PerProfile<string>>> = {
  'USE nope': same(NO_DB),
  'SHOW BACKUP FROM nope': same(NO_DB),
  'SHOW RESTORE FROM nope': same(NO_DB),
  'SHOW TABLES FROM nope': same(NO_DB),
  'CANCEL BACKUP FROM nope': same(NO_DB),
  'CANCEL BACKUP': same(NO_DB),
  'CANCEL RESTORE FROM shop': same(COMMON),
  'BACKUP SNAPSHOT nope.x TO repo': same(NO_DB),
  'BACKUP SNAPSHOT x TO repo': same(NO_DB),
  'BACKUP SNAPSHOT shop.x TO nope': same(COMMON),
  'BACKUP SNAPSHOT shop.s TO repo': same(COMMON),
  'BACKUP SNAPSHOT shop.`` TO repo': same('5082/42000'),
  'BACKUP SNAPSHOT shop.`a/b` TO repo': same('5082/42000'),
  'BACKUP SNAPSHOT shop.`a\\b` TO repo': same('5082/42000'),
  'BACKUP SNAPSHOT shop.`..` TO repo': same('5082/42000'),
  'BACKUP SNAPSHOT shop.`a #b%` TO repo ON (orders)': same(OK),
  'BACKUP SNAPSHOT shop.S TO repo ON (orders)': same(OK),
  [`${BACKUP_ORDERS} PROPERTIES ('typ' = 'full')`]: same(COMMON),
  [`${BACKUP_ORDERS} PROPERTIES ('timeout' = '599')`]: same(COMMON),
  [`${BACKUP_ORDERS} PROPERTIES ('ttl' = 'soon')`]: { '3.3': COMMON, '3.5': COMMON, '4.2': SYNTAX },
  [`${BACKUP_ORDERS} PROPERTIES ('ttl' = '0 DAY')`]: {
    '3.3': COMMON,
    '3.5': COMMON,
    '4.2': SYNTAX,
  },
  "BACKUP SNAPSHOT shop.t TO repo ON (orders) PROPERTIES ('ttl' = '7 DAY')": {
    '3.3': COMMON,
    '3.5': COMMON,
    '4.2': OK,
  },
  'BACKUP SNAPSHOT shop.x TO repo ON (orders, orders)': same(SYNTAX),
  'BACKUP SNAPSHOT shop.x TO repo ON (shop.orders)': same(SYNTAX),
  'BACKUP SNAPSHOT shop.f0 TO repo ON (events PARTITION (p1))': same(OK),
  'BACKUP DATABASE shop SNAPSHOT f1 TO repo': { '3.3': SYNTAX, '3.5': OK, '4.2': OK },
  'BACKUP SNAPSHOT shop.f2 TO repo ON (TABLE orders)': { '3.3': SYNTAX, '3.5': OK, '4.2': OK },
  'BACKUP SNAPSHOT shop.f3 TO repo ON (ALL TABLES)': { '3.3': SYNTAX, '3.5': OK, '4.2': OK },
  'BACKUP DATABASE shop SNAPSHOT shop.f4 TO repo': same(SYNTAX),
  'CANCEL BACKUP FOR EXTERNAL CATALOG': { '3.3': SYNTAX, '3.5': COMMON, '4.2': COMMON },
  'BACKUP ALL EXTERNAL CATALOGS SNAPSHOT f5 TO repo': {
    '3.3': SYNTAX,
    '3.5': COMMON,
    '4.2': COMMON,
  },
  "CREATE EXTERNAL CATALOG lake PROPERTIES ('type' = 'hive')": same(OK),
  'BACKUP EXTERNAL CATALOG (lake) SNAPSHOT f6 TO repo': { '3.3': SYNTAX, '3.5': OK, '4.2': OK },
  'CREATE VIEW shop.v AS SELECT 1 AS one; BACKUP SNAPSHOT shop.f7 TO repo ON (v)': {
    '3.3': COMMON,
    '3.5': OK,
    '4.2': OK,
  },
  'BACKUP SNAPSHOT shop.f8 TO repo ON (VIEW v)': { '3.3': SYNTAX, '3.5': OK, '4.2': OK },
  'BACKUP SNAPSHOT shop.f9 TO repo ON (ALL FUNCTIONS)': same(SYNTAX),
  'SHOW SNAPSHOT ON nope': same(COMMON),
  "SHOW SNAPSHOT ON repo WHERE SNAPSHOT IN ('s', 'x')": same(OK),
  "SHOW SNAPSHOT ON repo WHERE TIMESTAMP = 't'": same(SYNTAX),
  'DROP REPOSITORY nope': same(COMMON),
  'SELECT 1 FROM shop.nope': same('5502/42602'),
  'RESTORE SNAPSHOT shop.s FROM repo': same(COMMON),
  "RESTORE SNAPSHOT shop.s FROM repo PROPERTIES ('backup_timestamp' = '2025')": same(COMMON),
  [`RESTORE SNAPSHOT s FROM repo ON (orders AS o1) ${AT}`]: { '3.3': NO_DB, '3.5': OK, '4.2': OK },
  [`USE shop; RESTORE SNAPSHOT s FROM repo ON (orders AS o2) ${AT}`]: same(OK),
  [`RESTORE SNAPSHOT fresh.s FROM repo ${AT}`]: { '3.3': NO_DB, '3.5': OK, '4.2': OK },
  [`RESTORE SNAPSHOT s FROM repo DATABASE shop AS copy ${AT}`]: {
    '3.3': SYNTAX,
    '3.5': OK,
    '4.2': OK,
  },
  [`RESTORE SNAPSHOT s FROM repo DATABASE SHOP ${AT}`]: {
    '3.3': SYNTAX,
    '3.5': COMMON,
    '4.2': COMMON,
  },
  [`RESTORE SNAPSHOT s FROM repo ON (TABLE orders AS o3) ${AT}`]: {
    '3.3': SYNTAX,
    '3.5': OK,
    '4.2': OK,
  },
};

async function idle(cluster: Cluster): Promise<void> {
  for (const [name] of (await cluster.query('SHOW DATABASES')).rows) {
    await cluster.untilJobDone(String(name)).catch(() => {});
  }
}

describe.each(PROFILES_IN_ORDER)('profile %s', (version) => {
  test('has these columns', async () => {
    const { cluster } = await shopOf(version);
    await backUp(cluster, 's');
    for (const [sql, expected] of Object.entries(COLUMNS)) {
      const shown = (await cluster.query(sql)).columns;
      expect([sql, shown]).toEqual([sql, expected[version]]);
      const count = COUNTS[sql]?.[version];
      if (count !== undefined) expect([sql, shown.length]).toEqual([sql, count]);
    }
  });

  test('answers with these codes', async () => {
    const { cluster } = await shopOf(version);
    await backUp(cluster, 's');
    const timestamp = await timestampOf(cluster, 's');
    for (const [sql, expected] of Object.entries(OUTCOMES)) {
      const outcome = await refusal(cluster, sql.replace('<ts>', timestamp));
      expect([sql, outcome]).toEqual([sql, expected[version]]);
      await idle(cluster);
    }
  });

  test('names itself', async () => {
    const { cluster } = await shopOf(version);
    const { rows } = await cluster.query('SELECT @@version_comment, current_version(), version()');
    expect(rows).toEqual([[`${version}.0-emulator`, `${version}.0 emulator`, '8.0.33']]);
  });

  test('puts ids into partitions, paths, __info and __meta in its own way', async () => {
    const { cluster, store } = await shopOf(version);
    await backUp(cluster, 's');
    const info = JSON.parse(textIn(store, /__ss_s\/__info_/));
    const { p1 } = info.backup_objects.events.partitions;
    const { columns: names, rows } = await cluster.query('SHOW PARTITIONS FROM shop.events');
    const physicalId = Number(rows[0]?.[names.indexOf('PartitionId')]);
    if (version === '3.3') {
      expect(physicalId).toBe(p1.id);
      expect(Object.keys(p1.indexes)).toEqual(['events']);
      expect(p1.subPartitions).toEqual({});
    } else {
      expect(physicalId).not.toBe(p1.id);
      expect(p1.indexes).toEqual({});
      expect(Object.keys(p1.subPartitions)).toEqual([String(physicalId)]);
    }
    const paths = store.keys().filter((key) => key.includes(`__part_${physicalId}/`));
    expect(paths.length).toBeGreaterThan(0);
    const meta = JSON.parse(textIn(store, /__ss_s\/__meta/).replace(/^[^{]*/, ''));
    const keys = ['tblNameMap', ...(version === '3.3' ? [] : ['functions', 'catalogs'])];
    expect(Object.keys(meta)).toEqual(keys);
  });

  test('shows a location as written, from 4.2 on without its last slash', async () => {
    const { cluster, store } = await shopOf(version);
    await cluster.query("CREATE REPOSITORY r2 WITH BROKER ON LOCATION 'memory://other/x/'");
    const { rows } = await cluster.query('SHOW REPOSITORIES');
    expect(rows[1]?.[4]).toBe(version === '4.2' ? 'memory://other/x' : 'memory://other/x/');
    expect(store.keys().filter((key) => key.startsWith('/other/'))).toEqual([
      '/other/x/__starrocks_repository_r2/__repo_info',
    ]);
  });

  test('tells times in the zone that each place has', async () => {
    const { cluster, store } = await shopOf(version, { timeZone: 'Asia/Shanghai' });
    await backUp(cluster, 's');
    // Submitted at midnight of 2025-01-01 in UTC: the label's time is the system's.
    expect(await timestampOf(cluster, 's')).toMatch(/^2025-01-01-08-00-00-/);
    const inZone = async (sql: string): Promise<readonly unknown[]> =>
      (await cluster.query(`SET time_zone = '-05:00'; ${sql}`)).rows[0] ?? [];
    expect((await inZone('SHOW BACKUP'))[5]).toMatch(/^2024-12-31 19:00:00$/);
    expect((await inZone('SHOW PARTITIONS FROM shop.orders'))[3]).toMatch(/^2024-12-31 19:00:/);
    await inZone("CREATE REPOSITORY r2 WITH BROKER ON LOCATION 'memory://other'");
    const info = JSON.parse(textIn(store, /__starrocks_repository_r2\/__repo_info/));
    expect(info.create_time).toMatch(/^2024-12-31 19:00:/);
    expect((await inZone('SHOW REPOSITORIES'))[2]).toMatch(/^2024-12-31 19:00:/);
    cluster.faults.enable('blob.stat', { do: 'fail', text: 'gone' });
    await cluster.query("SET GLOBAL time_zone = '+02:00'");
    cluster.advance(600_000);
    expect((await inZone('SHOW REPOSITORIES'))[6]).toMatch(/^2025-01-01 02:10:00: .*gone$/);
  });

  test('shows the last job of each database, if it is of the kind asked for', async () => {
    const memoryStore = new MemoryBlob();
    const cluster = await clusterWith({ starrocksVersion: version, memoryStore }, true);
    await backUp(cluster, 's');
    await cluster.query('CREATE DATABASE other');
    await cluster.query(`RESTORE SNAPSHOT other.s FROM repo
      PROPERTIES ('backup_timestamp' = '${await timestampOf(cluster, 's')}')`);
    await cluster.untilJobDone('other');
    const shown = async (sql: string): Promise<readonly unknown[]> =>
      (await cluster.query(sql)).rows.map((row) => row[sql.includes('BACKUP') ? 2 : 3]);
    expect(await shown('SHOW BACKUP')).toEqual(['shop']);
    expect(await shown('SHOW RESTORE')).toEqual(['other']);
    expect(await shown('USE shop; SHOW RESTORE')).toEqual(['other']);
    expect(await shown('SHOW BACKUP FROM other')).toEqual([]);
    expect(await shown('SHOW RESTORE FROM other')).toEqual(['other']);
  });

  test('keeps a job that ended long ago when it starts again, but not in 3.3', async () => {
    const { cluster } = await shopOf(version, { config: { history_job_keep_max_second: '60' } });
    await backUp(cluster, 's');
    cluster.advance(120_000);
    const next = await cluster.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
    const { rows } = await next.query('SHOW BACKUP');
    expect(rows.map((row) => row[3])).toEqual(version === '3.3' ? [] : ['FINISHED']);
  });

  test('refuses an unknown database at connect with 5501', async () => {
    const cluster = await startCluster({ storage: 'memory', starrocksVersion: version });
    const connection = { host: '127.0.0.1', port: cluster.port ?? 0, user: 'root' };
    await expect(createConnection({ ...connection, database: 'nope' })).rejects.toMatchObject({
      errno: 5501,
      sqlState: '3F000',
    });
    await cluster.stop();
  });
});

test('SHOW columns are VARCHAR(30) in name, and longer values pass', () => {
  const long = 'x'.repeat(1000);
  const shown = showResult(['a'], [[long]]);
  if (shown.kind !== 'rows') throw new Error('no rows');
  expect(shown.columns[0]?.type).toEqual({ name: 'VARCHAR', length: 30 });
  expect(runNow(shown.next())).toEqual([[long]]);
});

test('traits that no statement above shows', () => {
  const of = (name: ProfileName) => PROFILES[name].jobs;
  const trait = (key: keyof ReturnType<typeof of>): readonly unknown[] =>
    PROFILES_IN_ORDER.map((name) => of(name)[key]);
  expect(trait('longBackupProgress')).toEqual([false, true, true]);
  expect(trait('hasMetadataObjects')).toEqual([false, true, true]);
  expect(trait('quirks')).toEqual([NO_QUIRKS, NO_QUIRKS, NO_QUIRKS]);
  expect(trait('hasCatalogSlot')).toEqual([false, true, true]);
  expect(trait('backsUpListPartitions')).toEqual([false, true, true]);
  expect(trait('metaVersion')).toEqual([92, 92, 92]);
  expect(trait('starrocksMetaVersion')).toEqual([3, 3, 3]);
});
