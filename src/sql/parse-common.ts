/** Pieces that many statements share: qualified names, partition lists, properties, IF EXISTS. */
import type { PartitionNames, Position, Properties, TableName } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { EXPECTED } from './syntax-error.ts';

/** The catalog of the cluster's own databases; the only one there is. */
export const INTERNAL_CATALOG = 'default_catalog';

/** `t`, `db.t` or `catalog.db.t`. */
export function parseTableName(cursor: TokenCursor): TableName {
  const { offset, line, column } = cursor.peek();
  const position: Position = { offset, line, column };
  const first = cursor.name();
  if (!cursor.accept('.')) return { name: first, position };
  const second = cursor.name();
  if (!cursor.accept('.')) return { db: first, name: second, position };
  return { catalog: first, db: second, name: cursor.name(), position };
}

/** `db` or `catalog.db`, where only the internal catalog will do. */
export function parseDatabaseName(cursor: TokenCursor): string {
  const start = cursor.peek();
  const first = cursor.name();
  if (!cursor.accept('.')) return first;
  const database = cursor.name();
  if (first !== INTERNAL_CATALOG) cursor.unsupported(`the external catalog ${first}`, start);
  return database;
}

/** `[FROM|IN] db`, if it is there. */
export function parseFromDatabase(cursor: TokenCursor): string | undefined {
  return cursor.acceptOneOf('FROM', 'IN') === undefined ? undefined : parseDatabaseName(cursor);
}

export function parseNameList(cursor: TokenCursor): readonly string[] {
  return cursor.parenthesized(() => cursor.name());
}

/** `[TEMPORARY] PARTITION|PARTITIONS (p, ...)`, also without parentheses, if it is there. */
export function parsePartitionNames(cursor: TokenCursor): PartitionNames | undefined {
  const isTemporary =
    cursor.at('TEMPORARY') && ['PARTITION', 'PARTITIONS'].includes(cursor.peek(1).key);
  if (isTemporary) cursor.next();
  const bare = cursor.at('PARTITIONS') && !startsPartitionList(cursor);
  if (bare || cursor.acceptOneOf('PARTITION', 'PARTITIONS') === undefined) return undefined;
  if (cursor.at('(') && cursor.peek(2).key === '=') {
    cursor.unsupported('PARTITION (column = value)');
  }
  if (cursor.at('(')) {
    return { isTemporary, names: cursor.parenthesized(() => cursor.nameOrString()) };
  }
  const names = [cursor.nameOrString()];
  while (cursor.at(',') && isBarePartition(cursor)) {
    cursor.next();
    names.push(cursor.nameOrString());
  }
  return { isTemporary, names };
}

/** Whether the name behind this comma ends there: else another table begins with it. */
function isBarePartition(cursor: TokenCursor): boolean {
  if (cursor.isString(1)) return true;
  const goesOn = cursor.isName(2) || ['.', 'PARTITION', '('].includes(cursor.peek(2).key);
  return cursor.isName(1) && !goesOn;
}

/** PARTITIONS is not reserved: it may be an alias or a table. */
function startsPartitionList(cursor: TokenCursor): boolean {
  return cursor.peek(1).key === '(' || cursor.isName(1) || cursor.isString(1);
}

/** `PROPERTIES ("key" = "value", ...)`, or no properties. */
export function parseProperties(cursor: TokenCursor): Properties {
  return cursor.accept('PROPERTIES') ? parsePropertyList(cursor) : new Map();
}

/** `("key" = "value", ...)`; of a key written twice the last value counts. */
export function parsePropertyList(cursor: TokenCursor): Properties {
  return cursor.hidingStrings(() => {
    const properties = new Map<string, string>();
    cursor.parenthesized(() => {
      const key = cursor.string();
      cursor.expect('=');
      properties.set(key, cursor.string());
    });
    return properties;
  });
}

export function parseIfExists(cursor: TokenCursor): boolean {
  if (!cursor.accept('IF')) return false;
  cursor.expect('EXISTS');
  return true;
}

export function parseIfNotExists(cursor: TokenCursor): boolean {
  if (!cursor.accept('IF')) return false;
  cursor.expect('NOT', 'EXISTS');
  return true;
}

/** `COMMENT "text"`, if it is there. */
export function parseComment(cursor: TokenCursor): string | undefined {
  return cursor.accept('COMMENT') ? cursor.string() : undefined;
}

/** `CHARSET x`, `CHAR SET x` or `CHARACTER SET x`; which one does not matter to StarRocks. */
export function acceptCharsetWords(cursor: TokenCursor): boolean {
  return (
    cursor.accept('CHARSET') || cursor.accept('CHAR', 'SET') || cursor.accept('CHARACTER', 'SET')
  );
}

/** The signed whole number of an INTERVAL step. */
export function parseSignedInteger(cursor: TokenCursor): number {
  const sign = cursor.accept('-') ? -1 : 1;
  if (cursor.isString()) {
    const value = Number(cursor.peek().value);
    if (cursor.peek().value.trim() === '' || !Number.isSafeInteger(value)) {
      cursor.fail(EXPECTED.integer);
    }
    cursor.next();
    return sign * value;
  }
  return sign * cursor.integer();
}

/** Where the present token stands, without the token. */
export function positionOf(cursor: TokenCursor): Position {
  const { offset, line, column } = cursor.peek();
  return { offset, line, column };
}
