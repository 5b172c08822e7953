/** Whole queries in both engines: grouping, order, sets, joins, subqueries, windows, names. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { column, createFixture, type Fixture, query, queryVirtual, schemaOf } from './fixture.ts';

let fixture: Fixture;

beforeAll(() => {
  fixture = createFixture();
  const int = { name: 'INT' } as const;
  const text = { name: 'VARCHAR', length: 20 } as const;
  const sales = [
    [1, 'a', 10, '1.50'],
    [2, 'b', 20, '2.50'],
    [3, 'a', 30, '0.25'],
    [4, null, null, null],
    [5, 'B', 10, '4.00'],
  ];
  const schema = schemaOf('DUP_KEYS', [
    column('id', int, true),
    column('g', text),
    column('v', int),
    column('m', { name: 'DECIMAL', precision: 10, scale: 2 }),
  ]);
  fixture.addTable('sales', {
    schema,
    version: 3,
    tablets: [
      [{ version: 2, rows: sales.slice(0, 2) }],
      [
        { version: 2, rows: sales.slice(2, 4) },
        { version: 3, rows: sales.slice(4) },
      ],
      [],
    ],
  });
  fixture.addTable('names', {
    schema: schemaOf('DUP_KEYS', [column('g', text, true), column('Name', text)]),
    version: 2,
    tablets: [
      [
        {
          version: 2,
          rows: [
            ['a', 'Ada'],
            ['b', 'Bob'],
            ['z', 'Zoe'],
          ],
        },
      ],
    ],
  });
  fixture.addTable('empty', { schema, version: 1, tablets: [[]] });
  fixture.addTable('odd "name` x', {
    schema: schemaOf('DUP_KEYS', [
      column('sel"ect', int, true),
      column('a b', int),
      column('filename', int),
    ]),
    version: 2,
    tablets: [[{ version: 2, rows: [[1, 2, 3]] }]],
  });
  fixture.addRows('schemata', {
    kind: 'rows',
    displayName: 'information_schema.schemata',
    columns: [
      { name: 'SCHEMA_NAME', type: text },
      { name: 'n', type: { name: 'BIGINT' } },
    ],
    rows: [
      ['db', 1n],
      ["it's", 2n],
      [null, null],
    ],
  });
});
afterAll(async () => {
  expect(fixture.openLeases.size).toBe(0);
  await fixture.close();
});

const line = (rows: readonly (readonly (string | null)[])[]): string =>
  rows.map((row) => row.map((cell) => cell ?? 'NULL').join(',')).join(' ');

/** Query and rows; `engine` marks what virtual mode refuses. */
const CASES: readonly (readonly [sql: string, rows: string, only?: 'engine'])[] = [
  ['SELECT 1', '1'],
  ['SELECT id FROM sales ORDER BY id', '1 2 3 4 5'],
  ['SELECT id FROM sales WHERE v > 10 ORDER BY 1 DESC', '3 2'],
  ['SELECT ID, sales.V FROM db.sales WHERE db.sales.id = 3', '3,30'],
  ['SELECT g FROM sales ORDER BY g, id', 'NULL B a a b'],
  ['SELECT g FROM sales ORDER BY g DESC, id', 'b a a B NULL'],
  ['SELECT g FROM sales ORDER BY g NULLS LAST, id', 'B a a b NULL'],
  ['SELECT id FROM sales ORDER BY id LIMIT 2', '1 2'],
  ['SELECT id FROM sales ORDER BY id LIMIT 2 OFFSET 3', '4 5'],
  ['SELECT id FROM sales ORDER BY id LIMIT 3, 1', '4'],
  ['SELECT id FROM sales LIMIT 0', ''],
  ['SELECT * FROM empty', ''],
  [
    'SELECT count(*), count(v), sum(v), min(g), max(m), avg(v) FROM empty',
    '0,0,NULL,NULL,NULL,NULL',
  ],
  ['SELECT count(*), count(v), count(DISTINCT v), sum(v), avg(v) FROM sales', '5,4,3,70,17.5'],
  ['SELECT sum(m), avg(m), min(m), max(m) FROM sales', '8.25,2.06250000,0.25,4.00'],
  ['SELECT sum(DISTINCT v), min(g), max(g) FROM sales', '60,B,b'],
  [
    'SELECT g, count(*), sum(v) FROM sales GROUP BY g ORDER BY g',
    'NULL,1,NULL B,1,10 a,2,40 b,1,20',
  ],
  ['SELECT lower(g) x, count(*) c FROM sales GROUP BY x ORDER BY c DESC, x', 'a,2 b,2 NULL,1'],
  ['SELECT lower(g) AS g2, sum(v) FROM sales GROUP BY 1 ORDER BY 1', 'NULL,NULL a,40 b,30'],
  ['SELECT sum(v) + 1 FROM sales GROUP BY g HAVING count(*) > 1', '41'],
  ['SELECT g, sum(v) s FROM sales GROUP BY g HAVING s > 15 ORDER BY s', 'b,20 a,40'],
  ['SELECT g FROM sales GROUP BY g ORDER BY sum(v) DESC', 'a b B NULL'],
  ['SELECT v % 20, count(*) FROM sales GROUP BY v % 20 ORDER BY v % 20', 'NULL,1 0,1 10,3'],
  ['SELECT count(*) FROM sales HAVING count(*) > 10', ''],
  ['SELECT 5 FROM sales HAVING max(v) = 30', '5'],
  ['SELECT DISTINCT v FROM sales ORDER BY v', 'NULL 10 20 30'],
  ['SELECT DISTINCT v + 1 AS w FROM sales ORDER BY w DESC LIMIT 2', '31 21'],
  ['SELECT v FROM sales WHERE v IS NOT NULL UNION SELECT 99 ORDER BY 1', '10 20 30 99'],
  ['SELECT 1 AS x UNION ALL SELECT 2.5 UNION ALL SELECT 1 ORDER BY x', '1.0 1.0 2.5'],
  ["SELECT 1 AS x UNION ALL SELECT 'a' ORDER BY x", '1 a'],
  ['SELECT v FROM sales INTERSECT SELECT 10', '10'],
  ['SELECT v FROM sales EXCEPT SELECT 10 ORDER BY v', 'NULL 20 30'],
  ['SELECT a.x FROM (SELECT v + 1 AS x, id FROM sales) a WHERE a.x > 20 ORDER BY a.id', '21 31'],
  ['SELECT x FROM (SELECT v FROM sales ORDER BY id LIMIT 1) AS q(x)', '10'],
  ['WITH t AS (SELECT id i FROM sales), u AS (SELECT i + 1 j FROM t) SELECT max(j) FROM u', '6'],
  ['SELECT * FROM TABLE(generate_series(1, 3))', '1 2 3'],
  ['SELECT generate_series * 2 FROM TABLE(generate_series(5, 1, -2))', '10 6 2'],
  ['SELECT count(*) FROM TABLE(generate_series(3, 1))', '0'],
  ['SELECT SCHEMA_NAME FROM schemata WHERE schema_name LIKE "it%"', "it's"],
  ['SELECT `sel"ect`, `a b`, filename FROM `odd "name`` x`', '1,2,3'],
  ['SELECT count(DISTINCT g, v) FROM sales', '4'],
  // DuckDB only.
  [
    'SELECT s.id, n.Name FROM sales s JOIN names n ON s.g = n.g ORDER BY s.id',
    '1,Ada 2,Bob 3,Ada',
    'engine',
  ],
  [
    'SELECT id, name FROM sales LEFT JOIN names USING (g) ORDER BY id',
    '1,Ada 2,Bob 3,Ada 4,NULL 5,NULL',
    'engine',
  ],
  ['SELECT * FROM sales JOIN names USING (g) WHERE id = 1', '1,a,10,1.50,Ada', 'engine'],
  [
    'SELECT n.g FROM sales s RIGHT JOIN names n ON s.g = n.g AND s.v > 15 ORDER BY n.g',
    'a b z',
    'engine',
  ],
  ['SELECT count(*) FROM sales, names', '15', 'engine'],
  ['SELECT g FROM names LEFT SEMI JOIN sales ON names.g = sales.g ORDER BY g', 'a b', 'engine'],
  ['SELECT g FROM names LEFT ANTI JOIN sales ON names.g = sales.g', 'z', 'engine'],
  ['SELECT id FROM sales WHERE g IN (SELECT g FROM names) ORDER BY id', '1 2 3', 'engine'],
  ["SELECT id FROM sales WHERE v IN (SELECT '10')  ORDER BY id", '1 5', 'engine'],
  [
    'SELECT id FROM sales s WHERE EXISTS (SELECT 1 FROM names n WHERE n.g = s.g) ORDER BY id',
    '1 2 3',
    'engine',
  ],
  [
    'SELECT id, (SELECT max(n.name) FROM names n WHERE n.g = s.g) x FROM sales s ORDER BY id LIMIT 4',
    '1,Ada 2,Bob 3,Ada 4,NULL',
    'engine',
  ],
  ['SELECT id FROM sales WHERE v = (SELECT max(v) FROM sales)', '3', 'engine'],
  [
    'SELECT g, (SELECT name FROM names n WHERE n.g = s.g) FROM sales s WHERE g < "c" GROUP BY g ORDER BY g',
    'B,NULL a,Ada b,Bob',
    'engine',
  ],
  ["SELECT group_concat(g ORDER BY id SEPARATOR '|') FROM sales", 'a|b|a|B', 'engine'],
  ['SELECT group_concat(DISTINCT v ORDER BY v DESC) FROM sales', '30,20,10', 'engine'],
  [
    'SELECT id, row_number() OVER (PARTITION BY g ORDER BY v DESC) FROM sales ORDER BY id',
    '1,2 2,1 3,1 4,1 5,1',
    'engine',
  ],
  [
    'SELECT id, sum(v) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM sales ORDER BY id',
    '1,10 2,30 3,50 4,30 5,10',
    'engine',
  ],
  [
    'SELECT g, rank() OVER (ORDER BY sum(v) DESC) r FROM sales GROUP BY g QUALIFY r <= 2 ORDER BY r',
    'a,1 b,2',
    'engine',
  ],
  [
    'SELECT id, lag(v, 1, 0) OVER (ORDER BY id) FROM sales ORDER BY id',
    '1,0 2,10 3,20 4,30 5,NULL',
    'engine',
  ],
  [
    'SELECT id, last_value(g IGNORE NULLS) OVER (ORDER BY id), lag(g) IGNORE NULLS OVER (ORDER BY id) FROM sales ORDER BY id',
    '1,a,NULL 2,b,a 3,a,b 4,a,a 5,B,a',
    'engine',
  ],
  ['SELECT s.n, v.id FROM schemata s JOIN sales v ON s.n = v.id ORDER BY 1', '1,1 2,2', 'engine'],
];

describe('queries', () => {
  const cases = CASES.map(([sql, rows, only]) => ({ sql, rows, only }));
  test.each(cases)('$sql', async ({ sql, rows, only }) => {
    const result = await query(fixture, sql);
    expect(line(result.rows)).toBe(rows);
    if (only === 'engine') {
      expect(() => queryVirtual(fixture, sql)).toThrow(
        /query engine, which virtual mode does not load/,
      );
      return;
    }
    expect(queryVirtual(fixture, sql)).toEqual(result);
  });

  test('columns are named by alias, by plain name, or by their text', async () => {
    const sql = 'SELECT id, s.v, v + 1, count(*)  C, s.G FROM sales s GROUP BY 1, 2, 3, s.G';
    const { names, types } = await query(fixture, sql);
    expect(names).toEqual(['id', 'v', 'v + 1', 'C', 'G']);
    expect(types).toEqual(['INT', 'INT', 'BIGINT', 'BIGINT', 'VARCHAR']);
    expect((await query(fixture, 'SELECT * FROM names')).names).toEqual(['g', 'Name']);
  });

  test('two hundred thousand rows come in batches and are all there', async () => {
    const sql =
      'SELECT generate_series AS n, concat("r", generate_series) FROM TABLE(generate_series(1, 200000))';
    const { rows } = await query(fixture, sql);
    expect(rows).toHaveLength(200_000);
    expect(rows[199_999]).toEqual(['200000', 'r200000']);
  });
});

/** Query, error code, what the text names. */
const ERRORS: readonly (readonly [string, string, RegExp])[] = [
  ['SELECT nope FROM sales', 'unknown-column', /`nope` cannot be resolved/],
  ['SELECT x.id FROM sales', 'unknown-column', /`x`.`id`/],
  ['SELECT * FROM nope', 'unknown-table', /nope/],
  ['SELECT g FROM sales JOIN names ON sales.g = names.g', 'analysis', /ambiguous/],
  ['SELECT id, count(*) FROM sales', 'analysis', /'id' must be an aggregate/],
  ['SELECT id FROM sales GROUP BY v', 'analysis', /'id' must be an aggregate/],
  ['SELECT id FROM sales WHERE sum(v) > 1', 'analysis', /WHERE clause cannot contain aggregations/],
  ['SELECT DISTINCT g FROM sales ORDER BY id', 'analysis', /ORDER BY expression 'id'/],
  ['SELECT id FROM sales ORDER BY 3', 'analysis', /position 3/],
  ['SELECT version_of_nothing(1)', 'unsupported', /function version_of_nothing/],
  ['SELECT read_parquet("x")', 'unsupported', /function read_parquet/],
  ['SELECT read_text FROM read_text("x")', 'unsupported', /table function read_text/],
  ['SELECT abs(1, 2)', 'analysis', /No matching function with signature: abs/],
  ['SELECT date_format(now(), "%Q")', 'unsupported', /%Q/],
  ['SELECT 1 UNION SELECT 1, 2', 'analysis', /unequal number of columns/],
  ['WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t', 'unsupported', /RECURSIVE/],
  ['SELECT id FROM sales WHERE v = (SELECT id FROM sales)', 'analysis', /More than one row/],
  ['SELECT a.id FROM sales a, sales a', 'analysis', /Not unique table/],
  ['SELECT sum(v IGNORE NULLS) OVER () FROM sales', 'analysis', /sum does not take IGNORE NULLS/],
  ['SELECT lag(v IGNORE NULLS) FROM sales', 'analysis', /without OVER/],
  ["SELECT parse_json('1') j ORDER BY j", 'analysis', /json\/struct\/map not support order-by/],
  ["SELECT DISTINCT parse_json('1')", 'analysis', /json not support aggregation\/group-by/],
  ["SELECT [parse_json('1')] x, count(*) GROUP BY x", 'analysis', /not support aggregation/],
  ['SELECT date_slice(now(), INTERVAL 5 HOUR)', 'analysis', /can't use date_slice/],
  ["SELECT parse_json('{}') IN (1)", 'analysis', /IN with a value of type JSON/],
];

test.each(ERRORS)('%s is refused by name', async (sql, code, text) => {
  const error = await query(fixture, sql).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
});
