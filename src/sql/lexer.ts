/**
 * Text to tokens, after the lexical rules of sql-surface.md 2.1. Whitespace, comments and hints
 * are skipped; everything else is in exactly one token, so tokens and gaps make up the text.
 */
import { SimError } from '../base/errors.ts';
import type { Position } from './ast.ts';
import { decodeHex, decodeQuotedName, decodeString } from './literal.ts';
import { EXPECTED, syntaxError } from './syntax-error.ts';

export type TokenKind =
  | 'word'
  /** `2024_dump`: a name that begins with a digit. */
  | 'digit-word'
  /** In backticks. */
  | 'quoted-name'
  | 'number'
  | 'string'
  | 'binary'
  | 'symbol'
  | 'end';

export interface Token extends Position {
  readonly kind: TokenKind;
  /** Behind the last character. */
  readonly end: number;
  /** Words in upper case and symbols, to compare with; empty for all other kinds. */
  readonly key: string;
  /** Names and strings: decoded. Others: as written. */
  readonly value: string;
  /** Of a binary literal. */
  readonly bytes: Uint8Array | undefined;
}

/** Of a whole text; bounds the memory that a hostile one takes. */
export const TOKENS_MAX = 3_500_000;

/** Those of one character, by its code. */
const SHORT_SYMBOLS: ReadonlyMap<number, string> = new Map(
  [...'=<>+-*/%!&|^~()[]{},;.?@:'].map((symbol) => [symbol.charCodeAt(0), symbol]),
);

/** Longest first. */
const LONG_SYMBOLS: readonly string[] = [
  '<=>',
  '...',
  '<=',
  '>=',
  '<>',
  '!=',
  '||',
  '&&',
  '->',
  '=>',
  ':=',
];

const LONG_SYMBOL_STARTS: ReadonlySet<number> = new Set(
  LONG_SYMBOLS.map((symbol) => symbol.charCodeAt(0)),
);

/** The last token is of kind `end`. Throws `syntax` or, past `TOKENS_MAX`, `limit-reached`. */
export function tokenize(text: string): readonly Token[] {
  return new Lexer(text).run();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly Token[] {
    for (;;) {
      this.#skipTrivia();
      if (this.#at >= this.#text.length) break;
      if (this.#tokens.length >= TOKENS_MAX) {
        throw new SimError('limit-reached', `the text has more than ${TOKENS_MAX} tokens`);
      }
      this.#readToken();
    }
    this.#push('end', this.#at, '', '');
    return this.#tokens;
  }

  #readToken(): void {
    const code = this.#text.charCodeAt(this.#at);
    const next = this.#text.charCodeAt(this.#at + 1);
    const isQuoteNext = next === QUOTE || next === DOUBLE_QUOTE;
    if (code === QUOTE || code === DOUBLE_QUOTE) this.#readString(code);
    else if (code === BACKTICK) this.#readQuotedName();
    else if ((code === UPPER_X || code === LOWER_X) && isQuoteNext) this.#readBinary(next);
    else if (isLetter(code)) this.#readWord();
    else if (isDigit(code) || (code === DOT && isDigit(next))) this.#readNumber();
    else this.#readSymbol();
  }

  #readWord(): void {
    const end = endOfWord(this.#text, this.#at);
    const written = this.#text.slice(this.#at, end);
    this.#push('word', end, keyOf(written), written);
  }

  /** The longest of number and digit word wins; a number if both are as long. */
  #readNumber(): void {
    const text = this.#text;
    const start = this.#at;
    const numberEnd = endOfNumber(text, start);
    const hasPoint = text.charCodeAt(start) === DOT;
    const wordEnd = endOfWord(text, hasPoint ? start + 1 : start);
    if (wordEnd <= numberEnd) {
      this.#push('number', numberEnd, '', text.slice(start, numberEnd));
    } else if (hasPoint) {
      this.#push('symbol', start + 1, '.', '.');
    } else {
      this.#push('digit-word', wordEnd, '', text.slice(start, wordEnd));
    }
  }

  #readString(quote: number): void {
    const end = endOfQuoted(this.#text, this.#at, quote, true);
    if (end < 0) this.#failUnclosed('the string that begins here has no end');
    this.#push('string', end, '', decodeString(this.#text.slice(this.#at, end)));
  }

  #readQuotedName(): void {
    const end = endOfQuoted(this.#text, this.#at, BACKTICK, false);
    if (end < 0) this.#failUnclosed('the name that begins here has no closing backtick');
    this.#push('quoted-name', end, '', decodeQuotedName(this.#text.slice(this.#at, end)));
  }

  #readBinary(quote: number): void {
    const close = this.#text.indexOf(String.fromCharCode(quote), this.#at + 2);
    if (close < 0) this.#failUnclosed('the binary literal that begins here has no end');
    const written = this.#text.slice(this.#at, close + 1);
    const bytes = decodeHex(written.slice(2, -1));
    if (bytes === undefined)
      throw syntaxError(this.#position(), written, { expected: [EXPECTED.hex] });
    this.#push('binary', close + 1, '', written, bytes);
  }

  #readSymbol(): void {
    const at = this.#at;
    const code = this.#text.charCodeAt(at);
    const long = LONG_SYMBOL_STARTS.has(code)
      ? LONG_SYMBOLS.find((one) => this.#text.startsWith(one, at))
      : undefined;
    const symbol = long ?? SHORT_SYMBOLS.get(code);
    if (symbol !== undefined) {
      this.#push('symbol', at + symbol.length, symbol, symbol);
      return;
    }
    const shown = String.fromCodePoint(this.#text.codePointAt(at) ?? 0);
    const hint = shown === '#' ? 'comments begin with -- or stand between /* and */' : undefined;
    throw syntaxError(this.#position(), shown, { expected: [EXPECTED.name], hint });
  }

  #skipTrivia(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (isBlank(code)) {
        this.#moveTo(this.#at + 1);
      } else if (code === DASH && text.charCodeAt(this.#at + 1) === DASH) {
        const lineEnd = text.indexOf('\n', this.#at);
        this.#moveTo(lineEnd < 0 ? text.length : lineEnd);
      } else if (code === SLASH && text.charCodeAt(this.#at + 1) === STAR) {
        const close = text.indexOf('*/', this.#at + 2);
        if (close < 0) this.#failUnclosed('the comment that begins here has no end');
        this.#moveTo(close + 2);
      } else {
        return;
      }
    }
  }

  #push(kind: TokenKind, end: number, key: string, value: string, bytes?: Uint8Array): void {
    const offset = this.#at;
    const column = offset - this.#lineStart + 1;
    this.#tokens.push({ kind, offset, line: this.#line, column, end, key, value, bytes });
    if (kind === 'string' || kind === 'quoted-name' || kind === 'binary') this.#moveTo(end);
    else this.#at = end;
  }

  #position(): Position {
    return { offset: this.#at, line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  /** Over text that may hold line ends. */
  #moveTo(end: number): void {
    const text = this.#text;
    for (let at = this.#at; at < end; at += 1) {
      if (text.charCodeAt(at) !== NEWLINE) continue;
      this.#line += 1;
      this.#lineStart = at + 1;
    }
    this.#at = end;
  }

  #failUnclosed(hint: string): never {
    const shown = this.#text.startsWith('/*', this.#at) ? '/*' : (this.#text[this.#at] ?? '');
    throw syntaxError(this.#position(), shown, { expected: [EXPECTED.name], hint });
  }
}

const NEWLINE = 0x0a;
const DOUBLE_QUOTE = 0x22;
const QUOTE = 0x27;
const STAR = 0x2a;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const UPPER_X = 0x58;
const BACKSLASH = 0x5c;
const BACKTICK = 0x60;
const LOWER_X = 0x78;
const FIRST_WIDE_LETTER = 0x80;
const IDEOGRAPHIC_SPACE = 0x3000;

function isBlank(code: number): boolean {
  return (
    code === 0x20 ||
    code === 0x09 ||
    code === 0x0d ||
    code === NEWLINE ||
    code === IDEOGRAPHIC_SPACE
  );
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x5f ||
    code === 0x24 ||
    (code >= FIRST_WIDE_LETTER && code !== IDEOGRAPHIC_SPACE)
  );
}

function endOfWord(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (!isLetter(code) && !isDigit(code)) return at;
    at += 1;
  }
}

function endOfDigits(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

/** Digits, a point with digits, an exponent: each part only if it is whole. */
function endOfNumber(text: string, start: number): number {
  let end = endOfDigits(text, start);
  if (text.charCodeAt(end) === DOT) end = endOfDigits(text, end + 1);
  const mark = text[end];
  if (mark !== 'e' && mark !== 'E') return end;
  const sign = text[end + 1];
  const digits = end + (sign === '+' || sign === '-' ? 2 : 1);
  const exponentEnd = endOfDigits(text, digits);
  return exponentEnd > digits ? exponentEnd : end;
}

/** Behind the closing quote, or -1. A doubled quote does not close, nor one after a backslash. */
function endOfQuoted(text: string, start: number, quote: number, hasEscapes: boolean): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (hasEscapes && code === BACKSLASH) at += 1;
    else if (code !== quote) continue;
    else if (text.charCodeAt(at + 1) === quote) at += 1;
    else return at + 1;
  }
  return -1;
}

/** Only ASCII words are keywords: `ı` in upper case would be an `I`. */
function keyOf(written: string): string {
  for (let at = 0; at < written.length; at += 1) {
    if (written.charCodeAt(at) >= FIRST_WIDE_LETTER) return '';
  }
  return written.toUpperCase();
}
