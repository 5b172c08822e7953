/**
 * What backends tell the frontend: ends of tasks, progress, what they run and what they hold.
 * Answers as StarRocks does (backup-jobs.md 4.5, restore-jobs.md 4.5).
 */
import { asSimError } from '../base/errors.ts';
import { asId, type Signature } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import { hasTablet } from '../catalog/tablet-index.ts';
import type { FinishVerdict } from '../jobs/backup-handler.ts';
import {
  type AgentTask,
  type DropReplicaTask,
  type FinishTaskRequest,
  STATUS_OK,
  type TaskStatus,
  type TaskType,
} from '../protocol/agent-task.ts';
import type { TabletReport } from '../protocol/data.ts';
import type { FrontendLink } from '../protocol/links.ts';
import type { FrontendContext } from './frontend-context.ts';

/** Answered OK although no longer queued (restore-jobs.md 4.5). */
const FORGIVEN: ReadonlySet<TaskType> = new Set(['DROP', 'RELEASE_SNAPSHOT']);

export function createFrontendLink(frontend: FrontendContext): FrontendLink {
  return Object.freeze({
    finishTask: (request: FinishTaskRequest) => finishTask(frontend, request),
    finishTaskNow: (request: FinishTaskRequest) => finishTaskNow(frontend, request),
    *reportSnapshotLoader(report): Op<TaskStatus> {
      return frontend.handler.reportSnapshotLoader(report);
    },
    *reportTasks(report): Op<void> {
      frontend.tasks.resendMissing(report);
    },
    reportTablets: (report: TabletReport) => takeTabletReport(frontend, report),
  } satisfies FrontendLink);
}

function* finishTask(frontend: FrontendContext, request: FinishTaskRequest): Op<TaskStatus> {
  const { backendId, type, signature } = request;
  const task = announced(frontend, request, frontend.tasks.get(backendId, type, signature));
  return 'code' in task ? task : yield* finishJobTask(frontend, task, request);
}

/** Reports come by the million: what nothing holds up is taken in without an operation. */
function finishTaskNow(
  frontend: FrontendContext,
  request: FinishTaskRequest,
): TaskStatus | undefined {
  const { backendId, type, signature, status } = request;
  if (status.code !== 'OK') return undefined;
  const queued = frontend.tasks.get(backendId, type, signature);
  if (queued !== undefined && !frontend.handler.isIdle(queued.dbId)) return undefined;
  const task = announced(frontend, request, queued);
  if ('code' in task) return task;
  try {
    return answered(frontend, task, frontend.handler.takeSuccess(task, request));
  } catch (error) {
    return failedReport(frontend, error);
  }
}

/** The task that a report is about; or the answer to a report that no job has to hear of. */
function announced(
  frontend: FrontendContext,
  request: FinishTaskRequest,
  task: AgentTask | undefined,
): AgentTask | TaskStatus {
  const { backends, tasks, events } = frontend;
  const { backendId, type, signature, status } = request;
  if (events.isHeard) {
    events.emit('task.finish', { backend: backendId, type, signature, code: status.code });
  }
  if (!backends.has(backendId)) return cancelled(`backend ${backendId} is unknown`);
  if (FORGIVEN.has(type)) return STATUS_OK;
  if (task === undefined) {
    return cancelled(`unknown task: type ${type}, backend ${backendId}, signature ${signature}`);
  }
  if (task.type !== 'CREATE') return task;
  tasks.answerCreate(backendId, signature, status);
  return STATUS_OK;
}

function* finishJobTask(
  frontend: FrontendContext,
  task: AgentTask,
  request: FinishTaskRequest,
): Op<TaskStatus> {
  try {
    return answered(frontend, task, yield* frontend.handler.finishTask(task, request));
  } catch (error) {
    return failedReport(frontend, error);
  }
}

function answered(frontend: FrontendContext, task: AgentTask, verdict: FinishVerdict): TaskStatus {
  if (verdict === 'cancelled') return cancelled('internal error');
  if (verdict === 'remove') frontend.tasks.remove(task.backendId, task.type, task.signature);
  return STATUS_OK;
}

function failedReport(frontend: FrontendContext, error: unknown): TaskStatus {
  const { message } = asSimError(error);
  frontend.logger.log('error', 'a finish report failed', { text: message });
  return cancelled('internal error');
}

function cancelled(text: string): TaskStatus {
  return { code: 'CANCELLED', errorMsgs: [text] };
}

/** Settles loads, takes the figures, and drops replicas that no table has. */
function* takeTabletReport(frontend: FrontendContext, report: TabletReport): Op<void> {
  const { backends, catalog, publisher, loads, stats, tasks } = frontend;
  stats.note(report.backendId, report.tablets);
  yield* publisher.settle(report, (txnId) => loads.isRunning(txnId));
  const strangers: DropReplicaTask[] = [];
  for (const { tabletId } of report.tablets) {
    if (hasTablet(catalog, tabletId)) {
      tasks.endMakingOf(tabletId);
      continue;
    }
    if (tasks.isBeingMade(tabletId)) continue;
    strangers.push({
      type: 'DROP',
      backendId: report.backendId,
      signature: asId<Signature>(tabletId),
      dbId: asId(0),
      tabletId,
    });
  }
  if (strangers.length > 0) tasks.send(strangers);
  backends.noteTabletReport(report.backendId);
}
