/**
 * The ON list of BACKUP and RESTORE -> tables. What the emulator does not back up is refused by
 * name; a list is analysed whole before anything is done (sql-surface.md 2.3, resolutions.md 10).
 */
import type { NamedTable } from '../../jobs/analyze-objects.ts';
import type { BackupObject, TableName } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';

export interface ObjectList {
  readonly listed: readonly NamedTable[];
  readonly addsAllTables: boolean;
}

export function objectList(objects: readonly BackupObject[]): ObjectList {
  const listed: NamedTable[] = [];
  let addsAllTables = false;
  for (const object of objects) {
    if (object.kind === 'all') {
      // There are no views, materialized views or functions yet: all of them are none.
      if (object.what === 'TABLES') addsAllTables = true;
      continue;
    }
    refuseQualified(object.name);
    if (object.kind === 'function') throw unsupportedObject('FUNCTION', object.name);
    if (object.keyword === 'VIEW' || object.keyword === 'MATERIALIZED VIEW') {
      throw unsupportedObject(object.keyword, object.name);
    }
    const { name, partitions, alias } = object;
    listed.push({
      name: name.name,
      ...(partitions === undefined ? {} : { partitions }),
      ...(alias === undefined ? {} : { alias }),
    });
  }
  return { listed, addsAllTables };
}

function refuseQualified(name: TableName): void {
  if (name.db === undefined) return;
  throw analysisError(`Table name in ON should not have a database: ${name.db}.${name.name}`);
}

function unsupportedObject(what: string, name: TableName): Error {
  return analysisError(
    `${what} ${name.name} cannot be backed up or restored by this emulator`,
    'unsupported',
  );
}
