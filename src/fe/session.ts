/** What one client connection has set: user, database, variables. Nothing here outlives it. */

import { SimError } from '../base/errors.ts';
import type { Cell } from '../base/sql-type.ts';
import type { UserAccount, UserIdentity } from './privileges/account-records.ts';
import {
  checkedVariableValue,
  type GlobalVariables,
  variableCell,
  variableRow,
} from './variables.ts';

export interface SessionStart {
  readonly connectionId: number;
  readonly user: string;
  readonly remoteHost: string;
}

export class Session {
  readonly connectionId: number;
  readonly user: string;
  readonly remoteHost: string;
  readonly openedAtMs: number;
  /** The account that the client was let in as: its own name, and the host pattern that fits. */
  readonly identity: UserIdentity;
  database: string | undefined;
  #activeRoles: ReadonlySet<string>;
  readonly #globals: GlobalVariables;
  readonly #values = new Map<string, string>();
  readonly #userVariables = new Map<string, Cell>();

  constructor(
    globals: GlobalVariables,
    start: SessionStart,
    openedAtMs: number,
    { name, host, defaultRoles }: Pick<UserAccount, 'name' | 'host' | 'defaultRoles'>,
  ) {
    this.identity = { name, host };
    this.#activeRoles = new Set(defaultRoles);
    this.#globals = globals;
    this.connectionId = start.connectionId;
    this.user = start.user;
    this.remoteHost = start.remoteHost;
    this.openedAtMs = openedAtMs;
    this.reset();
  }

  /** Variables as they are for a new connection; the database stays (COM_RESET_CONNECTION). */
  reset(): void {
    this.#values.clear();
    this.#userVariables.clear();
    for (const [name, value] of this.#globals.entries()) this.#values.set(name, value);
  }

  /** SET ROLE; the default roles of the account before that. */
  get activeRoles(): ReadonlySet<string> {
    return this.#activeRoles;
  }

  activateRoles(names: Iterable<string>): void {
    this.#activeRoles = new Set(names);
  }

  get timeZone(): string {
    return this.#values.get('time_zone') ?? 'UTC';
  }

  get sqlMode(): string {
    return this.#values.get('sql_mode') ?? '';
  }

  /** `||` is concatenation here. */
  get pipesAsConcat(): boolean {
    return this.sqlMode.split(',').includes('PIPES_AS_CONCAT');
  }

  userVariable(name: string): Cell {
    return this.#userVariables.get(name.toLowerCase()) ?? null;
  }

  setUserVariable(name: string, value: Cell): void {
    this.#userVariables.set(name.toLowerCase(), value);
  }

  /** The text of a variable, for SHOW VARIABLES. */
  variable(scope: 'session' | 'global', name: string): string {
    if (scope === 'global') return this.#globals.get(name);
    return this.#values.get(name.toLowerCase()) ?? this.#globals.get(name);
  }

  /** `@@x`: the session's value unless GLOBAL was said or there is no other. */
  variableCell(scope: 'session' | 'global' | undefined, name: string): Cell {
    const row = variableRow(name);
    if (scope === 'session' && row.scope === 'global') {
      throw new SimError('global-only-variable', `Variable '${name}' is a GLOBAL variable`);
    }
    return variableCell(row, this.variable(scope ?? 'session', name));
  }

  /** What SET SESSION would store; throws what it would. */
  checkedValue(name: string, value: Cell | 'default'): string {
    const row = variableRow(name);
    refuseReadOnly(name);
    if (row.scope === 'global') {
      throw new SimError(
        'global-only-variable',
        `Variable '${name}' is a GLOBAL variable and should be set with SET GLOBAL`,
      );
    }
    return value === 'default' ? this.#globals.get(name) : checkedVariableValue(name, row, value);
  }

  /** Stores what `checkedValue` gave. */
  setVariable(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value);
  }
}

/** Throws `read-only-variable` for what no SET may change. */
export function refuseReadOnly(name: string): void {
  if (variableRow(name).isReadOnly) {
    throw new SimError('read-only-variable', `Variable '${name}' is a read only variable`);
  }
}

/** Unless the connection has the session of another user by now (COM_CHANGE_USER). */
export function forgetSession(sessions: Map<number, Session>, session: Session): void {
  if (sessions.get(session.connectionId) === session) sessions.delete(session.connectionId);
}
