/** Variables: scopes, kinds, what is refused how; times follow the session's zone. */
import { describe, expect, test } from 'vitest';
import { smallWorld, World } from './support/world.ts';

const world = smallWorld();

describe('refused', () => {
  test.each([
    ['SET no_such = 1', 1193, 'HY000'],
    ['SELECT @@no_such', 1193, 'HY000'],
    ['SELECT @@constructor', 1193, 'HY000'],
    ['SET constructor = 1', 1193, 'HY000'],
    ['SET GLOBAL __proto__ = 1', 1193, 'HY000'],
    ['SET version = 1', 1621, 'HY000'],
    ['SET GLOBAL version_comment = 1', 1621, 'HY000'],
    ['SET init_connect = 1', 1229, 'HY000'],
    ["SET query_timeout = 'soon'", 1232, '42000'],
    ["SET autocommit = 'perhaps'", 1231, '42000'],
    ["SET time_zone = 'Mars/Olympus'", 1298, 'HY000'],
    ["SET sql_mode = 'NO_AUTO_CREATE_USER'", 1231, '42000'],
  ])('%s: %d (%s)', (sql, code, state) => {
    const failure = world.failure(sql);
    expect(failure).toMatchObject({ code, state });
    expect(failure.text).not.toContain('undefined');
  });

  test('an unknown name comes with the nearest ones', () => {
    expect(world.failure('SET query_timout = 1').text).toMatch(
      /similar variables are \{'query_timeout'/,
    );
  });

  test('a list in which one item is wrong sets none', () => {
    const session = world.session();
    expect(session.failure("SET query_timeout = 5, @x = 1, time_zone = 'nowhere'").code).toBe(1298);
    expect(session.run('SELECT @@query_timeout, @x').rows).toEqual([[300n, null]]);
    const sequence = world.context.lastSequence();
    expect(session.failure('SET GLOBAL query_timeout = 5, GLOBAL nothing = 1').code).toBe(1193);
    expect(world.context.lastSequence()).toBe(sequence);
  });
});

test('a session value is its own; a global one is for sessions that come later', () => {
  const [one, two] = [world.session(), world.session()];
  one.run("SET query_timeout = 7; SET @@session.wait_timeout = 8; SET @note = 'hi'");
  expect(one.run('SELECT @@query_timeout, @@wait_timeout, @note').rows).toEqual([[7n, 8n, 'hi']]);
  expect(two.run('SELECT @@query_timeout, @@wait_timeout, @note').rows).toEqual([
    [300n, 28_800n, null],
  ]);
  one.run('SET GLOBAL query_timeout = 9');
  expect(one.cell('SELECT @@query_timeout')).toBe(7n);
  expect(two.cell('SELECT @@query_timeout')).toBe(300n);
  expect(two.cell('SELECT @@global.query_timeout')).toBe(9n);
  expect(world.session().cell('SELECT @@query_timeout')).toBe(9n);
  one.run('SET query_timeout = DEFAULT');
  expect(one.cell('SELECT @@query_timeout')).toBe(9n);
  two.reset();
  expect(two.cell('SELECT @@query_timeout')).toBe(9n);
});

test('global values outlive crash and image; what another start said does not', () => {
  const first = new World({ timeZone: 'Asia/Tokyo', config: { edit_log_roll_num: '1' } });
  first.run('SET GLOBAL query_timeout = 11');
  expect(first.crashed().cell('SELECT @@query_timeout')).toBe(11n);
  const second = first.crashed();
  second.clock.advance(61_000);
  const third = second.crashed();
  expect(third.cell('SELECT @@query_timeout')).toBe(11n);
  expect(third.rows('SELECT @@time_zone, @@system_time_zone')).toEqual([
    ['Asia/Tokyo', 'Asia/Tokyo'],
  ]);
  const moved = third.crashed('lost', { timeZone: 'Europe/Berlin' });
  expect(moved.rows('SELECT @@time_zone, @@system_time_zone')).toEqual([
    ['Europe/Berlin', 'Europe/Berlin'],
  ]);
  moved.run("SET GLOBAL time_zone = 'UTC'; SET GLOBAL time_zone = DEFAULT");
  expect(moved.cell('SELECT @@global.time_zone')).toBe('Europe/Berlin');
});

test('what clients ask for after connecting comes as they expect it', () => {
  const session = world.session();
  expect(session.run('SELECT @@autocommit, @@version, @@sql_mode, @@version_comment').rows).toEqual(
    [[1, '8.0.33', 'ONLY_FULL_GROUP_BY', '3.5.0-emulator']],
  );
  expect(session.run("SHOW VARIABLES LIKE 'autocommit'").rows).toEqual([['autocommit', '1']]);
  expect(session.run("SHOW GLOBAL VARIABLES WHERE Variable_name = 'license'").rows).toEqual([
    ['license', 'Apache License 2.0'],
  ]);
  session.run('SET NAMES utf8mb4; SET CHARACTER SET utf8; SET autocommit = 0; COMMIT; ROLLBACK');
  session.run('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN; START TRANSACTION');
  expect(session.cell('SELECT @@autocommit')).toBe(0);
});

test('sql_mode takes names and numbers; PIPES_AS_CONCAT changes what || means', () => {
  const session = world.session();
  session.run("SET sql_mode = 'STRICT_TRANS_TABLES,PIPES_AS_CONCAT'");
  expect(session.cell("SELECT 'a' || 'b'")).toBe('ab');
  session.run('SET sql_mode = 32');
  expect(session.cell('SELECT @@sql_mode')).toBe('ONLY_FULL_GROUP_BY');
  expect(session.cell('SELECT 0 || 1')).not.toBe('01');
});

test('every time of a SHOW is in the zone of the session', () => {
  const own = smallWorld();
  own.run("CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b'");
  own.run('INSERT INTO d.p VALUES (1, 1, NULL); BACKUP SNAPSHOT d.s TO repo');
  own.untilJobDone('d');
  const cells = (zone: string): unknown[] => {
    const session = own.session();
    session.run(`SET time_zone = '${zone}'`);
    const cell = (sql: string, name: string): unknown => {
      const { columns, rows } = session.run(sql);
      return rows[0]?.[columns.indexOf(name)];
    };
    return [
      cell('SHOW BACKUP FROM d', 'CreateTime'),
      cell('SHOW REPOSITORIES', 'CreateTime'),
      cell('SHOW PARTITIONS FROM d.p', 'VisibleVersionTime'),
      cell('SHOW BACKENDS', 'LastStartTime'),
      cell('SHOW FRONTENDS', 'StartTime'),
      cell(
        "SELECT CREATE_TIME FROM information_schema.tables WHERE TABLE_NAME = 'p'",
        'CREATE_TIME',
      ),
      cell(
        'SELECT VISIBLE_VERSION_TIME FROM information_schema.partitions_meta',
        'VISIBLE_VERSION_TIME',
      ),
    ];
  };
  expect(cells('UTC')).toEqual(Array(7).fill('2025-01-01 00:00:00'));
  expect(cells('+08:00')).toEqual(Array(7).fill('2025-01-01 08:00:00'));
  expect(cells('America/New_York')).toEqual(Array(7).fill('2024-12-31 19:00:00'));
  // The snapshot's name follows the process, not the session.
  const session = own.session();
  session.run("SET time_zone = 'Asia/Tokyo'");
  expect(session.run('SHOW SNAPSHOT ON repo').rows[0]?.[1]).toBe('2025-01-01-00-00-00-000');
});

describe('the hint SET_VAR', () => {
  const world = smallWorld({ backends: 1 });
  const session = world.session();

  test('sets variables for its statement alone', () => {
    const sql = `SELECT /*+ SET_VAR (query_timeout = 7, time_zone = 'Asia/Tokyo') */
      @@query_timeout, @@time_zone`;
    expect(session.run(sql).rows).toEqual([[7n, 'Asia/Tokyo']]);
    expect(session.run('SELECT @@query_timeout, @@time_zone').rows).toEqual([[300n, 'UTC']]);
    const two = 'INSERT /*+ SET_VAR(insert_timeout=5) SET_VAR(query_timeout=6)*/ INTO d.p VALUES ';
    session.run(`${two} (@@insert_timeout, @@query_timeout, NULL)`);
    expect(session.run('SELECT id, n FROM d.p').rows).toEqual([[5, 6]]);
    const failure = session.failure('SELECT /*+ SET_VAR(query_timeout=9) */ nothing');
    expect(failure.code).toBe(5509);
    expect(session.cell('SELECT @@query_timeout')).toBe(300n);
  });

  test('is checked as SET is; advice and comments say nothing', () => {
    const hinted = (hint: string): string => `SELECT ${hint} @@query_timeout`;
    expect(session.failure(hinted('/*+ SET_VAR(nothing = 1) */'))).toMatchObject({ code: 1193 });
    expect(session.failure(hinted('/*+ SET_VAR(query_timeout = 0) */')).code).toBe(1064);
    expect(session.failure(hinted('/*+ SET_VAR(query_timeout) */')).text).toContain('syntax');
    expect(session.failure(hinted('/*+ SET_USER_VARIABLE(@a = 1) */')).text).toContain('hint');
    for (const text of ['/*+ BROADCAST */', '/* SET_VAR(query_timeout = 1) */', '/*+ */']) {
      expect(session.cell(hinted(text))).toBe(300n);
    }
    expect(session.cell("SELECT '/*+ SET_VAR(query_timeout = 1) */', 1")).toContain('SET_VAR');
  });
});
