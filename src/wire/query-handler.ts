/** What the MySQL server needs from whoever answers: the frontend, or a double in a test. */
import type { Op } from '../base/op.ts';
import type { RowStream } from '../base/row-stream.ts';

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

export interface ClientSession {
  /** Parses the whole text; a syntax error anywhere throws and runs nothing (sql-surface.md 1.4). */
  parse(sql: string): PreparedText;
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
}

export interface QueryHandler {
  /** `SELECT version()`: the MySQL version of the greeting (resolutions.md 45). */
  readonly serverVersion: string;
  /** A session, or `access-denied-login` (sql-surface.md 1.2). */
  login(request: LoginRequest): Op<ClientSession>;
}
