/** Rows there and back through a repository: loaded, backed up, destroyed, restored, compared. */
import type { RowDataPacket } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { expect } from 'vitest';
import { type Server, snapshotTimestamp, startServer, untilJobDone } from '../e2e/server.ts';

/** What CREATE REPOSITORY says of a store. */
export interface Store {
  readonly location: string;
  readonly properties: Readonly<Record<string, string>>;
}

const TABLES = [
  `CREATE TABLE d.typed (id INT NOT NULL, b BOOLEAN, i BIGINT, n DECIMAL(20, 4), f DOUBLE, day DATE,
     at DATETIME, s VARCHAR(100), v VARBINARY, j JSON)
     PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 3`,
  `CREATE TABLE d.parts (day DATE NOT NULL, n BIGINT SUM) AGGREGATE KEY (day)
     PARTITION BY RANGE (day) (PARTITION p1 VALUES LESS THAN ('2024-01-01'),
       PARTITION p2 VALUES LESS THAN ('2025-01-01')) DISTRIBUTED BY HASH (day) BUCKETS 2`,
  `CREATE TABLE d.many (id INT NOT NULL, name VARCHAR(200)) DUPLICATE KEY (id)
     DISTRIBUTED BY RANDOM BUCKETS 2`,
];

const LOADS = [
  `INSERT INTO d.typed VALUES
     (1, true, 9007199254740993, 12345.6789, 0.1, '2024-02-29', '2024-02-29 10:11:12',
      'äöü 雪 ''quoted'' "\\\\"', x'00ff', '{"a": [1, 2]}'),
     (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
  "INSERT INTO d.parts VALUES ('2023-06-01', 1), ('2024-06-01', 2)",
  "INSERT INTO d.parts VALUES ('2024-06-01', 40)",
  `INSERT INTO d.many VALUES ${manyRows()}`,
];

function manyRows(): string {
  const row = (id: number): string => `(${id}, '${'x'.repeat(id % 190)}')`;
  return Array.from({ length: 5000 }, (_, id) => row(id)).join(', ');
}

const QUERIES = [
  'SELECT * FROM d.typed ORDER BY id',
  'SELECT * FROM d.parts ORDER BY day',
  'SELECT * FROM d.many ORDER BY id',
];

async function rowsOf(connection: Connection): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const sql of QUERIES) {
    const [rows] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true });
    results.push(rows);
  }
  return results;
}

function createRepository(name: string, { location, properties }: Store): string {
  const pairs = Object.entries(properties).map(([key, value]) => `"${key}" = "${value}"`);
  return `CREATE REPOSITORY ${name} WITH BROKER ON LOCATION '${location}'
    PROPERTIES (${pairs.join(', ')})`;
}

/**
 * Fails unless every row comes back, on the cluster that made the snapshot and on another one that
 * attaches to the repository.
 */
export async function expectRoundTrip(store: Store): Promise<void> {
  const server = await startServer(['--ephemeral']);
  try {
    const connection = await server.connect();
    await connection.query('CREATE DATABASE d');
    for (const sql of [...TABLES, ...LOADS]) await connection.query(sql);
    const before = await rowsOf(connection);
    await connection.query(createRepository('repo', store));
    await connection.query('BACKUP SNAPSHOT d.s TO repo');
    expect(await untilJobDone(connection, 'BACKUP', 'd')).toMatchObject({ State: 'FINISHED' });
    await connection.query('DROP DATABASE d FORCE');
    await connection.query('CREATE DATABASE d');
    await restoreAndCompare(connection, before);
    connection.destroy();
    await expectAttached(store, before);
  } finally {
    await server.stop();
  }
}

async function restoreAndCompare(connection: Connection, before: unknown[]): Promise<void> {
  const timestamp = await snapshotTimestamp(connection, 'repo', 's');
  await connection.query(
    `RESTORE SNAPSHOT d.s FROM repo PROPERTIES ("backup_timestamp" = "${timestamp}")`,
  );
  expect(await untilJobDone(connection, 'RESTORE', 'd')).toMatchObject({ State: 'FINISHED' });
  expect(await rowsOf(connection)).toEqual(before);
}

async function expectAttached(store: Store, before: unknown[]): Promise<void> {
  const other = await startServer(['--ephemeral']);
  try {
    const connection = await other.connect();
    await connection.query('CREATE DATABASE d');
    await connection.query(createRepository('repo', store).replace('CREATE', 'CREATE READ ONLY'));
    await restoreAndCompare(connection, before);
    connection.destroy();
  } finally {
    await other.stop();
  }
}

/** Files of 20 MiB, which leave in parts where a store has them; they hold no rows to compare. */
export async function expectLargeFiles(server: Server, store: Store): Promise<void> {
  const connection = await server.connect();
  await connection.query('CREATE DATABASE big');
  await connection.query(`CREATE TABLE big.t (k INT NOT NULL) DUPLICATE KEY (k)
    DISTRIBUTED BY HASH (k) BUCKETS 1 PROPERTIES ("replication_num" = "1",
    "emulator.tablet_size" = "20MB", "emulator.files_per_tablet" = "1")`);
  await connection.query(createRepository('large', store));
  await connection.query('BACKUP SNAPSHOT big.s TO large');
  expect(await untilJobDone(connection, 'BACKUP', 'big')).toMatchObject({ State: 'FINISHED' });
  await connection.query('DROP TABLE big.t FORCE');
  const timestamp = await snapshotTimestamp(connection, 'large', 's');
  await connection.query(
    `RESTORE SNAPSHOT big.s FROM large PROPERTIES ("backup_timestamp" = "${timestamp}")`,
  );
  expect(await untilJobDone(connection, 'RESTORE', 'big')).toMatchObject({ State: 'FINISHED' });
  connection.destroy();
}

/** Why a repository cannot be made. */
export async function refusal(server: Server, store: Store): Promise<unknown> {
  return await server.sql(createRepository('refused', store)).then(
    () => 'it was made',
    (error: unknown) => error,
  );
}
