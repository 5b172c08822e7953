/** Users and roles: CREATE, ALTER, DROP, SET ROLE, SET PASSWORD, SHOW GRANTS (sql-surface.md 6). */
import type { PasswordDef, RoleChoice, Statement, UserName } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseIfExists, parseIfNotExists, parsePropertyList } from './parse-common.ts';

/** `u`, `u@h`, `'u'@'h'`. */
export function parseUserName(cursor: TokenCursor): UserName {
  const name = cursor.nameOrString();
  if (!cursor.accept('@')) return { name, host: '%' };
  if (cursor.at('[')) cursor.unsupported('a user of a host domain');
  return { name, host: cursor.nameOrString() };
}

/** After CREATE: USER or ROLE; undefined when neither comes, with nothing taken. */
export function parseCreateAccount(cursor: TokenCursor): Statement | undefined {
  if (cursor.accept('ROLE')) {
    const ifNotExists = parseIfNotExists(cursor);
    const names = cursor.list(() => cursor.nameOrString());
    const comment = cursor.accept('COMMENT') ? cursor.string() : '';
    return { kind: 'create-role', ifNotExists, names, comment };
  }
  if (!cursor.accept('USER')) return undefined;
  const ifNotExists = parseIfNotExists(cursor);
  const user = parseUserName(cursor);
  const password = parseIdentified(cursor);
  const hasRoles = cursor.accept('DEFAULT', 'ROLE');
  const defaultRoles = hasRoles ? cursor.list(() => cursor.nameOrString()) : [];
  refuseUserProperties(cursor);
  return { kind: 'create-user', ifNotExists, user, password, defaultRoles };
}

/** After ALTER. */
export function parseAlterAccount(cursor: TokenCursor): Statement | undefined {
  if (cursor.at('ROLE')) cursor.unsupported('ALTER ROLE');
  if (!cursor.accept('USER')) return undefined;
  const ifExists = parseIfExists(cursor);
  const user = parseUserName(cursor);
  if (cursor.accept('SET', 'PROPERTIES')) {
    const properties = parsePropertyList(cursor);
    return { kind: 'set-user-property', user: user.name, properties };
  }
  const password = parseIdentified(cursor);
  const defaultRoles = cursor.accept('DEFAULT', 'ROLE') ? parseRoleChoice(cursor) : undefined;
  refuseUserProperties(cursor);
  if (password === undefined && defaultRoles === undefined) cursor.fail();
  return { kind: 'alter-user', ifExists, user, password, defaultRoles };
}

/** After DROP. */
export function parseDropAccount(cursor: TokenCursor): Statement | undefined {
  if (cursor.accept('USER')) {
    return { kind: 'drop-user', ifExists: parseIfExists(cursor), user: parseUserName(cursor) };
  }
  if (!cursor.accept('ROLE')) return undefined;
  const ifExists = parseIfExists(cursor);
  return { kind: 'drop-role', ifExists, names: cursor.list(() => cursor.nameOrString()) };
}

/** After SET. */
export function parseSetAccount(cursor: TokenCursor): Statement | undefined {
  if (cursor.at('ROLE') && cursor.peek(1).key !== '=') {
    cursor.expect('ROLE');
    return parseSetRole(cursor);
  }
  if (cursor.accept('DEFAULT', 'ROLE')) {
    const roles = parseRoleChoice(cursor);
    cursor.expect('TO');
    return { kind: 'set-default-role', roles, user: parseUserName(cursor) };
  }
  const isOther = cursor.at('PASSWORD', 'FOR');
  if (!isOther && !cursor.at('PASSWORD', '=')) return undefined;
  cursor.expect('PASSWORD');
  const user = cursor.accept('FOR') ? parseUserName(cursor) : undefined;
  cursor.expect('=');
  const password = cursor.hidingStrings((): PasswordDef => {
    if (!cursor.accept('PASSWORD')) return { kind: 'hash', text: cursor.string() };
    const [text = ''] = cursor.parenthesized(() => cursor.string());
    return { kind: 'plain', text };
  });
  return { kind: 'set-password', user, password };
}

/** After SHOW; undefined when it is none of these, with nothing taken. */
export function parseShowAccount(cursor: TokenCursor): Statement | undefined {
  if (cursor.accept('ROLES')) return { kind: 'show-roles' };
  if (cursor.accept('USERS')) return { kind: 'show-users' };
  if (!cursor.accept('GRANTS')) return undefined;
  if (!cursor.accept('FOR')) return { kind: 'show-grants', grantee: undefined };
  if (cursor.accept('ROLE')) {
    return { kind: 'show-grants', grantee: { kind: 'role', name: cursor.nameOrString() } };
  }
  cursor.accept('USER');
  return { kind: 'show-grants', grantee: { kind: 'user', user: parseUserName(cursor) } };
}

function parseSetRole(cursor: TokenCursor): Statement {
  if (!cursor.accept('ALL', 'EXCEPT')) {
    const roles = cursor.accept('DEFAULT') ? 'DEFAULT' : parseRoleChoice(cursor);
    return { kind: 'set-role', roles, except: [] };
  }
  return { kind: 'set-role', roles: 'ALL', except: cursor.list(() => cursor.nameOrString()) };
}

function parseRoleChoice(cursor: TokenCursor): RoleChoice {
  if (cursor.accept('ALL')) return 'ALL';
  if (cursor.accept('NONE')) return 'NONE';
  return cursor.list(() => cursor.nameOrString());
}

/** `IDENTIFIED BY [PASSWORD] 's'`, `IDENTIFIED WITH mysql_native_password [BY|AS 's']`. */
function parseIdentified(cursor: TokenCursor): PasswordDef | undefined {
  if (!cursor.accept('IDENTIFIED')) return undefined;
  return cursor.hidingStrings((): PasswordDef => {
    if (cursor.accept('BY')) {
      const kind = cursor.accept('PASSWORD') ? 'hash' : 'plain';
      return { kind, text: cursor.string() };
    }
    cursor.expect('WITH');
    const plugin = cursor.nameOrString();
    if (plugin.toLowerCase() !== 'mysql_native_password') {
      cursor.unsupported(`IDENTIFIED WITH ${plugin}`);
    }
    const word = cursor.acceptOneOf('BY', 'AS');
    if (word === undefined) return { kind: 'plain', text: '' };
    return { kind: word === 'BY' ? 'plain' : 'hash', text: cursor.string() };
  });
}

function refuseUserProperties(cursor: TokenCursor): void {
  if (cursor.oneOf('PROPERTIES', 'SET') !== undefined) {
    cursor.unsupported('properties of a user');
  }
}
