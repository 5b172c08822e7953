/** The large demo with a small file: believed only while every row of the file is there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../../../src/base/clock.ts';
import { findFlights } from '../../../src/cli/demo/flights.ts';
import {
  compareWithFile,
  type FlightsStage,
  tellFlights,
} from '../../../src/cli/demo/flights-story.ts';
import { createPhases } from '../../../src/cli/demo/phases.ts';
import { connectClient, type SqlClient } from '../../../src/cli/demo/sql-client.ts';
import type { Line, Printer } from '../../../src/cli/ui/printer.ts';
import { type Cluster, startCluster } from '../../../src/start-cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'flights-'));
const path = join(folder, 'flights.parquet');
const FLIGHTS = 300;

let cluster: Cluster;
let client: SqlClient;

beforeAll(async () => {
  const numbers = Array.from({ length: FLIGHTS }, (_, n) => n);
  const dayMs = 24 * 3600 * 1000;
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'date', type: 'TIMESTAMP', data: numbers.map((n) => new Date((n % 45) * dayMs)) },
      { name: 'delay', data: numbers.map((n) => BigInt(n % 3)) },
      { name: 'distance', data: numbers.map((n) => BigInt(100 + (n % 2))) },
      { name: 'origin', data: numbers.map((n) => ['SEA', 'LAX', 'JFK'][n % 3]) },
      { name: 'destination', data: numbers.map(() => 'ORD') },
    ],
  });
  writeFileSync(path, new Uint8Array(bytes));
  cluster = await startCluster({ tickMs: 5 });
  client = await connectClient(cluster.port ?? 0, new AbortController().signal);
});

afterAll(async () => {
  await client.close();
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

function stageOf(lines: Line[], tampering: Partial<SqlClient> = {}): FlightsStage {
  const printer: Printer = {
    line: (line) => lines.push(line),
    progress: () => {},
    close: () => {},
  };
  const repositoryLocation = `file://${folder}`;
  const phases = createPhases(realClock, printer);
  const clock = realClock;
  return { client: { ...client, ...tampering }, printer, clock, phases, repositoryLocation, path };
}

test('every flight comes back, one that is missing ends the demo', async () => {
  const lines: Line[] = [];
  expect(await tellFlights(stageOf(lines))).toBe(FLIGHTS);
  expect(lines.find(({ event }) => event === 'file')).toMatchObject({
    facts: { rowCount: FLIGHTS, from: '1970-01-01', to: '1970-02-14' },
  });
  expect(lines.find(({ event }) => event === 'compared')?.text).toContain('300 of 300 rows came');
  expect(lines.filter(({ event }) => event === 'partition')).toHaveLength(2);

  const days = [
    ['1970-01-01', 216],
    ['1970-02-01', 84],
  ] as const;
  expect(await compareWithFile(stageOf([]), days)).toBe(FLIGHTS);
  await expect(compareWithFile(stageOf([]), [['1970-01-01', 299]])).rejects.toThrow('300 found');
  const one = stageOf([], {
    rows: async (sql) => (sql.includes('EXCEPT') ? [['1']] : await client.rows(sql)),
  });
  await expect(compareWithFile(one, days)).rejects.toThrow(
    'from 1970-01-01 on, 216 rows were expected, 216 found; 1 of the file are missing',
  );
});

test('a file that is not there is asked for with the way to get it', async () => {
  const asked = findFlights(join(folder, 'none.parquet'));
  await expect(asked).rejects.toMatchObject({
    code: 'demo-failed',
    message: expect.stringContaining('none.parquet'),
    hint: expect.stringContaining('npm install --no-save vega-datasets'),
  });
});
