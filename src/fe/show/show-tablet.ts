/**
 * SHOW TABLET FROM t: one row per replica, in the order of tablets, then replicas. SHOW TABLET
 * <id>: where the tablet belongs (sql-surface.md 4.6). `VersionCount` is the number of rowsets:
 * what a reader has to merge, and in StarRocks also the files that a backup uploads.
 */
import { asId, type IndexId, type TabletId } from '../../base/ids.ts';
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { formatBytesShort } from '../../base/units.ts';
import type { MaterializedIndex, OlapTable, PhysicalPartition } from '../../catalog/model.ts';
import { allPartitions, indexMetaOf } from '../../catalog/table-lookup.ts';
import { replicaLag, type TabletView, tabletsOf } from '../../catalog/tablet-columns.ts';
import { locateTablet } from '../../catalog/tablet-index.ts';
import type { PartitionNames } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { tableNamed } from '../resolve.ts';
import { FIRST_PORTS } from './show-backends.ts';
import { filterShown, type ShownTable } from './show-filter.ts';

const COLUMNS = [
  'TabletId',
  'ReplicaId',
  'BackendId',
  'SchemaHash',
  'Version',
  'VersionHash',
  'LstSuccessVersion',
  'LstSuccessVersionHash',
  'LstFailedVersion',
  'LstFailedVersionHash',
  'LstFailedTime',
  'DataSize',
  'RowCount',
  'State',
  'LstConsistencyCheckTime',
  'CheckVersion',
  'CheckVersionHash',
  'VersionCount',
  'PathHash',
  'MetaUrl',
  'CompactionStatus',
] as const;

/** At the end, in newer releases. */
const NEWER_COLUMNS = ['DiskRootPath', 'IsConsistent', 'Checksum'] as const;

const HASH = '0';
const NEVER_CHECKED = '-1';
/** Of the one disk that a backend has here; the frontend is not told where it is. */
const PATH_HASH = '-1';
const PATH_UNKNOWN = 'unknown';

export const showTablets: Executor<'show-tablets'> = function* (
  frontend,
  session,
  { table: name, partitions, tail },
): Op<StatementResult> {
  const { table } = tableNamed(frontend, session, name);
  const chosen = [...chosenPartitions(table, partitions)];
  const shown = filterShown(replicasTable(frontend, table, chosen), tail);
  return showResult(shown.names, shown.rows);
};

/** One row per replica of those physical partitions; of all their indexes or of one. */
export function replicasTable(
  frontend: FrontendContext,
  table: OlapTable,
  chosen: readonly PhysicalPartition[],
  indexId?: IndexId,
): ShownTable {
  const rows: Row[] = [];
  for (const physical of chosen) {
    for (const index of physical.indexes) {
      if (indexId !== undefined && index.indexId !== indexId) continue;
      for (const tablet of tabletsOf(index.tablets)) {
        rows.push(...replicaRows(frontend, table, physical, index, tablet));
      }
    }
  }
  rows.sort((a, b) => Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1]));
  const { tabletsHaveChecksum } = frontend.options.profile;
  const names = tabletsHaveChecksum ? [...COLUMNS, ...NEWER_COLUMNS] : COLUMNS;
  return { names, rows: rows.map((row) => row.slice(0, names.length)) };
}

/** Those that are named, or all, temporary ones included. */
export function* chosenPartitions(
  table: OlapTable,
  names: PartitionNames | undefined,
): Iterable<PhysicalPartition> {
  if (names === undefined) {
    for (const partition of allPartitions(table)) yield* partition.physical;
    return;
  }
  const among = names.isTemporary ? table.tempPartitions : table.partitions;
  for (const name of names.names) {
    const partition = among.get(name);
    if (partition !== undefined) yield* partition.physical;
    else {
      const text = `Unknown partition '${name}' in table '${table.name}'`;
      throw analysisError(text, 'unknown-partition');
    }
  }
}

function replicaRows(
  { stats, backends, options }: FrontendContext,
  table: OlapTable,
  physical: PhysicalPartition,
  { indexId }: MaterializedIndex,
  { tabletId, replicas }: TabletView,
): Row[] {
  const { schemaHash } = indexMetaOf(table, indexId);
  return replicas.map(({ replicaId, backendId }) => {
    const { version, lastFailedVersion } = replicaLag(physical, replicaId);
    const stat = stats.replica(tabletId, backendId);
    const port = FIRST_PORTS.http + (backends.state(backendId)?.index ?? 0);
    const base = `http://${options.host}:${port}/api`;
    return [
      String(tabletId),
      String(replicaId),
      String(backendId),
      String(schemaHash),
      String(version),
      HASH,
      String(version),
      HASH,
      String(lastFailedVersion),
      HASH,
      null,
      formatBytesShort(stat?.dataSizeBytes ?? 0),
      String(stat?.rowCount ?? 0),
      'NORMAL',
      null,
      NEVER_CHECKED,
      HASH,
      String(stat?.rowsetCount ?? 0),
      PATH_HASH,
      `${base}/meta/header/${tabletId}`,
      `${base}/compaction/show?tablet_id=${tabletId}`,
      PATH_UNKNOWN,
      'true',
      NEVER_CHECKED,
    ];
  });
}

const PLACE_COLUMNS = [
  'DbName',
  'TableName',
  'PartitionName',
  'IndexName',
  'DbId',
  'TableId',
  'PartitionId',
  'IndexId',
  'IsSync',
  'DetailCmd',
] as const;

const NOT_THERE = -1;

/** A tablet that is not there has a row too, without names. */
export const showTablet: Executor<'show-tablet'> = function* (
  { catalog },
  _session,
  { tabletId },
): Op<StatementResult> {
  const place = locateTablet(catalog, asId<TabletId>(tabletId));
  const database = place === undefined ? undefined : catalog.databases.get(place.dbId);
  const table = place === undefined ? undefined : database?.tables.get(place.tableId);
  const partition =
    table === undefined
      ? undefined
      : [...allPartitions(table)].find(({ id }) => id === place?.partitionId);
  const index =
    table === undefined || place === undefined ? undefined : indexMetaOf(table, place.indexId);
  const ids = [
    place?.dbId ?? NOT_THERE,
    place?.tableId ?? NOT_THERE,
    place?.physicalPartitionId ?? NOT_THERE,
    place?.indexId ?? NOT_THERE,
  ];
  const [dbId, tableId, partitionId, indexId] = ids;
  const path = `/dbs/${dbId}/${tableId}/partitions/${partitionId}/${indexId}/${tabletId}`;
  const row = [
    database?.name ?? null,
    table?.name ?? null,
    partition?.name ?? null,
    index?.name ?? null,
    ...ids.map(String),
    String(place !== undefined),
    `SHOW PROC '${path}';`,
  ];
  return showResult(PLACE_COLUMNS, [row]);
};
