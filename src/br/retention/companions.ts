/**
 * Snapshots of the ops database go with the backups that they were taken after, but for the newest
 * few: a new cluster begins with one of them (BR-DR). One whose backup is gone is remembered by an
 * event until it may go. Those of other clusters in the same repository are in no record of ours.
 */
import type { Session } from '../commands/session.ts';
import { BrError, messageOf } from '../errors.ts';
import { readMeta } from '../ops/backup-meta.ts';
import { labelsOfEvent, recordEvent } from '../ops/events.ts';

/** So many stay whatever happens to their backups. */
const NEWEST_KEPT = 3;

const LEFT = 'meta-snapshot.left';
const DROPPED = 'meta-snapshot.dropped';

/** Before the record of its backup is deleted. */
export async function leaveCompanion({ ops }: Session, companion: string): Promise<void> {
  const detail = 'its backup is deleted';
  await recordEvent(ops, { level: 'info', event: LEFT, label: companion, detail });
}

/** Drops those that may go; answers those that could not be dropped. */
export async function sweepCompanions(
  { ops, report }: Session,
  drop: (label: string) => Promise<void>,
): Promise<readonly string[]> {
  const metas = [...(await readMeta(ops)).values()];
  const inUse = metas.flatMap(({ metaSnapshotLabel }) => metaSnapshotLabel ?? []);
  const dropped = new Set(await labelsOfEvent(ops, DROPPED));
  const left = (await labelsOfEvent(ops, LEFT)).filter((label) => !dropped.has(label));
  const newest = new Set([...new Set([...inUse, ...left])].sort().slice(-NEWEST_KEPT));
  const failed: string[] = [];
  for (const label of left) {
    if (newest.has(label) || inUse.includes(label)) continue;
    try {
      await drop(label);
      await recordEvent(ops, { level: 'info', event: DROPPED, label, detail: '' });
    } catch (error) {
      if (!(error instanceof BrError)) throw error;
      report.warn(`${label} was not deleted: ${messageOf(error)}`);
      failed.push(label);
    }
  }
  return failed;
}
