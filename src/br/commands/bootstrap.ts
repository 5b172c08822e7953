/**
 * `srbr bootstrap`: history, manifest and lineage on a new cluster, from the repository alone
 * (BR-DR). The newest snapshot of an ops database is merged in; what no record knows is
 * reconstructed from what the repository tells. Again it changes nothing.
 */
import { META_LABEL_START } from '../backup/meta-snapshot.ts';
import type { Call } from '../cli/command-spec.ts';
import { requireRepository } from '../cluster/repositories.ts';
import { requireSharedNothing } from '../cluster/run-mode.ts';
import { type Snapshot, snapshotDetails, snapshotsOn } from '../cluster/snapshots.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError, EXIT } from '../errors.ts';
import { finishedBackups } from '../history/lineage.ts';
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
  const snapshots = (await snapshotsOn(connection, config.repository)).filter(({ isOk }) => isOk);
  const meta = await newestMeta(session, snapshots);
  if (meta !== undefined) await mergeOps(session, meta.snapshot, meta.database);
  const found = await reconstructMissing(session, snapshots);
  const backups = finishedBackups(await readBooks(ops));
  const restorable = backups.filter(({ chain }) => chain !== undefined).map(({ label }) => label);
  const needBase = backups.filter(({ chain }) => chain === undefined).map(({ label }) => label);
  report.result({ from: meta?.snapshot.label ?? null, found, restorable, needBase }, [
    meta === undefined ? 'no snapshot of an ops database' : `history from ${meta.snapshot.label}`,
    `reconstructed: ${found.join(', ') || 'none'}`,
    `can be restored: ${restorable.join(', ') || 'none'}`,
    ...(needBase.length > 0 ? [`need --base: ${needBase.join(', ')}`] : []),
  ]);
  return EXIT.ok;
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
  /** What the ops database was called where the snapshot was made. */
  readonly database: string;
}

async function newestMeta(
  { connection, config }: Session,
  snapshots: readonly Snapshot[],
): Promise<MetaSnapshot | undefined> {
  const newest = snapshots
    .filter(({ label }) => label.startsWith(META_LABEL_START))
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1))
    .at(-1);
  if (newest === undefined) return undefined;
  const details = await snapshotDetails(connection, config.repository, newest);
  if (details === undefined) {
    throw new BrError('failed', `the server does not tell what ${quoteName(newest.label)} holds`);
  }
  return { snapshot: newest, database: details.database };
}

async function reconstructMissing(
  session: Session,
  snapshots: readonly Snapshot[],
): Promise<readonly string[]> {
  const known = new Set((await readBooks(session.ops)).history.map(({ label }) => label));
  const found: string[] = [];
  for (const snapshot of snapshots) {
    if (known.has(snapshot.label) || snapshot.label.startsWith(META_LABEL_START)) continue;
    if (await reconstruct(session, snapshot)) found.push(snapshot.label);
    else session.report.warn(`${snapshot.label}: the server does not tell what it holds`);
  }
  return found;
}
