/** A snapshot is one version of a table, whatever is loaded meanwhile and whoever missed a load. */
import { expect, test } from 'vitest';
import { backUp, newSite, restore, rowsOf } from './support.ts';

const KEYED = `CREATE TABLE shop.t (id INT NOT NULL, v INT) PRIMARY KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 2;
  INSERT INTO shop.t VALUES (1, 0), (2, 0), (3, 0)`;

test('33427: a primary-key table backed up under loads is one version, takes loads', async () => {
  const { cluster } = await newSite(KEYED);
  await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:delay=4000 type=MAKE_SNAPSHOT'");
  await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
  for (let round = 1; round <= 8; round += 1) {
    cluster.advance(1_000);
    await cluster.query(
      `INSERT INTO shop.t VALUES (1, ${round}), (2, ${round}), (${round + 9}, 0)`,
    );
    await cluster.query('DELETE FROM shop.t WHERE id = 3');
  }
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  await cluster.query('DROP TABLE shop.t');
  expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
  const rows = await rowsOf(cluster, 'shop.t');
  const [first, second] = rows.filter((row) => /^[12],/.test(row));
  expect(first?.split(',')[1]).toBe(second?.split(',')[1]);
  await cluster.query('INSERT INTO shop.t VALUES (1, 99), (50, 50)');
  expect(await rowsOf(cluster, 'shop.t')).toEqual(expect.arrayContaining(['1,99', '50,50']));
  await cluster.stop();
});

test('580: a backup passes a replica over that missed a load, and succeeds', async () => {
  const { cluster } = await newSite(KEYED);
  cluster.unsafeKillBackend(10001);
  cluster.advance(30_000);
  await cluster.query('INSERT INTO shop.t VALUES (4, 1), (5, 1), (6, 1)');
  await cluster.unsafeStartBackend(10001);
  cluster.advance(30_000);
  const before = await rowsOf(cluster, 'shop.t');
  await backUp(cluster, 's');
  await cluster.query('DROP TABLE shop.t');
  expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
  expect(await rowsOf(cluster, 'shop.t')).toEqual(before);
  expect(before).toHaveLength(6);
  await cluster.stop();
});
