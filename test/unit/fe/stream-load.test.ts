/** Stream Load: bodies become rows by their headers; what does not fit is counted; labels hold once. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { attempt } from '../../../src/base/op.ts';
import { signIn } from '../../../src/fe/sign-in.ts';
import { type StreamLoadAnswer, streamLoad } from '../../../src/fe/stream-load/stream-load.ts';
import { smallWorld, type World } from './support/world.ts';

let world: World;

interface Put {
  readonly table?: string;
  readonly user?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function put(body: string | readonly string[], { table = 't', user = 'root', ...put }: Put = {}) {
  const { context } = world;
  const session = signIn(context, { user, password: '', remoteHost: '127.0.0.1' });
  const encoder = new TextEncoder();
  return world.clock.run(
    attempt(
      streamLoad(context, session, {
        database: 'd',
        table,
        header: (name) => put.headers?.[name],
        body: [body].flat().map((part) => encoder.encode(part)),
        beganMs: context.clock.now(),
      }),
    ),
  );
}

function answerTo(body: string | readonly string[], given: Put = {}): StreamLoadAnswer {
  const outcome = put(body, given);
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}

const rows = (table = 't') => world.rows(`SELECT * FROM d.${table} ORDER BY 1`);
const COMMA = { column_separator: ',' };

beforeAll(() => {
  world = smallWorld();
  world.run(`CREATE TABLE d.t (k BIGINT NOT NULL, s VARCHAR(4), m DECIMAL(20, 2), n INT DEFAULT "7")
    PRIMARY KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 2`);
});
beforeEach(() => {
  world.run('TRUNCATE TABLE d.t');
});

describe('a CSV body', () => {
  test('is one transaction and says so', () => {
    const answer = answerTo('1\ta\t1.5\t3\n2\t\\N\t\\N\t\\N\n', { headers: { label: 'first' } });
    expect(answer).toMatchObject({
      Label: 'first',
      Status: 'Success',
      Message: 'OK',
      NumberTotalRows: 2,
      NumberLoadedRows: 2,
      NumberFilteredRows: 0,
      NumberUnselectedRows: 0,
      LoadBytes: 21,
    });
    expect(answer.TxnId).toBeGreaterThan(0);
    expect(rows()).toEqual([
      [1n, 'a', '1.50', 3],
      [2n, null, null, null],
    ]);
  });

  test('may come in pieces that end anywhere, and end without a line', () => {
    expect(answerTo(['1,a', ',2,3\n2', ',b,3,4'], { headers: COMMA }).NumberLoadedRows).toBe(2);
  });

  test('is mapped, computed and chosen by columns and where', () => {
    const headers = {
      ...COMMA,
      skip_header: '1',
      columns: 'k, tmp, s = upper(concat(tmp, "!")), m = k / 4',
      where: 'k > 1 -- and no more',
    };
    const answer = answerTo('k,tmp\n1,a\n2,b\n3,c\n', { headers });
    expect(answer).toMatchObject({ NumberLoadedRows: 2, NumberUnselectedRows: 1 });
    expect(rows()).toEqual([
      [2n, 'B!', '0.50', 7],
      [3n, 'C!', '0.75', 7],
    ]);
  });
});

describe('a JSON body', () => {
  test('is one object, several, or with strip_outer_array an array; digits are kept', () => {
    const json = { format: 'json' };
    answerTo('{"k": 9007199254740993, "s": "a\\"1", "m": 12345678901234567.25}\n{"k":2}', {
      headers: json,
    });
    answerTo('[{"k": 3, "n": {"x": [1, 2]}}, {"k": 4, "s": null, "more": 1}]', {
      headers: { ...json, strip_outer_array: 'true' },
    });
    expect(rows()).toEqual([
      [2n, null, null, null],
      [3n, null, null, null],
      [4n, null, null, null],
      [9007199254740993n, 'a"1', '12345678901234567.25', null],
    ]);
  });

  test('is taken apart by jsonpaths and json_root', () => {
    const headers = {
      format: 'json',
      strip_outer_array: 'true',
      json_root: '$.data',
      jsonpaths: '["$.id", "$.tags[1].\\"the name\\""]',
      columns: 'k, s',
    };
    answerTo('{"data": [{"id": 5, "tags": [0, {"the name": {}}]}, {"id": 6}]}', { headers });
    expect(rows()).toEqual([
      [5n, '{}', null, 7],
      [6n, null, null, 7],
    ]);
    world.run('CREATE TABLE d.j (k INT, s VARCHAR(99)) DUPLICATE KEY (k)');
    answerTo('{"data": [{"id": 5, "tags": [0, {"the name": {"a":1.10}}]}]}', {
      headers,
      table: 'j',
    });
    expect(rows('j')).toEqual([[5, '{"a":1.10}']]);
  });

  test.each([
    ['{"k": 1', {}, 'parse json failed'],
    ['[{"k": 1}]', {}, 'say strip_outer_array=true'],
    ['{"k": 1}', { strip_outer_array: 'true' }, 'should be array type'],
    ['{"k": 1}', { json_root: '$.no' }, 'json_root is not there'],
    ['{"k": 1}', { jsonpaths: '$.k' }, 'jsonpaths'],
    ['{"k": 1}', { jsonpaths: '["k"]' }, "JSON path 'k'"],
  ])('that is broken fails: %s', (body, headers, message) => {
    const answer = answerTo(body, { headers: { format: 'json', ...headers } });
    expect(answer).toMatchObject({ Status: 'Fail', NumberLoadedRows: 0 });
    expect(answer.Message).toContain(message);
  });
});

describe('rows that do not fit', () => {
  const BODY = 'x,a,1,1\n2,too long,1,1\n3,ok,1,one\n4,b\n5,b,1,1\n';

  test('fail the load unless max_filter_ratio allows as many', () => {
    const answer = answerTo(BODY, { headers: COMMA });
    expect(answer).toMatchObject({
      Status: 'Fail',
      Message: expect.stringContaining('too many filtered rows: '),
      NumberTotalRows: 5,
      NumberLoadedRows: 0,
      NumberFilteredRows: 3,
    });
    expect(rows()).toEqual([]);
    const headers = { ...COMMA, max_filter_ratio: '0.6' };
    expect(answerTo(BODY, { headers })).toMatchObject({ Status: 'Success', NumberLoadedRows: 2 });
    expect(rows()).toEqual([
      [3n, 'ok', '1.00', null],
      [5n, 'b', '1.00', 1],
    ]);
  });

  test('are more of them with strict_mode, where no value is made NULL', () => {
    const headers = { ...COMMA, max_filter_ratio: '0.8', strict_mode: 'true' };
    expect(answerTo(BODY, { headers })).toMatchObject({
      Status: 'Success',
      NumberLoadedRows: 1,
      NumberFilteredRows: 4,
    });
  });

  test('are those without a partition too', () => {
    const headers = { ...COMMA, max_filter_ratio: '0.5' };
    expect(answerTo('2024-01-05,a\n2030-01-01,b\n', { table: 'r', headers })).toMatchObject({
      Status: 'Success',
      NumberFilteredRows: 1,
    });
    const wrong = { ...COMMA, partitions: 'p1, p9' };
    expect(answerTo('2024-01-05,a\n', { table: 'r', headers: wrong }).Message).toContain("'p9'");
  });
});

describe('a label', () => {
  const headers = { ...COMMA, label: 'once' };

  test('loads once, also after a crash, and is shared with INSERT', () => {
    answerTo('1,a,1,1\n', { headers });
    const again = { Status: 'Label Already Exists', ExistingJobStatus: 'FINISHED', TxnId: -1 };
    expect(answerTo('2,a,1,1\n', { headers })).toMatchObject(again);
    world = world.crashed();
    expect(answerTo('2,a,1,1\n', { headers })).toMatchObject(again);
    expect(world.failure('INSERT INTO d.t (k) WITH LABEL once VALUES (3)').text).toContain(
      'Label [once] has already been used.',
    );
    world.run('INSERT INTO d.t (k) WITH LABEL other VALUES (3)');
    expect(answerTo('4,a,1,1\n', { headers: { ...COMMA, label: 'other' } })).toMatchObject(again);
    expect(rows().map(([k]) => k)).toEqual([1n, 3n]);
  });

  test('is free again after a load that failed or had no rows', () => {
    const headers = { ...COMMA, label: 'tried' };
    expect(answerTo('x,a,1,1\n', { headers }).Status).toBe('Fail');
    expect(answerTo('', { headers })).toMatchObject({
      Status: 'Fail',
      Message: 'No partitions have data available for loading',
    });
    expect(answerTo('1,a,1,1\n', { headers }).Status).toBe('Success');
  });
});

test.each([
  [{ label: 'no good' }, "Incorrect label name 'no good'"],
  [{ format: 'parquet' }, "format 'parquet'"],
  [{ max_filter_ratio: '2' }, 'max_filter_ratio'],
  [{ timeout: 'soon' }, "timeout 'soon'"],
  [{ strict_mode: 'maybe' }, "strict_mode 'maybe'"],
  [{ timezone: 'Mars' }, "'Mars'"],
  [{ partial_update: 'true' }, 'partial_update'],
  [{ compression: 'gzip' }, 'header compression'],
  [{ columns: 'k, s, m, __op = 1' }, '__op'],
  [{ columns: 'k, nothing = s' }, "'nothing' is not a column"],
  [{ columns: 's' }, 'column=k'],
  [{ columns: 'k, s =' }, 'is not a list of columns'],
  [{ columns: 'k, s, m, n', where: '1) UNION SELECT (1' }, 'is not an expression'],
  [{ columns: 'k, s, m, n', where: 'k IN (SELECT id FROM d.p)' }, "cannot read the table 'p'"],
])('headers that are not understood fail the load: %j', (headers, message) => {
  const answer = answerTo('1,a,1,1\n', { headers: { ...COMMA, ...headers } });
  expect(answer.Status).toBe('Fail');
  expect(answer.Message).toContain(message);
  expect(rows()).toEqual([]);
});

test('who may not INSERT learns nothing else; unknown tables are refused', () => {
  world.run('CREATE USER ann');
  expect(put('1', { user: 'ann' })).toMatchObject({ ok: false, error: { code: 'access-denied' } });
  world.run('GRANT INSERT ON TABLE d.t TO ann');
  expect(answerTo('1,a,1,1', { user: 'ann', headers: COMMA }).Status).toBe('Success');
  expect(put('1', { table: 'none' })).toMatchObject({
    ok: false,
    error: { code: 'unknown-table' },
  });
});
