/**
 * Partitions that a load needs and the table has not (sql-surface.md 3.3): made before the load
 * writes its rows, and kept when it fails. Loads of one table take turns at it.
 */
import { SimError } from '../base/errors.ts';
import { attempt, type Op } from '../base/op.ts';
import type { Cell } from '../base/sql-type.ts';
import { automaticPartitions } from '../catalog/automatic-partition.ts';
import type { Database, OlapTable } from '../catalog/model.ts';
import { partitionForRow } from '../catalog/partition-lookup.ts';
import { partitionColumns } from '../catalog/partition-range.ts';
import { addPartitions, hasSamePartitions } from './add-partitions.ts';
import { analyzeAddedPartitions } from './analyze-partitions.ts';
import { hasSameIndexes, stillNormal } from './change-database.ts';
import type { FrontendContext } from './frontend-context.ts';

/** Somebody else's ADD or DROP PARTITION may come in between that often. */
const ATTEMPTS_MAX = 8;

/**
 * Makes the partitions that rows with these values of the partition columns lack, and gives the
 * table as it is then. Throws `limit-reached` for too many of them, and what ADD PARTITION throws.
 */
export function withAutomaticPartitions(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  rows: readonly (readonly Cell[])[],
): Op<OlapTable> {
  return frontend.locks.automaticPartitions(table.id).hold(function* () {
    for (let attempts = 1; ; attempts += 1) {
      const now = stillNormal(frontend, database, table, 'loads');
      const columns = partitionColumns(now);
      const missing = rows.filter(
        (cells) => partitionForRow(now.partitions, columns, cells) === undefined,
      );
      const definitions = missing.length === 0 ? [] : automaticPartitions(now, missing);
      if (definitions.length === 0) return now;
      refuseTooMany(frontend, definitions.length, table);
      const partitions = analyzeAddedPartitions(definitions, now);
      const added = yield* attempt(addPartitions(frontend, database, now, partitions));
      const after = stillNormal(frontend, database, table, 'loads');
      if (added.ok) return after;
      const isUnchanged = hasSamePartitions(after, now) && hasSameIndexes(after, now);
      if (isUnchanged || attempts === ATTEMPTS_MAX) throw added.error;
    }
  });
}

function refuseTooMany(frontend: FrontendContext, count: number, { name }: OlapTable): void {
  const limit = frontend.config.getNumber('auto_partition_max_creation_number_per_load');
  if (count <= limit) return;
  throw new SimError(
    'limit-reached',
    `the load would make ${count} partitions of table '${name}'; a load may make ${limit}`,
    { hint: 'raise auto_partition_max_creation_number_per_load, or load less at once' },
  );
}
