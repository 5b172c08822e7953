/**
 * The roles that every cluster has. Their grants are unverified (sql-surface.md 6): they follow
 * what the documentation says each role is for, and `docs/fidelity.md` says so.
 */
import type { Grant, Grants } from './grants.ts';
import { type Action, actionsOf, OBJECT_TYPES, type ObjectType } from './object-types.ts';

export const ROOT_ROLE = 'root';
/** Held by every user, always active, never granted. */
export const PUBLIC_ROLE = 'public';

const everything = (type: ObjectType): Grant => ({
  type,
  path: type === 'SYSTEM' ? [] : ['*', '*'],
  actions: [...actionsOf(type)],
  withGrantOption: false,
});

const onSystem = (...actions: readonly Action[]): Grant => ({
  type: 'SYSTEM',
  path: [],
  actions,
  withGrantOption: false,
});

const ALL_TYPES = Object.keys(OBJECT_TYPES) as readonly ObjectType[];

interface BuiltInRole {
  readonly comment: string;
  readonly grants: Grants;
}

export const BUILT_IN_ROLES: Readonly<Record<string, BuiltInRole>> = Object.freeze({
  [ROOT_ROLE]: {
    comment: 'built-in root role which has all privileges on all objects',
    grants: ALL_TYPES.map(everything),
  },
  db_admin: {
    comment: 'built-in database administration role',
    grants: [
      ...ALL_TYPES.filter((type) => type !== 'SYSTEM' && type !== 'USER').map(everything),
      onSystem(
        ...actionsOf('SYSTEM').filter(
          (action) => !['GRANT', 'NODE', 'OPERATE', 'SECURITY'].includes(action),
        ),
      ),
    ],
  },
  cluster_admin: {
    comment: 'built-in cluster administration role',
    grants: [onSystem('NODE', 'OPERATE')],
  },
  user_admin: {
    comment: 'built-in user administration role',
    grants: [onSystem('GRANT'), everything('USER')],
  },
  [PUBLIC_ROLE]: {
    comment: 'built-in public role which is owned by any user',
    grants: [],
  },
});

export function isBuiltInRole(name: string): boolean {
  return Object.hasOwn(BUILT_IN_ROLES, name);
}
