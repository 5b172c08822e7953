/**
 * The ON list and the label of BACKUP and RESTORE, as far as they are job semantics: which tables
 * are meant, which combinations are refused (backup-jobs.md 3.2 A, restore-jobs.md 3.1). Errors are
 * bare; whoever analyses wraps them.
 */
import { SimError } from '../base/errors.ts';
import type { MvBaseTable } from '../catalog/materialized-view.ts';
import type { Database } from '../catalog/model.ts';
import { labelProblem } from '../repository/layout.ts';
import type { BackupTableRef } from './backup-job.ts';
import { basesFirst } from './mv/backup-views.ts';
import { tableNamed } from './table-lookup.ts';

/** A table of an ON list, as written. */
export interface NamedTable {
  readonly name: string;
  readonly partitions?: { readonly isTemporary: boolean; readonly names: readonly string[] };
  readonly alias?: string;
}

/** A function of an ON list, for all its overloads; names in lower case. */
export interface NamedFunction {
  readonly name: string;
  readonly alias?: string;
}

/** Empty is refused as in StarRocks, a path trick because a label is a directory (9 Q13). */
export function analyzeLabel(label: string): void {
  const problem = labelProblem(label);
  if (problem !== undefined) throw new SimError('bad-label', `Label format error: ${problem}`);
}

/** Which objects a BACKUP takes besides the listed ones. */
export interface BackupTakes {
  readonly allTables: boolean;
  readonly allViews: boolean;
  readonly allMaterializedViews: boolean;
  /** Whether a table under a materialized view is still there. */
  readonly hasBaseTable: (base: MvBaseTable) => boolean;
}

/**
 * The tables and views of a BACKUP, sorted by name, but tables before the materialized views over
 * them: the listed ones, and every other one of the
 * database that `takes` asks for. Throws `analysis` for a table or partition that is not there, a
 * table listed twice, or an alias; `common-error` for an alias that another object bears;
 * `bad-table-name` for partitions of a view.
 */
export function analyzeBackupTables(
  database: Database,
  listed: readonly NamedTable[],
  takes: BackupTakes,
): readonly BackupTableRef[] {
  const refs = new Map<string, BackupTableRef>();
  for (const item of listed) {
    checkBackupTable(database, item);
    if (refs.has(item.name)) throw new SimError('analysis', `Duplicated table: ${item.name}`);
    refs.set(item.name, refOf(database, item));
  }
  const named = new Set([...refs.keys()].map((name) => name.toLowerCase()));
  const tables = [...database.tables.values()].filter((table) =>
    table.materializedView === undefined ? takes.allTables : takes.allMaterializedViews,
  );
  const others = [
    ...tables.map((table) => table.name),
    ...(takes.allViews ? database.views.keys() : []),
  ];
  for (const name of others) {
    if (named.has(name.toLowerCase())) continue;
    refs.set(name, { dbName: database.name, tableName: name });
  }
  const sorted = [...refs.values()].sort((a, b) => (a.tableName < b.tableName ? -1 : 1));
  return basesFirst(sorted, database, takes.hasBaseTable);
}

/** Throws `analysis` naming the first table with list partitions: for releases that refuse them. */
export function refuseListPartitions(
  database: Database,
  refs: readonly Pick<BackupTableRef, 'tableName'>[],
): void {
  for (const { tableName } of refs) {
    if (tableNamed(database, tableName)?.partitionBy.kind !== 'LIST') continue;
    throw new SimError(
      'analysis',
      `Table ${tableName} is partitioned by LIST; BACKUP does not support list partitions`,
    );
  }
}

function checkBackupTable(database: Database, item: NamedTable): void {
  const { name, alias, partitions } = item;
  const isView = database.views.has(name);
  const table = tableNamed(database, name);
  if (table === undefined && !isView) {
    throw new SimError('analysis', `Incorrect table name '${name}'`);
  }
  if (alias !== undefined && alias !== name && isKnown(database, alias)) {
    throw new SimError('common-error', `Table alias ${alias} is the name of another table`);
  }
  if (isView && partitions !== undefined) {
    throw new SimError(
      'bad-table-name',
      `Incorrect table name '${name}': a view has no partitions`,
    );
  }
  const missing =
    partitions?.isTemporary === false
      ? partitions.names.find((partition) => table?.partitions.has(partition) !== true)
      : undefined;
  if (missing !== undefined) {
    throw new SimError('analysis', `Unknown partition '${missing}' in table '${name}'`);
  }
  if (alias !== undefined) {
    throw new SimError('analysis', `Alias ${alias} of table ${name} is not supported in BACKUP`);
  }
}

function isKnown(database: Database, name: string): boolean {
  return database.views.has(name) || tableNamed(database, name) !== undefined;
}

function refOf(database: Database, { name, partitions }: NamedTable): BackupTableRef {
  const ref = { dbName: database.name, tableName: name };
  if (partitions === undefined) return ref;
  if (partitions.isTemporary) {
    return { ...ref, partitionNames: partitions.names, hasTemporaryPartitions: true };
  }
  return { ...ref, partitionNames: partitions.names };
}

/**
 * For the tables, and again for the functions of a RESTORE: throws `analysis` for one listed twice,
 * or an alias that another item bears or is.
 */
export function analyzeRestoreNames(
  listed: readonly { readonly name: string; readonly alias?: string }[],
): void {
  const names = new Set<string>();
  for (const { name } of listed) {
    if (names.has(name)) throw new SimError('analysis', `Duplicated restore table: ${name}`);
    names.add(name);
  }
  for (const { alias } of listed) {
    if (alias === undefined) continue;
    if (names.has(alias)) {
      throw new SimError('analysis', `Duplicated alias name: ${alias}`);
    }
    names.add(alias);
  }
}

/**
 * Names of the functions of a BACKUP, sorted: the listed ones, or with `takesAll` every one of the
 * database. Throws `analysis` for one that is not there, or an alias.
 */
export function analyzeBackupFunctions(
  database: Database,
  listed: readonly NamedFunction[],
  takesAll: boolean,
): readonly string[] {
  const known = new Set([...database.functions.values()].map((fn) => fn.name));
  const names = new Set<string>(takesAll ? known : []);
  for (const { name, alias } of listed) {
    if (!known.has(name)) throw new SimError('analysis', `Function ${name} does not exist`);
    if (alias !== undefined) {
      throw new SimError(
        'analysis',
        `Alias ${alias} of function ${name} is not supported in BACKUP`,
      );
    }
    names.add(name);
  }
  return [...names].sort();
}
