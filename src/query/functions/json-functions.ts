/** Functions on JSON. All work on the one text that a JSON cell has, so both engines run these. */
import { tryCastCell } from '../../base/cast-cell.ts';
import {
  compareJson,
  type JsonValue,
  jsonObject,
  jsonText,
  parseJsonValue,
} from '../../base/json-value.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import { BOOLEAN_TYPE } from '../bound.ts';
import { BIGINT, DOUBLE, INT, JSON_TYPE, STRING } from '../types.ts';
import {
  CALL_ARGS_MAX,
  type CallArgument,
  type CallTypes,
  type FunctionSpec,
  fixed,
} from './function-spec.ts';
import { jsonAt, parseJsonPath } from './json-path.ts';

const jsonOf = (cell: Cell | undefined): JsonValue => parseJsonValue(String(cell)) ?? null;

/** The value at a path; undefined where there is none or the path is no path. */
function valueAt(json: Cell | undefined, path: Cell | undefined): JsonValue | undefined {
  const steps = parseJsonPath(String(path ?? '$'));
  return steps === undefined ? undefined : jsonAt(jsonOf(json), steps);
}

function queried(name: string): FunctionSpec {
  return fixed(name, [JSON_TYPE, STRING], JSON_TYPE, {
    evaluate: ([json, path]) => {
      const found = valueAt(json, path);
      return found === undefined ? null : jsonText(found);
    },
  });
}

/** The value at a path as a cell of an SQL type, by the rules of CAST from JSON. */
function extracted(name: string, type: SqlType): FunctionSpec {
  return fixed(name, [JSON_TYPE, STRING], type, {
    evaluate: ([json, path]) => {
      const found = valueAt(json, path);
      return found === undefined ? null : (tryCastCell(jsonText(found), JSON_TYPE, type) ?? null);
    },
  });
}

function lengthOf(value: JsonValue | undefined): number {
  if (value === undefined) return 0;
  if (value instanceof Map) return value.size;
  return Array.isArray(value) ? value.length : 1;
}

/** Values of any type, each as JSON; NULL is JSON's null. */
const ofJsonValues = (name: string, make: (values: readonly JsonValue[]) => Cell): FunctionSpec =>
  Object.freeze({
    name,
    argsMin: 0,
    argsMax: CALL_ARGS_MAX,
    types: (given: readonly CallArgument[]): CallTypes => ({
      args: given.map(() => JSON_TYPE),
      result: JSON_TYPE,
    }),
    handlesNull: true,
    evaluate: (args: readonly Cell[]) =>
      make(args.map((arg) => (arg === null ? null : jsonOf(arg)))),
  });

/** Keys and values in turn; a last key without one has null, and a key has to be a word. */
function objectOf(values: readonly JsonValue[]): Cell {
  const members: [string, JsonValue][] = [];
  for (let index = 0; index < values.length; index += 2) {
    const key = values[index];
    if (key === null || key === undefined || key === '') return null;
    const name = typeof key === 'string' ? key : jsonText(key);
    members.push([name, values[index + 1] ?? null]);
  }
  return jsonText(jsonObject(members));
}

/** `a` against `b` as a number to compare with zero: what `<` and its like do with JSON. */
export const JSON_COMPARE: FunctionSpec = fixed('JSON_COMPARE', [JSON_TYPE, JSON_TYPE], INT, {
  evaluate: ([a, b]) => Math.sign(compareJson(jsonOf(a), jsonOf(b))),
});

/** CAST from and to JSON, ARRAY, MAP and STRUCT, for both engines. */
export const CAST_CELL: FunctionSpec = fixed('CAST', [STRING], STRING, {
  evaluate: ([value = null], { args, result }) =>
    tryCastCell(value, args[0] ?? STRING, result) ?? null,
});

export const JSON_FUNCTIONS: readonly FunctionSpec[] = [
  fixed('PARSE_JSON', [STRING], JSON_TYPE, {
    evaluate: ([text = null]) => tryCastCell(text, STRING, JSON_TYPE) ?? null,
  }),
  queried('JSON_QUERY'),
  extracted('GET_JSON_STRING', STRING),
  extracted('GET_JSON_OBJECT', STRING),
  extracted('GET_JSON_INT', BIGINT),
  extracted('GET_JSON_DOUBLE', DOUBLE),
  extracted('GET_JSON_BOOL', BOOLEAN_TYPE),
  fixed('JSON_EXISTS', [JSON_TYPE, STRING], BOOLEAN_TYPE, {
    evaluate: ([json, path]) => valueAt(json, path) !== undefined,
  }),
  fixed('JSON_LENGTH', [JSON_TYPE, STRING], INT, {
    argsMin: 1,
    evaluate: ([json, path]) => lengthOf(valueAt(json, path)),
  }),
  fixed('JSON_KEYS', [JSON_TYPE, STRING], JSON_TYPE, {
    argsMin: 1,
    evaluate: ([json, path]) => {
      const found = valueAt(json, path);
      return found instanceof Map ? jsonText([...found.keys()]) : null;
    },
  }),
  fixed('JSON_STRING', [JSON_TYPE], STRING, { evaluate: ([json = null]) => json }),
  ofJsonValues('JSON_ARRAY', jsonText),
  ofJsonValues('JSON_OBJECT', objectOf),
];
