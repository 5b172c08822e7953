/**
 * A backup job's whole life, one row per state. Runner, SHOW, documentation and tests read this
 * table (backup-jobs.md 2).
 */
import type { BackupJob, BackupState } from './backup-job.ts';
import { prepareSnapshots } from './backup-prepare.ts';
import { saveMeta, uploadInfo } from './backup-save.ts';
import { endSnapshots, endUploads, sendUploads } from './backup-upload.ts';
import { ALL_TASKS_ENDED, type CancelPlan, type StepTable } from './transition.ts';

const NOTHING_TO_CLEAN: CancelPlan = Object.freeze({
  releasesSnapshots: false,
  removesLocalFiles: false,
  undoesCatalog: false,
});
const RELEASE_ALL: CancelPlan = Object.freeze({ ...NOTHING_TO_CLEAN, releasesSnapshots: true });

export const BACKUP_STEPS: StepTable<BackupState, BackupJob> = Object.freeze({
  PENDING: {
    about: 'checks the objects, copies metadata, sends snapshot tasks',
    tick: prepareSnapshots,
    next: ['SNAPSHOTING'],
    logged: true,
    afterRestart: 'PENDING',
    ofCatalogs: { next: ['SAVE_META'], logged: true, afterRestart: 'PENDING' },
    failureCancels: true,
    cancel: NOTHING_TO_CLEAN,
  },
  SNAPSHOTING: {
    about: 'backends make snapshots',
    until: ALL_TASKS_ENDED,
    tick: endSnapshots,
    next: ['UPLOAD_SNAPSHOT'],
    logged: false,
    afterRestart: 'PENDING',
    failureCancels: true,
    cancel: { ...RELEASE_ALL, removesTasks: 'MAKE_SNAPSHOT' },
  },
  UPLOAD_SNAPSHOT: {
    about: 'sends upload tasks',
    tick: sendUploads,
    next: ['UPLOADING'],
    logged: true,
    afterRestart: 'UPLOAD_SNAPSHOT',
    failureCancels: true,
    cancel: RELEASE_ALL,
  },
  UPLOADING: {
    about: 'backends upload',
    until: ALL_TASKS_ENDED,
    tick: endUploads,
    next: ['SAVE_META'],
    logged: false,
    afterRestart: 'UPLOAD_SNAPSHOT',
    failureCancels: true,
    cancel: { ...RELEASE_ALL, removesTasks: 'UPLOAD' },
  },
  SAVE_META: {
    about: 'writes local files, releases the snapshots',
    tick: saveMeta,
    next: ['UPLOAD_INFO'],
    logged: true,
    afterRestart: 'SAVE_META',
    ofCatalogs: { next: ['UPLOAD_INFO'], logged: false, afterRestart: 'PENDING' },
    failureCancels: true,
    cancel: { ...RELEASE_ALL, removesLocalFiles: true },
  },
  UPLOAD_INFO: {
    about: 'uploads both files, until it works',
    tick: uploadInfo,
    next: ['FINISHED'],
    logged: true,
    afterRestart: 'UPLOAD_INFO',
    failureCancels: false,
    cancel: { ...NOTHING_TO_CLEAN, removesLocalFiles: true },
  },
  FINISHED: {
    about: 'the snapshot is complete',
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
} satisfies StepTable<BackupState, BackupJob>);
