/** Primary-key tables on backends that had to cope with what a restore put there. */
import { expect, test } from 'vitest';
import { backUp, type Cluster, newSite, restore, rowsOf, shown } from './support.ts';

const KEYED = `CREATE TABLE shop.t (a INT NOT NULL, b VARCHAR(5) NOT NULL, v INT)
    PRIMARY KEY (a, b) DISTRIBUTED BY HASH (a) BUCKETS 2;
  INSERT INTO shop.t VALUES (1, 'x', 1), (2, 'y', 2), (3, 'z', 3);
  UPDATE shop.t SET v = 20 WHERE a = 2;
  DELETE FROM shop.t WHERE a = 3`;
const ROWS = ['1,x,1', '2,y,20'];

async function restoredOver(): Promise<Cluster> {
  const { cluster } = await newSite(KEYED);
  await backUp(cluster, 's');
  await cluster.query("INSERT INTO shop.t VALUES (1, 'x', 100), (3, 'z', 300), (4, 'q', 400)");
  await cluster.query('DELETE FROM shop.t WHERE a = 2');
  expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
  return cluster;
}

test('23383: a primary-key table comes back, and every backend lives on', async () => {
  const cluster = await restoredOver();
  expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
  cluster.advance(60_000);
  const backends = await shown(cluster, 'SHOW BACKENDS');
  expect(backends.map((row) => row['Alive'])).toEqual(['true', 'true', 'true']);
  await cluster.query("INSERT INTO shop.t VALUES (2, 'y', 21)");
  expect(await rowsOf(cluster, 'shop.t')).toEqual(['1,x,1', '2,y,21']);
  await cluster.stop();
});

test('30246: the table is the same when its backends have started again', async () => {
  const cluster = await restoredOver();
  for (const id of [10001, 10002, 10003]) cluster.unsafeKillBackend(id);
  cluster.advance(30_000);
  for (const id of [10001, 10002, 10003]) await cluster.unsafeStartBackend(id);
  cluster.advance(30_000);
  expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
  await cluster.query("INSERT INTO shop.t VALUES (1, 'x', 2), (9, 'n', 9)");
  await cluster.query('DELETE FROM shop.t WHERE a = 2');
  expect(await rowsOf(cluster, 'shop.t')).toEqual(['1,x,2', '9,n,9']);
  await cluster.stop();
});
