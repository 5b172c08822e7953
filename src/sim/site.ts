/**
 * One cluster of a run beside the model of it: what it holds, which jobs run, what was done to it.
 * The events of the cluster keep the model up to date; it never looks into the cluster for rows.
 */
import type { ClusterEvent } from '../base/events.ts';
import { isTerminal } from '../jobs/abstract-job.ts';
import type { Job } from '../jobs/job-machine.ts';
import type { Ambush } from './actions.ts';
import type { Follower } from './follower.ts';
import {
  excuse,
  isActive,
  type JobTrack,
  type Snapshot,
  selected,
  timestampText,
} from './job-track.ts';
import type { Machine } from './machine.ts';
import { CATALOGS, distinct, isView, type ModelTables } from './model.ts';
import { refusalOf, restored, torn } from './model-restore.ts';

export type Databases = ReadonlyMap<string, ModelTables>;
export type Effect = (databases: Databases) => Databases;

/** A heartbeat and two steps of the handler. */
const SETTLE_MS = 12_000;

const SAME: Effect = (databases) => databases;
const NO_TABLES: ModelTables = new Map();
const MINUTE_MS = 60_000;

/** A statement under way: snapshots that are made meanwhile may hold what it does or not. */
export interface InFlight {
  readonly effect: Effect;
  readonly made: JobTrack[];
}

export interface SiteReport {
  /** Something that must not be. */
  violation(text: string): void;
  note(text: string): void;
  /** The snapshot of a job, known to every site. */
  addSnapshot(snapshot: Snapshot): void;
}

export class Site {
  readonly index: number;
  readonly #report: SiteReport;
  #machine: Machine | undefined;
  /** What the cluster may hold: more than one when a crash has hidden an outcome. */
  candidates: readonly Databases[] = [new Map([[CATALOGS, NO_TABLES]])];
  /** Tablets with a damaged file that no table is known to have yet. */
  readonly damagedTablets: Set<number> = new Set();
  /** From then on the frontend knows all backends to be alive. */
  settledAtMs = 0;
  /** Jobs that run. */
  tracks: JobTrack[] = [];
  readonly repositories: Set<string> = new Set();
  inFlight: InFlight | undefined;
  /** The job that the statement under way asks for. */
  submitting: JobTrack | undefined;
  ambushes: Ambush[] = [];
  /** What the log alone gives, up to the last record. */
  follower: Follower | undefined;

  constructor(index: number, report: SiteReport) {
    this.index = index;
    this.#report = report;
  }

  get machine(): Machine {
    if (this.#machine === undefined) throw new Error('bug: the machine has not started');
    return this.#machine;
  }

  set machine(machine: Machine) {
    this.#machine = machine;
  }

  get databases(): Databases {
    return this.candidates[0] ?? new Map();
  }

  tables(db: string): ModelTables {
    return this.databases.get(db) ?? new Map();
  }

  activeIn(db: string): JobTrack | undefined {
    return this.tracks.find((track) => track.db === db && isActive(track));
  }

  /** Names that a running restore is changing: neither their rows nor their being there is known. */
  namesInRestore(db: string): ReadonlySet<string> {
    const names = this.tracks
      .filter((track) => track.db === db && isActive(track))
      .flatMap(({ order }) => order?.tables.map(({ target }) => target) ?? []);
    return new Set(names);
  }

  /** The job as the cluster has it. */
  jobOf(track: JobTrack): Job | undefined {
    const jobs = this.machine.cluster.frontend.context.handler.jobs().map(({ job }) => job);
    return jobs.find(
      (job) =>
        job.type === track.kind &&
        job.label === track.label &&
        job.dbName === track.db &&
        (track.state === undefined
          ? job.createTimeMs >= track.createTimeMs
          : job.createTimeMs === track.createTimeMs),
    );
  }

  /** Takes in `job.state`; true when it was about a job of the model. */
  jobMoved({ about }: ClusterEvent): JobTrack | undefined {
    const kind = about['kind'] === 'backup' ? 'BACKUP' : 'RESTORE';
    const to = String(about['to']);
    const isOf = (track: JobTrack): boolean =>
      track.kind === kind && track.label === about['label'] && track.db === about['db'];
    if (about['from'] === null) {
      const track = this.submitting;
      if (track !== undefined && isOf(track)) this.begin(track);
      return track;
    }
    const track = this.tracks.find((each) => isOf(each) && isActive(each));
    if (track === undefined) return undefined;
    const effects = this.enter(track, to);
    this.candidates = distinct(effects.flatMap((effect) => this.candidates.map(effect)));
    return track;
  }

  /** The job is in its slot. */
  begin(track: JobTrack): void {
    this.submitting = undefined;
    this.tracks.push(track);
    const job = this.jobOf(track);
    track.state = 'PENDING';
    track.createTimeMs = job?.createTimeMs ?? this.machine.now;
    if (track.kind !== 'BACKUP') return;
    const early = track.wanted.filter(({ isEarly }) => isEarly);
    track.early = distinct(
      this.candidates.map((each) => selected(each.get(track.db) ?? NO_TABLES, early)),
    );
    const { ttlMinutes, createTimeMs } = track;
    track.snapshot = {
      site: this.index,
      db: track.db,
      overAtMs: ttlMinutes === undefined ? undefined : createTimeMs + ttlMinutes * MINUTE_MS,
      repo: track.repo,
      label: track.label,
      timestamp: timestampText(track.createTimeMs),
      contents: [],
      isFinished: false,
      isOver: false,
      isDropped: false,
      isCollided: false,
      isDamaged: false,
    };
    this.#report.addSnapshot(track.snapshot);
  }

  /** What a job's new state may mean for the tables. */
  enter(track: JobTrack, to: string): readonly Effect[] {
    if (to === 'CANCELLED') this.#excuseRefusal(track);
    track.state = to;
    if (to === (track.db === CATALOGS ? CATALOGS_PREPARED[track.kind] : 'SNAPSHOTING')) {
      this.#prepared(track);
    }
    if (to === 'COMMIT' || to === 'COMMITTING') track.hasReachedCommit = true;
    if (!isTerminal(to)) return [SAME];
    this.tracks = this.tracks.filter((each) => each !== track);
    if (to === 'CANCELLED') this.#checkExcused(track);
    if (track.kind === 'BACKUP') {
      if (track.snapshot !== undefined && to === 'FINISHED') track.snapshot.isFinished = true;
      return [SAME];
    }
    return afterRestore(track, to);
  }

  /** A backup has chosen its versions, a restore its targets. */
  #prepared(track: JobTrack): void {
    if (track.kind === 'RESTORE') {
      track.had = new Set(this.tables(track.db).keys());
      track.touched.clear();
      track.skipped = this.#skippedViews(track);
      return;
    }
    const { snapshot } = track;
    if (snapshot === undefined) return;
    snapshot.contents = distinct(this.candidates.flatMap((each) => contentsOf(track, each)));
    this.noteDamage(snapshot);
    if (snapshot.isDamaged) excuse(track, 'its tables are damaged');
    this.inFlight?.made.push(track);
  }

  /** Active materialized views a restore leaves alone (restore-jobs.md 3.4 step 4.4). */
  #skippedViews({ db, order }: JobTrack): ReadonlySet<string> {
    const { catalog } = this.machine.cluster.frontend.context;
    const id = catalog.databaseIds.get(db);
    const tables = [...((id && catalog.databases.get(id)?.tables.values()) ?? [])];
    const targets = order?.tables.map(({ target }) => target) ?? [];
    const skipped = targets.filter((name) => {
      const known = this.tables(db).get(name);
      const found = tables.find((table) => table.name === name);
      return isView(known) && found?.materializedView?.isActive === true;
    });
    return new Set(skipped);
  }

  /** What is damaged here is damaged in a snapshot of it. */
  noteDamage(snapshot: Snapshot): void {
    for (const { parts, isDamaged } of snapshot.contents.flatMap((each) => [...each.values()])) {
      if (isDamaged || [...parts.values()].some(({ isTorn }) => isTorn)) snapshot.isDamaged = true;
    }
  }

  /** A restore that does not fit what is here ends in its first step. */
  #excuseRefusal(track: JobTrack): void {
    if (track.kind !== 'RESTORE' || track.state !== 'PENDING') return;
    const { order, source } = track;
    if (this.machine.now < this.settledAtMs) excuse(track, 'a backend was away');
    for (const content of source?.contents ?? []) {
      const why = order && refusalOf(this.tables(track.db), content, order);
      if (why !== undefined) excuse(track, why);
    }
  }

  #checkExcused(track: JobTrack): void {
    const job = this.jobOf(track);
    const isLate = job !== undefined && job.finishedTimeMs - job.createTimeMs > job.timeoutMs;
    const text = `${track.kind} ${track.db}.${track.label} was CANCELLED: ${job?.status.msg}`;
    if (track.excuse === undefined) this.#report.violation(`${text}, without a reason`);
    else this.#report.note(`${text} (${isLate ? 'timeout; ' : ''}${track.excuse})`);
  }

  /** A backend has gone or come: the next heartbeats tell the frontend, the next step takes it in. */
  noteBackends(isUp: boolean): void {
    this.settledAtMs = isUp ? this.machine.now + SETTLE_MS : Number.POSITIVE_INFINITY;
  }

  /** The clock is about to jump: no heartbeat comes in the time that it leaves out. */
  noteJump(ms: number): void {
    if (this.machine.now < this.settledAtMs) this.settledAtMs += ms;
  }

  /** Every running job may fail for this reason from now on. */
  excuseAll(why: string, isMeant: (track: JobTrack) => boolean = () => true): void {
    for (const track of this.tracks) if (isActive(track) && isMeant(track)) excuse(track, why);
  }
}

/** A job of catalogs has prepared when it enters this. */
const CATALOGS_PREPARED = { BACKUP: 'SAVE_META', RESTORE: 'COMMITTING' } as const;

/** What a backup takes if the databases are these now. */
export function contentsOf(track: JobTrack, databases: Databases): readonly ModelTables[] {
  const late = track.wanted.filter(({ isEarly }) => !isEarly);
  const now = selected(databases.get(track.db) ?? NO_TABLES, late);
  return track.early.map((early) => new Map([...now, ...early]));
}

/** One effect for each content that the snapshot may have. */
function afterRestore(track: JobTrack, to: string): readonly Effect[] {
  const { db, order, source, had, touched, skipped } = track;
  if (order === undefined || source === undefined) return [SAME];
  if (to === 'CANCELLED' && !track.hasReachedCommit) return [SAME];
  const change = to === 'FINISHED' ? restored : torn;
  return source.contents.map((content) => (databases) => {
    const here = databases.get(db);
    if (here === undefined) return databases;
    const tables = order.tables.filter(({ source: name, target }) => {
      // What has no rows nobody holds: as a user leaves it, it stays.
      const isHeld = had.has(target) && content.get(name)?.text === undefined;
      return !skipped.has(target) && (isHeld || !touched.has(target));
    });
    return new Map([...databases, [db, change(here, content, { ...order, tables }, had)]]);
  });
}
