/** GRANT and REVOKE of privileges (sql-surface.md 6). Who passes on needs GRANT, or the option. */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Grantee, GrantTarget, PrivilegesDef, TableName } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { DONE, type Executor, type FrontendContext } from '../frontend-context.ts';
import type { AccountRecord } from '../privileges/account-records.ts';
import { userText } from '../privileges/accounts.ts';
import { allowsGranting, type Grant, withGrant, withoutGrant } from '../privileges/grants.ts';
import {
  type Action,
  actionsOf,
  isAction,
  isInDatabase,
  type ObjectPath,
  type ObjectType,
  PLURALS,
} from '../privileges/object-types.ts';
import {
  grantsOf,
  isAllowed,
  relationObject,
  requirePrivilege,
  SYSTEM,
} from '../privileges/privilege-check.ts';
import { DEFAULT_CATALOG, databaseNamed, relationNamed } from '../resolve.ts';
import type { Session } from '../session.ts';
import { changeableRole, changingAccounts, userNamed } from './accounts.ts';

export const executeGrantPrivileges: Executor<'grant-privileges'> = function* (
  frontend,
  session,
  statement,
) {
  yield* change(frontend, session, statement, statement.withGrantOption, withGrant);
  return DONE;
};

export const executeRevokePrivileges: Executor<'revoke-privileges'> = function* (
  frontend,
  session,
  statement,
) {
  yield* change(frontend, session, statement, false, withoutGrant);
  return DONE;
};

function* change(
  frontend: FrontendContext,
  session: Session,
  { privileges, target, grantee }: PrivilegesDef,
  withGrantOption: boolean,
  fold: (grants: readonly Grant[], one: Grant) => readonly Grant[],
): Op<void> {
  yield* changingAccounts(frontend, function* () {
    const granted = objectsOf(frontend, session, target).map(({ type, path }) => ({
      type,
      path,
      actions: actionsNamed(type, privileges),
      withGrantOption,
    }));
    for (const grant of granted) requireGranting(frontend, session, grant);
    yield* frontend.log(changedHolder(frontend, grantee, (before) => granted.reduce(fold, before)));
  });
}

function changedHolder(
  frontend: FrontendContext,
  grantee: Grantee,
  change: (grants: readonly Grant[]) => readonly Grant[],
): AccountRecord {
  if (grantee.kind === 'role') {
    const role = changeableRole(frontend, grantee.name);
    return { op: 'OP_UPDATE_ROLE_PRIV_V2', role: { ...role, grants: change(role.grants) } };
  }
  const user = userNamed(frontend, grantee.user);
  return { op: 'OP_UPDATE_USER_PRIV_V2', user: { ...user, grants: change(user.grants) } };
}

/** GRANT on SYSTEM passes on everything; without it, what was granted WITH GRANT OPTION. */
function requireGranting(frontend: FrontendContext, session: Session, grant: Grant): void {
  if (isAllowed(frontend, session, 'GRANT', SYSTEM)) return;
  const own = grantsOf(frontend, session);
  if (grant.actions.every((action) => allowsGranting(own, action, grant))) return;
  requirePrivilege(frontend, session, 'GRANT', SYSTEM);
}

function actionsNamed(type: ObjectType, words: readonly string[]): readonly Action[] {
  if (words[0] === 'ALL') return actionsOf(type);
  return words.map((word) => {
    if (isAction(type, word)) return word;
    throw analysisError(
      `Cannot grant or revoke ${word} on '${type}' type object`,
      'analysis',
      `privileges on a ${type}: ${actionsOf(type).join(', ')}`,
    );
  });
}

function objectsOf(
  frontend: FrontendContext,
  session: Session,
  target: GrantTarget,
): readonly ObjectPath[] {
  switch (target.kind) {
    case 'system':
      return [SYSTEM];
    case 'users':
      return target.users.map((user) => ({
        type: 'USER',
        path: [userText(userNamed(frontend, user))],
      }));
    case 'all':
      return [allOf(frontend, target)];
    case 'objects':
      return target.names.map((name) => oneOf(frontend, session, target.objectType, name));
  }
}

function allOf(
  frontend: FrontendContext,
  { plural, database }: Extract<GrantTarget, { readonly kind: 'all' }>,
): ObjectPath {
  const type = PLURALS[plural];
  if (type === undefined) throw new SimError('bug', `no type is called ${plural}`);
  if (!isInDatabase(type)) return { type, path: ['*'] };
  const inside = database === undefined ? '*' : String(databaseNamed(frontend, database).id);
  return { type, path: [inside, '*'] };
}

function oneOf(
  frontend: FrontendContext,
  session: Session,
  objectType: string,
  name: TableName,
): ObjectPath {
  switch (objectType) {
    case 'CATALOG': {
      const isKnown =
        name.name === DEFAULT_CATALOG || frontend.catalog.externalCatalogs.has(name.name);
      if (!isKnown) throw analysisError(`cannot find catalog: ${name.name}`);
      return { type: 'CATALOG', path: [name.name] };
    }
    case 'DATABASE':
      return { type: 'DATABASE', path: [String(databaseNamed(frontend, name.name).id)] };
    case 'TABLE':
    case 'VIEW':
    case 'MATERIALIZED VIEW': {
      const { database, relation } = relationNamed(frontend, session, name);
      const object = relationObject(database, relation);
      if (object.type !== objectType) {
        throw analysisError(`'${name.name}' is a ${object.type}, not a ${objectType}`);
      }
      return object;
    }
    default:
      throw analysisError(
        `a grant on one ${objectType}: the emulator has no objects of this kind`,
        'unsupported',
      );
  }
}
