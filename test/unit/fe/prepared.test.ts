/** Prepared queries and COM_FIELD_LIST, as the frontend answers them (sql-surface.md 1.3). */
import { beforeAll, describe, expect, test } from 'vitest';
import { asSimError } from '../../../src/base/errors.ts';
import { type ClientSession, openClientSession } from '../../../src/fe/client-session.ts';
import type { ParameterValue } from '../../../src/fe/prepare-query.ts';
import { collected } from '../../../src/fe/run-text.ts';
import { smallWorld, type World } from './support/world.ts';

let world: World;
let session: ClientSession;

beforeAll(() => {
  world = smallWorld();
  world.run(`CREATE TABLE d.t (id INT NOT NULL, name VARCHAR(10) DEFAULT 'nobody', price
    DECIMAL(10, 2), at DATETIME) PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 1`);
  world.run(`INSERT INTO d.t VALUES (1, 'ann', 1.50, '2024-01-01 10:00:00'),
    (2, 'it''s', -2, NULL), (3, NULL, 3, '2024-03-01 00:00:00')`);
  session = openClientSession(world.cluster.frontend, {
    connectionId: 7,
    user: 'root',
    remoteHost: 'here',
  });
  world.clock.run(session.useDatabase('d'));
});

const number = (text: string): ParameterValue => ({ kind: 'number', text });
const string = (text: string): ParameterValue => ({ kind: 'string', text });

function executed(sql: string, values: readonly ParameterValue[]): unknown {
  return world.clock.run(
    (function* () {
      const prepared = yield* session.prepare(sql);
      return (yield* collected(yield* prepared.execute(values))).rows;
    })(),
  );
}

function codeOf(run: () => unknown): [number, string] {
  try {
    run();
  } catch (error) {
    const { row, message } = asSimError(error);
    return [row.mysql, message];
  }
  throw new Error('it did not fail');
}

describe('a prepared query', () => {
  test.each([
    ['SELECT id FROM t WHERE id = ?', [number('2')], [[2]]],
    ['SELECT /*+ SET_VAR(query_timeout = 3) */ @@query_timeout + ?', [number('2')], [[5n]]],
    ['SELECT id FROM t WHERE price < ? ORDER BY id', [number('-1.5')], [[2]]],
    ['SELECT id FROM t WHERE name = ?', [string("it's")], [[2]]],
    ['SELECT id FROM t WHERE name IN (?, ?)', [string('ann'), string('x')], [[1]]],
    ['SELECT id FROM t WHERE name = ?', [{ kind: 'null' }], []],
    ['SELECT id FROM t WHERE at > ?', [{ kind: 'date', text: '2024-02-01' }], [[3]]],
    ['SELECT id FROM t WHERE at = ?', [{ kind: 'datetime', text: '2024-01-01 10:00:00' }], [[1]]],
    ['SELECT id FROM t ORDER BY id LIMIT ? OFFSET ?', [number('1'), number('1')], [[2]]],
    ['SELECT ?', [{ kind: 'bytes', bytes: Uint8Array.of(0, 255) }], [[Uint8Array.of(0, 255)]]],
  ] satisfies [string, ParameterValue[], unknown][])('%s', (sql, values, expected) => {
    expect(executed(sql, values)).toEqual(expected);
  });

  test('tells its columns and parameters before it runs, and sees what changed since', () => {
    const prepared = world.clock.run(session.prepare('SELECT count(*) AS n FROM t WHERE id > ?'));
    expect(prepared).toMatchObject({ parameterCount: 1, columns: [{ name: 'n' }] });
    const count = (): unknown =>
      world.clock.run(
        (function* () {
          return (yield* collected(yield* prepared.execute([number('0')]))).rows;
        })(),
      );
    expect(count()).toEqual([[3n]]);
    world.run('INSERT INTO d.t (id) VALUES (9)');
    expect(count()).toEqual([[4n]]);
    world.run('DELETE FROM d.t WHERE id = 9');
  });

  test.each([
    'INSERT INTO t (id) VALUES (?)',
    'BACKUP SNAPSHOT d.s TO r',
    'SHOW TABLES',
    'SELECT 1; SELECT 2',
    '',
  ])('1295: %s cannot be prepared', (sql) => {
    expect(codeOf(() => world.clock.run(session.prepare(sql)))[0]).toBe(1295);
  });

  test('nothing can be prepared with enable_prepare_stmt off', () => {
    const run = (sql: string): unknown => world.clock.run(session.parse(sql).run(0));
    run('SET enable_prepare_stmt = false');
    expect(codeOf(() => world.clock.run(session.prepare('SELECT 1')))[0]).toBe(1295);
    run('SET enable_prepare_stmt = true');
  });

  test('an unknown table or column is told when it is prepared', () => {
    const prepare = (sql: string) => () => world.clock.run(session.prepare(sql));
    expect(codeOf(prepare('SELECT ? FROM nothing'))[0]).toBe(5502);
    expect(codeOf(prepare('SELECT nothing FROM t WHERE id = ?'))[0]).toBe(5509);
  });
});

describe('COM_FIELD_LIST', () => {
  test('tells the columns of a table of the current database, with their defaults', () => {
    expect(world.clock.run(session.fieldsOf('t'))).toMatchObject([
      { database: 'd', table: 't', name: 'id', type: { name: 'INT' }, defaultText: null },
      { name: 'name', defaultText: 'nobody' },
      { name: 'price' },
      { name: 'at' },
    ]);
  });

  test('an unknown table and no database are plain errors', () => {
    const fields = (of: ClientSession, table: string) => () => world.clock.run(of.fieldsOf(table));
    expect(codeOf(fields(session, 'nothing'))).toEqual([1064, 'Unknown table(nothing)']);
    const other = openClientSession(world.cluster.frontend, {
      connectionId: 8,
      user: 'root',
      remoteHost: 'here',
    });
    expect(codeOf(fields(other, 't'))).toEqual([1064, 'No database selected']);
  });
});

describe('PREPARE, EXECUTE and DEALLOCATE as SQL text', () => {
  const run = (sql: string): unknown => {
    const text = session.parse(sql);
    let rows: unknown;
    for (let at = 0; at < text.statementCount; at += 1) {
      rows = world.clock.run(
        (function* () {
          return (yield* collected(yield* text.run(at))).rows;
        })(),
      );
    }
    return rows;
  };

  test('run a query by its name, with user variables for its parameters', () => {
    run('PREPARE Pick FROM SELECT id, name FROM t WHERE id >= ? ORDER BY id LIMIT ?');
    expect(run('SET @low = 2, @count = 1; EXECUTE pick USING @low, @count')).toEqual([[2, "it's"]]);
    expect(run('SET @low = NULL; EXECUTE pick USING @low, @count')).toEqual([]);
    run("PREPARE pick FROM 'SELECT CONCAT(?, \"!\")'; SET @said = 'so';");
    expect(run('EXECUTE pick USING @said')).toEqual([['so!']]);
    run('DEALLOCATE PREPARE pick');
    expect(codeOf(() => run('EXECUTE pick USING @said'))).toEqual([
      1064,
      'Unknown prepared statement handler (pick) given to EXECUTE',
    ]);
    expect(codeOf(() => run('DROP PREPARE pick'))[1]).toContain('DEALLOCATE');
  });

  test('take queries only, and as many values as there are parameters', () => {
    expect(codeOf(() => run('PREPARE p FROM INSERT INTO t VALUES (1)'))[0]).toBe(1295);
    expect(codeOf(() => run("PREPARE p FROM 'DROP TABLE t'"))[0]).toBe(1295);
    expect(codeOf(() => run("PREPARE p FROM 'SELECT 1; SELECT 2'"))[0]).toBe(1064);
    run('PREPARE p FROM SELECT ? + 1');
    expect(codeOf(() => run('EXECUTE p'))).toEqual([1064, 'the statement has 1 parameters, not 0']);
    session.reset();
    expect(codeOf(() => run('EXECUTE p'))[1]).toContain('(p)');
  });
});
