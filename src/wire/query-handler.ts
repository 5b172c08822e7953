/** What the MySQL server needs from whoever answers: the frontend, or a double in a test. */
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
  /** COM_RESET_CONNECTION. */
  reset(): void;
  /** The connection is gone. Called once, and never while a statement of the session runs. */
  close(): void;
}

export interface LoginRequest {
  readonly user: string;
  /** `mysql_native_password` scramble of 20 bytes, or empty for no password. */
  readonly response: Uint8Array;
  readonly salt: Uint8Array;
  readonly remoteHost: string;
  readonly connectionId: number;
  /** Over TLS. */
  readonly isEncrypted: boolean;
}

export interface QueryHandler {
  /** `SELECT version()`: the MySQL version of the greeting (resolutions.md 45). */
  readonly serverVersion: string;
  /** A session, or `access-denied-login` (sql-surface.md 1.2). */
  login(request: LoginRequest): Op<ClientSession>;
}
