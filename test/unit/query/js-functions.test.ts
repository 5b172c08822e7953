/** Functions that DuckDB calls back for: one per function and types, whatever lengths texts have. */
import { expect, test } from 'vitest';
import type { SqlType } from '../../../src/base/sql-type.ts';
import { JS_FUNCTIONS_MAX, JsFunctions } from '../../../src/query/duckdb/js-functions.ts';
import { fixed } from '../../../src/query/functions/function-spec.ts';

const text = (length: number): SqlType => ({ name: 'VARCHAR', length });
const spec = fixed('F', [text(1)], text(1), { evaluate: ([value = null]) => value });

test('lengths of texts make no new function, other types do', () => {
  const functions = new JsFunctions();
  const call = (arg: SqlType, result: SqlType): string =>
    functions.call(spec, { args: [arg], result }, ['x']);
  const first = call(text(5), text(9));
  expect(call(text(6), { name: 'VARCHAR' })).toBe(first);
  const nested = (length: number): SqlType => ({
    name: 'MAP',
    key: text(length),
    value: { name: 'STRUCT', fields: [{ name: 'a', type: text(length) }] },
  });
  expect(call(nested(3), text(1))).toBe(call(nested(4), text(2)));
  expect(call({ name: 'INT' }, text(1))).not.toBe(first);
  expect(call({ name: 'DATE' }, text(1))).toBe('js_3(x)');
});

test('results come as texts and are cast to their types', () => {
  const functions = new JsFunctions();
  const call = (result: SqlType): string => functions.call(spec, { args: [], result }, []);
  expect(call({ name: 'JSON' })).toBe('js_0()');
  expect(call({ name: 'DECIMAL', precision: 9, scale: 2 })).toBe('CAST(js_1() AS DECIMAL(9,2))');
  expect(call({ name: 'VARBINARY' })).toBe('from_hex(js_2())');
});

test('there is a limit', () => {
  const functions = new JsFunctions();
  const call = (name: string): string =>
    functions.call({ ...spec, name }, { args: [], result: text(1) }, []);
  for (let index = 0; index < JS_FUNCTIONS_MAX; index += 1) call(`F${index}`);
  expect(() => call('one more')).toThrow(/more than 5000 functions and types/);
  expect(call('F7')).toBe('js_7()');
});
