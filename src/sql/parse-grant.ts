/** GRANT and REVOKE, of privileges and of roles (sql-surface.md 6). */
import type { Grantee, GrantTarget, Statement, TableName } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseUserName } from './parse-account.ts';
import { parseTableName } from './parse-common.ts';

/** Privileges of several words; a longer one stands before one that it begins with. */
const LONG_PRIVILEGES: readonly (readonly string[])[] = [
  ['CREATE', 'DATABASE'],
  ['CREATE', 'TABLE'],
  ['CREATE', 'VIEW'],
  ['CREATE', 'GLOBAL', 'FUNCTION'],
  ['CREATE', 'FUNCTION'],
  ['CREATE', 'MATERIALIZED', 'VIEW'],
  ['CREATE', 'RESOURCE', 'GROUP'],
  ['CREATE', 'RESOURCE'],
  ['CREATE', 'EXTERNAL', 'CATALOG'],
  ['CREATE', 'STORAGE', 'VOLUME'],
  ['CREATE', 'WAREHOUSE'],
  ['CREATE', 'PIPE'],
];

const SHORT_PRIVILEGES = [
  'ALTER',
  'BLACKLIST',
  'DELETE',
  'DROP',
  'EXPORT',
  'FILE',
  'IMPERSONATE',
  'INSERT',
  'GRANT',
  'NODE',
  'OPERATE',
  'SECURITY',
  'PLUGIN',
  'REPOSITORY',
  'REFRESH',
  'SELECT',
  'UPDATE',
  'USAGE',
] as const;

/** Object types as a GRANT writes one of them, and many. */
const OBJECT_WORDS: readonly (readonly [singular: string, plural: string])[] = [
  ['TABLE', 'TABLES'],
  ['DATABASE', 'DATABASES'],
  ['CATALOG', 'CATALOGS'],
  ['MATERIALIZED VIEW', 'MATERIALIZED VIEWS'],
  ['VIEW', 'VIEWS'],
  ['GLOBAL FUNCTION', 'GLOBAL FUNCTIONS'],
  ['FUNCTION', 'FUNCTIONS'],
  ['RESOURCE GROUP', 'RESOURCE GROUPS'],
  ['RESOURCE', 'RESOURCES'],
  ['STORAGE VOLUME', 'STORAGE VOLUMES'],
  ['WAREHOUSE', 'WAREHOUSES'],
  ['PIPE', 'PIPES'],
];

/** After GRANT. */
export function parseGrant(cursor: TokenCursor): Statement {
  if (startsWithRole(cursor)) {
    const roles = cursor.list(() => cursor.nameOrString());
    cursor.expect('TO');
    return { kind: 'grant-roles', roles, grantee: parseGrantee(cursor) };
  }
  const { privileges, target } = parsePrivileges(cursor);
  cursor.expect('TO');
  const grantee = parseGrantee(cursor);
  const withGrantOption = cursor.accept('WITH', 'GRANT', 'OPTION');
  return { kind: 'grant-privileges', privileges, target, grantee, withGrantOption };
}

/** After REVOKE. */
export function parseRevoke(cursor: TokenCursor): Statement {
  if (startsWithRole(cursor)) {
    const roles = cursor.list(() => cursor.nameOrString());
    cursor.expect('FROM');
    return { kind: 'revoke-roles', roles, grantee: parseGrantee(cursor) };
  }
  const { privileges, target } = parsePrivileges(cursor);
  cursor.expect('FROM');
  return { kind: 'revoke-privileges', privileges, target, grantee: parseGrantee(cursor) };
}

/** A role is a name, and behind the last of them stands TO or FROM instead of ON. */
function startsWithRole(cursor: TokenCursor): boolean {
  for (let ahead = 0; ; ahead += 2) {
    if (!cursor.isName(ahead) && !cursor.isString(ahead)) return false;
    const after = cursor.peek(ahead + 1).key;
    if (after === 'TO' || after === 'FROM') return true;
    if (after !== ',') return false;
  }
}

function parsePrivileges(cursor: TokenCursor): {
  readonly privileges: readonly string[];
  readonly target: GrantTarget;
} {
  const privileges = cursor.accept('ALL') ? all(cursor) : cursor.list(() => parsePrivilege(cursor));
  cursor.expect('ON');
  return { privileges, target: parseTarget(cursor) };
}

function all(cursor: TokenCursor): readonly string[] {
  cursor.accept('PRIVILEGES');
  return ['ALL'];
}

function parsePrivilege(cursor: TokenCursor): string {
  const long = LONG_PRIVILEGES.find((words) => cursor.accept(...words));
  if (long !== undefined) return long.join(' ');
  if (cursor.at('APPLY')) cursor.unsupported('the privilege APPLY');
  const word = cursor.expectOneOf(...SHORT_PRIVILEGES);
  if (cursor.at('(')) cursor.unsupported('privileges on columns');
  return word;
}

function parseTarget(cursor: TokenCursor): GrantTarget {
  if (cursor.accept('SYSTEM')) return { kind: 'system' };
  if (cursor.accept('ALL')) return parseAll(cursor);
  if (cursor.at('USER') && cursor.peek(1).key !== '.') {
    cursor.expect('USER');
    return { kind: 'users', users: cursor.list(() => parseUserName(cursor)) };
  }
  const words = OBJECT_WORDS.find(([singular]) => acceptType(cursor, singular));
  const objectType = words?.[0] ?? 'TABLE';
  if (objectType.endsWith('FUNCTION')) cursor.unsupported(`a grant on one ${objectType}`);
  return { kind: 'objects', objectType, names: cursor.list(() => parseObjectName(cursor)) };
}

/** A word for a type is a name too: `ON table.x` has none, `ON TABLE x` has one. */
function acceptType(cursor: TokenCursor, singular: string): boolean {
  const words = singular.split(' ');
  const after = cursor.peek(words.length).key;
  if (!cursor.at(...words) || ['.', 'TO', 'FROM', ','].includes(after)) return false;
  return cursor.accept(...words);
}

/** `db.*` and `*.*` are the old way of saying ALL. */
function parseObjectName(cursor: TokenCursor): TableName {
  if (cursor.at('*') || (cursor.peek(1).key === '.' && cursor.peek(2).key === '*')) {
    cursor.unsupported('`*` in GRANT and REVOKE: say ON ALL TABLES IN DATABASE or ALL DATABASES');
  }
  return parseTableName(cursor);
}

function parseAll(cursor: TokenCursor): GrantTarget {
  if (cursor.accept('USERS')) return { kind: 'all', plural: 'USERS', database: undefined };
  const words = OBJECT_WORDS.find(([, plural]) => cursor.accept(...plural.split(' ')));
  if (words === undefined) cursor.fail('TABLES', 'DATABASES', 'CATALOGS');
  const [singular, plural] = words;
  const isInside = ['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'FUNCTION', 'PIPE'].includes(singular);
  if (!isInside) return { kind: 'all', plural, database: undefined };
  cursor.expect('IN');
  if (cursor.accept('ALL', 'DATABASES')) return { kind: 'all', plural, database: undefined };
  cursor.expect('DATABASE');
  return { kind: 'all', plural, database: cursor.name() };
}

function parseGrantee(cursor: TokenCursor): Grantee {
  if (cursor.at('EXTERNAL', 'GROUP')) cursor.unsupported('EXTERNAL GROUP');
  if (cursor.at('ROLE') && (cursor.isName(1) || cursor.isString(1))) {
    cursor.expect('ROLE');
    return { kind: 'role', name: cursor.nameOrString() };
  }
  const isUserWord = cursor.at('USER') && (cursor.isName(1) || cursor.isString(1));
  if (isUserWord) cursor.expect('USER');
  return { kind: 'user', user: parseUserName(cursor) };
}
