/**
 * The rows of SHOW SNAPSHOT (repository.md 6.2, resolutions.md 14 and 15). A `null` cell is an SQL
 * NULL. Trouble with one snapshot is text in its row; only a listing of all may fail as a whole.
 */
import type { Op } from '../base/op.ts';
import { briefJobInfo } from './job-info-codec.ts';
import { decodeJobInfo } from './job-info-reader.ts';
import type { RepositoryStore } from './repository-store.ts';
import type { StatusOr } from './status.ts';
import { guardNow, isOk, success } from './status-guard.ts';

/** `WHERE SNAPSHOT = 'x' [AND TIMESTAMP = 't']` or `SNAPSHOT IN (...)`; no snapshots: no WHERE. */
export interface ShowSnapshotFilter {
  readonly snapshots: readonly string[];
  readonly isList: boolean;
  /** Only with one snapshot; it selects the five-column form. */
  readonly timestamp: string | undefined;
}

export type SnapshotRow = readonly (string | null)[];

/**
 * Three cells a row (Snapshot, Timestamp, Status); with a timestamp five (Snapshot, Timestamp,
 * Database, Details, Status). Fails when the labels cannot be listed, or when a job info file
 * that verifies is no job info: the statement fails with it, as in StarRocks.
 */
export function* showSnapshots(
  repository: RepositoryStore,
  filter: ShowSnapshotFilter,
): Op<StatusOr<readonly SnapshotRow[]>> {
  const [only] = filter.snapshots;
  if (only !== undefined && filter.timestamp !== undefined) {
    return yield* detailRow(repository, only, filter.timestamp);
  }
  if (only !== undefined && !filter.isList) {
    return success([yield* oneRow(repository, only)]);
  }
  const labels = yield* repository.listSnapshots();
  if (!isOk(labels)) return labels;
  const wanted = new Set(filter.snapshots);
  const rows: SnapshotRow[] = [];
  for (const label of labels.value) {
    if (filter.isList && !wanted.has(label)) continue;
    rows.push(yield* oneRow(repository, label));
  }
  return success(rows);
}

function* oneRow(repository: RepositoryStore, label: string): Op<SnapshotRow> {
  const infos = yield* repository.listInfos(label);
  if (!isOk(infos)) return [label, null, `ERROR: Failed to get info: ${infos.status.msg}`];
  if (infos.value.length === 0) return [label, '', 'ERROR: no snapshot'];
  const entries = infos.value.map((entry) =>
    entry.kind === 'timestamp' ? entry.timestamp : `Invalid: ${entry.fileName}`,
  );
  return [label, entries.join('\n'), 'OK'];
}

function* detailRow(
  repository: RepositoryStore,
  label: string,
  timestamp: string,
): Op<StatusOr<readonly SnapshotRow[]>> {
  const text = yield* repository.fetchInfoText(label, timestamp);
  if (!isOk(text)) {
    return success([[label, timestamp, null, null, `Failed to get info: ${text.status.msg}`]]);
  }
  const info = guardNow(`snapshot ${label} at ${timestamp}`, () => decodeJobInfo(text.value));
  if (!isOk(info)) return info;
  return success([[label, timestamp, info.value.dbName, briefJobInfo(info.value), 'OK']]);
}
