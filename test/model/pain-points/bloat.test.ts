/** What jobs leave in the memory and the log of the frontend. */
import { expect, test } from 'vitest';
import { runNow } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';
import { STARROCKS_MACHINES } from '../../../src/jobs/machines.ts';
import { DATA_DIR, Machine } from '../../../src/sim/machine.ts';
import { backUp, newSite, recordBytes, untilState } from './support.ts';

const MANY_TABLETS = `CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)
  DISTRIBUTED BY HASH (id) BUCKETS 150 PROPERTIES ('replication_num' = '1')`;

test('72760: a cancelled backup keeps and logs all its metadata, as upstream', async () => {
  const { cluster } = await newSite(MANY_TABLETS);
  await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
  await untilState(cluster, 'BACKUP', 'UPLOADING');
  await cluster.query('CANCEL BACKUP FROM shop');
  const [pending, uploading, cancelled] = recordBytes(cluster);
  expect(Number(uploading)).toBeGreaterThan(50 * Number(pending));
  expect(Number(cancelled)).toBeGreaterThan(0.9 * Number(uploading));
  await backUp(cluster, 's2');
  expect(Number(recordBytes(cluster).at(-1))).toBeLessThan(3 * Number(pending));
  await cluster.stop();
});

test('D30677: of many backups in a row only the last is kept, and that not for ever', async () => {
  let { cluster } = await newSite('CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)', {
    config: { history_job_keep_max_second: '3600', edit_log_roll_num: '1' },
  });
  for (const label of ['s1', 's2', 's3', 's4']) await backUp(cluster, label);
  const jobs = async (): Promise<unknown[]> =>
    (await cluster.query('SHOW BACKUP')).rows.map((row) => row[1]);
  expect(await jobs()).toEqual(['s4']);
  cluster.advance(61_000);
  cluster = await cluster.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
  expect(await jobs()).toEqual(['s4']);
  cluster.advance(5 * 3_600_000);
  expect(await jobs()).toEqual([]);
  await cluster.stop();
});

test('D39987: a backup of many tablets is bulky until SAVE_META, small after it', async () => {
  let { cluster } = await newSite(MANY_TABLETS);
  await backUp(cluster, 's');
  const [pending, snapshots, uploaded, info, finished] = recordBytes(cluster).map(Number);
  expect(recordBytes(cluster)).toHaveLength(5);
  expect(snapshots).toBeGreaterThan(150 * 100);
  expect(uploaded).toBeGreaterThan(Number(snapshots));
  expect(info).toBeLessThan(3 * Number(pending));
  expect(finished).toBeLessThan(3 * Number(pending));
  cluster = await cluster.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
  expect((await cluster.query('SHOW BACKUP FROM shop')).rows[0]?.[3]).toBe('FINISHED');
  await cluster.stop();
});

/** What a job can leave: the image, its records in the log, tasks and files of backends. */
interface Left {
  readonly imageBytes: number;
  readonly records: number;
  readonly recordBytes: number;
  readonly tasks: number;
  readonly snapshots: number;
}

/** Jobs one after the other on a machine whose insides can be looked at. */
class Jobs {
  readonly machine: Machine;
  #records: number[] = [];

  constructor() {
    const clock = new VirtualClock();
    const random = new SeededRandom(1n);
    const onEvent: ConstructorParameters<typeof Machine>[0]['onEvent'] = ({ what, about }) => {
      if (what !== 'edit-log.append' || !String(about['op']).endsWith('JOB_V2')) return;
      this.#records.push(Number(about['bytes']));
    };
    const parts = { clock, random, store: new MemoryBlob(), profile: '3.5', backends: 3 } as const;
    this.machine = new Machine({
      ...parts,
      machines: STARROCKS_MACHINES,
      onEvent,
      onFault: () => {},
    });
  }

  #state(): string {
    const jobs = this.machine.cluster.frontend.context.handler.jobs();
    return jobs.map(({ job }) => job.state).join();
  }

  /** Runs a job until it is in the state, then `act`; what it has left a minute later. */
  run(statement: string, state: string, act?: string): Left {
    this.#records = [];
    this.machine.query(statement);
    for (let step = 0; this.#state() !== state && step < 200; step += 1) {
      this.machine.clock.advance(500);
    }
    expect(this.#state()).toBe(state);
    if (act !== undefined) this.machine.query(act);
    this.machine.clock.advance(60_000);
    return this.left();
  }

  left(): Left {
    const { cluster, files } = this.machine;
    const directories = [...cluster.backends.keys()].map((id) => `${DATA_DIR}/be/${id}/snapshot`);
    return {
      imageBytes: [...cluster.frontend.encodeImage()].join('').length,
      records: this.#records.length,
      recordBytes: this.#records.reduce((sum, bytes) => sum + bytes, 0),
      tasks: cluster.frontend.context.tasks.size,
      snapshots: directories.flatMap((path) => runNow(files.list(path))).length,
    };
  }
}

/** Ids and labels get a digit longer now and then. */
const SLACK_BYTES = 2_000;

test('D44560 family: many cancelled jobs leave what one leaves, and nothing after the next', () => {
  const jobs = new Jobs();
  jobs.machine.query(`CREATE DATABASE shop; ${MANY_TABLETS};
    CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups'`);
  const bare = jobs.left();
  jobs.run('BACKUP SNAPSHOT shop.whole TO repo', 'FINISHED');
  const [[, time] = []] = jobs.machine.query('SHOW SNAPSHOT ON repo').rows;
  const backups = [1, 2, 3, 4].map((at) =>
    jobs.run(`BACKUP SNAPSHOT shop.s${at} TO repo`, 'UPLOADING', 'CANCEL BACKUP FROM shop'),
  );
  jobs.machine.query('ALTER TABLE shop.t RENAME u');
  const restores = [1, 2, 3, 4].map(() =>
    jobs.run(
      `RESTORE SNAPSHOT shop.whole FROM repo
        PROPERTIES ('backup_timestamp' = '${time}', 'replication_num' = '1')`,
      'DOWNLOADING',
      'CANCEL RESTORE FROM shop',
    ),
  );
  for (const [first, ...others] of [backups, restores]) {
    // Upstream keeps the metadata of a cancelled job (72760), but of the last one only.
    expect(first?.imageBytes).toBeGreaterThan(bare.imageBytes + 150 * 100);
    for (const other of others) {
      expect(Math.abs(other.imageBytes - Number(first?.imageBytes))).toBeLessThan(SLACK_BYTES);
      expect(Math.abs(other.recordBytes - Number(first?.recordBytes))).toBeLessThan(SLACK_BYTES);
      expect(other).toMatchObject({ records: first?.records, tasks: 0, snapshots: 0 });
    }
  }
  const last = jobs.run('BACKUP SNAPSHOT shop.end TO repo', 'FINISHED');
  expect(last).toMatchObject({ tasks: 0, snapshots: 0 });
  expect(last.imageBytes).toBeLessThan(bare.imageBytes + SLACK_BYTES);
});
