import { describe, expect, test } from 'vitest';
import type { Column, KeysType } from '../../../src/catalog/model.ts';
import { rollupOf } from '../../../src/catalog/rollup-schema.ts';

function column(name: string, isKey: boolean, aggregationType?: string): Column {
  const type = name === 'f' ? ({ name: 'DOUBLE' } as const) : ({ name: 'INT' } as const);
  const common = { name, uniqueId: 0, type, isKey, isAllowNull: true, isAutoIncrement: false };
  return { ...common, comment: '', ...(aggregationType === undefined ? {} : { aggregationType }) };
}

const COLUMNS = {
  DUP_KEYS: [column('k', true), column('l', true), column('v', false), column('f', false)],
  AGG_KEYS: [
    column('k', true),
    column('l', true),
    column('v', false, 'SUM'),
    column('w', false, 'REPLACE_IF_NOT_NULL'),
  ],
  UNIQUE_KEYS: [column('k', true), column('l', true), column('v', false)],
  PRIMARY_KEYS: [column('k', true), column('v', false)],
};

function rollup(keysType: KeysType, names: string, duplicateKeys?: readonly string[]) {
  const base = { keysType, columns: COLUMNS[keysType] };
  return rollupOf(base, { name: 'r', columns: names.split(' '), duplicateKeys });
}

const keysOf = (keysType: KeysType, names: string, duplicateKeys?: readonly string[]): string =>
  rollup(keysType, names, duplicateKeys)
    .columns.map(({ name, isKey }) => (isKey ? name.toUpperCase() : name))
    .join(' ');

describe('columns', () => {
  test.each([
    ['DUP_KEYS', 'v k l f', undefined, 'V K L f'],
    ['DUP_KEYS', 'v k l', ['v'], 'V k l'],
    ['DUP_KEYS', 'V', undefined, 'V'],
    ['AGG_KEYS', 'l v', undefined, 'L v'],
    ['AGG_KEYS', 'l k w', undefined, 'L K w'],
    ['UNIQUE_KEYS', 'l k v', undefined, 'L K v'],
  ] as const)('%s (%s) with keys %s: %s', (keysType, names, keys, shown) => {
    expect(keysOf(keysType, names, keys)).toBe(shown);
    expect(rollup(keysType, names, keys).keysType).toBe(keysType);
  });

  test('of an aggregate table keep their functions', () => {
    expect(rollup('AGG_KEYS', 'l v').columns[1]?.aggregationType).toBe('SUM');
  });
});

describe('refused', () => {
  test.each([
    ['DUP_KEYS', 'f k', undefined, /first column f cannot be DOUBLE/],
    ['DUP_KEYS', 'v k', ['k'], /ordered prefix/],
    ['DUP_KEYS', 'v x', undefined, /Column\[x\] does not exist/],
    ['DUP_KEYS', 'v V', undefined, /Duplicated column/],
    ['AGG_KEYS', 'v', undefined, /No key column/],
    ['AGG_KEYS', 'k v l', undefined, /value should be after key/],
    ['AGG_KEYS', 'k w', undefined, /all keys if there is a REPLACE value/],
    ['AGG_KEYS', 'k v', ['k'], /another key type/],
    ['UNIQUE_KEYS', 'k v', undefined, /all unique keys/],
    ['PRIMARY_KEYS', 'k v', undefined, /primary key table/],
  ] as const)('%s (%s) with keys %s: %s', (keysType, names, keys, text) => {
    expect(() => rollup(keysType, names, keys)).toThrow(text);
  });
});
