/**
 * Repositories, BACKUP, RESTORE, CANCEL and DROP SNAPSHOT (sql-surface.md 2.2-2.5). Which forms
 * exist depends on the profile (resolutions.md 9, 10, 29).
 */
import type {
  BackupObject,
  BackupStatement,
  CreateRepository,
  RestoreStatement,
  Statement,
} from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parsePartitionNames, parseProperties, parseTableName } from './parse-common.ts';
import { parseExpression } from './parse-expression.ts';
import { readSnapshotFilter } from './snapshot-filter.ts';

/** After CREATE [READ ONLY] REPOSITORY. */
export function parseCreateRepository(cursor: TokenCursor, readOnly: boolean): CreateRepository {
  const name = cursor.name();
  cursor.expect('WITH');
  const withWord = cursor.options.strict
    ? cursor.expectOneOf('BROKER')
    : cursor.expectOneOf('BROKER', 'S3', 'HDFS', 'LOCAL');
  const hasBroker = withWord === 'BROKER' && !cursor.at('ON');
  const broker = hasBroker ? cursor.nameOrString() : undefined;
  cursor.expect('ON', 'LOCATION');
  const location = cursor.string();
  const properties = parseProperties(cursor);
  return { kind: 'create-repository', readOnly, name, withWord, broker, location, properties };
}

/** After BACKUP. */
export function parseBackup(cursor: TokenCursor): BackupStatement {
  const hasNewForms = cursor.options.newBackupForms;
  const externalCatalogs = hasNewForms
    ? parseExternalCatalogs(cursor, () => cursor.name())
    : undefined;
  const database = hasNewForms && cursor.accept('DATABASE') ? cursor.name() : undefined;
  cursor.expect('SNAPSHOT');
  const { labelDb, label } = parseLabel(cursor);
  cursor.expect('TO');
  const repository = cursor.name();
  const objects = parseObjects(cursor);
  const properties = parseProperties(cursor);
  return {
    kind: 'backup',
    externalCatalogs,
    database,
    labelDb,
    label,
    repository,
    objects,
    properties,
  };
}

/** After RESTORE. */
export function parseRestore(cursor: TokenCursor): RestoreStatement {
  const hasNewForms = cursor.options.newBackupForms;
  cursor.expect('SNAPSHOT');
  const { labelDb, label } = parseLabel(cursor);
  cursor.expect('FROM');
  const repository = cursor.name();
  const externalCatalogs = hasNewForms
    ? parseExternalCatalogs(cursor, () => ({ name: cursor.name(), alias: parseAlias(cursor) }))
    : undefined;
  const hasDatabase = hasNewForms && cursor.accept('DATABASE');
  const database = hasDatabase ? cursor.name() : undefined;
  const databaseAlias = hasDatabase ? parseAlias(cursor) : undefined;
  const objects = parseObjects(cursor);
  const properties = parseProperties(cursor);
  return {
    kind: 'restore',
    labelDb,
    label,
    repository,
    externalCatalogs,
    database,
    databaseAlias,
    objects,
    properties,
  };
}

/** After CANCEL. */
export function parseCancel(cursor: TokenCursor): Statement {
  const job = cursor.expectOneOf('BACKUP', 'RESTORE');
  if (cursor.options.newBackupForms && cursor.accept('FOR')) {
    cursor.expect('EXTERNAL', 'CATALOG');
    return { kind: 'cancel-job', job, database: undefined, externalCatalog: true };
  }
  const hasDatabase = cursor.acceptOneOf('FROM', 'IN') !== undefined;
  const database = hasDatabase ? cursor.name() : undefined;
  return { kind: 'cancel-job', job, database, externalCatalog: false };
}

/** After DROP SNAPSHOT: the form of the grammar, and the one that only tools send. */
export function parseDropSnapshot(cursor: TokenCursor): Statement {
  const { dropSnapshot, strict } = cursor.options;
  if (!dropSnapshot && strict) cursor.fail();
  const isWhereForm = !strict && cursor.accept('ON');
  const name = isWhereForm ? undefined : cursor.name();
  if (name !== undefined) cursor.expect('ON');
  const repository = cursor.name();
  if (name !== undefined) {
    const force = cursor.accept('FORCE');
    return { kind: 'drop-snapshot', repository, snapshots: [name], form: 'name', force };
  }
  cursor.expect('WHERE');
  const start = cursor.peek();
  const where = parseExpression(cursor);
  // SHOW SNAPSHOT takes any comparison for `=`; what deletes must not.
  const isExact = where.kind === 'in-list' || (where.kind === 'binary' && where.operator === '=');
  const filter = isExact ? readSnapshotFilter(where) : undefined;
  if (filter === undefined) return cursor.unsupported('this condition of DROP SNAPSHOT', start);
  const { snapshots } = filter;
  return { kind: 'drop-snapshot', repository, snapshots, form: 'where', force: false };
}

function parseLabel(cursor: TokenCursor): {
  readonly labelDb: string | undefined;
  readonly label: string;
} {
  const first = cursor.name();
  if (!cursor.accept('.')) return { labelDb: undefined, label: first };
  return { labelDb: first, label: cursor.name() };
}

function parseExternalCatalogs<T>(
  cursor: TokenCursor,
  item: () => T,
): 'ALL' | readonly T[] | undefined {
  if (cursor.accept('ALL')) {
    cursor.expect('EXTERNAL', 'CATALOGS');
    return 'ALL';
  }
  if (!cursor.accept('EXTERNAL')) return undefined;
  cursor.expectOneOf('CATALOG', 'CATALOGS');
  return cursor.parenthesized(item);
}

function parseAlias(cursor: TokenCursor): string | undefined {
  return cursor.accept('AS') ? cursor.name() : undefined;
}

function parseObjects(cursor: TokenCursor): readonly BackupObject[] | undefined {
  if (!cursor.accept('ON')) return undefined;
  return cursor.parenthesized(() =>
    cursor.options.newBackupForms ? parseObject(cursor) : parseTableObject(cursor, undefined),
  );
}

/** Each keyword, singular or plural, introduces one object (resolutions.md 10). */
function parseObject(cursor: TokenCursor): BackupObject {
  if (cursor.accept('ALL')) return parseAllObjects(cursor);
  if (cursor.accept('TABLE')) return parseTableObject(cursor, 'TABLE');
  if (cursor.accept('FUNCTION')) return parseFunctionObject(cursor);
  // The other keywords are not reserved: with no name behind them they are names themselves.
  if (cursor.at('MATERIALIZED') && ['VIEW', 'VIEWS'].includes(cursor.peek(1).key)) {
    cursor.next();
    cursor.next();
    return parseViewObject(cursor, 'MATERIALIZED VIEW');
  }
  if (cursor.isName(1)) {
    if (cursor.accept('TABLES')) return parseTableObject(cursor, 'TABLE');
    if (cursor.accept('FUNCTIONS')) return parseFunctionObject(cursor);
    if (cursor.acceptOneOf('VIEW', 'VIEWS') !== undefined) return parseViewObject(cursor, 'VIEW');
  }
  return parseTableObject(cursor, undefined);
}

function parseAllObjects(cursor: TokenCursor): BackupObject {
  if (cursor.acceptOneOf('TABLE', 'TABLES') !== undefined) return { kind: 'all', what: 'TABLES' };
  if (cursor.acceptOneOf('FUNCTION', 'FUNCTIONS') !== undefined) {
    return { kind: 'all', what: 'FUNCTIONS' };
  }
  const isMaterialized = cursor.accept('MATERIALIZED');
  cursor.expectOneOf('VIEWS', 'VIEW');
  return { kind: 'all', what: isMaterialized ? 'MATERIALIZED VIEWS' : 'VIEWS' };
}

function parseTableObject(cursor: TokenCursor, keyword: 'TABLE' | undefined): BackupObject {
  const name = parseTableName(cursor);
  const partitions = parsePartitionNames(cursor);
  return { kind: 'table', keyword, name, partitions, alias: parseAlias(cursor) };
}

function parseViewObject(cursor: TokenCursor, keyword: 'MATERIALIZED VIEW' | 'VIEW'): BackupObject {
  const name = parseTableName(cursor);
  return { kind: 'table', keyword, name, partitions: undefined, alias: parseAlias(cursor) };
}

function parseFunctionObject(cursor: TokenCursor): BackupObject {
  const name = parseTableName(cursor);
  return { kind: 'function', name, alias: parseAlias(cursor) };
}
