/** What the model keeps of a job while it runs, and of the snapshots that jobs have made. */
import type { Millis } from '../base/clock.ts';
import type { JobKind } from '../jobs/abstract-job.ts';
import type { ModelTable, ModelTables } from './model.ts';
import type { RestoreOrder } from './model-restore.ts';

/** Every job of a run has this timeout, the shortest there is. */
export const JOB_TIMEOUT_SEC = 600;

/** A table that a backup was asked for; without a list of partitions, all. */
export interface WantedTable {
  readonly name: string;
  readonly part: number | undefined;
  /** A function or a catalog: backed up as it was when the statement came. */
  readonly isEarly: boolean;
}

export interface JobTrack {
  readonly kind: JobKind;
  readonly db: string;
  readonly label: string;
  readonly repo: string;
  /** Undefined until the job is there. */
  state: string | undefined;
  /** Before that: when the statement was begun. */
  createTimeMs: Millis;
  /** Why it may end CANCELLED; without one it must finish. */
  excuse: string | undefined;
  /** BACKUP: its objects, settled by the statement. */
  readonly wanted: readonly WantedTable[];
  /** RESTORE. */
  readonly order: RestoreOrder | undefined;
  readonly source: Snapshot | undefined;
  /** RESTORE: the targets that were there when it prepared. */
  had: ReadonlySet<string>;
  /** RESTORE: active materialized views, which it leaves alone. */
  skipped: ReadonlySet<string>;
  hasReachedCommit: boolean;
  /** RESTORE: targets that a statement has changed or dropped meanwhile. */
  readonly touched: Set<string>;
  /** BACKUP: its early objects, once for each state that the cluster may have been in. */
  early: readonly ModelTables[];
  /** BACKUP: minutes that its snapshot is kept. */
  readonly ttlMinutes: number | undefined;
  /** BACKUP: what it makes. */
  snapshot: Snapshot | undefined;
}

export interface Snapshot {
  readonly site: number;
  readonly db: string;
  readonly repo: string;
  readonly label: string;
  /** As SHOW SNAPSHOT has it. */
  readonly timestamp: string;
  /** What it may hold: more than one when a statement was under way as it was made. */
  contents: readonly ModelTables[];
  /** The job that made it has FINISHED. */
  isFinished: boolean;
  /** From then on the cluster that made it may delete it. */
  readonly overAtMs: Millis | undefined;
  isOver: boolean;
  isDropped: boolean;
  /** Quirk Q6: another backup wrote under the same label; anything may be in there. */
  isCollided: boolean;
  /** The run damaged a file of it: it may not come back, but never wrong. */
  isDamaged: boolean;
}

/** Dropped, or free to be. */
export function isGone({ isDropped, isOver }: Snapshot): boolean {
  return isDropped || isOver;
}

export function isActive(track: JobTrack): boolean {
  return track.state !== undefined && track.state !== 'FINISHED' && track.state !== 'CANCELLED';
}

export function excuse(track: JobTrack, why: string): void {
  track.excuse ??= why;
}

/** The tables of a database that a backup takes. */
export function selected(tables: ModelTables, wanted: readonly WantedTable[]): ModelTables {
  const chosen = new Map<string, ModelTable>();
  for (const { name, part } of wanted) {
    const table = tables.get(name);
    if (table === undefined) continue;
    const parts = [...table.parts].filter(([number]) => part === undefined || number === part);
    chosen.set(name, { ...table, parts: new Map(parts), hasTemporary: false });
  }
  return chosen;
}

/** `yyyy-MM-dd-HH-mm-ss-SSS` in UTC. */
export function timestampText(ms: Millis): string {
  return new Date(ms).toISOString().replace(/[T:.]/g, '-').replace('Z', '');
}

export function nameOfSnapshot({ repo, label, timestamp }: Snapshot): string {
  return `${repo}/${label} of ${timestamp}`;
}
