/** What jobs leave in the memory and the log of the frontend. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { backUp, newSite, recordBytes, untilState } from './support.ts';

const MANY_TABLETS = `CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)
  DISTRIBUTED BY HASH (id) BUCKETS 150 PROPERTIES ('replication_num' = '1')`;

test('72760: a cancelled backup logs all its metadata once more, as upstream does; the next frees it', async () => {
  const { cluster } = await newSite(MANY_TABLETS);
  await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
  await untilState(cluster, 'BACKUP', 'UPLOADING');
  await cluster.query('CANCEL BACKUP FROM shop');
  const [pending, uploading, cancelled] = recordBytes(cluster);
  expect(Number(uploading)).toBeGreaterThan(50 * Number(pending));
  expect(Number(cancelled)).toBeGreaterThan(0.9 * Number(uploading));
  await backUp(cluster, 's2');
  expect(Number(recordBytes(cluster).at(-1))).toBeLessThan(3 * Number(pending));
  await cluster.stop();
});

test('D39987: a backup of many tablets is bulky in the log until SAVE_META, and small once it ends', async () => {
  let { cluster } = await newSite(MANY_TABLETS);
  await backUp(cluster, 's');
  const [pending, snapshots, uploaded, info, finished] = recordBytes(cluster).map(Number);
  expect(recordBytes(cluster)).toHaveLength(5);
  expect(snapshots).toBeGreaterThan(150 * 100);
  expect(uploaded).toBeGreaterThan(Number(snapshots));
  expect(info).toBeLessThan(3 * Number(pending));
  expect(finished).toBeLessThan(3 * Number(pending));
  cluster = await cluster.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
  expect((await cluster.query('SHOW BACKUP FROM shop')).rows[0]?.[3]).toBe('FINISHED');
  await cluster.stop();
});
