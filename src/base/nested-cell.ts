/**
 * Values of ARRAY, MAP and STRUCT. A cell holds the text that StarRocks prints, `[1,null]`,
 * `{1:"a"}`, `{"a":1}`, which is one to one with the value as long as the type is known: it goes
 * through files, snapshots and the wire as it is, and only functions look inside.
 */
import { doubleText } from './double-text.ts';
import type { Cell, SqlType, TypeName } from './sql-type.ts';

/**
 * The inside of a cell: ARRAY is a list, MAP a list of `[key, value]`, STRUCT a list of its fields'
 * values in order; all else is a cell.
 */
export type NestedValue = Cell | readonly NestedValue[];

/** Types whose values stand in double quotes inside others. */
const QUOTED: ReadonlySet<TypeName> = new Set(['CHAR', 'VARCHAR', 'DATE', 'DATETIME']);

const quoted = (text: string, quote: '"' | "'"): string =>
  `${quote}${text.replace(quote === '"' ? /[\\"]/g : /[\\']/g, '\\$&')}${quote}`;

const partsOf = (value: NestedValue): readonly NestedValue[] =>
  Array.isArray(value) ? (value as readonly NestedValue[]) : [];

/** The text of a value; a scalar's inside of another value. */
export function nestedText(value: NestedValue, type: SqlType): string {
  if (value === null) return 'null';
  switch (type.name) {
    case 'ARRAY': {
      const element = type.element ?? type;
      return `[${partsOf(value)
        .map((item) => nestedText(item, element))
        .join(',')}]`;
    }
    case 'MAP': {
      const { key = type, value: valueType = type } = type;
      const entries = partsOf(value).map((entry) => {
        const [k = null, v = null] = partsOf(entry);
        return `${nestedText(k, key)}:${nestedText(v, valueType)}`;
      });
      return `{${entries.join(',')}}`;
    }
    case 'STRUCT': {
      const fields = (type.fields ?? []).map(({ name, type: of }, index) => {
        return `${quoted(name, '"')}:${nestedText(partsOf(value)[index] ?? null, of)}`;
      });
      return `{${fields.join(',')}}`;
    }
    default:
      return scalarText(value as Cell, type);
  }
}

function scalarText(cell: Cell, { name }: SqlType): string {
  if (typeof cell === 'boolean') return cell ? '1' : '0';
  if (typeof cell === 'number') {
    return name === 'DOUBLE' || name === 'FLOAT' ? doubleText(cell) : String(cell);
  }
  const text = cell instanceof Uint8Array ? new TextDecoder().decode(cell) : String(cell);
  if (name === 'JSON') return quoted(text, "'");
  return QUOTED.has(name) || name === 'VARBINARY' ? quoted(text, '"') : text;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  #accept(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  /** The value, or undefined where the text is not one of the type. */
  value(type: SqlType): NestedValue | undefined {
    if (this.#text.startsWith('null', this.#at)) {
      this.#at += 4;
      return null;
    }
    switch (type.name) {
      case 'ARRAY':
        return this.#list('[', ']', () => this.value(type.element ?? type));
      case 'MAP':
        return this.#list('{', '}', () => this.#entry(type));
      case 'STRUCT': {
        const names = (type.fields ?? []).values();
        return this.#list('{', '}', () => this.#field(names.next().value?.type));
      }
      default:
        return this.#scalar(type);
    }
  }

  #list(
    open: string,
    close: string,
    read: () => NestedValue | undefined,
  ): readonly NestedValue[] | undefined {
    if (!this.#accept(open)) return undefined;
    const items: NestedValue[] = [];
    if (this.#accept(close)) return items;
    do {
      const item = read();
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.#accept(','));
    return this.#accept(close) ? items : undefined;
  }

  #entry({ key, value }: SqlType): NestedValue | undefined {
    if (key === undefined || value === undefined) return undefined;
    const k = this.value(key);
    if (k === undefined || !this.#accept(':')) return undefined;
    const v = this.value(value);
    return v === undefined ? undefined : [k, v];
  }

  #field(type: SqlType | undefined): NestedValue | undefined {
    if (type === undefined || this.#string('"') === undefined) return undefined;
    return this.#accept(':') ? this.value(type) : undefined;
  }

  #string(quote: string): string | undefined {
    if (!this.#accept(quote)) return undefined;
    let text = '';
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) return undefined;
      this.#at += 1;
      if (char === quote) return text;
      if (char === '\\') {
        text += this.#text[this.#at] ?? '';
        this.#at += 1;
      } else {
        text += char;
      }
    }
  }

  #scalar({ name }: SqlType): Cell | undefined {
    if (name === 'JSON') return this.#string("'");
    if (QUOTED.has(name)) return this.#string('"');
    if (name === 'VARBINARY') {
      const text = this.#string('"');
      return text === undefined ? undefined : new TextEncoder().encode(text);
    }
    const start = this.#at;
    while (this.#at < this.#text.length && !',:]}'.includes(this.#text[this.#at] ?? '')) {
      this.#at += 1;
    }
    return cellOfWord(this.#text.slice(start, this.#at), name);
  }
}

const DOUBLES: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};

function cellOfWord(word: string, name: TypeName): Cell | undefined {
  if (word === '') return undefined;
  switch (name) {
    case 'BOOLEAN':
      return word === '1' ? true : word === '0' ? false : undefined;
    case 'BIGINT':
    case 'LARGEINT':
      return /^-?\d+$/.test(word) ? BigInt(word) : undefined;
    case 'DECIMAL':
      return word;
    default: {
      const number = DOUBLES[word] ?? Number(word);
      return Number.isNaN(number) && word !== 'nan' ? undefined : number;
    }
  }
}

/** The value of a cell's text; undefined for a text that is not of the type. */
export function parseNested(text: string, type: SqlType): NestedValue | undefined {
  const reader = new Reader(text);
  const value = reader.value(type);
  return reader.isAtEnd ? value : undefined;
}
