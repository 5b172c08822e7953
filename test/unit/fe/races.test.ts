/** Statements that meet in the middle of each other: what is logged can always be replayed. */
import { describe, expect, test } from 'vitest';
import { smallWorld, type World } from './support/world.ts';

const SLOW_LOG = "ADMIN ENABLE FAILPOINT 'fe.edit-log.append:delay=50'";

function slowWorld(): World {
  const world = smallWorld();
  world.run("INSERT INTO d.r VALUES ('2024-01-05', 'x')");
  world.run(SLOW_LOG);
  return world;
}

describe('DROP DATABASE wins against a change of one of its tables', () => {
  test.each([
    'ALTER TABLE d.p RENAME q',
    'ALTER TABLE d.r DROP PARTITION p1',
    "ALTER TABLE d.r ADD PARTITION p3 VALUES LESS THAN ('2024-04-01')",
    'TRUNCATE TABLE d.p',
    'DROP TABLE d.p',
    'CREATE TABLE d.c (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k)',
    'DROP DATABASE d',
    'INSERT INTO d.p VALUES (1, 1, NULL)',
    'CREATE VIEW d.v AS SELECT 1 AS one',
    'DROP VIEW d.w',
    `CREATE FUNCTION d.f(INT) RETURNS INT
      PROPERTIES ('symbol' = 's', 'file' = 'http://host/f.jar', 'type' = 'StarrocksJar')`,
  ])('%s', (statement) => {
    const world = slowWorld();
    world.run('CREATE VIEW d.w AS SELECT 1 AS one');
    const [, second] = world.together('DROP DATABASE d', statement);
    expect(second).toMatchObject({ code: expect.any(Number) });
    expect(world.fatal).toBeUndefined();
    const after = world.crashed();
    expect(after.rows("SHOW DATABASES LIKE 'd'")).toEqual([]);
    after.stop();
  });
});

test('of two statements that create one database, table or name, one is told so', () => {
  const world = slowWorld();
  const table = 'CREATE TABLE d.c (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k)';
  expect(world.together('CREATE DATABASE e', 'CREATE DATABASE e')[1]).toMatchObject({ code: 1007 });
  expect(world.together(table, table)[1]).toMatchObject({ code: 1050, state: '42S01' });
  expect(world.together('ALTER TABLE d.c RENAME z', 'ALTER TABLE d.p RENAME z')[1]).toMatchObject({
    text: 'Table name[z] is already used',
  });
  expect(world.together('DROP TABLE d.z', 'DROP TABLE d.z')[1]).toMatchObject({ code: 5502 });
  expect(world.together('DROP TABLE IF EXISTS d.p', 'DROP TABLE IF EXISTS d.p')[1]).toMatchObject({
    affectedRows: 0,
  });
  expect(world.fatal).toBeUndefined();
  expect(world.crashed().rows('SHOW TABLES FROM d')).toEqual([['r']]);
});

test('of a table and a view that get one name at once, one is told so', () => {
  const world = slowWorld();
  const table = 'CREATE TABLE d.c (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k)';
  const view = 'CREATE VIEW d.c AS SELECT 1 AS one';
  const made = world.together(table, view);
  expect(made.filter((outcome) => 'affectedRows' in outcome)).toHaveLength(1);
  expect(made).toContainEqual(expect.objectContaining({ code: 1050 }));
  const renamed = world.together('ALTER TABLE d.p RENAME z', view.replace('d.c', 'd.z'));
  expect(renamed.filter((outcome) => 'affectedRows' in outcome)).toHaveLength(1);
  expect(world.fatal).toBeUndefined();
  expect(world.crashed().rows('SHOW TABLES FROM d')).toContainEqual(['c']);
});

test('CREATE DATABASE and a RESTORE that makes the same database make it once', () => {
  const world = slowWorld();
  world.run("CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b'");
  world.run('BACKUP SNAPSHOT d.s TO repo');
  expect(world.untilJobDone('d')).toBe('FINISHED');
  const timestamp = world.rows("SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's'")[0]?.[1];
  const restore = `RESTORE SNAPSHOT s FROM repo DATABASE d AS e
    PROPERTIES ('backup_timestamp' = '${timestamp}')`;
  const [restored, created] = world.together(restore, 'CREATE DATABASE e');
  expect(restored).toMatchObject({ affectedRows: 0 });
  expect(created).toMatchObject({ code: 1007 });
  expect(world.fatal).toBeUndefined();
  expect(world.untilJobDone('e')).toBe('FINISHED');
  const [first, second] = world.together('CREATE DATABASE f', restore.replace('AS e', 'AS f'));
  expect([first, second]).toMatchObject([{ affectedRows: 0 }, { affectedRows: 0 }]);
  const after = world.crashed();
  expect(after.untilJobDone('f')).toBe('FINISHED');
  expect(after.rows('SELECT what FROM f.r')).toEqual([['x']]);
});

test('loads that commit together each get a version of their own, and all rows are read', () => {
  const world = slowWorld();
  const loads = Array.from({ length: 8 }, (_, at) => `INSERT INTO d.p VALUES (${at}, 0, NULL)`);
  for (const outcome of world.together(...loads))
    expect(outcome).toMatchObject({ affectedRows: 1 });
  expect(world.cell('SELECT count(*) FROM d.p')).toEqual(8n);
  expect(world.objects('SHOW PARTITIONS FROM d.p')[0]).toMatchObject({ VisibleVersion: '9' });
  expect(world.crashed().cell('SELECT count(*) FROM d.p')).toEqual(8n);
});

test('two UPDATEs of one row at once add up, and so does an UPDATE beside a DELETE', () => {
  const world = slowWorld();
  world.run('INSERT INTO d.p VALUES (1, 10, NULL), (2, 20, NULL)');
  const raise = 'UPDATE d.p SET n = n + 1 WHERE id > 0';
  world.together(raise, raise, raise);
  expect(world.rows('SELECT id, n FROM d.p ORDER BY id')).toEqual([
    [1, 13],
    [2, 23],
  ]);
  world.together('DELETE FROM d.p WHERE n = 13', raise, 'DELETE FROM d.p WHERE n = 24');
  expect(world.rows('SELECT * FROM d.p')).toEqual([]);
});

test('a load that a TRUNCATE overtakes fails, names what to do, and leaves nothing', () => {
  const world = slowWorld();
  const [truncated, loaded] = world.together(
    'TRUNCATE TABLE d.r',
    "INSERT INTO d.r VALUES ('2024-01-06', 'y')",
  );
  expect(truncated).toMatchObject({ affectedRows: 0 });
  expect(loaded).toMatchObject({ code: 5609, text: expect.stringContaining('during the load') });
  expect(world.rows('SELECT * FROM d.r')).toEqual([]);
  expect(world.objects('SHOW PARTITIONS FROM d.r')[0]).toMatchObject({ VisibleVersion: '1' });
  world.run("INSERT INTO d.r VALUES ('2024-01-06', 'y')");
  expect(world.rows('SELECT what FROM d.r')).toEqual([['y']]);
});

test('a load into a table that is renamed meanwhile goes through', () => {
  const world = slowWorld();
  const [, loaded] = world.together(
    'ALTER TABLE d.p RENAME q',
    'INSERT INTO d.p VALUES (1, 1, NULL)',
  );
  expect(loaded).toMatchObject({ affectedRows: 1 });
  expect(world.rows('SELECT id FROM d.q')).toEqual([[1]]);
});

test('one label at a time: the second load with it is refused while the first runs', () => {
  const world = slowWorld();
  const load = 'INSERT INTO d.p WITH LABEL once VALUES (1, 1, NULL)';
  const [first, second] = world.together(load, load);
  expect(first).toMatchObject({ affectedRows: 1 });
  expect(second).toMatchObject({ text: 'Label [once] has already been used.' });
});
