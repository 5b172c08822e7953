/**
 * StarRocks' MVRestoreUpdater: binds a restored materialized view to the tables here, and says why
 * it cannot be (restore-jobs.md 5.4.3). Finds the new state; `mv-post-actions.ts` logs it.
 */
import {
  activated,
  inactivated,
  type MaterializedViewInfo,
  type MvBaseTable,
  type MvPartitionVersion,
  restoreInactiveReason,
} from '../../catalog/materialized-view.ts';
import type { Database, OlapTable, Partition } from '../../catalog/model.ts';
import type { CatalogStore, JobTraits, MvAnalyzer } from '../ports.ts';
import { tableNamed } from '../table-lookup.ts';
import type { MvBaseTableBackupInfo, MvRestoreContext } from './mv-restore-context.ts';
import { rewrittenDefinition, type TableNameChange } from './rewrite-definition.ts';

export interface UpdaterDeps {
  readonly catalog: Pick<CatalogStore, 'database' | 'databaseByName'>;
  readonly context: MvRestoreContext;
  readonly analyzer: MvAnalyzer;
  readonly traits: Pick<JobTraits, 'quirks'>;
}

interface BoundBase {
  readonly base: MvBaseTable;
  /** Of a table that a restore has brought. */
  readonly change?: TableNameChange;
  readonly versions?: ReadonlyMap<string, MvPartitionVersion>;
}

/** The view as it should be from now on: active, or inactive with the reason. */
export function updatedView(
  deps: UpdaterDeps,
  database: Database,
  table: OlapTable,
  info: MaterializedViewInfo,
): MaterializedViewInfo {
  const refuse = (why: string): MaterializedViewInfo =>
    inactivated(info, restoreInactiveReason(table.name, why));
  if (info.baseTables.length === 0) return refuse('its base tables are not known');
  const bound = info.baseTables.flatMap((base) => boundBase(deps, base, info) ?? []);
  if (bound.length < info.baseTables.length) {
    return refuse(`a base table is missing of: ${namesOf(info.baseTables)}`);
  }
  const definitions = fittingDefinitions(deps, table, info, bound);
  if (definitions === undefined) {
    return refuse(
      `its query cannot be run: CREATE MATERIALIZED VIEW ${quoted(table.name)} ` +
        `AS ${info.resolvedDefinition}`,
    );
  }
  const inactive = bound.find(({ base }) => isInactiveView(deps, base));
  if (inactive !== undefined) {
    return refuse(`base mv ${inactive.base.tableName} is not active`);
  }
  const versions = new Map(info.baseTableVersions);
  for (const { base, versions: remapped } of bound) {
    if (remapped !== undefined) versions.set(base.tableId, remapped);
  }
  const { partitionExpr } = info;
  return Object.freeze({
    ...activated(info),
    ...definitions,
    dbId: database.id,
    baseTables: bound.map(({ base }) => base),
    baseTableVersions: versions,
    ...(partitionExpr === undefined
      ? {}
      : { partitionExpr: { ...partitionExpr, dbName: database.name, tableName: table.name } }),
  });
}

/** The table here that stands for one the view reads; undefined when there is none. */
function boundBase(
  { catalog, context }: UpdaterDeps,
  base: MvBaseTable,
  info: MaterializedViewInfo,
): BoundBase | undefined {
  const entry = context.baseTable(base.dbName, base.tableName);
  const database = catalog.databaseByName(entry?.localDbName ?? base.dbName);
  if (database === undefined) return undefined;
  const table = tableNamed(database, entry?.localTableName ?? base.tableName);
  if (table === undefined) return undefined;
  const here: MvBaseTable = {
    dbId: database.id,
    dbName: database.name,
    tableId: table.id,
    tableName: table.name,
  };
  if (entry === undefined) return { base: here };
  const versions = remappedVersions(info, entry, table);
  return {
    base: here,
    change: { from: base, to: here },
    ...(versions === undefined ? {} : { versions }),
  };
}

/**
 * What the view has read of a restored table, by the ids of its partitions here. A partition that
 * the view had read before it was replaced in the source cluster is left out: it counts as unread.
 */
function remappedVersions(
  info: MaterializedViewInfo,
  { remoteTableId, backupTableInfo }: MvBaseTableBackupInfo,
  table: OlapTable,
): ReadonlyMap<string, MvPartitionVersion> | undefined {
  const read = info.baseTableVersions.get(remoteTableId);
  if (read === undefined) return undefined;
  const remapped = new Map<string, MvPartitionVersion>();
  for (const [name, version] of read) {
    const remote = backupTableInfo.partitions.get(name);
    const local = partitionHere(table, backupTableInfo.name, name);
    if (remote === undefined || local === undefined || remote.id !== Number(version.id)) continue;
    remapped.set(local.name, { ...version, id: local.id });
  }
  return remapped;
}

/** The single partition of an unpartitioned table bears the name of the table, alias and all. */
function partitionHere(
  table: OlapTable,
  remoteTableName: string,
  name: string,
): Partition | undefined {
  const isTableName = table.partitionBy.kind === 'UNPARTITIONED' && name === remoteTableName;
  return table.partitions.get(isTableName ? table.name : name);
}

/**
 * The texts of the query that can be run here. They change only when those of the snapshot cannot
 * be run, and every table was restored under a name that is known (9 #23).
 */
function fittingDefinitions(
  { analyzer, traits }: UpdaterDeps,
  table: OlapTable,
  info: MaterializedViewInfo,
  bound: readonly BoundBase[],
): Pick<MaterializedViewInfo, 'definition' | 'resolvedDefinition'> | undefined {
  const { definition, resolvedDefinition } = info;
  if (analyzer.problemOf(table, info) === undefined) return { definition, resolvedDefinition };
  const changes = bound.flatMap(({ change }) => change ?? []);
  if (changes.length < info.baseTables.length) return undefined;
  const rewrite = (text: string): string =>
    rewrittenDefinition(text, changes, traits.quirks.mvRewriteIsSequential);
  const texts = {
    definition: rewrite(definition),
    resolvedDefinition: rewrite(resolvedDefinition),
  };
  return analyzer.problemOf(table, { ...info, ...texts }) === undefined ? texts : undefined;
}

function isInactiveView({ catalog }: UpdaterDeps, base: MvBaseTable): boolean {
  const table = catalog.database(base.dbId)?.tables.get(base.tableId);
  return table?.materializedView?.isActive === false;
}

function namesOf(bases: readonly MvBaseTable[]): string {
  return bases.map(({ dbName, tableName }) => `${dbName}.${tableName}`).join(', ');
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
