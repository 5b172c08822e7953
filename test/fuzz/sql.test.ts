/** A sample of what `test/deep/fuzz-sql.test.ts` does at length. */
import { expect, test } from 'vitest';
import { parseStatements } from '../../src/sql/parse.ts';
import { CORPUS, fuzzSql } from './sql-fuzz.ts';

test('the statements that are changed are statements before', () => {
  const options = { pipesAsConcat: false, newBackupForms: true, dropSnapshot: false };
  const kinds = CORPUS.flatMap((text) =>
    parseStatements(text, { ...options, strict: false }).map(({ statement }) => statement.kind),
  );
  expect(new Set(kinds).size).toBeGreaterThanOrEqual(85);
});

test('a changed statement succeeds or fails with an error for its user', () => {
  const { complaints, outcomes } = fuzzSql(0, 1000);
  expect(complaints).toEqual([]);
  expect(outcomes.size).toBeGreaterThanOrEqual(100);
});
