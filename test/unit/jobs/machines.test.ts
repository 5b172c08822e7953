/** Changed transition tables: which are refused, and that the handler follows the others. */
import { describe, expect, it } from 'vitest';
import type { BackupState } from '../../../src/jobs/backup-job.ts';
import { BACKUP_STEPS } from '../../../src/jobs/backup-steps.ts';
import {
  type BackupMachine,
  machinesWith,
  STARROCKS_MACHINES,
} from '../../../src/jobs/machines.ts';
import { type StateRow, stateDiagram } from '../../../src/jobs/transition.ts';
import { World } from './support/world.ts';

const TABLE = { name: 'orders', buckets: 1 };

function backupWith(rows: Readonly<Record<string, unknown>>): BackupMachine {
  return { ...BACKUP_STEPS, ...rows } as BackupMachine;
}

function changed(state: BackupState, change: Partial<StateRow<string, never>>): BackupMachine {
  return backupWith({ [state]: { ...BACKUP_STEPS[state], ...change } });
}

/** A state of its own between SAVE_META and UPLOAD_INFO that has no work to do. */
const VERIFYING = 'VERIFYING' as string as BackupState;
const WITH_VERIFYING = backupWith({
  SAVE_META: {
    ...BACKUP_STEPS.SAVE_META,
    next: [VERIFYING],
    *tick(...given: Parameters<NonNullable<typeof BACKUP_STEPS.SAVE_META.tick>>) {
      const result = yield* BACKUP_STEPS.SAVE_META.tick(...given);
      return { ...result, job: { ...result.job, state: VERIFYING } };
    },
  },
  VERIFYING: {
    ...BACKUP_STEPS.UPLOAD_INFO,
    about: 'looks at what lies in the repository',
    next: ['UPLOAD_INFO'],
    afterRestart: VERIFYING,
    *tick(job: { readonly state: string }) {
      return { kind: 'move', job: { ...job, state: 'UPLOAD_INFO' } };
    },
  },
});

describe('a changed table', () => {
  it.each([
    [
      'a next that is no state',
      changed('SAVE_META', { next: ['UPLOAD_INFOS'] }),
      'SAVE_META: next names UPLOAD_INFOS, which is no state',
    ],
    [
      'a next of external catalogs that is no state',
      changed('PENDING', {
        ofCatalogs: { next: ['SAVE'], logged: true, afterRestart: 'PENDING' },
      }),
      'PENDING: next names SAVE, which is no state',
    ],
    [
      'CANCELLED as a next',
      changed('UPLOADING', { next: ['CANCELLED'] }),
      'UPLOADING: next names CANCELLED, where only a cancel or a failure leads',
    ],
    [
      'a restart into nowhere',
      changed('UPLOADING', { afterRestart: 'SENDING' }),
      'UPLOADING: afterRestart names SENDING, which is no state',
    ],
    [
      'a restart into a state that is not logged',
      changed('UPLOADING', { afterRestart: 'SNAPSHOTING' }),
      'UPLOADING: a restart cannot find a job in SNAPSHOTING, which is not logged',
    ],
    [
      'a log record less, and a restart that still finds it',
      changed('SAVE_META', { logged: false }),
      'SAVE_META: a restart cannot find a job in SAVE_META, which is not logged',
    ],
    [
      'a logged state that a restart loses',
      changed('SAVE_META', { afterRestart: 'PENDING' }),
      'SAVE_META: it is logged, so a restart finds it there, not in PENDING',
    ],
    [
      'the same of external catalogs',
      changed('SAVE_META', {
        ofCatalogs: { next: ['UPLOAD_INFO'], logged: true, afterRestart: 'PENDING' },
      }),
      'SAVE_META: of external catalogs: it is logged, so a restart finds it there, not in PENDING',
    ],
    [
      'a state without a tick',
      backupWith({ UPLOADING: { ...BACKUP_STEPS.UPLOADING, tick: undefined } }),
      'UPLOADING: without a tick no job would ever leave it',
    ],
    [
      'a state without a next',
      changed('UPLOADING', { next: [] }),
      'UPLOADING: its next names no state',
    ],
    [
      'a state that says nothing of a cancel',
      backupWith({ UPLOADING: { ...BACKUP_STEPS.UPLOADING, cancel: undefined } }),
      'UPLOADING: it does not say what a cancel cleans up',
    ],
    ['a table without an end', backupWith({ FINISHED: undefined }), 'there is no state FINISHED'],
    [
      'an end that goes on',
      changed('FINISHED', { next: ['PENDING'] }),
      'FINISHED: an ended job goes nowhere',
    ],
    [
      'an end that is not logged',
      changed('FINISHED', { logged: false }),
      'FINISHED: the end of a job is always logged',
    ],
  ])('is refused for %s', (_what, backup, text) => {
    expect(() => machinesWith({ backup })).toThrow(`transition table of backup jobs: ${text}`);
    expect(() => machinesWith({ backup })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  it('stands beside the other kind of StarRocks', () => {
    const machines = machinesWith({ backup: WITH_VERIFYING });
    expect(machines.backup).toBe(WITH_VERIFYING);
    expect(machines.restore).toBe(STARROCKS_MACHINES.restore);
    expect(machinesWith({})).toEqual(STARROCKS_MACHINES);
  });

  it('is what the diagram shows', () => {
    expect(stateDiagram(WITH_VERIFYING).split('\n')).toEqual(
      expect.arrayContaining([
        '  SAVE_META --> VERIFYING',
        '  VERIFYING : looks at what lies in the repository',
        '  VERIFYING --> UPLOAD_INFO',
      ]),
    );
  });
});

describe('a handler with a changed table', () => {
  it('walks through a state that StarRocks does not have, and finds it after a restart', () => {
    const world = new World(machinesWith({ backup: WITH_VERIFYING }));
    world.createTable(TABLE);
    world.backup();
    world.untilState('VERIFYING');
    world.restart();
    expect(world.job().state).toBe('VERIFYING');
    expect(world.untilDone().state).toBe('FINISHED');
    expect(world.loggedStates()).toEqual([
      'PENDING',
      'UPLOAD_SNAPSHOT',
      'SAVE_META',
      'VERIFYING',
      'UPLOAD_INFO',
      'FINISHED',
    ]);
  });

  it('writes no record where the table has none, and restarts in the last logged state', () => {
    const backup = changed('SAVE_META', { logged: false, afterRestart: 'UPLOAD_SNAPSHOT' });
    const world = new World(machinesWith({ backup }));
    world.createTable(TABLE);
    world.backup();
    world.untilState('SAVE_META');
    expect(world.loggedStates()).toEqual(['PENDING', 'UPLOAD_SNAPSHOT']);
    world.restart();
    expect(world.job().state).toBe('UPLOAD_SNAPSHOT');
    expect(world.untilDone().state).toBe('FINISHED');
  });

  it('cancels a job whose step leads where its row does not', () => {
    const world = new World(
      machinesWith({ backup: changed('UPLOADING', { next: ['UPLOAD_INFO'] }) }),
    );
    world.createTable(TABLE);
    world.backup();
    expect(world.untilDone()).toMatchObject({
      state: 'CANCELLED',
      status: {
        code: 'COMMON_ERROR',
        msg: 'the step of UPLOADING leads to SAVE_META, which its row does not name',
      },
    });
  });

  it('refuses to start on a job in a state that its table lacks', () => {
    const world = new World(machinesWith({ backup: WITH_VERIFYING }));
    world.createTable(TABLE);
    world.backup();
    world.untilState('VERIFYING');
    const plain = new World();
    const [record] = world.jobRecords().slice(-1);
    expect(() => record && plain.handler.apply(record)).toThrow(
      'the backup job s1 is in the state VERIFYING, which the transition table does not have',
    );
  });
});
