/** What every demo does with its table through SQL: tell statements, back up, drop, restore. */
import type { Clock } from '../../base/clock.ts';
import { SimError } from '../../base/errors.ts';
import { plural } from '../ui/format.ts';
import type { Printer } from '../ui/printer.ts';
import { followJob } from './follow-job.ts';
import { oneLine, type SqlClient } from './sql-client.ts';

export interface Theatre {
  readonly client: SqlClient;
  readonly printer: Printer;
  readonly clock: Clock;
  /** An empty place that the cluster can write to. */
  readonly repositoryLocation: string;
}

export interface Target {
  readonly database: string;
  readonly table: string;
  /** Of the snapshot. */
  readonly label: string;
}

export interface TableShape {
  readonly tabletCount: number;
  readonly replicaCount: number;
}

const REPOSITORY = 'demo_repo';
const SHOWN_SQL_CHARS_MAX = 94;

/** Prints a statement that matters, and runs it. */
export async function say({ client, printer }: Theatre, sql: string): Promise<number> {
  const text = `  mysql> ${oneLine(sql, SHOWN_SQL_CHARS_MAX)}`;
  printer.line({ event: 'sql', look: 'sql', text, facts: { sql } });
  return await client.run(sql);
}

export async function tellPartitions(
  { client, printer }: Theatre,
  { database, table }: Target,
): Promise<TableShape> {
  let tabletCount = 0;
  let replicaCount = 0;
  for (const row of await client.show(`SHOW PARTITIONS FROM ${database}.${table}`)) {
    const name = row['PartitionName'] ?? '';
    const buckets = Number(row['Buckets']);
    const replicas = Number(row['ReplicationNum']);
    tabletCount += buckets;
    replicaCount += buckets * replicas;
    const range = row['Range'] ?? '';
    const tablets = `${plural(buckets, 'tablet')}, ${plural(replicas, 'replica')} of each`;
    printer.line({
      event: 'partition',
      look: 'plain',
      text: `  ${name}  ${rangeKeys(range)}  ${tablets}`,
      facts: { name, range, buckets, replicas },
    });
  }
  return { tabletCount, replicaCount };
}

/** `[types: [DATE]; keys: [2012-01-01]; ..types: [DATE]; keys: [2013-01-01]; )`, without types. */
function rangeKeys(range: string): string {
  const keys = [...range.matchAll(/keys: \[([^\]]*)\]/g)].map((match) => match[1] ?? '');
  return `[${keys.join(', ')})`;
}

export async function backUp(
  stage: Theatre,
  { database, table, label }: Target,
  { tabletCount }: TableShape,
): Promise<string> {
  const { client, printer, repositoryLocation } = stage;
  const location = quotedText(repositoryLocation);
  await say(stage, `CREATE REPOSITORY ${REPOSITORY} WITH BROKER ON LOCATION ${location}`);
  await say(stage, `BACKUP SNAPSHOT ${database}.${label} TO ${REPOSITORY} ON (${table})`);
  await followJob({ ...stage, database, label, kind: 'BACKUP', taskCount: tabletCount });
  const where = `WHERE SNAPSHOT = ${quotedText(label)}`;
  const row = (await client.show(`SHOW SNAPSHOT ON ${REPOSITORY} ${where}`))[0];
  const timestamp = row?.['Timestamp'] ?? '';
  if (row?.['Status'] !== 'OK' || timestamp === '') {
    throw new SimError('demo-failed', `SHOW SNAPSHOT: ${JSON.stringify(row)}`);
  }
  printer.line({
    event: 'snapshot',
    look: 'plain',
    text: `  snapshot ${label}, timestamp ${timestamp}`,
    facts: { repository: REPOSITORY, label, timestamp },
  });
  return timestamp;
}

/** Throws `demo-failed` if it is still there. */
export async function dropDatabase(stage: Theatre, { database }: Target): Promise<void> {
  const { client, printer } = stage;
  await say(stage, `DROP DATABASE ${database}`);
  const names = (await client.rows('SHOW DATABASES')).map(([name]) => name);
  if (names.includes(database)) throw new SimError('demo-failed', 'the database is still there');
  const text = `  databases left: ${names.join(', ')}`;
  printer.line({ event: 'dropped', look: 'bad', text, facts: { database } });
}

export async function restore(
  stage: Theatre,
  { database, table, label }: Target,
  { replicaCount }: TableShape,
  timestamp: string,
): Promise<void> {
  await say(stage, `CREATE DATABASE ${database}`);
  await say(
    stage,
    `RESTORE SNAPSHOT ${database}.${label} FROM ${REPOSITORY} ON (${table}) ` +
      `PROPERTIES ("backup_timestamp" = "${timestamp}")`,
  );
  await followJob({ ...stage, database, label, kind: 'RESTORE', taskCount: replicaCount });
}

export function quotedText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
