/**
 * The companion of a backup: a snapshot of the ops database, so that a new cluster finds history,
 * manifest and lineage in the repository (BR-DR). Its failure is told, and fails no backup.
 */
import { dialectOf } from '../cluster/dialect.ts';
import { runningJob } from '../cluster/jobs.ts';
import { type Snapshot, snapshotsOn } from '../cluster/snapshots.ts';
import type { Session } from '../commands/session.ts';
import { BrError, LostConnection, messageOf, ServerError } from '../errors.ts';
import { trackJob } from '../jobs/track-job.ts';
import { updateMeta } from '../ops/backup-meta.ts';
import { recordEvent } from '../ops/events.ts';
import { serverNow } from '../ops/ops.ts';
import { backupText } from './statement.ts';

export const META_LABEL_START = 'opsmeta_';

/** Whole snapshots that are not of an ops database. */
export function backupsAmong(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  return snapshots.filter(({ isOk, label }) => isOk && !label.startsWith(META_LABEL_START));
}

export async function takeMetaSnapshot(session: Session, label: string): Promise<void> {
  const { connection, ops, config, report } = session;
  try {
    const running = await runningJob(connection, ops.database);
    if (running !== undefined) {
      report.info(`no snapshot of ${ops.database}: ${running.label} runs there`);
      return;
    }
    const metaLabel = await freeMetaLabel(session);
    await connection.query(
      backupText(
        {
          database: ops.database,
          label: metaLabel,
          repository: config.repository,
          tables: undefined,
          views: [],
          materializedViews: [],
          functions: [],
          timeoutSeconds: undefined,
          ttl: undefined,
        },
        await dialectOf(connection),
      ),
    );
    const tracked = { kind: 'backup', database: ops.database, label: metaLabel } as const;
    const end = await trackJob(tracked, { ...session, beat: async () => undefined });
    if (end.state !== 'FINISHED') return await tellFailure(session, label, end.reason ?? end.state);
    await updateMeta(ops, label, { meta_snapshot_label: metaLabel });
    report.info(`snapshot of ${ops.database}: ${metaLabel}`);
  } catch (error) {
    if (!isOfServer(error)) throw error;
    await tellFailure(session, label, messageOf(error));
  }
}

/** Also lost track, which `trackJob` tells as an error of ours. */
function isOfServer(error: unknown): boolean {
  return (
    error instanceof ServerError || error instanceof LostConnection || error instanceof BrError
  );
}

async function tellFailure({ ops, report }: Session, label: string, why: string): Promise<void> {
  const detail = `no snapshot of ${ops.database}: ${why}`;
  report.warn(detail);
  try {
    await recordEvent(ops, { level: 'warning', event: 'meta-snapshot.failed', label, detail });
  } catch (error) {
    if (!isOfServer(error)) throw error;
    report.warn(`nor could that be recorded: ${messageOf(error)}`);
  }
}

/** `opsmeta_<YYYYMMDDHHMMSS>_<n>` on the cluster's wall. */
async function freeMetaLabel({ connection, config }: Session): Promise<string> {
  const taken = new Set((await snapshotsOn(connection, config.repository)).map((s) => s.label));
  const now = (await serverNow(connection)).replace(/\D/g, '');
  for (let count = 1; ; count += 1) {
    const label = `${META_LABEL_START}${now}_${count}`;
    if (!taken.has(label)) return label;
  }
}
