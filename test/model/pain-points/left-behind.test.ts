/** What a restore leaves behind of a table: how it lies with others, and how it grows. */
import { describe, expect, test } from 'vitest';
import { backUp, type Cluster, newSite, restore, rowsOf, shown } from './support.ts';

async function createText(cluster: Cluster, table: string): Promise<string> {
  return String((await shown(cluster, `SHOW CREATE TABLE ${table}`))[0]?.['Create Table']);
}

test('27324: a table by list partitions comes back with every partition and its rows', async () => {
  const { cluster } =
    await newSite(`CREATE TABLE shop.t (id INT NOT NULL, city VARCHAR(20) NOT NULL)
      DUPLICATE KEY (id) PARTITION BY LIST (city) (
        PARTITION north VALUES IN ('Oslo', 'Turku'), PARTITION south VALUES IN ('Rome'))
      DISTRIBUTED BY HASH (id) BUCKETS 2;
    INSERT INTO shop.t VALUES (1, 'Oslo'), (2, 'Turku'), (3, 'Rome')`);
  const names = async (): Promise<unknown> =>
    (await shown(cluster, 'SHOW PARTITIONS FROM shop.t')).map((row) => [
      row['PartitionName'],
      row['List'],
      row['RowCount'],
    ]);
  const before = await names();
  await backUp(cluster, 's');
  await cluster.query('DROP TABLE shop.t');
  expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
  cluster.advance(30_000);
  expect(await names()).toEqual(before);
  expect(await rowsOf(cluster, 'shop.t')).toEqual(['1,Oslo', '2,Turku', '3,Rome']);
  await cluster.query("INSERT INTO shop.t VALUES (4, 'Rome')");
  await cluster.stop();
});

const COLOCATED = `CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)
  DISTRIBUTED BY HASH (id) BUCKETS 2
  PROPERTIES ('replication_num' = '1', 'colocate_with' = 'group1')`;
const ONE_REPLICA = { properties: { replication_num: '1' } };

describe('colocation', () => {
  test.each(['1794', '40244'])('%s: a restored table is in no colocate group', async () => {
    const { cluster } = await newSite(COLOCATED);
    await backUp(cluster, 's');
    await cluster.query('DROP TABLE shop.t');
    expect(await restore(cluster, 's', ONE_REPLICA)).toBe('FINISHED [OK]');
    expect(await createText(cluster, 'shop.t')).not.toContain('colocate');
    expect(await restore(cluster, 's', ONE_REPLICA)).toBe('FINISHED [OK]');
    await cluster.stop();
  });

  test('48486: with enable_colocate_restore a new table joins its group again', async () => {
    const { cluster } = await newSite(COLOCATED);
    await backUp(cluster, 's');
    await cluster.query('DROP TABLE shop.t');
    await cluster.query("ADMIN SET FRONTEND CONFIG ('enable_colocate_restore' = 'true')");
    expect(await restore(cluster, 's', ONE_REPLICA)).toBe('FINISHED [OK]');
    expect(await createText(cluster, 'shop.t')).toContain('"colocate_with" = "group1"');
    await cluster.stop();
  });
});

const HOUR_MS = 3_600_000;

describe('dynamic partitions', () => {
  async function restored(isEnabled: boolean): Promise<Cluster> {
    const { cluster } = await newSite(`CREATE TABLE shop.t (at DATETIME NOT NULL, v INT)
      DUPLICATE KEY (at) PARTITION BY RANGE (at) () DISTRIBUTED BY HASH (at) BUCKETS 1
      PROPERTIES ('dynamic_partition.enable' = 'true', 'dynamic_partition.time_unit' = 'HOUR',
        'dynamic_partition.end' = '1', 'dynamic_partition.prefix' = 'p')`);
    cluster.advance(700_000);
    await cluster.query('INSERT INTO shop.t VALUES (now(), 1)');
    if (!isEnabled) {
      await cluster.query("ALTER TABLE shop.t SET ('dynamic_partition.enable' = 'false')");
    }
    await backUp(cluster, 's');
    await cluster.query('DROP TABLE shop.t');
    cluster.advance(3 * HOUR_MS);
    expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
    cluster.advance(700_000);
    return cluster;
  }

  test('336: a restored table goes on making its partitions', async () => {
    const cluster = await restored(true);
    await cluster.query('INSERT INTO shop.t VALUES (now(), 2)');
    cluster.advance(HOUR_MS);
    await cluster.query('INSERT INTO shop.t VALUES (now(), 3)');
    expect((await rowsOf(cluster, 'shop.t')).map((row) => row.split(',')[1])).toEqual([
      '1',
      '2',
      '3',
    ]);
    await cluster.stop();
  });

  test('D8852: a switch that was off stays off; StarRocks turns none off itself', async () => {
    const cluster = await restored(false);
    await expect(cluster.query('INSERT INTO shop.t VALUES (now(), 2)')).rejects.toThrow();
    expect(await createText(cluster, 'shop.t')).toContain('"dynamic_partition.enable" = "false"');
    await cluster.stop();
  });
});
