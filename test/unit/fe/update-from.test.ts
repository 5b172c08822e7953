/** UPDATE ... FROM and DELETE ... USING on primary-key tables, and deletes of others, in DuckDB. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../../../src/start-cluster.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ network: false, backends: 1, tickMs: 50 });
  await cluster.query(`CREATE DATABASE d;
    CREATE TABLE d.p (id INT NOT NULL, n INT, s VARCHAR(9)) PRIMARY KEY (id)
      DISTRIBUTED BY HASH (id) BUCKETS 2;
    CREATE TABLE d.u (id INT, n INT, note VARCHAR(9)) DUPLICATE KEY (id)
      DISTRIBUTED BY HASH (id) BUCKETS 1;
    INSERT INTO d.p VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c'), (4, 40, 'd');
    INSERT INTO d.u VALUES (1, 5, 'x'), (2, 6, 'y'), (4, 7, 'gone'), (4, 8, 'gone')`);
});
afterAll(() => cluster.stop());

async function rows(sql: string): Promise<string[]> {
  return (await cluster.query(sql)).rows.map((row) => row.join('|'));
}

test('UPDATE ... FROM takes values from the other table, for rows that meet one', async () => {
  const { affectedRows } = await cluster.query(
    `UPDATE d.p SET n = p.n + u.n, s = u.note FROM d.u AS u WHERE p.id = u.id AND u.note != 'gone'`,
  );
  expect(affectedRows).toBe(2);
  expect(await rows('SELECT * FROM d.p ORDER BY id')).toEqual([
    '1|15|x',
    '2|26|y',
    '3|30|c',
    '4|40|d',
  ]);
});

test('DELETE ... USING counts a row once, however many it meets', async () => {
  const { affectedRows } = await cluster.query(
    `DELETE FROM d.p USING d.u AS u JOIN (SELECT 'gone' AS w) AS g ON u.note = g.w
      WHERE p.id = u.id`,
  );
  expect(affectedRows).toBe(1);
  expect(await rows('SELECT id FROM d.p ORDER BY id')).toEqual(['1', '2', '3']);
});

test('a DELETE with values takes some rows of a key, and columns change after it', async () => {
  await cluster.query(`DELETE FROM d.u WHERE n >= 8 AND id > 1`);
  expect(await rows('SELECT id, n FROM d.u ORDER BY n')).toEqual(['1|5', '2|6', '4|7']);
  await cluster.query(`ALTER TABLE d.u ADD COLUMN c DECIMAL(4, 1) DEFAULT "1.5" AFTER id,
    MODIFY COLUMN n BIGINT`);
  await cluster.query(`INSERT INTO d.u VALUES (5, 2.5, 9, 'e'); DELETE FROM d.u WHERE id = 1`);
  expect(await rows('SELECT * FROM d.u ORDER BY n')).toEqual([
    '2|1.5|6|y',
    '4|1.5|7|gone',
    '5|2.5|9|e',
  ]);
});

test.each([
  ['UPDATE d.p SET n = 1 FROM d.no WHERE p.id = no.id', "Unknown table 'd.no'"],
  ['UPDATE d.p SET n = 1 FROM d.u WHERE id = 1', 'ambiguous'],
])('%s', async (sql, text) => {
  await expect(cluster.query(sql)).rejects.toThrow(text);
});
