/** What one client connection has set: user, database, variables. Nothing here outlives it. */

import { SimError } from '../base/errors.ts';
import type { Cell } from '../base/sql-type.ts';
import type { PreparedQuery } from './prepare-query.ts';
import type { UserAccount, UserIdentity } from './privileges/account-records.ts';
import { RunningStatement, type StatementStart, type StatementState } from './running-statement.ts';
import {
  checkedVariableValue,
  type GlobalVariables,
  variableCell,
  variableRow,
} from './variables.ts';

/** How the frontend ends a client's connection (KILL). */
export interface ConnectionControl {
  /** After the answer to what is being served. */
  endSoon(): void;
  /** At once, whatever is being served. */
  cut(): void;
}

export interface SessionStart {
  readonly connectionId: number;
  readonly user: string;
  readonly remoteHost: string;
  /** 0 without a network. */
  readonly remotePort?: number;
  /** Without it there is no connection to end: the session is somebody's in this process. */
  readonly control?: ConnectionControl;
}

export class Session {
  readonly connectionId: number;
  readonly user: string;
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly control: ConnectionControl | undefined;
  readonly openedAtMs: number;
  /** The account that the client was let in as: its own name, and the host pattern that fits. */
  readonly identity: UserIdentity;
  database: string | undefined;
  /** PREPARE name FROM ...: by name in lower case. */
  readonly preparedTexts: Map<string, PreparedQuery> = new Map();
  #running: RunningStatement | undefined;
  #statementCount = 0;
  #lastQueryId: string | undefined;
  #restedSinceMs: number;
  #lastState: StatementState = 'OK';
  /** Of the last statement, but for those that ask for it. */
  lastError: SimError | undefined;
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
    this.remotePort = start.remotePort ?? 0;
    this.control = start.control;
    this.openedAtMs = openedAtMs;
    this.#restedSinceMs = openedAtMs;
    this.reset();
  }

  /** Variables as they are for a new connection; the database stays (COM_RESET_CONNECTION). */
  reset(): void {
    this.#values.clear();
    this.#userVariables.clear();
    this.preparedTexts.clear();
    for (const [name, value] of this.#globals.entries()) this.#values.set(name, value);
  }

  /** The statement being answered; undefined while the client has the word. */
  get running(): RunningStatement | undefined {
    return this.#running;
  }

  /** LAST_QUERY_ID(): of the statement before this one. */
  get lastQueryId(): string | undefined {
    return this.#lastQueryId;
  }

  /** How the last statement ended. */
  get lastState(): StatementState {
    return this.#lastState;
  }

  /** Since when the client has the word. */
  get restedSinceMs(): number {
    return this.#restedSinceMs;
  }

  begin(statement: StatementStart): RunningStatement {
    this.#statementCount += 1;
    const { connectionId } = this;
    this.#running = new RunningStatement(statement, { connectionId, number: this.#statementCount });
    this.#lastState = 'OK';
    return this.#running;
  }

  finish(statement: RunningStatement, state: StatementState, nowMs: number): void {
    if (this.#running !== statement) return;
    this.#lastQueryId = statement.queryId;
    this.#running = undefined;
    this.#lastState = state;
    this.#restedSinceMs = nowMs;
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

  /** Other values for a while; what comes back puts the old ones back. */
  override(values: ReadonlyMap<string, string>): () => void {
    const before = [...values.keys()].map(
      (name) => [name, this.variable('session', name)] as const,
    );
    for (const [name, value] of values) this.setVariable(name, value);
    return () => {
      for (const [name, value] of before) this.setVariable(name, value);
    };
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
