/**
 * JSON values as StarRocks keeps them: members in the order of their names' bytes, numbers as whole
 * numbers of 64 bits or as doubles, one form of text. Cells of type JSON hold that text, so equal
 * values are equal texts.
 */

export type JsonValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>;

/** Deeper values are no JSON here, as for StarRocks' parser. */
const DEPTH_MAX = 200;

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const BLANKS = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|\x7f|[\x80-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const WORDS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['null', null],
  ['true', true],
  ['false', false],
]);

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonValue | undefined {
    const value = this.#value(0);
    this.#take(BLANKS);
    return this.#at === this.#text.length ? value : undefined;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #accept(char: string): boolean {
    this.#take(BLANKS);
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #value(depth: number): JsonValue | undefined {
    if (depth > DEPTH_MAX) return undefined;
    this.#take(BLANKS);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  #string(): string | undefined {
    const match = this.#take(STRING);
    return match === null ? undefined : (JSON.parse(match[0]) as string);
  }

  #number(): JsonValue | undefined {
    const match = this.#take(NUMBER);
    if (match === null) return undefined;
    if (match[1] !== undefined || match[2] !== undefined) return finite(Number(match[0]));
    return wholeOrDouble(BigInt(match[0]));
  }

  #array(depth: number): JsonValue | undefined {
    this.#at += 1;
    const items: JsonValue[] = [];
    if (this.#accept(']')) return items;
    do {
      const item = this.#value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.#accept(','));
    return this.#accept(']') ? items : undefined;
  }

  #object(depth: number): JsonValue | undefined {
    this.#at += 1;
    const members: [string, JsonValue][] = [];
    if (this.#accept('}')) return jsonObject(members);
    do {
      this.#take(BLANKS);
      const name = this.#string();
      if (name === undefined || !this.#accept(':')) return undefined;
      const value = this.#value(depth + 1);
      if (value === undefined) return undefined;
      members.push([name, value]);
    } while (this.#accept(','));
    return this.#accept('}') ? jsonObject(members) : undefined;
  }
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

const INT64_MIN = -(1n << 63n);
const UINT64_MAX = (1n << 64n) - 1n;

/** A whole number, or the double next to it when it leaves 64 bits. */
function wholeOrDouble(value: bigint): JsonValue | undefined {
  return value >= INT64_MIN && value <= UINT64_MAX ? value : finite(Number(value));
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Members in the order of their names; of several with one name the last counts. */
export function jsonObject(
  members: Iterable<readonly [string, JsonValue]>,
): ReadonlyMap<string, JsonValue> {
  return new Map([...new Map(members)].sort(([a], [b]) => byBytes(a, b)));
}

/** The value of a JSON text; undefined for what is none. */
export function parseJsonValue(text: string): JsonValue | undefined {
  return new Reader(text).whole();
}

/**
 * What StarRocks makes of text that is to be JSON: text that begins like an object, an array or a
 * string has to be one; any other is a JSON string of these characters.
 */
export function jsonOfText(text: string): JsonValue | undefined {
  return /^\s*[{["]/.test(text) ? parseJsonValue(text) : text;
}

/** The one text of a value: `{"a": 1, "b": [true, null]}`. */
export function jsonText(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return jsonDouble(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Map) {
    const members = Array.from(value as ReadonlyMap<string, JsonValue>, ([name, member]) => {
      return `${JSON.stringify(name)}: ${jsonText(member)}`;
    });
    return `{${members.join(', ')}}`;
  }
  return `[${(value as readonly JsonValue[]).map(jsonText).join(', ')}]`;
}

/** As few digits as tell the double apart; plain up to seven zeros more than it has digits. */
function jsonDouble(value: number): string {
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  const zeros = exponent + 1 - digits.length;
  if (value === 0) return '0';
  if (zeros >= 0 && exponent < digits.length + 7) return `${sign}${digits}${'0'.repeat(zeros)}`;
  if (zeros < 0 && (zeros > -7 || Math.abs(exponent) < 4)) {
    if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
    return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
  }
  return `${sign}${mantissa}e${exponent < 0 ? '' : '+'}${exponent}`;
}

/** NULL < boolean < array < object < number < string, which is the order of StarRocks' kinds. */
function rankOf(value: JsonValue): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'number' || typeof value === 'bigint') return 4;
  if (typeof value === 'string') return 5;
  return value instanceof Map ? 3 : 2;
}

/** Negative, zero or positive, as StarRocks' comparison of JSON values. */
export function compareJson(a: JsonValue, b: JsonValue): number {
  const ranks = rankOf(a) - rankOf(b);
  if (ranks !== 0) return ranks;
  if (a instanceof Map && b instanceof Map) return compareObjects(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b);
  if (typeof a === 'string' && typeof b === 'string') return byBytes(a, b);
  if (typeof a === 'bigint' && typeof b === 'bigint') return a === b ? 0 : a < b ? -1 : 1;
  return Number(a) - Number(b);
}

function compareArrays(a: readonly JsonValue[], b: readonly JsonValue[]): number {
  if (a.length !== b.length) return a.length - b.length;
  for (const [index, item] of a.entries()) {
    const order = compareJson(item, b[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareObjects(
  a: ReadonlyMap<string, JsonValue>,
  b: ReadonlyMap<string, JsonValue>,
): number {
  for (const [name, member] of a) {
    const other = b.get(name);
    if (other === undefined) return 1;
    const order = compareJson(member, other);
    if (order !== 0) return order;
  }
  return a.size - b.size;
}
