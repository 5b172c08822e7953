/**
 * The rows of SHOW SNAPSHOT (repository.md 6.2, resolutions.md 9, 14 and 15). A `null` cell is an
 * SQL NULL. Trouble with one snapshot is text in its row; only a listing of all may fail as a
 * whole.
 */
import type { Op } from '../base/op.ts';
import { formatDateTime } from '../base/time-zone.ts';
import type { BackupJobInfo } from './job-info.ts';
import { briefJobInfo } from './job-info-codec.ts';
import { decodeJobInfo } from './job-info-reader.ts';
import type { LabelListing, RepositoryStore } from './repository-store.ts';
import type { SnapshotRetentionCache } from './snapshot-retention-cache.ts';
import type { StatusOr } from './status.ts';
import { guardNow, isOk, success } from './status-guard.ts';

/** `WHERE SNAPSHOT = 'x' [AND TIMESTAMP = 't']` or `SNAPSHOT IN (...)`; no snapshots: no WHERE. */
export interface ShowSnapshotFilter {
  readonly snapshots: readonly string[];
  readonly isList: boolean;
  /** Only with one snapshot; it selects the form with details. */
  readonly timestamp: string | undefined;
}

/** Adds the four cells of retention to each row. */
export interface RetentionCells {
  readonly cache: SnapshotRetentionCache;
  readonly sessionTimeZone: string;
}

export type SnapshotRow = readonly (string | null)[];

const SNAPSHOT_COLUMNS = ['Snapshot', 'Timestamp', 'Status'];
const DETAIL_COLUMNS = ['Snapshot', 'Timestamp', 'Database', 'Details', 'Status'];
const RETENTION_COLUMNS = ['ClusterId', 'FinishTime', 'TTL', 'ExpireTime'];

/** The names over the rows of `showSnapshots`. */
export function showSnapshotColumns(
  filter: ShowSnapshotFilter,
  hasRetention: boolean,
): readonly string[] {
  const columns = filter.timestamp === undefined ? SNAPSHOT_COLUMNS : DETAIL_COLUMNS;
  return hasRetention ? [...columns, ...RETENTION_COLUMNS] : columns;
}

/**
 * Three cells a row, with a timestamp five, and four more with `retention`. Fails when the labels
 * cannot be listed, or when a job info file that verifies is no job info: the statement fails with
 * it, as in StarRocks.
 */
export function* showSnapshots(
  repository: RepositoryStore,
  filter: ShowSnapshotFilter,
  retention?: RetentionCells,
): Op<StatusOr<readonly SnapshotRow[]>> {
  const [only] = filter.snapshots;
  if (only !== undefined && filter.timestamp !== undefined) {
    return yield* detailRow(repository, only, filter.timestamp, retention);
  }
  if (only !== undefined && !filter.isList) {
    return success([yield* oneRow(repository, only, retention)]);
  }
  const labels = yield* repository.listSnapshots();
  if (!isOk(labels)) return labels;
  const wanted = new Set(filter.snapshots);
  const rows: SnapshotRow[] = [];
  for (const label of labels.value) {
    if (filter.isList && !wanted.has(label)) continue;
    rows.push(yield* oneRow(repository, label, retention));
  }
  return success(rows);
}

function* oneRow(
  repository: RepositoryStore,
  label: string,
  retention: RetentionCells | undefined,
): Op<SnapshotRow> {
  const listed = yield* repository.listLabel(label);
  const cells = statusCells(label, listed);
  if (retention === undefined) return cells;
  const jobInfo = listed.value?.jobInfo;
  const known =
    jobInfo === undefined
      ? undefined
      : yield* retention.cache.getListed(repository, label, jobInfo);
  return [...cells, ...retentionCells(known, retention.sessionTimeZone)];
}

function statusCells(label: string, listed: StatusOr<LabelListing>): SnapshotRow {
  if (!isOk(listed)) return [label, null, `ERROR: Failed to get info: ${listed.status.msg}`];
  const { entries } = listed.value;
  if (entries.length === 0) return [label, '', 'ERROR: no snapshot'];
  const texts = entries.map((entry) =>
    entry.kind === 'timestamp' ? entry.timestamp : `Invalid: ${entry.fileName}`,
  );
  return [label, texts.join('\n'), 'OK'];
}

function* detailRow(
  repository: RepositoryStore,
  label: string,
  timestamp: string,
  retention: RetentionCells | undefined,
): Op<StatusOr<readonly SnapshotRow[]>> {
  const row = (cells: SnapshotRow, info: BackupJobInfo | undefined): [SnapshotRow] =>
    retention === undefined
      ? [cells]
      : [[...cells, ...retentionCells(info, retention.sessionTimeZone)]];
  const text = yield* repository.fetchInfoText(label, timestamp);
  if (!isOk(text)) {
    const status = `Failed to get info: ${text.status.msg}`;
    return success(row([label, timestamp, null, null, status], undefined));
  }
  const info = guardNow(`snapshot ${label} at ${timestamp}`, () => decodeJobInfo(text.value));
  if (!isOk(info)) return info;
  const { value } = info;
  return success(row([label, timestamp, value.dbName, briefJobInfo(value), 'OK'], value));
}

type Retention = Pick<BackupJobInfo, 'clusterId' | 'finishTimeMs' | 'ttl' | 'expireTimeMs'>;

/** All NULL for a snapshot that cannot be read, each by itself where nothing is recorded. */
function retentionCells(
  retention: { readonly [K in keyof Retention]: Retention[K] | undefined } | undefined,
  zone: string,
): SnapshotRow {
  const time = (ms: number | undefined): string | null =>
    ms === undefined || ms <= 0 ? null : formatDateTime(ms, zone);
  return [
    retention?.clusterId === undefined ? null : String(retention.clusterId),
    time(retention?.finishTimeMs),
    retention?.ttl ?? null,
    time(retention?.expireTimeMs),
  ];
}
