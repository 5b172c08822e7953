/**
 * Casts of ARRAY, MAP and STRUCT: part by part between like kinds, from JSON and from text that is
 * JSON, to JSON and to text. A part without a value in its new type is NULL in queries; a load
 * refuses it.
 */
import { type JsonValue, jsonObject, jsonText, parseJsonValue } from './json-value.ts';
import { type NestedValue, nestedText, parseNested } from './nested-cell.ts';
import type { Cell, SqlType } from './sql-type.ts';
import { isNestedType } from './sql-type.ts';

/** How one scalar becomes another; undefined for no value. */
export type CastScalar = (cell: Cell, from: SqlType, to: SqlType) => Cell | undefined;

interface Casting {
  readonly scalar: CastScalar;
  /** Whether a part without a value becomes NULL or spoils the whole. */
  readonly isLenient: boolean;
}

const TEXT: SqlType = Object.freeze({ name: 'VARCHAR' });
const JSON_TYPE: SqlType = Object.freeze({ name: 'JSON' });

const isText = ({ name }: SqlType): boolean => name === 'VARCHAR' || name === 'CHAR';

/** A cell to, from or between nested types. */
export function castNested(
  cell: Exclude<Cell, null>,
  from: SqlType,
  to: SqlType,
  casting: Casting,
): Cell | undefined {
  if (isNestedType(from)) {
    if (isText(to)) return String(cell);
    const value = parseNested(String(cell), from);
    if (value === undefined) return undefined;
    if (to.name === 'JSON') return jsonText(jsonOf(value, from));
    const made = between(value, from, to, casting);
    return made === undefined ? undefined : nestedText(made, to);
  }
  if (!isText(from) && from.name !== 'JSON') return undefined;
  const json = parseJsonValue(String(cell));
  if (json === undefined) return undefined;
  const made = ofJson(json, to, casting);
  return made === undefined || made === null ? undefined : nestedText(made, to);
}

/** The parts of a list, each cast; undefined as soon as one spoils the whole. */
function each(
  parts: readonly NestedValue[],
  cast: (part: NestedValue, index: number) => NestedValue | undefined,
  { isLenient }: Casting,
): readonly NestedValue[] | undefined {
  const made: NestedValue[] = [];
  for (const [index, part] of parts.entries()) {
    const one = cast(part, index);
    if (one === undefined && !isLenient) return undefined;
    made.push(one ?? null);
  }
  return made;
}

function between(
  value: NestedValue,
  from: SqlType,
  to: SqlType,
  casting: Casting,
): NestedValue | undefined {
  if (value === null) return null;
  if (!Array.isArray(value)) {
    if (isNestedType(to)) {
      return from.name === 'JSON' || isText(from)
        ? ofJson(parseJsonValue(String(value)) ?? null, to, casting)
        : undefined;
    }
    return casting.scalar(value as Cell, from, to);
  }
  const parts = value as readonly NestedValue[];
  if (isText(to)) return nestedText(value, from);
  if (to.name === 'JSON') return jsonText(jsonOf(value, from));
  if (from.name !== to.name) return undefined;
  switch (to.name) {
    case 'ARRAY':
      return each(
        parts,
        (part) => between(part, from.element ?? TEXT, to.element ?? TEXT, casting),
        casting,
      );
    case 'MAP':
      return mapOf(
        parts,
        (key) => between(key, from.key ?? TEXT, to.key ?? TEXT, casting),
        (of) => between(of, from.value ?? TEXT, to.value ?? TEXT, casting),
        casting,
      );
    default: {
      const { fields: given = [] } = from;
      const { fields: wanted = [] } = to;
      if (given.length !== wanted.length) return undefined;
      return each(
        parts,
        (part, index) =>
          between(part, given[index]?.type ?? TEXT, wanted[index]?.type ?? TEXT, casting),
        casting,
      );
    }
  }
}

/** Of several entries with one key the last counts. */
function mapOf(
  entries: readonly NestedValue[],
  castKey: (key: NestedValue) => NestedValue | undefined,
  castValue: (value: NestedValue) => NestedValue | undefined,
  casting: Casting,
): NestedValue | undefined {
  const made = each(
    entries,
    (entry) => {
      const [key = null, value = null] = entry as readonly NestedValue[];
      const [k, v] = [castKey(key), castValue(value)];
      if ((k === undefined || v === undefined) && !casting.isLenient) return undefined;
      return [k ?? null, v ?? null];
    },
    casting,
  );
  return made === undefined ? undefined : uniqueKeys(made);
}

/** The entries of a map, keys once each: the last value of a key counts, at its first place. */
export function uniqueKeys(entries: readonly NestedValue[]): readonly NestedValue[] {
  const byKey = new Map<NestedValue, NestedValue>();
  for (const entry of entries) {
    const [key = null, value = null] = entry as readonly NestedValue[];
    byKey.set(key, value);
  }
  return Array.from(byKey);
}

function ofJson(json: JsonValue, to: SqlType, casting: Casting): NestedValue | undefined {
  if (json === null) return null;
  switch (to.name) {
    case 'ARRAY': {
      if (!Array.isArray(json)) return undefined;
      const items = json as readonly JsonValue[];
      return each(
        items.map(jsonText),
        (_, index) => ofJson(items[index] ?? null, to.element ?? TEXT, casting),
        casting,
      );
    }
    case 'MAP': {
      if (!(json instanceof Map)) return undefined;
      const members = json as ReadonlyMap<string, JsonValue>;
      return mapOf(
        Array.from(members.keys(), (name) => [name, name]),
        (name) => casting.scalar(name as Cell, TEXT, to.key ?? TEXT),
        (name) => ofJson(members.get(String(name)) ?? null, to.value ?? TEXT, casting),
        casting,
      );
    }
    case 'STRUCT': {
      const { fields = [] } = to;
      const given = json instanceof Map ? (json as ReadonlyMap<string, JsonValue>) : undefined;
      if (given === undefined) return undefined;
      return each(
        fields.map(({ name }) => name),
        (name, index) =>
          ofJson(given.get(String(name)) ?? null, fields[index]?.type ?? TEXT, casting),
        casting,
      );
    }
    default:
      return casting.scalar(jsonText(json), JSON_TYPE, to);
  }
}

/** A nested value as JSON; keys of maps become names. */
export function jsonOf(value: NestedValue, type: SqlType): JsonValue {
  if (value === null) return null;
  const parts = Array.isArray(value) ? (value as readonly NestedValue[]) : [];
  switch (type.name) {
    case 'ARRAY':
      return parts.map((part) => jsonOf(part, type.element ?? TEXT));
    case 'MAP':
      return jsonObject(
        parts.map((entry) => {
          const [key = null, of = null] = entry as readonly NestedValue[];
          const name = jsonOf(key, type.key ?? TEXT);
          const shown = typeof name === 'string' ? name : jsonText(name);
          return [shown, jsonOf(of, type.value ?? TEXT)] as const;
        }),
      );
    case 'STRUCT':
      return jsonObject(
        (type.fields ?? []).map(
          ({ name, type: of }, index) => [name, jsonOf(parts[index] ?? null, of)] as const,
        ),
      );
    case 'JSON':
      return parseJsonValue(String(value)) ?? null;
    case 'DECIMAL':
      return Number(value);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return BigInt(Number(value));
    default:
      return value instanceof Uint8Array ? null : (value as JsonValue);
  }
}
