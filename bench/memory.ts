/** Resident memory of an idle cluster, before and after the query engine was loaded. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstLine, rssMib, startClusterProcess, stopProcess } from './cluster-process.ts';
import { type Benchmark, type Figure, figureOf } from './figures.ts';

/** What start-up left behind is settled after this. */
const SETTLE_MS = 1000;
const ROUNDS = 5;

const EMPTY_SERVER =
  "require('node:net').createServer(() => {}).listen(0, () => console.log('ready'))";

export const memoryBenchmark: Benchmark = { name: 'memory', run: measure };

async function measure(): Promise<readonly Figure[]> {
  const idle: number[] = [];
  const loaded: number[] = [];
  const empty: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const cluster = await startClusterProcess();
    await sleep(SETTLE_MS);
    idle.push(rssMib(cluster.pid));
    const client = await cluster.connect();
    await client.query('CREATE DATABASE d');
    await client.query(
      'CREATE TABLE d.t (k BIGINT NOT NULL, a INT) PRIMARY KEY (k) ' +
        'DISTRIBUTED BY HASH(k) BUCKETS 4',
    );
    await client.query('INSERT INTO d.t VALUES (1, 1), (2, 2), (3, 3)');
    await client.query('SELECT a, count(*) FROM d.t GROUP BY a');
    await sleep(SETTLE_MS);
    loaded.push(rssMib(cluster.pid));
    client.close();
    await cluster.stop();
    empty.push(await emptyServerMib());
  }
  const peers = [{ name: 'empty node server', values: empty }];
  const ours = (values: readonly number[]) => ({ name: '1 FE + 3 BE', values });
  return [
    figureOf('idle memory', 'MiB RSS', [ours(idle), ...peers], [{ kind: 'at-most', limit: 110 }]),
    figureOf(
      'idle memory, DuckDB loaded',
      'MiB RSS',
      [ours(loaded), ...peers],
      [{ kind: 'at-most', limit: 220 }],
    ),
  ];
}

async function emptyServerMib(): Promise<number> {
  const child = spawn(process.execPath, ['-e', EMPTY_SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await firstLine(child);
  await sleep(SETTLE_MS);
  const mib = rssMib(child.pid ?? 0);
  await stopProcess(child);
  return mib;
}
