/**
 * Carries out what steps ask for, through the ports: the only place where jobs touch the world.
 * One function per effect; the compiler holds the list to be complete.
 */
import { assert } from '../base/assert.ts';
import { isSimError } from '../base/errors.ts';
import type { ReadWriteLock } from '../base/lock.ts';
import { attempt, type Op, start, suspend } from '../base/op.ts';
import { uuid } from '../base/random.ts';
import { makeDirectoryDurably, writeFileDurably } from '../base/write-file.ts';
import * as tableCodec from '../catalog/codec.ts';
import { encodeJobInfo } from '../repository/job-info-codec.ts';
import { encodeMeta } from '../repository/meta-info-codec.ts';
import { failed, OK, type Status, type StatusOr } from '../repository/status.ts';
import { changeCatalog } from './change-catalog.ts';
import type { Effect, EffectKind, EffectOf, EffectResult, JobFiles, Steps } from './effects.ts';
import { awaitTasks } from './job-runtime.ts';
import type { JobSlot } from './job-slots.ts';
import type { JobPorts } from './ports.ts';
import { TabletReleaseTask } from './tablet-tasks.ts';

/** A step in flight: whose it is, and the database lock it holds, if any. */
export interface StepContext {
  readonly ports: JobPorts;
  readonly slot: JobSlot;
  releaseLock: (() => void) | undefined;
}

/** Runs a computation to its end, answering each effect it asks for. */
export function* runSteps<T>(ports: JobPorts, slot: JobSlot, steps: Steps<T>): Op<T> {
  const context: StepContext = { ports, slot, releaseLock: undefined };
  try {
    let next = steps.next();
    while (next.done !== true) next = steps.next(yield* carryOut(context, next.value));
    return next.value;
  } finally {
    releaseLock(context);
  }
}

/** Carries out effects that follow a state, in order. */
export function* carryOutAll(ports: JobPorts, slot: JobSlot, effects: readonly Effect[]): Op<void> {
  const context: StepContext = { ports, slot, releaseLock: undefined };
  for (const effect of effects) yield* carryOut(context, effect);
}

function carryOut(context: StepContext, effect: Effect): Op<unknown> {
  const run = EFFECTS[effect.do] as (context: StepContext, effect: Effect) => Op<unknown>;
  return run(context, effect);
}

type EffectRunners = {
  readonly [K in EffectKind]: (context: StepContext, effect: EffectOf<K>) => Op<EffectResult<K>>;
};

const EFFECTS: EffectRunners = {
  *'read-clock'({ ports }) {
    return ports.clock.now();
  },
  *'take-ids'({ ports }, { count }) {
    return count === 0 ? 0 : yield* ports.ids.next(count);
  },
  *'lock-database'(context, { dbId, mode }) {
    const { catalog } = context.ports;
    assert(context.releaseLock === undefined, 'a step holds one database lock at a time');
    if (catalog.database(dbId) === undefined) return undefined;
    context.releaseLock = yield* acquire(catalog.lockOf(dbId), mode);
    return catalog.database(dbId);
  },
  *'unlock-database'(context) {
    releaseLock(context);
    return undefined;
  },
  *'change-catalog'({ ports }, { dbId, changes }) {
    changeCatalog(ports.catalog.unlogged, dbId, changes);
    return undefined;
  },
  *'log-record'({ ports }, { record }) {
    yield* ports.journal.append(record);
    return undefined;
  },
  *'read-catalogs'({ ports }) {
    return ports.catalog.externalCatalogs();
  },
  *'choose-backends'({ ports }, { tabletCount, replicationNum }) {
    return ports.backends.choose(tabletCount, replicationNum);
  },
  'create-replicas': ({ ports }, { tasks, timeoutMs }) =>
    ports.tasks.createReplicas(tasks, timeoutMs),
  *'start-tasks'({ ports, slot }, { tasks, snapshots }) {
    awaitTasks(slot.runtime, tasks, snapshots);
    ports.tasks.add(tasks);
    ports.tasks.send(tasks);
    return undefined;
  },
  *'remove-tasks'({ ports, slot }, { type }) {
    for (const [signature, task] of slot.runtime.unfinished) {
      if (task.type === type) ports.tasks.remove(task.backendId, type, signature);
    }
    return undefined;
  },
  *'send-releases'({ ports }, { snapshots }) {
    // A backend at a time: of very many tasks not all are there at once.
    for (const positions of snapshots.byBackend().values()) {
      ports.tasks.send(positions.map((position) => new TabletReleaseTask(snapshots, position)));
    }
    return undefined;
  },
  'write-job-files': (context, effect) => writeJobFiles(context, effect),
  *'remove-job-files'({ ports }, { directory }) {
    yield* ports.files.remove(directory);
    return undefined;
  },
  'upload-file': ({ ports }, effect) => uploadFile(ports, effect),
};

/** Takes a lock for longer than one body: until the function that comes back is called. */
function* acquire(lock: ReadWriteLock, mode: 'read' | 'write'): Op<() => void> {
  return yield* suspend<() => void>((resume) => {
    const body = function* (): Op<void> {
      yield* suspend<void>((release) => {
        resume({ ok: true, value: () => release({ ok: true, value: undefined }) });
      });
    };
    start(mode === 'read' ? lock.read(body) : lock.write(body), () => {});
  });
}

function releaseLock(context: StepContext): void {
  context.releaseLock?.();
  context.releaseLock = undefined;
}

/** Failures of the disk are the job's, not the frontend's (backup-jobs.md 5 step 4). */
function* writeJobFiles(
  { ports, slot }: StepContext,
  effect: EffectOf<'write-job-files'>,
): Op<StatusOr<JobFiles>> {
  const { files, random, tmpDir, traits } = ports;
  const directory = `${tmpDir}/backup/${effect.label}__${uuid(random)}`;
  const metaPath = `${directory}/__meta`;
  const infoPath = `${directory}/__info_${effect.timestamp}`;
  const form = { hasFunctionsAndCatalogs: traits.hasCatalogSlot };
  slot.runtime.localDirectory = directory;
  const written = yield* attempt(
    (function* (): Op<void> {
      yield* makeDirectoryDurably(files, directory);
      yield* writeFileDurably(files, metaPath, encodeMeta(effect.meta, tableCodec, form));
      yield* writeFileDurably(files, infoPath, [encodeJobInfo(effect.info, traits)]);
    })(),
  );
  if (written.ok) return { status: OK, value: { directory, metaPath, infoPath } };
  if (isFileFailure(written.error)) {
    return {
      status: failed('COMMON_ERROR', `failed to write meta files: ${written.error.message}`),
    };
  }
  throw written.error;
}

function isFileFailure(error: unknown): error is Error {
  return (
    isSimError(error, 'disk-full') ||
    isSimError(error, 'file-error') ||
    isSimError(error, 'file-exists') ||
    isSimError(error, 'file-not-found') ||
    isSimError(error, 'file-not-permitted') ||
    isSimError(error, 'limit-reached')
  );
}

function* uploadFile(ports: JobPorts, effect: EffectOf<'upload-file'>): Op<Status> {
  const { repoId, label, localPath, timestamp } = effect;
  const repository = ports.repositories.byId(repoId);
  if (repository === undefined) {
    return failed('COMMON_ERROR', `failed to get repository: ${repoId}`);
  }
  const stat = yield* ports.files.stat(localPath);
  if (stat?.isFile !== true) return failed('COMMON_ERROR', `file is invalid: ${localPath}`);
  return yield* timestamp === undefined
    ? repository.uploadMeta(label, localPath)
    : repository.uploadInfo(label, timestamp, localPath);
}
