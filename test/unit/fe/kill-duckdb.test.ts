/** KILL of a query that DuckDB computes: it stops computing, and the next one has its turn. */
import { createConnection } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { startCluster } from '../../../src/index.ts';

/** A thousand rows four times over: 10^12 pairs would take hours. */
const ENDLESS = 'SELECT COUNT(*) FROM d.t a, d.t b, d.t c, d.t e WHERE a.id + b.id <> c.id + e.id';

test('a query in DuckDB is interrupted', async () => {
  await using cluster = await startCluster({ backends: 1 });
  const rows = Array.from({ length: 1000 }, (_, id) => `(${id})`).join();
  await cluster.query(`CREATE DATABASE d; CREATE TABLE d.t (id INT NOT NULL) DUPLICATE KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 1; INSERT INTO d.t VALUES ${rows}`);
  const account = { host: '127.0.0.1', port: cluster.port ?? 0, user: 'root' };
  const [busy, killer] = [await createConnection(account), await createConnection(account)];
  const ended = busy.query(ENDLESS).catch((error: unknown) => error);
  const running = async (): Promise<unknown> =>
    (await cluster.query(`SHOW PROCESSLIST WHERE Info = '${ENDLESS}'`)).rows[0]?.[0];
  await expect.poll(running, { interval: 5 }).toBeDefined();
  await killer.query(`KILL QUERY ${await running()}`);
  expect(await ended).toMatchObject({ errno: 1064, sqlState: 'HY000' });
  expect((await busy.query('SELECT COUNT(*) AS n FROM d.t'))[0]).toEqual([{ n: 1000 }]);
  busy.destroy();
  killer.destroy();
});
