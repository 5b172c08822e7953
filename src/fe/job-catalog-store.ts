/** The catalog as the backup package sees it: look-ups, locks, and the listed unlogged changes. */

import { present } from '../base/assert.ts';
import type { DbId, TableId } from '../base/ids.ts';
import {
  putFunction,
  putTable,
  putView,
  removeFunction,
  removeTable,
  removeView,
} from '../catalog/apply.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import {
  withPartitionDropped,
  withPartitionsAdded,
  withState,
} from '../catalog/table-operations.ts';
import type { CatalogStore } from '../jobs/ports.ts';
import type { DatabaseLocks } from './locks.ts';

export function jobCatalogStore(catalog: Catalog, locks: DatabaseLocks): CatalogStore {
  const change = (dbId: DbId, tableId: TableId, how: (table: Table) => Table): void => {
    const table = present(catalog.databases.get(dbId)?.tables.get(tableId), `table ${tableId}`);
    putTable(catalog, dbId, how(table));
  };
  return Object.freeze({
    database: (id) => catalog.databases.get(id),
    databaseByName(name) {
      const id = catalog.databaseIds.get(name);
      return id === undefined ? undefined : catalog.databases.get(id);
    },
    databases: () => [...catalog.databases.values()],
    externalCatalogs: () => catalog.externalCatalogs,
    lockOf: (id) => locks.of(id),
    unlogged: {
      setTableState: (dbId, tableId, state) =>
        change(dbId, tableId, (table) => withState(table, state)),
      registerTable(dbId, table, autoIncrementId) {
        putTable(catalog, dbId, table);
        if (autoIncrementId === undefined) return;
        catalog.databases.get(dbId)?.autoIncrementIds.set(table.id, autoIncrementId);
      },
      replaceTable: (dbId, table) => putTable(catalog, dbId, table),
      dropTable: (dbId, tableId) => removeTable(catalog, dbId, tableId),
      addPartition: (dbId, tableId, partition) =>
        change(dbId, tableId, (table) => withPartitionsAdded(table, [partition])),
      dropPartition: (dbId, tableId, name) =>
        change(dbId, tableId, (table) => withPartitionDropped(table, name)),
      putView: (dbId, view) => putView(catalog, dbId, view),
      dropView: (dbId, name) => removeView(catalog, dbId, name),
      putFunction: (dbId, fn) => putFunction(catalog, dbId, fn),
      dropFunction: (dbId, signature) => removeFunction(catalog, dbId, signature),
      putExternalCatalog: (one) => {
        catalog.externalCatalogs.set(one.name, one);
      },
      dropExternalCatalog: (name) => {
        catalog.externalCatalogs.delete(name);
      },
    },
  } satisfies CatalogStore);
}
