/** Makes the catalog changes that jobs found necessary, through the one listed interface. */
import { unreachable } from '../base/assert.ts';
import type { DbId } from '../base/ids.ts';
import type { CatalogChange } from './effects.ts';
import type { UnloggedCatalog } from './ports.ts';

export function changeCatalog(
  catalog: UnloggedCatalog,
  dbId: DbId,
  changes: readonly CatalogChange[],
): void {
  for (const change of changes) changeOnce(catalog, dbId, change);
}

function changeOnce(catalog: UnloggedCatalog, dbId: DbId, change: CatalogChange): void {
  switch (change.do) {
    case 'set-state':
      catalog.setTableState(dbId, change.tableId, change.state);
      return;
    case 'register-table':
      catalog.registerTable(dbId, change.table, change.autoIncrementId);
      return;
    case 'drop-table':
      catalog.dropTable(dbId, change.tableId);
      return;
    case 'replace-table':
      catalog.replaceTable(dbId, change.table);
      return;
    case 'add-partition':
      catalog.addPartition(dbId, change.tableId, change.partition);
      return;
    case 'drop-partition':
      catalog.dropPartition(dbId, change.tableId, change.name);
      return;
    case 'put-view':
      catalog.putView(dbId, change.view);
      return;
    case 'drop-view':
      catalog.dropView(dbId, change.name);
      return;
    case 'put-function':
      catalog.putFunction(dbId, change.function);
      return;
    case 'drop-function':
      catalog.dropFunction(dbId, change.signature);
      return;
    case 'put-catalog':
      catalog.putExternalCatalog(change.catalog);
      return;
    case 'drop-catalog':
      catalog.dropExternalCatalog(change.name);
      return;
    default:
      unreachable(change);
  }
}
