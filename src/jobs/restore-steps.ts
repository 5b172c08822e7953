/**
 * A restore job's whole life, one row per state. Runner, SHOW, documentation and tests read this
 * table (restore-jobs.md 2).
 */
import { commitRestore } from './restore-commit.ts';
import type { RestoreJob, RestoreState } from './restore-job.ts';
import { prepareRestore } from './restore-prepare.ts';
import { endDownloads, endLocalSnapshots, sendDownloads, sendMoves } from './restore-transfer.ts';
import { ALL_TASKS_ENDED, type CancelPlan, type StepTable } from './transition.ts';

const UNDO: CancelPlan = Object.freeze({
  releasesSnapshots: true,
  removesLocalFiles: false,
  undoesCatalog: true,
});

export const RESTORE_STEPS: StepTable<RestoreState, RestoreJob> = Object.freeze({
  PENDING: {
    about: 'checks tables, creates what is missing, sends snapshot tasks',
    tick: prepareRestore,
    next: ['SNAPSHOTING'],
    logged: true,
    afterRestart: 'PENDING',
    ofCatalogs: { next: ['COMMITTING'], logged: true, afterRestart: 'PENDING' },
    failureCancels: true,
    cancel: UNDO,
  },
  SNAPSHOTING: {
    about: 'backends make snapshots of the replicas to fill',
    until: ALL_TASKS_ENDED,
    tick: endLocalSnapshots,
    next: ['DOWNLOAD'],
    logged: false,
    afterRestart: 'PENDING',
    failureCancels: true,
    cancel: { ...UNDO, removesTasks: 'MAKE_SNAPSHOT' },
  },
  DOWNLOAD: {
    about: 'sends download tasks',
    tick: sendDownloads,
    next: ['DOWNLOADING'],
    logged: true,
    afterRestart: 'DOWNLOAD',
    failureCancels: true,
    cancel: UNDO,
  },
  DOWNLOADING: {
    about: 'backends download',
    until: ALL_TASKS_ENDED,
    tick: endDownloads,
    next: ['COMMIT'],
    logged: false,
    afterRestart: 'DOWNLOAD',
    failureCancels: true,
    cancel: { ...UNDO, removesTasks: 'DOWNLOAD' },
  },
  COMMIT: {
    about: 'sends move tasks',
    tick: sendMoves,
    next: ['COMMITTING'],
    logged: true,
    afterRestart: 'COMMIT',
    failureCancels: true,
    cancel: UNDO,
  },
  COMMITTING: {
    about: 'backends move files into place, then versions are set',
    until: ALL_TASKS_ENDED,
    tick: commitRestore,
    next: ['FINISHED'],
    logged: false,
    afterRestart: 'COMMIT',
    ofCatalogs: { next: ['FINISHED'], logged: true, afterRestart: 'COMMITTING' },
    failureCancels: true,
    cancel: { ...UNDO, removesTasks: 'MOVE' },
  },
  FINISHED: {
    about: 'every table is NORMAL and has its data',
    next: [],
    logged: true,
    afterRestart: 'FINISHED',
    failureCancels: false,
  },
  CANCELLED: {
    about: 'given up, by a user, a timeout or an error',
    next: [],
    logged: true,
    afterRestart: 'CANCELLED',
    failureCancels: false,
  },
} satisfies StepTable<RestoreState, RestoreJob>);
