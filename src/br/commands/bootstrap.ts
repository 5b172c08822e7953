/**
 * `srbr bootstrap`: history, manifest and lineage on a new cluster, from the repository alone
 * (BR-DR). The newest snapshot of an ops database is merged in; what no record knows is
 * reconstructed from what the repository tells. Again it changes nothing.
 */
import { backupsAmong, META_LABEL_START } from '../backup/meta-snapshot.ts';
import type { Call } from '../cli/command-spec.ts';
import { requireRepository } from '../cluster/repositories.ts';
import { requireSharedNothing } from '../cluster/run-mode.ts';
import {
  type Snapshot,
  type SnapshotDetails,
  snapshotDetails,
  snapshotsOn,
} from '../cluster/snapshots.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError, EXIT } from '../errors.ts';
import { consistencyOf } from '../history/consistency.ts';
import { mergeOps } from '../history/merge-ops.ts';
import { readBooks } from '../history/read-books.ts';
import { reconstruct } from '../history/reconstruct.ts';
import { createSchema } from '../ops/schema.ts';
import { type Session, sessionOf } from './session.ts';

export async function runBootstrap(call: Call): Promise<number> {
  const session = sessionOf(call, call.connection);
  const { connection, config, ops, report } = session;
  await requireSharedNothing(connection);
  await createRepository(session);
  await requireRepository(connection, config.repository);
  await createSchema(ops, { replicationNum: config.opsReplicationNum, report });
  const snapshots = await snapshotsOn(connection, config.repository);
  const meta = await newestMeta(session, snapshots);
  if (meta !== undefined) await mergeOps(session, meta.snapshot, meta.details);
  const found = await reconstructMissing(session, backupsAmong(snapshots));
  const outcome = {
    from: meta?.snapshot.label ?? null,
    found,
    ...(await judged(session, snapshots)),
  };
  const { restorable, needBase, gone } = outcome;
  report.result(outcome, [
    meta === undefined ? 'no snapshot of an ops database' : `history from ${meta.snapshot.label}`,
    `reconstructed: ${found.join(', ') || 'none'}`,
    `can be restored: ${restorable.join(', ') || 'none'}`,
    ...(needBase.length > 0 ? [`need --base: ${needBase.join(', ')}`] : []),
    ...(gone.length > 0 ? [`not in the repository any more: ${gone.join(', ')}`] : []),
  ]);
  return EXIT.ok;
}

interface Judged {
  readonly restorable: readonly string[];
  /** Which full backup they stand on is not known, or it is gone. */
  readonly needBase: readonly string[];
  /** Deleted after the newest snapshot of the ops database was taken, or damaged. */
  readonly gone: readonly string[];
}

async function judged({ ops, config }: Session, snapshots: readonly Snapshot[]): Promise<Judged> {
  const books = await readBooks(ops);
  const { repository } = config;
  const { lost, unrestorable } = consistencyOf(books, snapshots, repository, new Set());
  const gone = lost.map(({ label }) => label);
  const needBase = unrestorable.map(({ label }) => label);
  const restorable = books.history
    .filter((row) => row.status === 'FINISHED' && row.repository === repository)
    .map(({ label }) => label)
    .filter((label) => !gone.includes(label) && !needBase.includes(label));
  return { restorable, needBase, gone };
}

/** `--repository-sql FILE`: a statement with its credentials is no part of the configuration. */
async function createRepository({ options, ports, connection, config }: Session): Promise<void> {
  const path = options.text('repositorySql');
  if (path === undefined) return;
  const there = await connection.query('SHOW REPOSITORIES');
  if (there.some((row) => row['RepoName'] === config.repository)) return;
  const sql = await ports.readText(path);
  if (sql === undefined) throw new BrError('config-file', `there is no file ${path}`);
  await connection.query(sql.trim().replace(/;$/, ''));
}

interface MetaSnapshot {
  readonly snapshot: Snapshot;
  /** What it holds, and what the ops database was called where it was made. */
  readonly details: SnapshotDetails;
}

async function newestMeta(
  { connection, config }: Session,
  snapshots: readonly Snapshot[],
): Promise<MetaSnapshot | undefined> {
  const newest = snapshots
    .filter(({ isOk, label }) => isOk && label.startsWith(META_LABEL_START))
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1))
    .at(-1);
  if (newest === undefined) return undefined;
  const details = await snapshotDetails(connection, config.repository, newest);
  if (details === undefined) {
    throw new BrError('failed', `the server does not tell what ${quoteName(newest.label)} holds`);
  }
  return { snapshot: newest, details };
}

async function reconstructMissing(
  session: Session,
  snapshots: readonly Snapshot[],
): Promise<readonly string[]> {
  const known = new Set((await readBooks(session.ops)).history.map(({ label }) => label));
  const unknown = snapshots.filter(({ label }) => !known.has(label));
  const found = await reconstruct(session, unknown, snapshots);
  for (const { label } of unknown) {
    if (found.includes(label)) continue;
    session.report.warn(`${label}: the server does not tell what it holds`);
  }
  return found;
}
