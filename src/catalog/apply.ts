/**
 * The catalog's changes. `applyCatalogRecord` puts a log record in place, live and at replay;
 * `putTable` and `removeTable` also serve the unlogged changes of a running restore. They are the
 * only writers of the maps of a catalog, and keep the tablet index in step.
 */
import { assert, present, unreachable } from '../base/assert.ts';
import type { DbId, TableId } from '../base/ids.ts';
import { renameDatabase, setQuotas } from './database-changes.ts';
import type {
  Catalog,
  Database,
  OlapTable,
  RollupJob,
  SchemaChangeJob,
  Table,
  UserFunction,
  View,
} from './model.ts';
import { bindView, changeView, inactivateViewsOver, unbindView } from './mv-bindings.ts';
import type { CatalogRecord, ColumnsRecord, CommitRecord, OverwriteRecord } from './records.ts';
import { withColumnsChanged } from './table-columns.ts';
import { withIndexAdded, withIndexDropped } from './table-indexes.ts';
import {
  renamed,
  withCommittedVersions,
  withMaterializedView,
  withPartitionDropped,
  withPartitionRenamed,
  withPartitionsAdded,
  withPartitionsOverwritten,
  withPartitionsReplaced,
  withPhysicalAdded,
  withProperties,
} from './table-operations.ts';
import { tabletsChanged } from './tablet-index.ts';
import {
  withTempPartitionDropped,
  withTempPartitionsAdded,
  withTempPartitionsInPlace,
} from './temp-partitions.ts';
import { functionSignature } from './user-function.ts';

export function emptyDatabase(id: DbId, name: string): Database {
  return {
    id,
    name,
    tables: new Map(),
    tableIds: new Map(),
    views: new Map(),
    functions: new Map(),
    autoIncrementIds: new Map(),
    rollupJobs: [],
    schemaChangeJobs: [],
  };
}

export function emptyCatalog(): Catalog {
  return { databases: new Map(), databaseIds: new Map(), externalCatalogs: new Map() };
}

/**
 * Puts a record in place. Applying the same record again changes nothing. A record that does not
 * fit the catalog is a `bug`; only a commit may name tables or partitions that are gone.
 */
export function applyCatalogRecord(catalog: Catalog, record: CatalogRecord): void {
  switch (record.op) {
    case 'OP_CREATE_DB_V2':
      createDatabase(catalog, record.dbId, record.name);
      return;
    case 'OP_DROP_DB':
      dropDatabase(catalog, record.dbId);
      return;
    case 'OP_RENAME_DB_V2':
      renameDatabase(catalog, databaseOf(catalog, record.dbId), record.newName);
      return;
    case 'OP_ALTER_DB_V2':
      setQuotas(databaseOf(catalog, record.dbId), record);
      return;
    case 'OP_CREATE_TABLE_V2':
      putTable(catalog, record.dbId, record.table);
      bindView(catalog, record.dbId, record.table);
      return;
    case 'OP_DROP_TABLE':
      dropTable(catalog, record.dbId, record.tableId);
      return;
    case 'OP_RENAME_TABLE_V2':
      renameTable(catalog, record);
      return;
    case 'OP_SWAP_TABLE':
      swapTables(catalog, record);
      return;
    case 'OP_ALTER_TABLE_PROPERTIES':
      changeTable(catalog, record, (table) => withPropertiesSet(table, record));
      return;
    case 'OP_RENAME_PARTITION_V2':
      changeTable(catalog, record, (table) =>
        withPartitionRenamed(table, record.partitionName, record.newName),
      );
      return;
    case 'OP_DROP_PARTITIONS':
      changeTable(catalog, record, (table) =>
        record.partitionNames.reduce(withPartitionDropped, table),
      );
      return;
    case 'OP_ADD_PARTITIONS_V2':
      changeTable(catalog, record, (table) =>
        record.isTempPartition === true
          ? withTempPartitionsAdded(table, record.partitions)
          : withPartitionsAdded(table, record.partitions),
      );
      return;
    case 'OP_DROP_PARTITION':
      changeTable(catalog, record, (table) =>
        record.isTempPartition === true
          ? withTempPartitionDropped(table, record.partitionName)
          : withPartitionDropped(table, record.partitionName),
      );
      return;
    case 'OP_DYNAMIC_PARTITION':
      changeTable(catalog, record, (table) => withProperties(table, record.properties));
      return;
    case 'OP_REPLACE_TEMP_PARTITION':
      changeTable(catalog, record, (table) => withTempPartitionsInPlace(table, record));
      return;
    case 'OP_ADD_SUB_PARTITIONS_V2':
      changeTable(catalog, record, (table) =>
        withPhysicalAdded(table, record.partitionId, record.physical),
      );
      return;
    case 'OP_ALTER_JOB_V2':
      changeTable(catalog, record, (table) => withIndexAdded(table, record.meta, record.physical));
      noteJob(databaseOf(catalog, record.dbId).rollupJobs, record.job);
      return;
    case 'OP_MODIFY_TABLE_ADD_OR_DROP_COLUMNS':
      changeColumns(catalog, record);
      return;
    case 'OP_DROP_ROLLUP':
      changeTable(catalog, record, (table) => withIndexDropped(table, record.indexId));
      return;
    case 'OP_SAVE_AUTO_INCREMENT_ID':
      saveAutoIncrementId(catalog, record);
      return;
    case 'OP_COLOCATE_ADD_TABLE_V2':
      joinColocateGroup(catalog, record);
      return;
    case 'OP_TRUNCATE_TABLE':
      changeTable(catalog, record, (table) => withPartitionsReplaced(table, record.partitions));
      return;
    case 'OP_INSERT_OVERWRITE_STATE_CHANGE':
      applyOverwrite(catalog, record);
      return;
    case 'OP_ALTER_MATERIALIZED_VIEW_STATUS':
      changeView(catalog, record, record.materializedView);
      return;
    case 'OP_ALTER_MATERIALIZED_VIEW_BASE_TABLE_INFOS':
      changeView(catalog, record, record.materializedView, record.formerId);
      return;
    case 'OP_CREATE_VIEW':
      putView(catalog, record.dbId, record.view);
      return;
    case 'OP_DROP_VIEW':
      if (catalog.databases.has(record.dbId)) removeView(catalog, record.dbId, record.name);
      return;
    case 'OP_ADD_FUNCTION_V2':
      putFunction(catalog, record.dbId, record.function);
      return;
    case 'OP_DROP_FUNCTION_V2':
      removeFunction(catalog, record.dbId, record.signature);
      return;
    case 'OP_CREATE_CATALOG':
      catalog.externalCatalogs.set(record.catalog.name, record.catalog);
      return;
    case 'OP_DROP_CATALOG':
      catalog.externalCatalogs.delete(record.name);
      return;
    case 'OP_UPSERT_TRANSACTION_STATE_V2':
      applyCommit(catalog, record);
      return;
    default:
      unreachable(record);
  }
}

function createDatabase(catalog: Catalog, id: DbId, name: string): void {
  const existing = catalog.databases.get(id);
  if (existing !== undefined) {
    assert(existing.name === name, `database ${id} is called ${name}`);
    return;
  }
  assert(!catalog.databaseIds.has(name), `the database name ${name} is free`);
  catalog.databases.set(id, emptyDatabase(id, name));
  catalog.databaseIds.set(name, id);
}

function dropDatabase(catalog: Catalog, id: DbId): void {
  const database = catalog.databases.get(id);
  if (database === undefined) return;
  catalog.databases.delete(id);
  catalog.databaseIds.delete(database.name);
  tabletsChanged(catalog);
  for (const table of database.tables.values()) forgetTable(catalog, id, table);
}

function dropTable(catalog: Catalog, dbId: DbId, tableId: TableId): void {
  const table = catalog.databases.get(dbId)?.tables.get(tableId);
  if (table === undefined) return;
  removeTable(catalog, dbId, tableId);
  forgetTable(catalog, dbId, table);
}

/** A dropped table: views over it go inactive, tables under it do not know it any more. */
function forgetTable(catalog: Catalog, dbId: DbId, table: OlapTable): void {
  unbindView(catalog, dbId, table);
  inactivateViewsOver(catalog, table, `base-table dropped: ${table.name}`);
}

function renameTable(
  catalog: Catalog,
  record: Extract<CatalogRecord, { readonly op: 'OP_RENAME_TABLE_V2' }>,
): void {
  const before = databaseOf(catalog, record.dbId).tables.get(record.tableId);
  changeTable(catalog, record, (table) => renamed(table, record.newName));
  if (before === undefined || before.name === record.newName) return;
  inactivateViewsOver(catalog, before, `base-table renamed: ${before.name}`);
}

/** Views over either of them are bound to what is now under another name: they go inactive. */
function swapTables(
  catalog: Catalog,
  { dbId, tableId, otherId }: Extract<CatalogRecord, { readonly op: 'OP_SWAP_TABLE' }>,
): void {
  const database = databaseOf(catalog, dbId);
  const [one, other] = [database.tables.get(tableId), database.tables.get(otherId)];
  assert(one !== undefined && other !== undefined, 'both tables are there');
  database.tables.set(one.id, renamed(one, other.name));
  database.tables.set(other.id, renamed(other, one.name));
  database.tableIds.set(one.name, other.id);
  database.tableIds.set(other.name, one.id);
  for (const before of [one, other]) {
    inactivateViewsOver(catalog, before, `base-table swapped: ${before.name}`);
  }
}

/** Views over the table are bound to columns that may be gone: they go inactive. */
function changeColumns(catalog: Catalog, record: ColumnsRecord): void {
  const database = databaseOf(catalog, record.dbId);
  const before = database.tables.get(record.tableId);
  changeTable(catalog, record, (table) => withColumnsChanged(table, record));
  noteJob(database.schemaChangeJobs, record.job);
  if (before === undefined || before === database.tables.get(record.tableId)) return;
  if (record.lost.length === 0) return;
  const columns = record.lost.join(', ');
  inactivateViewsOver(catalog, before, `base-table ${before.name} changed columns: ${columns}`);
}

function withPropertiesSet(
  table: OlapTable,
  record: Extract<CatalogRecord, { readonly op: 'OP_ALTER_TABLE_PROPERTIES' }>,
): OlapTable {
  const { comment, indexes, properties } = record;
  const changed = properties === undefined ? table : withProperties(table, properties);
  if (comment === undefined && indexes === undefined) return changed;
  return Object.freeze({
    ...changed,
    ...(comment === undefined ? {} : { comment }),
    ...(indexes === undefined ? {} : { indexes }),
  });
}

/** The partitions' rows have been published: what counts for readers is that they stand here. */
function applyOverwrite(catalog: Catalog, record: OverwriteRecord): void {
  const { partitions, dropped, commit, materializedView } = record;
  changeTable(catalog, record, (table) => {
    const overwritten = withPartitionsOverwritten(table, partitions, dropped);
    const filled = withCommittedVersions(overwritten, commit.partitions, commit.commitTimeMs);
    return materializedView === undefined ? filled : withMaterializedView(filled, materializedView);
  });
}

/** Registers a table, or puts a changed one in the place of the one with its id. */
export function putTable(catalog: Catalog, dbId: DbId, table: Table): void {
  const database = databaseOf(catalog, dbId);
  const owner = database.tableIds.get(table.name);
  assert(owner === undefined || owner === table.id, `the table name ${table.name} is free`);
  assert(!database.views.has(table.name), `no view is called ${table.name}`);
  const before = database.tables.get(table.id);
  if (before !== undefined && before.name !== table.name) database.tableIds.delete(before.name);
  database.tables.set(table.id, table);
  database.tableIds.set(table.name, table.id);
  if (before === undefined || !hasSameTablets(before, table)) tabletsChanged(catalog);
}

/** Takes a table away; one that is not there is fine. */
export function removeTable(catalog: Catalog, dbId: DbId, tableId: TableId): void {
  const database = databaseOf(catalog, dbId);
  const table = database.tables.get(tableId);
  if (table === undefined) return;
  database.tables.delete(tableId);
  database.tableIds.delete(table.name);
  database.autoIncrementIds.delete(tableId);
  tabletsChanged(catalog);
}

/** Jobs of a kind that a database remembers; the oldest are forgotten first. */
const ALTER_JOBS_MAX = 1000;

function noteJob<T extends RollupJob | SchemaChangeJob>(jobs: T[], job: T): void {
  if (jobs.some((one) => one.jobId === job.jobId)) return;
  jobs.push(job);
  if (jobs.length > ALTER_JOBS_MAX) jobs.shift();
}

/** A load may reserve ids of a table that is dropped meanwhile: there is nothing to save then. */
function saveAutoIncrementId(
  catalog: Catalog,
  record: Extract<CatalogRecord, { op: 'OP_SAVE_AUTO_INCREMENT_ID' }>,
): void {
  const database = catalog.databases.get(record.dbId);
  if (database?.tables.has(record.tableId) !== true) return;
  const before = database.autoIncrementIds.get(record.tableId) ?? 0;
  const nextId = record.isReplaced ? record.nextId : Math.max(before, record.nextId);
  database.autoIncrementIds.set(record.tableId, nextId);
}

/** The table may have been dropped before a restore came to log its group. */
function joinColocateGroup(
  catalog: Catalog,
  record: Extract<CatalogRecord, { op: 'OP_COLOCATE_ADD_TABLE_V2' }>,
): void {
  const table = catalog.databases.get(record.dbId)?.tables.get(record.tableId);
  if (table === undefined || table.colocateGroup !== undefined) return;
  putTable(catalog, record.dbId, Object.freeze({ ...table, colocateGroup: record.group }));
}

/** Registers a view in the place of one of its name. */
export function putView(catalog: Catalog, dbId: DbId, view: View): void {
  const database = databaseOf(catalog, dbId);
  assert(!database.tableIds.has(view.name), `no table is called ${view.name}`);
  database.views.set(view.name, view);
}

/** Takes a view away; one that is not there is fine. */
export function removeView(catalog: Catalog, dbId: DbId, name: string): void {
  databaseOf(catalog, dbId).views.delete(name);
}

/** Registers a function in the place of one of its signature. */
export function putFunction(catalog: Catalog, dbId: DbId, fn: UserFunction): void {
  databaseOf(catalog, dbId).functions.set(functionSignature(fn), fn);
}

/** Takes a function away; one that is not there is fine, as is a database that is gone. */
export function removeFunction(catalog: Catalog, dbId: DbId, signature: string): void {
  catalog.databases.get(dbId)?.functions.delete(signature);
}

function databaseOf(catalog: Catalog, id: DbId): Database {
  return present(catalog.databases.get(id), `database ${id}`);
}

function changeTable(
  catalog: Catalog,
  where: { readonly dbId: DbId; readonly tableId: TableId },
  change: (table: OlapTable) => OlapTable,
): void {
  const tables = databaseOf(catalog, where.dbId).tables;
  const table = present(tables.get(where.tableId), `table ${where.tableId}`);
  const after = change(table);
  if (after !== table) putTable(catalog, where.dbId, after);
}

/** A load may end after its table or database was dropped: its record then changes nothing. */
function applyCommit(catalog: Catalog, record: CommitRecord): void {
  const database = catalog.databases.get(record.dbId);
  const table = database?.tables.get(record.tableId);
  if (database === undefined || table === undefined) return;
  database.tables.set(
    table.id,
    withCommittedVersions(table, record.partitions, record.commitTimeMs),
  );
}

function hasSameTablets(before: OlapTable, after: OlapTable): boolean {
  return before.partitions === after.partitions && before.tempPartitions === after.tempPartitions;
}
