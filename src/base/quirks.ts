/**
 * Bugs of StarRocks that nobody wants by default but a test may: the one list of them. Each is off
 * in every profile and switched on by its name: `startCluster({ quirks })`, `--quirk <name>`, or in
 * a changed profile. Numbers are those of backup-jobs.md 9 (Q) and restore-jobs.md 9 (#).
 */
import { SimError } from './errors.ts';
import { nearestNames } from './nearest-names.ts';

export const QUIRK_NAMES = [
  'cancelForgetsReplaced',
  'restoreForgetsSkippedViews',
  'mvRewriteIsSequential',
  'restartForgetsMvActions',
  'repeatedMoveIsStuck',
  'partFilesCount',
  'strayProgressIsTaken',
  'reloadedPendingLoops',
  'lateSnapshotsCount',
  'matchedUploadsStayMatched',
  'collisionsAssert',
  'failedCreatesCount',
  'cancelDropsByName',
  'exceptionSkipsLaterJobs',
] as const;
export type QuirkName = (typeof QUIRK_NAMES)[number];

export type Quirks = Readonly<Record<QuirkName, boolean>>;

export interface QuirkRow {
  readonly numbers: readonly string[];
  readonly about: string;
}

export const QUIRKS: Readonly<Record<QuirkName, QuirkRow>> = Object.freeze({
  cancelForgetsReplaced: {
    numbers: ['#18', '#19'],
    about:
      'the cancel of a restore drops the views and functions it put in place without giving back ' +
      'those they replaced',
  },
  restoreForgetsSkippedViews: {
    numbers: ['#20'],
    about:
      'a restore that left an active materialized view alone acts on it after all when it ends, ' +
      'and leaves it in RESTORE when it fails before its tasks are sent',
  },
  mvRewriteIsSequential: {
    numbers: ['#24'],
    about:
      'new names go into the query of a restored materialized view one after the other, ' +
      'as patterns',
  },
  restartForgetsMvActions: {
    numbers: ['#26'],
    about: 'a restart forgets what was still to be done for restored materialized views',
  },
  repeatedMoveIsStuck: {
    numbers: ['#22'],
    about: 'a move that is sent again after a primary-key tablet was moved never succeeds',
  },
  partFilesCount: {
    numbers: ['#39'],
    about:
      'what an interrupted upload left as `.part` is taken for the file, with the checksum ' +
      '`part`, and its download fails until somebody removes it',
  },
  strayProgressIsTaken: {
    numbers: ['Q24'],
    about: 'progress of a task that the job does not wait for is accepted and shown',
  },
  reloadedPendingLoops: {
    numbers: ['Q1'],
    about:
      'a backup of a database that a restart finds in PENDING stays there, with another job id ' +
      'after every tick, until its timeout',
  },
  lateSnapshotsCount: {
    numbers: ['Q2'],
    about:
      'a snapshot that was ordered before a restart of the frontend and is reported after it ' +
      'counts as the one that was ordered anew',
  },
  matchedUploadsStayMatched: {
    numbers: ['Q14'],
    about:
      'an upload of several tablets whose report has other files for one of them, after those ' +
      'of another matched, never ends',
  },
  collisionsAssert: {
    numbers: ['#15'],
    about:
      'a table with another number of tablets but the same signature breaks the tick of its ' +
      'restore, and the next one cancels because the table is in RESTORE',
  },
  failedCreatesCount: {
    numbers: ['#16'],
    about:
      'a tablet that a backend failed to create for a restore counts as created, and the job ' +
      'waits for its snapshot until its timeout',
  },
  cancelDropsByName: {
    numbers: ['#17'],
    about:
      'a restore that fails before its new objects are registered drops tables and views that ' +
      'bear the names of those it planned, until a restart brings them back',
  },
  exceptionSkipsLaterJobs: {
    numbers: ['#37'],
    about: 'an exception in the step of one job ends the tick for the jobs after it',
  },
});

export const NO_QUIRKS: Quirks = quirksOf([]);

/** `bad-option`, with the nearest names, for one that there is not. */
export function quirksOf(names: readonly string[]): Quirks {
  for (const name of names) checkName(name);
  return Object.freeze(
    Object.fromEntries(QUIRK_NAMES.map((name) => [name, names.includes(name)])),
  ) as Quirks;
}

function checkName(name: string): void {
  if (QUIRK_NAMES.some((each) => each === name)) return;
  const near = nearestNames(name, QUIRK_NAMES, 2).join(', ');
  throw new SimError('bad-option', `unknown quirk '${name}'; the nearest are ${near}`);
}
