/**
 * The demo itself, told over a MySQL connection: rows go in, a backup is taken, the rows are
 * spoiled and dropped, a restore brings them back, and every one is compared with what the backup
 * saw. Nothing here knows the cluster but through SQL.
 */
import type { Clock } from '../../base/clock.ts';
import { SimError } from '../../base/errors.ts';
import { formatCount } from '../ui/format.ts';
import type { Printer } from '../ui/printer.ts';
import { compareRows } from './compare-rows.ts';
import { followJob } from './follow-job.ts';
import type { Phases } from './phases.ts';
import { expectedPartitions, readTable, type TableReading } from './read-table.ts';
import { oneLine, type SqlClient } from './sql-client.ts';
import type { Weather } from './weather.ts';
import {
  accidentOf,
  createTableSql,
  DATABASE,
  insertSql,
  quotedText,
  TABLE,
} from './weather-table.ts';

export interface Stage {
  readonly client: SqlClient;
  readonly printer: Printer;
  readonly clock: Clock;
  readonly phases: Phases;
  readonly weather: Weather;
  /** An empty place that the cluster can write to. */
  readonly repositoryLocation: string;
}

const REPOSITORY = 'demo_repo';
const LABEL = 'weather_backup';
const INSERT_ROWS_MAX = 100;
const SHOWN_SQL_CHARS_MAX = 94;

/** Throws `demo-failed` as soon as something is not as it should be. */
export async function tellStory(stage: Stage): Promise<void> {
  const { phases, client, weather } = stage;
  const shape = await phases.run('load', "Load Seattle's daily weather", () => load(stage));
  const backedUp = await phases.run('read', 'Read it back', () => readLoaded(stage));
  const timestamp = await phases.run('backup', 'Back up', () => backUp(stage, shape));
  await phases.run('destroy', 'Spoil rows, then drop the database', () => destroy(stage, backedUp));
  await phases.run('restore', 'Restore', () => restore(stage, shape, timestamp));
  await phases.run('compare', 'Compare every row with what was backed up', async () => {
    compare(stage, backedUp, await readTable(client, weather));
  });
}

/** Prints a statement that matters, and runs it. */
async function say({ client, printer }: Stage, sql: string): Promise<number> {
  const text = `  mysql> ${oneLine(sql, SHOWN_SQL_CHARS_MAX)}`;
  printer.line({ event: 'sql', look: 'sql', text, facts: { sql } });
  return await client.run(sql);
}

interface TableShape {
  readonly tabletCount: number;
  readonly replicaCount: number;
}

async function load(stage: Stage): Promise<TableShape> {
  const { client, printer, weather } = stage;
  await say(stage, `CREATE DATABASE ${DATABASE}`);
  await say(stage, createTableSql(weather));
  const { rows } = weather;
  const progress = (done: number): void =>
    printer.progress({ label: 'insert', unit: 'rows', done, total: rows.length });
  progress(0);
  for (let at = 0; at < rows.length; at += INSERT_ROWS_MAX) {
    const batch = rows.slice(at, at + INSERT_ROWS_MAX);
    const written = await client.run(insertSql(batch));
    if (written !== batch.length) {
      throw new SimError('demo-failed', `INSERT of ${batch.length} rows wrote ${written}`);
    }
    progress(at + batch.length);
  }
  return await tellPartitions(stage);
}

async function tellPartitions({ client, printer }: Stage): Promise<TableShape> {
  let tabletCount = 0;
  let replicaCount = 0;
  for (const row of await client.show(`SHOW PARTITIONS FROM ${DATABASE}.${TABLE}`)) {
    const name = row['PartitionName'] ?? '';
    const buckets = Number(row['Buckets']);
    const replicas = Number(row['ReplicationNum']);
    tabletCount += buckets;
    replicaCount += buckets * replicas;
    const range = row['Range'] ?? '';
    printer.line({
      event: 'partition',
      look: 'plain',
      text: `  ${name}  ${rangeKeys(range)}  ${buckets} tablets, ${replicas} replicas of each`,
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

/** What was loaded must be what the file says, before anything is made of it. */
async function readLoaded(stage: Stage): Promise<TableReading> {
  const { client, printer, weather } = stage;
  const reading = await readTable(client, weather);
  refuseDifferences(stage, 'after loading', weather.rows, reading);
  const count = formatCount(reading.rows.length);
  printer.line({
    event: 'rows',
    look: 'good',
    text: `  ${count} rows as in the file (${partitionText(reading)}), sha256 ${shortened(reading)}`,
    facts: factsOf(reading),
  });
  return reading;
}

async function backUp(stage: Stage, { tabletCount }: TableShape): Promise<string> {
  const { client, printer, repositoryLocation } = stage;
  const location = quotedText(repositoryLocation);
  await say(stage, `CREATE REPOSITORY ${REPOSITORY} WITH BROKER ON LOCATION ${location}`);
  await say(stage, `BACKUP SNAPSHOT ${DATABASE}.${LABEL} TO ${REPOSITORY} ON (${TABLE})`);
  await followJob({ ...stage, ...JOB, kind: 'BACKUP', taskCount: tabletCount });
  const where = `WHERE SNAPSHOT = ${quotedText(LABEL)}`;
  const row = (await client.show(`SHOW SNAPSHOT ON ${REPOSITORY} ${where}`))[0];
  const timestamp = row?.['Timestamp'] ?? '';
  if (row?.['Status'] !== 'OK' || timestamp === '') {
    throw new SimError('demo-failed', `SHOW SNAPSHOT: ${JSON.stringify(row)}`);
  }
  printer.line({
    event: 'snapshot',
    look: 'plain',
    text: `  snapshot ${LABEL}, timestamp ${timestamp}`,
    facts: { repository: REPOSITORY, label: LABEL, timestamp },
  });
  return timestamp;
}

const JOB = { database: DATABASE, label: LABEL } as const;

/** Changes rows first, so that a restore of anything but the snapshot would show. */
async function destroy(stage: Stage, backedUp: TableReading): Promise<void> {
  const { client, printer, weather } = stage;
  const accident = accidentOf(weather);
  await say(stage, accident.sql);
  const spoiled = await readTable(client, weather);
  const { differenceCount } = compareRows(weather.columns, backedUp.rows, spoiled.rows);
  const changed = formatCount(differenceCount);
  printer.line({
    event: 'spoiled',
    look: 'bad',
    text: `  ${changed} rows are not what they were, sha256 ${shortened(spoiled)}`,
    facts: { changedRowCount: differenceCount, checksum: spoiled.checksum },
  });
  if (differenceCount !== accident.rowCount) {
    throw new SimError('demo-failed', `UPDATE should have changed ${accident.rowCount} rows`);
  }
  await say(stage, `DROP DATABASE ${DATABASE}`);
  const names = (await client.rows('SHOW DATABASES')).map(([name]) => name);
  if (names.includes(DATABASE)) throw new SimError('demo-failed', 'the database is still there');
  const text = `  databases left: ${names.join(', ')}`;
  printer.line({ event: 'dropped', look: 'bad', text, facts: { database: DATABASE } });
}

async function restore(
  stage: Stage,
  { replicaCount }: TableShape,
  timestamp: string,
): Promise<void> {
  await say(stage, `CREATE DATABASE ${DATABASE}`);
  await say(
    stage,
    `RESTORE SNAPSHOT ${DATABASE}.${LABEL} FROM ${REPOSITORY} ON (${TABLE}) ` +
      `PROPERTIES ("backup_timestamp" = "${timestamp}")`,
  );
  await followJob({ ...stage, ...JOB, kind: 'RESTORE', taskCount: replicaCount });
}

function compare(stage: Stage, backedUp: TableReading, restored: TableReading): void {
  refuseDifferences(stage, 'after the restore', backedUp.rows, restored);
  if (restored.checksum !== backedUp.checksum) {
    throw new SimError('demo-failed', 'the checksum after the restore is another one');
  }
  stage.printer.line({
    event: 'compared',
    look: 'good',
    text:
      `  ${formatCount(restored.rows.length)} of ${formatCount(backedUp.rows.length)} rows came ` +
      `back exactly (${partitionText(restored)}), sha256 ${shortened(restored)}`,
    facts: factsOf(restored),
  });
}

/** Compares rows, their number, and the counts of the partitions with the file. */
function refuseDifferences(
  { printer, weather }: Stage,
  when: string,
  expected: TableReading['rows'],
  reading: TableReading,
): void {
  const total = Math.max(expected.length, reading.rows.length);
  const result = compareRows(weather.columns, expected, reading.rows, (done) =>
    printer.progress({ label: 'compare', unit: 'rows', done, total }),
  );
  const wantedPartitions = expectedPartitions(weather);
  const partitions = Object.keys(wantedPartitions).filter(
    (name) => wantedPartitions[name] !== reading.partitions[name],
  );
  if (result.differenceCount === 0 && partitions.length === 0) return;
  for (const text of result.differences) {
    printer.line({ event: 'difference', look: 'bad', text: `  ${text}`, facts: { text } });
  }
  for (const name of partitions) {
    const found = reading.partitions[name];
    const text = `${name}: ${wantedPartitions[name]} rows expected, ${found} found`;
    printer.line({ event: 'difference', look: 'bad', text: `  ${text}`, facts: { text } });
  }
  throw new SimError(
    'demo-failed',
    `${when}, ${result.differenceCount} rows and ${partitions.length} partitions are not as ` +
      `they should be; ${result.sameCount} of ${expected.length} rows are`,
  );
}

function factsOf(reading: TableReading): {
  readonly rowCount: number;
  readonly checksum: string;
  readonly partitions: { [name: string]: number };
} {
  const { rows, checksum, partitions } = reading;
  return { rowCount: rows.length, checksum, partitions: { ...partitions } };
}

function partitionText({ partitions }: TableReading): string {
  return Object.entries(partitions)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

const SHOWN_CHECKSUM_CHARS = 12;

function shortened({ checksum }: TableReading): string {
  return checksum.slice(0, SHOWN_CHECKSUM_CHARS);
}
