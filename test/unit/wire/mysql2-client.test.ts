import type { Connection, FieldPacket, RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { afterEach, describe, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { answer, column, rows } from './fake-frontend.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const open: Connection[] = [];

async function connect(
  { port }: TestServer,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Connection> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'alice',
    password: 'secret',
    database: 'sales',
    charset: 'utf8',
    ...more,
  });
  open.push(connection);
  return connection;
}

afterEach(() => {
  for (const connection of open.splice(0)) connection.destroy();
});

const TYPED_COLUMNS = [
  column('b', 'BOOLEAN'),
  column('t', 'TINYINT'),
  column('s', 'SMALLINT'),
  column('i', 'INT'),
  column('l', 'BIGINT'),
  column('big', 'LARGEINT'),
  column('f', 'FLOAT'),
  column('d', 'DOUBLE'),
  column('dec', 'DECIMAL', { precision: 18, scale: 4 }),
  column('c', 'CHAR', { length: 10 }),
  column('v', 'VARCHAR', { length: 65_533 }),
  column('bin', 'VARBINARY', { length: 16 }),
  column('day', 'DATE'),
  column('at', 'DATETIME'),
  column('j', 'JSON'),
];

describe('a mysql2 client', () => {
  test('logs in with user, password and database, pings, and runs text', async () => {
    const test = await startTestServer();
    const connection = await connect(test);
    await connection.ping();
    const [seen] = await connection.query<RowDataPacket[]>("SELECT 'größe 漢字'");
    expect(seen).toEqual([{ text: "SELECT 'größe 漢字'" }]);
    expect(test.frontend.events).toContain('use sales');
    await connection.end();
    await test.frontend.event('close 1');
  });

  test('with charset utf8mb4 is understood beyond the basic plane', async () => {
    const test = await startTestServer();
    const bytes = Buffer.from('😀', 'utf8');
    test.frontend.answers.set(
      "SELECT '😀'",
      answer(() => rows([column('v', 'VARBINARY')], [[[bytes]]])),
    );
    const connection = await connect(test, { charset: 'utf8mb4' });
    const [seen] = await connection.query<RowDataPacket[]>("SELECT '😀'");
    expect(seen).toEqual([{ v: bytes }]);
  });

  test('sees a refusal with its code and SQLSTATE', async () => {
    const test = await startTestServer();
    await expect(connect(test, { password: 'wrong' })).rejects.toMatchObject({
      errno: 1045,
      sqlState: '28000',
      message: "Access denied for user 'alice'@'127.0.0.1' (using password: YES)",
    });
    await expect(connect(test, { database: 'nowhere' })).rejects.toMatchObject({
      errno: 5501,
      sqlState: '3F000',
    });
  });

  test('sees a failing statement with its code and SQLSTATE and goes on', async () => {
    const test = await startTestServer();
    test.frontend.answers.set(
      'BACKUP',
      answer(() => {
        throw new SimError('common-error', 'Repository [r] does not exist');
      }),
    );
    const connection = await connect(test);
    await expect(connection.query('BACKUP')).rejects.toMatchObject({
      errno: 5064,
      sqlState: '42000',
      message: 'Repository [r] does not exist',
    });
    await connection.query('SELECT 1');
  });

  test('gets values of every type', async () => {
    const test = await startTestServer();
    test.frontend.answers.set(
      'TYPES',
      answer(() =>
        rows(TYPED_COLUMNS, [
          [
            [
              true,
              -128,
              32_767,
              -2_147_483_648,
              9_223_372_036_854_775_807n,
              -170_141_183_460_469_231_731_687_303_715_884_105_728n,
              Math.fround(0.1),
              1.5,
              '-12345678901234.5600',
              'ch',
              'größe',
              Uint8Array.of(0, 255, 10),
              '2024-02-29',
              '2024-02-29 23:59:58.120000',
              '{"a":1}',
            ],
            TYPED_COLUMNS.map(() => null),
          ],
        ]),
      ),
    );
    const connection = await connect(test, {
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
    });
    const [seen] = await connection.query<RowDataPacket[]>({ sql: 'TYPES', rowsAsArray: true });
    expect(seen).toEqual([
      [
        1,
        -128,
        32_767,
        -2_147_483_648,
        '9223372036854775807',
        '-170141183460469231731687303715884105728',
        0.1,
        1.5,
        '-12345678901234.5600',
        'ch',
        'größe',
        Buffer.from([0, 255, 10]),
        '2024-02-29',
        '2024-02-29 23:59:58.120000',
        '{"a":1}',
      ],
      TYPED_COLUMNS.map(() => null),
    ]);
  });

  test('sees the metadata that StarRocks sends', async () => {
    const test = await startTestServer();
    test.frontend.answers.set(
      'TYPES',
      answer(() => rows(TYPED_COLUMNS, [])),
    );
    const connection = await connect(test);
    const [, fields] = await connection.query('TYPES');
    const seen = (fields as (FieldPacket & Record<string, unknown>)[]).map((field) => [
      field.name,
      field['columnType'],
      field['characterSet'],
      field['decimals'],
      field['columnLength'],
    ]);
    expect(seen).toEqual([
      ['b', 0x01, 63, 0, 1],
      ['t', 0x01, 63, 0, 4],
      ['s', 0x02, 63, 0, 6],
      ['i', 0x03, 63, 0, 11],
      ['l', 0x08, 63, 0, 20],
      ['big', 0xfe, 33, 0, 40],
      ['f', 0x04, 63, 31, 12],
      ['d', 0x05, 63, 31, 22],
      ['dec', 0xf6, 63, 4, 20],
      ['c', 0xfe, 33, 0, 30],
      ['v', 0xfd, 33, 0, 196_599],
      ['bin', 0xfc, 63, 0, 16],
      ['day', 0x0a, 63, 0, 10],
      ['at', 0x0c, 63, 0, 26],
      ['j', 0xfe, 33, 0, 65_533],
    ]);
    for (const field of fields as (FieldPacket & Record<string, unknown>)[]) {
      expect([field.flags, field['schema'], field['table'], field['orgTable']]).toEqual([
        0,
        '',
        '',
        '',
      ]);
      expect(field['orgName']).toBe(field.name);
    }
  });

  test('gets affected rows and warnings of an OK', async () => {
    const test = await startTestServer();
    test.frontend.answers.set(
      'INSERT',
      answer(() => ({ kind: 'ok', affectedRows: 70_000, warningCount: 3 })),
    );
    const connection = await connect(test);
    const [header] = await connection.query('INSERT');
    expect(header).toMatchObject({ affectedRows: 70_000, warningStatus: 3, insertId: 0 });
  });

  test('gets the results of several statements', async () => {
    const test = await startTestServer();
    const connection = await connect(test, { multipleStatements: true });
    const [results] = await connection.query('SELECT 1; SELECT 2; SELECT 3');
    expect(results).toEqual([
      [{ text: 'SELECT 1' }],
      [{ text: 'SELECT 2' }],
      [{ text: 'SELECT 3' }],
    ]);
  });

  test('sends and receives values over 16 MB', async () => {
    const test = await startTestServer();
    const value = Buffer.alloc(16 * 1024 * 1024 + 1000, 'x');
    const sql = `SELECT '${value.toString('latin1')}'`;
    test.frontend.answers.set(
      sql,
      answer(() => rows([column('v', 'VARBINARY')], [[[value]], [[value]]])),
    );
    const connection = await connect(test, { charset: 'utf8mb4' });
    const [seen] = await connection.query<RowDataPacket[]>(sql);
    expect(seen.map((row) => value.equals(row['v']))).toEqual([true, true]);
    await connection.ping();
  });

  test('gets many rows in many batches', async () => {
    const test = await startTestServer();
    const batches = Array.from({ length: 20 }, (_, batch) =>
      Array.from({ length: 1000 }, (_unused, row) => [batch * 1000 + row, `row ${row}`]),
    );
    test.frontend.answers.set(
      'MANY',
      answer(() => rows([column('id', 'INT'), column('name', 'VARCHAR')], batches)),
    );
    const connection = await connect(test);
    const [seen] = await connection.query<RowDataPacket[]>({ sql: 'MANY', rowsAsArray: true });
    expect(seen).toEqual(batches.flat());
  });

  test('executes prepared queries, with values and rows in binary', async () => {
    const test = await startTestServer();
    const sql = 'SELECT ?, ?, ?, ?';
    const typed = [
      [
        true,
        -3,
        -300,
        -70_000,
        -(2n ** 40n),
        '170141183460469231731687303715884105727',
        0.5,
        -2.25,
      ],
      ['12345.6789', 'c', 'größe', Buffer.from([0, 255]), '2024-02-29', '2024-02-29 01:02:03.5'],
    ].flat();
    const cells = [...typed, '{"a": 1}'];
    const nulls = TYPED_COLUMNS.map(() => null);
    test.frontend.answers.set(
      sql,
      answer(() => rows(TYPED_COLUMNS, [[cells, nulls]])),
    );
    const connection = await connect(test, { supportBigNumbers: true, dateStrings: true });
    const at = new Date(Date.UTC(2024, 1, 29, 10, 11, 12));
    const values = [7, null, "it's", at];
    const [seen] = await connection.execute<RowDataPacket[]>({ sql, rowsAsArray: true }, values);
    expect(seen[1]).toEqual(nulls);
    expect(seen[0]).toEqual([
      ...[1, -3, -300, -70_000, -(2 ** 40), '170141183460469231731687303715884105727'],
      ...[0.5, -2.25, '12345.6789', 'c', 'größe', Buffer.from([0, 255]), '2024-02-29'],
      ...[expect.stringMatching(/^2024-02-29 01:02:03\.50*$/), expect.anything()],
    ]);
    const executed = test.frontend.events.find((event) => event.startsWith('execute'));
    expect(executed).toMatch(/with number 7, null, string it's, datetime 2024-02-29 \d\d:11:12/);
  });

  test('is told that only queries are prepared on the server', async () => {
    const test = await startTestServer();
    const connection = await connect(test);
    await expect(connection.execute('INSERT', [1])).rejects.toMatchObject({
      errno: 1295,
      sqlState: 'HY000',
    });
    await connection.query('SELECT 1');
  });

  test('becomes another user', async () => {
    const test = await startTestServer();
    const connection = await connect(test, { user: 'root', password: '' });
    await connection.changeUser({ user: 'alice', password: 'secret', database: 'sales' });
    await connection.query('SELECT 1');
    expect(test.frontend.events.slice(2, 5)).toEqual([
      'login alice@127.0.0.1 1',
      'use sales',
      'close 1',
    ]);
  });
});
