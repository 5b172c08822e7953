/**
 * Repositories, BACKUP, RESTORE, CANCEL: what is refused with which code; analysis wraps its
 * texts, execution does not (sql-surface.md 5, resolutions.md 5).
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { smallWorld, type World } from './support/world.ts';

const REPO = "CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b'";
type Phase = 'A' | 'E';
type Case = [sql: string, code: number, state: string, phase: Phase, text?: string];

let world: World;
let timestamp: string;
beforeAll(() => {
  world = smallWorld();
  world.run(`CREATE DATABASE empty; ${REPO};
    CREATE READ ONLY REPOSITORY frozen WITH BROKER ON LOCATION 'memory://b';
    INSERT INTO d.p VALUES (1, 1, NULL); BACKUP SNAPSHOT d.done TO repo`);
  expect(world.untilJobDone('d')).toBe('FINISHED');
  timestamp = String(world.rows("SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 'done'")[0]?.[1]);
});

function expectRefused([sql, code, state, phase, text = '']: Case): void {
  const sequence = world.context.lastSequence();
  const failure = world.failure(sql.replace('$ts', timestamp));
  expect(failure).toMatchObject({ code, state, text: expect.stringContaining(text) });
  expect(failure.text.startsWith('Getting analyzing error')).toBe(phase === 'A');
  expect(world.context.lastSequence()).toBe(sequence);
}

describe('repositories', () => {
  test.each<Case>([
    ["CREATE REPOSITORY `` WITH BROKER ON LOCATION 'memory://x'", 5064, '42000', 'A'],
    ["CREATE REPOSITORY `1a` WITH BROKER ON LOCATION 'memory://x'", 5063, '42000', 'A'],
    ["CREATE REPOSITORY r2 WITH BROKER ON LOCATION ''", 1064, 'HY000', 'A'],
    ["CREATE REPOSITORY r2 WITH BROKER b1 ON LOCATION 'memory://x'", 5064, '42000', 'A', 'b1'],
    ["CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://x'", 5064, '42000', 'E'],
    ["CREATE REPOSITORY r2 WITH BROKER ON LOCATION 'file:///no/such/place'", 5064, '42000', 'E'],
    ["CREATE REPOSITORY r2 WITH BROKER ON LOCATION 'ftp://x'", 5064, '42000', 'E', 'ftp'],
    ['DROP REPOSITORY nowhere', 5064, '42000', 'A'],
    ['SHOW SNAPSHOT ON nowhere', 5064, '42000', 'A'],
  ])('%s', (...row: Case) => expectRefused(row));

  test.each(["TIMESTAMP = 't'", "SNAPSHOT = ''", 'SNAPSHOT = 5'])(
    'SHOW SNAPSHOT takes no WHERE %s',
    (where) => {
      expect(world.failure(`SHOW SNAPSHOT ON repo WHERE ${where}`)).toMatchObject({
        code: 1064,
        state: 'HY000',
      });
    },
  );

  test('a failure of the store shows in the statement and leaves no repository', () => {
    world.run("ADMIN ENABLE FAILPOINT 'blob.stat'");
    expectRefused([
      "CREATE REPOSITORY r3 WITH BROKER ON LOCATION 'memory://y'",
      5064,
      '42000',
      'E',
    ]);
    world.run("ADMIN DISABLE FAILPOINT 'blob.stat'");
    expect(world.rows('SHOW REPOSITORIES').map((row) => row[1])).toEqual(['repo', 'frozen']);
  });

  test('one with an unfinished job stays, one without is forgotten', () => {
    const own = smallWorld();
    own.run(`${REPO}; BACKUP SNAPSHOT d.s TO repo`);
    expect(own.failure('DROP REPOSITORY repo')).toMatchObject({
      code: 5064,
      text: expect.stringMatching(/^Backup or restore job is running on repository repo/),
    });
    own.untilJobDone('d');
    own.run('DROP REPOSITORY repo');
    expect(own.crashed().rows('SHOW REPOSITORIES')).toEqual([]);
  });
});

describe('BACKUP', () => {
  test.each<Case>([
    ['BACKUP SNAPSHOT `a-b/c`.x TO repo', 1102, '42000', 'A'],
    ['BACKUP SNAPSHOT nowhere.x TO repo', 5501, '3F000', 'A', "'nowhere'"],
    ['BACKUP SNAPSHOT x TO repo', 5501, '3F000', 'A', "Unknown database ''"],
    ['BACKUP SNAPSHOT d.`` TO repo', 5082, '42000', 'A'],
    ['BACKUP SNAPSHOT d.x TO nowhere', 5064, '42000', 'A', '[nowhere] does not exist'],
    ['BACKUP SNAPSHOT d.x TO repo ON (nothing)', 1064, 'HY000', 'A'],
    ['BACKUP SNAPSHOT d.x TO repo ON (r PARTITION (p9))', 1064, 'HY000', 'A'],
    ['BACKUP SNAPSHOT d.x TO repo ON (p, p)', 1064, 'HY000', 'A'],
    ['BACKUP SNAPSHOT d.x TO repo ON (p AS q)', 1064, 'HY000', 'A'],
    ['BACKUP SNAPSHOT d.x TO repo ON (p AS r)', 5064, '42000', 'A'],
    ['BACKUP SNAPSHOT d.x TO repo ON (d.p)', 1064, 'HY000', 'A'],
    ['BACKUP SNAPSHOT d.x TO repo ON (VIEW v)', 1064, 'HY000', 'A'],
    ["BACKUP SNAPSHOT d.x TO repo PROPERTIES ('timeout' = '599')", 5064, '42000', 'A'],
    ["BACKUP SNAPSHOT d.x TO repo PROPERTIES ('timeout' = 'x')", 5064, '42000', 'A'],
    ["BACKUP SNAPSHOT d.x TO repo PROPERTIES ('type' = 'half')", 5064, '42000', 'A'],
    ["BACKUP SNAPSHOT d.x TO repo PROPERTIES ('a' = '1', 'b' = '2')", 5064, '42000', 'A', '[a, b]'],
    ["BACKUP SNAPSHOT d.x TO repo PROPERTIES ('ttl' = '1 DAY')", 5064, '42000', 'A'],
    ['BACKUP SNAPSHOT empty.x TO repo', 1064, 'HY000', 'A', 'is empty'],
    ['BACKUP DATABASE d SNAPSHOT d.x TO repo', 1064, 'HY000', 'A'],
    ['BACKUP SNAPSHOT d.x TO frozen', 5064, '42000', 'E'],
    ['BACKUP SNAPSHOT d.done TO repo', 5064, '42000', 'E'],
    ["BACKUP SNAPSHOT d.done TO repo PROPERTIES ('type' = 'incremental')", 5064, '42000', 'E'],
    ['BACKUP SNAPSHOT d.x TO repo ON (r TEMPORARY PARTITION (p1))', 5064, '42000', 'E'],
  ])('%s', (...row: Case) => expectRefused(row));

  test('a second job of a database waits for nobody: it is refused', () => {
    const own = smallWorld();
    own.run(`${REPO}; BACKUP SNAPSHOT d.one TO repo`);
    expect(own.failure('BACKUP SNAPSHOT d.two TO repo')).toEqual({
      code: 5064,
      state: '42000',
      text: 'Can only run one backup or restore job of a database at same time',
    });
    own.run('CANCEL BACKUP FROM d; BACKUP SNAPSHOT d.two TO repo');
    expect(own.untilJobDone('d')).toBe('FINISHED');
  });
});

describe('RESTORE', () => {
  const TS = "PROPERTIES ('backup_timestamp' = '$ts')";
  test.each<Case>([
    [`RESTORE SNAPSHOT d.done FROM repo ON (p, p) ${TS}`, 1064, 'HY000', 'A'],
    [`RESTORE SNAPSHOT d.done FROM repo ON (p AS x, r AS x) ${TS}`, 1064, 'HY000', 'A'],
    [
      "RESTORE SNAPSHOT d.done FROM repo PROPERTIES ('backup_timestamp' = '$ts', 'timeout' = '1')",
      5064,
      '42000',
      'A',
    ],
    [
      "RESTORE SNAPSHOT d.done FROM repo PROPERTIES ('backup_timestamp' = '$ts', 'allow_load' = 'x')",
      5064,
      '42000',
      'A',
    ],
    [
      "RESTORE SNAPSHOT d.done FROM repo PROPERTIES ('backup_timestamp' = '$ts', 'replication_num' = 'x')",
      5064,
      '42000',
      'A',
    ],
    [
      "RESTORE SNAPSHOT d.done FROM repo PROPERTIES ('timeout' = '700', 'zzz' = '1')",
      5064,
      '42000',
      'A',
      'backup_timestamp',
    ],
    [
      "RESTORE SNAPSHOT d.done FROM repo PROPERTIES ('backup_timestamp' = '$ts', 'zzz' = '1')",
      5064,
      '42000',
      'A',
      'zzz',
    ],
    [`RESTORE SNAPSHOT d.done FROM nowhere ${TS}`, 5064, '42000', 'E'],
    [
      "RESTORE SNAPSHOT d.done FROM repo PROPERTIES ('backup_timestamp' = '2020-01-01-00-00-00-000')",
      5064,
      '42000',
      'E',
    ],
    [`RESTORE SNAPSHOT d.missing FROM repo ${TS}`, 5064, '42000', 'E'],
    [`RESTORE SNAPSHOT done FROM repo DATABASE empty ${TS}`, 5064, '42000', 'E', 'empty'],
    [`RESTORE SNAPSHOT d.done FROM repo ON (nothing) ${TS}`, 5064, '42000', 'E'],
    [`RESTORE SNAPSHOT d.done FROM repo ON (r PARTITION (p9)) ${TS}`, 5064, '42000', 'E'],
    [`RESTORE SNAPSHOT d.done FROM repo DATABASE d ${TS}`, 1064, 'HY000', 'A'],
  ])('%s', (...row: Case) => expectRefused(row));

  test('a database that a restore made stays, also when a later check refuses', () => {
    const failing = `RESTORE SNAPSHOT done FROM repo DATABASE d AS made ON (nothing) ${TS}`;
    expect(world.failure(failing.replace('$ts', timestamp)).code).toBe(5064);
    expect(world.rows("SHOW DATABASES LIKE 'made'")).toEqual([['made']]);
    world.run('DROP DATABASE made');
  });

  test('in 3.3 the target is the prefix or the session database, and must be there', () => {
    const own = smallWorld({ profile: '3.3' });
    own.run(`${REPO}; BACKUP SNAPSHOT d.s TO repo`);
    own.untilJobDone('d');
    const ts = own.rows('SHOW SNAPSHOT ON repo')[0]?.[1];
    const restore = `FROM repo ON (p AS p2) PROPERTIES ('backup_timestamp' = '${ts}')`;
    expect(own.failure(`RESTORE SNAPSHOT s ${restore}`)).toMatchObject({ code: 5501 });
    expect(own.failure(`RESTORE SNAPSHOT nowhere.s ${restore}`)).toMatchObject({ code: 5501 });
    expect(own.failure(`RESTORE SNAPSHOT s FROM repo DATABASE d ${restore}`)).toMatchObject({
      code: 1064,
    });
    own.run(`USE d; RESTORE SNAPSHOT s ${restore}`);
    expect(own.untilJobDone('d')).toBe('FINISHED');
  });
});

describe('CANCEL', () => {
  test.each<Case>([
    ['CANCEL BACKUP FROM nowhere', 5501, '3F000', 'A'],
    ['CANCEL BACKUP', 5501, '3F000', 'A'],
    ['CANCEL BACKUP FROM empty', 5064, '42000', 'E', 'No backup job is currently running'],
    ['CANCEL RESTORE FROM d', 5064, '42000', 'E', 'No restore is currently running'],
    ['CANCEL BACKUP FROM d', 5064, '42000', 'E'],
  ])('%s', (...row: Case) => expectRefused(row));
});

test('loads, DDL and queries of a table in RESTORE are refused with 5014', () => {
  const own = smallWorld();
  own.run(`${REPO}; INSERT INTO d.p VALUES (1, 1, NULL); BACKUP SNAPSHOT d.s TO repo`);
  own.untilJobDone('d');
  const ts = own.rows('SHOW SNAPSHOT ON repo')[0]?.[1];
  own.run(`RESTORE SNAPSHOT d.s FROM repo PROPERTIES ('backup_timestamp' = '${ts}')`);
  own.clock.advance(4000);
  for (const sql of [
    'INSERT INTO d.p VALUES (2, 2, NULL)',
    'UPDATE d.p SET n = 5 WHERE id = 1',
    'DELETE FROM d.p WHERE id = 1',
    'TRUNCATE TABLE d.p',
    'ALTER TABLE d.p RENAME q',
    'DROP TABLE d.p',
    'SELECT * FROM d.p',
    'SELECT count(*) FROM d.p PARTITION (p)',
  ]) {
    expect(own.failure(sql)).toMatchObject({ code: 5014, state: 'HY000' });
  }
  expect(own.objects('SHOW PARTITIONS FROM d.p')[0]).toMatchObject({ State: 'RESTORE' });
  expect(own.untilJobDone('d')).toBe('FINISHED');
  expect(own.rows('SELECT id FROM d.p')).toHaveLength(1);
  own.run('INSERT INTO d.p VALUES (2, 2, NULL)');
});
