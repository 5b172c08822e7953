/**
 * The large demo: three million rows from a Parquet file go into a table by FILES, a backup is
 * taken, the database dropped and restored, and every row compared with the file, month by month,
 * so that no step holds more than a part of them.
 */
import { SimError } from '../../base/errors.ts';
import { formatCount } from '../ui/format.ts';
import {
  CREATE_TABLE,
  countSql,
  DATABASE,
  daysSql,
  insertSql,
  missingSql,
  type Span,
  TABLE,
} from './flights-table.ts';
import type { Phases } from './phases.ts';
import {
  backUp,
  dropDatabase,
  restore,
  say,
  type TableShape,
  type Theatre,
  tellPartitions,
} from './scenes.ts';

export interface FlightsStage extends Theatre {
  readonly phases: Phases;
  /** The Parquet file, absolute. */
  readonly path: string;
}

/** Days of the file with their flights: first the day itself, then how many. */
export type Days = readonly (readonly [string, number])[];

/** Rows of one INSERT, about: what the cluster holds in memory at a time. */
const SLICE_ROWS = 200_000;
const TARGET = { database: DATABASE, table: TABLE, label: 'flights_backup' } as const;

/** How many rows came back. Throws `demo-failed` as soon as something is not as it should be. */
export async function tellFlights(stage: FlightsStage): Promise<number> {
  const { phases, client, path } = stage;
  const days: Days = await phases.run('look', 'Look into the file', async () => {
    const rows = await client.rows(daysSql(path));
    return tellDays(
      stage,
      rows.map(([day, count]) => [day ?? '', Number(count)] as const),
    );
  });
  const shape = await phases.run('load', 'Load the flights', () => load(stage, days));
  const timestamp = await phases.run('backup', 'Back up', () => backUp(stage, TARGET, shape));
  await phases.run('destroy', 'Drop the database', () => dropDatabase(stage, TARGET));
  await phases.run('restore', 'Restore', () => restore(stage, TARGET, shape, timestamp));
  return await phases.run('compare', 'Compare every row with the file', () =>
    compareWithFile(stage, days),
  );
}

function tellDays({ printer, path }: FlightsStage, days: Days): Days {
  const rowCount = rowsOf(days);
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) {
    throw new SimError('demo-failed', `${path} holds no flights`);
  }
  printer.line({
    event: 'file',
    look: 'plain',
    text: `  ${formatCount(rowCount)} flights from ${first[0]} to ${last[0]} in ${path}`,
    facts: { path, rowCount, from: first[0], to: last[0] },
  });
  return days;
}

const rowsOf = (days: Days): number => days.reduce((sum, [, count]) => sum + count, 0);

async function load(stage: FlightsStage, days: Days): Promise<TableShape> {
  const { client, printer, path } = stage;
  await say(stage, `CREATE DATABASE ${DATABASE}`);
  await say(stage, CREATE_TABLE);
  const total = rowsOf(days);
  const progress = (done: number): void =>
    printer.progress({ label: 'insert', unit: 'rows', done, total });
  let done = 0;
  for (const [index, slice] of slicesOf(days).entries()) {
    const sql = insertSql(path, slice.span);
    // One of them stands for all.
    const written = index === 0 ? await say(stage, sql) : await client.run(sql);
    if (index === 0) progress(0);
    if (written !== slice.rowCount) {
      throw new SimError('demo-failed', `INSERT of ${slice.rowCount} rows wrote ${written}`);
    }
    done += written;
    progress(done);
  }
  return await tellPartitions(stage, TARGET);
}

interface Slice {
  readonly span: Span;
  readonly rowCount: number;
}

/** Days together until they are about as many rows as one statement should load. */
function slicesOf(days: Days): readonly Slice[] {
  const slices: Slice[] = [];
  let from = days[0]?.[0] ?? '';
  let rowCount = 0;
  for (const [index, [, count]] of days.entries()) {
    rowCount += count;
    const next = days[index + 1]?.[0];
    if (rowCount < SLICE_ROWS && next !== undefined) continue;
    const to = next ?? END_OF_TIME;
    slices.push({ span: { from, to }, rowCount });
    from = to;
    rowCount = 0;
  }
  return slices;
}

const END_OF_TIME = '9999-12-31';

/** How many rows are those of the file; `demo-failed` names the first month that is not. */
export async function compareWithFile(stage: FlightsStage, days: Days): Promise<number> {
  const { client, printer, path } = stage;
  const total = rowsOf(days);
  let done = 0;
  for (const { span, rowCount } of monthsOf(days)) {
    const found = await numberOf(stage, countSql(span));
    const missing = await numberOf(stage, missingSql(path, span));
    if (found !== rowCount || missing > 0) {
      throw new SimError(
        'demo-failed',
        `from ${span.from} on, ${rowCount} rows were expected, ${found} found; ` +
          `${missing} of the file are missing`,
      );
    }
    done += rowCount;
    printer.progress({ label: 'compare', unit: 'rows', done, total });
  }
  const rest = (await client.rows(`SELECT count(*) FROM ${DATABASE}.${TABLE}`))[0]?.[0];
  if (Number(rest) !== total) throw new SimError('demo-failed', `the table has ${rest} rows`);
  const count = formatCount(total);
  printer.line({
    event: 'compared',
    look: 'good',
    text: `  ${count} of ${count} rows came back exactly`,
    facts: { rowCount: total },
  });
  return total;
}

async function numberOf({ client }: FlightsStage, sql: string): Promise<number> {
  return Number((await client.rows(sql))[0]?.[0]);
}

function monthsOf(days: Days): readonly Slice[] {
  const months = new Map<string, { from: string; rowCount: number }>();
  for (const [day, count] of days) {
    const month = months.get(day.slice(0, 7));
    if (month === undefined) months.set(day.slice(0, 7), { from: day, rowCount: count });
    else month.rowCount += count;
  }
  const list = [...months.values()];
  return list.map(({ from, rowCount }, index) => ({
    span: { from, to: list[index + 1]?.from ?? END_OF_TIME },
    rowCount,
  }));
}
