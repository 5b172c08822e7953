/** Column and CAST types (sql-surface.md 3.2). Types without a stored form are refused by name. */
import {
  innerTypes,
  isNestedType,
  NESTING_LEVELS_MAX,
  type SqlType,
  STRING_LENGTH,
  type StructField,
  type TypeName,
} from '../base/sql-type.ts';
import type { TokenCursor } from './cursor.ts';

/** `column`: a missing length is 1. `cast`: a missing length means any. */
export type TypeUse = 'column' | 'cast';

const PLAIN: ReadonlyMap<string, TypeName> = new Map<string, TypeName>([
  ['BOOLEAN', 'BOOLEAN'],
  ['BOOL', 'BOOLEAN'],
  ['FLOAT', 'FLOAT'],
  ['DOUBLE', 'DOUBLE'],
  ['DATE', 'DATE'],
  ['DATETIME', 'DATETIME'],
  ['JSON', 'JSON'],
]);

/** May carry a display width, which means nothing. */
const INTEGERS: ReadonlyMap<string, TypeName> = new Map<string, TypeName>([
  ['TINYINT', 'TINYINT'],
  ['SMALLINT', 'SMALLINT'],
  ['INT', 'INT'],
  ['INTEGER', 'INT'],
  ['BIGINT', 'BIGINT'],
  ['LARGEINT', 'LARGEINT'],
]);

const DECIMALS: ReadonlySet<string> = new Set([
  'DECIMAL',
  'DECIMALV2',
  'DECIMAL32',
  'DECIMAL64',
  'DECIMAL128',
  'NUMERIC',
  'NUMBER',
]);

const REFUSED: ReadonlySet<string> = new Set([
  'BITMAP',
  'HLL',
  'PERCENTILE',
  'TIME',
  'VARIANT',
  'DECIMAL256',
  'UNSIGNED',
]);

const DECIMAL_PRECISION_DEFAULT = 10;

/** Takes a type. Throws `unsupported` for one that StarRocks has and the emulator has not. */
export function parseType(cursor: TokenCursor, use: TypeUse): SqlType {
  const start = cursor.peek();
  const word = start.key;
  if (REFUSED.has(word)) cursor.unsupported(`the type ${word}`, start);
  const plain = PLAIN.get(word);
  if (plain !== undefined) {
    cursor.next();
    return { name: plain };
  }
  const integer = INTEGERS.get(word);
  if (integer !== undefined) {
    cursor.next();
    parseLength(cursor);
    return { name: integer };
  }
  if (DECIMALS.has(word)) return parseDecimal(cursor);
  switch (word) {
    case 'STRING':
    case 'TEXT':
      cursor.next();
      return { name: 'VARCHAR', length: STRING_LENGTH };
    case 'CHAR':
    case 'VARCHAR':
      return parseCharacter(cursor, word, use);
    case 'BINARY':
    case 'VARBINARY':
      return parseCharacter(cursor, 'VARBINARY', 'cast');
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return parseNestedType(cursor, use);
    case 'SIGNED':
      cursor.next();
      cursor.acceptOneOf('INT', 'INTEGER');
      return { name: 'INT' };
    default:
      return cursor.fail('VARCHAR', 'INT', 'BIGINT', 'DATETIME', 'DECIMAL');
  }
}

/** A type that is not made of others. */
export function parseScalarType(cursor: TokenCursor): SqlType {
  const start = cursor.peek();
  const type = parseType(cursor, 'cast');
  if (isNestedType(type)) cursor.unsupported(`the type ${type.name}`, start);
  return type;
}

const NOT_MAP_KEYS: ReadonlySet<TypeName> = new Set(['JSON', 'ARRAY', 'MAP', 'STRUCT']);

/** `ARRAY<t>`, `MAP<k, v>`, `STRUCT<a t, b t>`. */
function parseNestedType(cursor: TokenCursor, use: TypeUse): SqlType {
  const start = cursor.next();
  cursor.expect('<');
  const type = cursor.nested(() => nestedTypeOf(cursor, start.key, use));
  cursor.expect('>');
  if (levelsOf(type) > NESTING_LEVELS_MAX) {
    cursor.unsupported(`a type of more than ${NESTING_LEVELS_MAX} levels`, start);
  }
  return type;
}

function nestedTypeOf(cursor: TokenCursor, word: string, use: TypeUse): SqlType {
  if (word === 'ARRAY') return { name: 'ARRAY', element: parseType(cursor, use) };
  if (word === 'MAP') {
    const start = cursor.peek();
    const key = parseType(cursor, use);
    if (NOT_MAP_KEYS.has(key.name)) cursor.unsupported(`a MAP with keys of ${key.name}`, start);
    cursor.expect(',');
    return { name: 'MAP', key, value: parseType(cursor, use) };
  }
  const names = new Set<string>();
  const fields = cursor.list((): StructField => {
    const start = cursor.peek();
    const name = cursor.name();
    if (names.has(name.toLowerCase())) {
      cursor.unsupported(`a STRUCT with two fields ${name}`, start);
    }
    names.add(name.toLowerCase());
    const type = parseType(cursor, use);
    if (cursor.at('COMMENT')) cursor.unsupported('COMMENT of a field');
    return { name, type };
  });
  return { name: 'STRUCT', fields };
}

function levelsOf(type: SqlType): number {
  return isNestedType(type) ? 1 + Math.max(...innerTypes(type).map(levelsOf)) : 0;
}

function parseCharacter(
  cursor: TokenCursor,
  name: 'CHAR' | 'VARCHAR' | 'VARBINARY',
  use: TypeUse,
): SqlType {
  cursor.next();
  const length = parseLength(cursor) ?? (use === 'column' ? 1 : undefined);
  return length === undefined ? { name } : { name, length };
}

function parseDecimal(cursor: TokenCursor): SqlType {
  cursor.next();
  if (!cursor.accept('(')) {
    return { name: 'DECIMAL', precision: DECIMAL_PRECISION_DEFAULT, scale: 0 };
  }
  const precision = cursor.integer();
  const scale = cursor.accept(',') ? cursor.integer() : 0;
  cursor.expect(')');
  return { name: 'DECIMAL', precision, scale };
}

function parseLength(cursor: TokenCursor): number | undefined {
  if (!cursor.accept('(')) return undefined;
  const length = cursor.integer();
  cursor.expect(')');
  return length;
}
