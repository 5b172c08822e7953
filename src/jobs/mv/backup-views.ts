/**
 * Materialized views in a backup: their tables come before them, and what goes into the snapshot
 * is inactive while the view itself stays as it is (restore-jobs.md 1.7, backup-jobs.md 3.2 A).
 */
import { SimError } from '../../base/errors.ts';
import {
  backupInactiveReason,
  inactivated,
  type MvBaseTable,
} from '../../catalog/materialized-view.ts';
import type { Database, OlapTable } from '../../catalog/model.ts';
import { selectivelyCopied, withMaterializedView } from '../../catalog/table-operations.ts';
import type { BackupTableRef } from '../backup-job.ts';
import { tableNamed } from '../table-lookup.ts';

/**
 * The objects in their order, each behind the tables that it reads of those in the list. Throws
 * `analysis` for a materialized view whose table is gone.
 */
export function basesFirst(
  refs: readonly BackupTableRef[],
  database: Database,
  hasBaseTable: (base: MvBaseTable) => boolean,
): readonly BackupTableRef[] {
  const byName = new Map(refs.map((ref) => [ref.tableName, ref]));
  const ordered = new Map<string, BackupTableRef>();
  const visit = (ref: BackupTableRef): void => {
    if (ordered.has(ref.tableName)) return;
    const table = tableNamed(database, ref.tableName);
    for (const base of table?.materializedView?.baseTables ?? []) {
      if (!hasBaseTable(base)) {
        throw new SimError(
          'analysis',
          `Base table ${base.tableName} of materialized view ${ref.tableName} does not exist`,
        );
      }
      const under = byName.get(database.tables.get(base.tableId)?.name ?? '');
      if (under !== undefined) visit(under);
    }
    ordered.set(ref.tableName, ref);
  };
  for (const ref of refs) visit(ref);
  return [...ordered.values()];
}

/** What the snapshot keeps of a table. */
export function copyForBackup(
  table: OlapTable,
  partitionNames: readonly string[] | undefined,
): OlapTable {
  const copy = selectivelyCopied(table, partitionNames);
  const info = copy.materializedView;
  if (info === undefined) return copy;
  return withMaterializedView(copy, inactivated(info, backupInactiveReason(table.name)));
}
