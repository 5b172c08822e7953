/** The random runs notice when a job's table is wrong: each change below must make them fail. */
import { expect, test } from 'vitest';
import type { Steps } from '../../src/jobs/effects.ts';
import {
  type BackupMachine,
  type JobMachines,
  type RestoreMachine,
  STARROCKS_MACHINES,
} from '../../src/jobs/machines.ts';
import type { RestoreJob } from '../../src/jobs/restore-job.ts';
import type { StepResult } from '../../src/jobs/transition.ts';
import { simulate } from '../../src/sim/simulate.ts';

const { backup, restore } = STARROCKS_MACHINES;

function withBackup(change: Partial<BackupMachine>): JobMachines {
  return { backup: { ...backup, ...change } as BackupMachine, restore };
}

function withRestore(change: Partial<RestoreMachine>): JobMachines {
  return { backup, restore: { ...restore, ...change } as RestoreMachine };
}

function* skipMoves(job: RestoreJob): Steps<StepResult<RestoreJob>> {
  return { kind: 'move', job: { ...job, state: 'COMMITTING' } };
}

const { until: _uploaded, ...uploadingAtOnce } = backup.UPLOADING;

const CHANGES: readonly (readonly [string, JobMachines])[] = [
  [
    'a restore that sends no moves',
    withRestore({ COMMIT: { ...restore.COMMIT, tick: skipMoves } }),
  ],
  ['uploads that nobody waits for', withBackup({ UPLOADING: uploadingAtOnce })],
  ['no record of SAVE_META', withBackup({ SAVE_META: { ...backup.SAVE_META, logged: false } })],
  [
    'a failed upload of the job info that cancels',
    withBackup({ UPLOAD_INFO: { ...backup.UPLOAD_INFO, failureCancels: true } }),
  ],
  [
    'a cancel in DOWNLOADING that leaves its tasks queued',
    withRestore({
      DOWNLOADING: {
        ...restore.DOWNLOADING,
        cancel: { releasesSnapshots: true, removesLocalFiles: false, undoesCatalog: true },
      },
    }),
  ],
];

const SEEDS = { firstSeed: 1n, seeds: 25 } as const;

test.each(CHANGES)('%s', { timeout: 180_000 }, (_, machines) => {
  const { failure } = simulate({ ...SEEDS, machines });
  expect(failure?.result.violations).not.toEqual([]);
  expect(failure).toBeDefined();
});
