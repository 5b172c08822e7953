/** Mends what an audit has found, where nothing can be lost by it (BR-AUDIT). */
import { backupsAmong } from '../backup/meta-snapshot.ts';
import { deleteRecords } from '../backup/records.ts';
import { findJob } from '../cluster/jobs.ts';
import { businessDatabases } from '../cluster/names.ts';
import { snapshotDetails, snapshotOn } from '../cluster/snapshots.ts';
import type { Session } from '../commands/session.ts';
import { reconstruct } from '../history/reconstruct.ts';
import { settleBackup, settleSlot } from '../jobs/settle.ts';
import { recordEvent } from '../ops/events.ts';
import { writeHistory } from '../ops/history.ts';
import { deleteManifest } from '../ops/manifest.ts';
import { deleteStates } from '../ops/partition-state.ts';
import { deleteClaim, readClaims } from '../ops/run-status.ts';
import { databaseOf } from '../restore/chain.ts';
import type { Audit, AuditFinding } from './findings.ts';

/** Answers what was done; `undefined` if it is left as it is. */
export async function fix(
  session: Session,
  audit: Audit,
  finding: AuditFinding,
): Promise<string | undefined> {
  const done = await mend(session, audit, finding);
  if (done === undefined) return undefined;
  await recordEvent(session.ops, {
    level: 'warning',
    event: 'audit.fixed',
    label: finding.label,
    detail: `${finding.kind}: ${done}`,
  });
  return `${finding.label}: ${done}`;
}

async function mend(
  session: Session,
  audit: Audit,
  finding: AuditFinding,
): Promise<string | undefined> {
  const { ops } = session;
  switch (finding.kind) {
    case 'history-without-snapshot':
      return await markLost(session, finding);
    case 'snapshot-without-history':
      return await adopt(session, audit, finding);
    case 'manifest-without-history':
      await deleteRecords(ops, finding.label);
      return 'manifest deleted';
    case 'slot-without-job': {
      const databases = [
        ...(await businessDatabases(session.connection, ops.database)),
        ops.database,
      ];
      const { scope, label } = finding.slot;
      const found = await findJob(session.connection, scope, label, databases);
      const state = await settleSlot(finding.slot, found?.job, session);
      for (const claim of await readClaims(ops)) {
        if (claim.scope === scope && claim.label === label) await deleteClaim(ops, claim.id);
      }
      return `slot set to ${state}`;
    }
    case 'unrestorable':
      return undefined;
  }
}

/** Only if the repository says that there is none: a damaged snapshot may be repaired. */
async function markLost(
  { connection, config, ops }: Session,
  { label, row }: Extract<AuditFinding, { kind: 'history-without-snapshot' }>,
): Promise<string | undefined> {
  if ((await snapshotOn(connection, config.repository, label)) !== undefined) return undefined;
  await deleteManifest(ops, label);
  await deleteStates(ops, label);
  const error = `the snapshot is not in repository ${config.repository} any more`;
  const { type, repository, startedAt, finishedAt } = row;
  await writeHistory(ops, {
    ...{ label, type, status: 'LOST', repository, startedAt, finishedAt, error },
  });
  return 'history set to LOST';
}

/**
 * Of a run of ours, its facts are there. Of others only snapshots of databases that this cluster
 * has, or has backed up, are taken in: the repository may be another cluster's too.
 */
async function adopt(
  session: Session,
  { books, snapshots }: Audit,
  { label, snapshot }: Extract<AuditFinding, { kind: 'snapshot-without-history' }>,
): Promise<string | undefined> {
  const { connection, config, ops } = session;
  if (books.metas.has(label)) {
    await settleBackup({ label, state: 'FINISHED', reason: undefined, job: undefined }, session);
    return 'history set to FINISHED';
  }
  const details = await snapshotDetails(connection, config.repository, snapshot);
  const ours = new Set([
    ...(await businessDatabases(connection, ops.database)),
    ...books.history.map((row) => databaseOf(books, row.label)),
  ]);
  if (details === undefined || !ours.has(details.database)) return undefined;
  const done = await reconstruct(session, [snapshot], backupsAmong(snapshots));
  return done.length > 0 ? 'history and manifest reconstructed' : undefined;
}
