/** Where history and repository disagree, from facts alone (BR-AUDIT, BR-MON). */
import { META_LABEL_START } from '../backup/meta-snapshot.ts';
import type { Snapshot } from '../cluster/snapshots.ts';
import type { HistoryRow } from '../ops/history.ts';
import type { Books } from '../restore/chain.ts';
import { type Backup, finishedBackups } from './lineage.ts';

export interface Consistency {
  /** FINISHED by history, but the repository has no whole snapshot of it. */
  readonly lost: readonly HistoryRow[];
  /** Whole snapshots that no history knows, except of runs that are not over. */
  readonly orphans: readonly Snapshot[];
  /** The snapshot is there, but not all that it stands on. */
  readonly unrestorable: readonly Backup[];
}

/** Backups in other repositories are not judged. `openLabels`: of runs that are not over. */
export function consistencyOf(
  books: Books,
  snapshots: readonly Snapshot[],
  repository: string,
  openLabels: ReadonlySet<string>,
): Consistency {
  const here = books.history.filter((row) => row.repository === repository);
  const known = new Set(books.history.map(({ label }) => label));
  const whole = new Set(snapshots.filter(({ isOk }) => isOk).map(({ label }) => label));
  const finished = finishedBackups({ ...books, history: here });
  return {
    lost: here.filter(({ status, label }) => status === 'FINISHED' && !whole.has(label)),
    orphans: snapshots.filter(
      ({ label, isOk }) =>
        isOk && !known.has(label) && !openLabels.has(label) && !label.startsWith(META_LABEL_START),
    ),
    unrestorable: finished.filter(
      ({ label, chain }) =>
        whole.has(label) && (chain === undefined || chain.some((link) => !whole.has(link))),
    ),
  };
}
