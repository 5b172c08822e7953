/**
 * `npm run bench -- matrix [options]`: uploads of snapshots over concurrency, size of files, store
 * and latency, beside other programs on the same files and server, all in one run. One backend does
 * ours, with as many workers; a task is one tablet, handed out when another has ended.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { inTemporaryFolder } from './cluster-process.ts';
import { medianOf, timedMs } from './figures.ts';
import {
  type Cell,
  filesPerSec,
  matrixPictures,
  mibPerSec,
  OURS,
  sizeText,
} from './matrix-chart.ts';
import { type BenchStore, openStore, STORES, type StoreName } from './matrix-stores.ts';
import { resultsPath, runHead } from './run-head.ts';
import { type FileSet, fillSnapshots, openBackends } from './upload-world.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

interface MatrixOptions {
  readonly only?: string;
  readonly sizes: string;
  readonly concurrency: string;
  readonly lag: string;
  readonly rounds: string;
  readonly quick?: boolean;
  readonly out?: string;
}

interface Plan {
  readonly stores: readonly StoreName[];
  readonly sizes: readonly number[];
  readonly concurrencies: readonly number[];
  readonly lags: readonly number[];
  readonly rounds: number;
}

const QUICK: Omit<Plan, 'stores'> = {
  sizes: [16 * KIB, 4 * MIB],
  concurrencies: [1, 4, 16],
  lags: [0],
  rounds: 3,
};

/** About as many bytes in each cell, and never fewer files than keep all workers busy. */
const CELL_BYTES = 128 * MIB;
const CELL_FILES_MAX = 1_024;
const SMALL_FILES_PER_TABLET = 8;

function fileSetOf(fileBytes: number, concurrencies: readonly number[]): FileSet {
  const most = Math.max(...concurrencies);
  const wanted = Math.min(CELL_FILES_MAX, Math.floor(CELL_BYTES / fileBytes));
  const filesPerTablet = wanted >= SMALL_FILES_PER_TABLET * most ? SMALL_FILES_PER_TABLET : 1;
  const tablets = Math.max(most, Math.floor(wanted / filesPerTablet));
  return { tablets, filesPerTablet, fileBytes };
}

function planOf({ only, sizes, concurrency, lag, rounds, quick }: MatrixOptions): Plan {
  const names = only?.split(',') ?? [...STORES];
  const stores = STORES.filter((name) => names.includes(name));
  const unknown = names.filter((name) => !STORES.some((store) => store === name));
  if (unknown.length > 0) throw new Error(`no store ${unknown.join()}; there are ${STORES.join()}`);
  if (quick === true) return { stores, ...QUICK };
  const numbers = (text: string): number[] => text.split(',').map(Number);
  return {
    stores,
    sizes: sizes.split(',').map(bytesOf),
    concurrencies: numbers(concurrency),
    lags: numbers(lag),
    rounds: Number(rounds),
  };
}

function bytesOf(text: string): number {
  const match = /^(\d+)(KiB|MiB)$/.exec(text);
  if (match === null) throw new Error(`${text} is no size like 16KiB or 4MiB`);
  return Number(match[1]) * (match[2] === 'KiB' ? KIB : MIB);
}

let runs = 0;

/** All contenders of one place, in turn in each round. */
async function cellsAt(
  store: BenchStore,
  folder: string,
  place: { readonly set: FileSet; readonly concurrency: number; readonly lagMs: number },
  rounds: number,
): Promise<Cell[]> {
  const { set, concurrency, lagMs } = place;
  const backends = await openBackends(folder, { count: 1, uploadWorkers: concurrency });
  const tasksFor = fillSnapshots(folder, set, 1);
  const source = join(folder, 'be', '10001', 'snapshot');
  const spans: number[] = [];
  const contenders: Record<string, (below: string) => Promise<unknown>> = {
    [OURS]: async (below) => {
      spans.push(...(await backends.runClosed(tasksFor(store.storage, below), concurrency)));
    },
  };
  for (const [peer, copy] of Object.entries(store.peers)) {
    contenders[peer] = (below) => copy({ source, below, concurrency });
  }
  const seconds = new Map<string, number[]>();
  const requests = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contenders)) {
      runs += 1;
      const below = `run${runs}`;
      execFileSync('sync', ['-f', folder]);
      store.takeRequests();
      const ms = await timedMs(() => run(below));
      const asked = store.takeRequests();
      if (asked !== undefined) requests.set(name, asked);
      seconds.set(name, [...(seconds.get(name) ?? []), ms / 1000]);
      await store.forget(below);
    }
  }
  await backends.stop();
  const files = set.tablets * set.filesPerTablet;
  const base = { store: store.name, lagMs, fileBytes: set.fileBytes, concurrency, files };
  return [...seconds].map(([contender, taken]) => {
    const asked = requests.get(contender);
    return {
      ...base,
      contender,
      seconds: taken,
      ...(contender === OURS && { taskMs: percentiles(spans) }),
      ...(asked !== undefined && { requestsPerFile: asked / files }),
    };
  });
}

function percentiles(spans: readonly number[]): { p50: number; p95: number; max: number } {
  const sorted = [...spans].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: medianOf(sorted), p95: at(0.95), max: at(1) };
}

function rowOf(cell: Cell): string {
  const { store, lagMs, fileBytes, concurrency, contender, taskMs, requestsPerFile } = cell;
  const task = taskMs && `${taskMs.p50.toFixed(1)} / ${taskMs.p95.toFixed(1)}`;
  return `| ${[
    store,
    lagMs,
    sizeText(fileBytes),
    concurrency,
    contender,
    filesPerSec(cell).toFixed(0),
    mibPerSec(cell).toFixed(1),
    task ?? '',
    requestsPerFile?.toFixed(2) ?? '',
  ].join(' | ')} |`;
}

const TABLE_HEAD = [
  '| store | lag ms | file | at once | who | files/s | MiB/s | task ms p50 / p95 | requests/file |',
  '| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |',
];

async function measureStore(name: StoreName, plan: Plan, notes: string[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  await inTemporaryFolder(async (folder) => {
    const store = await openStore(name, folder);
    for (const peer of store.missing) notes.push(`${name}: ${peer} is not installed`);
    notes.push(`${name}: ${store.server}`);
    try {
      for (const lagMs of plan.lags) {
        if (!store.setLag(lagMs)) {
          notes.push(`${name}: no way to add ${lagMs} ms to each request`);
          continue;
        }
        for (const fileBytes of plan.sizes) {
          const set = fileSetOf(fileBytes, plan.concurrencies);
          for (const concurrency of plan.concurrencies) {
            const place = { set, concurrency, lagMs };
            const at = (inner: string): Promise<Cell[]> =>
              cellsAt(store, inner, place, plan.rounds);
            const measured = await inTemporaryFolder(at);
            for (const cell of measured) console.log(rowOf(cell));
            cells.push(...measured);
          }
        }
      }
    } finally {
      await store.stop();
    }
  });
  return cells;
}

async function main(options: MatrixOptions): Promise<void> {
  const plan = planOf(options);
  const head = runHead();
  const notes: string[] = [];
  const cells: Cell[] = [];
  console.log(TABLE_HEAD.join('\n'));
  for (const name of plan.stores) {
    try {
      cells.push(...(await measureStore(name, plan, notes)));
    } catch (error) {
      notes.push(`${name}: not measured: ${error instanceof Error ? error.message : error}`);
    }
  }
  for (const note of notes) console.log(note);
  const stem = options.out ?? resultsPath(head, 'matrix');
  mkdirSync(join(stem, '..'), { recursive: true });
  writeFileSync(
    `${stem}.json`,
    `${JSON.stringify({ ...head, plan, notes, cells }, undefined, 1)}\n`,
  );
  const { cpu, cores, loadAverageAtStart } = head.machine;
  const remarks = [
    `${head.date}, revision ${head.revision}, ${cpu}, ${cores} cores, load ${loadAverageAtStart}`,
    `medians of ${plan.rounds} interleaved rounds; ${notes.join('; ')}`,
  ];
  const [throughput = '', latency = ''] = matrixPictures(cells, remarks);
  writeFileSync(`${stem}-throughput.svg`, throughput);
  writeFileSync(`${stem}-latency.svg`, latency);
  console.log(`${stem}.json, ${stem}-throughput.svg, ${stem}-latency.svg`);
}

export const matrixCommand = (): Command =>
  new Command('matrix')
    .option('--only <stores>', `some of ${STORES.join()}; all if not given`)
    .option('--sizes <list>', 'sizes of files', '4KiB,16KiB,256KiB,4MiB,64MiB')
    .option('--concurrency <list>', 'uploads at once', '1,2,4,8,16,32,64')
    .option('--lag <list>', 'milliseconds added to each request', '0,20')
    .option('--rounds <n>', 'how often all are run', '3')
    .option('--quick', 'two sizes, three concurrencies, no lag')
    .option('--out <stem>', 'results go to <stem>.json and <stem>-*.svg')
    .action(main);
