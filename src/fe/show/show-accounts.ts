/** SHOW GRANTS, SHOW USERS and SHOW ROLES (sql-surface.md 4.10, 6). */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { roleNamed, userNamed } from '../execute/accounts.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { userText } from '../privileges/accounts.ts';
import { isBuiltInRole } from '../privileges/built-in-roles.ts';
import type { Grant } from '../privileges/grants.ts';
import { isInDatabase } from '../privileges/object-types.ts';
import { DEFAULT_CATALOG } from '../resolve.ts';

export const showGrants: Executor<'show-grants'> = function* (
  frontend,
  session,
  { grantee },
): Op<StatementResult> {
  const holder = grantee ?? { kind: 'user' as const, user: session.identity };
  const { name, text, held } =
    holder.kind === 'role' ? roleHolder(frontend, holder.name) : userHolder(frontend, holder.user);
  const rows: Row[] = [];
  if (held.roles.length > 0) {
    const roles = held.roles.map((role) => `'${role}'`).join(', ');
    rows.push([name, null, `GRANT ${roles} TO ${text}`]);
  }
  for (const grant of held.grants) {
    const on = objectText(frontend, grant);
    if (on === undefined) continue;
    const catalog = ['SYSTEM', 'USER'].includes(grant.type) ? null : DEFAULT_CATALOG;
    const option = grant.withGrantOption ? ' WITH GRANT OPTION' : '';
    rows.push([name, catalog, `GRANT ${grant.actions.join(', ')} ON ${on} TO ${text}${option}`]);
  }
  const first = holder.kind === 'role' ? 'RoleName' : 'UserIdentity';
  return showResult([first, 'Catalog', 'Grants'], rows);
};

export const showUsers: Executor<'show-users'> = function* (frontend): Op<StatementResult> {
  const rows = frontend.accounts.users().map((user) => [userText(user)]);
  return showResult(['User'], rows);
};

export const showRoles: Executor<'show-roles'> = function* (frontend): Op<StatementResult> {
  const rows = frontend.accounts
    .roles()
    .map(({ name, comment }) => [name, String(isBuiltInRole(name)), comment]);
  return showResult(['Name', 'Builtin', 'Comment'], rows);
};

interface Holder {
  readonly name: string;
  /** As a GRANT would name it. */
  readonly text: string;
  readonly held: { readonly roles: readonly string[]; readonly grants: readonly Grant[] };
}

function roleHolder(frontend: FrontendContext, name: string): Holder {
  return { name, text: `ROLE '${name}'`, held: roleNamed(frontend, name) };
}

function userHolder(
  frontend: FrontendContext,
  user: { readonly name: string; readonly host: string },
): Holder {
  const held = userNamed(frontend, user);
  return { name: userText(held), text: `USER ${userText(held)}`, held };
}

/** Undefined for a grant on what is not there any more. */
function objectText(frontend: FrontendContext, { type, path }: Grant): string | undefined {
  const [first = '*', second = '*'] = path;
  if (type === 'SYSTEM') return 'SYSTEM';
  if (!isInDatabase(type)) {
    if (first === '*') return `ALL ${type}S`;
    if (type !== 'DATABASE') return `${type} ${first}`;
    const database = databaseById(frontend, first);
    return database === undefined ? undefined : `DATABASE ${database.name}`;
  }
  if (first === '*') return `ALL ${type}S IN ALL DATABASES`;
  const database = databaseById(frontend, first);
  if (database === undefined) return undefined;
  if (second === '*') return `ALL ${type}S IN DATABASE ${database.name}`;
  const named = [...database.tables.values(), ...database.views.values()];
  const relation = named.find(({ id }) => String(id) === second);
  return relation === undefined ? undefined : `${type} ${database.name}.${relation.name}`;
}

function databaseById(
  frontend: FrontendContext,
  id: string,
): ReturnType<FrontendContext['catalog']['databases']['get']> {
  return [...frontend.catalog.databases.values()].find((database) => String(database.id) === id);
}
