/** A connection to a cluster that is only asked, for `simulate --from mysql://...`. */
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { SimError } from '../../base/errors.ts';
import type { NamedRow } from '../../sim/capacity/tables-of-cluster.ts';

const CONNECT_MS_MAX = 10_000;
const STATEMENT_MS_MAX = 60_000;
const PORT_DEFAULT = 9030;

export interface AskedCluster {
  readonly database: string | undefined;
  ask(sql: string): Promise<readonly NamedRow[]>;
  close(): Promise<void>;
}

/** `bad-option` for what is no such URL, `connection-lost` for who does not answer; no password. */
export async function connectAsked(url: string): Promise<AskedCluster> {
  const place = URL.canParse(url) ? new URL(url) : undefined;
  if (place?.protocol !== 'mysql:' || place.hostname === '') {
    throw new SimError('bad-option', '--from wants mysql://user:password@host:9030/database');
  }
  const { hostname, port, username, password, pathname } = place;
  const where = `${hostname}:${port === '' ? PORT_DEFAULT : port}`;
  const failed = (error: unknown): SimError => {
    const text = error instanceof Error ? error.message : String(error);
    return new SimError('connection-lost', `--from ${where}: ${text}`, { cause: error });
  };
  const connection = await createConnection({
    host: hostname,
    port: port === '' ? PORT_DEFAULT : Number(port),
    user: username === '' ? 'root' : decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectTimeout: CONNECT_MS_MAX,
    typeCast: (field) => field.string(),
  }).catch((error: unknown) => {
    throw failed(error);
  });
  // What breaks between statements is told by the next one.
  connection.on('error', () => {});
  const database = decodeURIComponent(pathname.slice(1));
  return Object.freeze({
    database: database === '' ? undefined : database,
    async ask(sql: string): Promise<readonly NamedRow[]> {
      try {
        const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: STATEMENT_MS_MAX });
        return rows;
      } catch (error) {
        throw failed(error);
      }
    },
    close: () => connection.end(),
  });
}
