/** What jobs leave in the memory and the log of the frontend. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { backUp, newSite, recordBytes, untilState } from './support.ts';

const MANY_TABLETS = `CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)
  DISTRIBUTED BY HASH (id) BUCKETS 150 PROPERTIES ('replication_num' = '1')`;

test('72760: a cancelled backup keeps and logs all its metadata, as upstream', async () => {
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

test('D30677: of many backups in a row only the last is kept, and that not for ever', async () => {
  let { cluster } = await newSite('CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)', {
    config: { history_job_keep_max_second: '3600', edit_log_roll_num: '1' },
  });
  for (const label of ['s1', 's2', 's3', 's4']) await backUp(cluster, label);
  const jobs = async (): Promise<unknown[]> =>
    (await cluster.query('SHOW BACKUP')).rows.map((row) => row[1]);
  expect(await jobs()).toEqual(['s4']);
  cluster.advance(61_000);
  cluster = await cluster.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
  expect(await jobs()).toEqual(['s4']);
  cluster.advance(5 * 3_600_000);
  expect(await jobs()).toEqual([]);
  await cluster.stop();
});

test('D39987: a backup of many tablets is bulky until SAVE_META, small after it', async () => {
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
