/** SHOW and DESCRIBE (sql-surface.md 1.7, 2.5, 4). */
import type { ShowFixed, SnapshotFilter, Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseFromDatabase, parsePartitionNames, parseTableName } from './parse-common.ts';
import { parseExpression } from './parse-expression.ts';
import { parseShowOfTable } from './parse-show-table.ts';
import { parseShowTail, refuseTail } from './parse-show-tail.ts';
import { readSnapshotFilter } from './snapshot-filter.ts';

/** After SHOW; undefined when it is none of ours, with nothing taken. */
export function parseShow(cursor: TokenCursor): Statement | undefined {
  return (
    parseShowBackup(cursor) ??
    parseShowOfTable(cursor) ??
    parseShowCatalog(cursor) ??
    parseShowServer(cursor)
  );
}

function parseShowBackup(cursor: TokenCursor): Statement | undefined {
  if (cursor.accept('REPOSITORIES')) {
    return { kind: 'show-repositories', tail: parseShowTail(cursor) };
  }
  const job = cursor.acceptOneOf('BACKUP', 'RESTORE');
  if (job !== undefined) {
    const hasDatabase = cursor.acceptOneOf('FROM', 'IN') !== undefined;
    const database = hasDatabase ? cursor.name() : undefined;
    return { kind: 'show-jobs', job, database, tail: parseShowTail(cursor) };
  }
  if (!cursor.accept('SNAPSHOT')) return undefined;
  cursor.expect('ON');
  const repository = cursor.name();
  const filter: SnapshotFilter | undefined = cursor.accept('WHERE')
    ? readSnapshotFilter(parseExpression(cursor))
    : undefined;
  refuseTail(cursor, 'SHOW SNAPSHOT');
  return { kind: 'show-snapshot', repository, filter };
}

function parseShowCatalog(cursor: TokenCursor): Statement | undefined {
  if (cursor.acceptOneOf('DATABASES', 'SCHEMAS') !== undefined) {
    if (cursor.acceptOneOf('FROM', 'IN') !== undefined) parseCatalog(cursor);
    return { kind: 'show-databases', tail: parseShowTail(cursor) };
  }
  const full = cursor.at('FULL', 'TABLES');
  if (full) cursor.expect('FULL');
  if (cursor.accept('TABLES')) {
    const database = parseFromDatabase(cursor);
    return { kind: 'show-tables', full, database, tail: parseShowTail(cursor) };
  }
  if (cursor.accept('CREATE', 'TABLE')) {
    return { kind: 'show-create-table', table: parseTableName(cursor), onlyView: false };
  }
  if (cursor.accept('CREATE', 'VIEW')) {
    return { kind: 'show-create-table', table: parseTableName(cursor), onlyView: true };
  }
  if (cursor.accept('ALTER', 'TABLE', 'ROLLUP') || cursor.accept('ALTER', 'MATERIALIZED', 'VIEW')) {
    const database = parseFromDatabase(cursor);
    return { kind: 'show-rollup-jobs', database, tail: parseShowTail(cursor) };
  }
  if (cursor.accept('ALTER', 'TABLE', 'COLUMN')) {
    const database = parseFromDatabase(cursor);
    return { kind: 'show-column-jobs', database, tail: parseShowTail(cursor) };
  }
  if (cursor.accept('CREATE', 'MATERIALIZED', 'VIEW')) {
    const table = parseTableName(cursor);
    return { kind: 'show-create-table', table, onlyView: false, onlyMaterializedView: true };
  }
  if (cursor.accept('LOAD')) {
    const database = parseFromDatabase(cursor);
    return { kind: 'show-load', database, tail: parseShowTail(cursor) };
  }
  if (cursor.accept('TRANSACTION')) {
    const database = parseFromDatabase(cursor);
    cursor.expect('WHERE', 'ID', '=');
    return { kind: 'show-transaction', database, txnId: cursor.integer() };
  }
  if (cursor.accept('PROC')) return { kind: 'show-proc', path: cursor.string() };
  if (cursor.accept('DATA')) {
    const table = cursor.accept('FROM') ? parseTableName(cursor) : undefined;
    return { kind: 'show-data', table, tail: parseShowTail(cursor) };
  }
  if (cursor.accept('DYNAMIC', 'PARTITION', 'TABLES')) {
    const database = parseFromDatabase(cursor);
    return { kind: 'show-dynamic-partition-tables', database, tail: parseShowTail(cursor) };
  }
  if (cursor.acceptOneOf('TABLET', 'TABLETS') !== undefined) return parseShowTablet(cursor);
  const temporary = cursor.at('TEMPORARY', 'PARTITIONS');
  if (temporary) cursor.expect('TEMPORARY');
  if (!cursor.accept('PARTITIONS')) return undefined;
  cursor.expect('FROM');
  const table = parseTableName(cursor);
  return { kind: 'show-partitions', table, temporary, tail: parseShowTail(cursor) };
}

/** `<id>`, or `FROM t [PARTITION (p, ...)]` and a tail. */
function parseShowTablet(cursor: TokenCursor): Statement {
  if (cursor.isInteger()) {
    const tabletId = cursor.integer();
    refuseTail(cursor, 'SHOW TABLET <id>');
    return { kind: 'show-tablet', tabletId };
  }
  cursor.expect('FROM');
  const table = parseTableName(cursor);
  const partitions = parsePartitionNames(cursor);
  return { kind: 'show-tablets', table, partitions, tail: parseShowTail(cursor) };
}

function parseCatalog(cursor: TokenCursor): void {
  const start = cursor.peek();
  const catalog = cursor.name();
  if (catalog !== 'default_catalog') cursor.unsupported(`the external catalog ${catalog}`, start);
}

function parseShowServer(cursor: TokenCursor): Statement | undefined {
  if (cursor.accept('BACKENDS')) {
    refuseTail(cursor, 'SHOW BACKENDS');
    return { kind: 'show-backends' };
  }
  if (cursor.accept('BROKER')) return { kind: 'show-broker', tail: parseShowTail(cursor) };
  if (cursor.accept('FRONTENDS')) {
    refuseTail(cursor, 'SHOW FRONTENDS');
    return { kind: 'show-frontends' };
  }
  if (cursor.accept('FAILPOINTS')) {
    const like = cursor.accept('LIKE') ? cursor.string() : undefined;
    if (cursor.at('ON')) cursor.unsupported('ON BACKEND of SHOW FAILPOINTS');
    refuseTail(cursor, 'SHOW FAILPOINTS');
    return { kind: 'show-failpoints', like };
  }
  const full = cursor.at('FULL', 'PROCESSLIST');
  if (full) cursor.expect('FULL');
  if (cursor.accept('PROCESSLIST')) {
    return { kind: 'show-processlist', full, tail: parseShowTail(cursor) };
  }
  if (cursor.accept('VERBOSE', 'VARIABLES')) {
    const tail = parseShowTail(cursor);
    return { kind: 'show-variables', scope: 'session', verbose: true, tail };
  }
  const hasScope = ['GLOBAL', 'SESSION', 'LOCAL'].includes(cursor.peek().key);
  const what = cursor.peek(hasScope ? 1 : 0).key;
  if (what === 'VARIABLES' || what === 'STATUS') {
    const scope = cursor.acceptOneOf('GLOBAL', 'SESSION', 'LOCAL') === 'GLOBAL';
    cursor.next();
    const tail = parseShowTail(cursor);
    if (what === 'STATUS') return { kind: 'show-fixed', what, tail };
    const names = scope ? 'global' : 'session';
    return { kind: 'show-variables', scope: names, verbose: false, tail };
  }
  return parseShowFixed(cursor);
}

interface FixedRow {
  readonly what: ShowFixed;
  readonly words: readonly (readonly string[])[];
  /** Takes `FROM db`, which makes no difference to an empty answer. */
  readonly hasDatabase?: boolean;
}

const FIXED: readonly FixedRow[] = [
  { what: 'WARNINGS', words: [['WARNINGS']] },
  { what: 'ERRORS', words: [['ERRORS']] },
  { what: 'ENGINES', words: [['ENGINES'], ['STORAGE', 'ENGINES']] },
  { what: 'CHARSET', words: [['CHARSET'], ['CHAR', 'SET'], ['CHARACTER', 'SET']] },
  { what: 'COLLATION', words: [['COLLATION']] },
  { what: 'PLUGINS', words: [['PLUGINS']] },
  { what: 'PRIVILEGES', words: [['PRIVILEGES']] },
  { what: 'OPEN TABLES', words: [['OPEN', 'TABLES']], hasDatabase: true },
  { what: 'STORAGE VOLUMES', words: [['STORAGE', 'VOLUMES']] },
  { what: 'COMPUTE NODES', words: [['COMPUTE', 'NODES']] },
  { what: 'CATALOGS', words: [['CATALOGS']] },
  { what: 'TRIGGERS', words: [['TRIGGERS'], ['FULL', 'TRIGGERS']], hasDatabase: true },
  { what: 'EVENTS', words: [['EVENTS']], hasDatabase: true },
  { what: 'PROCEDURE STATUS', words: [['PROCEDURE', 'STATUS']] },
  { what: 'FUNCTION STATUS', words: [['FUNCTION', 'STATUS']] },
];

function parseShowFixed(cursor: TokenCursor): Statement | undefined {
  const row = FIXED.find(({ words }) => words.some((phrase) => cursor.accept(...phrase)));
  if (row === undefined) return undefined;
  if (row.hasDatabase === true) parseFromDatabase(cursor);
  return { kind: 'show-fixed', what: row.what, tail: parseShowTail(cursor) };
}

/** After DESC or DESCRIBE. */
export function parseDescribe(cursor: TokenCursor): Statement {
  if (cursor.at('FILES')) cursor.unsupported('DESCRIBE FILES');
  if (['SELECT', 'WITH', '('].includes(cursor.peek().key)) cursor.unsupported('EXPLAIN');
  const table = parseTableName(cursor);
  return { kind: 'describe', table, all: cursor.accept('ALL') };
}
