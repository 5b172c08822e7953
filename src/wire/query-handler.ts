/** What the MySQL server needs from whoever answers: the frontend, or a double in a test. */
import type { Millis } from '../base/clock.ts';
import type { Op } from '../base/op.ts';
import type { ResultColumn, RowStream } from '../base/row-stream.ts';
import type { SqlType } from '../base/sql-type.ts';

export interface OkResult {
  readonly kind: 'ok';
  readonly affectedRows: number;
  readonly info?: string;
  readonly warningCount?: number;
}

export interface RowsResult extends RowStream {
  readonly kind: 'rows';
}

export type StatementResult = OkResult | RowsResult;

/** The statements of one query text, parsed and ready to run in order. */
export interface PreparedText {
  readonly statementCount: number;
  run(index: number): Op<StatementResult>;
}

/** A value that a client sends for a `?`; numbers and times as their text. */
export type ParameterValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'date' | 'datetime'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** A query that waits for its values (sql-surface.md 1.3). */
export interface PreparedStatement {
  readonly parameterCount: number;
  readonly columns: readonly ResultColumn[];
  /** With one value for each parameter. */
  execute(values: readonly ParameterValue[]): Op<StatementResult>;
}

/** A column as COM_FIELD_LIST tells it. */
export interface ListedField {
  readonly database: string;
  readonly table: string;
  readonly name: string;
  readonly type: SqlType;
  readonly defaultText: string | null;
}

export interface ClientSession {
  /** Parses the whole text; a syntax error anywhere throws and runs nothing (sql-surface.md 1.4). */
  parse(sql: string): PreparedText;
  /** COM_STMT_PREPARE; throws `not-preparable` for all but a query. */
  prepare(sql: string): Op<PreparedStatement>;
  /** COM_FIELD_LIST, of a table of the current database. */
  fieldsOf(table: string): Op<readonly ListedField[]>;
  /** COM_INIT_DB and the database of the handshake. */
  useDatabase(name: string): Op<void>;
  /** `wait_timeout`: how long the client may say nothing; asked anew after each command. */
  idleLimitMs(): Millis;
  /** COM_RESET_CONNECTION. */
  reset(): void;
  /** The connection is gone. Called once, and never while a statement of the session runs. */
  close(): void;
}

/** How the handler ends a connection (KILL). */
export interface ConnectionControl {
  /** After the answer to what is being served. */
  endSoon(): void;
  /** At once, whatever is being served. */
  cut(): void;
}

export interface LoginRequest {
  readonly user: string;
  /** `mysql_native_password` scramble of 20 bytes, or empty for no password. */
  readonly response: Uint8Array;
  readonly salt: Uint8Array;
  readonly remoteHost: string;
  readonly connectionId: number;
  readonly remotePort: number;
  /** Over TLS. */
  readonly isEncrypted: boolean;
  readonly control: ConnectionControl;
}

export interface QueryHandler {
  /** `SELECT version()`: the MySQL version of the greeting (resolutions.md 45). */
  readonly serverVersion: string;
  /** Beyond this many connections, logins are refused with 1040; asked anew for each. */
  connectionsMax(): number;
  /** A session, or `access-denied-login` (sql-surface.md 1.2). */
  login(request: LoginRequest): Op<ClientSession>;
}
