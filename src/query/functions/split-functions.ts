/** Functions that look for parts of a text, and take, count, place or change them. */
import type { Cell } from '../../base/sql-type.ts';
import { BOOLEAN_TYPE } from '../bound.ts';
import { DOUBLE, INT, isNumeric, isText, STRING } from '../types.ts';
import { CALL_ARGS_MAX, type CallArgument, type FunctionSpec, fixed } from './function-spec.ts';

const chars = (cell: Cell | undefined): string[] => Array.from(String(cell));

/** Parts between delimiters from the left, or as many from the right; NULL where there are fewer. */
function splitPart([text, delimiter, n]: readonly Cell[]): Cell {
  const [s, d, at] = [String(text), String(delimiter), Number(n)];
  if (d === '') return at > 0 ? (chars(s)[at - 1] ?? null) : null;
  const parts = s.split(d);
  if (parts.length === 1) return null;
  return parts[at > 0 ? at - 1 : parts.length + at] ?? null;
}

/** What stands before the n-th delimiter, or behind the n-th from the right. */
function substringIndex([text, delimiter, n]: readonly Cell[]): Cell {
  const [s, d, count] = [String(text), String(delimiter), Number(n)];
  if (count === 0) return null;
  if (d === '') return '';
  const parts = s.split(d);
  if (Math.abs(count) >= parts.length) return s;
  return (count > 0 ? parts.slice(0, count) : parts.slice(count)).join(d);
}

function translate([text, from, to]: readonly Cell[]): Cell {
  const target = chars(to);
  const changes = new Map<string, string>();
  for (const [index, char] of chars(from).entries()) {
    if (!changes.has(char)) changes.set(char, target[index] ?? '');
  }
  return chars(text)
    .map((char) => changes.get(char) ?? char)
    .join('');
}

/** 1 for the second argument; 0 when none is equal, or the first is NULL. */
const field: FunctionSpec = Object.freeze({
  name: 'FIELD',
  argsMin: 2,
  argsMax: CALL_ARGS_MAX,
  types: (given: readonly CallArgument[]) => {
    const areTexts = given.every(({ type }) => isText(type));
    return { args: given.map(() => (areTexts ? STRING : DOUBLE)), result: INT };
  },
  handlesNull: true,
  evaluate: ([value, ...list]: readonly Cell[]) =>
    value === null ? 0 : list.indexOf(value ?? null) + 1,
});

/** Grouped by thousands, two digits behind the point. */
const moneyFormat: FunctionSpec = Object.freeze({
  name: 'MONEY_FORMAT',
  argsMin: 1,
  argsMax: 1,
  types: ([given]: readonly CallArgument[]) => {
    const isExact = given !== undefined && isNumeric(given.type) && given.type.name !== 'FLOAT';
    const isDouble = !isExact || given.type.name === 'DOUBLE';
    const scaled = { name: 'DECIMAL', precision: 38, scale: 2 } as const;
    return { args: [isDouble ? DOUBLE : scaled], result: STRING };
  },
  evaluate: ([value]: readonly Cell[]) => {
    const text = typeof value === 'number' ? value.toFixed(2) : String(value);
    const [whole = '', fraction = '00'] = text.split('.');
    return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
  },
});

export const SPLIT_FUNCTIONS: readonly FunctionSpec[] = [
  fixed('SPLIT_PART', [STRING, STRING, INT], STRING, { evaluate: splitPart }),
  fixed('SUBSTRING_INDEX', [STRING, STRING, INT], STRING, { evaluate: substringIndex }),
  fixed('FIND_IN_SET', [STRING, STRING], INT, {
    evaluate: ([part, list]) =>
      String(part).includes(',') ? 0 : String(list).split(',').indexOf(String(part)) + 1,
  }),
  field,
  fixed('TRANSLATE', [STRING, STRING, STRING], STRING, { evaluate: translate }),
  fixed('STRCMP', [STRING, STRING], INT, {
    evaluate: ([a, b]) => Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b))),
  }),
  fixed('NULL_OR_EMPTY', [STRING], BOOLEAN_TYPE, {
    handlesNull: true,
    evaluate: ([text]) => text === null || text === '',
  }),
  fixed('APPEND_TRAILING_CHAR_IF_ABSENT', [STRING, STRING], STRING, {
    evaluate: ([text, char]) => {
      if (chars(char).length !== 1) return null;
      return String(text).endsWith(String(char)) ? String(text) : `${text}${char}`;
    },
  }),
  moneyFormat,
];
