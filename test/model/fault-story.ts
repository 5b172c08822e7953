/**
 * The life in which every fault of the catalogue strikes once: a load, a backup, a restore over
 * what was changed meanwhile. Whatever crashes is started again; what was cancelled is done again
 * without faults, and must then succeed.
 */
import { expect } from 'vitest';
import { SimError } from '../../src/base/errors.ts';
import type { FaultPoint } from '../../src/base/fault-points.ts';
import { parseFaultPoint } from '../../src/base/fault-text.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import { rowsOf, timestampOf } from './virtual-run.ts';

/** What became of the story beside its good end. */
export interface StoryOutcome {
  /** `FINISHED`, or the status of the cancel. */
  readonly backup: string;
  readonly restore: string;
  /** The same, when it was cancelled and then done again without faults. */
  readonly backupAgain?: string;
  readonly restoreAgain?: string;
  /** How often the cluster had to be started again. */
  readonly crashes: number;
  /** Codes of statements that failed and were said again. */
  readonly refused: readonly string[];
  readonly hits: number;
}

export type Chapter = 'setup' | 'load' | 'backup' | 'restore';

export interface StoryPlan {
  /** As in ADMIN ENABLE FAILPOINT; strikes once. */
  readonly failpoint: string;
  readonly from: Chapter;
  /** Strikes once from the same chapter on, so that the other is passed. */
  readonly also?: string;
  readonly tablets?: number;
  /** The table is gone before the restore, which then takes nothing from what is there. */
  readonly drops?: true;
}

const TABLETS_DEFAULT = 2;

const setup = (tablets: number): readonly string[] => [
  'CREATE DATABASE IF NOT EXISTS shop',
  `CREATE TABLE IF NOT EXISTS shop.orders (id INT NOT NULL, name VARCHAR(20)) PRIMARY KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS ${tablets}`,
  `INSERT INTO shop.orders SELECT generate_series, concat('n', generate_series)
    FROM TABLE(generate_series(1, 24))`,
  "CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups'",
];

/** Longer than any delay of a plan, and than the periods that bring work again. */
const AFTERWARDS_MS = 65_000;

const STATEMENT_ATTEMPTS_MAX = 4;

export class FaultStory {
  #cluster: Cluster;
  readonly #plan: StoryPlan;
  readonly #point: FaultPoint;
  #crashes = 0;
  #hits = 0;
  readonly #refused = new Set<string>();

  private constructor(cluster: Cluster, plan: StoryPlan) {
    this.#cluster = cluster;
    this.#plan = plan;
    this.#point = parseFaultPoint(plan.failpoint);
  }

  static async tell(plan: StoryPlan): Promise<StoryOutcome> {
    const cluster = await startCluster({
      clock: 'virtual',
      backends: 1,
      seed: 1n,
      config: {
        edit_log_roll_num: '1',
        max_upload_task_per_be: '1',
        max_download_task_per_be: '1',
      },
    });
    return await new FaultStory(cluster, plan).#tell();
  }

  async #tell(): Promise<StoryOutcome> {
    await this.#begin('setup');
    for (const statement of setup(this.#plan.tablets ?? TABLETS_DEFAULT)) {
      await this.#say(statement);
    }
    await this.#begin('load');
    await this.#say("INSERT INTO shop.orders VALUES (1, 'first'), (99, 'last')");
    const atBackup = await this.#read();
    await this.#begin('backup');
    const backup = await this.#twice('backup', (label) => this.#backup(label));
    this.#pass();
    await this.#say("INSERT INTO shop.orders VALUES (2, 'changed')");
    await this.#say('DELETE FROM shop.orders WHERE id > 20');
    if (this.#plan.drops) await this.#say('DROP TABLE IF EXISTS shop.orders');
    const before = await this.#read();
    await this.#begin('restore');
    const label = backup.backup === 'FINISHED' ? 'first' : 'again';
    const restore = await this.#twice('restore', () => this.#restore(label));
    this.#pass();
    const isRestored = Object.values(restore).includes('FINISHED');
    expect(await this.#read()).toEqual(isRestored ? atBackup : before);
    this.#count();
    await this.#cluster.stop();
    const refused = [...this.#refused];
    return { ...backup, ...restore, crashes: this.#crashes, refused, hits: this.#hits };
  }

  async #begin(chapter: Chapter): Promise<void> {
    const { from, failpoint, also } = this.#plan;
    if (chapter !== from) return;
    for (const text of [failpoint, ...(also === undefined ? [] : [also])]) {
      await this.#cluster.query(`ADMIN ENABLE FAILPOINT '${text}' WITH 1 TIMES`);
    }
  }

  /** Once, and if that is cancelled once more without faults. */
  async #twice<K extends 'backup' | 'restore'>(
    kind: K,
    run: (label: string) => Promise<string>,
  ): Promise<Record<K, string>> {
    const first = await run('first');
    if (first === 'FINISHED') return { [kind]: first } as Record<K, string>;
    this.#count();
    this.#cluster.faults.disableAll();
    return { [kind]: first, [`${kind}Again`]: await run('again') } as Record<K, string>;
  }

  #backup(label: string): Promise<string> {
    return this.#job('BACKUP', label, () =>
      Promise.resolve(`BACKUP SNAPSHOT shop.${label} TO repo PROPERTIES ('timeout' = '600')`),
    );
  }

  #restore(label: string): Promise<string> {
    return this.#job('RESTORE', label, async () => {
      const timestamp = await timestampOf(this.#cluster, label);
      return `RESTORE SNAPSHOT shop.${label} FROM repo
        PROPERTIES ('backup_timestamp' = '${timestamp}', 'timeout' = '600')`;
    });
  }

  /** One statement, again after a crash or a failure until it succeeds. */
  async #say(statement: string): Promise<void> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        await this.#cluster.query(statement);
        return;
      } catch (error) {
        if (attempts === STATEMENT_ATTEMPTS_MAX) throw error;
        await this.#recover(error);
      }
    }
  }

  async #read(): Promise<Awaited<ReturnType<typeof rowsOf>>> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await rowsOf(this.#cluster);
      } catch (error) {
        if (attempts === STATEMENT_ATTEMPTS_MAX) throw error;
        await this.#recover(error);
      }
    }
  }

  /** Submits a job if it is not there, and waits for its end over crashes. */
  async #job(
    kind: 'BACKUP' | 'RESTORE',
    label: string,
    statement: () => Promise<string>,
  ): Promise<string> {
    const before = await this.#lastJob(kind);
    for (let attempts = 1; ; attempts += 1) {
      try {
        const isThere = (await this.#lastJob(kind)) !== before;
        if (!isThere) await this.#cluster.query(await statement());
        const outcome = await this.#cluster.untilJobDone('shop');
        expect(outcome).toMatchObject({ kind, label });
        return outcome.state === 'FINISHED' ? 'FINISHED' : outcome.status;
      } catch (error) {
        if (attempts === STATEMENT_ATTEMPTS_MAX) throw error;
        await this.#recover(error);
      }
    }
  }

  /** When the last job of a kind was made and what for: tells a new one from an older one. */
  async #lastJob(kind: 'BACKUP' | 'RESTORE'): Promise<string> {
    const { rows, columns } = await this.#cluster.query(`SHOW ${kind} FROM shop`);
    const cells = ['SnapshotName', 'Label', 'CreateTime'].map((name) => columns.indexOf(name));
    return JSON.stringify(cells.map((at) => String(rows[0]?.[at])));
  }

  async #recover(error: unknown): Promise<void> {
    if (!(error instanceof SimError)) throw error;
    this.#refused.add(error.code);
    const isDead = await this.#cluster.query('SELECT 1').then(
      () => false,
      () => true,
    );
    if (!isDead) {
      this.#cluster.advance(AFTERWARDS_MS);
      return;
    }
    this.#count();
    this.#crashes += 1;
    const fate = { fate: 'lost', random: new SeededRandom(2n) } as const;
    this.#cluster = await this.#cluster.unsafeCrash(fate);
  }

  #pass(): void {
    try {
      this.#cluster.advance(AFTERWARDS_MS);
    } catch (error) {
      if (!(error instanceof SimError)) throw error;
    }
  }

  #count(): void {
    this.#hits = Math.max(this.#hits, this.#cluster.faults.hits(this.#point));
  }
}
