/**
 * The functions that can be called, by upper-case name. What is not here, and is not one of the
 * forms that `bind-call.ts` knows, is refused by name; nothing reaches DuckDB unlisted.
 */

import type { Random } from '../../base/random.ts';
import { uuid } from '../../base/random.ts';
import type { Cell } from '../../base/sql-type.ts';
import { compareCells } from '../compare-cells.ts';
import { STRING } from '../types.ts';
import { DATE_FUNCTIONS, shiftFunction } from './date-functions.ts';
import { type FunctionSpec, fixed, ofCommonType } from './function-spec.ts';
import { MATH_FUNCTIONS } from './math-functions.ts';
import { STRING_FUNCTIONS } from './string-functions.ts';

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
  extreme('GREATEST', 1),
  extreme('LEAST', -1),
];

const BY_NAME: ReadonlyMap<string, FunctionSpec> = new Map([
  ...TABLE.map((spec): [string, FunctionSpec] => [spec.name, spec]),
  ['ADD_MONTHS', shiftFunction('MONTH', true)],
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

/** Names for documentation and tests. */
export const FUNCTION_NAMES: readonly string[] = [...BY_NAME.keys()].sort();
