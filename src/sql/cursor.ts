/**
 * Where the parser stands in the tokens: look, accept, expect, fail. It remembers what was looked
 * for at the present token, so that an error can say what would have fitted there.
 */
import { SimError } from '../base/errors.ts';
import type { Position } from './ast.ts';
import { RESERVED_WORDS } from './keywords.ts';
import { type Token, tokenize } from './lexer.ts';
import type { ParseOptions } from './parse-options.ts';
import { END_OF_INPUT, EXPECTED, syntaxError, unsupportedError } from './syntax-error.ts';

/** Parentheses, subqueries and operators may stand in one another this deep. */
export const NESTING_MAX = 200;

export class TokenCursor {
  readonly text: string;
  readonly options: ParseOptions;
  /** Parameters (`?`) seen in this statement. */
  parameterCount = 0;
  /** Left-leaning steps taken: with the nesting, an upper bound of the tree's depth. */
  chainSteps = 0;
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #index = 0;
  #nesting = 0;
  #hidesStrings = false;
  #sought: string[] = [];
  #closers: Int32Array | undefined;

  constructor(text: string, options: ParseOptions) {
    this.text = text;
    this.options = options;
    this.#tokens = tokenize(text);
    const end = this.#tokens.at(-1);
    if (end === undefined) throw new SimError('bug', 'a text without an end token');
    this.#end = end;
  }

  /** The present token, or one that many further; past the end, the end. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#index + ahead] ?? this.#end;
  }

  next(): Token {
    const token = this.peek();
    if (this.#index < this.#tokens.length - 1) this.#index += 1;
    if (this.#sought.length > 0) this.#sought = [];
    return token;
  }

  /** Behind the token before the present one. */
  get previousEnd(): number {
    return this.#tokens[this.#index - 1]?.end ?? 0;
  }

  /** Where the token before the present one begins. */
  get previousStart(): number {
    return this.#tokens[this.#index - 1]?.offset ?? 0;
  }

  /** The texts between the tokens that lie from one offset to another. */
  *gapsWithin(from: number, to: number): Iterable<string> {
    for (const [at, token] of this.#tokens.entries()) {
      const next = this.#tokens[at + 1];
      if (token.offset < from || next === undefined) continue;
      if (token.end >= to) return;
      yield this.text.slice(token.end, next.offset);
    }
  }

  isAtEnd(): boolean {
    return this.peek().kind === 'end';
  }

  /** Whether these words and symbols come next. */
  at(...keys: readonly string[]): boolean {
    const [first] = keys;
    if (first !== undefined && keys.length === 1) this.#sought.push(first);
    return keys.every((key, ahead) => this.peek(ahead).key === key);
  }

  /** Which of the keys comes next, if any. */
  oneOf<Key extends string>(...keys: readonly Key[]): Key | undefined {
    return keys.find((key) => this.at(key));
  }

  /** Takes these words and symbols if all of them come next. */
  accept(...keys: readonly string[]): boolean {
    const [first] = keys;
    if (first !== undefined && this.peek().key !== first) {
      this.#sought.push(first);
      return false;
    }
    if (!this.at(...keys)) return false;
    for (let count = 0; count < keys.length; count += 1) this.next();
    return true;
  }

  /** Takes the first of these that comes next. */
  acceptOneOf<Key extends string>(...keys: readonly Key[]): Key | undefined {
    return keys.find((key) => this.accept(key));
  }

  expect(...keys: readonly string[]): Token {
    let last = this.peek();
    for (const key of keys) {
      if (!this.at(key)) this.fail();
      last = this.next();
    }
    return last;
  }

  expectOneOf<Key extends string>(...keys: readonly Key[]): Key {
    return this.acceptOneOf(...keys) ?? this.fail();
  }

  /** Whether an unquoted or quoted name stands `ahead` tokens further. */
  isName(ahead = 0): boolean {
    const token = this.peek(ahead);
    if (token.kind === 'word') return !RESERVED_WORDS.has(token.key);
    return token.kind === 'quoted-name' || token.kind === 'digit-word';
  }

  name(): string {
    if (!this.isName()) this.fail(EXPECTED.name);
    return this.next().value;
  }

  isString(ahead = 0): boolean {
    return this.peek(ahead).kind === 'string';
  }

  string(): string {
    if (!this.isString()) this.fail(EXPECTED.string);
    return this.next().value;
  }

  nameOrString(): string {
    return this.isString() ? this.next().value : this.name();
  }

  isInteger(ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'number' && /^\d+$/.test(token.value);
  }

  /** A whole number that fits a JavaScript number exactly. */
  integer(): number {
    const value = this.isInteger() ? Number(this.peek().value) : Number.NaN;
    if (!Number.isSafeInteger(value)) this.fail(EXPECTED.integer);
    this.next();
    return value;
  }

  /** One or more, separated by commas. */
  list<T>(item: () => T): readonly T[] {
    const items = [item()];
    while (this.accept(',')) items.push(item());
    return items;
  }

  /** `( item, item )`. */
  parenthesized<T>(item: () => T): readonly T[] {
    this.expect('(');
    const items = this.list(item);
    this.expect(')');
    return items;
  }

  /** Index, relative to the present token, of the parenthesis that closes the one `ahead`. */
  closerOf(ahead: number): number | undefined {
    this.#closers ??= matchParentheses(this.#tokens);
    const closer = this.#closers[this.#index + ahead] ?? -1;
    return closer < 0 ? undefined : closer - this.#index;
  }

  /** Runs `parse` one level deeper. Throws `limit-reached` past `NESTING_MAX`. */
  nested<T>(parse: () => T): T {
    this.#nesting += 1;
    if (this.#nesting > NESTING_MAX) {
      throw new SimError(
        'limit-reached',
        `a statement is nested deeper than ${NESTING_MAX} levels`,
      );
    }
    const result = parse();
    this.#nesting -= 1;
    return result;
  }

  /** Runs `parse`; an error in it shows quoted text as dots, since it may be a secret. */
  hidingStrings<T>(parse: () => T): T {
    this.#hidesStrings = true;
    const result = parse();
    this.#hidesStrings = false;
    return result;
  }

  /** The present token does not fit; `expected` comes before what was looked for. */
  fail(...expected: readonly string[]): never {
    const token = this.peek();
    throw syntaxError(token, this.#shown(token), {
      expected,
      sought: this.#sought,
      hint: hintFor(token),
    });
  }

  /** What stands at `at` is StarRocks but not ours. */
  unsupported(what: string, at: Position = this.peek()): never {
    throw unsupportedError(at, what);
  }

  /** For a new statement. */
  beginStatement(): void {
    this.parameterCount = 0;
    this.chainSteps = 0;
  }

  #shown(token: Token): string {
    if (token.kind === 'end') return END_OF_INPUT;
    const written = this.text.slice(token.offset, token.end);
    const quote = written[0] ?? '';
    return token.kind === 'string' && this.#hidesStrings ? `${quote}...${quote}` : written;
  }
}

function hintFor(token: Token): string | undefined {
  return token.kind === 'end' ? 'the text ends before the statement does' : undefined;
}

/** For each opening parenthesis the index of its closing one, else -1. */
function matchParentheses(tokens: readonly Token[]): Int32Array {
  const closers = new Int32Array(tokens.length).fill(-1);
  const open: number[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.key === '(') open.push(index);
    if (token.key !== ')') continue;
    const opener = open.pop();
    if (opener !== undefined) closers[opener] = index;
  }
  return closers;
}
