/**
 * SIGKILL in every state of a restore: after a new start on the same data
 * directory the job ends as restore-jobs.md 2.7 says, and every row is back.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESTORE_STATES } from '../../src/jobs/restore-job.ts';
import { CrashWorld, crashCases } from './crash-world.ts';
import { snapshotTimestamp, untilJobDone } from './server.ts';

/** The tests of a process that dies in some or all states. */
export function killedRestores(which: 'sampled' | 'all'): void {
  const world = new CrashWorld();
  beforeAll(() => world.setUp());
  afterAll(() => world.tearDown());

  test.each(crashCases(which, RESTORE_STATES, ['DOWNLOADING', 'COMMITTING', 'CANCELLED']))(
    'a SIGKILL at $point $state of a restore leaves rows and job as specified',
    async ({ point, state }) => {
      const label = `r_${point.split('.').at(-1)}_${state.toLowerCase()}`;
      await world.query(`BACKUP SNAPSHOT shop.${label} TO repo`);
      const backup = await untilJobDone(world.connection, 'BACKUP', 'shop');
      expect(backup.State).toBe('FINISHED');
      const timestamp = await snapshotTimestamp(world.connection, 'repo', label);
      await world.query('DROP TABLE shop.orders');
      await world.query('TRUNCATE TABLE shop.events');
      const restore = `RESTORE SNAPSHOT shop.${label} FROM repo
        PROPERTIES ('backup_timestamp' = '${timestamp}')`;
      const isCancelled = state === 'CANCELLED';
      await world.crashAndRestart('restore', { point, state }, [
        restore,
        ...(isCancelled ? ['CANCEL RESTORE FROM shop'] : []),
      ]);
      const job = await untilJobDone(world.connection, 'RESTORE', 'shop');
      expect(job.State).toBe(isCancelled ? 'CANCELLED' : 'FINISHED');
      if (isCancelled) {
        expect(await world.query('SHOW TABLES FROM shop')).toEqual([{ Tables_in_shop: 'events' }]);
        await world.query(restore);
        const again = await untilJobDone(world.connection, 'RESTORE', 'shop');
        expect(again.State).toBe('FINISHED');
      }
      await world.expectAllRows();
    },
  );
}
