/** All materialized views of the cluster, in the order of databases and tables. */
import type { Catalog, Database } from '../../catalog/model.ts';
import type { MvInCatalog } from '../../catalog/mv-bindings.ts';

export function everyView(catalog: Catalog): readonly MvInCatalog[] {
  return [...catalog.databases.values()].flatMap(viewsIn);
}

export function viewsIn(database: Database): readonly MvInCatalog[] {
  const views: MvInCatalog[] = [];
  for (const table of database.tables.values()) {
    const info = table.materializedView;
    if (info === undefined) continue;
    views.push({ id: { dbId: database.id, tableId: table.id }, table, info });
  }
  return views;
}
