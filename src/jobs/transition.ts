/**
 * State machines as data: the shape of a transition table and what can be read off one. The runner
 * follows a table, SHOW and the documentation print it, tests are generated from it.
 */
import type { Millis } from '../base/clock.ts';
import type { RemoteStorage, TaskType } from '../protocol/agent-task.ts';
import type { RemoteTabletPath } from '../repository/repository.ts';
import type { Status } from '../repository/status.ts';
import type { AbstractJob } from './abstract-job.ts';
import type { Effect, Steps } from './effects.ts';
import type { RuntimeView } from './job-runtime.ts';
import type { JobConfig, JobTraits } from './ports.ts';

/** What a step may look at besides its job; it changes nothing of it. */
export interface StepView {
  readonly nowMs: Millis;
  readonly config: JobConfig;
  readonly traits: JobTraits;
  readonly systemTimeZone: string;
  readonly clusterId: number;
  readonly runtime: RuntimeView;
  readonly repository: {
    readonly storage: RemoteStorage;
    tabletDirectory(label: string, path: RemoteTabletPath): string;
  };
}

/** What a step comes to. */
export type StepResult<J> =
  /** The job enters the state it carries. `after` follows once that state is live and durable. */
  | { readonly kind: 'move'; readonly job: J; readonly after?: readonly Effect[] }
  /** The job stays where it is, maybe with another status. */
  | { readonly kind: 'stay'; readonly job: J }
  /** The job as far as the step came; whether that cancels it is the table's business. */
  | { readonly kind: 'fail'; readonly job: J; readonly status: Status };

export type Step<J> = (job: J, view: StepView) => Steps<StepResult<J>>;

/** A condition with a name, so that it can be printed. */
export interface Condition {
  readonly about: string;
  holds(runtime: RuntimeView): boolean;
}

export const ALL_TASKS_ENDED: Condition = Object.freeze({
  about: 'every task has ended',
  holds: (runtime: RuntimeView) => runtime.unfinished.size === 0,
});

/** What a cancel in a state cleans up, besides what every cancel does (backup-jobs.md 2.5). */
export interface CancelPlan {
  /** Tasks of this type leave the queue. */
  readonly removesTasks?: TaskType;
  readonly releasesSnapshots: boolean;
  readonly removesLocalFiles: boolean;
  /** Tables back to NORMAL, what the job created dropped. */
  readonly undoesCatalog: boolean;
}

export interface StateRow<S extends string, J extends AbstractJob> {
  /** What happens here, in one line. */
  readonly about: string;
  /** Absent in a terminal state. */
  readonly tick?: Step<J>;
  /** Without it the tick runs at once; with it, not before it holds. */
  readonly until?: Condition;
  /** Where a tick may lead. Never CANCELLED: every state but the terminal ones leads there. */
  readonly next: readonly S[];
  /** Entering the state is a log record. */
  readonly logged: boolean;
  /** The state after a crash here. */
  readonly afterRestart: S;
  /** What is not so for a job of external catalogs, whose way is shorter. */
  readonly ofCatalogs?: {
    readonly next: readonly S[];
    readonly logged: boolean;
    readonly afterRestart: S;
  };
  /** A failed step cancels the job; otherwise it is tried again at the next tick. */
  readonly failureCancels: boolean;
  /** Absent in a terminal state. */
  readonly cancel?: CancelPlan;
}

/** Every state but the two ends has a step. */
export type StepTable<S extends string, J extends AbstractJob> = {
  readonly [K in S]: K extends 'FINISHED' | 'CANCELLED'
    ? StateRow<S, J>
    : StateRow<S, J> & { readonly tick: Step<J> };
};

/** What is read off a table, whatever states it has. */
type Rows<S extends string, J extends AbstractJob> = { readonly [K in S]: StateRow<string, J> };

/** A table as a Mermaid state diagram: solid where logged, `(not logged)` where not. */
export function stateDiagram<S extends string, J extends AbstractJob>(table: Rows<S, J>): string {
  const states = Object.keys(table) as S[];
  const lines = ['stateDiagram-v2', `  [*] --> ${states[0]}`];
  for (const state of states) {
    const row = table[state];
    lines.push(`  ${state} : ${row.about}${row.logged ? '' : ' (not logged)'}`);
    for (const next of row.next) {
      lines.push(`  ${state} --> ${next}${row.until === undefined ? '' : ` : ${row.until.about}`}`);
    }
    for (const next of row.ofCatalogs?.next ?? []) {
      if (!row.next.includes(next)) lines.push(`  ${state} --> ${next} : external catalogs`);
    }
    if (row.cancel !== undefined) lines.push(`  ${state} --> CANCELLED`);
    if (row.afterRestart !== state) lines.push(`  ${state} --> ${row.afterRestart} : restart`);
    if (row.tick === undefined) lines.push(`  ${state} --> [*]`);
  }
  return lines.join('\n');
}

/** States that a record of the edit log may carry. */
export function loggedStates<S extends string, J extends AbstractJob>(
  table: Rows<S, J>,
): readonly S[] {
  return (Object.keys(table) as S[]).filter((state) => table[state].logged);
}
