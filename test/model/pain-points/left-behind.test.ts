/** What a restore leaves behind of a table: how it lies with others, and how it grows. */
import { expect, test } from 'vitest';
import { backUp, newSite, restore, rowsOf, shown } from './support.ts';

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
