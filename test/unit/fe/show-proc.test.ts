/** SHOW PROC, SHOW DATA and SHOW DYNAMIC PARTITION TABLES (sql-surface.md 4.7, 4.9, 4.10). */
import { beforeAll, describe, expect, test } from 'vitest';
import { World } from './support/world.ts';

let world: World;

beforeAll(() => {
  world = new World();
  world.run('CREATE DATABASE d');
  world.run(
    'CREATE TABLE d.t (k INT, v INT) DUPLICATE KEY (k) PARTITION BY RANGE (k) ' +
      '(PARTITION p1 VALUES LESS THAN ("10"), PARTITION p2 VALUES LESS THAN ("20")) ' +
      'DISTRIBUTED BY HASH(k) BUCKETS 2 PROPERTIES ("replication_num" = "3")',
  );
  world.run('ALTER TABLE d.t ADD ROLLUP r (v, k); CREATE VIEW d.w AS SELECT k FROM d.t');
  world.run('INSERT INTO d.t VALUES (1, 1), (11, 2), (12, 3)');
  world.clock.advance(60_000);
});

const objects = (path: string): Record<string, unknown>[] => world.objects(`SHOW PROC '${path}'`);

describe('SHOW PROC', () => {
  test('walks from databases down to replicas, by ids and by names', () => {
    const [database] = objects('/dbs');
    expect(database).toMatchObject({ DbName: 'd', TableNum: '2', Quota: '8388608.000 TB' });
    const tables = objects(`/dbs/${database?.['DbId']}`);
    expect(tables).toMatchObject([
      {
        TableName: 't',
        IndexNum: '2',
        PartitionColumnName: 'k',
        PartitionNum: '2',
        State: 'NORMAL',
        Type: 'OLAP',
        ReplicaCount: '24',
        PartitionType: 'RANGE',
      },
      { TableName: 'w', Type: 'VIEW' },
    ]);
    expect(objects('/dbs/d')).toEqual(tables);
    expect(objects('/dbs/d/t').map((row) => row['Nodes'])).toContain('partitions');
    const partitions = objects('/dbs/d/t/partitions');
    expect(partitions).toEqual(world.objects('SHOW PARTITIONS FROM d.t'));
    const id = String(partitions[0]?.['PartitionId']);
    const indexes = objects(`/dbs/d/t/partitions/${id}`);
    expect(indexes.map((row) => row['IndexName'])).toEqual(['t', 'r']);
    const replicas = objects(`/dbs/d/t/partitions/${id}/${indexes[1]?.['IndexId']}`);
    expect(replicas).toHaveLength(6);
    const all = world.objects('SHOW TABLET FROM d.t PARTITION (p1)');
    expect(all).toEqual(expect.arrayContaining(replicas));
  });

  test('has the nodes of SHOW BACKENDS and SHOW FRONTENDS, statistics and jobs', () => {
    expect(objects('/backends')).toEqual(world.objects('SHOW BACKENDS'));
    expect(objects('/frontends')).toEqual(world.objects('SHOW FRONTENDS'));
    expect(objects('/statistic')).toMatchObject([
      {
        DbName: 'd',
        TableNum: '1',
        PartitionNum: '2',
        IndexNum: '4',
        TabletNum: '8',
        ReplicaNum: '24',
        UnhealthyTabletNum: '0',
      },
      { DbId: 'Total', TabletNum: '8' },
    ]);
    expect(objects('/jobs/d')[0]).toMatchObject({ JobType: 'rollup', Finished: '1' });
  });

  test.each([
    '',
    'dbs',
    '/nothing',
    '/dbs/x',
    '/dbs/d/t/nodes',
    '/backends/1',
    '/dbs/d/t/partitions/7',
  ])("refuses the path '%s'", (path) => {
    expect(world.failure(`SHOW PROC '${path}'`)).toMatchObject({ code: 5001, state: 'HY000' });
  });
});

describe('SHOW DATA', () => {
  test('of a database sums bytes and replicas of its tables', () => {
    const rows = world.rows('USE d; SHOW DATA');
    expect(rows.map(([name]) => name)).toEqual(['t', 'Total', 'Quota', 'Left']);
    expect(rows[0]?.[2]).toBe('24');
    expect(rows[0]?.[1]).toMatch(/^\d+\.\d{3} K?B$/);
    expect(rows[1]?.slice(1)).toEqual(rows[0]?.slice(1));
    expect(world.failure('SHOW DATA')).toMatchObject({ code: 1046 });
  });

  test('of a table has a row for each index, with the rows of one replica', () => {
    const rows = world.rows('SHOW DATA FROM d.t');
    expect(
      rows.map(([table, index, , replicas, count]) => [table, index, replicas, count]),
    ).toEqual([
      ['t', 't', '12', '3'],
      ['', 'r', '12', '3'],
      ['', 'Total', '24', ''],
    ]);
  });
});

test('SHOW DYNAMIC PARTITION TABLES lists the tables that have the properties', () => {
  world.run(
    'CREATE TABLE d.dyn (k DATE) PARTITION BY RANGE (k) () DISTRIBUTED BY HASH(k) PROPERTIES ' +
      '("dynamic_partition.enable" = "true", "dynamic_partition.time_unit" = "DAY", ' +
      '"dynamic_partition.end" = "3", "dynamic_partition.prefix" = "x")',
  );
  expect(world.objects('SHOW DYNAMIC PARTITION TABLES FROM d')).toMatchObject([
    { TableName: 'dyn', Enable: 'true', TimeUnit: 'DAY', End: '3', Prefix: 'x', State: 'NORMAL' },
  ]);
});
