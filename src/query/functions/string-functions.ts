/** Functions on text. Positions and lengths count characters, except `length`, which counts bytes. */
import { createHash } from 'node:crypto';
import { SimError } from '../../base/errors.ts';
import type { Cell } from '../../base/sql-type.ts';
import { BOOLEAN_TYPE } from '../bound.ts';
import { INT, STRING } from '../types.ts';
import {
  CALL_ARGS_MAX,
  type CallArgument,
  type CallTypes,
  type FunctionSpec,
  fixed,
} from './function-spec.ts';

/** Longer results of REPEAT and its like are refused by StarRocks too. */
const TEXT_BYTES_MAX = 1024 * 1024;

/** Groups of a pattern that regexp_extract can take. */
const REGEXP_GROUPS_MAX = 9;

const chars = (cell: Cell | undefined): string[] => Array.from(String(cell));

const text1 = (name: string, duckdbName: string, value: (text: string) => string): FunctionSpec =>
  fixed(name, [STRING], STRING, {
    duckdb: ([s]) => `${duckdbName}(${s})`,
    evaluate: ([s]) => value(String(s)),
  });

function ofTexts(
  name: string,
  argsMin: number,
  rest: Pick<FunctionSpec, 'duckdb' | 'evaluate' | 'handlesNull'>,
): FunctionSpec {
  return Object.freeze({
    name,
    argsMin,
    argsMax: CALL_ARGS_MAX,
    types: (given: readonly CallArgument[]): CallTypes => ({
      args: given.map(() => STRING),
      result: STRING,
    }),
    ...rest,
  });
}

const concat = ofTexts('CONCAT', 1, {
  duckdb: (args) => `(${args.join(' || ')})`,
  evaluate: (args) => args.join(''),
});

const concatWs = ofTexts('CONCAT_WS', 2, {
  duckdb: (args) => `concat_ws(${args.join(', ')})`,
  handlesNull: true,
  evaluate: ([separator, ...rest]) =>
    separator === null || separator === undefined
      ? null
      : rest.filter((part) => part !== null).join(String(separator)),
});

function substring(name: string): FunctionSpec {
  return fixed(name, [STRING, INT, INT], STRING, {
    argsMin: 2,
    duckdb: ([s, start, count]) =>
      count === undefined
        ? `sr_substring(${s}, ${start})`
        : `sr_substring_n(${s}, ${start}, ${count})`,
    evaluate: ([s, start, count]) => {
      const all = chars(s);
      const at = Number(start);
      const length = count === undefined ? all.length : Math.max(0, Number(count));
      if (at === 0 || -at > all.length) return '';
      const from = at > 0 ? at - 1 : all.length + at;
      return all.slice(from, from + length).join('');
    },
  });
}

const nonNegative = (count: string | undefined): string =>
  `(CASE WHEN ${count} < 0 THEN 0 ELSE ${count} END)`;

function pad(name: 'LPAD' | 'RPAD'): FunctionSpec {
  return fixed(name, [STRING, INT, STRING], STRING, {
    argsMin: 2,
    duckdb: ([s, n, p = "' '"]) =>
      `CASE WHEN ${n} < 0 THEN NULL WHEN ${p} = '' THEN left(${s}, ${n}) ` +
      `ELSE ${name.toLowerCase()}(${s}, ${n}, ${p}) END`,
    evaluate: ([s, n, p = ' ']) => {
      const length = Number(n);
      if (length < 0 || length > TEXT_BYTES_MAX) return null;
      const all = chars(s);
      const filler = chars(p);
      if (all.length >= length || filler.length === 0) return all.slice(0, length).join('');
      const added = Array.from(
        { length: length - all.length },
        (_, index) => filler[index % filler.length],
      ).join('');
      return name === 'LPAD' ? added + all.join('') : all.join('') + added;
    },
  });
}

function position(text: Cell | undefined, part: Cell | undefined, start: number): number {
  if (start <= 0) return 0;
  const all = chars(text);
  const found = all
    .slice(start - 1)
    .join('')
    .indexOf(String(part));
  if (found < 0) return 0;
  return (
    start +
    chars(
      all
        .slice(start - 1)
        .join('')
        .slice(0, found),
    ).length
  );
}

/** The second argument is a set of characters; without it, blanks go. */
function trimmed(name: string, isLeft: boolean, isRight: boolean): FunctionSpec {
  return fixed(name, [STRING, STRING], STRING, {
    argsMin: 1,
    duckdb: ([s, set = "' '"]) => `${name.toLowerCase()}(${s}, ${set})`,
    evaluate: ([s, set = ' ']) => {
      const all = chars(s);
      const gone = new Set(chars(set));
      let from = 0;
      let to = all.length;
      while (isLeft && from < to && gone.has(all[from] ?? '')) from += 1;
      while (isRight && to > from && gone.has(all[to - 1] ?? '')) to -= 1;
      return all.slice(from, to).join('');
    },
  });
}

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const SMALLS = CAPITALS.toLowerCase();

/** The letters A to Z alone have two forms for StarRocks. */
const upper = (name: string): FunctionSpec =>
  fixed(name, [STRING], STRING, {
    duckdb: ([s]) => `translate(${s}, '${SMALLS}', '${CAPITALS}')`,
    evaluate: ([s]) => String(s).replace(/[a-z]+/g, (part) => part.toUpperCase()),
  });
const lower = (name: string): FunctionSpec =>
  fixed(name, [STRING], STRING, {
    duckdb: ([s]) => `translate(${s}, '${CAPITALS}', '${SMALLS}')`,
    evaluate: ([s]) => String(s).replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  });
const charLength = (name: string): FunctionSpec =>
  fixed(name, [STRING], INT, {
    duckdb: ([s]) => `CAST(length(${s}) AS INTEGER)`,
    evaluate: ([s]) => chars(s).length,
  });
const side = (name: string, duckdbName: string, take: (all: string[], n: number) => string[]) =>
  fixed(name, [STRING, INT], STRING, {
    duckdb: ([s, n]) => `${duckdbName}(${s}, ${nonNegative(n)})`,
    evaluate: ([s, n]) => take(chars(s), Math.max(0, Number(n))).join(''),
  });

export const STRING_FUNCTIONS: readonly FunctionSpec[] = [
  concat,
  concatWs,
  fixed('LENGTH', [STRING], INT, {
    duckdb: ([s]) => `CAST(strlen(${s}) AS INTEGER)`,
    evaluate: ([s]) => Buffer.byteLength(String(s)),
  }),
  charLength('CHAR_LENGTH'),
  charLength('CHARACTER_LENGTH'),
  lower('LOWER'),
  lower('LCASE'),
  upper('UPPER'),
  upper('UCASE'),
  substring('SUBSTR'),
  substring('SUBSTRING'),
  substring('MID'),
  side('LEFT', 'left', (all, n) => all.slice(0, n)),
  side('STRLEFT', 'left', (all, n) => all.slice(0, n)),
  side('RIGHT', 'right', (all, n) => (n === 0 ? [] : all.slice(-n))),
  side('STRRIGHT', 'right', (all, n) => (n === 0 ? [] : all.slice(-n))),
  trimmed('TRIM', true, true),
  trimmed('LTRIM', true, false),
  trimmed('RTRIM', false, true),
  text1('REVERSE', 'reverse', (s) => chars(s).reverse().join('')),
  text1('MD5', 'md5', (s) => createHash('md5').update(s).digest('hex')),
  ofTexts('MD5SUM', 1, {
    duckdb: (args) => `md5(${args.join(' || ')})`,
    evaluate: (args) => createHash('md5').update(args.join('')).digest('hex'),
  }),
  fixed('REPLACE', [STRING, STRING, STRING], STRING, {
    duckdb: ([s, from, to]) => `replace(${s}, ${from}, ${to})`,
    evaluate: ([s, from, to]) =>
      from === '' ? String(s) : String(s).replaceAll(String(from), () => String(to)),
  }),
  fixed('INSTR', [STRING, STRING], INT, {
    duckdb: ([s, part]) => `CAST(instr(${s}, ${part}) AS INTEGER)`,
    evaluate: ([s, part]) => position(s, part, 1),
  }),
  fixed('LOCATE', [STRING, STRING, INT], INT, {
    argsMin: 2,
    duckdb: ([part, s, start = '1']) => `sr_locate(${part}, ${s}, ${start})`,
    evaluate: ([part, s, start]) => position(s, part, start === undefined ? 1 : Number(start)),
  }),
  pad('LPAD'),
  pad('RPAD'),
  fixed('REPEAT', [STRING, INT], STRING, {
    duckdb: ([s, n]) => `repeat(${s}, ${nonNegative(n)})`,
    evaluate: ([s, n]) => {
      const count = Math.max(0, Number(n));
      return String(s).length * count > TEXT_BYTES_MAX ? null : String(s).repeat(count);
    },
  }),
  fixed('SPACE', [INT], STRING, {
    duckdb: ([n]) => `repeat(' ', ${nonNegative(n)})`,
    evaluate: ([n]) => ' '.repeat(Math.min(TEXT_BYTES_MAX, Math.max(0, Number(n)))),
  }),
  fixed('ASCII', [STRING], INT, {
    duckdb: ([s]) => `CASE WHEN ${s} = '' THEN 0 ELSE ('0x' || left(hex(${s}), 2))::INTEGER END`,
    evaluate: ([s]) => Buffer.from(String(s))[0] ?? 0,
  }),
  fixed('STARTS_WITH', [STRING, STRING], BOOLEAN_TYPE, {
    duckdb: ([s, part]) => `starts_with(${s}, ${part})`,
    evaluate: ([s, part]) => String(s).startsWith(String(part)),
  }),
  fixed('ENDS_WITH', [STRING, STRING], BOOLEAN_TYPE, {
    duckdb: ([s, part]) => `ends_with(${s}, ${part})`,
    evaluate: ([s, part]) => String(s).endsWith(String(part)),
  }),
  fixed('REGEXP_REPLACE', [STRING, STRING, STRING], STRING, {
    duckdb: ([s, pattern, to]) => `regexp_replace(${s}, ${pattern}, ${to}, 'g')`,
  }),
  fixed('REGEXP_EXTRACT', [STRING, STRING, INT], STRING, {
    duckdb: ([s, pattern], _, [, , group]) => {
      const index = Number(group?.literal ?? Number.NaN);
      if (!(index >= 0 && index <= REGEXP_GROUPS_MAX)) {
        throw new SimError(
          'unsupported',
          `regexp_extract needs its group as a number from 0 to ${REGEXP_GROUPS_MAX}`,
        );
      }
      return `regexp_extract(${s}, ${pattern}, ${index})`;
    },
  }),
];
