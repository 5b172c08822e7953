/**
 * How many of the first key columns make the prefix index: at most three, 36 bytes together, a
 * VARCHAR only as the last, no type that has no order of bytes (FE constants of StarRocks).
 */
import type { SqlType } from '../base/sql-type.ts';
import type { Column } from './model.ts';

export const SHORT_KEY_COLUMNS_MAX = 3;
export const SHORT_KEY_SIZE_BYTES_MAX = 36;

/** Bytes of a VARCHAR prefix in the index. */
const VARCHAR_INDEX_SIZE_BYTES = 20;

/** Bytes a value of the type takes in the prefix index; undefined if it cannot be part of one. */
function indexSizeBytes(type: SqlType): number | undefined {
  switch (type.name) {
    case 'BOOLEAN':
    case 'TINYINT':
      return 1;
    case 'SMALLINT':
      return 2;
    case 'INT':
      return 4;
    case 'BIGINT':
      return 8;
    case 'LARGEINT':
      return 16;
    case 'DECIMAL':
      return (type.precision ?? 10) > 18 ? 16 : (type.precision ?? 10) > 9 ? 8 : 4;
    case 'DATE':
      return 3;
    case 'DATETIME':
      return 8;
    case 'CHAR':
      return type.length ?? 1;
    case 'VARCHAR':
      return VARCHAR_INDEX_SIZE_BYTES;
    case 'FLOAT':
    case 'DOUBLE':
    case 'VARBINARY':
    case 'JSON':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return undefined;
  }
}

/**
 * Columns of the prefix index out of the leading key columns of a schema; 0 when the first cannot
 * be one. A first CHAR that is too long counts, cut to size.
 */
export function shortKeyColumnCount(columns: readonly Column[]): number {
  let count = 0;
  let sizeBytes = 0;
  for (const column of columns) {
    const size = indexSizeBytes(column.type);
    if (!column.isKey || size === undefined || count === SHORT_KEY_COLUMNS_MAX) break;
    sizeBytes += size;
    if (sizeBytes > SHORT_KEY_SIZE_BYTES_MAX) {
      return count === 0 && column.type.name === 'CHAR' ? 1 : count;
    }
    count += 1;
    if (column.type.name === 'VARCHAR') break;
  }
  return count;
}
