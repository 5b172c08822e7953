/**
 * The demo's client: `mysql2` over the socket, as any tool would use it. Statements go as text
 * (real frontends prepare SELECT only), and cells come back as text, unrounded.
 */
import { createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { SimError } from '../../base/errors.ts';

export type TextRow = readonly (string | null)[];
export type NamedRow = Readonly<Record<string, string | null>>;

export interface SqlClient {
  /** A statement without rows; answers how many rows it changed. */
  run(sql: string): Promise<number>;
  /** Rows by position. */
  rows(sql: string): Promise<readonly TextRow[]>;
  /** Rows by column name, as a SHOW is best read. */
  show(sql: string): Promise<readonly NamedRow[]>;
  close(): Promise<void>;
}

/** No statement of the demo waits for a job: one that takes so long hangs. */
const STATEMENT_MS_MAX = 30_000;
const CONNECT_MS_MAX = 5_000;

/** How much of a failed statement its error shows. */
const SHOWN_SQL_CHARS_MAX = 60;

/** Every call fails with the signal's reason once it is aborted. */
export async function connectClient(port: number, signal: AbortSignal): Promise<SqlClient> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    connectTimeout: CONNECT_MS_MAX,
    typeCast: (field) => field.string(),
  });
  // A connection that breaks between statements says so here, and again to the next statement.
  let broken: unknown;
  connection.on('error', (error) => {
    broken = error;
  });
  const send = async <T>(sql: string, statement: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    try {
      return await statement();
    } catch (error) {
      const cause = broken ?? error;
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new SimError('demo-failed', `${oneLine(sql, SHOWN_SQL_CHARS_MAX)}: ${text}`, { cause });
    }
  };
  return Object.freeze({
    async run(sql: string): Promise<number> {
      const options = { sql, timeout: STATEMENT_MS_MAX };
      const [result] = await send(sql, () => connection.query<ResultSetHeader>(options));
      return result.affectedRows;
    },
    async rows(sql: string): Promise<readonly TextRow[]> {
      const options = { sql, timeout: STATEMENT_MS_MAX, rowsAsArray: true };
      const [rows] = await send(sql, () => connection.query<RowDataPacket[][]>(options));
      return rows as readonly unknown[] as readonly TextRow[];
    },
    async show(sql: string): Promise<readonly NamedRow[]> {
      const options = { sql, timeout: STATEMENT_MS_MAX };
      const [rows] = await send(sql, () => connection.query<RowDataPacket[]>(options));
      return rows;
    },
    async close(): Promise<void> {
      if (broken === undefined) await connection.end();
      else connection.destroy();
    },
  });
}

/** A statement in one line, cut where it gets long. */
export function oneLine(sql: string, charsMax: number): string {
  const line = sql.replace(/\s+/g, ' ').trim();
  return line.length <= charsMax ? line : `${line.slice(0, charsMax - 4)} ...`;
}
