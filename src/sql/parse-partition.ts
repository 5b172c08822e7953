/** PARTITION BY and the partitions themselves, in CREATE TABLE and ALTER TABLE (sql-surface.md 3.2). */
import type {
  BatchPartitionDef,
  ListPartitionDef,
  PartitionByDef,
  PartitionDef,
  Position,
  RangeBound,
  RangePartitionDef,
} from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { TIME_UNITS } from './keywords.ts';
import {
  parseIfNotExists,
  parseNameList,
  parsePropertyList,
  parseSignedInteger,
  positionOf,
} from './parse-common.ts';

/** `PARTITION BY ...`, if it is there; expressions other than date_trunc are refused by name. */
export function parsePartitionBy(cursor: TokenCursor): PartitionByDef | undefined {
  if (!cursor.accept('PARTITION')) return undefined;
  cursor.expect('BY');
  if (cursor.accept('RANGE')) return parseByRange(cursor);
  if (cursor.accept('LIST')) {
    const columns = parseNameList(cursor);
    const partitions = parseDefinitions(cursor, () => parseListPartition(cursor));
    return { kind: 'list', columns, isAutomatic: false, partitions };
  }
  const position = positionOf(cursor);
  if (isCall(cursor)) return parseByExpression(cursor, position);
  if (cursor.at('(') && isCall(cursor, 1)) {
    cursor.unsupported('PARTITION BY several expressions', position);
  }
  const columns = cursor.at('(') ? parseNameList(cursor) : cursor.list(() => columnName(cursor));
  if (cursor.at('(')) cursor.unsupported('partitions of PARTITION BY without LIST or RANGE');
  return { kind: 'list', columns, isAutomatic: true, partitions: [] };
}

function parseByRange(cursor: TokenCursor): PartitionByDef {
  if (!cursor.at('(') || isCall(cursor, 1)) {
    cursor.unsupported('PARTITION BY RANGE of an expression');
  }
  const columns = parseNameList(cursor);
  cursor.expect('(');
  const partitions = cursor.at(')') ? [] : cursor.list(() => parseRangePartition(cursor));
  cursor.expect(')');
  return { kind: 'range', columns, partitions };
}

/** Whether a call of a function stands `ahead` tokens further. */
function isCall(cursor: TokenCursor, ahead = 0): boolean {
  return cursor.isName(ahead) && cursor.peek(ahead + 1).key === '(';
}

function columnName(cursor: TokenCursor): string {
  if (isCall(cursor)) cursor.unsupported('PARTITION BY several expressions');
  return cursor.name();
}

function parseByExpression(cursor: TokenCursor, position: Position): PartitionByDef {
  const name = cursor.name().toLowerCase();
  if (name !== 'date_trunc') cursor.unsupported(`PARTITION BY ${name}(...)`, position);
  cursor.expect('(');
  const unit = cursor.string();
  cursor.expect(',');
  const column = cursor.name();
  cursor.expect(')');
  if (cursor.at(',')) cursor.unsupported('PARTITION BY several expressions', position);
  const partitions = parseDefinitions(cursor, () => parseRangePartition(cursor));
  return { kind: 'expression', unit, column, partitions, position };
}

/** `( partition, partition )`, if it is there. */
function parseDefinitions<T>(cursor: TokenCursor, parse: () => T): readonly T[] {
  if (!cursor.accept('(')) return [];
  const partitions = cursor.at(')') ? [] : cursor.list(parse);
  cursor.expect(')');
  return partitions;
}

/** `PARTITION p VALUES ...`, of either kind, or `START ... END ... EVERY ...`. */
export function parseAnyPartition(cursor: TokenCursor): PartitionDef {
  const hasCondition = cursor.peek(1).key === 'IF';
  const isList = cursor.peek(hasCondition ? 6 : 3).key === 'IN';
  return isList ? parseListPartition(cursor) : parseRangePartition(cursor);
}

/** `PARTITION p VALUES IN ("a", "b")` or `VALUES IN (("a", "1"), ("b", "2"))`. */
function parseListPartition(cursor: TokenCursor): ListPartitionDef {
  const position = positionOf(cursor);
  cursor.expect('PARTITION');
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.name();
  cursor.expect('VALUES', 'IN');
  const values = cursor.parenthesized(() =>
    cursor.at('(') ? cursor.parenthesized(() => parseListValue(cursor)) : [parseListValue(cursor)],
  );
  const properties = parsePartitionProperties(cursor);
  return { kind: 'list', name, ifNotExists, values, properties, position };
}

function parseListValue(cursor: TokenCursor): string | null {
  return cursor.accept('NULL') ? null : cursor.string();
}

/** `PARTITION p VALUES ...` or `START ... END ... EVERY ...`. */
export function parseRangePartition(cursor: TokenCursor): RangePartitionDef {
  const position = positionOf(cursor);
  if (cursor.at('START')) return parseBatch(cursor);
  cursor.expect('PARTITION');
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.name();
  cursor.expect('VALUES');
  if (cursor.accept('LESS')) {
    cursor.expect('THAN');
    const upper: RangeBound = cursor.accept('MAXVALUE')
      ? [{ kind: 'maxvalue' }]
      : parseBound(cursor);
    const properties = parsePartitionProperties(cursor);
    return { kind: 'less-than', name, ifNotExists, upper, properties, position };
  }
  cursor.expect('[');
  const lower = parseBound(cursor);
  cursor.expect(',');
  const upper = parseBound(cursor);
  cursor.expect(')');
  const properties = parsePartitionProperties(cursor);
  return { kind: 'fixed', name, ifNotExists, lower, upper, properties, position };
}

/** `START ("a") END ("b") EVERY (INTERVAL n unit)` or `EVERY (n)`. */
export function parseBatch(cursor: TokenCursor): BatchPartitionDef {
  const position = positionOf(cursor);
  const start = parseBatchEdge(cursor, 'START');
  const end = parseBatchEdge(cursor, 'END');
  cursor.expect('EVERY', '(');
  const hasUnit = cursor.accept('INTERVAL');
  const step = parseSignedInteger(cursor);
  const unit = hasUnit ? parseUnit(cursor) : undefined;
  cursor.expect(')');
  return { kind: 'batch', start, end, step, unit, position };
}

function parseBatchEdge(cursor: TokenCursor, word: 'START' | 'END'): string {
  cursor.expect(word, '(');
  const value = cursor.string();
  cursor.expect(')');
  return value;
}

function parseUnit(cursor: TokenCursor): string {
  const unit = cursor.peek().key;
  if (!TIME_UNITS.has(unit)) cursor.fail('DAY', 'MONTH', 'YEAR', 'HOUR', 'WEEK');
  cursor.next();
  return unit;
}

function parseBound(cursor: TokenCursor): RangeBound {
  return cursor.parenthesized(() =>
    cursor.accept('MAXVALUE') ? { kind: 'maxvalue' } : { kind: 'value', text: cursor.string() },
  );
}

function parsePartitionProperties(cursor: TokenCursor): ReadonlyMap<string, string> {
  return cursor.at('(') ? parsePropertyList(cursor) : new Map();
}
