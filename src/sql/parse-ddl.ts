/** CREATE, DROP, ALTER and TRUNCATE of databases and tables (sql-surface.md 3.1, 3.2, 3.4). */
import type { AlterAction, BatchPartitionDef, Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseAdded } from './parse-added-partition.ts';
import { parseColumnAction } from './parse-columns.ts';
import {
  acceptCharsetWords,
  parseDatabaseName,
  parseIfExists,
  parseIfNotExists,
  parsePartitionNames,
  parseProperties,
  parsePropertyList,
  parseTableName,
} from './parse-common.ts';
import { parseBatch } from './parse-partition.ts';
import { parseAddRollups, parseDropRollups } from './parse-rollup.ts';
import { parseIndexAction } from './parse-table-index.ts';
import { parseTemporaryAction } from './parse-temporary.ts';

/** After CREATE DATABASE or CREATE SCHEMA. */
export function parseCreateDatabase(cursor: TokenCursor): Statement {
  const ifNotExists = parseIfNotExists(cursor);
  const name = parseDatabaseName(cursor);
  for (let rest = parseDatabaseCharset(cursor); rest; rest = parseDatabaseCharset(cursor));
  const properties = parseProperties(cursor);
  return { kind: 'create-database', ifNotExists, name, properties };
}

/** `[DEFAULT] CHARSET [=] x` or `[DEFAULT] COLLATE [=] x`, without effect as in StarRocks. */
function parseDatabaseCharset(cursor: TokenCursor): boolean {
  const hasDefault = cursor.accept('DEFAULT');
  if (!acceptCharsetWords(cursor) && !cursor.accept('COLLATE')) {
    return hasDefault ? cursor.fail('CHARSET', 'COLLATE') : false;
  }
  cursor.accept('=');
  cursor.nameOrString();
  return true;
}

/** After DROP DATABASE or DROP SCHEMA. */
export function parseDropDatabase(cursor: TokenCursor): Statement {
  const ifExists = parseIfExists(cursor);
  const name = parseDatabaseName(cursor);
  return { kind: 'drop-database', ifExists, name, force: cursor.accept('FORCE') };
}

/** After DROP TABLE. */
export function parseDropTable(cursor: TokenCursor): Statement {
  const ifExists = parseIfExists(cursor);
  const table = parseTableName(cursor);
  return { kind: 'drop-table', ifExists, table, force: cursor.accept('FORCE') };
}

/** After TRUNCATE TABLE. */
export function parseTruncateTable(cursor: TokenCursor): Statement {
  const table = parseTableName(cursor);
  return { kind: 'truncate-table', table, partitions: parsePartitionNames(cursor) };
}

/** After ALTER TABLE. */
export function parseAlterTable(cursor: TokenCursor): Statement {
  const table = parseTableName(cursor);
  if (cursor.at('TRUNCATE', 'PARTITION') || cursor.at('TRUNCATE', 'PARTITIONS')) {
    cursor.expect('TRUNCATE');
    return { kind: 'truncate-table', table, partitions: parsePartitionNames(cursor) };
  }
  const action = parseAlterAction(cursor);
  if (cursor.at(',')) cursor.unsupported('ALTER TABLE with several actions');
  return { kind: 'alter-table', table, action };
}

const OTHER_ACTIONS: readonly (readonly string[])[] = [
  ['MODIFY', 'PARTITION'],
  ['DROP', 'ALL'],
  ['RENAME', 'ROLLUP'],
  ['DISTRIBUTED', 'BY'],
  ['PARTITION', 'BY'],
];

function parseAlterAction(cursor: TokenCursor): AlterAction {
  if (cursor.at('RENAME') && cursor.isName(1) && !cursor.isName(2)) {
    cursor.next();
    return { kind: 'rename', newName: cursor.name() };
  }
  if (cursor.accept('RENAME', 'PARTITION')) {
    const name = cursor.name();
    return { kind: 'rename-partition', name, newName: cursor.name() };
  }
  if (cursor.accept('SWAP', 'WITH')) return { kind: 'swap', other: cursor.name() };
  if (cursor.accept('COMMENT', '=')) return { kind: 'comment', comment: cursor.string() };
  if (cursor.at('ADD', 'PARTITION') || cursor.at('ADD', 'PARTITIONS')) {
    cursor.expect('ADD');
    return { kind: 'add-partition', ...parseAdded(cursor) };
  }
  const dropped = parseDropPartitions(cursor);
  if (dropped !== undefined) return dropped;
  if (cursor.accept('SET')) {
    return { kind: 'set-properties', properties: parsePropertyList(cursor) };
  }
  if (cursor.accept('ADD', 'ROLLUP')) return parseAddRollups(cursor);
  if (cursor.accept('DROP', 'ROLLUP')) return parseDropRollups(cursor);
  const compact = parseCompact(cursor);
  if (compact !== undefined) return compact;
  const own = parseTemporaryAction(cursor) ?? parseColumnAction(cursor) ?? parseIndexAction(cursor);
  if (own !== undefined) return own;
  const other = OTHER_ACTIONS.find((words) => cursor.at(...words));
  if (other !== undefined) cursor.unsupported(`ALTER TABLE ... ${other.join(' ')}`);
  return cursor.fail('RENAME', 'ADD', 'DROP', 'SET');
}

/** `[BASE | CUMULATIVE] COMPACT [p | (p, q)]`. */
function parseCompact(cursor: TokenCursor): AlterAction | undefined {
  const isRecent = cursor.accept('CUMULATIVE', 'COMPACT');
  if (!isRecent && !cursor.accept('BASE', 'COMPACT') && !cursor.accept('COMPACT')) return undefined;
  const partitions = cursor.at('(')
    ? cursor.parenthesized(() => cursor.nameOrString())
    : cursor.isName() || cursor.isString()
      ? [cursor.nameOrString()]
      : undefined;
  return { kind: 'compact', mode: isRecent ? 'recent' : 'all', partitions };
}

/** `DROP PARTITION p` or `DROP PARTITIONS (p, q)`. */
function parseDropPartitions(cursor: TokenCursor): AlterAction | undefined {
  const isMany = cursor.accept('DROP', 'PARTITIONS');
  if (!isMany && !cursor.accept('DROP', 'PARTITION')) return undefined;
  const ifExists = parseIfExists(cursor);
  if (isMany && cursor.at('WHERE')) cursor.unsupported('ALTER TABLE ... DROP PARTITIONS WHERE');
  const names = isMany ? parseDropped(cursor) : [cursor.name()];
  return { kind: 'drop-partitions', names, ifExists, force: cursor.accept('FORCE') };
}

function parseDropped(cursor: TokenCursor): readonly string[] | BatchPartitionDef {
  return cursor.at('START') ? parseBatch(cursor) : cursor.parenthesized(() => cursor.name());
}
