/** What the MySQL server needs from whoever answers: the frontend, or a double in a test. */
import type { Op } from '../base/op.ts';
import type { Cell, SqlType } from '../base/sql-type.ts';

export interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** SHOW and PROC cells: VARCHAR of a nominal length that limits nothing (sql-surface.md 1.5). */
export const SHOW_TYPE: SqlType = Object.freeze({ name: 'VARCHAR', length: 30 });

export interface OkResult {
  readonly kind: 'ok';
  readonly affectedRows: number;
  readonly info?: string;
  readonly warningCount?: number;
}

/** Rows come in batches, pulled one by one, so that a slow client holds back the query. */
export interface RowsResult {
  readonly kind: 'rows';
  readonly columns: readonly ResultColumn[];
  /** The next batch of rows; `undefined` is the end. */
  next(): Op<readonly (readonly Cell[])[] | undefined>;
  /** Called once, also when the client went away in the middle. */
  close(): Op<void>;
}

export type StatementResult = OkResult | RowsResult;

/** One statement of a query text, ready to run. */
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
  /** The connection is gone. */
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
