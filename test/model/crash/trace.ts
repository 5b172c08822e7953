/**
 * A run of a scenario with every operation on the disk numbered, and what each belongs to: which
 * kind of file, which transition of the job, which statement. A visitor may look at the disk just
 * before an operation, which is where a crash is placed.
 */
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';
import type { ProfileName } from '../../../src/fe/profile.ts';
import { DATA_DIR, type Machine, REPOSITORY_DIR, startMachine } from './machine.ts';
import { type Contents, contentsOf } from './mixed-database.ts';

export interface Step {
  readonly name: string;
  act(machine: Machine): void;
  /** Names of the contents that may be there in the end when the machine dies in this step. */
  readonly outcomes: readonly string[];
  /** In these states a job may be in the end. */
  readonly jobEnds: readonly string[];
  /** Without a word the job is acknowledged: it must be there. */
  readonly contentsWithoutJob?: string;
  /** The snapshot is acknowledged: it must be listed at once. */
  readonly isSnapshotThere?: boolean;
}

/** What is there before the recording. */
export interface Prepared {
  /** What a snapshot `b` holds or will hold. */
  readonly snapshot: Contents;
  /** What can be read, but for a job that is under way already. */
  readonly start: Contents;
}

export interface Scenario {
  readonly name: string;
  readonly kind: 'BACKUP' | 'RESTORE';
  readonly profile: ProfileName;
  /** Whose contents are compared. */
  readonly database: string;
  /** Restores the snapshot `b`: into `copied`, or over the catalogs. */
  restoreAgain(machine: Machine): void;
  prepare(machine: Machine): Prepared;
  readonly steps: readonly Step[];
}

export interface Operation {
  readonly ordinal: number;
  readonly kind: string;
  readonly place: string;
  readonly step: number;
  /** `FROM -> TO` of the job, the one under way at this operation. */
  transition: string;
}

/** A moment just before an operation. */
export interface Moment {
  readonly ordinal: number;
  readonly step: number;
  readonly files: MemoryFiles;
  readonly nowMs: number;
}

export interface Trace {
  readonly backends: number;
  readonly operations: readonly Operation[];
  /** By name: `snapshot`, `start`, and of each step what was there after it. */
  readonly contents: ReadonlyMap<string, Contents>;
}

export function runScenario(
  scenario: Scenario,
  backends: number,
  visit: (moment: Moment) => void = () => {},
): Trace {
  const operations: Operation[] = [];
  const contents = new Map<string, Contents>();
  let step = -1;
  let labelled = 0;
  const note = (kind: string, path: string): void => {
    if (step < 0) return;
    const ordinal = operations.length;
    operations.push({ ordinal, kind, place: placeOf(path), step, transition: '' });
    visit({ ordinal, step, files, nowMs: machine.clock.now() });
  };
  const label = (transition: string): void => {
    for (const operation of operations.slice(labelled)) operation.transition = transition;
    labelled = operations.length;
  };
  const files = new MemoryFiles({ onMutation: note });
  runNow(files.makeDirectory(REPOSITORY_DIR));
  runNow(files.syncDirectory('/'));
  const { profile, database } = scenario;
  const machine = startMachine({
    files,
    backends,
    profile,
    onEvent({ what, about: { from, to } }) {
      if (what === 'job.state' && step >= 0) label(`${from ?? 'submit'} -> ${to}`);
    },
  });
  const prepared = scenario.prepare(machine);
  contents.set('snapshot', prepared.snapshot);
  contents.set('start', prepared.start);
  for (const [index, { name, act }] of scenario.steps.entries()) {
    step = index;
    act(machine);
    step = -1;
    contents.set(name, contentsOf(machine, database));
  }
  label('after the end');
  return { backends, operations, contents };
}

export function placeOf(path: string): string {
  if (path.startsWith(`${REPOSITORY_DIR}/`)) return 'repository object';
  if (path.startsWith(`${DATA_DIR}/fe/edit_log`)) {
    return path.endsWith('.side.json') ? 'side file' : 'edit log';
  }
  if (path.startsWith(`${DATA_DIR}/fe/image`)) return 'image';
  if (path.startsWith(`${DATA_DIR}/fe/tmp`)) return 'job directory';
  const ofBackend = /\/be\/\d+\/(data|snapshot|meta)/.exec(path)?.[1];
  if (ofBackend === 'data') return 'tablet';
  if (ofBackend === 'snapshot') return 'snapshot';
  if (ofBackend === 'meta') return 'tablet metadata';
  return 'data directory';
}
