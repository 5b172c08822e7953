/**
 * Backup, loss and restore of every kind of table and partitioning, in virtual time: rows,
 * definition and partitions come back, and the table goes on as before.
 */
import { describe, expect, test } from 'vitest';
import { MemoryBlob } from '../../src/blob/memory.ts';
import type { ProfileName } from '../../src/fe/profile.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import { CREATE_REPOSITORY, refusal, timestampOf } from './shared-store.ts';

interface TableKind {
  readonly name: string;
  readonly create: string;
  /** Values of rows that are backed up. */
  readonly rows: string;
  /** Of rows that come after the backup, into partitions that are there. */
  readonly later: string;
  /** Of a row that only a table with automatic partitions takes. */
  readonly strange?: string;
  readonly strangePartition?: string;
}

const KINDS: readonly TableKind[] = [
  {
    name: 'aggregate',
    create: `(k INT, total BIGINT SUM, low DATE MIN, high VARCHAR(9) MAX,
        last DECIMAL(9, 2) REPLACE, known INT REPLACE_IF_NOT_NULL)
      AGGREGATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 2 ROLLUP (by_total (k, total))`,
    rows: `(1, 5, '2024-02-01', 'b', 1.5, 1), (1, 6, '2024-01-01', 'c', NULL, NULL),
      (2, 1, NULL, NULL, 0, 3)`,
    later: "(1, 100, '2023-01-01', 'z', 9, 9), (3, 1, NULL, NULL, NULL, NULL)",
  },
  {
    name: 'nested values',
    create: `(k INT, tags ARRAY<VARCHAR(20)>, attrs MAP<VARCHAR(9), ARRAY<INT>> NOT NULL,
        who STRUCT<id BIGINT, name VARCHAR(9)>, days ARRAY<STRUCT<d DATE, m DECIMAL(9, 2)>>,
        doc JSON)
      PRIMARY KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 2`,
    rows: `(1, ['a', 'q"\\\\', NULL], map{'x': [1, NULL]}, row(1, 'ann'), [row('2024-01-01', 1.5)],
        '{"b": 1, "a": []}'), (2, [], map{}, NULL, NULL, NULL)`,
    later: "(2, ['later'], map{'y': NULL}, row(9, NULL), [], 'x')",
  },
  {
    name: 'list of one column',
    create: `(region VARCHAR(9), k INT) DUPLICATE KEY (region)
      PARTITION BY LIST (region) (
        PARTITION north VALUES IN ('oslo', 'umea'), PARTITION south VALUES IN ('bari', NULL))
      DISTRIBUTED BY HASH (region) BUCKETS 2`,
    rows: "('oslo', 1), ('bari', 2), (NULL, 3)",
    later: "('umea', 4), (NULL, 5)",
  },
  {
    name: 'list of two columns',
    create: `(day DATE NOT NULL, city VARCHAR(9) NOT NULL, n INT) PRIMARY KEY (day, city)
      PARTITION BY LIST (day, city) (
        PARTITION a VALUES IN (('2024-1-1', 'oslo'), ('2024-01-02', 'oslo')),
        PARTITION b VALUES IN (('2024-01-01', 'bari')))
      DISTRIBUTED BY HASH (city) BUCKETS 2`,
    rows: "('2024-01-01', 'oslo', 1), ('2024-01-01', 'bari', 2)",
    later: "('2024-01-01', 'oslo', 7), ('2024-01-02', 'oslo', 8)",
  },
  {
    name: 'automatic list',
    create: `(day DATE, city VARCHAR(9), n INT) DUPLICATE KEY (day)
      PARTITION BY (day, city) DISTRIBUTED BY RANDOM BUCKETS 2`,
    rows: "('2024-01-01', 'oslo', 1), ('2024-01-01', NULL, 2)",
    later: "('2024-01-01', 'oslo', 3)",
    strange: "('2025-12-31', 'umea', 4)",
    strangePartition: 'p20251231_umea',
  },
  {
    name: 'unit of time',
    create: `(at DATETIME, n INT) DUPLICATE KEY (at) PARTITION BY date_trunc('month', at)
      (START ('2024-01-01') END ('2024-03-01') EVERY (INTERVAL 1 MONTH))
      DISTRIBUTED BY HASH (at) BUCKETS 2 ROLLUP (by_n (n, at))`,
    rows: "('2024-01-05 10:00:00', 1), ('2024-05-06 00:00:00', 2), (NULL, 3)",
    later: "('2024-05-07 00:00:00', 4)",
    strange: "('2031-07-01 00:00:01', 5)",
    strangePartition: 'p203107',
  },
];

class Shop {
  readonly cluster: Cluster;
  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  static async open(store: MemoryBlob, version: ProfileName = '3.5'): Promise<Shop> {
    const cluster = await startCluster({
      clock: 'virtual',
      memoryStore: store,
      starrocksVersion: version,
      seed: 3n,
    });
    await cluster.query(`CREATE DATABASE shop; ${CREATE_REPOSITORY}`);
    return new Shop(cluster);
  }

  async run(sql: string): Promise<void> {
    await this.cluster.query(sql);
  }

  async insert(values: string, table = 't'): Promise<void> {
    await this.run(`INSERT INTO shop.${table} VALUES ${values}`);
  }

  /** All rows as text, sorted. */
  async rows(table = 't'): Promise<readonly string[]> {
    const { rows } = await this.cluster.query(`SELECT * FROM shop.${table}`);
    return rows.map((row) => row.map(String).join('|')).sort();
  }

  async definition(table = 't'): Promise<string> {
    const { rows } = await this.cluster.query(`SHOW CREATE TABLE shop.${table}`);
    return String(rows[0]?.[1]);
  }

  /** Name and what it takes, of each partition. */
  async partitions(table = 't'): Promise<readonly string[]> {
    const { rows } = await this.cluster.query(`SHOW PARTITIONS FROM shop.${table}`);
    return rows.map((row) => `${row[1]} ${row[6]} ${row[7]}`);
  }

  async backUp(): Promise<void> {
    await this.run('BACKUP SNAPSHOT shop.s TO repo ON (t)');
    expect(await this.cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  }

  /** State and status of the job that restores `objects`. */
  async restore(objects = 't'): Promise<{ readonly state: string; readonly status: string }> {
    const timestamp = await timestampOf(this.cluster, 's');
    await this.run(`RESTORE SNAPSHOT shop.s FROM repo ON (${objects})
      PROPERTIES ('backup_timestamp' = '${timestamp}')`);
    return await this.cluster.untilJobDone('shop');
  }
}

async function filled(kind: TableKind, version?: ProfileName): Promise<Shop> {
  const shop = await Shop.open(new MemoryBlob(), version);
  await shop.run(`CREATE TABLE shop.t ${kind.create}`);
  await shop.insert(kind.rows);
  return shop;
}

const OK = { state: 'FINISHED', status: '[OK]' };

describe.each(KINDS)('a table of the kind: $name', (kind) => {
  test('comes back after it was dropped, and goes on as before', async () => {
    const shop = await filled(kind);
    const before = [await shop.rows(), await shop.definition(), await shop.partitions()];
    await shop.backUp();
    await shop.run('DROP TABLE shop.t FORCE');
    expect(await shop.restore()).toMatchObject(OK);
    expect([await shop.rows(), await shop.definition(), await shop.partitions()]).toEqual(before);
    await shop.insert(kind.later);
    const fresh = await filled(kind);
    await fresh.insert(kind.later);
    expect(await shop.rows()).toEqual(await fresh.rows());
    if (kind.strange !== undefined) {
      const count = (await shop.rows()).length;
      await shop.insert(kind.strange);
      expect((await shop.partitions()).join()).toContain(`${kind.strangePartition} `);
      expect(await shop.rows()).toHaveLength(count + 1);
    }
    await shop.cluster.stop();
    await fresh.cluster.stop();
  });

  test('is put back to what it was when it is still there, and under another name', async () => {
    const shop = await filled(kind);
    const rows = await shop.rows();
    await shop.backUp();
    await shop.insert(kind.later);
    expect(await shop.rows()).not.toEqual(rows);
    expect(await shop.restore()).toMatchObject(OK);
    expect(await shop.rows()).toEqual(rows);
    expect(await shop.restore('t AS u')).toMatchObject(OK);
    expect(await shop.rows('u')).toEqual(rows);
    expect(await shop.partitions('u')).toEqual(
      (await shop.partitions()).map((text) => text.replace(/^t /, 'u ')),
    );
    await shop.insert(kind.later, 'u');
    expect(await shop.rows('u')).not.toEqual(rows);
    await shop.cluster.stop();
  });
});

describe.each(KINDS.filter(({ name }) => name !== 'list of one column'))(
  'a table of the kind: $name',
  (kind) => {
    test('is restored by the other releases', async () => {
      const store = new MemoryBlob();
      const source = await Shop.open(store);
      await source.run(`CREATE TABLE shop.t ${kind.create}`);
      await source.insert(kind.rows);
      await source.backUp();
      for (const version of ['3.3', '4.2'] as const) {
        const target = await Shop.open(store, version);
        expect(await target.restore()).toMatchObject(OK);
        expect(await target.rows()).toEqual(await source.rows());
        expect(await target.definition()).toBe(await source.definition());
        await target.insert(kind.later);
        await target.cluster.stop();
      }
      await source.cluster.stop();
    });
  },
);

describe('a partition that the table has lost', () => {
  test('of a unit of time comes back, unless another took its place', async () => {
    const kind = present(KINDS.find(({ name }) => name === 'unit of time'));
    const shop = await filled(kind);
    const [rows, partitions] = [await shop.rows(), await shop.partitions()];
    await shop.backUp();
    await shop.run('ALTER TABLE shop.t DROP PARTITION p202405');
    expect(await shop.restore('t PARTITION (p202405)')).toMatchObject(OK);
    expect([await shop.rows(), await shop.partitions()]).toEqual([rows, partitions]);
    await shop.run(`ALTER TABLE shop.t DROP PARTITION p202405;
      ALTER TABLE shop.t ADD PARTITION other VALUES [('2024-05-01'), ('2024-07-01'))`);
    expect(await shop.restore('t PARTITION (p202405)')).toMatchObject({
      state: 'CANCELLED',
      status: expect.stringContaining(
        'partition p202405 in table t has a conflicting range with other',
      ),
    });
    await shop.cluster.stop();
  });

  test('of a list table cannot be added, and the text says single partitioned', async () => {
    const kind = present(KINDS.find(({ name }) => name === 'list of one column'));
    const shop = await filled(kind);
    await shop.backUp();
    await shop.run('ALTER TABLE shop.t DROP PARTITION south');
    expect(await shop.restore()).toMatchObject({
      state: 'CANCELLED',
      status: expect.stringContaining('no partition south in single partitioned table t'),
    });
    expect(await shop.partitions()).toEqual(["north region ('oslo', 'umea')"]);
    expect(await shop.rows()).toEqual(['oslo|1']);
    expect(await shop.restore('t PARTITION (north)')).toMatchObject(OK);
    await shop.cluster.stop();
  });
});

test('dynamic partitions go on after a restore: those that are over are dropped', async () => {
  const shop = await Shop.open(new MemoryBlob());
  await shop.run(`CREATE TABLE shop.t (at DATETIME, n INT) DUPLICATE KEY (at)
    PARTITION BY RANGE (at) () DISTRIBUTED BY HASH (n) BUCKETS 1 PROPERTIES (
      "dynamic_partition.time_unit" = "HOUR", "dynamic_partition.end" = "1",
      "dynamic_partition.start" = "-1")`);
  const roundMs = 600_000;
  shop.cluster.advance(roundMs);
  await shop.insert('(now(), 1)');
  const before = [await shop.rows(), await shop.definition(), await shop.partitions()];
  expect(before[2]).toHaveLength(2);
  await shop.backUp();
  await shop.run('DROP TABLE shop.t FORCE');
  shop.cluster.advance(5 * 3_600_000);
  expect(await shop.restore()).toMatchObject(OK);
  expect([await shop.rows(), await shop.definition(), await shop.partitions()]).toEqual(before);
  shop.cluster.advance(roundMs);
  const after = await shop.partitions();
  expect(after).toHaveLength(2);
  expect(after.filter((text) => before[2]?.includes(text))).toEqual([]);
  expect(await shop.rows()).toEqual([]);
  await shop.insert('(now(), 2)');
  expect(await shop.rows()).toHaveLength(1);
  await shop.cluster.stop();
});

test('values of list partitions are not compared: rows come back into other values', async () => {
  const kind = present(KINDS.find(({ name }) => name === 'list of one column'));
  const shop = await filled(kind);
  await shop.backUp();
  await shop.run('DROP TABLE shop.t FORCE');
  await shop.run(`CREATE TABLE shop.t ${kind.create.replace("'oslo', 'umea'", "'rome'")}`);
  expect(await shop.restore()).toMatchObject(OK);
  expect(await shop.rows()).toContain('oslo|1');
  expect((await shop.partitions())[0]).toBe("north region ('rome')");
  await shop.cluster.stop();
});

test('a table that is not partitioned refuses list partitions', async () => {
  const kind = present(KINDS.find(({ name }) => name === 'list of one column'));
  const shop = await filled(kind);
  await shop.backUp();
  await shop.run(`DROP TABLE shop.t FORCE; CREATE TABLE shop.t (region VARCHAR(9), k INT)
    DUPLICATE KEY (region) DISTRIBUTED BY HASH (region) BUCKETS 2`);
  expect(await shop.restore()).toMatchObject({
    state: 'CANCELLED',
    status: expect.stringContaining('table t has a different partition type'),
  });
  await shop.cluster.stop();
});

test.each([
  ['total BIGINT MAX', 'column total here, column total in the snapshot'],
  ['total INT SUM', 'column total here'],
])('aggregate columns are compared: %s', async (column, text) => {
  const kind = present(KINDS.find(({ name }) => name === 'aggregate'));
  const shop = await filled(kind);
  await shop.backUp();
  await shop.run('DROP TABLE shop.t FORCE');
  await shop.run(`CREATE TABLE shop.t ${kind.create.replace('total BIGINT SUM', column)}`);
  expect(await shop.restore()).toMatchObject({
    state: 'CANCELLED',
    status: expect.stringContaining(text),
  });
  await shop.cluster.stop();
});

test('3.3 refuses to back up list partitions, named or with their database', async () => {
  for (const name of ['list of one column', 'automatic list']) {
    const shop = await filled(present(KINDS.find((kind) => kind.name === name)), '3.3');
    expect(await refusal(shop.cluster, 'BACKUP SNAPSHOT shop.s TO repo ON (t)')).toBe('1064/HY000');
    expect(await refusal(shop.cluster, 'BACKUP SNAPSHOT shop.s TO repo')).toBe('1064/HY000');
    await shop.cluster.stop();
  }
});

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}
