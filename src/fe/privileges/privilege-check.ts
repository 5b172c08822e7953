/**
 * Whether a session may do something, and StarRocks' refusal when it may not (sql-surface.md 6:
 * 5203/42000). Objects go by their ids, as in StarRocks: a table that is dropped and made or
 * restored anew is another one, which nobody was granted anything on.
 */
import { SimError } from '../../base/errors.ts';
import type { Database, OlapTable, View } from '../../catalog/model.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { DEFAULT_CATALOG } from '../resolve.ts';
import type { Session } from '../session.ts';
import type { UserIdentity } from './account-records.ts';
import { userText } from './accounts.ts';
import { PUBLIC_ROLE, ROOT_ROLE } from './built-in-roles.ts';
import { allows, allowsAny, type Grants } from './grants.ts';
import type { Action, ObjectPath } from './object-types.ts';

/** An object with the name that a refusal shows; SYSTEM has none. */
export interface NamedObject extends ObjectPath {
  readonly name: string;
}

export const SYSTEM: NamedObject = Object.freeze({ type: 'SYSTEM', path: [], name: '' });

export const catalogObject = (name: string = DEFAULT_CATALOG): NamedObject => ({
  type: 'CATALOG',
  path: [name],
  name,
});

export const databaseObject = ({ id, name }: Database): NamedObject => ({
  type: 'DATABASE',
  path: [String(id)],
  name,
});

/** A table, materialized view or view, whichever it is. */
export function relationObject({ id }: Database, relation: OlapTable | View): NamedObject {
  const type =
    relation.kind === 'VIEW'
      ? 'VIEW'
      : relation.materializedView === undefined
        ? 'TABLE'
        : 'MATERIALIZED VIEW';
  return { type, path: [String(id), String(relation.id)], name: relation.name };
}

/** Functions go by their signature. */
export const functionObject = ({ id }: Database, signature: string): NamedObject => ({
  type: 'FUNCTION',
  path: [String(id), signature],
  name: signature,
});

/** Everything is allowed to whoever has the role `root` active: the usual case, and cheap. */
export function isAllPowerful(frontend: FrontendContext, session: Session): boolean {
  if (session.activeRoles.has(ROOT_ROLE)) return true;
  return frontend.accounts.withParents(session.activeRoles).has(ROOT_ROLE);
}

export function grantsOf(frontend: FrontendContext, session: Session): Grants {
  return frontend.accounts.grantsOf(session.identity, session.activeRoles);
}

export function isAllowed(
  frontend: FrontendContext,
  session: Session,
  action: Action,
  object: ObjectPath,
): boolean {
  return isAllPowerful(frontend, session) || allows(grantsOf(frontend, session), action, object);
}

/** Whether the session may know of the object: any privilege on it will do. */
export function isKnownTo(
  frontend: FrontendContext,
  session: Session,
  object: ObjectPath,
): boolean {
  return isAllPowerful(frontend, session) || allowsAny(grantsOf(frontend, session), object);
}

/** Throws `access-denied` unless the session may do one of the actions. */
export function requirePrivilege(
  frontend: FrontendContext,
  session: Session,
  actions: Action | readonly Action[],
  object: NamedObject,
): void {
  const list = typeof actions === 'string' ? [actions] : actions;
  if (list.some((action) => isAllowed(frontend, session, action, object))) return;
  throw accessDenied(frontend, session, list.join(', '), object);
}

/** Throws `access-denied` unless the session has any privilege on the object. */
export function requireAny(frontend: FrontendContext, session: Session, object: NamedObject): void {
  if (!isKnownTo(frontend, session, object)) {
    throw accessDenied(frontend, session, 'ANY', object);
  }
}

/** StarRocks' words; the roles that could still be switched on come last. */
export function accessDenied(
  frontend: FrontendContext,
  session: Session,
  privileges: string,
  { type, name }: Pick<NamedObject, 'type' | 'name'>,
): SimError {
  const active = [...session.activeRoles].filter((role) => role !== PUBLIC_ROLE);
  const held = frontend.accounts.user(session.identity)?.roles ?? [];
  const inactive = held.filter((role) => !session.activeRoles.has(role));
  return new SimError(
    'access-denied',
    `Access denied; you need (at least one of) the ${privileges} privilege(s) on ${type}` +
      `${name === '' ? '' : ` ${name}`} for this operation. Please ask the admin to grant ` +
      'permission(s) or try activating existing roles using <set [default] role>. ' +
      `Current role(s): ${rolesText(active)}. Inactivated role(s): ${rolesText(inactive)}.`,
  );
}

const rolesText = (roles: readonly string[]): string =>
  roles.length === 0 ? 'NONE' : `[${[...roles].sort().join(', ')}]`;

/** Whether the session is this user's own. */
export function isOneself(session: Session, user: UserIdentity): boolean {
  return userText(session.identity) === userText(user);
}
