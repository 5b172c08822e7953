/**
 * The machine dies at chosen moments of a virtual run, and what was not synced is lost, torn or
 * kept: what was acknowledged is there after the new start, and jobs end as they should.
 */
import { describe, expect, test } from 'vitest';
import type { CrashChoice } from '../../src/base/memory-crash.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { BACKUP_STATES } from '../../src/jobs/backup-job.ts';
import { RESTORE_STATES } from '../../src/jobs/restore-job.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import {
  HISTORY,
  restoreStatement,
  rowsOf,
  runningStates,
  untilState,
  withHistory,
} from '../model/virtual-run.ts';

type Fate = 'lost' | 'torn' | 'kept';
const FATES: readonly Fate[] = ['lost', 'torn', 'kept'];

function choice(fate: Fate, seed: number): CrashChoice {
  return { fate, random: new SeededRandom(BigInt(seed)) };
}

describe.each(FATES)('when what was not synced is %s', (fate) => {
  test('every acknowledged statement is there after a crash behind it', async () => {
    let cluster = await startCluster({ clock: 'virtual', seed: 7n });
    for (const [at, statement] of HISTORY.entries()) {
      await cluster.query(statement);
      const acknowledged = await rowsOf(cluster);
      cluster = await cluster.unsafeCrash(choice(fate, at));
      expect(await rowsOf(cluster), statement).toEqual(acknowledged);
    }
    expect((await cluster.query('SHOW REPOSITORIES')).rows).toHaveLength(1);
    await cluster.stop();
  });

  test('rows stay after images have cut the log and the machine dies again and again', async () => {
    let cluster = await withHistory({ config: { edit_log_roll_num: '1' } });
    const before = await rowsOf(cluster);
    for (let round = 0; round < 4; round += 1) {
      cluster.advance(61_000);
      expect(cluster.trace.some(({ about }) => String(about['path']).includes('/image.'))).toBe(
        true,
      );
      cluster = await cluster.unsafeCrash(choice(fate, round));
      expect(await rowsOf(cluster)).toEqual(before);
      await cluster.query(`INSERT INTO shop.orders VALUES (${100 + round}, 'r', 1)`);
      cluster.advance(round * 7000);
      await cluster.query(`DELETE FROM shop.orders WHERE id >= 100`);
    }
    await cluster.stop();
  });

  test.each(runningStates(BACKUP_STATES))(
    'a backup goes on to its end after a crash in %s',
    async (state) => {
      let cluster = await withHistory();
      const before = await rowsOf(cluster);
      await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
      await untilState(cluster, 'BACKUP', state);
      cluster = await cluster.unsafeCrash(choice(fate, BACKUP_STATES.indexOf(state)));
      expect(await rowsOf(cluster)).toEqual(before);
      expect(await cluster.untilJobDone('shop')).toMatchObject({
        kind: 'BACKUP',
        state: 'FINISHED',
        status: '[OK]',
      });
      await expectRestores(cluster, 'b', before);
    },
  );

  test.each(runningStates(RESTORE_STATES))(
    'a restore goes on to its end after a crash in %s',
    async (state) => {
      let cluster = await withHistory();
      const before = await rowsOf(cluster);
      await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
      await cluster.untilJobDone('shop');
      await cluster.query("INSERT INTO shop.orders VALUES (9, 'later', 9)");
      await cluster.query('DROP TABLE shop.events');
      await cluster.query(await restoreStatement(cluster, 'b'));
      await untilState(cluster, 'RESTORE', state);
      cluster = await cluster.unsafeCrash(choice(fate, RESTORE_STATES.indexOf(state)));
      expect(await cluster.untilJobDone('shop')).toMatchObject({
        kind: 'RESTORE',
        state: 'FINISHED',
        status: '[OK]',
      });
      expect(await rowsOf(cluster)).toEqual(before);
      cluster = await cluster.unsafeCrash(choice(fate, 99));
      expect(await rowsOf(cluster)).toEqual(before);
      await cluster.query("INSERT INTO shop.events VALUES ('2024-01-07', 'new')");
      await cluster.stop();
    },
  );
});

async function expectRestores(
  cluster: Cluster,
  label: string,
  before: Readonly<Record<string, readonly unknown[]>>,
): Promise<void> {
  const statement = await restoreStatement(cluster, label);
  await cluster.query('DROP TABLE shop.orders; DROP TABLE shop.events');
  await cluster.query(statement);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  expect(await rowsOf(cluster)).toEqual(before);
  await cluster.stop();
}
