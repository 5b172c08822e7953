/** SHOW [TEMPORARY] PARTITIONS: one row per physical partition (sql-surface.md 4.5, resolutions.md 2). */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import { formatBytesShort } from '../../base/units.ts';
import type { OlapTable, Partition, PhysicalPartition } from '../../catalog/model.ts';
import { partitionsInOrder } from '../../catalog/partition-lookup.ts';
import { partitionColumns } from '../../catalog/partition-range.ts';
import { partitionText } from '../../catalog/partition-text.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { partitionFigures } from '../partition-figures.ts';
import type { Profile } from '../profile.ts';
import { tableNamed } from '../resolve.ts';
import type { Session } from '../session.ts';
import { filterShown, type ShownTable } from './show-filter.ts';

/** Columns in order, with the trait that a release must have to show them. */
const COLUMNS: readonly (readonly [string, keyof Profile | undefined])[] = [
  ['PartitionId', undefined],
  ['PartitionName', undefined],
  ['VisibleVersion', undefined],
  ['VisibleVersionTime', undefined],
  ['VisibleVersionHash', undefined],
  ['State', undefined],
  ['PartitionKey', undefined],
  ['Range', undefined],
  ['DistributionKey', undefined],
  ['Buckets', undefined],
  ['ReplicationNum', undefined],
  ['StorageMedium', undefined],
  ['CooldownTime', undefined],
  ['LastConsistencyCheckTime', undefined],
  ['DataSize', undefined],
  ['StorageSize', 'partitionsHaveStorageSize'],
  ['IsInMemory', undefined],
  ['RowCount', undefined],
  ['DataVersion', 'partitionsHaveStorageSize'],
  ['VersionEpoch', 'partitionsHaveStorageSize'],
  ['VersionTxnType', 'partitionsHaveStorageSize'],
  ['TabletBalanced', 'partitionsHaveTabletBalanced'],
];

const NEVER = '9999-12-31 23:59:59';
const VERSION_HASH = '0';

export const showPartitions: Executor<'show-partitions'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { table } = tableNamed(frontend, session, statement.table);
  const all = partitionsTable(frontend, session, table, statement.temporary);
  const shown = filterShown(all, statement.tail, 1);
  return showResult(shown.names, shown.rows);
};

/** One row per physical partition, temporary or not. */
export function partitionsTable(
  frontend: FrontendContext,
  session: Session,
  table: OlapTable,
  temporary: boolean,
): ShownTable {
  const chosen = temporary ? table.tempPartitions : table.partitions;
  const rows: Row[] = [];
  for (const partition of partitionsInOrder(chosen, partitionColumns(table))) {
    for (const physical of partition.physical) {
      rows.push(partitionRow(frontend, table, partition, physical, session.timeZone));
    }
  }
  const { profile } = frontend.options;
  const kept = COLUMNS.map(([, trait]) => trait === undefined || profile[trait] === true);
  const pick = <T>(cells: readonly T[]): T[] => cells.filter((_, index) => kept[index]);
  const isList = table.partitionBy.kind === 'LIST';
  const names = pick(COLUMNS.map(([name]) => (isList && name === 'Range' ? 'List' : name)));
  return { names, rows: rows.map(pick) };
}

function partitionRow(
  frontend: FrontendContext,
  table: OlapTable,
  partition: Partition,
  physical: PhysicalPartition,
  timeZone: string,
): Row {
  const { distribution } = partition;
  const columns = partitionColumns(table);
  const figures = partitionFigures(frontend.stats, physical);
  return [
    String(physical.id),
    partition.name,
    String(physical.visibleVersion),
    formatDateTime(physical.visibleVersionTimeMs, timeZone),
    VERSION_HASH,
    table.state,
    columns.map((column) => column.name).join(', '),
    partitionText(table, partition),
    distribution.kind === 'HASH' ? distribution.columns.join(', ') : 'ALL KEY',
    String(distribution.buckets),
    String(partition.replicationNum),
    partition.storageMedium,
    NEVER,
    null,
    formatBytesShort(figures.dataSizeBytes),
    formatBytesShort(figures.dataSizeBytes),
    String(partition.isInMemory),
    String(figures.rowCount),
    String(physical.visibleVersion),
    String(physical.id),
    'TXN_NORMAL',
    'true',
  ];
}
