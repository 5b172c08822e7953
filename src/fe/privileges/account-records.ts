/**
 * What the edit log and the image hold of users and roles, under StarRocks' operation names. A
 * record carries the whole new state of one user or role, so that replay is assignment.
 */
import { SimError } from '../../base/errors.ts';
import type { Grant } from './grants.ts';
import { isAction, OBJECT_TYPES, type ObjectType } from './object-types.ts';

export interface UserIdentity {
  readonly name: string;
  /** A pattern as in LIKE; `%` is everywhere. */
  readonly host: string;
}

export interface UserAccount extends UserIdentity {
  /** SHA1(SHA1(password)) in hexadecimal; empty for no password. */
  readonly passwordHash: string;
  readonly roles: readonly string[];
  /** Of `roles`, those that a new session has active. */
  readonly defaultRoles: readonly string[];
  readonly grants: readonly Grant[];
}

export interface Role {
  readonly name: string;
  readonly comment: string;
  /** Roles whose privileges this one has as well. */
  readonly roles: readonly string[];
  readonly grants: readonly Grant[];
}

/** Of all users of one name, whatever their host. */
export interface UserProperties {
  readonly user: string;
  readonly maxConnections: number;
}

export type AccountRecord =
  | { readonly op: 'OP_CREATE_USER_V2' | 'OP_ALTER_USER_V2'; readonly user: UserAccount }
  | { readonly op: 'OP_UPDATE_USER_PRIV_V2'; readonly user: UserAccount }
  | { readonly op: 'OP_DROP_USER_V3'; readonly user: UserIdentity }
  | { readonly op: 'OP_UPDATE_USER_PROP_V3'; readonly properties: UserProperties }
  | { readonly op: 'OP_UPDATE_ROLE_PRIV_V2'; readonly role: Role }
  | { readonly op: 'OP_DROP_ROLE_V2'; readonly name: string };

export const ACCOUNT_OPS: readonly AccountRecord['op'][] = [
  'OP_CREATE_USER_V2',
  'OP_ALTER_USER_V2',
  'OP_UPDATE_USER_PRIV_V2',
  'OP_DROP_USER_V3',
  'OP_UPDATE_USER_PROP_V3',
  'OP_UPDATE_ROLE_PRIV_V2',
  'OP_DROP_ROLE_V2',
];

export function isAccountOp(op: string): op is AccountRecord['op'] {
  return ACCOUNT_OPS.some((known) => known === op);
}

/** JSON of a record, without its operation, which the log line carries. */
export function encodeAccountRecord({ op: _op, ...body }: AccountRecord): unknown {
  return body;
}

/** Throws `edit-log-damaged` for anything that `encodeAccountRecord` does not make. */
export function decodeAccountRecord(op: AccountRecord['op'], json: unknown): AccountRecord {
  const body = asObject(json, op);
  switch (op) {
    case 'OP_CREATE_USER_V2':
    case 'OP_ALTER_USER_V2':
    case 'OP_UPDATE_USER_PRIV_V2':
      return { op, user: readUser(body['user']) };
    case 'OP_DROP_USER_V3': {
      const user = asObject(body['user'], 'user');
      return { op, user: { name: asText(user['name']), host: asText(user['host']) } };
    }
    case 'OP_UPDATE_USER_PROP_V3':
      return { op, properties: readUserProperties(body['properties']) };
    case 'OP_UPDATE_ROLE_PRIV_V2':
      return { op, role: readRole(body['role']) };
    case 'OP_DROP_ROLE_V2':
      return { op, name: asText(body['name']) };
  }
}

export function readUser(json: unknown): UserAccount {
  const user = asObject(json, 'user');
  return Object.freeze({
    name: asText(user['name']),
    host: asText(user['host']),
    passwordHash: asText(user['passwordHash']),
    roles: asList(user['roles']).map(asText),
    defaultRoles: asList(user['defaultRoles']).map(asText),
    grants: asList(user['grants']).map(readGrant),
  });
}

export function readUserProperties(json: unknown): UserProperties {
  const properties = asObject(json, 'properties');
  const maxConnections = properties['maxConnections'];
  if (typeof maxConnections !== 'number') throw damaged('a number is missing');
  return Object.freeze({ user: asText(properties['user']), maxConnections });
}

export function readRole(json: unknown): Role {
  const role = asObject(json, 'role');
  return Object.freeze({
    name: asText(role['name']),
    comment: asText(role['comment']),
    roles: asList(role['roles']).map(asText),
    grants: asList(role['grants']).map(readGrant),
  });
}

function readGrant(json: unknown): Grant {
  const grant = asObject(json, 'grant');
  const type = asText(grant['type']);
  if (!Object.hasOwn(OBJECT_TYPES, type)) throw damaged(`unknown object type ${type}`);
  const actions = asList(grant['actions']).map(asText);
  const known = actions.filter((word) => isAction(type as ObjectType, word));
  if (known.length !== actions.length) throw damaged(`unknown privilege in ${actions.join(', ')}`);
  return Object.freeze({
    type: type as ObjectType,
    path: asList(grant['path']).map(asText),
    actions: known as Grant['actions'],
    withGrantOption: grant['withGrantOption'] === true,
  });
}

const damaged = (problem: string): SimError =>
  new SimError('edit-log-damaged', `users and roles: ${problem}`);

function asObject(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    return json as Readonly<Record<string, unknown>>;
  }
  throw damaged(`${what} is not an object`);
}

function asList(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw damaged('a list is missing');
}

function asText(json: unknown): string {
  if (typeof json === 'string') return json;
  throw damaged('a text is missing');
}
