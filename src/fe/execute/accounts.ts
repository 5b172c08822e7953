/**
 * Users and roles: CREATE, ALTER, DROP, GRANT role, SET ROLE, SET PASSWORD (sql-surface.md 6). Each
 * change is one record with the whole new state of one user or role.
 */
import { SimError } from '../../base/errors.ts';
import { hashNativePassword } from '../../base/native-password-hash.ts';
import type { Op } from '../../base/op.ts';
import type { PasswordDef, RoleChoice, UserName } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { DONE, type Executor, type FrontendContext } from '../frontend-context.ts';
import type { Role, UserAccount } from '../privileges/account-records.ts';
import {
  ROLE_DEPTH_MAX,
  ROLES_PER_HOLDER_MAX,
  ROOT_USER,
  userText,
} from '../privileges/accounts.ts';
import { isBuiltInRole, PUBLIC_ROLE, ROOT_ROLE } from '../privileges/built-in-roles.ts';
import type { Session } from '../session.ts';

const NAME = /^[A-Za-z][\w.@-]{0,63}$/;

export const executeCreateUser: Executor<'create-user'> = function* (
  frontend,
  _session,
  { user, ifNotExists, password, defaultRoles },
) {
  if (!NAME.test(user.name)) throw analysisError(`Incorrect user name '${user.name}'`);
  if (user.name === ROOT_USER) throw operationFailed('CREATE USER', 'there is a root user already');
  const passwordHash = hashOf(password);
  for (const role of defaultRoles) roleNamed(frontend, role);
  return yield* changingAccounts(frontend, function* () {
    if (frontend.accounts.user(user) !== undefined) {
      if (ifNotExists) return;
      throw operationFailed('CREATE USER', `user ${userText(user)} already exists`);
    }
    const roles = [...new Set(defaultRoles)];
    const account = { ...user, passwordHash, roles, defaultRoles: roles, grants: [] };
    yield* frontend.log({ op: 'OP_CREATE_USER_V2', user: account });
  });
};

export const executeAlterUser: Executor<'alter-user'> = function* (
  frontend,
  _session,
  { user, ifExists, password, defaultRoles },
) {
  return yield* changingAccounts(frontend, function* () {
    const account = frontend.accounts.user(user);
    if (account === undefined && ifExists) return;
    const known = userNamed(frontend, user);
    const changed: UserAccount = {
      ...known,
      ...(password === undefined ? {} : { passwordHash: hashOf(password) }),
      ...(defaultRoles === undefined ? {} : { defaultRoles: chosenRoles(known, defaultRoles) }),
    };
    yield* frontend.log({ op: 'OP_ALTER_USER_V2', user: changed });
  });
};

export const executeDropUser: Executor<'drop-user'> = function* (
  frontend,
  _session,
  { user, ifExists },
) {
  return yield* changingAccounts(frontend, function* () {
    if (user.name === ROOT_USER) throw operationFailed('DROP USER', 'cannot drop root user');
    if (frontend.accounts.user(user) === undefined) {
      if (ifExists) return;
      throw operationFailed('DROP USER', `user ${userText(user)} does not exist`);
    }
    yield* frontend.log({ op: 'OP_DROP_USER_V3', user: { name: user.name, host: user.host } });
  });
};

export const executeCreateRole: Executor<'create-role'> = function* (
  frontend,
  _session,
  { names, ifNotExists, comment },
) {
  const bad = names.find((name) => !NAME.test(name));
  if (bad !== undefined) throw analysisError(`Incorrect role name '${bad}'`);
  return yield* changingAccounts(frontend, function* () {
    const there = names.find((name) => frontend.accounts.role(name) !== undefined);
    if (there !== undefined && !ifNotExists) {
      throw operationFailed('CREATE ROLE', `role ${there} already exists`);
    }
    for (const name of names) {
      if (frontend.accounts.role(name) !== undefined) continue;
      const role = { name, comment, roles: [], grants: [] };
      yield* frontend.log({ op: 'OP_UPDATE_ROLE_PRIV_V2', role });
    }
  });
};

export const executeDropRole: Executor<'drop-role'> = function* (
  frontend,
  _session,
  { names, ifExists },
) {
  return yield* changingAccounts(frontend, function* () {
    for (const name of names) {
      if (isBuiltInRole(name)) throw operationFailed('DROP ROLE', `role ${name} is immutable`);
      if (frontend.accounts.role(name) === undefined && !ifExists) throw unknownRole(name);
    }
    for (const name of names) {
      if (frontend.accounts.role(name) === undefined) continue;
      yield* frontend.log({ op: 'OP_DROP_ROLE_V2', name });
    }
  });
};

export const executeGrantRoles: Executor<'grant-roles'> = function* (
  frontend,
  _session,
  { roles, grantee },
) {
  return yield* changingAccounts(frontend, function* () {
    for (const role of roles) {
      roleNamed(frontend, role);
      if (role === PUBLIC_ROLE) throw operationFailed('GRANT', 'role public cannot be granted');
    }
    if (grantee.kind === 'user') {
      const user = userNamed(frontend, grantee.user);
      const held = limited([...new Set([...user.roles, ...roles])]);
      yield* frontend.log({ op: 'OP_UPDATE_USER_PRIV_V2', user: { ...user, roles: held } });
      return;
    }
    const role = changeableRole(frontend, grantee.name);
    const held = limited([...new Set([...role.roles, ...roles])]);
    refuseCircle(frontend, role, roles);
    yield* frontend.log({ op: 'OP_UPDATE_ROLE_PRIV_V2', role: { ...role, roles: held } });
  });
};

export const executeRevokeRoles: Executor<'revoke-roles'> = function* (
  frontend,
  _session,
  { roles, grantee },
) {
  return yield* changingAccounts(frontend, function* () {
    for (const role of roles) roleNamed(frontend, role);
    const without = (held: readonly string[]): string[] =>
      held.filter((name) => !roles.includes(name));
    if (grantee.kind === 'user') {
      const user = userNamed(frontend, grantee.user);
      if (user.name === ROOT_USER && roles.includes(ROOT_ROLE)) {
        throw operationFailed('REVOKE', 'role root cannot be taken from the user root');
      }
      const changed = {
        ...user,
        roles: without(user.roles),
        defaultRoles: without(user.defaultRoles),
      };
      yield* frontend.log({ op: 'OP_UPDATE_USER_PRIV_V2', user: changed });
      return;
    }
    const role = changeableRole(frontend, grantee.name);
    const changed = { ...role, roles: without(role.roles) };
    yield* frontend.log({ op: 'OP_UPDATE_ROLE_PRIV_V2', role: changed });
  });
};

/** Roles become active, or not any more, for this session alone. */
export const executeSetRole: Executor<'set-role'> = function* (
  frontend,
  session,
  { roles, except },
) {
  const user = userNamed(frontend, session.identity);
  const chosen = roles === 'DEFAULT' ? user.defaultRoles : chosenRoles(user, roles);
  for (const name of except) chosenRoles(user, [name]);
  session.activateRoles(chosen.filter((name) => !except.includes(name)));
  return DONE;
};

export const executeSetDefaultRole: Executor<'set-default-role'> = function* (
  frontend,
  _session,
  { roles, user },
) {
  return yield* changingAccounts(frontend, function* () {
    const account = userNamed(frontend, user);
    const changed = { ...account, defaultRoles: chosenRoles(account, roles) };
    yield* frontend.log({ op: 'OP_UPDATE_USER_PRIV_V2', user: changed });
  });
};

export const executeSetPassword: Executor<'set-password'> = function* (
  frontend,
  session: Session,
  { user, password },
) {
  return yield* changingAccounts(frontend, function* () {
    const account = userNamed(frontend, user ?? session.identity);
    const changed = { ...account, passwordHash: hashOf(password) };
    yield* frontend.log({ op: 'OP_ALTER_USER_V2', user: changed });
  });
};

/** One change of users and roles at a time: each builds on the state before it. */
export function* changingAccounts(
  frontend: FrontendContext,
  body: () => Op<void>,
): Op<typeof DONE> {
  return yield* frontend.locks.accounts.hold(function* () {
    yield* body();
    return DONE;
  });
}

export function userNamed(frontend: FrontendContext, user: UserName): UserAccount {
  const account = frontend.accounts.user(user);
  if (account !== undefined) return account;
  throw analysisError(`user ${userText(user)} doesn't exist`, 'analysis', 'SHOW USERS lists them');
}

export function roleNamed(frontend: FrontendContext, name: string): Role {
  const role = frontend.accounts.role(name);
  if (role === undefined) throw unknownRole(name);
  return role;
}

/** Built-in roles stay as they are; `public` alone may be given privileges. */
export function changeableRole(frontend: FrontendContext, name: string): Role {
  if (isBuiltInRole(name) && name !== PUBLIC_ROLE) {
    throw operationFailed('GRANT', `role ${name} is immutable`);
  }
  return roleNamed(frontend, name);
}

/** Those of a user's roles that ALL, NONE or a list means. */
function chosenRoles(user: UserAccount, roles: RoleChoice): readonly string[] {
  if (roles === 'ALL') return user.roles;
  if (roles === 'NONE') return [];
  if (roles === 'DEFAULT') return user.defaultRoles;
  const missing = roles.find((name) => !user.roles.includes(name));
  if (missing === undefined) return [...new Set(roles)];
  throw analysisError(`Role ${missing} is not granted to ${userText(user)}`);
}

function refuseCircle(frontend: FrontendContext, role: Role, added: readonly string[]): void {
  if (frontend.accounts.withParents(added).has(role.name)) {
    throw operationFailed('GRANT', `role ${role.name} would be its own parent`);
  }
  const depthOf = (name: string): number =>
    1 + Math.max(0, ...(frontend.accounts.role(name)?.roles ?? []).map(depthOf));
  if (1 + Math.max(...added.map(depthOf)) > ROLE_DEPTH_MAX) {
    throw new SimError(
      'limit-reached',
      `roles stand in one another at most ${ROLE_DEPTH_MAX} deep`,
    );
  }
}

function limited(roles: readonly string[]): readonly string[] {
  if (roles.length <= ROLES_PER_HOLDER_MAX) return roles;
  throw new SimError('limit-reached', `a user or role holds at most ${ROLES_PER_HOLDER_MAX} roles`);
}

function unknownRole(name: string): SimError {
  return analysisError(`cannot find role ${name}`, 'analysis', 'SHOW ROLES lists them');
}

function operationFailed(statement: string, problem: string): SimError {
  return new SimError('user-operation-failed', `Operation ${statement} failed: ${problem}`);
}

/** What is kept of a password, in hexadecimal; never the password. */
function hashOf(password: PasswordDef | undefined): string {
  if (password === undefined || password.text === '') return '';
  if (password.kind === 'plain') {
    return Buffer.from(hashNativePassword(password.text)).toString('hex');
  }
  if (!/^\*[0-9A-Fa-f]{40}$/.test(password.text)) {
    throw analysisError(
      'Password hash should be a 41-digit hexadecimal number that begins with *',
      'bad-password-hash',
    );
  }
  return password.text.slice(1).toLowerCase();
}
