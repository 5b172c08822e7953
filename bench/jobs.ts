/** The job engine on virtual time: a backup of many empty tablets, and of twice as many. */
import { startCluster } from '../src/start-cluster.ts';
import { type Benchmark, type Figure, figureOf, interleaved, timedMs } from './figures.ts';

const TABLETS = 2000;
const TABLETS_PER_TABLE = 100;
const ROUNDS = 5;

export const jobsBenchmark: Benchmark = { name: 'jobs', run: measure };

async function measure(): Promise<readonly Figure[]> {
  const samples = await interleaved(
    {
      [`${2 * TABLETS} tablets`]: () => backupSeconds(2 * TABLETS),
      [`${TABLETS} tablets`]: () => backupSeconds(TABLETS),
    },
    ROUNDS,
  );
  return [
    figureOf('backup in virtual time, twice the tablets', 's', samples, [
      { kind: 'peer-times-at-most', limit: 2.2 },
    ]),
  ];
}

async function backupSeconds(tablets: number): Promise<number> {
  await using cluster = await startCluster({ clock: 'virtual', seed: 1n });
  await cluster.query('CREATE DATABASE d');
  for (let table = 0; table < tablets / TABLETS_PER_TABLE; table += 1) {
    await cluster.query(
      `CREATE TABLE d.t${table} (k BIGINT NOT NULL, a INT) DUPLICATE KEY (k) ` +
        `DISTRIBUTED BY HASH(k) BUCKETS ${TABLETS_PER_TABLE} ` +
        'PROPERTIES ("replication_num" = "1")',
    );
  }
  await cluster.query("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'");
  const ms = await timedMs(async () => {
    await cluster.query('BACKUP SNAPSHOT d.l TO r');
    const { state, status } = await cluster.untilJobDone('d');
    if (state !== 'FINISHED') throw new Error(`the backup ended ${state}: ${status}`);
  });
  return ms / 1000;
}
