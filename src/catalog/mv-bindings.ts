/**
 * Materialized views and the tables under them: each table knows the views over it, and a view
 * goes inactive with a table that it has lost. Part of applying records, live and at replay.
 */
import type { DbId } from '../base/ids.ts';
import { inactivated, type MaterializedViewInfo, type MvId } from './materialized-view.ts';
import type { Catalog, OlapTable } from './model.ts';
import { isSameMv, withMaterializedView, withRelatedViews } from './table-operations.ts';

export interface MvInCatalog {
  readonly id: MvId;
  readonly table: OlapTable;
  readonly info: MaterializedViewInfo;
}

/** A materialized view by its ids here. */
export function materializedViewOf(catalog: Catalog, id: MvId): MvInCatalog | undefined {
  const table = catalog.databases.get(id.dbId)?.tables.get(id.tableId);
  const info = table?.materializedView;
  return table === undefined || info === undefined ? undefined : { id, table, info };
}

/**
 * The views that are bound to this very table. What a table out of a snapshot says of its views
 * may be ids of another cluster, so a view has to say the same.
 */
export function viewsOver(catalog: Catalog, table: OlapTable): readonly MvInCatalog[] {
  return (table.relatedMaterializedViews ?? []).flatMap((id) => {
    const view = materializedViewOf(catalog, id);
    return view === undefined || !isOver(catalog, id, table) ? [] : [view];
  });
}

/**
 * Tells the base tables of a view of it. `formerId` is forgotten there, unless a view of that id
 * stands over the table: one restored beside the one that was backed up takes nothing from it.
 */
export function bindView(catalog: Catalog, dbId: DbId, table: OlapTable, formerId?: MvId): void {
  const id: MvId = { dbId, tableId: table.id };
  changeBases(catalog, table, (related, under) => {
    const isFormer = (one: MvId): boolean =>
      formerId !== undefined && isSameMv(one, formerId) && !isOver(catalog, one, under);
    return [...related.filter((one) => !isFormer(one)), id];
  });
}

function isOver(catalog: Catalog, id: MvId, table: OlapTable): boolean {
  const bases = materializedViewOf(catalog, id)?.info.baseTables ?? [];
  return bases.some((base) => base.tableId === table.id);
}

export function unbindView(catalog: Catalog, dbId: DbId, table: OlapTable): void {
  const id: MvId = { dbId, tableId: table.id };
  changeBases(catalog, table, (related) => related.filter((one) => !isSameMv(one, id)));
}

function changeBases(
  catalog: Catalog,
  table: OlapTable,
  change: (related: readonly MvId[], under: OlapTable) => readonly MvId[],
): void {
  for (const base of table.materializedView?.baseTables ?? []) {
    const tables = catalog.databases.get(base.dbId)?.tables;
    const under = tables?.get(base.tableId);
    if (under === undefined) continue;
    const related = change(under.relatedMaterializedViews ?? [], under);
    tables?.set(under.id, withRelatedViews(under, related));
  }
}

/** Puts another state of a view in place; a view that is inactive now takes those over it along. */
export function changeView(
  catalog: Catalog,
  where: MvId,
  info: MaterializedViewInfo,
  formerId?: MvId,
): void {
  const tables = catalog.databases.get(where.dbId)?.tables;
  const before = tables?.get(where.tableId);
  if (tables === undefined || before === undefined) return;
  unbindView(catalog, where.dbId, before);
  const after = withMaterializedView(before, info);
  tables.set(after.id, after);
  bindView(catalog, where.dbId, after, formerId);
  if (before.materializedView?.isActive === true && !info.isActive) {
    inactivateViewsOver(catalog, after, `base-mv inactive: ${after.name}`);
  }
}

/** An inactive view keeps the reason it has. */
export function inactivateViewsOver(catalog: Catalog, table: OlapTable, reason: string): void {
  for (const { id, info } of viewsOver(catalog, table)) {
    if (info.isActive) changeView(catalog, id, inactivated(info, reason));
  }
}
