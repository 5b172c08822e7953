import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { type ParseOptions, parseStatements } from '../../../src/sql/parse.ts';

const SEEDS: readonly string[] = [
  `SELECT a, count(*) c, 'x' FROM db.t PARTITION (p) x LEFT JOIN (SELECT 1) y ON x.a = y.a
   WHERE NOT a = 1 AND b IN (1, 2) OR c BETWEEN 1 AND 2 GROUP BY a HAVING 1 ORDER BY a LIMIT 1, 2`,
  'WITH a AS (SELECT 1 UNION ALL (SELECT 2)) SELECT CASE WHEN @@x THEN CAST(a AS INT) END FROM a',
  `CREATE TABLE IF NOT EXISTS d.t (a DATE NOT NULL DEFAULT "x" COMMENT 'y', b DECIMAL(5, 2) SUM)
   ENGINE=OLAP AGGREGATE KEY (a) PARTITION BY RANGE (a) (PARTITION p VALUES [("1"), ("2")),
   START ("1") END ("2") EVERY (INTERVAL 1 DAY)) DISTRIBUTED BY HASH (a) BUCKETS 3
   PROPERTIES ("k" = "v")`,
  `BACKUP DATABASE d SNAPSHOT s TO r ON (TABLE a PARTITION (p), ALL VIEWS, FUNCTION f AS g)
   PROPERTIES ("type" = "full")`,
  'RESTORE SNAPSHOT d.s FROM r EXTERNAL CATALOG (a AS b) DATABASE x AS y ON (MATERIALIZED VIEW m)',
  `CREATE REPOSITORY r WITH BROKER ON LOCATION "s3://b" PROPERTIES ("a" = "b")`,
  "INSERT INTO t (a, b) VALUES (1, DEFAULT), (-2.5e3, X'00ff')",
  "UPDATE t SET a = 'x', b = b + 1 WHERE c LIKE '%y' AND d IS NOT NULL",
  "SHOW SNAPSHOT ON r WHERE SNAPSHOT = 'x' AND TIMESTAMP = 'y'",
  "SET NAMES utf8; SET @@session.a = ON, b = DEFAULT; ADMIN ENABLE FAILPOINT 'x' WITH 1 TIMES",
  'SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)',
  'ALTER TABLE t ADD PARTITION p VALUES LESS THAN (MAXVALUE); DROP SNAPSHOT s ON r FORCE; KILL 1',
];

const PIECES: readonly string[] = SEEDS.flatMap((seed) => seed.split(/(\s+|[(),;.=@])/));

const options: fc.Arbitrary<ParseOptions> = fc.record({
  pipesAsConcat: fc.boolean(),
  newBackupForms: fc.boolean(),
  dropSnapshot: fc.boolean(),
  strict: fc.boolean(),
});

/** Parses, and lets only the errors through that a client may see. */
function parses(text: string, parseOptions: ParseOptions): void {
  try {
    for (const { text: own, position } of parseStatements(text, parseOptions)) {
      expect(text.slice(position.offset, position.offset + own.length)).toBe(own);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(SimError);
    if (error instanceof SimError) {
      expect(['syntax', 'unsupported', 'analysis', 'limit-reached']).toContain(error.code);
      if (error.code === 'syntax') expect(error.message).toMatch(/at line \d+, column \d+\./);
    }
  }
}

test('pieces of statements in any order give statements or proper errors', () => {
  const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((all) => all.join(' '));
  fc.assert(fc.property(text, options, parses), { numRuns: 400 });
});

test('statements with a part cut, doubled or replaced do too', () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(...SEEDS),
      fc.nat({ max: 400 }),
      fc.nat({ max: 12 }),
      fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })),
    )
    .map(([seed, at, length, piece]) => {
      const start = at % seed.length;
      return seed.slice(0, start) + piece + seed.slice(start + length);
    });
  fc.assert(fc.property(mutated, options, parses), { numRuns: 1000 });
});

test('statements cut off anywhere do too', () => {
  const strict = { pipesAsConcat: false, newBackupForms: true, dropSnapshot: true, strict: false };
  for (const seed of SEEDS) {
    for (let length = 0; length < seed.length; length += 1) parses(seed.slice(0, length), strict);
  }
});
