/**
 * `npm run bench:simulate [-- --rounds 5 --only local]`: `simulate` beside reality. A store is calibrated, and
 * uploads through a whole real cluster are timed with numbers of workers and sizes of files that the
 * calibration has not seen, both once per round; then each speed-up over one worker is compared with
 * the simulated one.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../src/base/clock.ts';
import { createEvents } from '../src/base/events.ts';
import type { FaultPlan } from '../src/base/fault-plan.ts';
import { createLocalFiles } from '../src/base/local-files.ts';
import { toPromise } from '../src/base/op.ts';
import { KIB } from '../src/base/units.ts';
import type { OpenedBlob } from '../src/blob/blob-storage.ts';
import { createOpenBlob } from '../src/blob/registry.ts';
import { realParts } from '../src/cli/real-parts.ts';
import { type AssembledCluster, assembleCluster } from '../src/cluster.ts';
import { runText } from '../src/fe/run-text.ts';
import { fitModel } from '../src/sim/capacity/fit-model.ts';
import { type Measured, measureStore } from '../src/sim/capacity/measure-store.ts';
import { runPlan } from '../src/sim/capacity/run-plan.ts';
import type { StoreModel } from '../src/sim/capacity/store-model.ts';
import { startS3Server } from '../test/support/s3-server.ts';
import { medianOf, shown } from './figures.ts';

const CALIBRATED = { sizes: [4 * KIB, 512 * KIB], concurrencies: [1, 16], puts: 64 } as const;
/** Beside one worker, which every speed-up is relative to; none of them calibrated. */
const WORKERS = [2, 3, 6, 12] as const;
const BACKENDS = 1;
const TICK_MS = 20;
const ROUNDS_DEFAULT = 5;
const MEDIAN_ERROR_BAR = 0.15;
const WORST_ERROR_BAR = 0.3;

interface FileSet {
  readonly tablets: number;
  readonly files: number;
  readonly fileBytes: number;
}

const FILE_SETS: readonly FileSet[] = [
  { tablets: 48, files: 2, fileBytes: 32 * KIB },
  { tablets: 48, files: 1, fileBytes: 256 * KIB },
];

interface Place {
  readonly location: string;
  readonly properties: Readonly<Record<string, string>>;
}

interface StoreCase {
  readonly name: string;
  /** Added to every put and list, by the fault points of the store. */
  readonly latencyMs: number;
  open(folder: string): Promise<Place & { stop(): Promise<void> }>;
}

const onDisk = async (folder: string): Promise<Place & { stop(): Promise<void> }> => {
  const path = join(folder, 'repository');
  mkdirSync(path);
  return { location: `file://${path}`, properties: {}, stop: async () => {} };
};

const STORES: readonly StoreCase[] = [
  { name: 'local', latencyMs: 0, open: onDisk },
  { name: 'local, 20 ms more', latencyMs: 20, open: onDisk },
  {
    name: 'embedded S3, 20 ms more',
    latencyMs: 20,
    async open() {
      const server = await startS3Server();
      const { properties } = server;
      return { location: 's3://backups/bench', properties, stop: () => server.stop() };
    },
  },
];

function slowDown(faults: FaultPlan, ms: number): void {
  if (ms === 0) return;
  faults.enable('blob.put', { do: 'delay', ms });
  faults.enable('blob.list', { do: 'delay', ms });
}

interface RealCluster {
  readonly workers: number;
  /** One backup; seconds from the first upload task that is sent to the last that has ended. */
  backUp(): Promise<number>;
  stop(): Promise<void>;
}

async function startReal(
  store: StoreCase,
  place: Place,
  folder: string,
  set: FileSet,
  workers: number,
): Promise<RealCluster> {
  const parts = realParts({
    dataDir: join(folder, `cluster-${set.fileBytes}-${workers}`),
    backends: BACKENDS,
    profile: '3.5',
    quirks: [],
    tickMs: TICK_MS,
    strict: false,
    stepped: false,
    timeZone: 'UTC',
    rootPassword: '',
    host: '127.0.0.1',
    queryPort: () => 0,
    httpPort: () => 0,
    json: false,
    onFatal: (error) => {
      throw error;
    },
  });
  const events = createEvents(realClock);
  const cluster: AssembledCluster = await toPromise(
    assembleCluster({ ...parts, events, backendConfig: { uploadWorkers: workers } }),
  );
  const query = (sql: string) => toPromise(runText(cluster.frontend, sql));
  await query('CREATE DATABASE d');
  await query(
    `CREATE TABLE d.t (k INT NOT NULL) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS ` +
      `${set.tablets} PROPERTIES ("replication_num" = "1", "emulator.tablet_size" = ` +
      `"${set.fileBytes * set.files}B", "emulator.files_per_tablet" = "${set.files}")`,
  );
  const name = `r_${set.fileBytes}_${workers}`;
  const properties = Object.entries(place.properties).map(
    ([key, value]) => `"${key}" = "${value}"`,
  );
  await query(
    `CREATE REPOSITORY ${name} WITH BROKER ON LOCATION '${place.location}'` +
      (properties.length === 0 ? '' : ` PROPERTIES (${properties.join(', ')})`),
  );
  slowDown(parts.faultPlan, store.latencyMs);
  let label = 0;
  return {
    workers,
    async backUp() {
      label += 1;
      let beganMs: number | undefined;
      let endedMs = 0;
      let over: (state: string) => void = () => {};
      const ended = new Promise<string>((resolve) => {
        over = resolve;
      });
      const unsubscribe = events.on(({ what, about }) => {
        if (what === 'task.send' && about['type'] === 'UPLOAD') beganMs ??= performance.now();
        if (what === 'task.finish' && about['type'] === 'UPLOAD') endedMs = performance.now();
        const to = about['to'];
        if (what === 'job.state' && (to === 'FINISHED' || to === 'CANCELLED')) over(to);
      });
      await query(`BACKUP SNAPSHOT d.l${label} TO ${name}`);
      const state = await ended;
      unsubscribe();
      if (state !== 'FINISHED' || beganMs === undefined) throw new Error(`backup ${state}`);
      return (endedMs - beganMs) / 1000;
    },
    stop: () => toPromise(cluster.stop()),
  };
}

/** Measures a store under what else the machine does right now. */
async function calibrate(store: StoreCase, place: Place, folder: string): Promise<Measured> {
  const parts = realParts({
    dataDir: folder,
    backends: 1,
    profile: '3.5',
    quirks: [],
    tickMs: TICK_MS,
    strict: false,
    stepped: false,
    timeZone: 'UTC',
    rootPassword: '',
    host: '',
    queryPort: () => 0,
    httpPort: () => 0,
    json: false,
    onFatal: () => {},
  });
  slowDown(parts.faultPlan, store.latencyMs);
  const files = createLocalFiles();
  const open = createOpenBlob({
    files,
    faults: parts.faultPlan,
    clock: realClock,
    hasNetwork: true,
  });
  const opened: OpenedBlob = open({ ...place, brokerName: '' });
  return await toPromise(
    measureStore({
      ...CALIBRATED,
      storage: opened.storage,
      directory: `${opened.root}/calibration`,
      files,
      scratch: join(folder, 'scratch'),
      stopwatch: () => performance.now(),
    }),
  );
}

/** One model of what was measured in all rounds. */
function modelOf(store: StoreCase, rounds: readonly Measured[]): StoreModel {
  const [first] = rounds;
  if (first === undefined) throw new Error('nothing was measured');
  const measured: Measured = {
    upload: first.upload,
    batches: rounds.flatMap(({ batches }) => batches),
    listMs: rounds.flatMap(({ listMs }) => listMs),
  };
  return fitModel(measured, { name: store.name, text: 'calibrated by this bench' });
}

async function simulated(model: StoreModel, set: FileSet, workers: number): Promise<number> {
  const { transferMs } = await runPlan({
    model,
    tables: [
      {
        name: 't',
        tablets: set.tablets,
        tabletBytes: set.fileBytes * set.files,
        filesPerTablet: set.files,
        replicas: 1,
      },
    ],
    backends: BACKENDS,
    workers,
    cores: cpus().length,
    slowness: 1,
    failedTasks: 0,
    tasksPerBackendMax: 0,
    profile: '3.5',
    seed: 1n,
    keepsMetadata: false,
    tickMs: TICK_MS,
    timeoutSec: 86_400,
  });
  return transferMs / 1000;
}

interface Compared {
  readonly store: string;
  readonly file: string;
  readonly workers: number;
  readonly realSec: readonly number[];
  readonly simulatedSec: number;
  readonly realSpeedUp: number;
  readonly simulatedSpeedUp: number;
  readonly error: number;
}

async function compare(
  store: StoreCase,
  place: Place,
  folder: string,
  set: FileSet,
  rounds: number,
): Promise<readonly Compared[]> {
  const clusters: RealCluster[] = [];
  for (const workers of [1, ...WORKERS]) {
    clusters.push(await startReal(store, place, folder, set, workers));
  }
  const samples = new Map<number, number[]>(clusters.map(({ workers }) => [workers, []]));
  for (const cluster of clusters) await cluster.backUp();
  const calibrations: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    calibrations.push(await calibrate(store, place, folder));
    for (const cluster of clusters) samples.get(cluster.workers)?.push(await cluster.backUp());
  }
  for (const cluster of clusters) await cluster.stop();
  const model = modelOf(store, calibrations);
  const aloneSec = medianOf(samples.get(1) ?? []);
  const aloneSimulated = await simulated(model, set, 1);
  const compared: Compared[] = [];
  for (const workers of WORKERS) {
    const realSec = samples.get(workers) ?? [];
    const simulatedSec = await simulated(model, set, workers);
    const realSpeedUp = aloneSec / medianOf(realSec);
    const simulatedSpeedUp = aloneSimulated / simulatedSec;
    compared.push({
      store: store.name,
      file: `${set.fileBytes / KIB} KiB`,
      workers,
      realSec,
      simulatedSec,
      realSpeedUp,
      simulatedSpeedUp,
      error: Math.abs(simulatedSpeedUp / realSpeedUp - 1),
    });
  }
  return compared;
}

async function main(): Promise<void> {
  const option = (name: string): string | undefined => {
    const at = process.argv.indexOf(name);
    return at < 0 ? undefined : process.argv[at + 1];
  };
  const rounds = Number(option('--rounds') ?? ROUNDS_DEFAULT);
  const stores = STORES.filter(({ name }) => name.includes(option('--only') ?? ''));
  if (stores.length === 0) throw new Error(`stores: ${STORES.map(({ name }) => name).join('; ')}`);
  const all: Compared[] = [];
  console.log(
    '| store | file | workers | real, s | simulated, s | real speed-up | simulated | error |',
  );
  console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const store of stores) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-simulate-'));
    const place = await store.open(folder);
    for (const set of FILE_SETS) {
      const compared = await compare(store, place, folder, set, rounds);
      all.push(...compared);
      for (const one of compared) printRow(one);
    }
    await place.stop();
    rmSync(folder, { recursive: true });
  }
  const errors = all.map(({ error }) => error);
  const percent = (share: number): string => `${shown(share * 100)} %`;
  const verdict = (value: number, bar: number): string =>
    `${percent(value)} (bar ${percent(bar)}: ${value <= bar ? 'met' : 'NOT MET'})`;
  console.log(
    `\nmedian error ${verdict(medianOf(errors), MEDIAN_ERROR_BAR)}, ` +
      `worst ${verdict(Math.max(...errors), WORST_ERROR_BAR)}; load ${loadavg()[0]?.toFixed(1)}`,
  );
  const folder = new URL('results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`simulate-${new Date().toISOString().replaceAll(':', '-')}.json`, folder);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  writeFileSync(file, `${JSON.stringify({ machine, rounds, seed: 1, compared: all }, null, 1)}\n`);
  console.log(`raw samples: ${file.pathname}`);
}

function printRow(one: Compared): void {
  const cells = [
    one.store,
    one.file,
    one.workers,
    shown(medianOf(one.realSec)),
    shown(one.simulatedSec),
    shown(one.realSpeedUp),
    shown(one.simulatedSpeedUp),
    `${shown(one.error * 100)} %`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

await main();
