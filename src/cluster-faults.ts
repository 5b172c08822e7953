/**
 * What befalls parts of a cluster: the crash and new start of one backend, a clock that is set.
 * Each process, the frontend and every backend, goes by a clock of its own here.
 */
import type { Clock } from './base/clock.ts';
import { asSimError, SimError } from './base/errors.ts';
import type { Events } from './base/events.ts';
import type { BackendCrash } from './base/fault.ts';
import type { SubjectValues } from './base/fault-check.ts';
import type { FaultTarget } from './base/fault-plan.ts';
import { asId, type BackendId } from './base/ids.ts';
import type { Logger } from './base/log.ts';
import type { CrashChoice } from './base/memory-crash.ts';
import { type Op, start } from './base/op.ts';
import type { Random } from './base/random.ts';
import { createSkewedClock, type SkewedClock } from './base/skewed-clock.ts';
import type { Backend } from './be-sim/backend.ts';
import { BACKEND_FILE_AREAS } from './be-sim/file-faults.ts';
import { FRONTEND_FILE_AREAS } from './fe/file-faults.ts';
import type { BackendPower } from './fe/frontend-context.ts';
import { FRONTEND_OPS } from './fe/records.ts';
import { BACKUP_STATES } from './jobs/backup-job.ts';
import { RESTORE_STATES } from './jobs/restore-job.ts';
import { TASK_TYPES } from './protocol/agent-task.ts';

/** A crash and a kill of backends of this cluster. */
export interface BackendCrashes extends BackendPower {
  /** `choice` says what becomes of what was not synced; kept without a word, as `kill -9` does. */
  kill(backendId: number, choice?: CrashChoice): void;
}

export interface BackendCrashOptions {
  readonly backends: ReadonlyMap<BackendId, Backend>;
  readonly directoryOf: (id: BackendId) => string;
  /** Absent where the disk belongs to the computer, which does not crash. */
  readonly loseUnsynced: ((directory: string, choice: CrashChoice) => void) | undefined;
}

export function createBackendCrashes(options: BackendCrashOptions): BackendCrashes {
  const { backends, directoryOf, loseUnsynced } = options;
  const backendOf = (id: number): Backend => {
    const backend = backends.get(asId<BackendId>(id));
    if (backend !== undefined) return backend;
    const known = [...backends.keys()].join(', ');
    throw new SimError('bad-option', `there is no backend ${id}, only ${known}`);
  };
  return Object.freeze({
    kill(id: number, choice?: CrashChoice): void {
      const backend = backendOf(id);
      if (!backend.isRunning) return;
      backend.kill();
      if (choice !== undefined) loseUnsynced?.(directoryOf(backend.backendId), choice);
    },
    *start(id: number): Op<void> {
      yield* backendOf(id).start();
    },
  });
}

/** Clocks of the processes, by backend; the frontend's under `frontend`. */
export type ProcessClocks = ReadonlyMap<number | 'frontend', SkewedClock>;

export function createProcessClocks(clock: Clock, backendIds: readonly BackendId[]): ProcessClocks {
  const names: readonly (number | 'frontend')[] = ['frontend', ...backendIds];
  return new Map(names.map((name) => [name, createSkewedClock(clock)]));
}

export interface FaultTargetOptions {
  readonly clock: Clock;
  readonly clocks: ProcessClocks;
  readonly crashes: BackendCrashes;
  readonly random: Random;
  readonly events: Events;
  readonly logger: Logger;
}

/** Lets time pass also when a backend crashes at each of its starts. */
export const BACKEND_RESTART_MS_MIN = 10;

export function createFaultTarget(options: FaultTargetOptions): FaultTarget {
  const { clock, clocks, crashes, random, events } = options;
  return Object.freeze({
    subjectValues: subjectValuesOf(clocks),
    crashBackend(backendId: number, { restartMs, fate = 'lost' }: BackendCrash): void {
      events.emit('fault.crash-backend', { backend: backendId });
      crashes.kill(backendId, { fate, random });
      if (restartMs === undefined) return;
      const afterMs = Math.max(restartMs, BACKEND_RESTART_MS_MIN);
      clock.after(afterMs, () => startAgain(options, backendId));
    },
    jumpClock(point, subject, { ms }): void {
      // At `fe.task.send` the subject is who is spoken to; the clock is that of who speaks.
      const isBackend = point.startsWith('be.') && typeof subject['backend'] === 'number';
      const who = isBackend ? Number(subject['backend']) : 'frontend';
      events.emit('fault.clock-jump', { who, ms });
      clocks.get(who)?.jump(ms);
    },
  } satisfies FaultTarget);
}

function startAgain({ crashes, events, logger }: FaultTargetOptions, backendId: number): void {
  start(crashes.start(backendId), (outcome) => {
    if (outcome.ok) {
      events.emit('fault.backend-started', { backend: backendId });
      return;
    }
    const { message: text } = asSimError(outcome.error);
    logger.log('error', 'a backend did not start again after a fault', { backendId, text });
  });
}

function subjectValuesOf(clocks: ProcessClocks): SubjectValues {
  return {
    backend: [...clocks.keys()].map(String),
    type: TASK_TYPES,
    op: FRONTEND_OPS,
    kind: ['backup', 'restore'],
    state: [...new Set<string>([...BACKUP_STATES, ...RESTORE_STATES])],
    area: [...new Set<string>([...FRONTEND_FILE_AREAS, ...BACKEND_FILE_AREAS])],
  };
}
