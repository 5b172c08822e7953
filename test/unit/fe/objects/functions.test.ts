/** User-defined functions from CREATE to RESTORE, through a whole virtual cluster. */
import { expect, test } from 'vitest';
import type { Cluster } from '../../../../src/start-cluster.ts';
import { backedUp, LOSE_UNSYNCED, refusal, rows, shopCluster } from './support.ts';

const create = (signature: string, symbol = 'a.B'): string =>
  `CREATE FUNCTION ${signature} RETURNS INT
   PROPERTIES ('symbol' = '${symbol}', 'type' = 'StarrocksJar', 'file' = 'http://host/x.jar')`;

const signatures = async (cluster: Cluster, db = 'shop'): Promise<unknown[]> =>
  (await rows(cluster, `SHOW FULL FUNCTIONS FROM ${db}`)).map(([signature]) => signature);

test('functions are made, replaced, shown with their overloads and dropped', async () => {
  await using cluster = await shopCluster();
  await cluster.query(`${create('shop.Plus(INT, INT)')}; ${create('shop.plus(VARCHAR(5))')}`);
  expect(await rows(cluster, 'SHOW FULL FUNCTIONS FROM shop')).toEqual([
    [
      'plus(INT,INT)',
      'INT',
      'Scalar',
      'NULL',
      '{"symbol":"a.B","type":"StarrocksJar","file":"http://host/x.jar"}',
    ],
    ['plus(VARCHAR)', 'INT', 'Scalar', 'NULL', expect.stringContaining('a.B')],
  ]);
  expect(await rows(cluster, 'SHOW FUNCTIONS FROM shop')).toEqual([['plus']]);
  expect(await refusal(cluster, create('shop.plus(INT, INT)'))).toMatch(/^5064 .*already exists/);
  await cluster.query(create('shop.plus(INT, INT)', 'c.D').replace('CREATE', 'CREATE OR REPLACE'));
  expect(await refusal(cluster, 'SELECT shop.plus(1, 2)')).toMatch(/^1064 .*plus/);
  expect(await refusal(cluster, 'DROP FUNCTION shop.plus(INT)')).toMatch(/^5064 .*plus\(INT\)/);
  await cluster.query('DROP FUNCTION shop.plus(INT, INT); DROP FUNCTION IF EXISTS shop.plus()');
  expect(await signatures(cluster)).toEqual(['plus(VARCHAR)']);
  expect(await refusal(cluster, 'CREATE FUNCTION shop.x() RETURNS INT')).toMatch(/No 'symbol'/);
});

test('functions come back with their database, by name, under an alias, elsewhere', async () => {
  await using cluster = await shopCluster();
  await cluster.query(`${create('shop.f(INT)')}; ${create('shop.f()')}; ${create('shop.g()')}`);
  const timestamp = await backedUp(cluster, 's');
  const at = `PROPERTIES ('backup_timestamp' = '${timestamp}')`;
  await cluster.query(
    `RESTORE SNAPSHOT s FROM repo DATABASE shop AS other ON (FUNCTION F AS h) ${at}`,
  );
  expect(await cluster.untilJobDone('other')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  expect(await signatures(cluster, 'other')).toEqual(['h()', 'h(INT)']);
  await cluster.query('DROP FUNCTION shop.f(INT); DROP FUNCTION shop.g()');
  await cluster.query(`RESTORE SNAPSHOT shop.s FROM repo ON (ALL FUNCTIONS) ${at}`);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  expect(await signatures(cluster)).toEqual(['f()', 'f(INT)', 'g()']);
  expect(
    await refusal(cluster, `RESTORE SNAPSHOT shop.s FROM repo ON (FUNCTION none) ${at}`),
  ).toMatch(/^5064 Function none does not exist/);
});

test('functions alone make a snapshot; unknown ones and aliases are refused', async () => {
  await using cluster = await shopCluster();
  await cluster.query(create('other.f(INT)'));
  const backup = (on: string): string => `BACKUP DATABASE other SNAPSHOT s TO repo ON (${on})`;
  expect(await refusal(cluster, backup('FUNCTION none'))).toMatch(/^1064 .*none does not exist/);
  expect(await refusal(cluster, backup('FUNCTION f AS g'))).toMatch(/^1064 .*Alias g/);
  expect(await refusal(cluster, 'BACKUP DATABASE other SNAPSHOT s TO repo ON (ALL VIEWS)')).toMatch(
    /^1064 .*is empty/,
  );
  await cluster.query('BACKUP DATABASE other SNAPSHOT s TO repo');
  expect(await cluster.untilJobDone('other')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  const [shown] = await rows(cluster, 'SHOW BACKUP FROM other');
  expect(shown?.[4]).toBe('');
  const [snapshot] = await rows(cluster, 'SHOW SNAPSHOT ON repo');
  const [details] = await rows(
    cluster,
    `SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's' AND TIMESTAMP = '${snapshot?.[1]}'`,
  );
  expect(JSON.parse(String(details?.[3]))).toMatchObject({ database: 'other', backup_objects: {} });
  await cluster.query(`DROP DATABASE other;
    RESTORE SNAPSHOT s FROM repo PROPERTIES ('backup_timestamp' = '${snapshot?.[1]}')`);
  await cluster.untilJobDone('other');
  expect(await signatures(cluster, 'other')).toEqual(['f(INT)']);
});

test('3.3 leaves functions out of a backup, and an empty database is refused there', async () => {
  await using cluster = await shopCluster({ starrocksVersion: '3.3' });
  await cluster.query(create('other.f(INT)'));
  expect(await refusal(cluster, 'BACKUP SNAPSHOT other.s TO repo')).toMatch(/^1064 .*is empty/);
});

test('functions and a restore of them outlive crashes', async () => {
  let cluster = await shopCluster();
  await cluster.query(`${create('shop.f(INT)')}; ${create('shop.g()')}`);
  const timestamp = await backedUp(cluster, 's');
  await cluster.query('DROP FUNCTION shop.g()');
  cluster = await cluster.unsafeCrash(LOSE_UNSYNCED);
  expect(await signatures(cluster)).toEqual(['f(INT)']);
  await cluster.query(`RESTORE SNAPSHOT shop.s FROM repo ON (ALL FUNCTIONS)
    PROPERTIES ('backup_timestamp' = '${timestamp}')`);
  cluster.advance(3_500);
  cluster = await cluster.unsafeCrash(LOSE_UNSYNCED);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  cluster = await cluster.unsafeCrash(LOSE_UNSYNCED);
  expect(await signatures(cluster)).toEqual(['f(INT)', 'g()']);
  await cluster.stop();
});
