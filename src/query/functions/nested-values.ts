/**
 * What functions on ARRAY, MAP and STRUCT share: a cell is a text that each takes apart by its
 * type; and the calls that make nested values and open them.
 */
import { uniqueKeys } from '../../base/cast-nested.ts';
import { SimError } from '../../base/errors.ts';
import { type NestedValue, nestedText, parseNested } from '../../base/nested-cell.ts';
import { type Cell, isNestedType, type SqlType } from '../../base/sql-type.ts';
import { BOOLEAN_TYPE } from '../bound.ts';
import { BIGINT, STRING } from '../types.ts';
import {
  CALL_ARGS_MAX,
  type CallArgument,
  type CallTypes,
  type FunctionSpec,
} from './function-spec.ts';

export type Values = readonly NestedValue[];

/** A cell as the value that it is inside of another one. */
export function inside(cell: Cell | undefined, type: SqlType | undefined): NestedValue {
  if (cell === null || cell === undefined) return null;
  if (type === undefined || !isNestedType(type)) return cell;
  return parseNested(String(cell), type) ?? null;
}

/** A value as the cell of its own that it is outside. */
function outside(value: NestedValue, type: SqlType): Cell {
  if (value === null) return null;
  return isNestedType(type) ? nestedText(value, type) : (value as Cell);
}

export const listOf = (cell: Cell | undefined, type: SqlType | undefined): Values =>
  (inside(cell, type) ?? []) as Values;

/** The elements of an array's cell, as cells. */
export function elementsOf(cell: Cell, type: SqlType): readonly Cell[] {
  return listOf(cell, type).map((part) => outside(part, type.element ?? type));
}

/** For DuckDB, which has lists of its own: the elements as a JSON array of texts. */
export const ELEMENT_TEXTS: FunctionSpec = Object.freeze({
  name: 'ELEMENT_TEXTS',
  argsMin: 1,
  argsMax: 1,
  types: ([given]: readonly CallArgument[]): CallTypes => ({
    args: [given?.type ?? STRING],
    result: STRING,
  }),
  evaluate: ([cell = null]: readonly Cell[], { args: [type = STRING] }: CallTypes) =>
    JSON.stringify(elementsOf(cell, type).map((part) => (part === null ? null : String(part)))),
});

export const arrayOf = (element: SqlType): SqlType => ({ name: 'ARRAY', element });

function make(name: string, build: (parts: Values) => Values): FunctionSpec {
  return Object.freeze({
    name,
    argsMin: 0,
    argsMax: CALL_ARGS_MAX,
    types: (given: readonly CallArgument[]): CallTypes => ({
      args: given.map(({ type }) => type),
      result: STRING,
    }),
    handlesNull: true,
    evaluate: (args: readonly Cell[], { args: types, result }: CallTypes) =>
      nestedText(build(args.map((arg, index) => inside(arg, types[index]))), result),
  });
}

const inPairs = (parts: Values): Values =>
  parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1] ?? null]] : []));

/** Calls of these are made by bind-nested.ts, which knows the type of the result. */
export const MAKE_ARRAY: FunctionSpec = make('ARRAY', (parts) => parts);
export const MAKE_STRUCT: FunctionSpec = make('STRUCT', (parts) => parts);
export const MAKE_MAP: FunctionSpec = make('MAP', (parts) => uniqueKeys(inPairs(parts)));

/** Arguments: a struct and the index of a field, from zero. */
export const STRUCT_FIELD: FunctionSpec = Object.freeze({
  name: 'STRUCT_FIELD',
  argsMin: 2,
  argsMax: 2,
  types: (): CallTypes => ({ args: [], result: STRING }),
  evaluate: ([struct, index]: readonly Cell[], { args, result }: CallTypes) =>
    outside(listOf(struct, args[0])[Number(index)] ?? null, result),
});

export function noMatch(name: string, given: readonly CallArgument[]): SimError {
  const types = given.map(({ type }) => type.name.toLowerCase()).join(', ');
  return new SimError(
    'analysis',
    `No matching function with signature: ${name.toLowerCase()}(${types})`,
  );
}

/** Of the array at that place; a written NULL may be an array of anything. */
export function elementOf(name: string, given: readonly CallArgument[], index = 0): SqlType {
  const array = given[index];
  if (array?.literal === null) return BOOLEAN_TYPE;
  const element = array?.type.element;
  if (element === undefined) throw noMatch(name, given);
  return element;
}

interface ArrayForm {
  readonly argsMin?: number;
  readonly argsMax?: number;
  types(given: readonly CallArgument[], name: string): CallTypes;
  /** NULL arguments but the first come as NULL with `handlesNull`. */
  evaluate(args: readonly Cell[], types: CallTypes): Cell;
  readonly handlesNull?: boolean;
}

/** A function whose first argument is nested; a NULL there gives NULL. */
export function onNested(name: string, { types, evaluate, ...form }: ArrayForm): FunctionSpec {
  return Object.freeze({
    argsMin: 1,
    argsMax: form.argsMin ?? 1,
    ...form,
    name,
    types: (given: readonly CallArgument[]) => types(given, name),
    evaluate: (args: readonly Cell[], of: CallTypes) =>
      args[0] === null ? null : evaluate(args, of),
  });
}

/** `array[index]` from one on, `map[key]`. */
export const ELEMENT_AT: FunctionSpec = onNested('ELEMENT_AT', {
  argsMin: 2,
  types: (given, name) => {
    const { element, key, value, ...type } = given[0]?.type ?? STRING;
    if (element !== undefined) {
      return { args: [{ ...type, element }, BIGINT], result: element };
    }
    if (key === undefined || value === undefined) throw noMatch(name, given);
    return { args: [{ ...type, key, value }, key], result: value };
  },
  evaluate: ([cell, at], { args: [type = STRING], result }) => {
    if (type.name === 'ARRAY') {
      const found = at === null ? null : listOf(cell, type)[Number(at) - 1];
      return outside(found ?? null, result);
    }
    const { key = STRING } = type;
    const wanted = nestedText(at ?? null, key);
    const entries = listOf(cell, type) as readonly Values[];
    const entry = entries.find(([k = null]) => nestedText(k, key) === wanted);
    return outside(entry?.[1] ?? null, result);
  },
});
