/** The errors of the parser: one place for their texts (sql-surface.md 1.6). */
import { SimError } from '../base/errors.ts';
import type { Position } from './ast.ts';

/** How a text that ended too early is shown. */
export const END_OF_INPUT = '<EOF>';

/** Longer tokens are cut in error texts. */
export const SHOWN_TOKEN_MAX = 64;

/** More alternatives than this are not listed. */
export const SHOWN_ALTERNATIVES_MAX = 5;

/** What can be expected beside keywords and symbols; shown without quotes. */
export const EXPECTED: Readonly<
  Record<'name' | 'expression' | 'string' | 'integer' | 'hex' | 'statement', string>
> = Object.freeze({
  name: 'a legal identifier',
  expression: 'a legal identifier',
  string: 'a quoted string',
  integer: 'an integer',
  hex: 'pairs of hexadecimal digits',
  statement: 'a legal statement',
});

const UNQUOTED: ReadonlySet<string> = new Set([...Object.values(EXPECTED), END_OF_INPUT]);

/** What would have fitted: keywords, symbols and values of `EXPECTED`. */
export interface Alternatives {
  /** Always shown. */
  readonly expected: readonly string[];
  /** Shown as far as there is room, what is most like the input first. */
  readonly sought?: readonly string[];
  readonly hint?: string | undefined;
}

/** Columns in texts count from 0, as in StarRocks, whose parser generator does; lines from 1. */
export function shownColumn(at: Position): number {
  return at.column - 1;
}

export function syntaxError(at: Position, shown: string, fitting: Alternatives): SimError {
  const { expected, sought = [], hint } = fitting;
  const alternatives = chooseAlternatives(shown, expected, sought)
    .map((one) => (UNQUOTED.has(one) ? one : `'${one}'`))
    .join(', ');
  const short = shown.length > SHOWN_TOKEN_MAX ? `${shown.slice(0, SHOWN_TOKEN_MAX)}...` : shown;
  const text =
    `Getting syntax error at line ${at.line}, column ${shownColumn(at)}. Detail message: ` +
    `Unexpected input '${short}', the most similar input is {${alternatives}}.`;
  return new SimError('syntax', text, hint === undefined ? {} : { hint });
}

/** Something StarRocks has and the emulator has not, named in StarRocks' words. */
export function unsupportedError(at: Position, what: string): SimError {
  return new SimError(
    'unsupported',
    `${what} is not supported by this emulator (line ${at.line}, column ${shownColumn(at)})`,
  );
}

/** What was sought last is what the grammar demanded, so it is among those shown. */
function chooseAlternatives(
  shown: string,
  expected: readonly string[],
  sought: readonly string[],
): readonly string[] {
  const demanded = new Set([...expected, ...sought.slice(-1)]);
  const others = [...new Set(sought)].filter((one) => !demanded.has(one));
  const room = Math.max(0, SHOWN_ALTERNATIVES_MAX - demanded.size);
  return [...demanded, ...mostSimilar(shown, others).slice(0, room)];
}

function mostSimilar(shown: string, words: readonly string[]): readonly string[] {
  const wanted = shown.slice(0, SHOWN_TOKEN_MAX).toUpperCase();
  return words
    .map((word) => ({ word, score: similarity(wanted, word) }))
    .sort((a, b) => b.score - a.score)
    .map(({ word }) => word);
}

/** Shared letters, twice for those of a common beginning, less the difference in length. */
function similarity(a: string, b: string): number {
  let prefix = 0;
  while (prefix < a.length && prefix < b.length && a[prefix] === b[prefix]) prefix += 1;
  const left = [...b];
  let shared = 0;
  for (const letter of a) {
    const at = left.indexOf(letter);
    if (at < 0) continue;
    left.splice(at, 1);
    shared += 1;
  }
  return shared + 2 * prefix - Math.abs(a.length - b.length);
}
