/** The backup that an incremental one is measured against (BR-INC). */
import { formatDateTime, parseDateTime } from '../../base/time-zone.ts';
import { SECOND_MS } from '../../base/units.ts';
import { snapshotsOn } from '../cluster/snapshots.ts';
import type { Session } from '../commands/session.ts';
import { BrError } from '../errors.ts';
import { finishedBackups } from '../history/lineage.ts';
import { readBooks } from '../history/read-books.ts';
import type { BackupMeta } from '../ops/backup-meta.ts';
import type { BackupObjects } from '../ops/backup-objects.ts';
import { type HistoryRow, historyOf } from '../ops/history.ts';
import type { Ops } from '../ops/ops.ts';
import { statesOf } from '../ops/partition-state.ts';
import type { Books } from '../restore/chain.ts';
import type { Baseline } from './selection.ts';

export interface BaselineChoice {
  readonly label: string;
  /** The full backup at the start of its chain. */
  readonly rootLabel: string;
  /** Links from the root to it; 1 for a full backup. */
  readonly chainLength: number;
  readonly startedAt: string;
  readonly isFull: boolean;
  readonly baseline: Baseline;
  /** `undefined` if nobody has recorded them. */
  readonly objects: BackupObjects | undefined;
}

export interface BaselineWish {
  readonly group: string;
  readonly database: string;
  /** A backup by its label, or the newest that fits. */
  readonly label: string | undefined;
  readonly since: 'last-full' | 'last-backup';
  /** How much earlier than upstream's record a change counts; it records no versions. */
  readonly marginMs: number;
}

interface Candidate {
  readonly row: HistoryRow;
  readonly meta: BackupMeta | undefined;
}

/**
 * `no-full-backup` with the candidates there are. Backups of which the repository lacks a snapshot
 * are passed over, since what stands on them could never be restored; by name they are refused.
 */
export async function findBaseline(
  session: Pick<Session, 'connection' | 'config' | 'ops' | 'report'>,
  wish: BaselineWish,
): Promise<BaselineChoice> {
  const { ops, report } = session;
  const books = await readBooks(ops);
  const { metas } = books;
  const finished = books.history.filter(({ status }) => status === 'FINISHED');
  const missing = await missingSnapshots(session, books);
  const candidates = finished.map((row) => ({ row, meta: metas.get(row.label) }));
  const tables = tablesByLabel(books);
  const fits = candidates.filter((candidate) => isOfGroup(candidate, wish, tables));
  const isWanted = ({ row }: Candidate): boolean =>
    wish.label === undefined
      ? wish.since === 'last-backup' || row.type === 'full'
      : row.label === wish.label;
  const pool = wish.label === undefined ? fits : candidates;
  const wanted = pool.filter(isWanted).sort(byAge);
  const chosen = wanted.findLast(({ row }) => !missing.has(row.label));
  for (const { row } of wanted.slice(chosen === undefined ? 0 : wanted.indexOf(chosen) + 1)) {
    const names = missing.get(row.label)?.join(', ');
    report.warn(`${row.label} cannot be a baseline: the repository does not have ${names}`);
  }
  if (chosen === undefined) throw noBaseline(wish, fits, missing);
  return {
    label: chosen.row.label,
    rootLabel: chosen.meta?.rootLabel ?? chosen.row.label,
    chainLength: chainLength(chosen.row.label, metas),
    startedAt: chosen.row.startedAt,
    isFull: chosen.row.type === 'full',
    baseline: await baselineOf(ops, chosen, wish.marginMs, tables),
    objects: chosen.meta?.objects,
  };
}

/** Of each finished backup that cannot be restored: the labels that its chain lacks. */
async function missingSnapshots(
  { connection, config }: Pick<Session, 'connection' | 'config'>,
  books: Books,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const snapshots = await snapshotsOn(connection, config.repository);
  const whole = new Set(snapshots.filter(({ isOk }) => isOk).map(({ label }) => label));
  const missing = new Map<string, readonly string[]>();
  for (const { label, chain } of finishedBackups(books)) {
    const gone = (chain ?? [label]).filter((link) => !whole.has(link));
    if (gone.length > 0) missing.set(label, gone);
  }
  return missing;
}

/**
 * Called when the run's own records stand, so that a prune that comes later sees them: one that
 * came before has taken the baseline.
 */
export async function requireStanding(ops: Ops, { label }: BaselineChoice): Promise<void> {
  if ((await historyOf(ops, label))?.status === 'FINISHED') return;
  throw new BrError('no-full-backup', `baseline '${label}' was deleted meanwhile`, {
    advice: ['run the backup again: it takes the next one, or make a full backup'],
  });
}

/** The server's snapshot time where it is known, else what upstream wrote. */
function byAge(a: Candidate, b: Candidate): number {
  const time = ({ row, meta }: Candidate): string =>
    meta?.submittedAt ?? row.finishedAt ?? row.startedAt;
  return time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : a.row.label < b.row.label ? -1 : 1;
}

/** Upstream records no group: its backup counts if it holds tables of this database. */
function isOfGroup(
  { row, meta }: Candidate,
  { group, database }: BaselineWish,
  tables: ReadonlyMap<string, LabelTables>,
): boolean {
  if (meta !== undefined) return meta.group === group && meta.database === database;
  return tables.get(row.label)?.database === database;
}

interface LabelTables {
  readonly database: string;
  readonly tables: ReadonlySet<string>;
}

function tablesByLabel({ manifest }: Books): ReadonlyMap<string, LabelTables> {
  const byLabel = new Map<string, { database: string; tables: Set<string> }>();
  for (const { label, database, table } of manifest) {
    const known = byLabel.get(label) ?? { database, tables: new Set<string>() };
    known.tables.add(table);
    byLabel.set(label, known);
  }
  return byLabel;
}

async function baselineOf(
  ops: Ops,
  { row, meta }: Candidate,
  marginMs: number,
  tables: ReadonlyMap<string, LabelTables>,
): Promise<Baseline> {
  const states = meta === undefined ? [] : await statesOf(ops, [row.label]);
  if (states.length > 0) return { kind: 'states', states };
  // Both times are of one clock on one wall, so any zone serves to move back along it.
  const startMs = parseDateTime(row.startedAt, 'UTC');
  if (startMs === undefined) throw new Error(`backup_history: bad time ${row.startedAt}`);
  return {
    kind: 'time',
    since: formatDateTime(startMs - Math.max(marginMs, SECOND_MS), 'UTC'),
    tables: tables.get(row.label)?.tables ?? new Set(),
  };
}

/** Backups to restore, one after the other, to have this one. */
export function chainLength(label: string, metas: ReadonlyMap<string, BackupMeta>): number {
  const seen = new Set<string>();
  let at: string | undefined = label;
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    at = metas.get(at)?.baselineLabel;
  }
  return seen.size;
}

function noBaseline(
  { group, database, label }: BaselineWish,
  fits: readonly Candidate[],
  missing: ReadonlyMap<string, readonly string[]>,
): BrError {
  const whole = fits.filter(({ row }) => !missing.has(row.label));
  const known = whole.map(({ row }) => `${row.label} (${row.type})`).join(', ') || 'none';
  const message =
    label === undefined
      ? `no finished full backup of group '${group}' in database '${database}'` +
        (fits.length > whole.length ? ' whose snapshots are all there' : '')
      : `baseline '${label}' not found or not FINISHED; candidates: ${known}`;
  return new BrError('no-full-backup', message, {
    advice: [`srbr backup full --group ${group}`, 'srbr list shows what there is'],
    inputs: { group, database, ...(label !== undefined && { baseline: label }) },
  });
}
