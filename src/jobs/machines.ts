/**
 * The transition tables that a cluster runs its jobs by: StarRocks' own, or changed ones, which is
 * how a change of the frontend is tried out. A table that contradicts itself is refused before any
 * job can follow it.
 */
import { SimError } from '../base/errors.ts';
import type { BackupJob, BackupState } from './backup-job.ts';
import { BACKUP_STEPS } from './backup-steps.ts';
import type { RestoreJob, RestoreState } from './restore-job.ts';
import { RESTORE_STEPS } from './restore-steps.ts';
import type { StateRow, StepTable } from './transition.ts';

/** A whole table of backup jobs; rows of further states may stand beside StarRocks' own. */
export type BackupMachine = StepTable<BackupState, BackupJob> &
  Readonly<Record<string, StateRow<string, BackupJob>>>;

/** The same of restore jobs. */
export type RestoreMachine = StepTable<RestoreState, RestoreJob> &
  Readonly<Record<string, StateRow<string, RestoreJob>>>;

export interface JobMachines {
  readonly backup: BackupMachine;
  readonly restore: RestoreMachine;
}

export const STARROCKS_MACHINES: JobMachines = Object.freeze({
  backup: BACKUP_STEPS,
  restore: RESTORE_STEPS,
});

/** What a check of a table looks at: the rows, whatever jobs they take. */
type Rows = Readonly<Record<string, StateRow<string, never>>>;

/** Jobs begin in the first of these and end in one of the others. */
const FIXED_STATES = ['PENDING', 'FINISHED', 'CANCELLED'] as const;
const ENDS: readonly string[] = ['FINISHED', 'CANCELLED'];

/**
 * StarRocks' tables with the given ones in their places. Throws `bad-option` for a table that names
 * a state it has no row for, that says what cannot be of logging and restarts, or that a job could
 * not leave.
 */
export function machinesWith(changed: Partial<JobMachines>): JobMachines {
  const machines: JobMachines = Object.freeze({ ...STARROCKS_MACHINES, ...changed });
  for (const [kind, table] of Object.entries(machines) as [string, Rows][]) {
    const problem = problemOf(table);
    if (problem === undefined) continue;
    throw new SimError('bad-option', `transition table of ${kind} jobs: ${problem}`);
  }
  return machines;
}

function problemOf(table: Rows): string | undefined {
  const missing = FIXED_STATES.find((state) => !hasRow(table, state));
  if (missing !== undefined) return `there is no state ${missing}`;
  for (const [state, row] of Object.entries(table)) {
    const problem = endProblem(state, row) ?? edgeProblem(table, state, row);
    if (problem !== undefined) return `${state}: ${problem}`;
  }
  return undefined;
}

function endProblem(state: string, row: StateRow<string, never>): string | undefined {
  const { tick, next, cancel, logged } = row;
  if (!ENDS.includes(state)) {
    if (tick === undefined) return 'without a tick no job would ever leave it';
    if (cancel === undefined) return 'it does not say what a cancel cleans up';
    return next.length === 0 ? 'its next names no state' : undefined;
  }
  if (tick !== undefined || next.length > 0) return 'an ended job goes nowhere';
  return logged ? undefined : 'the end of a job is always logged';
}

function edgeProblem(table: Rows, state: string, row: StateRow<string, never>): string | undefined {
  for (const next of [...row.next, ...(row.ofCatalogs?.next ?? [])]) {
    if (next === 'CANCELLED') return 'next names CANCELLED, where only a cancel or a failure leads';
    if (!hasRow(table, next)) return `next names ${next}, which is no state`;
  }
  return restartProblem(table, state, row) ?? catalogProblem(table, state, row);
}

function catalogProblem(
  table: Rows,
  state: string,
  { ofCatalogs }: StateRow<string, never>,
): string | undefined {
  if (ofCatalogs === undefined) return undefined;
  const problem = restartProblem(table, state, ofCatalogs);
  return problem === undefined ? undefined : `of external catalogs: ${problem}`;
}

/** A restart finds what the log holds: the state itself if it is logged, an earlier one if not. */
function restartProblem(
  table: Rows,
  state: string,
  { logged, afterRestart }: Pick<StateRow<string, never>, 'logged' | 'afterRestart'>,
): string | undefined {
  if (logged) {
    return afterRestart === state
      ? undefined
      : `it is logged, so a restart finds it there, not in ${afterRestart}`;
  }
  const found = table[afterRestart];
  if (found === undefined) return `afterRestart names ${afterRestart}, which is no state`;
  return found.logged
    ? undefined
    : `a restart cannot find a job in ${afterRestart}, which is not logged`;
}

function hasRow(table: Rows, state: string): boolean {
  return Object.hasOwn(table, state) && table[state] !== undefined;
}
