/** What an audit looks for: where history, manifest, slots and repository disagree (BR-AUDIT). */

import { SECOND_MS } from '../../base/units.ts';
import { findJob, isDone } from '../cluster/jobs.ts';
import { businessDatabases } from '../cluster/names.ts';
import { requireRepository } from '../cluster/repositories.ts';
import { type Snapshot, snapshotsOn } from '../cluster/snapshots.ts';
import type { Session } from '../commands/session.ts';
import { consistencyOf } from '../history/consistency.ts';
import { dependentsOf, finishedBackups } from '../history/lineage.ts';
import { readBooks } from '../history/read-books.ts';
import type { HistoryRow } from '../ops/history.ts';
import { stateLabels } from '../ops/partition-state.ts';
import { type ActiveSlot, activeSlots, type Claim, readClaims } from '../ops/run-status.ts';
import type { Books } from '../restore/chain.ts';

export type AuditFinding =
  | { readonly kind: 'history-without-snapshot'; readonly label: string; readonly row: HistoryRow }
  | {
      readonly kind: 'snapshot-without-history';
      readonly label: string;
      readonly snapshot: Snapshot;
    }
  | { readonly kind: 'manifest-without-history'; readonly label: string }
  | { readonly kind: 'slot-without-job'; readonly label: string; readonly slot: ActiveSlot }
  /** Its own snapshot is whole, but not all that it stands on. Nothing can mend that. */
  | { readonly kind: 'unrestorable'; readonly label: string };

export interface Audit {
  readonly findings: readonly AuditFinding[];
  readonly books: Books;
  readonly snapshots: readonly Snapshot[];
}

/** Fails if the repository cannot be read: what cannot be listed is not known to be gone. */
export async function audit(session: Session): Promise<Audit> {
  const { connection, ops, config } = session;
  await requireRepository(connection, config.repository);
  const books = await readBooks(ops);
  const snapshots = await snapshotsOn(connection, config.repository);
  const slots = await activeSlots(ops);
  const claims = await readClaims(ops);
  const open = new Set([...slots, ...claims].map(({ label }) => label));
  const stale = await slotsWithoutJob(session, slots, claims);
  const staleLabels = new Set(stale.map(({ label }) => label));
  const { lost, orphans, unrestorable } = consistencyOf(books, snapshots, config.repository, open);
  const known = new Set([
    ...books.history.map(({ label }) => label),
    ...orphans.map(({ label }) => label),
    ...open,
  ]);
  const listed = new Set([
    ...books.manifest.map(({ label }) => label),
    ...books.metas.keys(),
    ...(await stateLabels(ops)),
  ]);
  return {
    books,
    snapshots,
    findings: [
      ...lost.map(
        (row): AuditFinding => ({ kind: 'history-without-snapshot', label: row.label, row }),
      ),
      ...orphans.map(
        (snapshot): AuditFinding => ({
          kind: 'snapshot-without-history',
          label: snapshot.label,
          snapshot,
        }),
      ),
      ...[...listed]
        .filter((label) => !known.has(label))
        .sort()
        .map((label): AuditFinding => ({ kind: 'manifest-without-history', label })),
      ...slots
        .filter(({ label }) => staleLabels.has(label))
        .map((slot): AuditFinding => ({ kind: 'slot-without-job', label: slot.label, slot })),
      ...unrestorable.map(({ label }): AuditFinding => ({ kind: 'unrestorable', label })),
    ],
  };
}

/** Slots whose job is over or nowhere, and of whose owner nothing was heard for the grace. */
async function slotsWithoutJob(
  { connection, ops, config }: Session,
  slots: readonly ActiveSlot[],
  claims: readonly Claim[],
): Promise<readonly ActiveSlot[]> {
  if (slots.length === 0) return [];
  const databases = [...(await businessDatabases(connection, ops.database)), ops.database];
  const stale: ActiveSlot[] = [];
  for (const slot of slots) {
    const found = await findJob(connection, slot.scope, slot.label, databases);
    const owners = claims.filter((each) => each.scope === slot.scope && each.label === slot.label);
    const silentSeconds = Math.min(slot.ageSeconds, ...owners.map((each) => each.silentSeconds));
    const isSilent = silentSeconds * SECOND_MS > config.slot.graceMs;
    if (isSilent && (found === undefined || isDone(found.job))) stale.push(slot);
  }
  return stale;
}

/** One line for people, with the command that deals with it. */
export function findingText(finding: AuditFinding, { books }: Audit): string {
  const { label } = finding;
  switch (finding.kind) {
    case 'history-without-snapshot': {
      const above = dependentsOf(finishedBackups(books), label).map((each) => each.label);
      const also = above.length === 0 ? '' : `; these stand on it: ${above.join(', ')}`;
      const expiresAt = books.metas.get(label)?.expiresAt;
      const until = expiresAt === undefined ? '' : `, where it was to stay until ${expiresAt}`;
      const is = `FINISHED in the history, not in the repository${until}`;
      return `${label}: ${is}${also} -> srbr prune --reverse-orphans`;
    }
    case 'snapshot-without-history':
      return `${label}: in the repository, not in the history -> srbr reconcile --label ${label}`;
    case 'manifest-without-history':
      return `${label}: in manifests only, neither history nor repository -> srbr audit --fix`;
    case 'slot-without-job':
      return `${label}: ${finding.slot.scope} slot without job -> srbr reconcile --label ${label}`;
    case 'unrestorable':
      return `${label}: what it stands on is not in the repository -> take a full backup`;
  }
}
