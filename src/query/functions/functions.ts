/**
 * The functions that can be called, by upper-case name. What is not here, and is not one of the
 * forms that `bind-call.ts` knows, is refused by name; nothing reaches DuckDB unlisted.
 */

import type { Random } from '../../base/random.ts';
import { fraction, uuid } from '../../base/random.ts';
import type { Cell } from '../../base/sql-type.ts';
import { compareCells } from '../compare-cells.ts';
import { DOUBLE, STRING } from '../types.ts';
import { ARRAY_FUNCTIONS } from './array-functions.ts';
import { BIT_FUNCTIONS } from './bit-functions.ts';
import { CALENDAR_FUNCTIONS } from './calendar-functions.ts';
import { DATE_FUNCTIONS, shiftFunction } from './date-functions.ts';
import { ENCODE_FUNCTIONS } from './encode-functions.ts';
import { type FunctionSpec, fixed, ofCommonType } from './function-spec.ts';
import { JSON_FUNCTIONS } from './json-functions.ts';
import { MAP_FUNCTIONS } from './map-functions.ts';
import { MATH_FUNCTIONS } from './math-functions.ts';
import { SPLIT_FUNCTIONS } from './split-functions.ts';
import { STRING_FUNCTIONS } from './string-functions.ts';
import { TRIGONOMETRIC_FUNCTIONS } from './trigonometry.ts';

function extreme(name: 'GREATEST' | 'LEAST', sign: 1 | -1): FunctionSpec {
  return ofCommonType(name, {
    duckdb: (args) =>
      `CASE WHEN ${args.map((arg) => `${arg} IS NULL`).join(' OR ')} THEN NULL ` +
      `ELSE ${name.toLowerCase()}(${args.join(', ')}) END`,
    evaluate: (args, { result }): Cell =>
      args.reduce((best, arg) => (compareCells(arg, best, result) * sign > 0 ? arg : best)),
  });
}

const TABLE: readonly FunctionSpec[] = [
  ...MATH_FUNCTIONS,
  ...STRING_FUNCTIONS,
  ...DATE_FUNCTIONS,
  ...CALENDAR_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...ENCODE_FUNCTIONS,
  ...SPLIT_FUNCTIONS,
  ...TRIGONOMETRIC_FUNCTIONS,
  ...BIT_FUNCTIONS,
  ...ARRAY_FUNCTIONS,
  ...MAP_FUNCTIONS,
  extreme('GREATEST', 1),
  extreme('LEAST', -1),
];

/** Second names, as StarRocks has them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  DAY_OF_WEEK_ISO: 'DAYOFWEEK_ISO',
  DCEIL: 'CEIL',
  DEXP: 'EXP',
  DFLOOR: 'FLOOR',
  DLOG1: 'LN',
  DLOG10: 'LOG10',
  DPOW: 'POW',
  DROUND: 'ROUND',
  DSQRT: 'SQRT',
  FPOW: 'POW',
};

const BY_NAME: ReadonlyMap<string, FunctionSpec> = new Map([
  ...TABLE.map((spec): [string, FunctionSpec] => [spec.name, spec]),
  ['ADD_MONTHS', shiftFunction('MONTH', true)],
  ...Object.entries(OTHER_NAMES).flatMap(([alias, name]): [string, FunctionSpec][] => {
    const spec = TABLE.find((known) => known.name === name);
    return spec === undefined ? [] : [[alias, spec]];
  }),
]);

export function functionByName(upperName: string): FunctionSpec | undefined {
  return BY_NAME.get(upperName);
}

/** UUID(): another text for every row and call. */
export function uuidFunction(random: Random): FunctionSpec {
  return fixed('UUID', [], STRING, {
    duckdb: () => 'CAST(uuid() AS VARCHAR)',
    evaluate: () => uuid(random),
  });
}

/** RAND() and RANDOM(): from 0 up to 1, another number for every row and call. */
export function randFunction(random: Random): FunctionSpec {
  return fixed('RAND', [], DOUBLE, {
    duckdb: () => 'random()',
    evaluate: () => fraction(random),
  });
}

/** Names for documentation and tests. */
export const FUNCTION_NAMES: readonly string[] = [...BY_NAME.keys()].sort();
