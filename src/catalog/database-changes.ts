/** Another name and quotas for a database that is there. Part of applying records. */
import { assert } from '../base/assert.ts';
import type { Catalog, Database } from './model.ts';
import { inactivateViewsOver } from './mv-bindings.ts';
import { withMaterializedView } from './table-operations.ts';

/** Views over its tables name the database in their queries: they go inactive. */
export function renameDatabase(catalog: Catalog, database: Database, newName: string): void {
  const { name, id, tables } = database;
  if (name === newName) return;
  assert(!catalog.databaseIds.has(newName), `the database name ${newName} is free`);
  catalog.databaseIds.delete(name);
  catalog.databaseIds.set(newName, id);
  database.name = newName;
  for (const table of [...tables.values()]) {
    inactivateViewsOver(catalog, table, `database renamed: ${name}`);
  }
  for (const table of [...tables.values()]) {
    const info = table.materializedView;
    if (info?.partitionExpr === undefined) continue;
    const partitionExpr = { ...info.partitionExpr, dbName: newName };
    tables.set(table.id, withMaterializedView(table, Object.freeze({ ...info, partitionExpr })));
  }
}

export function setQuotas(
  database: Database,
  { dataQuotaBytes, replicaQuota }: Pick<Database, 'dataQuotaBytes' | 'replicaQuota'>,
): void {
  if (dataQuotaBytes !== undefined) database.dataQuotaBytes = dataQuotaBytes;
  if (replicaQuota !== undefined) database.replicaQuota = replicaQuota;
}
