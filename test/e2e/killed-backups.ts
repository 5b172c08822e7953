/**
 * SIGKILL in every state of a backup: after a new start on the same data
 * directory the job ends as backup-jobs.md 2.6 says, and every row is there.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BACKUP_STATES } from '../../src/jobs/backup-job.ts';
import { CrashWorld, crashCases } from './crash-world.ts';
import { untilJobDone } from './server.ts';

/** The tests of a process that dies in some or all states. */
export function killedBackups(which: 'sampled' | 'all'): void {
  const world = new CrashWorld();
  beforeAll(() => world.setUp());
  afterAll(() => world.tearDown());

  test.each(crashCases(which, BACKUP_STATES, ['UPLOADING', 'UPLOAD_INFO', 'CANCELLED']))(
    'a SIGKILL at $point $state of a backup leaves rows and job as specified',
    async ({ point, state }) => {
      const label = `b_${point.split('.').at(-1)}_${state.toLowerCase()}`;
      const isCancelled = state === 'CANCELLED';
      await world.crashAndRestart('backup', { point, state }, [
        `BACKUP SNAPSHOT shop.${label} TO repo`,
        ...(isCancelled ? ['CANCEL BACKUP FROM shop'] : []),
      ]);
      const job = await untilJobDone(world.connection, 'BACKUP', 'shop');
      expect(job.State).toBe(isCancelled ? 'CANCELLED' : 'FINISHED');
      expect(job.Status).toBe(isCancelled ? '[COMMON_ERROR, msg: user cancelled]' : '[OK]');
      await world.expectAllRows();
      const [snapshot] = await world.query(`SHOW SNAPSHOT ON repo WHERE SNAPSHOT = '${label}'`);
      expect(snapshot?.['Status']).toBe(isCancelled ? 'ERROR: no snapshot' : 'OK');
    },
  );
}
