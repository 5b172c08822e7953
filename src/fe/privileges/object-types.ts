/**
 * What privileges there are: the kinds of objects, what may be done with each, and how a GRANT
 * writes them (sql-surface.md 6).
 */

export type ObjectType =
  | 'SYSTEM'
  | 'CATALOG'
  | 'DATABASE'
  | 'TABLE'
  | 'VIEW'
  | 'MATERIALIZED VIEW'
  | 'FUNCTION'
  | 'GLOBAL FUNCTION'
  | 'USER'
  | 'RESOURCE'
  | 'RESOURCE GROUP'
  | 'STORAGE VOLUME'
  | 'WAREHOUSE'
  | 'PIPE';

export type Action =
  | 'ALTER'
  | 'BLACKLIST'
  | 'CREATE DATABASE'
  | 'CREATE EXTERNAL CATALOG'
  | 'CREATE FUNCTION'
  | 'CREATE GLOBAL FUNCTION'
  | 'CREATE MATERIALIZED VIEW'
  | 'CREATE PIPE'
  | 'CREATE RESOURCE'
  | 'CREATE RESOURCE GROUP'
  | 'CREATE STORAGE VOLUME'
  | 'CREATE TABLE'
  | 'CREATE VIEW'
  | 'CREATE WAREHOUSE'
  | 'DELETE'
  | 'DROP'
  | 'EXPORT'
  | 'FILE'
  | 'GRANT'
  | 'IMPERSONATE'
  | 'INSERT'
  | 'NODE'
  | 'OPERATE'
  | 'PLUGIN'
  | 'REFRESH'
  | 'REPOSITORY'
  | 'SECURITY'
  | 'SELECT'
  | 'UPDATE'
  | 'USAGE';

/** Actions of each kind of object, in the order in which SHOW GRANTS names them. */
export const OBJECT_TYPES: Readonly<Record<ObjectType, readonly Action[]>> = Object.freeze({
  SYSTEM: [
    'GRANT',
    'NODE',
    'CREATE RESOURCE',
    'PLUGIN',
    'FILE',
    'BLACKLIST',
    'OPERATE',
    'CREATE EXTERNAL CATALOG',
    'REPOSITORY',
    'CREATE RESOURCE GROUP',
    'CREATE GLOBAL FUNCTION',
    'CREATE STORAGE VOLUME',
    'CREATE WAREHOUSE',
    'SECURITY',
  ],
  CATALOG: ['USAGE', 'CREATE DATABASE', 'DROP', 'ALTER'],
  DATABASE: [
    'CREATE TABLE',
    'DROP',
    'ALTER',
    'CREATE VIEW',
    'CREATE FUNCTION',
    'CREATE MATERIALIZED VIEW',
    'CREATE PIPE',
  ],
  TABLE: ['DELETE', 'DROP', 'INSERT', 'SELECT', 'ALTER', 'EXPORT', 'UPDATE', 'REFRESH'],
  VIEW: ['SELECT', 'DROP', 'ALTER'],
  'MATERIALIZED VIEW': ['ALTER', 'REFRESH', 'DROP', 'SELECT'],
  FUNCTION: ['USAGE', 'DROP'],
  'GLOBAL FUNCTION': ['USAGE', 'DROP'],
  USER: ['IMPERSONATE'],
  RESOURCE: ['USAGE', 'ALTER', 'DROP'],
  'RESOURCE GROUP': ['ALTER', 'DROP'],
  'STORAGE VOLUME': ['USAGE', 'ALTER', 'DROP'],
  WAREHOUSE: ['USAGE', 'ALTER', 'DROP'],
  PIPE: ['ALTER', 'DROP', 'USAGE'],
});

/** How `ON ALL <these> IN ...` writes each type that may stand there. */
export const PLURALS: Readonly<Record<string, ObjectType>> = Object.freeze({
  CATALOGS: 'CATALOG',
  DATABASES: 'DATABASE',
  TABLES: 'TABLE',
  VIEWS: 'VIEW',
  'MATERIALIZED VIEWS': 'MATERIALIZED VIEW',
  FUNCTIONS: 'FUNCTION',
  'GLOBAL FUNCTIONS': 'GLOBAL FUNCTION',
  USERS: 'USER',
  RESOURCES: 'RESOURCE',
  'RESOURCE GROUPS': 'RESOURCE GROUP',
  'STORAGE VOLUMES': 'STORAGE VOLUME',
  WAREHOUSES: 'WAREHOUSE',
  PIPES: 'PIPE',
});

/** Types whose objects live in a database. */
export function isInDatabase(type: ObjectType): boolean {
  return ['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'FUNCTION', 'PIPE'].includes(type);
}

export function actionsOf(type: ObjectType): readonly Action[] {
  return OBJECT_TYPES[type];
}

export function isAction(type: ObjectType, word: string): word is Action {
  return actionsOf(type).some((action) => action === word);
}

const ANY = '*';

/**
 * An object, or all of some: what a grant is on and what a statement asks for. `path` has no
 * element for SYSTEM; database id (or `*`) and object id for what is in a database; else one name.
 */
export interface ObjectPath {
  readonly type: ObjectType;
  readonly path: readonly string[];
}

/** Whether a grant on `granted` counts for `wanted`. */
export function covers(granted: ObjectPath, wanted: ObjectPath): boolean {
  if (granted.type !== wanted.type) return false;
  return wanted.path.every((part, at) => {
    const given = granted.path[at];
    return given === ANY || given === part;
  });
}
