/** AUTO_INCREMENT: ids of loads, the counter's way through crashes, backups and restores. */
import { describe, expect, test } from 'vitest';
import { World, type WorldOptions } from './support/world.ts';

const BATCH = 100_000;

function world(options: WorldOptions = {}): World {
  const made = new World(options);
  made.run(`CREATE DATABASE d;
    CREATE TABLE d.t (id BIGINT NOT NULL AUTO_INCREMENT, name VARCHAR(10)) PRIMARY KEY (id)
      DISTRIBUTED BY HASH (id) BUCKETS 2;
    CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/x'`);
  return made;
}

const ids = (at: World, where = ''): number[] =>
  at.rows(`SELECT id FROM d.t ${where} ORDER BY id`).map(([id]) => Number(id));

function backUp(at: World, label = 's'): void {
  at.run(`BACKUP SNAPSHOT d.${label} TO repo ON (t)`);
  expect(at.untilJobDone('d')).toBe('FINISHED');
}

function beginRestore(at: World, what = ''): void {
  const [snapshot] = at.objects("SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's'");
  at.run(`RESTORE SNAPSHOT d.s FROM repo ${what}
    PROPERTIES ("backup_timestamp" = "${String(snapshot?.['Timestamp'])}")`);
}

function restore(at: World): string {
  beginRestore(at);
  return at.untilJobDone('d');
}

describe('a load', () => {
  test('gives ids from 1 on where the statement leaves the column out or says DEFAULT', () => {
    const at = world();
    at.run("INSERT INTO d.t (name) VALUES ('a'), ('b')");
    at.run("INSERT INTO d.t VALUES (DEFAULT, 'c'), (70, 'own')");
    at.run('INSERT INTO d.t (name) SELECT name FROM d.t WHERE id < 3');
    expect(ids(at)).toEqual([1, 2, 3, 4, 5, 70]);
    expect(at.failure("INSERT INTO d.t VALUES (NULL, 'x')")).toMatchObject({ code: 5610 });
    at.stop();
  });

  test('gives no id twice to statements side by side, nor after a crash', () => {
    const at = world();
    const insert = "INSERT INTO d.t (name) VALUES ('a'), ('b'), ('c')";
    at.together(insert, insert, insert);
    expect(ids(at)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const after = at.crashed();
    after.clock.advance(30_000);
    after.run(insert);
    expect(ids(after, 'WHERE id > 9')).toEqual([BATCH + 1, BATCH + 2, BATCH + 3]);
    after.stop();
  });

  test('goes on behind what an image of a clean stop has reserved', () => {
    const options = { config: { auto_increment_cache_size: '10' } };
    const at = world(options);
    at.run("INSERT INTO d.t (name) VALUES ('a')");
    at.stop();
    const after = at.crashed('kept', options);
    after.run("INSERT INTO d.t (name) VALUES ('b')");
    expect(ids(after)).toEqual([1, 11]);
    after.stop();
  });

  test('of more rows than a batch has ids gets them in a row', () => {
    const at = world({ config: { auto_increment_cache_size: '2' } });
    at.run("INSERT INTO d.t (name) VALUES ('a')");
    at.run('INSERT INTO d.t (name) SELECT "x" FROM TABLE(generate_series(1, 5))');
    at.run("INSERT INTO d.t (name) VALUES ('b')");
    expect(ids(at)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    at.stop();
  });
});

describe('a restore', () => {
  test('into a new table goes on behind every id of the snapshot', () => {
    const at = world();
    at.run("INSERT INTO d.t (name) VALUES ('a'), ('b')");
    backUp(at);
    at.run('DROP TABLE d.t FORCE');
    expect(restore(at)).toBe('FINISHED');
    at.run("INSERT INTO d.t (name) VALUES ('c')");
    expect(ids(at)).toEqual([1, 2, BATCH + 1]);
    const after = at.crashed();
    after.clock.advance(30_000);
    after.run("INSERT INTO d.t (name) VALUES ('d')");
    expect(ids(after)).toEqual([1, 2, BATCH + 1, 2 * BATCH + 1]);
    after.stop();
  });

  test('over a table sets its counter to that of the snapshot, and drops ids in hand', () => {
    const at = world();
    at.run("INSERT INTO d.t (name) VALUES ('a'), ('b')");
    backUp(at);
    at.run("INSERT INTO d.t (name) VALUES ('late')");
    expect(restore(at)).toBe('FINISHED');
    at.run("INSERT INTO d.t (name) VALUES ('c')");
    expect(ids(at)).toEqual([1, 2, BATCH + 1]);
    at.stop();
  });

  test('that is refused for another schema has set the counter all the same (quirk 14)', () => {
    const at = world();
    at.run("INSERT INTO d.t (name) VALUES ('a')");
    backUp(at);
    at.run(`DROP TABLE d.t FORCE;
      CREATE TABLE d.t (id BIGINT NOT NULL AUTO_INCREMENT, name VARCHAR(11)) PRIMARY KEY (id)
        DISTRIBUTED BY HASH (id) BUCKETS 2;
      INSERT INTO d.t (name) VALUES ('b')`);
    expect(restore(at)).toBe('CANCELLED');
    at.run("INSERT INTO d.t (name) VALUES ('c')");
    expect(ids(at)).toEqual([1, BATCH + 1]);
    at.stop();
  });

  test('cancelled takes the counter of the table that it made with it', () => {
    const at = world();
    at.run("INSERT INTO d.t (name) VALUES ('a')");
    backUp(at);
    beginRestore(at, 'ON (t AS u)');
    at.clock.advance(4000);
    const counters = at.context.catalog.databases.values().next().value?.autoIncrementIds;
    expect(counters?.size).toBe(2);
    at.run('CANCEL RESTORE FROM d');
    expect(counters?.size).toBe(1);
    at.stop();
  });
});

test('SHOW SNAPSHOT and SHOW CREATE TABLE tell of it', () => {
  const at = world();
  backUp(at, 'unused');
  at.run("INSERT INTO d.t (name) VALUES ('a')");
  backUp(at);
  const details = (label: string): string => {
    const [row] = at.objects(`SHOW SNAPSHOT ON repo WHERE SNAPSHOT = '${label}'`);
    const timestamp = String(row?.['Timestamp']);
    const where = `SNAPSHOT = '${label}' AND TIMESTAMP = '${timestamp}'`;
    return String(at.objects(`SHOW SNAPSHOT ON repo WHERE ${where}`)[0]?.['Details']);
  };
  expect(details('s')).toContain(`"autoIncrementId": ${BATCH + 1}`);
  expect(details('unused')).not.toContain('autoIncrementId');
  expect(at.rows('SHOW CREATE TABLE d.t')[0]?.[1]).toContain(
    '`id` bigint(20) NOT NULL AUTO_INCREMENT COMMENT ""',
  );
  at.stop();
});

test.each([
  ['id INT NOT NULL AUTO_INCREMENT', /must be BIGINT/],
  ['id BIGINT NULL AUTO_INCREMENT', /must be NOT NULL/],
  ['id BIGINT AUTO_INCREMENT, other BIGINT AUTO_INCREMENT', /More than one AUTO_INCREMENT/],
])('%s is refused', (columns, text) => {
  const at = world();
  expect(at.failure(`CREATE TABLE d.x (${columns})`).text).toMatch(text);
  at.stop();
});
