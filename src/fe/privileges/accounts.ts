/**
 * The users and roles of the cluster. Changed by `apply` alone, on the leader after the record is
 * in the log and at replay. `'root'@'%'` is always there.
 */
import { matchesLike } from '../../sql/like.ts';
import {
  type AccountRecord,
  type Role,
  readRole,
  readUser,
  readUserProperties,
  type UserAccount,
  type UserIdentity,
  type UserProperties,
} from './account-records.ts';
import { BUILT_IN_ROLES, isBuiltInRole, PUBLIC_ROLE, ROOT_ROLE } from './built-in-roles.ts';
import type { Grants } from './grants.ts';

export const ROOT_USER = 'root';

export function userText({ name, host }: UserIdentity): string {
  return `'${name}'@'${host}'`;
}

/** Roles may stand in one another this deep (StarRocks: `privilege_max_role_depth`). */
export const ROLE_DEPTH_MAX = 16;
/** Roles that a role or user may be given directly (`privilege_max_total_roles_per_user`). */
export const ROLES_PER_HOLDER_MAX = 64;

/** `max_user_connections` of a user whom nobody gave another. */
export const USER_CONNECTIONS_DEFAULT = 1024;

export class Accounts {
  readonly #users = new Map<string, UserAccount>();
  readonly #roles = new Map<string, Role>();
  /** By name of the user; those that no statement has changed are not here. */
  readonly #properties = new Map<string, UserProperties>();
  /** As the start options have it; a statement that changes it puts another into `#users`. */
  readonly #root: UserAccount;

  /** `rootPasswordHash` in hexadecimal counts until a statement sets another password. */
  constructor(rootPasswordHash: string) {
    for (const [name, { comment, grants }] of Object.entries(BUILT_IN_ROLES)) {
      this.#roles.set(name, Object.freeze({ name, comment, roles: [], grants }));
    }
    this.#root = Object.freeze({
      name: ROOT_USER,
      host: '%',
      passwordHash: rootPasswordHash,
      roles: [ROOT_ROLE],
      defaultRoles: [ROOT_ROLE],
      grants: [],
    });
  }

  apply(record: AccountRecord): void {
    switch (record.op) {
      case 'OP_CREATE_USER_V2':
      case 'OP_ALTER_USER_V2':
      case 'OP_UPDATE_USER_PRIV_V2':
        this.#put(record.user);
        return;
      case 'OP_DROP_USER_V3':
        this.#users.delete(userText(record.user));
        this.#forgetProperties(record.user.name);
        return;
      case 'OP_UPDATE_USER_PROP_V3':
        this.#properties.set(record.properties.user, record.properties);
        return;
      case 'OP_UPDATE_ROLE_PRIV_V2':
        this.#roles.set(record.role.name, record.role);
        return;
      case 'OP_DROP_ROLE_V2':
        this.#roles.delete(record.name);
    }
  }

  user(identity: UserIdentity): UserAccount | undefined {
    const known = this.#users.get(userText(identity));
    return known ?? (userText(identity) === userText(this.#root) ? this.#root : undefined);
  }

  role(name: string): Role | undefined {
    return this.#roles.get(name);
  }

  users(): readonly UserAccount[] {
    const changed = [...this.#users.values()];
    return this.#users.has(userText(this.#root)) ? changed : [this.#root, ...changed];
  }

  /** Of the users of that name. */
  properties(user: string): UserProperties {
    return this.#properties.get(user) ?? { user, maxConnections: USER_CONNECTIONS_DEFAULT };
  }

  roles(): readonly Role[] {
    return [...this.#roles.values()];
  }

  /** The account that a client logs in to: of those whose host fits, the most exact one. */
  accountFor(name: string, remoteHost: string): UserAccount | undefined {
    return this.users()
      .filter((user) => user.name === name && matchesLike(user.host, remoteHost))
      .sort((a, b) => wildness(a.host) - wildness(b.host))[0];
  }

  /** The roles and all that stand in them; unknown names are passed over, as after a drop. */
  withParents(names: Iterable<string>): ReadonlySet<string> {
    const found = new Set<string>();
    const open = [...names];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const role = this.#roles.get(name);
      if (role === undefined || found.has(name)) continue;
      found.add(name);
      open.push(...role.roles);
    }
    return found;
  }

  /** All grants that count for a user with these roles active; `public` always is. */
  grantsOf(identity: UserIdentity, activeRoles: Iterable<string>): Grants {
    const roles = this.withParents([...activeRoles, PUBLIC_ROLE]);
    const own = this.user(identity)?.grants ?? [];
    return [...own, ...[...roles].flatMap((name) => this.#roles.get(name)?.grants ?? [])];
  }

  /** For the image: all that is not built in or given by start options. */
  encodeImage(): unknown {
    return {
      users: [...this.#users.values()],
      roles: this.roles().filter(({ name }) => !isBuiltInRole(name)),
      properties: [...this.#properties.values()],
    };
  }

  /** Fills new accounts; throws `edit-log-damaged`. An image of before there were users has none. */
  loadImage(image: unknown): void {
    if (image === undefined) return;
    const { users, roles, properties } = image as {
      readonly users: unknown[];
      readonly roles: unknown[];
      readonly properties?: unknown[];
    };
    for (const user of users) this.#put(readUser(user));
    for (const json of properties ?? []) {
      const read = readUserProperties(json);
      this.#properties.set(read.user, read);
    }
    for (const json of roles) {
      const role = readRole(json);
      this.#roles.set(role.name, role);
    }
  }

  /** With the last user of that name. */
  #forgetProperties(name: string): void {
    if (this.users().every((user) => user.name !== name)) this.#properties.delete(name);
  }

  #put(user: UserAccount): void {
    this.#users.set(userText(user), Object.freeze(user));
  }
}

/** How many hosts a pattern leaves open: names before patterns, longer patterns before shorter. */
function wildness(host: string): number {
  return /[%_]/.test(host) ? 1000 - host.length : 0;
}
