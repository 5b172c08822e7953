/** The catalog port over a catalog in memory. */
import { asId, type DbId, type TableId } from '../../../../src/base/ids.ts';
import { ReadWriteLock } from '../../../../src/base/lock.ts';
import {
  putFunction,
  putTable,
  putView,
  removeFunction,
  removeTable,
  removeView,
} from '../../../../src/catalog/apply.ts';
import type { Catalog, OlapTable } from '../../../../src/catalog/model.ts';
import {
  withPartitionDropped,
  withPartitionsAdded,
  withState,
} from '../../../../src/catalog/table-operations.ts';
import type { CatalogStore } from '../../../../src/jobs/ports.ts';

export function memoryCatalogStore(catalog: Catalog): CatalogStore {
  const locks = new Map<DbId, ReadWriteLock>();
  const change = (dbId: DbId, tableId: TableId, to: (table: OlapTable) => OlapTable): void => {
    const table = catalog.databases.get(dbId)?.tables.get(asId(tableId));
    if (table === undefined) throw new Error(`no table ${tableId}`);
    putTable(catalog, dbId, to(table));
  };
  return {
    database: (id) => catalog.databases.get(id),
    databaseByName: (name) =>
      [...catalog.databases.values()].find((database) => database.name === name),
    databases: () => [...catalog.databases.values()],
    externalCatalogs: () => catalog.externalCatalogs,
    lockOf(id) {
      const lock = locks.get(id) ?? new ReadWriteLock();
      locks.set(id, lock);
      return lock;
    },
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
  };
}
