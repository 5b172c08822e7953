/**
 * information_schema.be_tablets: a row per replica, with what its backend last reported
 * (sql-surface.md 4.11). A replica of which nothing was reported yet has no row.
 */
import { asId, type BackendId } from '../base/ids.ts';
import type { Row } from '../base/row-stream.ts';
import { SECOND_MS } from '../base/units.ts';
import type { KeysType, OlapTable } from '../catalog/model.ts';
import { allPartitions, indexMetaOf } from '../catalog/table-lookup.ts';
import { tabletsOf } from '../catalog/tablet-columns.ts';
import type { FrontendContext } from './frontend-context.ts';
import { everyTable, type SystemTable } from './system-table.ts';

const TYPES: Readonly<Record<KeysType, string>> = {
  DUP_KEYS: 'DUP',
  AGG_KEYS: 'AGG',
  UNIQUE_KEYS: 'UNIQUE',
  PRIMARY_KEYS: 'PRIMARY',
};

/** Every version from the first on can be read. */
const MIN_VERSION = 0n;

export const BE_TABLETS: SystemTable = {
  columns: [
    ['BE_ID', 'BIGINT'],
    ['TABLE_ID', 'BIGINT'],
    ['PARTITION_ID', 'BIGINT'],
    ['TABLET_ID', 'BIGINT'],
    ['NUM_VERSION', 'BIGINT'],
    ['MAX_VERSION', 'BIGINT'],
    ['MIN_VERSION', 'BIGINT'],
    ['NUM_ROWSET', 'BIGINT'],
    ['NUM_ROW', 'BIGINT'],
    ['DATA_SIZE', 'BIGINT'],
    ['INDEX_MEM', 'BIGINT'],
    ['CREATE_TIME', 'BIGINT'],
    ['STATE', 'VARCHAR'],
    ['TYPE', 'VARCHAR'],
    ['DATA_DIR', 'VARCHAR'],
    ['SHARD_ID', 'BIGINT'],
    ['SCHEMA_HASH', 'BIGINT'],
    ['INDEX_DISK', 'BIGINT'],
    ['MEDIUM_TYPE', 'VARCHAR'],
    ['NUM_SEGMENT', 'BIGINT'],
  ],
  rows: (frontend) => everyTable(frontend).flatMap(({ table }) => tableRows(frontend, table)),
};

function tableRows({ stats }: FrontendContext, table: OlapTable): Row[] {
  const rows: Row[] = [];
  for (const { physical, storageMedium } of allPartitions(table)) {
    for (const { id: partitionId, indexes } of physical) {
      for (const { indexId, tablets } of indexes) {
        const { schemaHash } = indexMetaOf(table, indexId);
        for (const { tabletId, replicas } of tabletsOf(tablets)) {
          for (const { backendId } of replicas) {
            const stat = stats.replica(tabletId, asId<BackendId>(backendId));
            if (stat === undefined) continue;
            const rowsets = BigInt(stat.rowsetCount);
            rows.push([
              BigInt(backendId),
              BigInt(table.id),
              BigInt(partitionId),
              BigInt(tabletId),
              rowsets,
              BigInt(stat.version),
              MIN_VERSION,
              rowsets,
              BigInt(stat.rowCount),
              BigInt(stat.dataSizeBytes),
              0n,
              BigInt(Math.floor(table.createTimeMs / SECOND_MS)),
              'RUNNING',
              TYPES[table.keysType],
              '',
              0n,
              BigInt(schemaHash),
              0n,
              storageMedium,
              rowsets,
            ]);
          }
        }
      }
    }
  }
  return rows;
}
