/**
 * A change of the frontend, tried out: entering SAVE_META writes no log record any more. Each seed
 * backs a table up on a machine that dies at some moment, and names the invariants that broke.
 */
import {
  BACKUP_STEPS,
  type Cluster,
  type JobMachines,
  SeededRandom,
  startCluster,
} from 'starrocks-emulator';

/** The changed table. A restart then finds such a job in the last state that is logged. */
export const SKIPS_SAVE_META: Partial<JobMachines> = {
  backup: {
    ...BACKUP_STEPS,
    SAVE_META: { ...BACKUP_STEPS.SAVE_META, logged: false, afterRestart: 'UPLOAD_SNAPSHOT' },
  },
};

const INVARIANTS = {
  7: 'after a crash the job is in the state that StarRocks would be in',
  8: 'enough ticks after a crash, the backup is FINISHED',
  17: 'a FINISHED backup has every row',
} as const;
type Invariant = keyof typeof INVARIANTS;

/** Where StarRocks' log leaves a job, by the state it was seen in. */
const AFTER_CRASH: Readonly<Record<string, string>> = {
  SNAPSHOTING: 'PENDING',
  UPLOADING: 'UPLOAD_SNAPSHOT',
};

/** Six ticks and some slow records long. */
const BACKUP_MS = 24_000;

const SETUP = `CREATE DATABASE shop;
  CREATE TABLE shop.t (id INT NOT NULL) PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2;
  INSERT INTO shop.t VALUES (1), (2), (3);
  CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket'`;

/** One run: a log on a slow disk, and a kill -9 of everything when the seed says. */
export async function brokenBy(
  seed: number,
  machines: Partial<JobMachines>,
): Promise<readonly Invariant[]> {
  const random = new SeededRandom(BigInt(seed));
  const first = await startCluster({ clock: 'virtual', machines });
  await first.query(SETUP);
  await first.query("BACKUP SNAPSHOT shop.s TO repo PROPERTIES ('timeout' = '600')");
  first.faults.enable('fe.edit-log.append', { do: 'delay', ms: 1_500 });
  first.advance(random.uint32() % BACKUP_MS);
  const seen = first.trace.findLast(({ what }) => what === 'job.state')?.about['to'];
  const cluster = await first.unsafeCrash({ fate: 'kept', random });
  const broken: Invariant[] = [];
  const found = await show(cluster, 'SHOW BACKUP FROM shop', 'State');
  if (!mayBeFound(String(seen), found)) broken.push(7);
  if ((await cluster.untilJobDone('shop')).state !== 'FINISHED') broken.push(8);
  else if (!(await restoresAllRows(cluster))) broken.push(17);
  await cluster.stop();
  return broken;
}

/** The next record may have reached the disk without being acknowledged. */
function mayBeFound(seen: string, found: string): boolean {
  const states = Object.keys(BACKUP_STEPS);
  return [AFTER_CRASH[seen] ?? seen, states[states.indexOf(seen) + 1]].includes(found);
}

async function restoresAllRows(cluster: Cluster): Promise<boolean> {
  const timestamp = await show(cluster, 'SHOW SNAPSHOT ON repo', 'Timestamp');
  await cluster.query(`DROP TABLE shop.t; RESTORE SNAPSHOT shop.s FROM repo
    PROPERTIES ('backup_timestamp' = '${timestamp}')`);
  if ((await cluster.untilJobDone('shop')).state !== 'FINISHED') return false;
  const { rows } = await cluster.query('SELECT id FROM shop.t ORDER BY id');
  return rows.flat().join() === '1,2,3';
}

async function show(cluster: Cluster, sql: string, column: string): Promise<string> {
  const { rows, columns } = await cluster.query(sql);
  return String(rows[0]?.[columns.indexOf(column)]);
}

/** One line for each seed that broke something. */
export async function search(machines: Partial<JobMachines>, seeds: number): Promise<string[]> {
  const lines: string[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const number of await brokenBy(seed, machines)) {
      lines.push(`seed ${seed} breaks invariant ${number}: ${INVARIANTS[number]}`);
    }
  }
  return lines;
}

if (process.argv[1] === import.meta.filename) {
  const lines = await search(SKIPS_SAVE_META, 12);
  process.stdout.write(`${lines.join('\n')}\n`);
}
