/**
 * The ON list of BACKUP and RESTORE -> tables. What the emulator does not back up is refused by
 * name; a list is analysed whole before anything is done (sql-surface.md 2.3, resolutions.md 10).
 */
import type { NamedFunction, NamedTable } from '../../jobs/analyze-objects.ts';
import type { BackupObject, TableName } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';

export interface ObjectList {
  readonly listed: readonly NamedTable[];
  readonly addsAllTables: boolean;
  readonly addsAllViews: boolean;
  readonly addsAllMaterializedViews: boolean;
  readonly functions: readonly NamedFunction[];
  readonly addsAllFunctions: boolean;
}

export function objectList(objects: readonly BackupObject[]): ObjectList {
  const listed: NamedTable[] = [];
  let addsAllTables = false;
  let addsAllViews = false;
  let addsAllMaterializedViews = false;
  let addsAllFunctions = false;
  const functions: NamedFunction[] = [];
  for (const object of objects) {
    if (object.kind === 'all') {
      if (object.what === 'TABLES') addsAllTables = true;
      if (object.what === 'VIEWS') addsAllViews = true;
      if (object.what === 'MATERIALIZED VIEWS') addsAllMaterializedViews = true;
      if (object.what === 'FUNCTIONS') addsAllFunctions = true;
      continue;
    }
    refuseQualified(object.name);
    if (object.kind === 'function') {
      functions.push(namedFunction(object));
      continue;
    }
    const { name, partitions, alias } = object;
    listed.push({
      name: name.name,
      ...(partitions === undefined ? {} : { partitions }),
      ...(alias === undefined ? {} : { alias }),
    });
  }
  return {
    listed,
    addsAllTables,
    addsAllViews,
    addsAllMaterializedViews,
    functions,
    addsAllFunctions,
  };
}

/** Names of functions have no case. */
function namedFunction({
  name,
  alias,
}: Extract<BackupObject, { kind: 'function' }>): NamedFunction {
  return {
    name: name.name.toLowerCase(),
    ...(alias === undefined ? {} : { alias: alias.toLowerCase() }),
  };
}

function refuseQualified(name: TableName): void {
  if (name.db === undefined) return;
  throw analysisError(`Table name in ON should not have a database: ${name.db}.${name.name}`);
}
