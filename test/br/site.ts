/**
 * `srbr` in the same process as a virtual cluster: statements go to the cluster without a socket,
 * and what waits lets virtual time pass. Everything of a call but the socket and the disk is real.
 */

import { isSimError, SimError } from '../../src/base/errors.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { BlobStorage } from '../../src/blob/blob-storage.ts';
import { runProgram } from '../../src/br/cli/run-program.ts';
import type { Connection, Row } from '../../src/br/connection/connection.ts';
import { LostConnection, ServerError } from '../../src/br/errors.ts';
import type { Ports, Signal } from '../../src/br/ports.ts';
import { type Cluster, type ClusterOptions, startCluster } from '../../src/index.ts';

export interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** What was sent, in order. */
  readonly statements: readonly string[];
}

export interface CallOptions {
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the user types at a question; nothing is the end of input. */
  readonly answer?: string;
  readonly files?: Map<string, string>;
  /** Called before each statement; what it throws is what the statement gives. */
  readonly onStatement?: (sql: string, index: number) => Promise<void> | void;
  /** What alerts are given to; without it none gets anywhere. */
  readonly delivery?: Ports['delivery'];
  /** The store of the site's repository; without it no store can be opened. */
  readonly store?: BlobStorage;
  /** What the tool is told instead of what the cluster answers. */
  readonly rewrite?: (sql: string, rows: readonly Row[]) => readonly Row[];
  /** How far the clock of the tool's machine goes ahead of the cluster's. */
  readonly clockAheadMs?: number;
  /** Filled in with how to send a signal. */
  readonly signal?: { send?: (signal: Signal) => void };
}

export interface Site {
  cluster: Cluster;
  /** Rows of one statement, cells as texts. */
  sql(text: string): Promise<readonly Row[]>;
  run(words: readonly string[], options?: CallOptions): Promise<Outcome>;
  /** Lets the cluster's time pass while nobody is asking. */
  pass(spanMs: number): void;
}

export const CONFIG = `
host: 127.0.0.1
port: 9030
user: root
database: sales_db
repository: repo
backup: {meta_snapshot: false}
`;

export async function openSite(
  options: Partial<ClusterOptions> = {},
  { withRepository = true }: { readonly withRepository?: boolean } = {},
): Promise<Site> {
  const cluster = await startCluster({ clock: 'virtual', seed: 7n, backends: 1, ...options });
  const site: Site = {
    cluster,
    sql: (text) => ask(site, text),
    run: (words, how = {}) => call(site, words, how),
    pass: (spanMs) => site.cluster.advance(spanMs),
  };
  if (withRepository) {
    await site.sql("CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups'");
  }
  return site;
}

async function ask(site: Site, sql: string): Promise<readonly Row[]> {
  try {
    const { columns, rows } = await site.cluster.query(sql);
    return rows.map((row) =>
      Object.fromEntries(columns.map((name, index) => [name, cellText(row[index])])),
    );
  } catch (error) {
    if (isSimError(error, 'connection-lost')) throw new LostConnection(error.message);
    if (error instanceof SimError) throw new ServerError(error.row.mysql, error.message);
    throw error;
  }
}

function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}

async function call(site: Site, words: readonly string[], how: CallOptions): Promise<Outcome> {
  let out = '';
  let err = '';
  const statements: string[] = [];
  const connection: Connection = {
    async query(sql) {
      await how.onStatement?.(sql, statements.length);
      statements.push(sql);
      const rows = await ask(site, sql);
      return how.rewrite?.(sql, rows) ?? rows;
    },
    close: async () => undefined,
  };
  const files = new Map([['config.yaml', how.config ?? CONFIG], ...(how.files ?? [])]);
  let signal: Signal | undefined;
  const listeners = new Set<() => void>();
  if (how.signal !== undefined) {
    how.signal.send = (name) => {
      signal ??= name;
      for (const tell of [...listeners]) tell();
    };
  }
  const ports: Ports = {
    connect: async () => connection,
    readText: async (path) => files.get(path),
    async writeText(path, text) {
      files.set(path, text);
      how.files?.set(path, text);
    },
    env: (name) => ({ STARROCKS_BR_CONFIG: 'config.yaml', ...how.env })[name],
    delivery: how.delivery ?? {
      post: unreachable,
      runCommand: unreachable,
      append: unreachable,
    },
    async openStore({ location }) {
      if (how.store === undefined) return await unreachable();
      return { storage: how.store, root: location.replace('memory:/', '') };
    },
    clock: sharedClock(site, how.clockAheadMs),
    random: new SeededRandom(BigInt(++calls)),
    streams: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
    interruption: {
      get signal() {
        return signal;
      },
      onSignal(tell) {
        listeners.add(tell);
        return () => listeners.delete(tell);
      },
    },
    askLine: async () => how.answer,
  };
  const exit = await runProgram(words, ports);
  return { exit, out, err, statements };
}

async function unreachable(): Promise<never> {
  throw new Error('nobody is there');
}

let calls = 0;

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

const sleepersOf = new WeakMap<Site, Sleeper[]>();
const elapsedOf = new WeakMap<Site, number>();

/**
 * Time passes when every call of the site waits: the earliest waker goes first. A turn of Node's
 * loop comes between, in which whatever else can run does.
 */
function sharedClock(site: Site, aheadMs = 0): Ports['clock'] {
  const sleepers = sleepersOf.get(site) ?? [];
  sleepersOf.set(site, sleepers);
  const now = (): number => elapsedOf.get(site) ?? 0;
  const pump = (): void => {
    sleepers.sort((a, b) => a.atMs - b.atMs);
    const first = sleepers.shift();
    if (first === undefined) return;
    const spanMs = Math.max(0, first.atMs - now());
    elapsedOf.set(site, now() + spanMs);
    site.cluster.advance(spanMs);
    first.wake();
  };
  return {
    now: () => now() + aheadMs,
    after(delayMs, wake) {
      const sleeper = { atMs: now() + delayMs, wake };
      sleepers.push(sleeper);
      setImmediate(pump);
      return () => {
        const at = sleepers.indexOf(sleeper);
        if (at >= 0) sleepers.splice(at, 1);
      };
    },
  };
}
