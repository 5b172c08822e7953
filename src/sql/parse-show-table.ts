/** SHOW COLUMNS, SHOW INDEX, SHOW TABLE STATUS, SHOW CREATE DATABASE (sql-surface.md 4.10). */
import type { Statement, TableName } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseDatabaseName, parseFromDatabase, parseTableName } from './parse-common.ts';
import { parseShowTail } from './parse-show-tail.ts';

const INDEX_WORDS = ['INDEX', 'INDEXES', 'KEY', 'KEYS'] as const;
const COLUMN_WORDS = ['COLUMNS', 'FIELDS'] as const;

/** After SHOW; undefined when it is none of these, with nothing taken. */
export function parseShowOfTable(cursor: TokenCursor): Statement | undefined {
  if (cursor.accept('TABLE', 'STATUS')) {
    const database = parseFromDatabase(cursor);
    return { kind: 'show-table-status', database, tail: parseShowTail(cursor) };
  }
  if (cursor.accept('CREATE', 'DATABASE') || cursor.accept('CREATE', 'SCHEMA')) {
    return { kind: 'show-create-database', database: parseDatabaseName(cursor) };
  }
  if (cursor.acceptOneOf(...INDEX_WORDS) !== undefined) {
    const table = parseFromTable(cursor);
    return { kind: 'show-index', table, tail: parseShowTail(cursor) };
  }
  const full = COLUMN_WORDS.some((word) => cursor.at('FULL', word));
  if (full) cursor.expect('FULL');
  if (cursor.acceptOneOf(...COLUMN_WORDS) === undefined) return undefined;
  const table = parseFromTable(cursor);
  return { kind: 'show-columns', table, full, tail: parseShowTail(cursor) };
}

/** `FROM t [FROM db]`; what stands behind the second FROM wins over a prefix of the first. */
function parseFromTable(cursor: TokenCursor): TableName {
  cursor.expectOneOf('FROM', 'IN');
  const table = parseTableName(cursor);
  const db = parseFromDatabase(cursor);
  return db === undefined ? table : { name: table.name, db, position: table.position };
}
