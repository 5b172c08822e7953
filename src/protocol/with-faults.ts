/**
 * Failure on demand for what frontend and backends say to each other: a message is lost, late, or
 * the last thing a backend hears. Most points are passed before a message arrives; `be.load.*` and
 * `fe.task.answer` when the work is done and the answer goes back.
 */
import type { Clock } from '../base/clock.ts';
import { type FaultPoints, type FaultSubject, strike } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import type { Op } from '../base/op.ts';
import type { BackendLink, FrontendLink } from './links.ts';

export function backendLinkWithFaults(
  link: BackendLink,
  faults: FaultPoints,
  clock: Clock,
): BackendLink {
  const { backendId } = link;
  const subject = { backend: backendId };
  const pass = (point: FaultPoint): Op<void> => passMessage(faults, clock, point, subject);
  return Object.freeze({
    backendId,
    submitTasks: (tasks) => link.submitTasks(tasks),
    *heartbeat(request) {
      yield* pass('fe.heartbeat.send');
      return yield* link.heartbeat(request);
    },
    *writeRowsets(request) {
      yield* pass('fe.load.stage');
      yield* link.writeRowsets(request);
      yield* pass('be.load.staged');
    },
    *publishVersion(request) {
      yield* pass('fe.load.publish');
      const stats = yield* link.publishVersion(request);
      yield* pass('be.load.published');
      return stats;
    },
    *abortTxn(request) {
      yield* pass('fe.load.abort');
      yield* link.abortTxn(request);
    },
    openTablet: (request) => link.openTablet(request),
    closeTablet: (leaseId) => link.closeTablet(leaseId),
    scanTablet: (request) => link.scanTablet(request),
    compact: (request) => link.compact(request),
    settings: () => link.settings(),
    changeSetting: (name, value) => link.changeSetting(name, value),
  } satisfies BackendLink);
}

/** The way of all backends to the frontend. That a task has ended passes `be.task.report` before. */
export function frontendLinkWithFaults(
  link: FrontendLink,
  faults: FaultPoints,
  clock: Clock,
): FrontendLink {
  return Object.freeze({
    *finishTask(request) {
      const status = yield* link.finishTask(request);
      const { type, backendId: backend } = request;
      yield* passMessage(faults, clock, 'fe.task.answer', { type, backend });
      return status;
    },
    finishTaskNow(request) {
      if (faults.isQuiet?.('fe.task.answer') !== true) return undefined;
      const status = link.finishTaskNow?.(request);
      if (status !== undefined) faults.visit?.('fe.task.answer');
      return status;
    },
    *reportSnapshotLoader(report) {
      const { type, backendId: backend } = report;
      yield* passMessage(faults, clock, 'be.report.progress', { type, backend });
      return yield* link.reportSnapshotLoader(report);
    },
    *reportTasks(report) {
      yield* passMessage(faults, clock, 'be.report.tasks', { backend: report.backendId });
      yield* link.reportTasks(report);
    },
    *reportTablets(report) {
      yield* passMessage(faults, clock, 'be.report.tablets', { backend: report.backendId });
      yield* link.reportTablets(report);
    },
  } satisfies FrontendLink);
}

function* passMessage(
  faults: FaultPoints,
  clock: Clock,
  point: FaultPoint,
  subject: FaultSubject,
): Op<void> {
  if (!faults.mayStrike(point)) return;
  const fault = faults.at(point, subject);
  if (fault !== undefined) yield* strike(fault, faults, clock, point, subject);
}
