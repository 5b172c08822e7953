/**
 * What the virtual runs share: a database with both kinds of tables and a history of loads, and how
 * its rows are read.
 */
import { type Cluster, type ClusterOptions, startCluster } from '../../src/start-cluster.ts';

export type { Cluster } from '../../src/start-cluster.ts';

export type Rows = Readonly<Record<string, readonly unknown[]>>;

/** One statement each; every one is acknowledged before the next. */
export const HISTORY: readonly string[] = [
  'CREATE DATABASE shop',
  `CREATE TABLE shop.orders (id INT NOT NULL, name VARCHAR(20), amount DECIMAL(10, 2))
    PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2`,
  `CREATE TABLE shop.events (day DATE NOT NULL, what VARCHAR(20)) DUPLICATE KEY (day)
    PARTITION BY RANGE (day) (
      PARTITION p1 VALUES LESS THAN ('2024-02-01'), PARTITION p2 VALUES LESS THAN ('2024-03-01'))
    DISTRIBUTED BY HASH (day) BUCKETS 2`,
  "INSERT INTO shop.orders VALUES (1, 'a', 1.10), (2, NULL, 2.20), (3, 'c', 3.30), (4, 'd', 0)",
  "UPDATE shop.orders SET name = 'b', amount = amount + 1 WHERE id = 2",
  'DELETE FROM shop.orders WHERE id = 3',
  "INSERT INTO shop.events VALUES ('2024-01-05', 'x'), ('2024-02-05', 'y'), ('2024-02-05', 'y')",
  "INSERT INTO shop.events SELECT '2024-01-31', concat('g', generate_series) FROM TABLE(generate_series(1, 30))",
  "CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups'",
];

/** The rows after the first so many statements of the history; a table not yet there is left out. */
export async function rowsOf(cluster: Cluster): Promise<Rows> {
  const found: Record<string, readonly unknown[]> = {};
  const { rows: databases } = await cluster.query("SHOW DATABASES LIKE 'shop'");
  if (databases.length === 0) return found;
  for (const [table] of (await cluster.query('SHOW TABLES FROM shop')).rows) {
    const { rows } = await cluster.query(`SELECT * FROM shop.${table}`);
    found[String(table)] = rows.map((row) => JSON.stringify(row, bigintAsText)).sort();
  }
  return found;
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

export async function withHistory(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startCluster({ clock: 'virtual', seed: 1n, ...options });
  for (const statement of HISTORY) await cluster.query(statement);
  return cluster;
}

export async function timestampOf(cluster: Cluster, label: string): Promise<string> {
  const { rows } = await cluster.query(`SHOW SNAPSHOT ON repo WHERE SNAPSHOT = '${label}'`);
  const [row] = rows;
  if (row?.[2] !== 'OK') throw new Error(`snapshot ${label}: ${JSON.stringify(rows)}`);
  return String(row[1]);
}

export async function restoreStatement(cluster: Cluster, label: string): Promise<string> {
  return `RESTORE SNAPSHOT shop.${label} FROM repo
    PROPERTIES ('backup_timestamp' = '${await timestampOf(cluster, label)}')`;
}

export function runningStates<S extends string>(states: readonly S[]): readonly S[] {
  return states.filter((state) => state !== 'FINISHED' && state !== 'CANCELLED');
}

/** Lets time pass, 500 ms at a step, until the job of `shop` is in the state. */
export async function untilState(
  cluster: Cluster,
  kind: 'BACKUP' | 'RESTORE',
  state: string,
): Promise<void> {
  for (let step = 0; step < 200; step += 1) {
    const { rows, columns } = await cluster.query(`SHOW ${kind} FROM shop`);
    if (rows[0]?.[columns.indexOf('State')] === state) return;
    cluster.advance(500);
  }
  throw new Error(`the job never was in ${state}`);
}
