/**
 * Which tablet of a snapshot fills which local replica (restore-jobs.md 1.4, 3.8). One row per
 * local replica, held as numbers, 72 bytes a row, so that a large restore stays small.
 */
import { asId, type TabletId } from '../base/ids.ts';

/** The remote side names no replica. */
export const NO_REPLICA = -1;

/** Ids that lead to a tablet, and to one of its replicas. */
export interface IdChain {
  readonly tableId: number;
  /** Physical. */
  readonly partitionId: number;
  readonly indexId: number;
  readonly tabletId: number;
  readonly replicaId: number;
}

export interface MappingRow {
  readonly local: IdChain;
  readonly remote: IdChain;
}

/** Numbers of a row: five local ids and four remote ones. */
const ROW_WIDTH = 9;
const LOCAL_TABLET_AT = 3;

export interface FileMapping {
  readonly rowCount: number;
  readonly cells: Float64Array;
}

export const EMPTY_MAPPING: FileMapping = Object.freeze({
  rowCount: 0,
  cells: new Float64Array(0),
});

export function fileMappingOf(rows: readonly MappingRow[]): FileMapping {
  const cells = new Float64Array(rows.length * ROW_WIDTH);
  let at = 0;
  for (const { local, remote } of rows) {
    cells[at] = local.tableId;
    cells[at + 1] = local.partitionId;
    cells[at + 2] = local.indexId;
    cells[at + 3] = local.tabletId;
    cells[at + 4] = local.replicaId;
    cells[at + 5] = remote.tableId;
    cells[at + 6] = remote.partitionId;
    cells[at + 7] = remote.indexId;
    cells[at + 8] = remote.tabletId;
    at += ROW_WIDTH;
  }
  return Object.freeze({ rowCount: rows.length, cells });
}

export function mappingRow(mapping: FileMapping, row: number): MappingRow {
  const cell = (offset: number): number => mapping.cells[row * ROW_WIDTH + offset] ?? Number.NaN;
  return {
    local: {
      tableId: cell(0),
      partitionId: cell(1),
      indexId: cell(2),
      tabletId: cell(LOCAL_TABLET_AT),
      replicaId: cell(4),
    },
    remote: {
      tableId: cell(5),
      partitionId: cell(6),
      indexId: cell(7),
      tabletId: cell(8),
      replicaId: NO_REPLICA,
    },
  };
}

export function* mappingRows(mapping: FileMapping): Iterable<MappingRow> {
  for (let row = 0; row < mapping.rowCount; row += 1) yield mappingRow(mapping, row);
}

/** Where each local tablet's content comes from. */
export function remoteByTablet(mapping: FileMapping): ReadonlyMap<TabletId, IdChain> {
  const remote = new Map<TabletId, IdChain>();
  for (const row of mappingRows(mapping)) {
    const tabletId = asId<TabletId>(row.local.tabletId);
    if (!remote.has(tabletId)) remote.set(tabletId, row.remote);
  }
  return remote;
}
