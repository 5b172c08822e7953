/** Tables whose columns change around a backup and a restore. */
import { afterAll, expect, test } from 'vitest';
import { World } from '../unit/fe/support/world.ts';

const world = new World();
afterAll(() => world.stop());

world.run(`CREATE DATABASE d;
  CREATE TABLE d.t (k INT, v INT, w VARCHAR(5)) DUPLICATE KEY (k)
    PARTITION BY RANGE (k) (
      PARTITION p1 VALUES LESS THAN ("5"), PARTITION p2 VALUES LESS THAN ("9"))
    DISTRIBUTED BY HASH (k) BUCKETS 2 ROLLUP (r1 (k, w));
  CREATE TABLE d.p (id INT NOT NULL, v INT) PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 1;
  INSERT INTO d.t VALUES (1, 10, 'a'), (6, 60, 'b'); INSERT INTO d.p VALUES (1, 1), (2, 2);
  CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/x'`);

const rows = (sql: string): string[] => world.rows(sql).map((row) => row.join('|'));

function backup(label: string): void {
  world.run(`BACKUP SNAPSHOT d.${label} TO repo`);
  expect(world.untilJobDone('d')).toBe('FINISHED');
}

function restore(label: string, what = ''): string {
  const [snapshot] = world.objects(`SHOW SNAPSHOT ON repo WHERE SNAPSHOT = '${label}'`);
  world.run(`RESTORE SNAPSHOT d.${label} FROM repo ${what}
    PROPERTIES ("backup_timestamp" = "${String(snapshot?.['Timestamp'])}")`);
  world.untilJobDone('d');
  return String(world.objects('SHOW RESTORE FROM d')[0]?.['Status']);
}

test('a snapshot of before is refused onto the changed table, and restores beside it', () => {
  backup('before');
  world.run(`ALTER TABLE d.t ADD COLUMN c INT DEFAULT "4", MODIFY COLUMN v BIGINT;
    ALTER TABLE d.p ADD COLUMN c INT; DELETE FROM d.p WHERE id = 2`);
  expect(restore('before', 'ON (t)')).toContain('already exists but with a different schema');
  expect(restore('before', 'ON (t AS t0, p AS p0)')).toBe('[OK]');
  expect(rows('SELECT * FROM d.t0 ORDER BY k')).toEqual(['1|10|a', '6|60|b']);
  expect(rows('SELECT * FROM d.p0 ORDER BY id')).toEqual(['1|1', '2|2']);
  expect(rows('SELECT * FROM d.t ORDER BY k')).toEqual(['1|10|a|4', '6|60|b|4']);
  world.run(`ALTER TABLE d.t0 DROP COLUMN w; INSERT INTO d.t0 VALUES (2, 20)`);
  expect(rows('SELECT * FROM d.t0 ORDER BY k')).toEqual(['1|10', '2|20', '6|60']);
});

test('a snapshot of after brings the new columns back, over the table and as new', () => {
  backup('after');
  world.run(`INSERT INTO d.t VALUES (7, 1, 'late', 1); DROP TABLE d.p FORCE`);
  expect(restore('after', 'ON (t, p)')).toBe('[OK]');
  expect(rows('SELECT * FROM d.t ORDER BY k')).toEqual(['1|10|a|4', '6|60|b|4']);
  expect(rows('SELECT * FROM d.p')).toEqual(['1|1|']);
  world.run('ALTER TABLE d.p DROP COLUMN c');
  expect(rows('SELECT * FROM d.p')).toEqual(['1|1']);
});

test('a column of another element type is another column; indexes come along', () => {
  world.run(`CREATE TABLE d.n (k INT, a ARRAY<INT>, INDEX ix (k) USING BITMAP COMMENT 'c')
      DUPLICATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 1;
    CREATE INDEX ng ON d.n (a) USING NGRAMBF ("gram_num" = "4")`);
  backup('nested');
  const indexes = (table: string): string[] =>
    world
      .objects(`SHOW INDEX FROM d.${table}`)
      .map((row) => `${row['Key_name']} ${row['Column_name']} ${row['Index_type']}`);
  expect(restore('nested', 'ON (n AS m)')).toBe('[OK]');
  expect(indexes('m')).toEqual(['ix k BITMAP', 'ng a NGRAMBF']);
  expect(world.failure('ALTER TABLE d.n DROP COLUMN a').text).toContain('index ng is on it');
  expect(world.failure('ALTER TABLE d.n ADD INDEX ix (a)').text).toContain('already exist');
  expect(world.failure('DROP INDEX no ON d.n').text).toContain('index no does not exist');
  world.run(`DROP INDEX ng ON d.n; ALTER TABLE d.n RENAME COLUMN k TO key1;
    ALTER TABLE d.n DROP COLUMN a; ALTER TABLE d.n ADD COLUMN a ARRAY<BIGINT>`);
  expect(indexes('n')).toEqual(['ix key1 BITMAP']);
  expect(String(world.rows('SHOW CREATE TABLE d.n')[0]?.[1])).toContain(
    'INDEX `ix` (`key1`) USING BITMAP COMMENT "c"',
  );
  world.run('ALTER TABLE d.n RENAME COLUMN key1 TO k');
  expect(restore('nested', 'ON (n)')).toContain('column a here, column a in the snapshot');
  world.run('CREATE TABLE d.copy LIKE d.n; DROP TABLE d.copy FORCE; DROP TABLE d.m FORCE');
});

test('columns stay while a backup needs the tablets, and while a restore has the table', () => {
  const change = 'ALTER TABLE d.t DROP COLUMN v';
  const tries = (kind: 'BACKUP' | 'RESTORE', until: string): void => {
    const state = (): unknown => world.objects(`SHOW ${kind} FROM d`)[0]?.['State'];
    world.clock.runUntil(() => state() === until, 600_000);
    expect(world.failure(change)).toMatchObject({ code: 5014 });
  };
  world.run('BACKUP SNAPSHOT d.busy TO repo');
  tries('BACKUP', 'SNAPSHOTING');
  expect(world.untilJobDone('d')).toBe('FINISHED');
  const [snapshot] = world.objects(`SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 'busy'`);
  world.run(`RESTORE SNAPSHOT d.busy FROM repo ON (t)
    PROPERTIES ("backup_timestamp" = "${String(snapshot?.['Timestamp'])}")`);
  tries('RESTORE', 'DOWNLOADING');
  expect(world.untilJobDone('d')).toBe('FINISHED');
  world.run(change);
  expect(rows('SELECT * FROM d.t ORDER BY k')).toEqual(['1|a|4', '6|b|4']);
});
