/** Draws the actions of a run from its seed: a setting, then scenes that each lead up to a job. */
import { SeededRandom } from '../base/random.ts';
import type { ProfileName } from '../fe/profile.ts';
import type { JobKind } from '../jobs/abstract-job.ts';
import type { Action, Keys, ObjectKind, Shape } from './actions.ts';
import { Dice } from './draw.ts';
import { FaultDraw } from './generate-faults.ts';
import { PAIRS, type Pair } from './transitions.ts';

export interface Scenario {
  /** Decides what the actions leave to chance. */
  readonly seed: bigint;
  readonly profile: ProfileName;
  readonly sites: number;
  readonly actions: readonly Action[];
}

export interface GenerateOptions {
  readonly seed: bigint;
  /** Scenes, each with one job. */
  readonly scenes: number;
}

export const SCENES_DEFAULT = 8;

const PROFILES_DRAWN: readonly ProfileName[] = ['3.3', '3.5', '3.5', '3.5', '4.2'];

const DATABASES = 2;
const TABLES = 4;
const PARTS = 3;
const LABELS = 12;
const KEYS = 30;

/** Which disturbances besides the aimed fault a run has at all: each run draws its own. */
interface Swarm {
  readonly crashes: boolean;
  readonly cancels: boolean;
  readonly drops: boolean;
  readonly kills: boolean;
  readonly overlaps: boolean;
  readonly twoRepositories: boolean;
  /** Views of all kinds, functions, catalogs, temporary partitions. */
  readonly objects: boolean;
}

export function generate({ seed, scenes }: GenerateOptions): Scenario {
  const dice = new Dice(new SeededRandom(seed).fork('actions'));
  const chance = (percent: number): boolean => dice.chance(percent);
  const swarm: Swarm = {
    crashes: chance(50),
    cancels: chance(50),
    drops: chance(50),
    kills: chance(40),
    overlaps: chance(40),
    twoRepositories: chance(25),
    objects: chance(60),
  };
  const sites = chance(15) ? 2 : 1;
  const profile = dice.of(PROFILES_DRAWN);
  const draw = new Draw(dice, swarm, {
    sites,
    // What 3.3 does not back up.
    hasLists: profile !== '3.3',
    hasObjects: swarm.objects && profile !== '3.3',
    hasTtl: profile === '4.2',
  });
  const actions: Action[] = [...draw.setting()];
  for (const { job, pairs } of aimsOf(seed, scenes)) actions.push(...draw.scene(job, pairs));
  return { seed, profile, sites, actions };
}

/** What a scene is about: one job, and what is to strike it. */
interface Aim {
  readonly job: JobKind;
  readonly pairs: readonly Pair[];
}

/** A restore needs a snapshot, so a backup comes first; restores have more to go wrong. */
const JOBS: readonly JobKind[] = ['BACKUP', 'RESTORE', 'RESTORE', 'BACKUP', 'RESTORE'];

/** Pairs in one scene, each of another transition. */
const PAIRS_PER_SCENE = 3;

/** Seeds that follow each other go through the pairs together, so that a few leave none out. */
function aimsOf(seed: bigint, scenes: number): readonly Aim[] {
  const first = Number(BigInt.asUintN(32, seed)) * scenes;
  return Array.from({ length: scenes }, (_, at) => {
    const job = JOBS[at % JOBS.length] ?? 'BACKUP';
    const own = PAIRS.filter(({ transition }) => transition.job === job);
    const pairs = Array.from({ length: PAIRS_PER_SCENE }, (_, which) => {
      const apart = Math.floor(own.length / PAIRS_PER_SCENE) - ((first + at) % OTHERS);
      const turn = (first + at) * TURN_STRIDE + which * apart;
      return own[turn % own.length];
    });
    return { job, pairs: pairs.filter((pair) => pair !== undefined) };
  });
}

/** Prime to the numbers of pairs: the aims of one place in the order go through all of them. */
const TURN_STRIDE = 11;

/** One that ends the job early would keep the same two from ever striking: so they change. */
const OTHERS = 3;

interface Setting {
  readonly sites: number;
  readonly hasLists: boolean;
  /** Views, functions and catalogs are backed up. */
  readonly hasObjects: boolean;
  /** Snapshots may have a time to live. */
  readonly hasTtl: boolean;
}

class Draw {
  readonly #dice: Dice;
  readonly #faults: FaultDraw;
  readonly #swarm: Swarm;
  readonly #setting: Setting;
  #value = 0;
  #label = 0;

  constructor(dice: Dice, swarm: Swarm, setting: Setting) {
    this.#dice = dice;
    this.#faults = new FaultDraw(dice);
    this.#swarm = swarm;
    this.#setting = setting;
  }

  setting(): readonly Action[] {
    const actions: Action[] = [];
    for (let site = 0; site < this.#setting.sites; site += 1) {
      for (let db = 0; db < DATABASES; db += 1) actions.push(...this.#ensured(site, db));
    }
    return actions;
  }

  /** Repositories, database and its first tables, as far as they are missing. */
  #ensured(site: number, db: number): readonly Action[] {
    const actions: Action[] = [];
    for (let repo = 0; repo < (this.#swarm.twoRepositories ? 2 : 1); repo += 1) {
      actions.push({ do: 'create-repository', site, repo, ifMissing: true });
    }
    actions.push({ do: 'create-database', site, db, ifMissing: true });
    for (let table = 0; table < 2; table += 1) {
      actions.push(this.#createTable(site, db, table, true), this.#insert(site, db, table));
    }
    if (this.#swarm.objects) actions.push(...this.#objects(site, db));
    return actions;
  }

  /** Most jobs find objects, and no temporary partition in their way. */
  #objects(site: number, db: number): readonly Action[] {
    const actions: Action[] = [];
    for (let table = 0; table < 2; table += 1) {
      if (this.#dice.chance(90)) actions.push({ do: 'drop-temporary', site, db, table });
    }
    const on = { site, db, table: this.#dice.below(2) };
    if (this.#dice.chance(50)) {
      actions.push({ ...on, do: 'create-mv', replicas: this.#dice.of([1, 1, 2]) });
      actions.push({ ...on, do: 'refresh-mv' });
    }
    for (const kind of OBJECT_KINDS) {
      if (this.#setting.hasObjects && this.#dice.chance(30)) {
        actions.push(this.#createObject(site, db, kind));
      }
    }
    return actions;
  }

  #createObject(site: number, db: number, kind: ObjectKind): Action {
    return { do: 'create-object', site, db, kind, value: this.#nextValue() };
  }

  #objectChange(site: number, db: number): Action {
    const on = { site, db, table: this.#dice.below(2) };
    const kind = this.#dice.of(OBJECT_KINDS);
    switch (this.#dice.below(this.#setting.hasObjects ? 9 : 5)) {
      case 0:
        return { ...on, do: 'create-mv', replicas: this.#dice.of([1, 1, 2]) };
      case 1:
        return { ...on, do: 'drop-mv' };
      case 2:
        return { ...on, do: 'add-temporary' };
      case 3:
      case 4:
        return { ...on, do: 'refresh-mv' };
      case 5:
      case 6:
        return this.#createObject(site, db, kind);
      default:
        return { do: 'drop-object', site, db, kind };
    }
  }

  /** A job of external catalogs, which goes beside that of the scene. */
  #catalogJob(site: number): Action {
    if (this.#dice.chance(50)) return { do: 'restore-catalogs', site, pick: this.#dice.below(3) };
    const label = this.#label++;
    return { do: 'backup-catalogs', site, label, repo: this.#repo(), ...this.#ttl() };
  }

  #ttl(): { readonly ttlMinutes?: number } {
    if (!this.#setting.hasTtl || this.#dice.chance(60)) return {};
    return { ttlMinutes: this.#dice.of([1, 10, 60, 1440]) };
  }

  scene(job: JobKind, pairs: readonly Pair[]): readonly Action[] {
    const site = this.#dice.below(this.#setting.sites);
    const db = this.#dice.below(DATABASES);
    const isBackup = job === 'BACKUP';
    const actions: Action[] = [
      { do: 'faults-off', site },
      { do: 'start-backends', site },
    ];
    if (this.#dice.chance(85))
      actions.push({ do: 'await-jobs', ms: this.#dice.of([60_000, 700_000]) });
    actions.push(...this.#ensured(site, db));
    for (let step = this.#dice.below(3); step > 0; step -= 1) actions.push(this.#change(site));
    if (!isBackup && this.#dice.chance(60)) actions.push(this.#makeRoom(site, db));
    if (this.#setting.hasObjects && this.#dice.chance(35)) actions.push(this.#catalogJob(site));
    for (const pair of pairs) actions.push(this.#faults.aim(site, pair));
    actions.push(isBackup ? this.#backup(site, db) : this.#restore(site, db));
    actions.push(...this.#meanwhile(site, db));
    if (!this.#swarm.overlaps || this.#dice.chance(60))
      actions.push({ do: 'await-jobs', ms: 60_000 });
    return actions;
  }

  /** What happens while the job runs. */
  #meanwhile(site: number, db: number): readonly Action[] {
    const actions: Action[] = [];
    const isCalm = this.#dice.chance(40);
    for (let step = this.#dice.below(4); step > 0; step -= 1) {
      actions.push({ do: 'advance', ms: this.#dice.of([0, 500, 3_000, 3_000, 7_000, 12_000]) });
      if (this.#dice.chance(40)) actions.push(this.#change(site));
      if (!isCalm && this.#dice.chance(30)) actions.push(...this.#disturbance(site, db));
    }
    return actions;
  }

  #disturbance(site: number, db: number): readonly Action[] {
    const { crashes, cancels, drops, kills } = this.#swarm;
    const kind = this.#dice.below(4);
    if (kind === 0 && crashes) return [{ do: 'crash', site, fate: this.#dice.of(FATES) }];
    if (kind === 1 && cancels) {
      const slot = this.#setting.hasObjects && this.#dice.chance(20) ? null : db;
      return [
        { do: 'cancel', site, db: slot, kind: this.#dice.of(['BACKUP', 'RESTORE'] as const) },
      ];
    }
    if (kind === 2 && drops) return [this.#drop(site, db)];
    if (kind === 3 && kills) {
      return [
        { do: 'kill-backend', site, backend: this.#dice.below(3) },
        { do: 'advance', ms: this.#dice.of([1_000, 10_000, 30_000]) },
        ...(this.#dice.chance(50) ? [this.#change(site)] : []),
        { do: 'start-backends', site },
      ];
    }
    return [];
  }

  #drop(site: number, db: number): Action {
    switch (this.#dice.below(6)) {
      case 0:
        return { do: 'drop-repository', site, repo: 0 };
      case 1:
        return { do: 'drop-database', site, db };
      case 2:
        return { do: 'drop-snapshot', site, repo: this.#repo(), pick: this.#dice.below(8) };
      case 3:
        return { do: 'create-repository', site, repo: this.#repo(), ifMissing: false };
      case 4:
        return { do: 'create-database', site, db, ifMissing: false };
      default:
        return { do: 'drop-table', site, db, table: this.#dice.below(TABLES) };
    }
  }

  #repo(): number {
    return this.#swarm.twoRepositories ? this.#dice.below(2) : 0;
  }

  #change(site: number): Action {
    const db = this.#dice.below(DATABASES);
    if (this.#swarm.objects && this.#dice.chance(35)) return this.#objectChange(site, db);
    const table = this.#dice.below(this.#dice.chance(70) ? 2 : TABLES);
    const on = { site, db, table };
    switch (this.#dice.below(12)) {
      case 0:
        return this.#createTable(site, db, table, false);
      case 1:
        return {
          ...on,
          do: 'truncate',
          part: this.#dice.chance(50) ? this.#dice.below(PARTS) : null,
        };
      case 2:
        return { ...on, do: 'add-partition', part: this.#dice.below(PARTS + 1) };
      case 3:
        return { ...on, do: 'drop-partition', part: this.#dice.below(PARTS + 1) };
      case 4:
        return { ...on, do: 'delete', below: this.#dice.below(KEYS) };
      case 5:
        return { ...on, do: 'update', below: this.#dice.below(KEYS), value: this.#nextValue() };
      case 6:
        return { ...on, do: this.#dice.chance(50) ? 'drop-table' : 'delete', below: 5 } as Action;
      case 7:
        return { ...on, do: 'change-columns', value: this.#nextValue() };
      default:
        return this.#insert(site, db, table);
    }
  }

  /** A restore that makes new tables takes another way than one that overwrites. */
  #makeRoom(site: number, db: number): Action {
    return { do: 'drop-table', site, db, table: this.#dice.below(2) };
  }

  #createTable(site: number, db: number, table: number, ifMissing: boolean): Action {
    const keys: Keys = this.#dice.of(['duplicate', 'aggregate', 'unique', 'primary'] as const);
    const isRandom = keys === 'duplicate' && this.#dice.chance(20);
    const isPartitioned = this.#dice.chance(50);
    const shape: Shape = {
      keys,
      isPartitioned,
      isList: isPartitioned && this.#setting.hasLists && this.#dice.chance(40),
      hasRollup: keys === 'duplicate' && !isRandom && this.#dice.chance(30),
      isRandom,
      buckets: 1 + this.#dice.below(2),
      replicas: this.#dice.of([1, 1, 2, 3]),
    };
    const parts = 1 + this.#dice.below(PARTS);
    return { do: 'create-table', site, db, table, shape, parts, ifMissing };
  }

  #insert(site: number, db: number, table: number): Action {
    const rows = Array.from(
      { length: 1 + this.#dice.below(4) },
      () => [this.#dice.below(KEYS), this.#nextValue()] as const,
    );
    return { do: 'insert', site, db, table, rows };
  }

  #nextValue(): number {
    this.#value += 1;
    return this.#value;
  }

  #tables(): readonly number[] {
    if (this.#dice.chance(50)) return [];
    return this.#dice.chance(50) ? [this.#dice.below(2)] : [0, 1];
  }

  #backup(site: number, db: number): Action {
    // Now and then a label that may be taken.
    const label = this.#dice.chance(10) ? this.#dice.below(LABELS) : this.#label++;
    const part = this.#dice.chance(25) ? this.#dice.below(PARTS) : null;
    const [repo, tables] = [this.#repo(), this.#tables()];
    const withObjects = this.#setting.hasObjects && this.#dice.chance(50);
    return { do: 'backup', site, db, label, repo, tables, part, withObjects, ...this.#ttl() };
  }

  #restore(site: number, db: number): Action {
    return {
      do: 'restore',
      site,
      db: this.#dice.chance(75) ? db : this.#dice.below(DATABASES),
      pick: this.#dice.below(4),
      tables: this.#tables(),
      part: this.#dice.chance(25) ? this.#dice.below(PARTS) : null,
      alias: this.#dice.chance(20) ? this.#dice.below(TABLES + 2) : null,
      replicas: this.#dice.chance(75) ? 0 : this.#dice.of([1, 2, 3]),
      fits: this.#dice.chance(90),
      withObjects: this.#setting.hasObjects && this.#dice.chance(50),
    };
  }
}

const OBJECT_KINDS: readonly ObjectKind[] = ['view', 'function', 'catalog'];
const FATES = ['lost', 'torn', 'kept'] as const;
