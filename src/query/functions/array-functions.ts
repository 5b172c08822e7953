/** Functions on arrays. */
import { SimError } from '../../base/errors.ts';
import { type NestedValue, nestedText } from '../../base/nested-cell.ts';
import { type Cell, isNestedType, type SqlType } from '../../base/sql-type.ts';
import { BOOLEAN_TYPE } from '../bound.ts';
import { compareCells } from '../compare-cells.ts';
import {
  averageType,
  BIGINT,
  commonType,
  DOUBLE,
  INT,
  isFloating,
  isInteger,
  STRING,
  sumType,
} from '../types.ts';
import { CALL_ARGS_MAX, type CallTypes, type FunctionSpec } from './function-spec.ts';
import { arrayOf, elementOf, inside, listOf, onNested, type Values } from './nested-values.ts';

/** Of an array and a value that its elements may equal. */
const withElement = (
  name: string,
  result: SqlType | undefined,
  value: (list: Values, wanted: NestedValue, same: (a: NestedValue) => boolean) => Cell | Values,
): FunctionSpec =>
  onNested(name, {
    argsMin: 2,
    handlesNull: true,
    types: (given) => {
      const element = commonType(elementOf(name, given), given[1]?.type ?? STRING);
      const array = arrayOf(element);
      return { args: [array, element], result: result ?? array };
    },
    evaluate: ([cell, wanted], { args: [array = STRING, element = STRING], result: of }) => {
      const key = nestedText(inside(wanted, element), element);
      const made = value(listOf(cell, array), inside(wanted, element), (part) => {
        return nestedText(part, element) === key;
      });
      return Array.isArray(made) ? nestedText(made as Values, of) : (made as Cell);
    },
  });

/** Of arrays whose elements meet in one type. */
const ofArrays = (
  name: string,
  result: SqlType | undefined,
  value: (lists: readonly Values[], keyOf: (part: NestedValue) => string) => Cell | Values,
  argsMax = 2,
): FunctionSpec =>
  onNested(name, {
    argsMin: 2,
    argsMax,
    types: (given) => {
      const array = arrayOf(
        given.map((_, index) => elementOf(name, given, index)).reduce(commonType),
      );
      return { args: given.map(() => array), result: result ?? array };
    },
    evaluate: (cells, { args: [array = STRING], result: of }) => {
      const made = value(
        cells.map((cell) => listOf(cell, array)),
        (part) => nestedText(part, array.element ?? STRING),
      );
      return Array.isArray(made) ? nestedText(made as Values, of) : (made as Cell);
    },
  });

interface Rearrangement {
  change(list: Values, element: SqlType, rest: readonly Cell[]): Values;
  /** Arguments behind the array. */
  readonly more?: readonly SqlType[];
  /** Whether elements have to have an order. */
  readonly needsOrder?: boolean;
}

/** Of one array: another one of its elements. */
const rearranged = (
  name: string,
  { change, more = [], needsOrder = false }: Rearrangement,
): FunctionSpec =>
  onNested(name, {
    argsMin: 1 + more.length,
    types: (given) => {
      const element = elementOf(name, given);
      if (needsOrder) refuseNested(name, element);
      const array = arrayOf(element);
      return { args: [array, ...more], result: array };
    },
    evaluate: ([cell, ...rest], { result }) =>
      nestedText(change(listOf(cell, result), result.element ?? STRING, rest), result),
  });

function unique(list: Values, element: SqlType): Values {
  return [...new Map(list.map((part) => [nestedText(part, element), part])).values()];
}

/** So many elements from a place on, counted from one or, when negative, from the end. */
function sliceOf(list: Values, _: SqlType, [offset, length]: readonly Cell[]): Values {
  const from = Number(offset) > 0 ? Number(offset) - 1 : list.length + Number(offset);
  if (Number(offset) === 0 || from < 0) return [];
  return list.slice(from, from + Math.max(0, Number(length)));
}

function compareParts(element: SqlType): (a: NestedValue, b: NestedValue) => number {
  return (a, b) => {
    if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1);
    return compareCells(a as Cell, b as Cell, element);
  };
}

function refuseNested(name: string, element: SqlType): void {
  if (!isNestedType(element) && element.name !== 'JSON') return;
  throw new SimError(
    'unsupported',
    `${name.toLowerCase()} of elements of type ${element.name} is not supported`,
  );
}

/** A single value made of the elements that are not NULL. */
const folded = (
  name: string,
  result: (element: SqlType) => SqlType,
  fold: (list: readonly Cell[], element: SqlType, result: SqlType) => Cell,
): FunctionSpec =>
  onNested(name, {
    types: (given) => {
      const element = elementOf(name, given);
      refuseNested(name, element);
      return { args: [arrayOf(element)], result: result(element) };
    },
    evaluate: ([cell], { args: [array = STRING], result: of }) => {
      const list = listOf(cell, array).filter((part) => part !== null) as readonly Cell[];
      return list.length === 0 ? null : fold(list, array.element ?? STRING, of);
    },
  });

const extreme = (name: string, sign: 1 | -1): FunctionSpec =>
  folded(
    name,
    (element) => element,
    (list, element) => {
      const compare = compareParts(element);
      return list.reduce((best, part) => (compare(part, best) * sign > 0 ? part : best));
    },
  );

/** Whole and floating numbers alone: sums of decimals have a type of their own. */
function summable(name: string, element: SqlType): SqlType {
  if (isInteger(element) || isFloating(element) || element.name === 'BOOLEAN') return element;
  throw new SimError(
    'unsupported',
    `${name.toLowerCase()} of elements of type ${element.name} is not supported`,
  );
}

function total(list: readonly Cell[], result: SqlType): Cell {
  if (result.name === 'DOUBLE') return list.reduce<number>((sum, part) => sum + Number(part), 0);
  const sum = list.reduce<bigint>((all, part) => all + BigInt(part as number | bigint), 0n);
  return BigInt.asIntN(result.name === 'LARGEINT' ? 128 : 64, sum);
}

const join: FunctionSpec = onNested('ARRAY_JOIN', {
  argsMin: 2,
  argsMax: 3,
  types: (given, name) => {
    elementOf(name, given);
    return { args: [arrayOf(STRING), STRING, STRING].slice(0, given.length), result: STRING };
  },
  evaluate: ([cell, separator, forNull], { args: [array] }) =>
    listOf(cell, array)
      .flatMap((part) => part ?? (forNull === undefined ? [] : [forNull]))
      .join(String(separator)),
});

const split: FunctionSpec = Object.freeze({
  name: 'SPLIT',
  argsMin: 2,
  argsMax: 2,
  types: (): CallTypes => ({ args: [STRING, STRING], result: arrayOf(STRING) }),
  evaluate: ([text, delimiter]: readonly Cell[], { result }: CallTypes) => {
    const [s, d] = [String(text), String(delimiter)];
    return nestedText(d === '' ? Array.from(s) : s.split(d), result);
  },
});

export const ARRAY_FUNCTIONS: readonly FunctionSpec[] = [
  withElement('ARRAY_CONTAINS', BOOLEAN_TYPE, (list, _, same) => list.some(same)),
  withElement('ARRAY_POSITION', INT, (list, _, same) => list.findIndex(same) + 1),
  withElement('ARRAY_REMOVE', undefined, (list, _, same) => list.filter((part) => !same(part))),
  withElement('ARRAY_APPEND', undefined, (list, wanted) => [...list, wanted]),
  ofArrays('ARRAY_CONCAT', undefined, (lists) => lists.flat(1), CALL_ARGS_MAX),
  ofArrays('ARRAY_CONTAINS_ALL', BOOLEAN_TYPE, ([list = [], wanted = []], keyOf) => {
    const keys = new Set(list.map(keyOf));
    return wanted.every((part) => keys.has(keyOf(part)));
  }),
  ofArrays('ARRAYS_OVERLAP', BOOLEAN_TYPE, ([list = [], other = []], keyOf) => {
    const keys = new Set(list.map(keyOf));
    return other.some((part) => keys.has(keyOf(part)));
  }),
  ofArrays(
    'ARRAY_INTERSECT',
    undefined,
    ([first = [], ...rest], keyOf) => {
      const others = rest.map((list) => new Set(list.map(keyOf)));
      const shared = first.filter((part) => others.every((keys) => keys.has(keyOf(part))));
      return [...new Map(shared.map((part) => [keyOf(part), part])).values()];
    },
    CALL_ARGS_MAX,
  ),
  rearranged('ARRAY_DISTINCT', { change: unique }),
  rearranged('ARRAY_SORT', {
    change: (list, element) => [...list].sort(compareParts(element)),
    needsOrder: true,
  }),
  rearranged('ARRAY_SLICE', { change: sliceOf, more: [BIGINT, BIGINT] }),
  extreme('ARRAY_MIN', -1),
  extreme('ARRAY_MAX', 1),
  folded(
    'ARRAY_SUM',
    (element) => sumType(summable('ARRAY_SUM', element)),
    (list, _, result) => total(list, result),
  ),
  folded(
    'ARRAY_AVG',
    (element) => averageType(summable('ARRAY_AVG', element)),
    (list) => Number(total(list, DOUBLE)) / list.length,
  ),
  join,
  split,
];
