/** INSERT OVERWRITE, CREATE TABLE AS SELECT and LIKE, SWAP and partition names (sql-surface.md 3). */
import { beforeEach, describe, expect, test } from 'vitest';
import { World } from './support/world.ts';

let world: World;

beforeEach(() => {
  world = new World();
  world.run('CREATE DATABASE d');
  world.run(
    "CREATE TABLE d.t (k INT, v VARCHAR(9)) DUPLICATE KEY (k) COMMENT 'first' " +
      'PARTITION BY RANGE (k) (PARTITION p1 VALUES LESS THAN ("10"), ' +
      'PARTITION p2 VALUES LESS THAN ("20")) DISTRIBUTED BY HASH(k) BUCKETS 2',
  );
  world.run("INSERT INTO d.t VALUES (1, 'a'), (11, 'b')");
});

const rows = (sql: string): unknown => world.rows(sql);
const ids = (table: string): ReadonlyMap<string, unknown> =>
  new Map(
    world
      .objects(`SHOW PARTITIONS FROM ${table}`)
      .map((row) => [String(row['PartitionName']), row['PartitionId']]),
  );

describe('INSERT OVERWRITE', () => {
  test('replaces all rows: partitions keep their names and get new ids', () => {
    const before = ids('d.t');
    world.run("INSERT OVERWRITE d.t VALUES (2, 'z'), (3, 'y')");
    expect(rows('SELECT k, v FROM d.t ORDER BY k')).toEqual([
      [2, 'z'],
      [3, 'y'],
    ]);
    const after = ids('d.t');
    expect([...after.keys()]).toEqual(['p1', 'p2']);
    for (const [name, id] of after) expect(id).not.toBe(before.get(name));
  });

  test('of named partitions leaves the others as they are, and takes no rows for them', () => {
    const before = ids('d.t');
    world.run("INSERT OVERWRITE d.t PARTITION (p2) VALUES (12, 'n')");
    expect(rows('SELECT k, v FROM d.t ORDER BY k')).toEqual([
      [1, 'a'],
      [12, 'n'],
    ]);
    expect(ids('d.t').get('p1')).toBe(before.get('p1'));
    const failure = world.failure("INSERT OVERWRITE d.t PARTITION (p2) VALUES (1, 'no')");
    expect(failure.code).toBe(1748);
    expect(rows('SELECT COUNT(*) FROM d.t')).toEqual([[2n]]);
  });

  test('may read the table it overwrites, and may leave it empty', () => {
    world.run('INSERT OVERWRITE d.t SELECT k + 1, v FROM d.t WHERE k < 5');
    expect(rows('SELECT k, v FROM d.t')).toEqual([[2, 'a']]);
    world.run('INSERT OVERWRITE d.t SELECT k, v FROM d.t WHERE k > 100');
    expect(rows('SELECT COUNT(*) FROM d.t')).toEqual([[0n]]);
  });

  test('fills the indexes of a rollup and makes automatic partitions', () => {
    world.run('ALTER TABLE d.t ADD ROLLUP r (v, k)');
    world.run("INSERT OVERWRITE d.t VALUES (4, 'q')");
    expect(rows("SELECT v FROM d.t WHERE v = 'q'")).toEqual([['q']]);
    world.run(
      "CREATE TABLE d.a (day DATETIME NOT NULL, k INT) PARTITION BY date_trunc('day', day) " +
        'DISTRIBUTED BY HASH(k)',
    );
    world.run("INSERT INTO d.a VALUES ('2024-01-01 00:00:00', 1)");
    world.run("INSERT OVERWRITE d.a VALUES ('2024-01-02 00:00:00', 2)");
    expect(rows('SELECT k FROM d.a')).toEqual([[2]]);
    expect([...ids('d.a').keys()]).toEqual(['p20240101', 'p20240102']);
  });

  test('is all or nothing in a crash, and stays after it', () => {
    world.run("INSERT OVERWRITE d.t VALUES (5, 'kept')");
    world = world.crashed();
    expect(rows('SELECT k, v FROM d.t')).toEqual([[5, 'kept']]);
    world.stop();
    world = world.crashed();
    expect(rows('SELECT k, v FROM d.t')).toEqual([[5, 'kept']]);
  });

  test('a failed one changes nothing', () => {
    const before = ids('d.t');
    world.failure("INSERT OVERWRITE d.t VALUES (1, 'much too long for it')");
    world.failure("INSERT OVERWRITE d.t VALUES (99, 'nowhere')");
    expect(rows('SELECT COUNT(*) FROM d.t')).toEqual([[2n]]);
    expect(ids('d.t')).toEqual(before);
  });

  test('a snapshot of before it brings the rows of before it back', () => {
    world.run("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'");
    world.run('BACKUP SNAPSHOT d.l TO r');
    expect(world.untilJobDone('d')).toBe('FINISHED');
    world.run("INSERT OVERWRITE d.t VALUES (7, 'new')");
    const stamp = world.rows('SHOW SNAPSHOT ON r')[0]?.[1];
    world.run(`RESTORE SNAPSHOT d.l FROM r ON (t) PROPERTIES ("backup_timestamp" = "${stamp}")`);
    expect(world.untilJobDone('d')).toBe('FINISHED');
    expect(rows('SELECT k, v FROM d.t ORDER BY k')).toEqual([
      [1, 'a'],
      [11, 'b'],
    ]);
  });
});

describe('copies of tables', () => {
  test('CREATE TABLE ... AS SELECT takes names, types and rows from the query', () => {
    world.run('CREATE TABLE d.c AS SELECT k, v, k * 2 AS twice FROM d.t');
    expect(rows('SELECT k, v, twice FROM d.c ORDER BY k')).toEqual([
      [1, 'a', 2n],
      [11, 'b', 22n],
    ]);
    expect(world.rows('DESC d.c').map(([name, type]) => [name, type])).toEqual([
      ['k', 'int(11)'],
      ['v', 'varchar(65533)'],
      ['twice', 'bigint(20)'],
    ]);
    world.run('CREATE TABLE d.e (x, y) DISTRIBUTED BY HASH(x) AS SELECT k, v FROM d.t WHERE k = 1');
    expect(rows('SELECT x, y FROM d.e')).toEqual([[1, 'a']]);
  });

  test('a CREATE TABLE ... AS SELECT that fails leaves no table behind', () => {
    world.failure('CREATE TABLE d.c (a) AS SELECT k, v FROM d.t');
    world.failure(
      'CREATE TABLE d.c PRIMARY KEY (n) DISTRIBUTED BY HASH(n) AS SELECT NULLIF(k, 1) AS n FROM d.t',
    );
    expect(rows('SHOW TABLES FROM d')).toEqual([['t']]);
    world.run('CREATE TABLE IF NOT EXISTS d.t AS SELECT 1 AS one');
    expect(rows('SELECT COUNT(*) FROM d.t')).toEqual([[2n]]);
    expect(world.failure('CREATE TABLE d.t AS SELECT 1 AS one')).toMatchObject({ code: 1050 });
  });

  test('CREATE TABLE ... LIKE takes everything but the rows', () => {
    world.run('CREATE TABLE d.l LIKE d.t');
    expect(rows('SELECT COUNT(*) FROM d.l')).toEqual([[0n]]);
    const text = (name: string): string =>
      String(world.rows(`SHOW CREATE TABLE d.${name}`)[0]?.[1]);
    expect(text('l')).toBe(text('t').replace('`t`', '`l`'));
  });
});

describe('names', () => {
  test('SWAP WITH exchanges the names of two tables; their ids stay with their rows', () => {
    world.run('CREATE TABLE d.u LIKE d.t');
    const tablets = (name: string): unknown[] =>
      world.rows(`SHOW TABLET FROM d.${name}`).map(([id]) => id);
    const before = { t: tablets('t'), u: tablets('u') };
    world.run('ALTER TABLE d.t SWAP WITH u');
    expect(rows('SELECT COUNT(*) FROM d.t')).toEqual([[0n]]);
    expect(rows('SELECT COUNT(*) FROM d.u')).toEqual([[2n]]);
    expect(tablets('t')).toEqual(before.u);
    world = world.crashed();
    expect(tablets('u')).toEqual(before.t);
    expect(rows('SELECT COUNT(*) FROM d.u')).toEqual([[2n]]);
    expect(world.failure('ALTER TABLE d.t SWAP WITH nothing')).toMatchObject({ code: 5502 });
  });

  test('a materialized view over a swapped table goes inactive and says why', () => {
    world.run('CREATE TABLE d.u LIKE d.t');
    world.run('CREATE MATERIALIZED VIEW d.m REFRESH MANUAL AS SELECT k FROM d.t');
    world.run('ALTER TABLE d.u SWAP WITH t');
    const [view] = world.objects("SHOW MATERIALIZED VIEWS FROM d LIKE 'm'");
    expect(view).toMatchObject({ is_active: 'false' });
    expect(view?.['inactive_reason']).toBe('base-table swapped: t');
  });

  test('a partition gets another name and keeps its place, id and rows', () => {
    const before = ids('d.t');
    world.run('ALTER TABLE d.t RENAME PARTITION p1 low');
    expect([...ids('d.t')]).toEqual([
      ['low', before.get('p1')],
      ['p2', before.get('p2')],
    ]);
    expect(rows('SELECT k FROM d.t PARTITION (low)')).toEqual([[1]]);
    expect(world.failure('ALTER TABLE d.t RENAME PARTITION low p2').text).toContain('already used');
    expect(world.failure('ALTER TABLE d.t RENAME PARTITION p9 q').text).toContain(
      'does not exists',
    );
  });

  test('DROP PARTITIONS takes all that it names, or none', () => {
    world.run('ALTER TABLE d.t ADD PARTITION p3 VALUES LESS THAN ("30")');
    expect(world.failure('ALTER TABLE d.t DROP PARTITIONS (p1, p9)')).toMatchObject({ code: 1507 });
    expect(world.failure('ALTER TABLE d.t DROP PARTITIONS (p1, p2, p3)')).toMatchObject({
      code: 1508,
    });
    world.run('ALTER TABLE d.t DROP PARTITIONS IF EXISTS (p1, p9, p3)');
    world = world.crashed();
    expect([...ids('d.t').keys()]).toEqual(['p2']);
  });

  test('TRUNCATE PARTITION and COMMENT are actions of ALTER TABLE', () => {
    world.run("ALTER TABLE d.t TRUNCATE PARTITION (p1); ALTER TABLE d.t COMMENT = 'second'");
    world = world.crashed();
    expect(rows('SELECT k FROM d.t')).toEqual([[11]]);
    expect(String(rows('SHOW CREATE TABLE d.t'))).toContain('COMMENT "second"');
  });
});
