/** JSON values: what is read, the one text that is printed, the order, and casts to and from. */
import { describe, expect, test } from 'vitest';
import { castCell, tryCastCell } from '../../../src/base/cast-cell.ts';
import { compareJson, jsonText, parseJsonValue } from '../../../src/base/json-value.ts';
import { functionByName } from '../../../src/query/functions/functions.ts';

const JSON_TYPE = { name: 'JSON' } as const;
const TEXT = { name: 'VARCHAR', length: 100 } as const;

function normal(text: string): string | undefined {
  const value = parseJsonValue(text);
  return value === undefined ? undefined : jsonText(value);
}

describe('a JSON text', () => {
  test.each([
    ['{"b":1,"a":{"d":[ ],"c":null}}', '{"a": {"c": null, "d": []}, "b": 1}'],
    [' [1 , true,"x\\u00e9\\n" ] ', '[1, true, "xé\\n"]'],
    ['{"a":1,"a":2}', '{"a": 2}'],
    ['9007199254740993', '9007199254740993'],
    ['18446744073709551615', '18446744073709551615'],
    ['18446744073709551616', '18446744073709552000'],
    ['1.0', '1'],
    ['-0.5e1', '-5'],
    ['0.00012', '0.00012'],
    ['1e7', '10000000'],
    ['1e20', '1e+20'],
    ['1.5e-9', '1.5e-9'],
    ['0', '0'],
  ])('%s is kept as %s', (text, kept) => {
    expect(normal(text)).toBe(kept);
    expect(normal(kept)).toBe(kept);
  });

  test.each(['{', '{"a"}', '[1,]', '{a: 1}', '"x', '01', '1 2', 'nul', '', '1e999', '"\n"'])(
    '%j is no JSON',
    (text) => {
      expect(parseJsonValue(text)).toBeUndefined();
    },
  );

  test('values too deep to be read are no JSON', () => {
    expect(parseJsonValue('['.repeat(200) + ']'.repeat(200))).toBeDefined();
    expect(parseJsonValue('['.repeat(300) + ']'.repeat(300))).toBeUndefined();
  });
});

test('kinds have an order, and members and elements are compared one by one', () => {
  const order = ['null', 'false', 'true', '[9]', '[1, 2]', '{"a": 1}', '{"a": 2}', '1', '"a"'];
  const values = order.map((text) => parseJsonValue(text) ?? null);
  const sorted = [...values].reverse().sort(compareJson);
  expect(sorted.map(jsonText)).toEqual(order);
});

test('a column takes text as JSON when it begins like it, and as a JSON string otherwise', () => {
  expect(castCell('{"b":1, "a":[]}', TEXT, JSON_TYPE, 'j')).toBe('{"a": [], "b": 1}');
  expect(castCell('plain', TEXT, JSON_TYPE, 'j')).toBe('"plain"');
  expect(castCell('12', TEXT, JSON_TYPE, 'j')).toBe('"12"');
  expect(() => castCell('{"a"', TEXT, JSON_TYPE, 'j')).toThrow(/column 'j' is not a json/);
});

test('JSON becomes what it holds, and nothing else', () => {
  const to = (text: string, name: 'INT' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR'): unknown =>
    tryCastCell(text, JSON_TYPE, { name });
  expect(to('12', 'INT')).toBe(12);
  expect(to('"12"', 'INT')).toBe(12);
  expect(to('12.7', 'INT')).toBe(12);
  expect(to('99999999999', 'INT')).toBeUndefined();
  expect(to('true', 'INT')).toBe(1);
  expect(to('[1]', 'INT')).toBeUndefined();
  expect(to('null', 'VARCHAR')).toBeNull();
  expect(to('true', 'VARCHAR')).toBe('true');
  expect(to('1.5', 'VARCHAR')).toBe('1.5');
  expect(to('0', 'BOOLEAN')).toBe(false);
  expect(tryCastCell(2n ** 100n, { name: 'LARGEINT' }, JSON_TYPE)).toBeUndefined();
});

test.each([
  ['CHAR', [200]],
  ['UNHEX', ['FF']],
  ['FROM_BASE64', ['/w==']],
  ['URL_DECODE', ['%FF']],
])('%s refuses bytes that are no text', (name, args) => {
  const spec = functionByName(name);
  const types = { args: [TEXT], result: TEXT };
  expect(() => spec?.evaluate?.(args, types)).toThrow(new RegExp(name, 'i'));
});
