/** A `starrocks-emulator start` in a process of its own, and MySQL clients for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface Server {
  readonly mysqlPort: number;
  readonly httpPort: number;
  readonly exited: Promise<Exit>;
  connect(database?: string): Promise<Connection>;
  /** Runs one statement on a connection of its own. */
  sql(text: string): Promise<RowDataPacket[]>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<Exit>;
  /** SIGKILL, then waits for the end. */
  kill(): Promise<Exit>;
}

/** Runs the program to its end: for starts that are meant to fail. */
export async function runProgram(args: readonly string[]): Promise<Exit> {
  return await exitOf(spawnProgram(args));
}

/** Starts on free ports; fails with what the program said if it does not get ready. */
export async function startServer(args: readonly string[]): Promise<Server> {
  const child = spawnProgram(['start', '--port', '0', '--http-port', '0', '--json', ...args]);
  const exited = exitOf(child);
  const ready = await Promise.race([
    readyLine(child),
    exited.then((exit) => {
      throw new Error(`did not start: ${JSON.stringify(exit)}`);
    }),
  ]);
  const connect = async (database?: string): Promise<Connection> =>
    await createConnection({
      host: '127.0.0.1',
      port: ready.mysqlPort,
      user: 'root',
      ...(database === undefined ? {} : { database }),
    });
  return {
    mysqlPort: ready.mysqlPort,
    httpPort: ready.httpPort,
    exited,
    connect,
    async sql(text) {
      const connection = await connect();
      try {
        const [rows] = await connection.query<RowDataPacket[]>(text);
        return rows;
      } finally {
        connection.destroy();
      }
    },
    async stop() {
      child.kill('SIGTERM');
      return await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      return await exited;
    },
  };
}

function spawnProgram(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stderr };
}

interface Ready {
  readonly mysqlPort: number;
  readonly httpPort: number;
}

function readyLine(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve) => {
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as Ready & { readonly event: string };
      if (event.event === 'ready') resolve(event);
    });
  });
}

/** A temporary folder for one test file; `remove` it afterwards. */
export async function temporaryFolder(): Promise<{
  readonly path: string;
  remove(): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'starrocks-emulator-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export interface JobRow {
  readonly State: string;
  readonly Status: string;
  readonly TaskErrMsg: string;
}

/** Asks until the last job of a database is done. */
export async function untilJobDone(
  connection: Connection,
  job: 'BACKUP' | 'RESTORE',
  database: string,
): Promise<JobRow> {
  for (;;) {
    const [rows] = await connection.query<RowDataPacket[]>(`SHOW ${job} FROM \`${database}\``);
    const row = rows[0] as JobRow | undefined;
    if (row?.State === 'FINISHED' || row?.State === 'CANCELLED') return row;
  }
}

/** The timestamp of a snapshot, as RESTORE wants it. */
export async function snapshotTimestamp(
  connection: Connection,
  repository: string,
  label: string,
): Promise<string> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SHOW SNAPSHOT ON \`${repository}\` WHERE SNAPSHOT = '${label}'`,
  );
  return String(rows[0]?.['Timestamp']);
}
