/** The demo's story on a virtual cluster: it is believed only while every row is right. */
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { createPhases } from '../../../src/cli/demo/phases.ts';
import type { NamedRow, SqlClient, TextRow } from '../../../src/cli/demo/sql-client.ts';
import { tellStory } from '../../../src/cli/demo/story.ts';
import { parseWeather, type Weather } from '../../../src/cli/demo/weather.ts';
import type { Line, Printer } from '../../../src/cli/ui/printer.ts';
import { type Cluster, startCluster } from '../../../src/start-cluster.ts';

function fewDays(): Weather {
  const days = ['rain', 'sun', 'rain', 'fog', 'rain', 'snow'].map((kind, at) => {
    const year = 2012 + (at % 2);
    return `${year}-03-0${at + 1},${at}.5,1${at}.0,-${at}.1,4.0,${kind}`;
  });
  return parseWeather(`date,precipitation,temp_max,temp_min,wind,weather\n${days.join('\n')}`);
}

/** What a broken cluster would do: rows of a statement are changed on their way to the client. */
type Tampering = (sql: string, rows: readonly TextRow[]) => readonly TextRow[];

function clientOf(cluster: Cluster, tampered: Tampering): SqlClient {
  const text = (cell: unknown): string | null => (cell === null ? null : String(cell));
  return {
    async run(sql) {
      return (await cluster.query(sql)).affectedRows;
    },
    async rows(sql) {
      const { rows } = await cluster.query(sql);
      return tampered(
        sql,
        rows.map((row) => row.map(text)),
      );
    },
    async show(sql) {
      const { columns, rows } = await cluster.query(sql);
      return rows.map(
        (row): NamedRow => Object.fromEntries(columns.map((name, at) => [name, text(row[at])])),
      );
    },
    async close() {},
  };
}

/** Waiting lets the cluster's time pass. */
function clockOf(cluster: Cluster): Clock {
  let nowMs = 0;
  return {
    now: () => nowMs,
    after(delayMs, run) {
      nowMs += delayMs;
      cluster.advance(delayMs);
      run();
      return () => {};
    },
  };
}

async function play(tampered: Tampering = (_, rows) => rows): Promise<readonly Line[]> {
  await using cluster = await startCluster({ clock: 'virtual', tickMs: 100 });
  const lines: Line[] = [];
  const printer: Printer = {
    line: (line) => lines.push(line),
    progress: () => {},
    close: () => {},
  };
  const clock = clockOf(cluster);
  try {
    await tellStory({
      client: clientOf(cluster, tampered),
      printer,
      clock,
      phases: createPhases(clock, printer),
      weather: fewDays(),
      repositoryLocation: 'memory://demo',
    });
  } catch (error) {
    const differences = lines.filter(({ event }) => event === 'difference');
    throw new Error(
      `${(error as Error).message} | ${differences.map((line) => line.text.trim()).join(' | ')}`,
    );
  }
  return lines;
}

/** Tampers with the n-th reading of the whole table: loaded, spoiled, restored. */
function inReading(reading: number, change: (rows: readonly TextRow[]) => TextRow[]): Tampering {
  let count = 0;
  return (sql, rows) => {
    if (!sql.includes('ORDER BY')) return rows;
    count += 1;
    return count === reading ? change(rows) : rows;
  };
}

const RESTORED = 3;

describe('the story', () => {
  test('ends well when every row came back', async () => {
    const lines = await play();
    const compared = lines.find(({ event }) => event === 'compared');
    expect(compared?.facts).toMatchObject({ rowCount: 6, partitions: { p2012: 3, p2013: 3 } });
    const spoiled = lines.find(({ event }) => event === 'spoiled');
    expect(spoiled?.facts).toMatchObject({ changedRowCount: 3 });
    const states = lines.filter(({ event }) => event === 'state');
    expect(states.map(({ facts }) => facts?.['state'])).toHaveLength(7 + 7);
  });

  test.each([
    ['a cell changed', 'temp_max was 10.0, is 10.5', changeCell],
    ['a row was lost', '2012-03-01: missing', (rows: readonly TextRow[]) => rows.slice(1)],
    ['a row came twice', '2012-03-01: not expected', doubleFirst],
  ])('ends badly when %s in the restore', async (_, difference, change) => {
    const told = play(inReading(RESTORED, change));
    await expect(told).rejects.toThrow('after the restore, 1 rows and 0 partitions');
    await expect(told).rejects.toThrow(difference);
  });

  test('ends badly when the rows are right in another order', async () => {
    const told = play(inReading(RESTORED, (rows) => rows.toReversed()));
    await expect(told).rejects.toThrow('the checksum after the restore is another one');
  });

  test('ends badly when a partition counts other rows than the table has', async () => {
    const told = play((sql, rows) => (sql.includes('(p2013)') ? [['2']] : rows));
    await expect(told).rejects.toThrow('p2013: 3 rows expected, 2 found');
  });

  test('ends before anything is backed up when loading went wrong', async () => {
    const told = play(inReading(1, changeCell));
    await expect(told).rejects.toThrow('after loading, 1 rows and 0 partitions');
  });

  test('ends when the accident did not happen: then a restore would show nothing', async () => {
    let loaded: readonly TextRow[] | undefined;
    const told = play((sql, rows) => {
      if (!sql.includes('ORDER BY')) return rows;
      loaded ??= rows;
      return loaded;
    });
    await expect(told).rejects.toThrow('UPDATE should have changed 3 rows');
  });
});

function changeCell(rows: readonly TextRow[]): TextRow[] {
  return rows.map((row, at) => (at === 0 ? row.with(2, '10.5') : row));
}

function doubleFirst(rows: readonly TextRow[]): TextRow[] {
  return [...rows.slice(0, 1), ...rows];
}
