/** Draws the actions of a run from its seed: a setting, then scenes that each lead up to a job. */

import type { Fault } from '../base/fault.ts';
import { below, type Random, SeededRandom } from '../base/random.ts';
import type { ProfileName } from '../fe/profile.ts';
import type { JobKind } from '../jobs/abstract-job.ts';
import type { Action, Ambush, FaultOrder, Keys, Shape } from './actions.ts';
import { PAIRS, type Pair, type Place } from './transitions.ts';

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
}

export function generate({ seed, scenes }: GenerateOptions): Scenario {
  const random = new SeededRandom(seed).fork('actions');
  const chance = (percent: number): boolean => below(random, 100) < percent;
  const swarm: Swarm = {
    crashes: chance(50),
    cancels: chance(50),
    drops: chance(50),
    kills: chance(40),
    overlaps: chance(40),
    twoRepositories: chance(25),
  };
  const sites = chance(15) ? 2 : 1;
  const profile = PROFILES_DRAWN[below(random, PROFILES_DRAWN.length)] ?? '3.5';
  // 3.3 does not back list partitions up.
  const draw = new Draw(random, swarm, { sites, hasLists: profile !== '3.3' });
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
      const turn = (first + at) * TURN_STRIDE + which * Math.floor(own.length / PAIRS_PER_SCENE);
      return own[turn % own.length];
    });
    return { job, pairs: pairs.filter((pair) => pair !== undefined) };
  });
}

/** Prime to the numbers of pairs: the aims of one place in the order go through all of them. */
const TURN_STRIDE = 11;

class Draw {
  readonly #random: Random;
  readonly #swarm: Swarm;
  readonly #sites: number;
  readonly #hasLists: boolean;
  #value = 0;
  #label = 0;

  constructor(random: Random, swarm: Swarm, what: { sites: number; hasLists: boolean }) {
    this.#random = random;
    this.#swarm = swarm;
    this.#sites = what.sites;
    this.#hasLists = what.hasLists;
  }

  #below(limit: number): number {
    return below(this.#random, limit);
  }

  #chance(percent: number): boolean {
    return this.#below(100) < percent;
  }

  #of<T>(values: readonly T[]): T {
    const value = values[this.#below(values.length)];
    if (value === undefined) throw new Error('bug: nothing to choose from');
    return value;
  }

  setting(): readonly Action[] {
    const actions: Action[] = [];
    for (let site = 0; site < this.#sites; site += 1) {
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
    return actions;
  }

  scene(job: JobKind, pairs: readonly Pair[]): readonly Action[] {
    const site = this.#below(this.#sites);
    const db = this.#below(DATABASES);
    const isBackup = job === 'BACKUP';
    const actions: Action[] = [
      { do: 'faults-off', site },
      { do: 'start-backends', site },
    ];
    if (this.#chance(85)) actions.push({ do: 'await-jobs', ms: this.#of([60_000, 700_000]) });
    actions.push(...this.#ensured(site, db));
    for (let step = this.#below(3); step > 0; step -= 1) actions.push(this.#change(site));
    if (!isBackup && this.#chance(60)) actions.push(this.#makeRoom(site, db));
    for (const pair of pairs) actions.push(this.#aim(site, pair));
    actions.push(isBackup ? this.#backup(site, db) : this.#restore(site, db));
    actions.push(...this.#meanwhile(site, db));
    if (!this.#swarm.overlaps || this.#chance(60)) actions.push({ do: 'await-jobs', ms: 60_000 });
    return actions;
  }

  /** What happens while the job runs. */
  #meanwhile(site: number, db: number): readonly Action[] {
    const actions: Action[] = [];
    const isCalm = this.#chance(40);
    for (let step = this.#below(4); step > 0; step -= 1) {
      actions.push({ do: 'advance', ms: this.#of([0, 500, 3_000, 3_000, 7_000, 12_000]) });
      if (this.#chance(40)) actions.push(this.#change(site));
      if (!isCalm && this.#chance(30)) actions.push(...this.#disturbance(site, db));
    }
    return actions;
  }

  #disturbance(site: number, db: number): readonly Action[] {
    const { crashes, cancels, drops, kills } = this.#swarm;
    const kind = this.#below(4);
    if (kind === 0 && crashes) return [{ do: 'crash', site, fate: this.#of(FATES) }];
    if (kind === 1 && cancels) {
      return [{ do: 'cancel', site, db, kind: this.#of(['BACKUP', 'RESTORE'] as const) }];
    }
    if (kind === 2 && drops) return [this.#drop(site, db)];
    if (kind === 3 && kills) {
      return [
        { do: 'kill-backend', site, backend: this.#below(3) },
        { do: 'advance', ms: this.#of([1_000, 10_000, 30_000]) },
        ...(this.#chance(50) ? [this.#change(site)] : []),
        { do: 'start-backends', site },
      ];
    }
    return [];
  }

  #drop(site: number, db: number): Action {
    switch (this.#below(6)) {
      case 0:
        return { do: 'drop-repository', site, repo: 0 };
      case 1:
        return { do: 'drop-database', site, db };
      case 2:
        return { do: 'drop-snapshot', site, repo: this.#repo(), pick: this.#below(8) };
      case 3:
        return { do: 'create-repository', site, repo: this.#repo(), ifMissing: false };
      case 4:
        return { do: 'create-database', site, db, ifMissing: false };
      default:
        return { do: 'drop-table', site, db, table: this.#below(TABLES) };
    }
  }

  #repo(): number {
    return this.#swarm.twoRepositories ? this.#below(2) : 0;
  }

  #change(site: number): Action {
    const db = this.#below(DATABASES);
    const table = this.#below(this.#chance(70) ? 2 : TABLES);
    const on = { site, db, table };
    switch (this.#below(12)) {
      case 0:
        return this.#createTable(site, db, table, false);
      case 1:
        return { ...on, do: 'truncate', part: this.#chance(50) ? this.#below(PARTS) : null };
      case 2:
        return { ...on, do: 'add-partition', part: this.#below(PARTS + 1) };
      case 3:
        return { ...on, do: 'drop-partition', part: this.#below(PARTS + 1) };
      case 4:
        return { ...on, do: 'delete', below: this.#below(KEYS) };
      case 5:
        return { ...on, do: 'update', below: this.#below(KEYS), value: this.#nextValue() };
      case 6:
        return { ...on, do: this.#chance(50) ? 'drop-table' : 'delete', below: 5 } as Action;
      default:
        return this.#insert(site, db, table);
    }
  }

  /** A restore that makes new tables takes another way than one that overwrites. */
  #makeRoom(site: number, db: number): Action {
    return { do: 'drop-table', site, db, table: this.#below(2) };
  }

  #createTable(site: number, db: number, table: number, ifMissing: boolean): Action {
    const keys: Keys = this.#of(['duplicate', 'aggregate', 'unique', 'primary'] as const);
    const isRandom = keys === 'duplicate' && this.#chance(20);
    const isPartitioned = this.#chance(50);
    const shape: Shape = {
      keys,
      isPartitioned,
      isList: isPartitioned && this.#hasLists && this.#chance(40),
      hasRollup: keys === 'duplicate' && !isRandom && this.#chance(30),
      isRandom,
      buckets: 1 + this.#below(2),
      replicas: this.#of([1, 1, 2, 3]),
    };
    const parts = 1 + this.#below(PARTS);
    return { do: 'create-table', site, db, table, shape, parts, ifMissing };
  }

  #insert(site: number, db: number, table: number): Action {
    const rows = Array.from(
      { length: 1 + this.#below(4) },
      () => [this.#below(KEYS), this.#nextValue()] as const,
    );
    return { do: 'insert', site, db, table, rows };
  }

  #nextValue(): number {
    this.#value += 1;
    return this.#value;
  }

  #tables(): readonly number[] {
    if (this.#chance(50)) return [];
    return this.#chance(50) ? [this.#below(2)] : [0, 1];
  }

  #backup(site: number, db: number): Action {
    // Now and then a label that may be taken.
    const label = this.#chance(10) ? this.#below(LABELS) : this.#label++;
    const part = this.#chance(25) ? this.#below(PARTS) : null;
    return { do: 'backup', site, db, label, repo: this.#repo(), tables: this.#tables(), part };
  }

  #restore(site: number, db: number): Action {
    return {
      do: 'restore',
      site,
      db: this.#chance(75) ? db : this.#below(DATABASES),
      pick: this.#below(4),
      tables: this.#tables(),
      part: this.#chance(25) ? this.#below(PARTS) : null,
      alias: this.#chance(20) ? this.#below(TABLES + 2) : null,
      replicas: this.#chance(75) ? 0 : this.#of([1, 2, 3]),
      fits: this.#chance(90),
    };
  }

  /** Lets the kind of failure strike the transition, if the job comes that far. */
  #aim(site: number, pair: Pair): Action {
    const { transition, kind } = pair;
    const { job, armedAt } = transition;
    const at = { kind: job, state: armedAt };
    if (kind === 'clock-jump') {
      const jumpMs = this.#of([1_000, 30_000, 120_000, 120_000, 120_000, 240_000, 700_000]);
      return { do: 'ambush', site, ambush: { ...at, orders: [], jumpMs } };
    }
    if (kind === 'backend-crash') return { do: 'ambush', site, ambush: this.#killing(pair) };
    const places = transition.places.filter(({ kinds }) => kinds.includes(kind));
    // One place, or the first of all that the job comes by.
    const chosen = this.#chance(50) ? [this.#of(places)] : places;
    const orders = chosen.map((place) => this.#order(place, kind));
    if (armedAt === 'NEW') return { do: 'faults', site, orders };
    return { do: 'ambush', site, ambush: { ...at, orders } };
  }

  /** Tasks are held up, so that the backend dies with work in its hands. */
  #killing({ transition }: Pair): Ambush {
    const { job, armedAt, places } = transition;
    const tasks = places.filter(({ point }) => point.startsWith('be.task.'));
    const held = tasks.slice(0, 1).map(
      ({ point, match }): FaultOrder => ({
        point,
        match,
        fault: { do: 'delay', ms: this.#of([2_000, 5_000]) },
        times: 4,
      }),
    );
    return {
      kind: job,
      state: armedAt,
      orders: held,
      kill: {
        backend: this.#below(3),
        afterMs: this.#of([0, 500, 1_000]),
        downMs: this.#of([500, 4_000, 15_000]),
      },
    };
  }

  #order({ point, match }: Place, kind: Fault['do']): FaultOrder {
    const times = kind === 'fail' || kind === 'delay' ? this.#of([1, 1, 2, 4]) : 1;
    return { point, match, fault: this.#fault(kind), times };
  }

  #fault(kind: Fault['do']): Fault {
    switch (kind) {
      case 'fail':
        return { do: 'fail', text: 'struck by the run' };
      case 'delay':
        return { do: 'delay', ms: this.#of([10, 1_000, 4_000, 13_000]) };
      case 'corrupt':
        return { do: 'corrupt', bitFlips: 1 + this.#below(8) };
      case 'cut':
        return { do: 'cut', afterBytes: this.#below(64) };
      case 'crash':
        return { do: 'crash' };
      case 'crash-backend':
        return { do: 'crash-backend', restartMs: this.#of([500, 4_000, 15_000]) };
      case 'clock-jump':
        return { do: 'clock-jump', ms: this.#of([-60_000, 60_000]) };
    }
  }
}

const FATES = ['lost', 'torn', 'kept'] as const;
