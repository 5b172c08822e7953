/**
 * Aggregate functions of columns: AGGREGATE KEY tables need one on each value column, others take
 * none (sql-surface.md 3.2). What backends cannot combine is refused by name.
 */
import { type SqlType, type TypeName, typeText } from '../base/sql-type.ts';
import type { KeysType } from '../catalog/model.ts';
import type { ColumnDef, CreateTable } from '../sql/ast.ts';
import { analysisError, analysisErrorAt } from './analysis-error.ts';

const NUMBERS: readonly TypeName[] = [
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'LARGEINT',
  'FLOAT',
  'DOUBLE',
  'DECIMAL',
];
const ORDERED: readonly TypeName[] = [...NUMBERS, 'DATE', 'DATETIME', 'CHAR', 'VARCHAR'];

/** Types that a function takes; undefined: all that a table may have. */
const FUNCTIONS: Readonly<Record<string, readonly TypeName[] | undefined>> = {
  SUM: NUMBERS,
  MIN: ORDERED,
  MAX: ORDERED,
  REPLACE: undefined,
  REPLACE_IF_NOT_NULL: undefined,
};

/** What the statement says, else AGGREGATE KEY when a column has a function, else DUPLICATE KEY. */
export function keysTypeOf({ keys, columns }: CreateTable): KeysType {
  const hasFunction = columns.some((column) => column.aggregation !== undefined);
  return keys?.type ?? (hasFunction ? 'AGG_KEYS' : 'DUP_KEYS');
}

/** Names of the key columns as far as the statement tells them. */
export function keyNamesOf({ keys, columns }: CreateTable): readonly string[] {
  if (keys !== undefined) return keys.columns;
  const firstValue = columns.findIndex((column) => column.aggregation !== undefined);
  const chosen =
    firstValue < 0 ? columns.filter((column) => column.isKey) : columns.slice(0, firstValue);
  return chosen.map((column) => column.name);
}

/** The function of a column of a table with these keys, checked. */
export function aggregationOf(
  { name, type, aggregation, position }: ColumnDef,
  isKey: boolean,
  keysType: KeysType,
): string | undefined {
  if (keysType === 'AGG_KEYS' && !isKey) {
    if (aggregation === undefined) {
      throw analysisError(
        `AGG_KEYS table should specify aggregate type for non-key column[${name}]`,
      );
    }
    checkFunction(aggregation, name, type, position);
    return aggregation;
  }
  if (aggregation === undefined) return undefined;
  const where = isKey ? 'key column' : 'column';
  throw analysisErrorAt(
    position,
    `Cannot specify aggregate function '${aggregation}' for ${where} '${name}' of ${keysType}`,
  );
}

function checkFunction(
  aggregation: string,
  name: string,
  type: SqlType,
  position: ColumnDef['position'],
): void {
  if (!Object.hasOwn(FUNCTIONS, aggregation)) {
    throw analysisErrorAt(
      position,
      `Aggregation ${aggregation} of column '${name}' is not supported`,
      'unsupported',
    );
  }
  const types = FUNCTIONS[aggregation];
  if (types === undefined || types.includes(type.name)) return;
  throw analysisErrorAt(
    position,
    `Invalid aggregate function '${aggregation}' for '${name}' of type ${typeText(type)}`,
  );
}
