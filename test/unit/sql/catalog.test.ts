import { expect, test } from 'vitest';
import { errorOf, parseOne } from './support.ts';

test.each([
  [
    "CREATE EXTERNAL CATALOG IF NOT EXISTS c COMMENT 'x' PROPERTIES ('type' = 'hive')",
    {
      kind: 'create-catalog',
      ifNotExists: true,
      name: 'c',
      comment: 'x',
      properties: new Map([['type', 'hive']]),
    },
  ],
  ['DROP CATALOG IF EXISTS c', { kind: 'drop-catalog', ifExists: true, name: 'c' }],
  ['DROP CATALOG "c"', { kind: 'drop-catalog', ifExists: false, name: 'c' }],
  ['SHOW CREATE CATALOG `c`', { kind: 'show-create-catalog', name: 'c' }],
])('%s', (text, expected) => {
  expect(parseOne(text)).toMatchObject(expected);
});

test('a catalog needs properties, and their secrets stay out of errors', () => {
  expect(errorOf('CREATE EXTERNAL CATALOG c').code).toBe('syntax');
  const error = errorOf("CREATE EXTERNAL CATALOG c PROPERTIES ('aws.s3.secret_key' = 'hush' 'x')");
  expect(error.code).toBe('syntax');
  expect(error.message).not.toContain('hush');
});
