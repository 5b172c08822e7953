/** PARTITION BY and range partitions, in CREATE TABLE and ALTER TABLE (sql-surface.md 3.2). */
import type { PartitionByRange, RangeBound, RangePartitionDef } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { TIME_UNITS } from './keywords.ts';
import {
  parseIfNotExists,
  parseNameList,
  parsePropertyList,
  parseSignedInteger,
  positionOf,
} from './parse-common.ts';

/** `PARTITION BY RANGE (...) (...)`, if it is there; other kinds of partitioning are refused. */
export function parsePartitionBy(cursor: TokenCursor): PartitionByRange | undefined {
  if (!cursor.accept('PARTITION')) return undefined;
  cursor.expect('BY');
  if (cursor.at('LIST')) cursor.unsupported('PARTITION BY LIST');
  if (!cursor.at('RANGE')) cursor.unsupported('PARTITION BY an expression or a list of columns');
  cursor.next();
  if (!cursor.at('(')) cursor.unsupported('PARTITION BY RANGE of an expression');
  if (cursor.isName(1) && cursor.peek(2).key === '(') {
    cursor.unsupported('PARTITION BY RANGE of an expression');
  }
  const columns = parseNameList(cursor);
  cursor.expect('(');
  const partitions = cursor.at(')') ? [] : cursor.list(() => parseRangePartition(cursor));
  cursor.expect(')');
  return { kind: 'range', columns, partitions };
}

/** `PARTITION p VALUES ...` or `START ... END ... EVERY ...`. */
export function parseRangePartition(cursor: TokenCursor): RangePartitionDef {
  const position = positionOf(cursor);
  if (cursor.at('START')) return parseBatch(cursor);
  cursor.expect('PARTITION');
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.name();
  cursor.expect('VALUES');
  if (cursor.at('IN')) cursor.unsupported('a list partition');
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
export function parseBatch(cursor: TokenCursor): RangePartitionDef {
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
