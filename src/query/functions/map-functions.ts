/** Functions on maps, those on maps and arrays alike, and `to_json`. */
import { jsonOf, uniqueKeys } from '../../base/cast-nested.ts';
import { SimError } from '../../base/errors.ts';
import { jsonText } from '../../base/json-value.ts';
import { nestedText, parseNested } from '../../base/nested-cell.ts';
import { isNestedType, type SqlType } from '../../base/sql-type.ts';
import { INT, JSON_TYPE, STRING } from '../types.ts';
import type { FunctionSpec } from './function-spec.ts';
import {
  arrayOf,
  ELEMENT_AT,
  elementOf,
  listOf,
  noMatch,
  onNested,
  type Values,
} from './nested-values.ts';

const sized = (name: string, kinds: readonly SqlType['name'][]): FunctionSpec =>
  onNested(name, {
    types: (given) => {
      const type = given[0]?.type ?? STRING;
      if (given[0]?.literal !== null && !kinds.includes(type.name)) throw noMatch(name, given);
      return { args: [type], result: INT };
    },
    evaluate: ([cell], { args: [type] }) => listOf(cell, type).length,
  });

/** Keys or values of a map, as an array. */
const sideOfMap = (name: string, side: 0 | 1): FunctionSpec =>
  onNested(name, {
    types: (given) => {
      const type = given[0]?.type ?? STRING;
      const element = side === 0 ? type.key : type.value;
      if (element === undefined) throw noMatch(name, given);
      return { args: [type], result: arrayOf(element) };
    },
    evaluate: ([cell], { args: [type], result }) => {
      const entries = listOf(cell, type) as readonly Values[];
      return nestedText(
        entries.map((entry) => entry[side] ?? null),
        result,
      );
    },
  });

const mapFromArrays: FunctionSpec = onNested('MAP_FROM_ARRAYS', {
  argsMin: 2,
  types: (given, name) => {
    const key = elementOf(name, given);
    const value = elementOf(name, given, 1);
    return { args: [arrayOf(key), arrayOf(value)], result: { name: 'MAP', key, value } };
  },
  evaluate: ([keys, values], { args: [keyArray, valueArray], result }) => {
    const [k, v] = [listOf(keys, keyArray), listOf(values, valueArray)];
    if (k.length !== v.length) {
      throw new SimError('analysis', 'Key and value arrays must be the same length');
    }
    return nestedText(uniqueKeys(k.map((key, index) => [key, v[index] ?? null])), result);
  },
});

const toJson: FunctionSpec = onNested('TO_JSON', {
  types: (given, name) => {
    const type = given[0]?.type ?? STRING;
    if (!isNestedType(type)) throw noMatch(name, given);
    return { args: [type], result: JSON_TYPE };
  },
  evaluate: ([cell], { args: [type = STRING] }) =>
    jsonText(jsonOf(parseNested(String(cell), type) ?? null, type)),
});

export const MAP_FUNCTIONS: readonly FunctionSpec[] = [
  ELEMENT_AT,
  sized('ARRAY_LENGTH', ['ARRAY']),
  sized('CARDINALITY', ['ARRAY', 'MAP']),
  sized('MAP_SIZE', ['MAP']),
  sideOfMap('MAP_KEYS', 0),
  sideOfMap('MAP_VALUES', 1),
  mapFromArrays,
  toJson,
];
