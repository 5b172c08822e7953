/**
 * A place in a parsed JSON value that knows how it was reached, so that a wrong type is reported
 * with its path: `$.idToPartition.10011.name: expected a string, found a number`.
 */
import { SimError } from '../base/errors.ts';

export class JsonCursor {
  readonly value: unknown;
  readonly #parent: JsonCursor | undefined;
  readonly #key: string | number;

  constructor(value: unknown, parent?: JsonCursor, key: string | number = '$') {
    this.value = value;
    this.#parent = parent;
    this.#key = key;
  }

  get path(): string {
    if (this.#parent === undefined) return '$';
    const { path } = this.#parent;
    if (typeof this.#key === 'number') return `${path}[${this.#key}]`;
    return /^\w+$/.test(this.#key)
      ? `${path}.${this.#key}`
      : `${path}[${JSON.stringify(this.#key)}]`;
  }

  /** Throws `metadata-unreadable` with the path. */
  fail(expected: string): never {
    const text = `${this.path}: expected ${expected}, found ${kindOf(this.value)}`;
    throw new SimError('metadata-unreadable', text);
  }

  /** A field of an object; its value is undefined when it is not there. */
  field(name: string): JsonCursor {
    const object = this.#object();
    return new JsonCursor(Object.hasOwn(object, name) ? object[name] : undefined, this, name);
  }

  /** A field that may be left out or null. */
  optional(name: string): JsonCursor | undefined {
    const field = this.field(name);
    return field.value === undefined || field.value === null ? undefined : field;
  }

  entries(): readonly (readonly [string, JsonCursor])[] {
    const object = this.#object();
    return Object.keys(object).map((key) => [key, new JsonCursor(object[key], this, key)]);
  }

  items(): readonly JsonCursor[] {
    return this.array().map((value, index) => this.item(value, index));
  }

  item(value: unknown, index: number): JsonCursor {
    return new JsonCursor(value, this, index);
  }

  array(): readonly unknown[] {
    return Array.isArray(this.value) ? this.value : this.fail('an array');
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.fail('a string');
  }

  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.fail('true or false');
  }

  /** A whole number that a double holds exactly. */
  integer(): number {
    return Number.isSafeInteger(this.value) ? Number(this.value) : this.fail('a whole number');
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value);
    return found ?? this.fail(`one of ${choices.join(', ')}`);
  }

  #object(): Readonly<Record<string, unknown>> {
    const { value } = this;
    if (!isObject(value)) return this.fail('an object');
    return value;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value === 'object') return 'an object';
  return `the ${typeof value} ${String(value)}`;
}
