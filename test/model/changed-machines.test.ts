/** A cluster that runs its jobs by changed transition tables, through the public interface. */
import { expect, test } from 'vitest';
import {
  BACKUP_STEPS,
  type BackupMachine,
  type BackupState,
  SeededRandom,
  startCluster,
} from '../../src/index.ts';
import { untilState, withHistory } from './virtual-run.ts';

const VERIFYING = 'VERIFYING' as string as BackupState;

/** One tick more between SAVE_META and UPLOAD_INFO, in a logged state of its own. */
const SLOWER: BackupMachine = {
  ...BACKUP_STEPS,
  SAVE_META: {
    ...BACKUP_STEPS.SAVE_META,
    next: [VERIFYING],
    *tick(job, view) {
      const result = yield* BACKUP_STEPS.SAVE_META.tick(job, view);
      return result.kind === 'move'
        ? { ...result, job: { ...result.job, state: VERIFYING } }
        : result;
    },
  },
  VERIFYING: {
    ...BACKUP_STEPS.UPLOAD_INFO,
    about: 'one more look',
    next: ['UPLOAD_INFO'],
    afterRestart: VERIFYING,
    *tick(job) {
      return { kind: 'move', job: { ...job, state: 'UPLOAD_INFO' } };
    },
  },
};

test('a state of its own is shown, logged, and survives a crash of the machine', async () => {
  let cluster = await withHistory({ machines: { backup: SLOWER } });
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  await untilState(cluster, 'BACKUP', 'VERIFYING');
  cluster = await cluster.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
  await untilState(cluster, 'BACKUP', 'VERIFYING');
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  const { rows } = await cluster.query('SHOW SNAPSHOT ON repo');
  expect(rows).toEqual([['b', expect.any(String), 'OK']]);
  await cluster.stop();
});

test('a table that contradicts itself stops the start and names the row', async () => {
  const backup: BackupMachine = {
    ...BACKUP_STEPS,
    SAVE_META: { ...BACKUP_STEPS.SAVE_META, logged: false },
  };
  await expect(startCluster({ clock: 'virtual', machines: { backup } })).rejects.toMatchObject({
    code: 'bad-option',
    message:
      'transition table of backup jobs: SAVE_META: a restart cannot find a job in SAVE_META, ' +
      'which is not logged',
  });
});
