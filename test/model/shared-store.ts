/** Virtual clusters over one store in memory, and what a test asks them. */
import { expect } from 'vitest';
import { SimError } from '../../src/base/errors.ts';
import { runNow } from '../../src/base/op.ts';
import { readObject } from '../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import type { ProfileName } from '../../src/fe/profile.ts';
import { type Cluster, type ClusterOptions, startCluster } from '../../src/start-cluster.ts';

export const PROFILES_IN_ORDER: readonly ProfileName[] = ['3.3', '3.5', '4.2'];

export const CREATE_REPOSITORY =
  "CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups'";

/** Statements that make `shop` with rows in both of its tables. */
export const SHOP: readonly string[] = [
  'CREATE DATABASE shop',
  `CREATE TABLE shop.orders (id INT NOT NULL, name VARCHAR(20)) PRIMARY KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 2`,
  `CREATE TABLE shop.events (day DATE NOT NULL, what VARCHAR(20)) DUPLICATE KEY (day)
    PARTITION BY RANGE (day) (
      PARTITION p1 VALUES LESS THAN ('2024-02-01'), PARTITION p2 VALUES LESS THAN ('2024-03-01'))
    DISTRIBUTED BY HASH (day) BUCKETS 2`,
  "INSERT INTO shop.orders VALUES (1, 'ann'), (2, 'bob'), (3, NULL)",
  'DELETE FROM shop.orders WHERE id = 3',
  "INSERT INTO shop.events VALUES ('2024-01-05', 'x'), ('2024-02-05', 'y')",
];

export interface ClusterSpec extends ClusterOptions {
  readonly starrocksVersion: ProfileName;
  readonly memoryStore: MemoryBlob;
}

/** A cluster with a repository, and with `shop` if asked for. */
export async function clusterWith(spec: ClusterSpec, hasShop: boolean): Promise<Cluster> {
  const cluster = await startCluster({ clock: 'virtual', ...spec });
  await cluster.query(CREATE_REPOSITORY);
  for (const statement of hasShop ? SHOP : []) await cluster.query(statement);
  return cluster;
}

export async function shopOf(
  starrocksVersion: ProfileName,
  options: ClusterOptions = {},
): Promise<{ readonly cluster: Cluster; readonly store: MemoryBlob }> {
  const store = new MemoryBlob();
  const spec = { ...options, starrocksVersion, memoryStore: store };
  return { cluster: await clusterWith(spec, true), store };
}

/** Number and SQLSTATE of a statement's refusal. */
export async function refusal(cluster: Cluster, sql: string): Promise<string> {
  const error = await cluster.query(sql).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return 'accepted';
  if (!(error instanceof SimError)) throw error;
  return `${error.row.mysql}/${error.row.state}`;
}

export async function backUp(cluster: Cluster, label: string, ttl?: string): Promise<void> {
  const properties = ttl === undefined ? '' : ` PROPERTIES ('ttl' = '${ttl}')`;
  await cluster.query(`BACKUP SNAPSHOT shop.${label} TO repo${properties}`);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ label, state: 'FINISHED' });
}

/** Label -> the other cells, by column name. */
export async function snapshotsOf(
  cluster: Cluster,
): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
  const { columns, rows } = await cluster.query('SHOW SNAPSHOT ON repo');
  return Object.fromEntries(
    rows.map((row) => [
      String(row[0]),
      Object.fromEntries(columns.map((name, at) => [name, row[at]])),
    ]),
  );
}

export async function labelsOf(cluster: Cluster): Promise<readonly string[]> {
  return Object.keys(await snapshotsOf(cluster)).sort();
}

export async function timestampOf(cluster: Cluster, label: string): Promise<string> {
  return String((await snapshotsOf(cluster))[label]?.['Timestamp']);
}

export async function rowsOfShop(cluster: Cluster, database = 'shop'): Promise<unknown> {
  return [
    (await cluster.query(`SELECT id, name FROM ${database}.orders ORDER BY id`)).rows,
    (await cluster.query(`SELECT day, what FROM ${database}.events ORDER BY day`)).rows,
  ];
}

/** The text of the one object whose key matches. */
export function textIn(store: MemoryBlob, key: RegExp): string {
  const [found, another] = store.keys().filter((each) => key.test(each));
  if (found === undefined || another !== undefined) throw new Error(`${key}: ${found}, ${another}`);
  return Buffer.from(runNow(readObject(store, found, 1 << 24))).toString();
}
