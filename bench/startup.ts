/** From the start of the process to the first answer over a socket, new and on existing data. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inTemporaryFolder, startClusterProcess } from './cluster-process.ts';
import { type Benchmark, type Figure, figureOf, interleaved, timedMs } from './figures.ts';

const ROOT: string = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = 9;

const DUCKDB_PROGRAM = `
import { DuckDBInstance } from '@duckdb/node-api';
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await (await connection.run('SELECT 1')).getRows();
`;

export const startupBenchmark: Benchmark = {
  name: 'startup',
  run: () => inTemporaryFolder(measure),
};

async function measure(dataDir: string): Promise<readonly Figure[]> {
  await prepareTable(dataDir);
  const emptyNode = (): Promise<number> => timedNode(['-e', '0']);
  const duckDbNode = (): Promise<number> =>
    timedNode(['--input-type=module', '-e', DUCKDB_PROGRAM]);
  const samples = await interleaved(
    {
      'new data': () => timedAnswer(undefined, 'SELECT 1'),
      'existing data': () => timedAnswer(dataDir, 'SELECT 1'),
      'existing table': () => timedAnswer(dataDir, 'SELECT * FROM d.t'),
      'node -e 0': emptyNode,
      'node with DuckDB and a query': duckDbNode,
    },
    ROUNDS,
  );
  const [fresh, existing, table, node, duckDb] = samples;
  if (!fresh || !existing || !table || !node || !duckDb) throw new Error('nothing was measured');
  return [
    figureOf('start to SELECT 1, new data', 'ms', [fresh, node, duckDb], atMost(250, 150)),
    figureOf('start to SELECT 1, existing data', 'ms', [existing, node, duckDb], atMost(250, 150)),
    figureOf('start to first SELECT from a table', 'ms', [table, node, duckDb], atMost(500, 350)),
  ];
}

const atMost = (...limits: number[]): readonly { kind: 'at-most'; limit: number }[] =>
  limits.map((limit) => ({ kind: 'at-most', limit }));

async function prepareTable(dataDir: string): Promise<void> {
  const cluster = await startClusterProcess({ dataDir });
  const client = await cluster.connect();
  await client.query('CREATE DATABASE d');
  await client.query(
    'CREATE TABLE d.t (k BIGINT NOT NULL, a INT, s VARCHAR(50)) PRIMARY KEY (k) ' +
      'DISTRIBUTED BY HASH(k) BUCKETS 4',
  );
  await client.query("INSERT INTO d.t VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 3, 'three')");
  await client.query('SELECT * FROM d.t');
  client.close();
  await cluster.stop();
}

async function timedAnswer(dataDir: string | undefined, sql: string): Promise<number> {
  const began = performance.now();
  const cluster = await startClusterProcess(dataDir === undefined ? {} : { dataDir });
  const client = await cluster.connect();
  await client.query(sql);
  const ms = performance.now() - began;
  client.close();
  await cluster.stop();
  return ms;
}

function timedNode(args: readonly string[]): Promise<number> {
  return timedMs(
    () =>
      new Promise<void>((resolve, reject) => {
        const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
        child.once('exit', (code) =>
          code === 0 ? resolve() : reject(new Error(`node ended with ${code}`)),
        );
        child.once('error', reject);
      }),
  );
}
