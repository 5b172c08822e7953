/** A virtual cluster with a repository, and what the tests of metadata objects ask of it. */
import type { CrashChoice } from '../../../../src/base/memory-crash.ts';
import { SeededRandom } from '../../../../src/base/random.ts';
import { type Cluster, type ClusterOptions, startCluster } from '../../../../src/start-cluster.ts';

export async function shopCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startCluster({ clock: 'virtual', seed: 7n, ...options });
  await cluster.query(`
    CREATE DATABASE shop; CREATE DATABASE other;
    CREATE TABLE shop.t (id INT NOT NULL, name VARCHAR(20)) PRIMARY KEY (id)
      DISTRIBUTED BY HASH (id) BUCKETS 1;
    INSERT INTO shop.t VALUES (1, 'ann'), (2, 'bob');
    CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket'`);
  return cluster;
}

/** The machine dies, and with it all that was not synced. */
export const LOSE_UNSYNCED: CrashChoice = { fate: 'lost', random: new SeededRandom(1n) };

export async function rows(cluster: Cluster, sql: string): Promise<readonly unknown[][]> {
  return (await cluster.query(sql)).rows.map((row) => [...row]);
}

/** The error of a statement, as `number message`. */
export async function refusal(cluster: Cluster, sql: string): Promise<string> {
  const error = await cluster.query(sql).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isRefusal(error)) throw new Error(`not refused: ${sql}`, { cause: error });
  return `${error.row.mysql} ${error.message}`;
}

function isRefusal(
  error: unknown,
): error is { readonly message: string; readonly row: { readonly mysql: number } } {
  return error instanceof Error && 'row' in error;
}

/** The timestamp of a snapshot of the repository. */
export async function timestampOf(cluster: Cluster, label: string): Promise<string> {
  const shown = await rows(cluster, 'SHOW SNAPSHOT ON repo');
  const row = shown.find(([name]) => name === label);
  if (row === undefined) throw new Error(`no snapshot ${label}`);
  return String(row[1]);
}

/** Runs a BACKUP to its end and gives the timestamp. */
export async function backedUp(cluster: Cluster, label: string, rest = ''): Promise<string> {
  await cluster.query(`BACKUP SNAPSHOT shop.${label} TO repo ${rest}`);
  await cluster.untilJobDone('shop');
  return await timestampOf(cluster, label);
}
