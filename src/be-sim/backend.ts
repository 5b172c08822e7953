/**
 * One simulated backend: tablets with real rows in real files, the agent that works on the
 * frontend's tasks, and the reports back. Everything it knows survives on disk; `start` brings it
 * back after a stop, a kill or a crash.
 */
import type { Clock, Millis } from '../base/clock.ts';
import { asSimError, SimError } from '../base/errors.ts';
import type { Events } from '../base/events.ts';
import type { FaultPoints } from '../base/fault.ts';
import type { Files } from '../base/files.ts';
import type { BackendId } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import { attempt, type Op } from '../base/op.ts';
import type { Random } from '../base/random.ts';
import type { BlobLocation, OpenBlob, OpenedBlob } from '../blob/blob-storage.ts';
import type { BackendLink, FrontendLink } from '../protocol/links.ts';
import { Agent } from './agent.ts';
import { compactTablet, createCompactor } from './compaction.ts';
import { type BackendConfig, DEFAULT_BACKEND_CONFIG } from './config.ts';
import {
  createSignal,
  createTabletLocks,
  dataRoot,
  type Engine,
  snapshotRootOf,
  tabletDirectory,
} from './engine.ts';
import { filesWithFaults } from './file-faults.ts';
import { createLife, filesOfLife, type Life, storageOfLife } from './life.ts';
import { abortTxn, publishVersion, writeRowsets } from './loads.ts';
import { MetaLog } from './meta-log.ts';
import { MetaState } from './meta-state.ts';
import { createLeases, type Leases, openTablet, scanTablet } from './reads.ts';
import { sweepOrphans } from './recover.ts';
import { beginPeriods, heartbeat } from './reports.ts';
import { RowsetFiles } from './rowset-files.ts';
import { countOrCores, createSettings, type Settings } from './settings.ts';

export interface BackendOptions {
  readonly backendId: BackendId;
  readonly files: Files;
  /** Absolute, `<data-dir>/be/<backend id>`; no other process may use it. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: FaultPoints;
  readonly events: Events;
  readonly logger: Logger;
  readonly openBlob: OpenBlob;
  readonly frontend: FrontendLink;
  readonly config?: Partial<BackendConfig>;
  readonly cpuCores: number;
}

export interface Backend extends BackendLink {
  readonly isRunning: boolean;
  /** Recovers from disk and begins to work. `edit-log-damaged` when its meta log cannot be read. */
  start(): Op<void>;
  /** Ends orderly: nothing new begins, the meta log is closed. Tasks are left to the next life. */
  stop(): Op<void>;
  /** Ends as `kill -9` does: everything in memory is forgotten, at once. */
  kill(): void;
}

interface Running {
  readonly engine: Engine;
  readonly agent: Agent;
  readonly leases: Leases;
  readonly settings: Settings;
  readonly startedAtMs: Millis;
}

export function createBackend(options: BackendOptions): Backend {
  const { backendId, clock } = options;
  let running: Running | undefined;
  let lastLife: Life | undefined;

  const alive = (): Running => {
    if (running !== undefined) return running;
    throw new SimError('backend-unavailable', `backend ${backendId} is down`);
  };
  const kill = (): void => {
    running?.engine.life.end();
    running?.agent.clear();
    running = undefined;
  };

  return {
    backendId,
    get isRunning(): boolean {
      return running !== undefined;
    },
    *start(): Op<void> {
      if (running !== undefined) return;
      if (lastLife !== undefined) yield* lastLife.settled(clock);
      const life = createLife(backendId);
      lastLife = life;
      const opened = yield* attempt(openEngine(options, life));
      if (!opened.ok) {
        life.end();
        throw opened.error;
      }
      const engine = opened.value;
      const agent = new Agent(engine);
      const settings = createSettings(engine.config, engine.cpuCores, (what, limitMax) => {
        if (what === 'COMPACTION') engine.compactor.limit(limitMax);
        else agent.resize(what, limitMax);
      });
      const leases = createLeases(engine);
      running = { engine, agent, leases, settings, startedAtMs: clock.now() };
      beginPeriods(engine, agent);
    },
    *stop(): Op<void> {
      if (running === undefined) return;
      const { engine, agent } = running;
      running = undefined;
      agent.clear();
      yield* engine.log.close();
      engine.life.end();
      yield* engine.life.settled(clock);
    },
    kill,
    submitTasks: (tasks) => alive().agent.submit(tasks),
    *heartbeat(request) {
      const { engine, startedAtMs } = alive();
      return yield* heartbeat(engine, startedAtMs, request);
    },
    *writeRowsets(request) {
      yield* writeRowsets(alive().engine, request);
    },
    *publishVersion(request) {
      return yield* publishVersion(alive().engine, request);
    },
    *abortTxn({ txnId }) {
      yield* abortTxn(alive().engine, txnId);
    },
    *openTablet(request) {
      const { engine, leases } = alive();
      return yield* openTablet(engine, leases, request);
    },
    closeTablet: (leaseId) => running?.leases.close(leaseId),
    *scanTablet(request) {
      return yield* scanTablet(alive().engine, request);
    },
    compact({ tabletIds, mode }) {
      const { compactor } = alive().engine;
      for (const tabletId of tabletIds) compactor.ask(tabletId, mode);
    },
    settings: () => alive().settings.rows(),
    changeSetting: (name, value) => alive().settings.change(name, value),
  };
}

function* openEngine(options: BackendOptions, life: Life): Op<Engine> {
  const { backendId, dataDir, logger, events } = options;
  const config = { ...DEFAULT_BACKEND_CONFIG, ...options.config };
  const files = filesOfLife(filesWithFaults(options), life);
  yield* makeDirectories(files, dataDir);
  const { segmentRowsMax } = config;
  const rowsetFiles = new RowsetFiles({
    ...options,
    files,
    life,
    segmentRowsMax,
    removalFailed: ({ message }) => events.emit('be.file.remove-failed', { backendId, message }),
  });
  // What recovery releases may be gone already; the sweep below takes the rest.
  let isRecovered = false;
  const state = new MetaState((tablet, tabletId, names) => {
    if (!isRecovered || tablet === undefined) return;
    const directory = tabletDirectory(dataDir, tabletId, tablet.schema.schemaHash);
    rowsetFiles.release(names.map((name) => `${directory}/${name}`));
  });
  const log = new MetaLog({
    files,
    directory: `${dataDir}/meta`,
    state,
    bytesMax: config.metaLogBytesMax,
    postponed: (error) => {
      const { message } = asSimError(error);
      logger.log('warn', `checkpoint of the meta log postponed: ${message}`, { backendId });
    },
  });
  yield* log.open();
  if (log.tornBytes > 0) {
    const fields = { backendId, bytes: log.tornBytes };
    logger.log('warn', 'the meta log ended in a record that was cut off', fields);
  }
  yield* log.append([{ op: 'start', backendId, life: state.life + 1 }], true);
  isRecovered = true;
  const engine: Engine = {
    ...options,
    where: `backend ${backendId}`,
    snapshotRoot: snapshotRootOf(dataDir),
    life,
    files,
    config,
    state,
    log,
    rowsetFiles,
    openBlob: openedOnce(options.openBlob, life),
    locks: createTabletLocks(),
    compactor: createCompactor({
      life,
      countMax: countOrCores(config.compactionWorkers, options.cpuCores, -1),
      compact: (tabletId, mode) => compactTablet(engine, tabletId, mode),
      failed: (tabletId, error) => {
        const { message } = asSimError(error);
        events.emit('be.compaction.failed', { backendId, tabletId, text: message });
      },
    }),
    newRowsetId: rowsetIds(options, state.life),
    published: createSignal(),
  };
  const orphans = yield* sweepOrphans(engine);
  if (orphans > 0) events.emit('be.orphans.removed', { backendId, orphans });
  return engine;
}

/** Tasks of a job share one description of their store; what is opened for it serves all. */
function openedOnce(open: OpenBlob, life: Life): OpenBlob {
  const known = new WeakMap<BlobLocation, OpenedBlob>();
  let last: { readonly where: BlobLocation; readonly opened: OpenedBlob } | undefined;
  return (where) => {
    if (last?.where === where) return last.opened;
    let opened = known.get(where);
    if (opened === undefined) {
      const ofAll = open(where);
      opened = { ...ofAll, storage: storageOfLife(ofAll.storage, life) };
      known.set(where, opened);
    }
    last = { where, opened };
    return opened;
  };
}

function* makeDirectories(files: Files, dataDir: string): Op<void> {
  for (const directory of [dataRoot(dataDir), snapshotRootOf(dataDir), `${dataDir}/meta`]) {
    yield* files.makeDirectory(directory);
  }
  yield* files.syncDirectory(dataDir);
  // `<data-dir>/be/<id>` may be new from `be` on; the data directory itself is its owner's.
  const parent = parentOf(dataDir);
  yield* files.syncDirectory(parent);
  yield* files.syncDirectory(parentOf(parent));
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** 48 hex digits: format 2, life and count, backend, chance; unique in all repositories. */
function rowsetIds({ backendId, random }: BackendOptions, life: number): () => string {
  const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');
  const tail = hex(backendId, 16) + hex(random.uint32(), 8) + hex(random.uint32(), 8);
  let count = 0;
  return () => {
    count += 1;
    return `02${hex(life, 5)}${hex(count, 9)}${tail}`;
  };
}
