/** What the scenarios share: small virtual clusters, and questions in one line each. */
import { MemoryBlob } from '../../../src/blob/memory.ts';
import { type Cluster, type ClusterOptions, startCluster } from '../../../src/start-cluster.ts';

export type { Cluster } from '../../../src/start-cluster.ts';

export type Shown = Readonly<Record<string, string | null>>;

export interface Site {
  readonly cluster: Cluster;
  readonly store: MemoryBlob;
}

/** A cluster with the database `shop` and the repository `repo`, and whatever `setup` makes. */
export async function newSite(setup = '', options: ClusterOptions = {}): Promise<Site> {
  const store = options.memoryStore ?? new MemoryBlob();
  const cluster = await startCluster({ clock: 'virtual', ...options, memoryStore: store });
  await cluster.query(
    `CREATE DATABASE shop;
    CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups'; ${setup}`,
  );
  return { cluster, store };
}

/** Rows as `1,a` texts, in order. */
export async function rowsOf(cluster: Cluster, table: string): Promise<readonly string[]> {
  const { rows } = await cluster.query(`SELECT * FROM ${table}`);
  return rows.map((row) => row.join(',')).sort();
}

export async function shown(cluster: Cluster, sql: string): Promise<readonly Shown[]> {
  const { rows, columns } = await cluster.query(sql);
  return rows.map((row) =>
    Object.fromEntries(
      columns.map((name, at) => [name, row[at] === null ? null : String(row[at])]),
    ),
  );
}

/** The one row of SHOW BACKUP or SHOW RESTORE. */
export async function job(cluster: Cluster, kind: 'BACKUP' | 'RESTORE'): Promise<Shown> {
  const [row] = await shown(cluster, `SHOW ${kind} FROM shop`);
  if (row === undefined) throw new Error(`no ${kind}`);
  return row;
}

export async function backUp(cluster: Cluster, label: string, rest = ''): Promise<string> {
  await cluster.query(`BACKUP SNAPSHOT shop.${label} TO repo ${rest}`);
  const { state, status } = await cluster.untilJobDone('shop');
  if (state !== 'FINISHED') throw new Error(`backup ${label}: ${status}`);
  return await timestampOf(cluster, label);
}

export async function timestampOf(cluster: Cluster, label: string): Promise<string> {
  const rows = await shown(cluster, `SHOW SNAPSHOT ON repo WHERE SNAPSHOT = '${label}'`);
  return String(rows[0]?.['Timestamp']);
}

export interface RestoreWish {
  readonly on?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

/** Submits; the job has only begun when it returns. */
export async function beginRestore(
  cluster: Cluster,
  label: string,
  { on = '', properties = {} }: RestoreWish = {},
): Promise<void> {
  const all = { backup_timestamp: await timestampOf(cluster, label), ...properties };
  const list = Object.entries(all).map(([key, value]) => `'${key}' = '${value}'`);
  await cluster.query(
    `RESTORE SNAPSHOT shop.${label} FROM repo ${on} PROPERTIES (${list.join(', ')})`,
  );
}

/** State and status at the end. */
export async function restore(
  cluster: Cluster,
  label: string,
  wish: RestoreWish = {},
): Promise<string> {
  await beginRestore(cluster, label, wish);
  const { state, status } = await cluster.untilJobDone('shop');
  return `${state} ${status}`;
}

const STEPS_MAX = 2_000;

/** Lets time pass until the job is in the state. */
export async function untilState(
  cluster: Cluster,
  kind: 'BACKUP' | 'RESTORE',
  state: string,
): Promise<void> {
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if ((await job(cluster, kind))['State'] === state) return;
    cluster.advance(500);
  }
  throw new Error(`the job never was in ${state}`);
}

/** Lengths of the job's records in the log, in their order. */
export function recordBytes(cluster: Cluster): readonly number[] {
  return cluster.trace
    .filter(
      ({ what, about }) => what === 'edit-log.append' && String(about['op']).endsWith('JOB_V2'),
    )
    .map(({ about }) => Number(about['bytes']));
}
