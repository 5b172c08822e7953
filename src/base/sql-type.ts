/**
 * Types of column values and how a value of each is held in memory. Catalog, protocol, backends
 * and queries all speak of values in these terms.
 */

export const SCALAR_TYPE_NAMES = [
  'BOOLEAN',
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'LARGEINT',
  'FLOAT',
  'DOUBLE',
  'DECIMAL',
  'CHAR',
  'VARCHAR',
  'VARBINARY',
  'DATE',
  'DATETIME',
  'JSON',
] as const;
/** Types that are made of others. */
export const NESTED_TYPE_NAMES = ['ARRAY', 'MAP', 'STRUCT'] as const;
export type TypeName = (typeof SCALAR_TYPE_NAMES | typeof NESTED_TYPE_NAMES)[number];

export interface StructField {
  readonly name: string;
  readonly type: SqlType;
}

export interface SqlType {
  readonly name: TypeName;
  /** CHAR, VARCHAR, VARBINARY: bytes. */
  readonly length?: number;
  /** DECIMAL: all digits, and those after the point. */
  readonly precision?: number;
  readonly scale?: number;
  /** ARRAY: of its elements. */
  readonly element?: SqlType;
  /** MAP. */
  readonly key?: SqlType;
  readonly value?: SqlType;
  /** STRUCT: in order, names unique without case. */
  readonly fields?: readonly StructField[];
}

/** Levels of ARRAY, MAP and STRUCT in each other. */
export const NESTING_LEVELS_MAX = 14;

export function isNestedType({ name }: SqlType): boolean {
  return NESTED_TYPE_NAMES.some((nested) => nested === name);
}

/** Types directly inside of a nested one. */
export function innerTypes(type: SqlType): readonly SqlType[] {
  const { element, key, value, fields = [] } = type;
  return [element, key, value, ...fields.map((field) => field.type)].filter(
    (inner) => inner !== undefined,
  );
}

/**
 * A value: NULL is `null`; BOOLEAN a boolean; TINYINT, SMALLINT, INT, FLOAT, DOUBLE a number;
 * BIGINT and LARGEINT a bigint; DECIMAL its text with exactly `scale` digits after the point;
 * CHAR, VARCHAR, JSON a string; VARBINARY bytes; DATE `yyyy-MM-dd`; DATETIME
 * `yyyy-MM-dd HH:mm:ss` with `.ffffff` only when the fraction is not zero; ARRAY, MAP and STRUCT
 * the one text that StarRocks prints for the value (`nested-cell.ts`).
 */
export type Cell = null | boolean | number | bigint | string | Uint8Array;

/** The values of one column, row by row. */
export type ColumnVector = Cell[];

/** STRING is this long (sql-surface.md 3.2). */
export const STRING_LENGTH = 65_533;

/** The text that the MySQL text protocol carries. */
export function cellText(cell: Exclude<Cell, null>): string | Uint8Array {
  if (typeof cell === 'boolean') return cell ? '1' : '0';
  if (typeof cell === 'string' || cell instanceof Uint8Array) return cell;
  return String(cell);
}

/** Lower-case type text as in DESC and SHOW CREATE TABLE: `int(11)`, `decimal(10, 2)`. */
export function typeText(type: SqlType): string {
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
    case 'DECIMAL':
      return `decimal(${type.precision ?? 10}, ${type.scale ?? 0})`;
    case 'CHAR':
    case 'VARCHAR':
      return `${type.name.toLowerCase()}(${type.length ?? 1})`;
    case 'VARBINARY':
      return type.length === undefined ? 'varbinary' : `varbinary(${type.length})`;
    case 'ARRAY':
    case 'MAP':
      return `${type.name.toLowerCase()}<${innerTypes(type).map(typeText).join(',')}>`;
    case 'STRUCT':
      return `struct<${fieldsText(type)}>`;
    default:
      return type.name.toLowerCase();
  }
}

function fieldsText({ fields = [] }: SqlType): string {
  return fields.map(({ name, type }) => `${name} ${typeText(type)}`).join(', ');
}
