/** Rows and bytes of a partition, out of what the backends last reported of its tablets. */
import type { TabletId } from '../base/ids.ts';
import { asId } from '../base/ids.ts';
import type { OlapTable, PhysicalPartition } from '../catalog/model.ts';
import type { TabletStats } from './tablet-stats.ts';

export interface Figures {
  readonly rowCount: number;
  /** Of one replica. */
  readonly dataSizeBytes: number;
}

/** Rows of the base index, bytes of all indexes. */
export function partitionFigures(stats: TabletStats, physical: PhysicalPartition): Figures {
  let rowCount = 0;
  let dataSizeBytes = 0;
  for (const [position, index] of physical.indexes.entries()) {
    for (const id of index.tablets.tabletIds) {
      const stat = stats.tablet(asId<TabletId>(id));
      if (stat === undefined) continue;
      dataSizeBytes += stat.dataSizeBytes;
      if (position === 0) rowCount += stat.rowCount;
    }
  }
  return { rowCount, dataSizeBytes };
}

export function tableFigures(stats: TabletStats, table: OlapTable): Figures {
  let rowCount = 0;
  let dataSizeBytes = 0;
  for (const partition of table.partitions.values()) {
    for (const physical of partition.physical) {
      const figures = partitionFigures(stats, physical);
      rowCount += figures.rowCount;
      dataSizeBytes += figures.dataSizeBytes;
    }
  }
  return { rowCount, dataSizeBytes };
}
