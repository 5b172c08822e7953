/** USE, SET and the transaction statements that have no effect (sql-surface.md 1.7). */
import type { Expr, SetItem, Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseSetAccount } from './parse-account.ts';
import { acceptCharsetWords } from './parse-common.ts';
import { parseExpression } from './parse-expression.ts';
import { parseSystemVariableName } from './parse-primary.ts';
import { parseSetProperty } from './parse-session.ts';

/** After USE. */
export function parseUse(cursor: TokenCursor): Statement {
  if (cursor.isString()) {
    const words = cursor.string().trim().split(/\s+/);
    if (words.length !== 2 || words[0]?.toUpperCase() !== 'CATALOG') cursor.fail("'CATALOG c'");
    return { kind: 'set-catalog', catalog: words[1] ?? '' };
  }
  const first = cursor.name();
  if (!cursor.accept('.')) return { kind: 'use', catalog: undefined, database: first };
  return { kind: 'use', catalog: first, database: cursor.name() };
}

/** After SET. */
export function parseSet(cursor: TokenCursor): Statement {
  const account = parseSetAccount(cursor);
  if (account !== undefined) return account;
  refuseOtherSets(cursor);
  if (isSet(cursor, 'CATALOG')) {
    cursor.expect('CATALOG');
    return { kind: 'set-catalog', catalog: cursor.name() };
  }
  if (isSet(cursor, 'PROPERTY')) {
    cursor.expect('PROPERTY');
    return parseSetProperty(cursor);
  }
  if (isSetTransaction(cursor)) return parseSetTransaction(cursor);
  // Drivers put character sets, which change nothing, between variables.
  const parts = cursor.list(() => parseCharsetItem(cursor) ?? parseSetItem(cursor));
  const [first] = parts;
  const items = parts.filter((part) => 'scope' in part);
  if (items.length === 0 && first !== undefined && 'charset' in first) {
    return { kind: 'set-names', charset: first.charset };
  }
  return { kind: 'set', items };
}

/** Not a variable of that name. */
function isSet(cursor: TokenCursor, word: string): boolean {
  return cursor.peek().key === word && cursor.peek(1).key !== '=';
}

/** Words that begin another statement unless `=` makes them a variable. */
const OTHER_SET_WORDS: readonly string[] = ['WAREHOUSE'];

function refuseOtherSets(cursor: TokenCursor): void {
  const word = OTHER_SET_WORDS.find((one) => cursor.peek().key === one);
  const follows = cursor.peek(1);
  if (word !== undefined && follows.key !== '=' && follows.kind !== 'end') {
    cursor.unsupported(`SET ${word}`);
  }
}

/** `NAMES x [COLLATE y]`, `CHARACTER SET x`, `CHARSET x`, if it is one of them. */
function parseCharsetItem(cursor: TokenCursor): { readonly charset: string } | undefined {
  if (cursor.accept('NAMES')) {
    const charset = parseCharset(cursor);
    if (cursor.accept('COLLATE')) parseCharset(cursor);
    return { charset };
  }
  return acceptCharsetWords(cursor) ? { charset: parseCharset(cursor) } : undefined;
}

function parseCharset(cursor: TokenCursor): string {
  return cursor.accept('DEFAULT') ? 'DEFAULT' : cursor.nameOrString();
}

function isSetTransaction(cursor: TokenCursor): boolean {
  const ahead = ['GLOBAL', 'SESSION', 'LOCAL'].includes(cursor.peek().key) ? 1 : 0;
  return cursor.peek(ahead).key === 'TRANSACTION' && cursor.peek(ahead + 1).key !== '=';
}

function parseSetTransaction(cursor: TokenCursor): Statement {
  cursor.acceptOneOf('GLOBAL', 'SESSION', 'LOCAL');
  cursor.expect('TRANSACTION');
  cursor.list(() => {
    if (cursor.accept('READ')) return cursor.expectOneOf('ONLY', 'WRITE');
    cursor.expect('ISOLATION', 'LEVEL');
    if (cursor.accept('READ')) return cursor.expectOneOf('UNCOMMITTED', 'COMMITTED');
    if (cursor.accept('SERIALIZABLE')) return 'SERIALIZABLE';
    cursor.expect('REPEATABLE', 'READ');
    return 'REPEATABLE READ';
  });
  return { kind: 'set-transaction' };
}

function parseSetItem(cursor: TokenCursor): SetItem {
  const { scope, name } = parseSetTarget(cursor);
  cursor.expect('=');
  return { scope, name, value: parseSetValue(cursor) };
}

function parseSetTarget(cursor: TokenCursor): Pick<SetItem, 'scope' | 'name'> {
  if (cursor.accept('@')) {
    if (!cursor.accept('@')) return { scope: 'user', name: cursor.nameOrString() };
    const { scope, name } = parseSystemVariableName(cursor);
    return { scope: scope ?? 'session', name };
  }
  const hasScope = cursor.peek(1).key !== '=';
  const word = hasScope ? cursor.acceptOneOf('GLOBAL', 'SESSION', 'LOCAL') : undefined;
  return { scope: word === 'GLOBAL' ? 'global' : 'session', name: cursor.name() };
}

/** Bare words such as ON, ALL or utf8 are strings here. */
export function parseSetValue(cursor: TokenCursor): Expr | { readonly kind: 'default' } {
  if (cursor.accept('DEFAULT')) return { kind: 'default' };
  const word = cursor.acceptOneOf('ON', 'ALL');
  if (word !== undefined) return { kind: 'string', value: word };
  const value = parseExpression(cursor);
  const [bare] = value.kind === 'column' && value.path.length === 1 ? value.path : [];
  return bare === undefined ? value : { kind: 'string', value: bare };
}

/** BEGIN, START TRANSACTION, COMMIT, ROLLBACK, LOCK TABLES, UNLOCK TABLES; nothing taken yet. */
export function parseNoEffect(cursor: TokenCursor): Statement | undefined {
  if (cursor.accept('BEGIN')) {
    cursor.accept('WORK');
    parseTransactionLabel(cursor);
    return { kind: 'no-effect', word: 'BEGIN' };
  }
  if (cursor.accept('START', 'TRANSACTION')) {
    cursor.accept('WITH', 'CONSISTENT', 'SNAPSHOT');
    parseTransactionLabel(cursor);
    return { kind: 'no-effect', word: 'START TRANSACTION' };
  }
  const word = cursor.acceptOneOf('COMMIT', 'ROLLBACK');
  if (word !== undefined) {
    parseTransactionEnd(cursor);
    return { kind: 'no-effect', word };
  }
  if (cursor.accept('UNLOCK', 'TABLES')) return { kind: 'no-effect', word: 'UNLOCK TABLES' };
  if (!cursor.accept('LOCK', 'TABLES')) return undefined;
  cursor.list(() => parseLockItem(cursor));
  return { kind: 'no-effect', word: 'LOCK TABLES' };
}

function parseTransactionLabel(cursor: TokenCursor): void {
  if (cursor.accept('WITH', 'LABEL')) cursor.name();
}

/** `[WORK] [AND [NO] CHAIN] [[NO] RELEASE]`. */
function parseTransactionEnd(cursor: TokenCursor): void {
  cursor.accept('WORK');
  if (cursor.accept('AND')) {
    cursor.accept('NO');
    cursor.expect('CHAIN');
  }
  if (cursor.accept('NO')) cursor.expect('RELEASE');
  else cursor.accept('RELEASE');
}

/** `t [[AS] alias] READ [LOCAL]` or `[LOW_PRIORITY] WRITE`. */
function parseLockItem(cursor: TokenCursor): void {
  cursor.name();
  const isLockWord = ['WRITE', 'LOW_PRIORITY'].includes(cursor.peek().key);
  if (cursor.accept('AS') || (cursor.isName() && !isLockWord)) cursor.name();
  if (cursor.accept('READ')) {
    cursor.accept('LOCAL');
    return;
  }
  cursor.accept('LOW_PRIORITY');
  cursor.expect('WRITE');
}
