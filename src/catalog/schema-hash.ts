/**
 * The hash of a list of columns that names a schema on backends and is part of a table's
 * signature (restore-jobs.md 3.5). Depends on names, types and which columns are keys.
 */
import { isNestedType, type SqlType, typeText } from '../base/sql-type.ts';
import { Adler32 } from './adler32.ts';
import type { Column } from './model.ts';

/** The type as it goes into the hash. */
function hashedTypeText(type: SqlType): string {
  switch (type.name) {
    case 'TINYINT':
      return 'tinyint(4)';
    case 'SMALLINT':
      return 'smallint(6)';
    case 'INT':
      return 'int(11)';
    case 'BIGINT':
      return 'bigint(20)';
    case 'LARGEINT':
      return 'largeint(40)';
    case 'CHAR':
    case 'VARCHAR':
      return `${type.name.toLowerCase()}(${type.length ?? 1})`;
    case 'DECIMAL':
      return `decimal(${type.precision ?? 10},${type.scale ?? 0})`;
    default:
      return isNestedType(type) ? typeText(type) : type.name.toLowerCase();
  }
}

/** Not negative, below 2^31 or equal to it. The version counts with its low 8 bits. */
export function schemaHash(columns: readonly Column[], schemaVersion: number = 0): number {
  const sum = new Adler32().byte(schemaVersion);
  for (const column of columns) sum.text(column.name).text(hashedTypeText(column.type));
  for (const column of columns) if (column.isKey) sum.text(column.name);
  return sum.absolute;
}
