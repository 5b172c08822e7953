/** What a repository holds: SHOW SNAPSHOT. */
import { type Connection, cell, type Row } from '../connection/connection.ts';
import { quoteName, quoteValue } from '../connection/sql-text.ts';

export interface Snapshot {
  readonly label: string;
  /** As the server wrote it, and as RESTORE wants it. */
  readonly timestamp: string;
  readonly status: string;
  readonly isOk: boolean;
  /** When the server deletes it: from 4.2 on, and only of a backup with a time to live. */
  readonly expiresAt: string | undefined;
}

/** Everything in the repository, damaged snapshots too. */
export async function snapshotsOn(
  connection: Connection,
  repository: string,
): Promise<readonly Snapshot[]> {
  const rows = await connection.query(`SHOW SNAPSHOT ON ${quoteName(repository)}`);
  return rows.map(snapshotOf);
}

/** One by label. A label that is not there has a row too, whose status says so. */
export async function snapshotOn(
  connection: Connection,
  repository: string,
  label: string,
): Promise<Snapshot | undefined> {
  const rows = await connection.query(
    `SHOW SNAPSHOT ON ${quoteName(repository)} WHERE SNAPSHOT = ${quoteValue(label)}`,
  );
  const found = rows.map(snapshotOf).filter((each) => each.label === label);
  return found.find(({ isOk }) => isOk) ?? found.find(({ status }) => !isAbsent(status));
}

export interface SnapshotDetails {
  readonly database: string;
  /** Partition names by table; views and functions have none. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
}

/** What a snapshot holds by its own job info; `undefined` if the server does not say. */
export async function snapshotDetails(
  connection: Connection,
  repository: string,
  { label, timestamp }: Snapshot,
): Promise<SnapshotDetails | undefined> {
  const rows = await connection.query(
    `SHOW SNAPSHOT ON ${quoteName(repository)} WHERE SNAPSHOT = ${quoteValue(label)} ` +
      `AND TIMESTAMP = ${quoteValue(timestamp)}`,
  );
  const row = rows[0];
  const text = row?.['Details'];
  if (row === undefined || text === undefined || text === null) return undefined;
  return { database: cell(row, 'Database'), tables: tablesOf(text) };
}

function tablesOf(details: string): ReadonlyMap<string, readonly string[]> {
  const value: unknown = JSON.parse(details);
  const objects = recordOf(recordOf(value)['backup_objects']);
  return new Map(
    Object.entries(objects).map(([name, object]) => [
      name,
      Object.keys(recordOf(recordOf(object)['partitions'])),
    ]),
  );
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function snapshotOf(row: Row): Snapshot {
  const status = cell(row, 'Status');
  const timestamp = cell(row, 'Timestamp');
  const isOk = status.toUpperCase() === 'OK' && timestamp !== '';
  const expiresAt = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.exec(row['ExpireTime'] ?? '')?.[0];
  return { label: cell(row, 'Snapshot'), timestamp, status, isOk, expiresAt };
}

function isAbsent(status: string): boolean {
  return /no snapshot/i.test(status);
}
