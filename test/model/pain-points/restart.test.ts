/** Jobs whose history has run out by the time the frontend starts again. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { backUp, newSite, restore, rowsOf, shown } from './support.ts';

const TABLE = `CREATE TABLE shop.t (id INT NOT NULL) PRIMARY KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 2;
  INSERT INTO shop.t VALUES (1), (2), (3)`;

test.each([
  ['59056', '3.5', {}],
  ['47518', '3.3', { edit_log_roll_num: '1' }],
] as const)(
  '%s: a restore that ended long ago stays ended over a restart of %s, and its tables stay',
  async (_issue, starrocksVersion, config) => {
    const options = {
      starrocksVersion,
      config: { history_job_keep_max_second: '1', ...config },
    };
    let { cluster } = await newSite(TABLE, options);
    await backUp(cluster, 's');
    await cluster.query('DROP TABLE shop.t');
    expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
    cluster.advance(120_000);
    cluster = await cluster.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
    cluster.advance(120_000);
    expect((await shown(cluster, 'SHOW RESTORE FROM shop')).map((row) => row['State'])).toEqual(
      starrocksVersion === '3.3' ? [] : ['FINISHED'],
    );
    expect(await rowsOf(cluster, 'shop.t')).toEqual(['1', '2', '3']);
    await cluster.query('INSERT INTO shop.t VALUES (4)');
    await cluster.stop();
  },
);
