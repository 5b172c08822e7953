/**
 * Moves one job: at most one state per tick, log first where the table says so, fault points and
 * events at every border (backup-jobs.md 2.1, restore-jobs.md 2.1, design.md 4 and 5).
 */
import { passPoint } from '../base/fault.ts';
import type { Op } from '../base/op.ts';
import type { Repository } from '../repository/repository.ts';
import type { Status } from '../repository/status.ts';
import { isCatalogJob, isTerminal, isTimedOut } from './abstract-job.ts';
import { carryOutAll, runSteps } from './carry-out.ts';
import type { Effect } from './effects.ts';
import {
  cancelJob,
  guardJob,
  isLogged,
  type Job,
  KIND_NAMES,
  missingRepositoryStatus,
  rowOf,
  strayStatus,
  timeoutStatus,
  withStatus,
} from './job-machine.ts';
import type { JobSlot } from './job-slots.ts';
import type { JobPorts } from './ports.ts';
import { recordOf } from './records.ts';
import type { StepView } from './transition.ts';

/** One visit of a tick. The caller holds the slot. */
export function* runJob(ports: JobPorts, slot: JobSlot): Op<void> {
  const { job } = slot;
  if (isTerminal(job.state)) return;
  if (isTimedOut(job, ports.clock.now())) {
    yield* cancelSlot(ports, slot, timeoutStatus(job));
    return;
  }
  const repository = ports.repositories.byId(job.repoId);
  if (repository === undefined) {
    yield* cancelSlot(ports, slot, missingRepositoryStatus(job));
    return;
  }
  const refusal = yield* runSteps(ports, slot, guardJob(job));
  if (refusal !== undefined) {
    yield* cancelSlot(ports, slot, refusal);
    return;
  }
  yield* runStep(ports, slot, repository);
}

function* runStep(ports: JobPorts, slot: JobSlot, repository: Repository): Op<void> {
  const { job } = slot;
  const row = rowOf(ports.machines, job);
  if (row.tick === undefined || row.until?.holds(slot.runtime) === false) return;
  const result = yield* runSteps(ports, slot, row.tick(job, viewOf(ports, slot, repository)));
  switch (result.kind) {
    case 'move': {
      const stray = strayStatus(row, job, result.job);
      if (stray !== undefined) {
        yield* cancelSlot(ports, slot, stray);
        return;
      }
      yield* moveSlot(ports, slot, result.job, result.after ?? []);
      return;
    }
    case 'stay':
      slot.putUnlogged(result.job);
      return;
    case 'fail':
      if (!row.failureCancels) {
        slot.putUnlogged(withStatus(result.job, result.status));
        return;
      }
      slot.putUnlogged(result.job);
      yield* cancelSlot(ports, slot, result.status);
  }
}

/** Gives the job of a slot up, whatever its state but a terminal one. The caller holds the slot. */
export function* cancelSlot(ports: JobPorts, slot: JobSlot, status: Status): Op<void> {
  const { job } = slot;
  const repository = ports.repositories.byId(job.repoId);
  const plan = rowOf(ports.machines, job).cancel;
  const result = yield* runSteps(
    ports,
    slot,
    cancelJob(job, plan, status, viewOf(ports, slot, repository)),
  );
  if (result.kind === 'move') yield* moveSlot(ports, slot, result.job, result.after ?? []);
}

/** Into the state that `next` carries: durable first, then live, then what follows from it. */
function* moveSlot(ports: JobPorts, slot: JobSlot, next: Job, after: readonly Effect[]): Op<void> {
  const { clock, events, faults } = ports;
  const from = slot.job.state;
  const kind = KIND_NAMES[next.type];
  yield* passPoint(faults, clock, 'fe.job.leave', { kind, state: from });
  if (isLogged(rowOf(ports.machines, next), next)) yield* logJob(ports, slot, next);
  else slot.putUnlogged(next);
  events.emit('job.state', { kind, label: next.label, db: next.dbName, from, to: next.state });
  yield* passPoint(faults, clock, 'fe.job.enter', { kind, state: next.state });
  yield* carryOutAll(ports, slot, after);
}

/** A new job is live and durable: what every other state does when it is entered. */
export function* announceSubmitted(ports: JobPorts, job: Job): Op<void> {
  const kind = KIND_NAMES[job.type];
  const { label, dbName: db, state: to } = job;
  ports.events.emit('job.state', { kind, label, db, from: null, to });
  yield* passPoint(ports.faults, ports.clock, 'fe.job.enter', { kind, state: to });
}

/** The journal applies the record once it is on disk; if it fails, the live job is as it was. */
function* logJob(ports: JobPorts, slot: JobSlot, next: Job): Op<void> {
  const job: Job = Object.freeze({ ...next, taskErrMsg: new Map(slot.runtime.taskErrMsg) });
  slot.beginEntering(job);
  const append = (): Op<void> => ports.journal.append(recordOf(job));
  const isThere = isCatalogJob(job) || ports.catalog.database(job.dbId) !== undefined;
  const changesCatalog = job.type === 'RESTORE' && isThere;
  if (changesCatalog) yield* ports.catalog.lockOf(job.dbId).write(append);
  else yield* append();
}

function viewOf(ports: JobPorts, slot: JobSlot, repository: Repository | undefined): StepView {
  return {
    nowMs: ports.clock.now(),
    config: ports.config,
    traits: ports.traits,
    systemTimeZone: ports.systemTimeZone,
    clusterId: ports.clusterId,
    runtime: slot.runtime,
    repository: {
      storage: repository?.remoteStorage ?? NO_STORAGE,
      tabletDirectory: (label, path) => repository?.tabletDirectory(label, path) ?? '',
    },
  };
}

/** For a cancel after the repository has gone: nothing is sent to it any more. */
const NO_STORAGE = Object.freeze({ location: '', brokerName: '', properties: {} });
