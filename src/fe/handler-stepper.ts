/**
 * Moves the backup handler by hand, one cycle at a time, and tells what each cycle did. Used where
 * the handler does not tick by itself; where it does, a cycle by hand comes in addition, and what
 * the handler's own cycle does meanwhile is told with it.
 */
import type { ClusterEvent, Events } from '../base/events.ts';
import { Mutex } from '../base/lock.ts';
import type { Op } from '../base/op.ts';
import { isTerminal } from '../jobs/abstract-job.ts';
import type { BackupHandler, JobView } from '../jobs/backup-handler.ts';
import { changedFields, type JobFields, jobFields } from '../jobs/job-fields.ts';
import { rowOf } from '../jobs/job-machine.ts';
import type { JobMachines } from '../jobs/machines.ts';
import type { Activity, LoggedRecord, TaskCount, TickedJob, TickReport } from './tick-report.ts';

export interface HandlerStepper {
  /** One cycle. Those asked for meanwhile take turns. Throws what the cycle throws. */
  step(): Op<TickReport>;
  /** True while a cycle by hand is under way. */
  readonly isStepping: boolean;
  /** Is told of every cycle by hand, whoever asked for it. */
  onReport(listener: (report: TickReport) => void): void;
}

export interface StepperDeps {
  readonly events: Events;
  readonly handler: BackupHandler;
  readonly machines: JobMachines;
  /** Of the times in a report. */
  readonly timeZone: string;
  /** Watches also between the cycles, as is right where all cycles are by hand. */
  readonly watchesAlways: boolean;
}

/** Records told one by one; the others are counted. */
export const LOGGED_RECORDS_MAX = 20;

export function createHandlerStepper(deps: StepperDeps): HandlerStepper {
  const { events, handler, machines, timeZone } = deps;
  const turns = new Mutex();
  const listeners: ((report: TickReport) => void)[] = [];
  let between = new ActivityLog();
  if (deps.watchesAlways) events.on((event) => between.take(event));
  let tick = 0;
  let isStepping = false;

  function* stepAlone(): Op<TickReport> {
    const before = between.activity();
    const log = new ActivityLog();
    between = log;
    const looks = new Map<number, JobFields>();
    for (const view of handler.jobs()) {
      if (!isTerminal(view.job.state)) looks.set(view.job.dbId, jobFields(view, timeZone));
    }
    const unwatch = deps.watchesAlways ? () => {} : events.on((event) => log.take(event));
    isStepping = true;
    try {
      yield* handler.tick();
    } finally {
      isStepping = false;
      unwatch();
      between = new ActivityLog();
    }
    tick += 1;
    const jobs = handler
      .jobs()
      .filter(({ job }) => looks.has(job.dbId))
      .map((view) => tickedJob(machines, view, looks.get(view.job.dbId), timeZone));
    const report: TickReport = { tick, before, during: log.activity(), jobs };
    for (const listener of listeners) listener(report);
    return report;
  }

  return {
    step: () => turns.hold(stepAlone),
    get isStepping() {
      return isStepping;
    },
    onReport(listener) {
      listeners.push(listener);
    },
  };
}

function tickedJob(
  machines: JobMachines,
  view: JobView,
  before: JobFields | undefined,
  timeZone: string,
): TickedJob {
  const { job, runtime } = view;
  return {
    kind: job.type === 'BACKUP' ? 'backup' : 'restore',
    db: job.dbName,
    label: job.label,
    state: job.state,
    changes: changedFields(before, jobFields(view, timeZone)),
    waitsUntil: rowOf(machines, job).until?.about,
    unfinishedTasks: runtime.unfinished.size,
  };
}

/** Counts what events tell, so that it stays small however much happens. */
class ActivityLog {
  readonly #logged: LoggedRecord[] = [];
  #loggedCount = 0;
  readonly #sent = new Map<string, TaskCount>();
  readonly #ended = new Map<string, TaskCount>();

  take({ what, about }: ClusterEvent): void {
    if (what === 'edit-log.append') {
      this.#loggedCount += 1;
      if (this.#logged.length >= LOGGED_RECORDS_MAX) return;
      const { seq, op, bytes } = about;
      this.#logged.push({ seq: Number(seq), op: String(op), bytes: Number(bytes) });
    } else if (what === 'task.send') {
      count(this.#sent, { type: String(about['type']), backend: Number(about['backend']) });
    } else if (what === 'task.finish') {
      const { type, backend, code } = about;
      count(this.#ended, { type: String(type), backend: Number(backend), code: String(code) });
    }
  }

  activity(): Activity {
    return {
      logged: [...this.#logged],
      loggedCount: this.#loggedCount,
      sent: [...this.#sent.values()],
      ended: [...this.#ended.values()],
    };
  }
}

function count(counts: Map<string, TaskCount>, one: Omit<TaskCount, 'count'>): void {
  const key = `${one.type} ${one.backend} ${one.code}`;
  counts.set(key, { ...one, count: (counts.get(key)?.count ?? 0) + 1 });
}
