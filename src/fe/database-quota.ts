/** How much a database may hold: bytes, looked at by loads, and replicas, by what makes tablets. */
import { SimError } from '../base/errors.ts';
import { asId, type TabletId } from '../base/ids.ts';
import { formatBytesLong } from '../base/units.ts';
import type { Database, OlapTable, Partition } from '../catalog/model.ts';
import { allPartitions } from '../catalog/table-lookup.ts';
import type { FrontendContext } from './frontend-context.ts';

/** Of a database for which nobody has said anything (sql-surface.md 4.7). */
const DATA_QUOTA_BYTES = 2 ** 63;
const REPLICA_QUOTA = 1_073_741_824;

export function dataQuotaOf({ dataQuotaBytes }: Database): number {
  return dataQuotaBytes ?? DATA_QUOTA_BYTES;
}

/** `8388608.000 TB`: no unit above that one. */
export function dataQuotaText(bytes: number): string {
  return bytes < 2 ** 40 ? formatBytesLong(bytes) : `${(bytes / 2 ** 40).toFixed(3)} TB`;
}

export function replicaQuotaOf({ replicaQuota }: Database): number {
  return replicaQuota ?? REPLICA_QUOTA;
}

/** By what backends last reported. Nothing is counted where no quota was set. */
export function refuseOverDataQuota(frontend: FrontendContext, database: Database): void {
  if (database.dataQuotaBytes === undefined) return;
  let bytes = 0;
  for (const table of database.tables.values()) bytes += dataBytes(frontend, table);
  if (bytes < database.dataQuotaBytes) return;
  throw new SimError(
    'execution',
    `Database[${database.name}] data size exceeds quota[` +
      `${dataQuotaText(database.dataQuotaBytes)}]`,
    { hint: 'raise it with ALTER DATABASE ... SET DATA QUOTA' },
  );
}

function dataBytes({ stats }: FrontendContext, table: OlapTable): number {
  let bytes = 0;
  for (const { physical } of allPartitions(table)) {
    for (const { indexes } of physical) {
      for (const { tablets } of indexes) {
        for (const id of tablets.tabletIds) {
          const { dataSizeBytes = 0 } = stats.tablet(asId<TabletId>(id)) ?? {};
          bytes += dataSizeBytes * tablets.replication;
        }
      }
    }
  }
  return bytes;
}

/** Whether the partitions may come to those that are there. */
export function refuseOverReplicaQuota(database: Database, added: readonly Partition[]): void {
  const { replicaQuota } = database;
  if (replicaQuota === undefined) return;
  let count = countReplicas(added);
  for (const table of database.tables.values()) count += countReplicas(allPartitions(table));
  if (count <= replicaQuota) return;
  throw new SimError(
    'execution',
    `Database[${database.name}] replica number exceeds quota[${replicaQuota}]`,
    { hint: 'raise it with ALTER DATABASE ... SET REPLICA QUOTA' },
  );
}

function countReplicas(partitions: Iterable<Partition>): number {
  let count = 0;
  for (const { physical } of partitions) {
    for (const { indexes } of physical) {
      for (const { tablets } of indexes) count += tablets.count * tablets.replication;
    }
  }
  return count;
}
