/**
 * Uploads to a local repository: by bare backends, and by BACKUP through a whole cluster; beside
 * `rclone copy` with its checks and `cp -r` on the same files. Ours are synced when they are done,
 * the peers' are not, so a peer that syncs stands beside them too.
 */
import { execFile, spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { realClock } from '../src/base/clock.ts';
import { createEvents } from '../src/base/events.ts';
import { noFaults } from '../src/base/fault.ts';
import { asId, type BackendId, FIRST_BACKEND_ID } from '../src/base/ids.ts';
import { createLocalFiles } from '../src/base/local-files.ts';
import { silentLogger } from '../src/base/log.ts';
import { type Op, toPromise } from '../src/base/op.ts';
import { realRandom } from '../src/base/random.ts';
import { KIB, MIB } from '../src/base/units.ts';
import { type Backend, createBackend } from '../src/be-sim/backend.ts';
import { createOpenBlob } from '../src/blob/registry.ts';
import {
  type FinishTaskRequest,
  STATUS_OK,
  type TaskStatus,
  type UploadTask,
} from '../src/protocol/agent-task.ts';
import { inTemporaryFolder, startClusterProcess } from './cluster-process.ts';
import { type Benchmark, type Figure, figureOf, interleaved, timedMs } from './figures.ts';

const run = promisify(execFile);
const ROUNDS = 5;
const BACKENDS = 3;

interface FileSet {
  readonly what: string;
  readonly tablets: number;
  readonly filesPerTablet: number;
  readonly fileBytes: number;
}

const FILE_SETS: readonly FileSet[] = [
  { what: '64 files of 4 MiB', tablets: 16, filesPerTablet: 4, fileBytes: 4 * MIB },
  { what: '2,000 files of 16 KiB', tablets: 250, filesPerTablet: 8, fileBytes: 16 * KIB },
];

export const uploadBenchmark: Benchmark = { name: 'upload', run: measure };

async function measure(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const set of FILE_SETS) {
    figures.push(await inTemporaryFolder((folder) => bareUpload(folder, set)));
  }
  figures.push(await inTemporaryFolder(wholeBackup));
  return figures;
}

/** Copies of a folder by other tools, in seconds, each into a folder that is not there. */
function peersOf(source: string, folder: string): Record<string, () => Promise<number>> {
  const copy =
    (command: string, args: readonly string[], thenSync: boolean) => async (): Promise<number> => {
      const target = join(folder, 'peer');
      const ms = await timedMs(async () => {
        await run(command, [...args, source, target]);
        if (thenSync) await run('sync', ['-f', target]);
      });
      rmSync(target, { recursive: true });
      await run('sync', ['-f', folder]);
      return ms / 1000;
    };
  const hasRclone = spawnSync('rclone', ['version']).status === 0;
  return {
    ...(hasRclone && { 'rclone copy': copy('rclone', ['copy'], false) }),
    ...(hasRclone && { 'rclone copy, then sync': copy('rclone', ['copy'], true) }),
    'cp -r': copy('cp', ['-r'], false),
  };
}

/** The design asks for 1.3 times rclone's speed. */
const BARS = [{ kind: 'peer-times-at-most', limit: 1 / 1.3 }] as const;

async function bareUpload(folder: string, set: FileSet): Promise<Figure> {
  const cluster = await openBackends(folder);
  const source = join(folder, 'be');
  const tasks = fillSnapshots(folder, set);
  const upload = async (): Promise<number> => {
    const repository = join(folder, 'repository');
    mkdirSync(repository);
    const ms = await timedMs(() => cluster.run(tasks(repository)));
    const sizeBytes = sizeBelow(repository);
    if (sizeBytes !== set.tablets * set.filesPerTablet * set.fileBytes) {
      throw new Error(`${sizeBytes} bytes came out of ${set.what}`);
    }
    rmSync(repository, { recursive: true });
    await run('sync', ['-f', folder]);
    return ms / 1000;
  };
  await run('sync', ['-f', folder]);
  const samples = await interleaved({ emulator: upload, ...peersOf(source, folder) }, ROUNDS);
  for (const backend of cluster.backends) await toPromise(backend.stop());
  return figureOf(`upload by ${BACKENDS} backends, ${set.what}`, 's', samples, BARS);
}

function sizeBelow(path: string): number {
  let sizeBytes = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) sizeBytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return sizeBytes;
}

interface Backends {
  readonly backends: readonly Backend[];
  /** Ends when all tasks have. */
  run(tasks: readonly UploadTask[]): Promise<void>;
}

async function openBackends(folder: string): Promise<Backends> {
  const files = createLocalFiles();
  let ended: (request: FinishTaskRequest) => void = () => {};
  const backends = new Map<BackendId, Backend>();
  for (let index = 0; index < BACKENDS; index += 1) {
    const backendId = asId<BackendId>(FIRST_BACKEND_ID + index);
    const backend = createBackend({
      backendId,
      files,
      dataDir: `${folder}/be/${backendId}`,
      clock: realClock,
      random: realRandom,
      faults: noFaults,
      events: createEvents(realClock),
      logger: silentLogger,
      openBlob: createOpenBlob({ files, faults: noFaults, clock: realClock, hasNetwork: true }),
      frontend: {
        *finishTask(request): Op<TaskStatus> {
          ended(request);
          return STATUS_OK;
        },
        *reportSnapshotLoader(): Op<TaskStatus> {
          return STATUS_OK;
        },
        *reportTasks(): Op<void> {},
        *reportTablets(): Op<void> {},
      },
      cpuCores: availableParallelism(),
    });
    await toPromise(backend.start());
    backends.set(backendId, backend);
  }
  return {
    backends: [...backends.values()],
    run: (tasks) =>
      new Promise((resolve, reject) => {
        let left = tasks.length;
        ended = ({ status }) => {
          left -= 1;
          if (status.code !== 'OK') reject(new Error(status.errorMsgs.join('; ')));
          else if (left === 0) resolve();
        };
        for (const [backendId, backend] of backends) {
          backend.submitTasks(tasks.filter((task) => task.backendId === backendId));
        }
      }),
  };
}

/** Random bytes, no file like another, where backends keep snapshots; one task per tablet. */
function fillSnapshots(folder: string, set: FileSet): (repository: string) => UploadTask[] {
  const content = Buffer.allocUnsafe(set.fileBytes);
  const directories: { readonly backendId: BackendId; readonly source: string }[] = [];
  for (let tablet = 1; tablet <= set.tablets; tablet += 1) {
    const backendId = asId<BackendId>(FIRST_BACKEND_ID + (tablet % BACKENDS));
    const root = `${folder}/be/${backendId}/snapshot/20300101000000.${tablet}.86400`;
    const source = `${root}/${tablet}/7`;
    mkdirSync(source, { recursive: true });
    for (let file = 0; file < set.filesPerTablet; file += 1) {
      writeFileSync(`${source}/${file}.dat`, randomFillSync(content));
    }
    directories.push({ backendId, source });
  }
  return (repository) =>
    directories.map(({ backendId, source }, index) => ({
      type: 'UPLOAD',
      backendId,
      signature: asId(index + 1),
      dbId: asId(1),
      jobId: asId(1),
      srcDest: new Map([[source, `file://${repository}/ss/__${index + 1}`]]),
      storage: { location: `file://${repository}`, brokerName: '', properties: {} },
    }));
}

const ROWS = 100_000;
const BUCKETS = 32;
const POLL_MS = 5;

/** From the statement to FINISHED: snapshots, upload, job info, and the waits between states. */
async function wholeBackup(folder: string): Promise<Figure> {
  const repository = join(folder, 'repository');
  mkdirSync(repository);
  const cluster = await startClusterProcess({ dataDir: join(folder, 'data') });
  try {
    const client = await cluster.connect();
    await client.query('CREATE DATABASE u');
    await client.query(
      'CREATE TABLE u.t (k BIGINT NOT NULL, s VARCHAR(2000)) DUPLICATE KEY (k) ' +
        `DISTRIBUTED BY HASH(k) BUCKETS ${BUCKETS} PROPERTIES ("replication_num" = "1")`,
    );
    const text = Array.from({ length: 16 }, (_, index) => `md5(concat(g, '-${index}'))`).join(', ');
    await client.query(
      `INSERT INTO u.t SELECT g, concat(${text}) FROM TABLE(generate_series(1, ${ROWS})) AS s(g)`,
    );
    await client.query(`CREATE REPOSITORY r WITH BROKER ON LOCATION 'file://${repository}'`);
    let label = 0;
    const backUp = async (): Promise<number> => {
      label += 1;
      const ms = await timedMs(async () => {
        await client.query(`BACKUP SNAPSHOT u.l${label} TO r`);
        for (;;) {
          const [row] = (await client.query('SHOW BACKUP FROM u')).rows;
          if (row?.[3] === 'FINISHED') return;
          if (row?.[3] === 'CANCELLED') throw new Error(row.join(' '));
          await sleep(POLL_MS);
        }
      });
      await run('sync', ['-f', folder]);
      return ms / 1000;
    };
    await backUp();
    const source = join(repository, '__starrocks_repository_r', '__ss_l1');
    const remark = `${(sizeBelow(source) / 1e6).toFixed(1)} MB, ${BUCKETS} tablets`;
    const samples = await interleaved({ emulator: backUp, ...peersOf(source, folder) }, ROUNDS);
    return figureOf('BACKUP, statement to FINISHED', 's', samples, [], remark);
  } finally {
    await cluster.stop();
  }
}
