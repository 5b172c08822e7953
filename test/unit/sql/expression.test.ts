import { describe, expect, test } from 'vitest';
import type { Expr } from '../../../src/sql/ast.ts';
import { errorOf, expressionOf, grouped, parseOne } from './support.ts';

describe('precedence', () => {
  test.each([
    ['1 + 2 * 3', '(1 + (2 * 3))'],
    ['1 - 2 - 3', '((1 - 2) - 3)'],
    ['-a ^ b', '((-a) ^ b)'],
    ['2 * 3 ^ 4', '(2 * (3 ^ 4))'],
    ['a | b & c + d', '(a | (b & (c + d)))'],
    ['a = b + 1 AND c OR d', '(((a = (b + 1)) AND c) OR d)'],
    ['a OR b XOR c AND d', '(a OR (b XOR (c AND d)))'],
    ['a || b && c', '(a OR (b AND c))'],
    ['NOT a = b', '(NOT (a = b))'],
    ['NOT a AND b', '((NOT a) AND b)'],
    ['NOT NOT a', '(NOT (NOT a))'],
    ['!a = b', '((NOT a) = b)'],
    ['a = b = c', '((a = b) = c)'],
    ['a <> b', '(a != b)'],
    ['a <=> NULL', '(a <=> NULL)'],
    ['a BETWEEN 1 AND 2 AND b', '((a BETWEEN 1 AND 2) AND b)'],
    ['a NOT BETWEEN 1 + 1 AND 2 * 2 OR b', '((a NOT BETWEEN (1 + 1) AND (2 * 2)) OR b)'],
    ['a = b IN (1, 2)', '(a = (b IN 1, 2))'],
    ['a IN (1) = b', '((a IN 1) = b)'],
    ['a + 1 NOT IN (1)', '((a + 1) NOT IN 1)'],
    ["a LIKE 'x%' AND b NOT LIKE 'y_'", "((a LIKE 'x%') AND (b NOT LIKE 'y_'))"],
    ["a RLIKE 'x' OR a REGEXP 'y'", "((a RLIKE 'x') OR (a RLIKE 'y'))"],
    ['a IS NOT NULL AND b IS NULL', '((a IS NOT NULL) AND (b IS NULL))'],
    ['a = b IS NULL', '((a = b) IS NULL)'],
    ['a DIV b MOD c % d', '(((a DIV b) % c) % d)'],
    ['~1 + -2', '((~1) + (-2))'],
    ['(1 + 2) * 3', '((1 + 2) * 3)'],
    ['5-3', '(5 - 3)'],
  ])('%s is %s', (text, expected) => {
    expect(grouped(expressionOf(text))).toBe(expected);
  });

  test('|| joins strings, strongest of all, when the session says so', () => {
    const read = grouped(expressionOf("a || 'x' = b + 1", { pipesAsConcat: true }));
    expect(read).toBe("((a || 'x') = (b + 1))");
  });

  test.each(['a IN (1) + 2', 'a IN (1) IN (2)', 'a IS NULL + 1', '1 + NOT a', 'a IS TRUE'])(
    '%s is no expression',
    (text) => {
      expect(errorOf(`SELECT ${text}`).code).toBe('syntax');
    },
  );
});

describe('operands', () => {
  test.each([
    ["DATE '2024-01-01'", "DATE '2024-01-01'"],
    ["TIMESTAMP '2024-01-01 00:00:00'", "DATETIME '2024-01-01 00:00:00'"],
    ['date', 'date'],
    ['date(x)', 'date(x)'],
    ['timestamp', 'timestamp'],
    ['@@session.autocommit', '@@session.autocommit'],
    ['@@LOCAL.x', '@@session.x'],
    ['@@global.x', '@@global.x'],
    ['@@version_comment', '@@version_comment'],
    ['@v', '@v'],
    ['now() - INTERVAL 1 DAY', '(now() - INTERVAL 1 DAY)'],
    ["date_sub(NOW(), INTERVAL '7' day)", "date_sub(NOW(), INTERVAL '7' DAY)"],
    ['date_add(d, INTERVAL n + 1 MONTH)', 'date_add(d, INTERVAL (n + 1) MONTH)'],
    ['date_add(d, INTERVAL n MONTH)', 'date_add(d, INTERVAL n MONTH)'],
    ['interval', 'interval'],
    ['CURRENT_TIMESTAMP', 'CURRENT_TIMESTAMP()'],
    ['current_date()', 'current_date()'],
    ['CURRENT_USER', 'CURRENT_USER()'],
    ['current_timestamp(3)', 'current_timestamp(3)'],
    ['DATABASE()', 'DATABASE()'],
    ['user()', 'user()'],
    ['user', 'user'],
    ['count(*)', 'count(*)'],
    ['COUNT(DISTINCT a, b)', 'COUNT(DISTINCT a, b)'],
    ['count(ALL a)', 'count(a)'],
    ['EXTRACT(YEAR FROM d)', 'YEAR(d)'],
    ["TRIM(BOTH 'x' FROM s)", "trim(s, 'x')"],
    ["TRIM(LEADING '0' FROM s)", "ltrim(s, '0')"],
    ['TRIM(TRAILING FROM s)', 'rtrim(s)'],
    ['trim(leading)', 'trim(leading)'],
    ["trim(s, 'x')", "trim(s, 'x')"],
    ['SUBSTRING(s FROM 2 FOR 3)', 'SUBSTRING(s, 2, 3)'],
    ['substr(s, 2)', 'substr(s, 2)'],
    ["POSITION('a' IN s)", "locate('a', s)"],
    ['TIMESTAMPDIFF(day, a, b)', "timestampdiff('DAY', a, b)"],
    ['CAST(a AS decimal(10, 2))', 'CAST(a AS DECIMAL)'],
    ['CONVERT(a, SIGNED)', 'CAST(a AS INT)'],
    ['IF(a, 1, 2)', 'IF(a, 1, 2)'],
    ['left(a, 1)', 'left(a, 1)'],
    ['REPLACE(a, b, c)', 'REPLACE(a, b, c)'],
    ['mod(a, 2)', 'mod(a, 2)'],
    ["j -> '$.a'", "json_query(j, '$.a')"],
    ['a COLLATE utf8_general_ci', 'a'],
    ['{fn now()}', 'now()'],
    ['? + ?', '(?0 + ?1)'],
    ['db.f(1)', 'db.f(1)'],
    ['`select`.`from`', 'select.from'],
    ['t.2024_x', 't.2024_x'],
    ['TRUE', 'true'],
    ['snapshot', 'snapshot'],
  ])('%s is %s', (text, expected) => {
    expect(grouped(expressionOf(text))).toBe(expected);
  });

  test('CASE keeps its operand, branches and ELSE', () => {
    const simple = expressionOf("CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' ELSE 'z' END");
    expect(simple).toMatchObject({ kind: 'case', operand: { path: ['a'] } });
    expect(simple.kind === 'case' && simple.branches).toHaveLength(2);
    const searched = expressionOf('SUM(CASE WHEN a > 1 THEN 1 END)');
    expect(searched.kind === 'call' && searched.args[0]).toMatchObject({
      kind: 'case',
      operand: undefined,
      otherwise: undefined,
    });
  });

  test('subqueries stand in parentheses, after IN and after EXISTS', () => {
    expect(expressionOf('(SELECT 1)').kind).toBe('subquery');
    expect(expressionOf('((SELECT 1))').kind).toBe('subquery');
    expect(expressionOf('((SELECT 1) + 1)').kind).toBe('binary');
    expect(expressionOf('a IN (SELECT 1)').kind).toBe('in-query');
    expect(expressionOf('a NOT IN ((SELECT 1) UNION (SELECT 2))')).toMatchObject({
      kind: 'in-query',
      negated: true,
    });
    expect(expressionOf('a IN ((SELECT 1), 2)').kind).toBe('in-list');
    expect(expressionOf('NOT EXISTS (SELECT 1)')).toMatchObject({
      kind: 'not',
      operand: { kind: 'exists' },
    });
    expect(expressionOf('a > (WITH c AS (SELECT 1) SELECT * FROM c)')).toMatchObject({
      kind: 'binary',
      right: { kind: 'subquery' },
    });
  });

  test('GROUP_CONCAT keeps its order and separator', () => {
    const call = expressionOf("GROUP_CONCAT(DISTINCT a ORDER BY b DESC, c SEPARATOR ';')");
    expect(call).toMatchObject({
      kind: 'call',
      distinct: true,
      orderBy: [{ descending: true }, { descending: false }],
      separator: { kind: 'string', value: ';' },
    });
  });

  test('a window keeps its partitions, order and frame', () => {
    const call = expressionOf(
      'sum(a) OVER (PARTITION BY b, c ORDER BY d rows between unbounded preceding and 1 following)',
    );
    expect(call.kind === 'call' && call.over).toMatchObject({
      partitionBy: [{ path: ['b'] }, { path: ['c'] }],
      orderBy: [{ expr: { path: ['d'] } }],
      frame: 'ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING',
    });
    const bare = expressionOf('row_number() over ()');
    expect(bare.kind === 'call' && bare.over).toEqual({
      partitionBy: [],
      orderBy: [],
      frame: undefined,
    });
  });

  test('a binary literal is bytes', () => {
    const literal = expressionOf("X'00ff'");
    expect(literal.kind === 'binary-literal' && [...literal.bytes]).toEqual([0, 255]);
  });
});

describe('what StarRocks has and the emulator has not is refused by name', () => {
  test.each([
    ['(1, 2) IN ((1, 2))', 'a row of several values'],
    ['f(x -> x + 1)', 'a lambda function'],
    ['a BITSHIFTLEFT 1', 'the operator BITSHIFTLEFT'],
    ["a MATCH 'x'", 'the operator MATCH'],
    ['count(a) FILTER (WHERE b)', 'FILTER (WHERE ...)'],
    ["TIME '01:00:00'", 'the type TIME'],
    ['CAST(a AS BITMAP)', 'the type BITMAP'],
    ['CAST(a AS ARRAY<HLL>)', 'the type HLL'],
    ['CAST(a AS MAP<JSON, INT>)', 'a MAP with keys of JSON'],
    ['CAST(a AS STRUCT<x INT, X INT>)', 'a STRUCT with two fields X'],
    ["TRIM(BOTH 'ab' FROM s)", 'TRIM of anything but one character FROM'],
    ['CONVERT(a USING utf8)', 'CONVERT ... USING'],
  ])('%s', (text, what) => {
    const error = errorOf(`SELECT ${text}`);
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(`${what} is not supported by this emulator (line 1, column `);
  });

  test('the SQL forms of TRIM, SUBSTRING and POSITION are not StarRocks', () => {
    for (const text of ["TRIM(BOTH 'x' FROM s)", 'SUBSTRING(s FROM 2)', "POSITION('a' IN s)"]) {
      expect(errorOf(`SELECT ${text}`, { strict: true }).code).toBe('syntax');
    }
  });
});

describe('size', () => {
  const depthOf = (expr: Expr): number =>
    expr.kind === 'binary' ? 1 + Math.max(depthOf(expr.left), depthOf(expr.right)) : 0;

  test('a long chain of OR is shallow and keeps its order', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `TABLE_NAME = 't${index}'`);
    const chain = expressionOf(names.join(' OR '));
    expect(depthOf(chain)).toBeLessThan(16);
    const found = grouped(chain).match(/'t(\d+)'/g);
    expect(found).toEqual(names.map((name) => name.slice('TABLE_NAME = '.length)));
  });

  test('a long sum is refused, a shorter one not', () => {
    expect(depthOf(expressionOf(Array(900).fill('1').join(' + ')))).toBe(899);
    expect(errorOf(`SELECT ${Array(1500).fill('1').join(' + ')}`).code).toBe('limit-reached');
  });

  test.each([
    ['parentheses', (n: number) => `SELECT ${'('.repeat(n)}1${')'.repeat(n)}`],
    ['calls', (n: number) => `SELECT ${'f('.repeat(n)}1${')'.repeat(n)}`],
    ['signs', (n: number) => `SELECT ${'- '.repeat(n)}1`],
    ['NOT', (n: number) => `SELECT ${'NOT '.repeat(n)}1`],
    ['CASE', (n: number) => `SELECT ${'CASE WHEN '.repeat(n)}1${' THEN 1 END'.repeat(n)}`],
    ['subqueries', (n: number) => `${'SELECT * FROM ('.repeat(n)}SELECT 1${') t'.repeat(n)}`],
    ['scalar subqueries', (n: number) => `${'SELECT ('.repeat(n)}SELECT 1${')'.repeat(n)}`],
    ['nested queries', (n: number) => `${'('.repeat(n)}SELECT 1${')'.repeat(n)}`],
    ['relations', (n: number) => `SELECT * FROM ${'('.repeat(n)}t${')'.repeat(n)}`],
    ['common tables', (n: number) => `${'WITH a AS ('.repeat(n)}SELECT 1${') SELECT 1'.repeat(n)}`],
    ['unclosed parentheses', (n: number) => `SELECT ${'('.repeat(n)}`],
  ])('%s: 50 levels are fine or a syntax error, 50,000 are refused', (name, text) => {
    if (!name.startsWith('unclosed')) expect(parseOne(text(50)).kind).toBe('select');
    expect(errorOf(text(50_000)).code).toBe('limit-reached');
  });

  test.each([
    ['UNION ALL', Array(3000).fill('SELECT 1').join(' UNION ALL ')],
    ['joins', `SELECT * FROM t0 ${'JOIN t1 '.repeat(3000)}`],
    ['arrows', `SELECT j ${"-> '$.a'".repeat(3000)}`],
    ['IS NULL', `SELECT a ${'IS NULL '.repeat(3000)}`],
  ])('thousands of left-leaning steps of %s are refused', (_name, text) => {
    expect(errorOf(text).code).toBe('limit-reached');
  });
});
