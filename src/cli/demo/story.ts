/**
 * The demo itself, told over a MySQL connection: rows go in, a backup is taken, the rows are
 * spoiled and dropped, a restore brings them back, and every one is compared with what the backup
 * saw. Nothing here knows the cluster but through SQL.
 */
import { SimError } from '../../base/errors.ts';
import { formatCount } from '../ui/format.ts';
import { compareRows } from './compare-rows.ts';
import type { Phases } from './phases.ts';
import { expectedPartitions, readTable, type TableReading } from './read-table.ts';
import {
  backUp,
  dropDatabase,
  restore,
  say,
  type TableShape,
  type Theatre,
  tellPartitions,
} from './scenes.ts';
import type { Weather } from './weather.ts';
import { accidentOf, createTableSql, DATABASE, insertSql, TABLE } from './weather-table.ts';

export interface Stage extends Theatre {
  readonly phases: Phases;
  readonly weather: Weather;
}

const INSERT_ROWS_MAX = 100;
const TARGET = { database: DATABASE, table: TABLE, label: 'weather_backup' } as const;

/** Throws `demo-failed` as soon as something is not as it should be. */
export async function tellStory(stage: Stage): Promise<void> {
  const { phases, client, weather } = stage;
  const shape = await phases.run('load', "Load Seattle's daily weather", () => load(stage));
  const backedUp = await phases.run('read', 'Read it back', () => readLoaded(stage));
  const timestamp = await phases.run('backup', 'Back up', () => backUp(stage, TARGET, shape));
  await phases.run('destroy', 'Spoil rows, then drop the database', () => destroy(stage, backedUp));
  await phases.run('restore', 'Restore', () => restore(stage, TARGET, shape, timestamp));
  await phases.run('compare', 'Compare every row with what was backed up', async () => {
    compare(stage, backedUp, await readTable(client, weather));
  });
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
  return await tellPartitions(stage, TARGET);
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
  await dropDatabase(stage, TARGET);
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
