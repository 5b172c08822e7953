/**
 * Statements that take away what a running job works on, in every state of both jobs: the job
 * ends, the frontend lives, and a new start on the same disk finds the same.
 */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { BACKUP_STATES } from '../../src/jobs/backup-job.ts';
import { RESTORE_STATES } from '../../src/jobs/restore-job.ts';
import {
  type Cluster,
  restoreStatement,
  rowsOf,
  runningStates,
  untilState,
  withHistory,
} from './virtual-run.ts';

const DISTURBANCES = [
  'DROP DATABASE shop',
  'DROP TABLE shop.orders FORCE',
  'CREATE DATABASE other; DROP DATABASE shop; CREATE DATABASE shop',
] as const;

const CASES = [
  ...runningStates(BACKUP_STATES).map((state) => ['BACKUP', state] as const),
  ...runningStates(RESTORE_STATES).map((state) => ['RESTORE', state] as const),
].flatMap(([kind, state]) => DISTURBANCES.map((statement) => ({ kind, state, statement })));

test.each(CASES)('$statement while a $kind is in $state', async ({ kind, state, statement }) => {
  let cluster = await withHistory();
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  if (kind === 'RESTORE') {
    await cluster.untilJobDone('shop');
    const restore = await restoreStatement(cluster, 'b');
    await cluster.query('DROP TABLE shop.events');
    await cluster.query(restore);
  }
  await untilState(cluster, kind, state);
  await cluster.query(statement);
  cluster.advance(120_000);
  await expectAllEnded(cluster, kind);
  const rows = await rowsOf(cluster);
  const tables = await cluster.query('SHOW DATABASES');
  cluster = await cluster.unsafeCrash({ fate: 'torn', random: new SeededRandom(3n) });
  expect(await cluster.query('SHOW DATABASES')).toEqual(tables);
  expect(await rowsOf(cluster)).toEqual(rows);
  cluster.advance(120_000);
  await expectAllEnded(cluster, kind);
  await cluster.query('CREATE DATABASE IF NOT EXISTS shop');
  await cluster.query(
    'CREATE TABLE shop.fresh (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k); INSERT INTO shop.fresh VALUES (1)',
  );
  await cluster.stop();
});

async function expectAllEnded(cluster: Cluster, kind: 'BACKUP' | 'RESTORE'): Promise<void> {
  const { rows, columns } = await cluster.query(`SHOW ${kind}`);
  for (const row of rows) {
    expect(['FINISHED', 'CANCELLED']).toContain(row[columns.indexOf('State')]);
  }
}
