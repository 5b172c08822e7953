import { describe, expect, test } from 'vitest';
import { errorOf, parseOne } from './support.ts';

describe('functions', () => {
  test.each([
    [
      'CREATE FUNCTION d.f(INT, varchar(20)) RETURNS DECIMAL(10, 2) PROPERTIES ("a" = "b")',
      {
        kind: 'create-function',
        functionKind: 'SCALAR',
        orReplace: false,
        signature: { name: { db: 'd', name: 'f' }, argTypes: [{ name: 'INT' }, { length: 20 }] },
        returnType: { name: 'DECIMAL', precision: 10, scale: 2 },
        properties: new Map([['a', 'b']]),
      },
    ],
    [
      'CREATE OR REPLACE AGGREGATE FUNCTION f(INT, ...) RETURNS INT PROPERTIES ("a" = "b")',
      { functionKind: 'AGGREGATE', orReplace: true, signature: { hasVarArgs: true } },
    ],
    [
      'CREATE TABLE FUNCTION IF NOT EXISTS f() RETURNS INT',
      { functionKind: 'TABLE', ifNotExists: true, signature: { argTypes: [], hasVarArgs: false } },
    ],
    ['DROP FUNCTION IF EXISTS f(INT)', { kind: 'drop-function', ifExists: true }],
    ['SHOW FULL FUNCTIONS IN d LIKE "a%"', { full: true, database: 'd', tail: { like: 'a%' } }],
    ['SHOW FUNCTIONS', { kind: 'show-functions', full: false, database: undefined }],
  ])('%s', (text, expected) => {
    expect(parseOne(text)).toMatchObject(expected);
  });

  test.each([
    ['CREATE GLOBAL FUNCTION f() RETURNS INT', 'CREATE GLOBAL FUNCTION'],
    ['CREATE OR REPLACE GLOBAL AGGREGATE FUNCTION f() RETURNS INT', 'GLOBAL of a function'],
    ['CREATE FUNCTION f(ARRAY<INT>) RETURNS INT', 'the type ARRAY'],
    ['CREATE FUNCTION f() RETURNS INT AS $$x$$', 'a function written inline'],
    ['DROP GLOBAL FUNCTION f()', 'DROP GLOBAL FUNCTION'],
    ['SHOW BUILTIN FUNCTIONS', 'SHOW BUILTIN FUNCTIONS'],
  ])('refused by name: %s', (text, what) => {
    const error = errorOf(text);
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain(what);
  });

  test.each([
    'CREATE FUNCTION f(INT) PROPERTIES ("a" = "b")',
    'CREATE FUNCTION f(...) RETURNS INT',
    'CREATE FUNCTION f(INT INT) RETURNS INT',
    'DROP FUNCTION f',
  ])('bad syntax: %s', (text) => {
    expect(errorOf(text).code).toBe('syntax');
  });
});
