/** Aggregates over the tables of StarRocks' documentation, ROLLUP and its relatives, semi joins. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Row } from '../../../src/base/row-stream.ts';
import type { SqlType } from '../../../src/base/sql-type.ts';
import { AGGREGATE_NAMES } from '../../../src/query/bind/bind-aggregate.ts';
import { column, createFixture, type Fixture, query, queryVirtual, schemaOf } from './fixture.ts';

let fixture: Fixture;

const INT: SqlType = { name: 'INT' };
const TEXT: SqlType = { name: 'VARCHAR', length: 100 };
const DECIMAL: SqlType = { name: 'DECIMAL', precision: 10, scale: 2 };

function table(name: string, columns: Readonly<Record<string, SqlType>>, rows: readonly Row[]) {
  const schema = schemaOf(
    'DUP_KEYS',
    Object.entries(columns).map(([key, type], index) => column(key, type, index === 0)),
  );
  fixture.addTable(name, { schema, version: 2, tablets: [[{ version: 2, rows }]] });
}

beforeAll(() => {
  fixture = createFixture();
  const sample = [0, 1, 2, 3, 4].map((n) => [n, n * 2]);
  table('std_test', { col0: INT, col1: INT }, sample);
  table('agg', { no: INT, k: DECIMAL, v: DECIMAL }, [
    [1, '10.00', null],
    [2, '10.00', '11.00'],
    [2, '20.00', '22.00'],
    [2, '25.00', null],
    [2, '30.00', '35.00'],
  ]);
  table('exam', { subject_id: INT, subject: TEXT, exam_result: INT }, [
    [1, 'math', 90],
    [2, 'english', 70],
    [3, 'physics', 95],
    [4, 'chemistry', 85],
    [6, 'biology', null],
  ]);
  table('scores', { Subject: TEXT, Score: INT }, [
    ['chemistry', 80],
    ['chemistry', 100],
    ['chemistry', null],
    ['math', 60],
    ['math', 70],
    ['math', 85],
    ['physics', 75],
    ['physics', 80],
    ['physics', 85],
    ['physics', 99],
  ]);
  table('test_count_if', { v1: TEXT, v2: TEXT, v4: INT }, [
    ['a', 'a', 1],
    ['a', 'b', null],
    ['a', null, 1],
    ['a', 'b', 3],
    ['a', 'b', 7],
    ['c', null, null],
    ['c', null, 2],
    ['c', 'a', 3],
  ]);
  table('ss', { id: INT, name: TEXT, subject: TEXT, score: INT }, [
    [1, 'Tom', 'English', 90],
    [1, 'Tom', 'Math', 80],
    [2, 'Tom', 'English', null],
    [2, 'Tom', null, null],
    [3, 'May', null, null],
    [3, 'Ti', 'English', 98],
    [4, null, null, null],
    [null, 'Ti', 'Phy', 98],
  ]);
  table('t', { k1: TEXT, k2: TEXT }, [
    [null, 'B'],
    [null, 'b'],
    ['A', null],
    ['A', 'B'],
    ['A', 'b'],
    ['a', null],
    ['a', 'B'],
    ['a', 'b'],
  ]);
  table('few', { k: INT, g: TEXT, v: INT }, [
    [1, 'a', 10],
    [2, 'A', 20],
    [3, 'b', null],
    [4, null, 30],
    [5, 'a', 10],
  ]);
});
afterAll(() => fixture.close());

const line = (rows: readonly (readonly (string | null)[])[]): string =>
  rows.map((row) => row.map((cell) => cell ?? 'NULL').join(',')).join(' ');

/** Queries and their rows; the documentation's tables first. */
const CASES: readonly (readonly [sql: string, rows: string])[] = [
  [
    'SELECT std(col0), std(col1), stddev(col0), stddev_pop(col1) FROM std_test',
    '1.4142135623730951,2.8284271247461903,1.4142135623730951,2.8284271247461903',
  ],
  ['SELECT variance(col0), var_pop(col1), variance_pop(col1) FROM std_test', '2,8,8'],
  [
    'SELECT var_samp(col0), variance_samp(col1), stddev_samp(col0) * 2 > 3 FROM std_test',
    '2.5,10,1',
  ],
  [
    'SELECT no, round(covar_samp(k, v), 9), round(covar_pop(k, v), 9) FROM agg GROUP BY no ORDER BY no',
    '1,NULL,NULL 2,120,80',
  ],
  ['SELECT round(corr(k, v), 6) FROM agg WHERE no = 2', '0.998845'],
  [
    'SELECT max_by(subject, exam_result), min_by(subject, exam_result) FROM exam',
    'physics,english',
  ],
  [
    'SELECT Subject, percentile_cont(Score, 0.5) FROM scores GROUP BY Subject ORDER BY 1',
    'chemistry,90 math,70 physics,82.5',
  ],
  [
    'SELECT Subject, percentile_disc(Score, 0.5), percentile_approx(Score, 0.5) FROM scores GROUP BY 1 ORDER BY 1',
    'chemistry,100,90 math,70,70 physics,85,82.5',
  ],
  ['SELECT count_if(v2 is null) FROM test_count_if', '3'],
  [
    'SELECT count_if(v1 >= v2), count_if(v1 >= v2 or v4 = 1), count_if(v1 >= v2 and v4 = 1) FROM test_count_if',
    '2,3,1',
  ],
  [
    'SELECT count(v2), count(DISTINCT v2), multi_distinct_count(v2), ndv(v2), approx_count_distinct(v1) FROM test_count_if',
    '5,2,2,2,2',
  ],
  [
    'SELECT sum(v4), sum(DISTINCT v4), multi_distinct_sum(v4), max(v4), min(v4) FROM test_count_if',
    '17,13,13,7,1',
  ],
  ['SELECT any_value(v1) FROM test_count_if WHERE v4 = 7', 'a'],
  [
    'SELECT bool_or(v4 = 7), boolor_agg(v4 = 9), bool_and(v4 > 0), every(v4 > 1) FROM test_count_if',
    '1,0,1,0',
  ],
  ['SELECT group_concat(name ORDER BY id, subject) FROM ss WHERE id < 3', 'Tom,Tom,Tom,Tom'],
  ["SELECT group_concat(name ORDER BY name SEPARATOR '-') FROM ss", 'May-Ti-Ti-Tom-Tom-Tom-Tom'],
  ['SELECT group_concat(DISTINCT name ORDER BY name) FROM ss', 'May,Ti,Tom'],
  ['SELECT group_concat(DISTINCT name) FROM ss WHERE id < 0', 'NULL'],
  [
    'SELECT id, group_concat(name, subject ORDER BY score) FROM ss GROUP BY id ORDER BY id',
    'NULL,TiPhy 1,TomMath,TomEnglish 2,TomEnglish 3,TiEnglish 4,NULL',
  ],
  [
    'SELECT k1, k2, grouping(k1), GROUPING(k2), count(*) FROM t GROUP BY ROLLUP(k1, k2) ORDER BY 1, 2, 3, 4',
    'NULL,NULL,0,1,2 NULL,NULL,1,1,8 NULL,B,0,0,1 NULL,b,0,0,1 ' +
      'A,NULL,0,0,1 A,NULL,0,1,3 A,B,0,0,1 A,b,0,0,1 ' +
      'a,NULL,0,0,1 a,NULL,0,1,3 a,B,0,0,1 a,b,0,0,1',
  ],
  ['SELECT array_agg(v4 ORDER BY v4 DESC) FROM test_count_if', '[7,3,3,2,1,1,null,null]'],
  ['SELECT array_length(array_agg_distinct(v2)) FROM test_count_if WHERE v2 IS NOT NULL', '2'],
  [
    'SELECT id, array_agg(name ORDER BY subject) FROM ss WHERE id IN (1, 4) GROUP BY id ORDER BY 1',
    '1,["Tom","Tom"] 4,[null]',
  ],
  ['SELECT array_agg(k) FROM few WHERE k > 9', 'NULL'],
  // Figures of one row and of none.
  [
    'SELECT stddev_samp(v), var_samp(v), covar_samp(k, v), stddev(v) FROM few WHERE k = 1',
    '0,0,0,0',
  ],
  ['SELECT stddev_samp(v), var_samp(v), stddev(v) FROM few WHERE k = 3', 'NULL,NULL,NULL'],
  ['SELECT max_by(g, v), min_by(g, v) FROM few', 'NULL,a'],
  [
    'SELECT var_samp(v) OVER (ORDER BY k), max_by(g, k) OVER (ORDER BY k) FROM few WHERE k < 3 ORDER BY k',
    '0,a 50,A',
  ],
  // Groupings.
  [
    'SELECT grouping_id(g, v), count(*) FROM few GROUP BY CUBE(g, v) HAVING count(*) > 1 ORDER BY 1, 2',
    '0,2 1,2 2,2 3,5',
  ],
  [
    'SELECT g, sum(v) + 1 s FROM few GROUP BY GROUPING SETS ((g), (), (g)) HAVING count(*) > 1 ORDER BY s',
    'a,21 a,21 NULL,71',
  ],
  ['SELECT k % 2 p, sum(v) FROM few GROUP BY ROLLUP(k % 2) ORDER BY p', 'NULL,70 0,50 1,20'],
  ['SELECT count(*) FROM few WHERE k > 9 GROUP BY ROLLUP(g)', ''],
  // Joins that keep the right side's rows.
  ['SELECT b.k FROM std_test a RIGHT SEMI JOIN few b ON a.col1 = b.k ORDER BY 1', '2 4'],
  ['SELECT b.k FROM std_test a RIGHT ANTI JOIN few b ON a.col1 = b.k ORDER BY 1', '1 3 5'],
];

describe('aggregates', () => {
  test.each(CASES)('%s', async (sql, rows) => {
    expect(line((await query(fixture, sql)).rows)).toBe(rows);
  });

  test('every aggregate has an example', () => {
    const named = [...CASES.map(([sql]) => sql.toLowerCase()), 'avg('].join(' ');
    expect(AGGREGATE_NAMES.filter((name) => !named.includes(`${name.toLowerCase()}(`))).toEqual([]);
  });

  test('group_concat is as long as group_concat_max_len says', async () => {
    const context = {
      ...fixture.context,
      systemVariable: (_: unknown, name: string) => (name === 'group_concat_max_len' ? 6n : null),
    };
    const { rows } = await query(
      { ...fixture, context },
      'SELECT id, group_concat(name, subject ORDER BY score) FROM ss GROUP BY id ORDER BY id',
    );
    expect(line(rows)).toBe('NULL,TiPhy 1,TomMat 2,TomEng 3,TiEngl 4,NULL');
  });
});

test('numbers drawn by chance lie between zero and one, also in virtual mode', async () => {
  const sql = 'SELECT rand() >= 0, random() < 1';
  expect((await query(fixture, `${sql} FROM few LIMIT 1`)).rows).toEqual([['1', '1']]);
  expect(queryVirtual(fixture, sql).rows).toEqual([['1', '1']]);
  expect(queryVirtual(fixture, 'SELECT rand() = rand()').rows).toEqual([['0']]);
});

test.each([
  ['SELECT grouping(g) FROM few GROUP BY g', /without \[grouping sets\|rollup\|cube\]/],
  ['SELECT grouping(v) FROM few GROUP BY ROLLUP(g)', /must be columns of GROUP BY/],
  ['SELECT percentile_cont(v, 2) FROM few', /constant from 0 to 1/],
  ['SELECT percentile_cont(v) FROM few', /No matching function/],
  ['SELECT max_by(v) FROM few', /No matching function/],
  ['SELECT g FROM few GROUP BY CUBE(1,2,3,4,5,6,7,8,9,10,11)', /CUBE of 11 columns/],
  ['SELECT g FROM few GROUP BY ALL', /GROUP BY ALL/],
])('%s is refused', async (sql, text) => {
  await expect(query(fixture, sql)).rejects.toThrow(text);
});

test('virtual mode refuses several groupings by name', () => {
  const sql = 'SELECT g, count(*) FROM few GROUP BY ROLLUP(g)';
  expect(() => queryVirtual(fixture, sql)).toThrow(/GROUPING SETS needs the query engine/);
});
