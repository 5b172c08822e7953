/** SHOW TABLET: replicas of a table with their figures, and where a tablet belongs. */
import { expect, test } from 'vitest';
import { type Cluster, type ClusterOptions, startCluster } from '../../../src/start-cluster.ts';

async function withTable(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startCluster({ clock: 'virtual', backends: 2, ...options });
  await cluster.query(`CREATE DATABASE shop;
    CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)
      PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN ('10'),
        PARTITION p2 VALUES LESS THAN ('20'))
      DISTRIBUTED BY HASH (id) BUCKETS 2;
    INSERT INTO shop.t VALUES (1);
    INSERT INTO shop.t VALUES (1), (2);
    INSERT INTO shop.t VALUES (11)`);
  return cluster;
}

type Shown = Readonly<Record<string, unknown>>;

async function shown(cluster: Cluster, sql: string): Promise<readonly Shown[]> {
  const { rows, columns } = await cluster.query(sql);
  return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
}

test('SHOW TABLET FROM has a row per replica, with version, rows and rowsets', async () => {
  const cluster = await withTable();
  const rows = await shown(cluster, 'SHOW TABLET FROM shop.t');
  expect(rows).toHaveLength(2 * 2 * 2);
  const ids = rows.map((row) => [Number(row['TabletId']), Number(row['ReplicaId'])]);
  expect(ids).toEqual(
    ids.toSorted(([a, b], [c, d]) => Number(a) - Number(c) || Number(b) - Number(d)),
  );
  expect(rows[0]).toMatchObject({
    BackendId: expect.stringMatching(/^1000[12]$/),
    Version: '3',
    VersionHash: '0',
    LstSuccessVersion: '3',
    LstFailedVersion: '-1',
    LstFailedTime: null,
    State: 'NORMAL',
    CheckVersion: '-1',
    IsConsistent: 'true',
    Checksum: '-1',
  });
  const [first] = rows;
  const port = Number(first?.['BackendId']) - 10001 + 8040;
  expect(first?.['MetaUrl']).toBe(
    `http://127.0.0.1:${port}/api/meta/header/${first?.['TabletId']}`,
  );
  const inFirst = await shown(cluster, 'SHOW TABLETS FROM shop.t PARTITION (p1)');
  expect(inFirst).toHaveLength(4);
  const sum = (column: string): number =>
    inFirst.reduce((total, row) => total + Number(row[column]), 0);
  expect(sum('RowCount')).toBe(3 * 2);
  // Two buckets had a row of the second load, one of the first.
  expect(sum('VersionCount')).toBe(3 * 2);
  await cluster.stop();
});

test('SHOW TABLET FROM takes WHERE, ORDER BY, LIMIT; names an unknown partition', async () => {
  const cluster = await withTable();
  const rows = await shown(
    cluster,
    'SHOW TABLET FROM shop.t WHERE BackendId = 10002 ORDER BY TabletId DESC LIMIT 3',
  );
  expect(rows).toHaveLength(3);
  expect(new Set(rows.map((row) => row['BackendId']))).toEqual(new Set(['10002']));
  await expect(cluster.query('SHOW TABLET FROM shop.t PARTITION (p9)')).rejects.toMatchObject({
    code: 'unknown-partition',
    message: expect.stringContaining("'p9'"),
  });
  await cluster.stop();
});

test('SHOW TABLET <id> tells where it belongs, or that there is none', async () => {
  const cluster = await withTable();
  const [row] = await shown(cluster, 'SHOW TABLET FROM shop.t PARTITION (p2)');
  const id = String(row?.['TabletId']);
  const [place] = await shown(cluster, `SHOW TABLET ${id}`);
  const [partition] = await shown(
    cluster,
    "SHOW PARTITIONS FROM shop.t WHERE PartitionName = 'p2'",
  );
  expect(place).toMatchObject({
    DbName: 'shop',
    TableName: 't',
    PartitionName: 'p2',
    IndexName: 't',
    PartitionId: partition?.['PartitionId'],
    IsSync: 'true',
  });
  const { DbId, TableId, PartitionId, IndexId } = place ?? {};
  expect(place?.['DetailCmd']).toBe(
    `SHOW PROC '/dbs/${DbId}/${TableId}/partitions/${PartitionId}/${IndexId}/${id}';`,
  );
  expect(await shown(cluster, 'SHOW TABLET 999')).toEqual([
    {
      DbName: null,
      TableName: null,
      PartitionName: null,
      IndexName: null,
      DbId: '-1',
      TableId: '-1',
      PartitionId: '-1',
      IndexId: '-1',
      IsSync: 'false',
      DetailCmd: "SHOW PROC '/dbs/-1/-1/partitions/-1/-1/999';",
    },
  ]);
  await cluster.stop();
});

test('information_schema.be_tablets tells the same of every replica', async () => {
  const cluster = await withTable();
  const sums = async (sql: string, columns: readonly string[]): Promise<readonly number[]> => {
    const rows = await shown(cluster, sql);
    return columns.map((name) => rows.reduce((sum, row) => sum + Number(row[name]), 0));
  };
  const sql = 'SELECT * FROM information_schema.be_tablets ORDER BY TABLET_ID, BE_ID';
  const columns = ['NUM_ROWSET', 'NUM_ROW', 'MAX_VERSION', 'NUM_SEGMENT'];
  const [rowsets, rows, versions, segments] = await sums(sql, columns);
  expect(await sums('SHOW TABLET FROM shop.t', ['VersionCount', 'RowCount', 'Version'])).toEqual([
    rowsets,
    rows,
    versions,
  ]);
  expect(segments).toBe(rowsets);
  expect((await shown(cluster, sql))[0]).toMatchObject({
    STATE: 'RUNNING',
    TYPE: 'DUP',
    MEDIUM_TYPE: 'HDD',
  });
  await cluster.stop();
});

test.each([
  ['3.3', 21, 'CompactionStatus'],
  ['3.5', 24, 'Checksum'],
  ['4.2', 24, 'Checksum'],
] as const)('SHOW TABLET FROM has the columns of %s', async (starrocksVersion, count, last) => {
  const cluster = await withTable({ starrocksVersion });
  const { columns } = await cluster.query('SHOW TABLET FROM shop.t');
  expect(columns).toHaveLength(count);
  expect(columns.at(-1)).toBe(last);
  await cluster.stop();
});
