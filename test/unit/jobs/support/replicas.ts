/** Looking at the replicas of a table one by one. */
import { asId, type BackendId } from '../../../../src/base/ids.ts';
import type { OlapTable } from '../../../../src/catalog/model.ts';

/** Every replica of a table with its place: partition and position of the tablet. */
export function replicasIn(table: OlapTable): {
  readonly backendId: BackendId;
  readonly tabletId: number;
  readonly replicaId: number;
  readonly place: string;
  readonly version: number;
}[] {
  const replicas = [];
  for (const partition of table.partitions.values()) {
    for (const [nth, physical] of partition.physical.entries()) {
      for (const { tablets } of physical.indexes) {
        for (let at = 0; at < tablets.count * tablets.replication; at += 1) {
          const tablet = Math.floor(at / tablets.replication);
          replicas.push({
            backendId: asId<BackendId>(tablets.backendIds[at] ?? 0),
            tabletId: tablets.tabletIds[tablet] ?? 0,
            replicaId: tablets.replicaIds[at] ?? 0,
            place: `${partition.range === undefined ? '' : partition.name}#${nth}#${tablet}`,
            version: physical.visibleVersion,
          });
        }
      }
    }
  }
  return replicas;
}
