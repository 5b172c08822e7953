/** Logical views from CREATE to RESTORE, through a whole virtual cluster. */
import { expect, test } from 'vitest';
import { backedUp, LOSE_UNSYNCED, refusal, rows, shopCluster } from './support.ts';

test('a view is queried, shown and described under its own column names', async () => {
  await using cluster = await shopCluster();
  await cluster.query(`USE shop; CREATE VIEW v (number COMMENT 'n', who) COMMENT 'people' AS
    SELECT id + 1, name FROM t WHERE shop.t.id < 10`);
  await cluster.query('CREATE VIEW other.w AS SELECT who FROM shop.v WHERE number = 3');
  expect(await rows(cluster, 'SELECT v.* FROM shop.v ORDER BY 1')).toEqual([
    [2n, 'ann'],
    [3n, 'bob'],
  ]);
  expect(await rows(cluster, 'SELECT w.who FROM other.w')).toEqual([['bob']]);
  expect(await rows(cluster, 'SHOW FULL TABLES FROM shop')).toEqual([
    ['t', 'BASE TABLE'],
    ['v', 'VIEW'],
  ]);
  expect((await rows(cluster, 'DESC shop.v')).map(([name, , , key]) => [name, key])).toEqual([
    ['number', 'false'],
    ['who', 'false'],
  ]);
  const created = [
    'CREATE VIEW `v` (`number` COMMENT "n", `who`)',
    'COMMENT "people"',
    'AS SELECT id + 1, name FROM t WHERE shop.t.id < 10;',
  ].join('\n');
  expect(await rows(cluster, 'SHOW CREATE VIEW shop.v')).toEqual([
    ['v', created, 'utf8', 'utf8_general_ci'],
  ]);
  expect(await rows(cluster, 'SHOW CREATE TABLE shop.v')).toEqual(
    await rows(cluster, 'SHOW CREATE VIEW shop.v'),
  );
  expect(
    await rows(
      cluster,
      'SELECT table_schema, table_name, view_definition FROM information_schema.views ORDER BY 1',
    ),
  ).toEqual([
    ['other', 'w', 'SELECT who FROM shop.v WHERE number = 3'],
    ['shop', 'v', 'SELECT id + 1, name FROM t WHERE shop.t.id < 10'],
  ]);
  expect(
    await rows(
      cluster,
      `SELECT TABLE_NAME, TABLE_TYPE, TABLE_COMMENT FROM information_schema.tables
       WHERE TABLE_SCHEMA = 'shop' ORDER BY 1`,
    ),
  ).toEqual([
    ['t', 'BASE TABLE', ''],
    ['v', 'VIEW', 'people'],
  ]);
});

test('names are shared with tables, and a view is no table', async () => {
  await using cluster = await shopCluster();
  await cluster.query('CREATE VIEW shop.v AS SELECT * FROM shop.t');
  const of = (sql: string): Promise<string> => refusal(cluster, sql);
  expect(await of('CREATE VIEW shop.v AS SELECT 1')).toMatch(/^1050 Table 'v' already exists/);
  expect(await of('CREATE OR REPLACE VIEW shop.t AS SELECT 1')).toMatch(/^1050/);
  expect(await of('CREATE TABLE shop.v (a INT)')).toMatch(/^1050/);
  expect(await of('ALTER TABLE shop.t RENAME v')).toMatch(/^1064 .*is already used/);
  expect(await of('DROP TABLE shop.v')).toMatch(/^5503 .*is a view, not a table/);
  expect(await of('DROP VIEW shop.t')).toMatch(/^1347 .*is a table, not a view/);
  expect(await of('INSERT INTO shop.v VALUES (1, 2)')).toMatch(/^5503 .*is a view/);
  expect(await of('SHOW CREATE VIEW shop.t')).toMatch(/^1347 .*is not VIEW/);
  expect(await of('DROP VIEW shop.none')).toMatch(/^5502/);
  expect(await of('CREATE VIEW shop.w AS SELECT * FROM shop.none')).toMatch(/^5502/);
  expect(await of('CREATE VIEW shop.w (a) AS SELECT 1, 2')).toMatch(/^1064 .*column counts/);
  expect(await of('CREATE VIEW shop.w AS SELECT 1 AS a, 2 AS A')).toMatch(/^1060/);
  await cluster.query(
    'DROP VIEW IF EXISTS shop.none; CREATE VIEW IF NOT EXISTS shop.v AS SELECT 1',
  );
  expect(await rows(cluster, 'SELECT count(*) FROM shop.v')).toEqual([[2n]]);
  await cluster.query('ALTER VIEW shop.v AS SELECT 5 AS five; DROP TABLE shop.t');
  expect(await rows(cluster, 'SELECT five FROM shop.v')).toEqual([[5]]);
});

test('a view that leads back to itself or stands too deep is refused, not followed', async () => {
  await using cluster = await shopCluster();
  await cluster.query(
    'CREATE VIEW shop.a AS SELECT 1 AS x; CREATE VIEW shop.b AS SELECT x FROM shop.a',
  );
  expect(await refusal(cluster, 'CREATE OR REPLACE VIEW shop.a AS SELECT x FROM shop.b')).toMatch(
    /refers to itself/,
  );
  expect(await refusal(cluster, 'ALTER VIEW shop.a AS SELECT x FROM shop.a')).toMatch(/itself/);
  await cluster.query('CREATE VIEW shop.v0 AS SELECT 1 AS x');
  for (let depth = 1; depth < 16; depth += 1) {
    await cluster.query(`CREATE VIEW shop.v${depth} AS SELECT x FROM shop.v${depth - 1}`);
  }
  expect(await refusal(cluster, 'CREATE VIEW shop.v16 AS SELECT x FROM shop.v15')).toMatch(
    /more than 16 deep/,
  );
});

test.each(['3.5', '4.2'] as const)(
  'in %s a view comes back, alone, renamed, elsewhere',
  async (starrocksVersion) => {
    await using cluster = await shopCluster({ starrocksVersion });
    await cluster.query('USE shop; CREATE VIEW v AS SELECT name FROM t');
    const whole = await backedUp(cluster, 'whole');
    const [shown] = await rows(cluster, 'SHOW BACKUP FROM shop');
    expect(shown?.[4]).toBe('[shop.t], [shop.v]');
    const [details] = await rows(
      cluster,
      `SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 'whole' AND TIMESTAMP = '${whole}'`,
    );
    expect(JSON.parse(String(details?.[3])).backup_objects.v).toEqual({ partitions: {} });
    await cluster.query('DROP VIEW shop.v; DROP TABLE shop.t');
    const at = (timestamp: string): string => `PROPERTIES ('backup_timestamp' = '${timestamp}')`;
    await cluster.query(`RESTORE SNAPSHOT shop.whole FROM repo ${at(whole)}`);
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    expect(await rows(cluster, 'SELECT * FROM shop.v ORDER BY 1')).toEqual([['ann'], ['bob']]);
    await cluster.query(
      `RESTORE SNAPSHOT whole FROM repo DATABASE shop AS other ON (VIEW v AS w) ${at(whole)}`,
    );
    expect(await cluster.untilJobDone('other')).toMatchObject({ state: 'FINISHED' });
    // The definition is not rewritten: it still means shop.t.
    expect(await rows(cluster, 'SELECT count(*) FROM other.w')).toEqual([[2n]]);
    const [restore] = await rows(cluster, 'SHOW RESTORE FROM other');
    expect(restore?.[7]).toBe('v');
  },
);

test.each(['(VIEW v)', '(VIEWS v)', '(v)', '(ALL VIEWS)'])(
  'BACKUP ON %s takes views alone',
  async (on) => {
    await using cluster = await shopCluster();
    await cluster.query('CREATE VIEW shop.v AS SELECT 1 AS one');
    const timestamp = await backedUp(cluster, 'views', `ON ${on}`);
    expect(cluster.trace.some(({ about }) => about['type'] === 'MAKE_SNAPSHOT')).toBe(false);
    await cluster.query(`CREATE OR REPLACE VIEW shop.v AS SELECT 2 AS two;
    RESTORE SNAPSHOT shop.views FROM repo ON ${on}
      PROPERTIES ('backup_timestamp' = '${timestamp}')`);
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
    expect(await rows(cluster, 'SELECT one FROM shop.v')).toEqual([[1]]);
  },
);

test('a table in the way of a view, or the other way round, cancels with BAD_REPLACE', async () => {
  await using cluster = await shopCluster();
  await cluster.query('CREATE VIEW shop.v AS SELECT 1 AS one');
  const timestamp = await backedUp(cluster, 's');
  const restore = (on: string): string =>
    `RESTORE SNAPSHOT shop.s FROM repo ON (${on}) PROPERTIES ('backup_timestamp' = '${timestamp}')`;
  await cluster.query(`CREATE TABLE shop.x (a INT); ${restore('VIEW v AS x')}`);
  expect(await cluster.untilJobDone('shop')).toMatchObject({
    state: 'CANCELLED',
    status: '[BAD_REPLACE, msg: table x exists and cannot be replaced by a view]',
  });
  await cluster.query(`CREATE VIEW shop.y AS SELECT 1; ${restore('TABLE t AS y')}`);
  expect(await cluster.untilJobDone('shop')).toMatchObject({
    state: 'CANCELLED',
    status: '[BAD_REPLACE, msg: view y exists and cannot be replaced by a table]',
  });
  expect(await rows(cluster, 'SHOW FULL TABLES FROM shop')).toEqual([
    ['t', 'BASE TABLE'],
    ['v', 'VIEW'],
    ['x', 'BASE TABLE'],
    ['y', 'VIEW'],
  ]);
});

test('3.3 refuses a view in BACKUP, and one of a newer snapshot in RESTORE', async () => {
  await using cluster = await shopCluster({ starrocksVersion: '3.3' });
  await cluster.query('CREATE VIEW shop.v AS SELECT 1');
  expect(await refusal(cluster, 'BACKUP SNAPSHOT shop.s TO repo')).toMatch(
    /^5064 .*can not support backup restore, type: VIEW/,
  );
  expect(await refusal(cluster, 'BACKUP SNAPSHOT shop.s TO repo ON (v)')).toMatch(/^5064/);
});

test('views and a restore of them outlive crashes', async () => {
  let cluster = await shopCluster();
  await cluster.query('CREATE VIEW shop.v AS SELECT 1 AS one; CREATE VIEW shop.gone AS SELECT 1');
  await cluster.query('DROP VIEW shop.gone');
  cluster = await cluster.unsafeCrash(LOSE_UNSYNCED);
  expect(await rows(cluster, 'SHOW TABLES FROM shop')).toEqual([['t'], ['v']]);
  const timestamp = await backedUp(cluster, 's');
  await cluster.query(`CREATE OR REPLACE VIEW shop.v AS SELECT 2 AS two;
    RESTORE SNAPSHOT shop.s FROM repo PROPERTIES (
      'backup_timestamp' = '${timestamp}', 'replication_num' = '3')`);
  cluster.advance(4_000);
  expect(await rows(cluster, 'SELECT one FROM shop.v')).toEqual([[1]]);
  cluster = await cluster.unsafeCrash(LOSE_UNSYNCED);
  // What a restore does before its first logged state is forgotten, and done again.
  expect(await rows(cluster, 'SELECT two FROM shop.v')).toEqual([[2]]);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  cluster = await cluster.unsafeCrash(LOSE_UNSYNCED);
  expect(await rows(cluster, 'SELECT one FROM shop.v')).toEqual([[1]]);
  await cluster.stop();
});
