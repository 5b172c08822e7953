/**
 * The syntax tree of users, roles and privileges (sql-surface.md 6). The rest of the house takes
 * it from ast.ts.
 */
import type { TableName } from './ast-query.ts';

/** `name`, `'name'@'host'`; without a host everywhere (`%`). */
export interface UserName {
  readonly name: string;
  readonly host: string;
}

/** IDENTIFIED BY: the password, or its hash as `*` and 40 hexadecimal digits. */
export interface PasswordDef {
  readonly kind: 'plain' | 'hash';
  readonly text: string;
}

export type Grantee =
  | { readonly kind: 'user'; readonly user: UserName }
  | { readonly kind: 'role'; readonly name: string };

/** What stands between ON and TO. */
export type GrantTarget =
  | { readonly kind: 'system' }
  /** `ON TABLE a, b`, `ON a.b`: names of objects, told apart by their type. */
  | {
      readonly kind: 'objects';
      readonly objectType: string;
      readonly names: readonly TableName[];
    }
  | { readonly kind: 'users'; readonly users: readonly UserName[] }
  /** `ON ALL TABLES IN DATABASE d`, `... IN ALL DATABASES`, `ON ALL DATABASES`. */
  | {
      readonly kind: 'all';
      /** Plural, as written: TABLES, MATERIALIZED VIEWS. */
      readonly plural: string;
      readonly database: string | undefined;
    };

export type RoleChoice = 'ALL' | 'NONE' | 'DEFAULT' | readonly string[];

export interface PrivilegesDef {
  /** In capitals; ALL for every one that the type has. */
  readonly privileges: readonly string[];
  readonly target: GrantTarget;
  readonly grantee: Grantee;
}

interface RolesDef {
  readonly roles: readonly string[];
  readonly grantee: Grantee;
}

export type AccountStatement =
  | {
      readonly kind: 'create-user';
      readonly ifNotExists: boolean;
      readonly user: UserName;
      readonly password: PasswordDef | undefined;
      readonly defaultRoles: readonly string[];
    }
  | {
      readonly kind: 'alter-user';
      readonly ifExists: boolean;
      readonly user: UserName;
      readonly password: PasswordDef | undefined;
      readonly defaultRoles: RoleChoice | undefined;
    }
  | { readonly kind: 'drop-user'; readonly ifExists: boolean; readonly user: UserName }
  | {
      readonly kind: 'create-role';
      readonly ifNotExists: boolean;
      readonly names: readonly string[];
      readonly comment: string;
    }
  | { readonly kind: 'drop-role'; readonly ifExists: boolean; readonly names: readonly string[] }
  | ({ readonly kind: 'grant-privileges'; readonly withGrantOption: boolean } & PrivilegesDef)
  | ({ readonly kind: 'revoke-privileges' } & PrivilegesDef)
  | ({ readonly kind: 'grant-roles' } & RolesDef)
  | ({ readonly kind: 'revoke-roles' } & RolesDef)
  | { readonly kind: 'set-role'; readonly roles: RoleChoice; readonly except: readonly string[] }
  | { readonly kind: 'set-default-role'; readonly roles: RoleChoice; readonly user: UserName }
  /** Without a user: one's own. */
  | {
      readonly kind: 'set-password';
      readonly user: UserName | undefined;
      readonly password: PasswordDef;
    }
  | { readonly kind: 'show-grants'; readonly grantee: Grantee | undefined }
  | { readonly kind: 'show-roles' }
  | { readonly kind: 'show-users' };
