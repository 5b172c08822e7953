/** One statement, told apart by its first words. */
import type { Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { knownStatement } from './known-statements.ts';
import {
  parseAlterAccount,
  parseCreateAccount,
  parseDropAccount,
  parseShowAccount,
} from './parse-account.ts';
import { parseAdmin } from './parse-admin.ts';
import { parseAlterDatabase } from './parse-alter-database.ts';
import {
  parseBackup,
  parseCancel,
  parseCreateRepository,
  parseDropSnapshot,
  parseRestore,
} from './parse-backup.ts';
import { parseAlterSystem } from './parse-broker.ts';
import { parseCreateCatalog, parseDropCatalog, parseShowCreateCatalog } from './parse-catalog.ts';
import { parseCreateTable } from './parse-create-table.ts';
import {
  parseAlterTable,
  parseCreateDatabase,
  parseDropDatabase,
  parseDropTable,
  parseTruncateTable,
} from './parse-ddl.ts';
import { parseDelete, parseInsert, parseUpdate } from './parse-dml.ts';
import { parseCreateFunction, parseDropFunction, parseShowFunctions } from './parse-function.ts';
import { parseGrant, parseRevoke } from './parse-grant.ts';
import {
  isAsyncMaterializedView,
  parseAlterMaterializedView,
  parseCreateMaterializedView,
  parseRefreshMaterializedView,
  parseShowMaterializedViews,
} from './parse-materialized-view.ts';
import { parseQuery } from './parse-query.ts';
import { parseCreateSyncView, parseDropMaterializedView } from './parse-rollup.ts';
import {
  parseDeallocate,
  parseExecute,
  parseKill,
  parsePrepare,
  parseShowProperty,
} from './parse-session.ts';
import { parseNoEffect, parseSet, parseUse } from './parse-set.ts';
import { parseDescribe, parseShow } from './parse-show.ts';
import { parseCreateIndex, parseDropIndex } from './parse-table-index.ts';
import { parseAlterView, parseCreateView, parseDropView } from './parse-view.ts';
import { EXPECTED } from './syntax-error.ts';

/**
 * Takes one statement up to what cannot belong to it. Throws `syntax`; `unsupported`, naming what
 * StarRocks has and the emulator has not; `limit-reached`; `analysis` for a filter of snapshots.
 */
export function parseStatement(cursor: TokenCursor): Statement {
  const known = knownStatement((ahead) => cursor.peek(ahead).key);
  if (known !== undefined) return cursor.unsupported(known);
  if (cursor.oneOf('SELECT', 'WITH', '(') !== undefined) {
    return { kind: 'select', query: parseQuery(cursor) };
  }
  return (
    parseNoEffect(cursor) ??
    parseByFirstWord(cursor) ??
    cursor.fail(EXPECTED.statement, 'SELECT', 'SHOW')
  );
}

function parseByFirstWord(cursor: TokenCursor): Statement | undefined {
  const word = cursor.peek().key;
  const parse = FIRST_WORDS.get(word);
  if (parse === undefined) return undefined;
  cursor.next();
  return parse(cursor);
}

const FIRST_WORDS: ReadonlyMap<string, (cursor: TokenCursor) => Statement> = new Map<
  string,
  (cursor: TokenCursor) => Statement
>([
  ['USE', parseUse],
  ['SET', parseSet],
  ['CREATE', parseCreate],
  ['DROP', parseDrop],
  ['ALTER', parseAlter],
  ['TRUNCATE', parseTruncate],
  ['INSERT', parseInsert],
  ['UPDATE', parseUpdate],
  ['DELETE', parseDelete],
  ['BACKUP', parseBackup],
  ['RESTORE', parseRestore],
  ['CANCEL', parseCancel],
  ['SHOW', parseAnyShow],
  ['REFRESH', parseRefresh],
  ['ADMIN', (cursor) => parseAdmin(cursor) ?? cursor.fail()],
  ['GRANT', parseGrant],
  ['REVOKE', parseRevoke],
  ['DESC', parseDescribe],
  ['DESCRIBE', parseDescribe],
  ['KILL', parseKill],
  ['PREPARE', parsePrepare],
  ['EXECUTE', parseExecute],
  ['DEALLOCATE', parseDeallocate],
]);

function parseAnyShow(cursor: TokenCursor): Statement {
  if (cursor.accept('PROPERTY')) return parseShowProperty(cursor);
  return (
    parseShow(cursor) ??
    parseShowFunctions(cursor) ??
    parseShowCreateCatalog(cursor) ??
    parseShowMaterializedViews(cursor) ??
    parseShowAccount(cursor) ??
    cursor.fail()
  );
}

function parseCreate(cursor: TokenCursor): Statement {
  const start = cursor.previousStart;
  const orReplace = cursor.accept('OR', 'REPLACE');
  const created = parseCreateFunction(cursor, orReplace) ?? parseCreateAccount(cursor);
  if (created !== undefined) return created;
  if (orReplace) {
    cursor.expect('VIEW');
    return parseCreateView(cursor, true);
  }
  if (cursor.accept('INDEX')) return parseCreateIndex(cursor);
  if (cursor.accept('TABLE')) return parseCreateTable(cursor);
  if (cursor.acceptOneOf('DATABASE', 'SCHEMA') !== undefined) return parseCreateDatabase(cursor);
  if (cursor.accept('VIEW')) return parseCreateView(cursor, false);
  if (cursor.accept('MATERIALIZED', 'VIEW')) {
    return isAsyncMaterializedView(cursor)
      ? parseCreateMaterializedView(cursor)
      : parseCreateSyncView(cursor, start);
  }
  if (cursor.accept('EXTERNAL', 'CATALOG')) return parseCreateCatalog(cursor);
  const readOnly = cursor.accept('READ');
  if (readOnly) cursor.expect('ONLY');
  cursor.expect('REPOSITORY');
  return parseCreateRepository(cursor, readOnly);
}

function parseDrop(cursor: TokenCursor): Statement {
  const account = parseDropAccount(cursor);
  if (account !== undefined) return account;
  if (cursor.at('PREPARE')) return parseDeallocate(cursor);
  if (cursor.accept('INDEX')) return parseDropIndex(cursor);
  if (cursor.accept('TABLE')) return parseDropTable(cursor);
  if (cursor.acceptOneOf('DATABASE', 'SCHEMA') !== undefined) return parseDropDatabase(cursor);
  if (cursor.accept('SNAPSHOT')) return parseDropSnapshot(cursor);
  if (cursor.accept('VIEW')) return parseDropView(cursor);
  if (cursor.accept('MATERIALIZED', 'VIEW')) return parseDropMaterializedView(cursor);
  if (cursor.accept('FUNCTION')) return parseDropFunction(cursor);
  if (cursor.accept('CATALOG')) return parseDropCatalog(cursor);
  cursor.expect('REPOSITORY');
  return { kind: 'drop-repository', name: cursor.name() };
}

function parseAlter(cursor: TokenCursor): Statement {
  const other = parseAlterAccount(cursor) ?? parseAlterSystem(cursor);
  if (other !== undefined) return other;
  if (cursor.accept('VIEW')) return parseAlterView(cursor);
  if (cursor.accept('MATERIALIZED', 'VIEW')) return parseAlterMaterializedView(cursor);
  if (cursor.acceptOneOf('DATABASE', 'SCHEMA') !== undefined) return parseAlterDatabase(cursor);
  cursor.expect('TABLE');
  return parseAlterTable(cursor);
}

function parseRefresh(cursor: TokenCursor): Statement {
  cursor.expect('MATERIALIZED', 'VIEW');
  return parseRefreshMaterializedView(cursor);
}

function parseTruncate(cursor: TokenCursor): Statement {
  cursor.expect('TABLE');
  return parseTruncateTable(cursor);
}
