/**
 * The ON list and the label of BACKUP and RESTORE, as far as they are job semantics: which tables
 * are meant, which combinations are refused (backup-jobs.md 3.2 A, restore-jobs.md 3.1). Errors are
 * bare; whoever analyses wraps them.
 */
import { SimError } from '../base/errors.ts';
import type { Database } from '../catalog/model.ts';
import { labelProblem } from '../repository/layout.ts';
import type { BackupTableRef } from './backup-job.ts';
import { tableNamed } from './table-lookup.ts';

/** A table of an ON list, as written. */
export interface NamedTable {
  readonly name: string;
  readonly partitions?: { readonly isTemporary: boolean; readonly names: readonly string[] };
  readonly alias?: string;
}

/** Empty is refused as in StarRocks, a path trick because a label is a directory (9 Q13). */
export function analyzeLabel(label: string): void {
  const problem = labelProblem(label);
  if (problem !== undefined) throw new SimError('bad-label', `Label format error: ${problem}`);
}

/**
 * The objects of a BACKUP, sorted by name: the listed tables, and with `takesAll` every other one
 * of the database. Throws `analysis` for a table or partition that is not there, a table listed
 * twice, or an alias; `common-error` for an alias that another table bears.
 */
export function analyzeBackupTables(
  database: Database,
  listed: readonly NamedTable[],
  takesAll: boolean,
): readonly BackupTableRef[] {
  const refs = new Map<string, BackupTableRef>();
  for (const item of listed) {
    checkBackupTable(database, item);
    if (refs.has(item.name)) throw new SimError('analysis', `Duplicated table: ${item.name}`);
    refs.set(item.name, refOf(database, item));
  }
  const named = new Set([...refs.keys()].map((name) => name.toLowerCase()));
  for (const table of takesAll ? database.tables.values() : []) {
    if (named.has(table.name.toLowerCase())) continue;
    refs.set(table.name, { dbName: database.name, tableName: table.name });
  }
  return [...refs.values()].sort((a, b) => (a.tableName < b.tableName ? -1 : 1));
}

function checkBackupTable(database: Database, item: NamedTable): void {
  const { name, alias, partitions } = item;
  const table = tableNamed(database, name);
  if (table === undefined) throw new SimError('analysis', `Incorrect table name '${name}'`);
  if (alias !== undefined && alias !== name && tableNamed(database, alias) !== undefined) {
    throw new SimError('common-error', `Table alias ${alias} is the name of another table`);
  }
  const missing =
    partitions?.isTemporary === false
      ? partitions.names.find((partition) => !table.partitions.has(partition))
      : undefined;
  if (missing !== undefined) {
    throw new SimError('analysis', `Unknown partition '${missing}' in table '${name}'`);
  }
  if (alias !== undefined) {
    throw new SimError('analysis', `Alias ${alias} of table ${name} is not supported in BACKUP`);
  }
}

function refOf(database: Database, { name, partitions }: NamedTable): BackupTableRef {
  const ref = { dbName: database.name, tableName: name };
  if (partitions === undefined) return ref;
  if (partitions.isTemporary) {
    return { ...ref, partitionNames: partitions.names, hasTemporaryPartitions: true };
  }
  return { ...ref, partitionNames: partitions.names };
}

/** Throws `analysis` for a table listed twice, or an alias that another item bears or is. */
export function analyzeRestoreTables(listed: readonly NamedTable[]): void {
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
