/**
 * CREATE MATERIALIZED VIEW in its synchronous form -> an index of its table (sql-surface.md 3.5):
 * columns of one table, grouped or not, with aggregates that rows can be merged by.
 */
import { isNestedType, NESTED_TYPE_NAMES, type SqlType } from '../base/sql-type.ts';
import type { Column, ColumnSource, OlapTable } from '../catalog/model.ts';
import { duplicateKeyed, isSameName, type NewIndex } from '../catalog/rollup-schema.ts';
import type { CreateSyncView, Expr, SelectItem, SelectNode, TableName } from '../sql/ast.ts';
import { analysisError, analyzed } from './analysis-error.ts';
import { columnNamed } from './resolve.ts';

/** The query of a synchronous view, as far as its form goes. */
export interface SyncViewQuery {
  readonly table: TableName;
  readonly select: SelectNode;
}

export function syncViewQuery(statement: CreateSyncView): SyncViewQuery {
  const { query } = statement;
  const { body } = query;
  const clause =
    query.with.length > 0
      ? 'WITH'
      : query.orderBy.length > 0
        ? 'ORDER BY'
        : query.limit !== undefined
          ? 'LIMIT'
          : undefined;
  if (clause !== undefined) throw unsupported(clause);
  if (body.kind !== 'select') throw unsupported('a set operation or nested query');
  if (body.distinct) throw unsupported('DISTINCT');
  if (body.where !== undefined) throw unsupported('WHERE');
  if (body.having !== undefined) throw unsupported('HAVING');
  if (body.qualify !== undefined) throw unsupported('QUALIFY');
  const [from, another] = body.from;
  if (from?.kind !== 'table' || another !== undefined) {
    throw analysisError('The materialized view only support one table in from clause.');
  }
  if (from.partitions !== undefined) throw unsupported('PARTITION (...)');
  return { table: from.name, select: body };
}

interface ViewColumn {
  readonly column: Column;
  readonly source: ColumnSource;
  readonly isAggregate: boolean;
}

/** The index that the view is. Base rows may be merged already, so then aggregates must agree. */
export function syncViewIndex(
  statement: CreateSyncView,
  { select }: SyncViewQuery,
  table: OlapTable,
): NewIndex {
  if (table.keysType !== 'DUP_KEYS' && table.keysType !== 'AGG_KEYS') {
    throw analysisError(
      'The materialized view only supports duplicate key and aggregate key tables: ' +
        `'${table.name}' is ${table.keysType}`,
    );
  }
  const found = select.items.map((item, at) => viewColumn(item, at, table));
  checkOrder(found, select, table);
  const isGrouped = select.groupBy.length > 0 || found.some(({ isAggregate }) => isAggregate);
  const columns = found.map(({ column }) => column);
  checkNames(columns);
  checkKeys(columns, isGrouped);
  const keysType = isGrouped ? 'AGG_KEYS' : table.keysType;
  return {
    name: statement.name.name,
    keysType,
    columns: keysType === 'DUP_KEYS' ? analyzed(() => duplicateKeyed(columns, undefined)) : columns,
    definition: { statement: statement.text, sources: found.map(({ source }) => source) },
  };
}

function viewColumn({ expr, alias }: SelectItem, at: number, table: OlapTable): ViewColumn {
  if (expr.kind === 'star') throw unsupported('*');
  if (expr.kind === 'column') return plainColumn(expr, alias, table);
  if (expr.kind !== 'call') throw unsupported(`the expression of column ${at + 1}`);
  const name = expr.name.toLowerCase();
  const [argument, another] = expr.args;
  if (expr.distinct || expr.over !== undefined || another !== undefined) {
    throw unsupported(`${name}() of this form`);
  }
  if (argument?.kind !== 'column') throw unsupported(`${name}() of an expression`);
  return aggregateColumn(name, argument, alias, table);
}

type ColumnExpr = Extract<Expr, { readonly kind: 'column' }>;

function baseColumn({ path }: ColumnExpr, table: OlapTable): Column {
  return columnNamed(table, path.at(-1) ?? '');
}

function plainColumn(expr: ColumnExpr, alias: string | undefined, table: OlapTable): ViewColumn {
  const base = baseColumn(expr, table);
  if (table.keysType === 'AGG_KEYS' && !base.isKey) {
    throw analysisError(`The value column ${base.name} should be aggregated by its function`);
  }
  const { defaultValue: _default, ...plain } = base;
  return {
    column: { ...plain, name: alias ?? base.name, isKey: true, isAutoIncrement: false },
    source: { column: base.name, isCount: false },
    isAggregate: false,
  };
}

function aggregateColumn(
  name: string,
  argument: ColumnExpr,
  alias: string | undefined,
  table: OlapTable,
): ViewColumn {
  const base = baseColumn(argument, table);
  const isCount = name === 'count';
  const type = isCount ? BIGINT : aggregateType(name, base);
  if (table.keysType === 'AGG_KEYS' && base.aggregationType?.toLowerCase() !== name) {
    throw analysisError(
      `The aggregation ${name} of the materialized view differs from that of column ${base.name}`,
    );
  }
  return {
    column: {
      name: alias ?? `mv_${name}_${base.name}`,
      uniqueId: base.uniqueId,
      type,
      isKey: false,
      aggregationType: isCount ? 'SUM' : name.toUpperCase(),
      isAllowNull: !isCount && base.isAllowNull,
      isAutoIncrement: false,
      comment: '',
    },
    source: { column: base.name, isCount },
    isAggregate: true,
  };
}

const BIGINT: SqlType = Object.freeze({ name: 'BIGINT' });

function aggregateType(name: string, { type, name: column }: Column): SqlType {
  if (name === 'min' || name === 'max') {
    if (type.name !== 'JSON' && type.name !== 'VARBINARY' && !isNestedType(type)) return type;
    throw unsupported(`${name}() of column ${column} of type ${type.name}`);
  }
  if (name !== 'sum') throw unsupported(`the function ${name}()`);
  switch (type.name) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return BIGINT;
    case 'LARGEINT':
      return type;
    case 'FLOAT':
    case 'DOUBLE':
      return { name: 'DOUBLE' };
    case 'DECIMAL':
      return { name: 'DECIMAL', precision: 38, scale: type.scale ?? 0 };
    default:
      throw unsupported(`sum() of column ${column} of type ${type.name}`);
  }
}

/** Grouping columns come first, and are exactly those that are not aggregated. */
function checkOrder(
  columns: readonly ViewColumn[],
  { groupBy, groupingSets }: SelectNode,
  table: OlapTable,
): void {
  if (groupingSets !== undefined) throw unsupported('GROUPING SETS');
  const keys = columns.filter(({ isAggregate }) => !isAggregate);
  if (keys.length === 0) {
    throw analysisError('The materialized view must have at least one column without aggregate');
  }
  if (columns.slice(0, keys.length).some(({ isAggregate }) => isAggregate)) {
    throw analysisError('The aggregate column should be after the single column');
  }
  const grouped = groupBy.map((expr) => {
    if (expr.kind !== 'column') throw unsupported('GROUP BY an expression');
    const alias = keys.find(({ column }) => isSameName(column.name, expr.path.at(-1) ?? ''));
    return alias?.source.column ?? baseColumn(expr, table).name;
  });
  if (keys.length === columns.length && grouped.length === 0) return;
  const selected = keys.map(({ source }) => source.column);
  const isSame =
    grouped.length === selected.length && selected.every((name) => grouped.includes(name));
  if (!isSame) {
    throw analysisError('The columns of GROUP BY must be those that are not aggregated');
  }
}

const NOT_KEY_TYPES: ReadonlySet<string> = new Set([
  'FLOAT',
  'DOUBLE',
  'JSON',
  'VARBINARY',
  ...NESTED_TYPE_NAMES,
]);

/** Rows are grouped by all keys; without groups the first few columns are chosen by their types. */
function checkKeys(columns: readonly Column[], isGrouped: boolean): void {
  if (!isGrouped) return;
  const wrong = columns.find(({ isKey, type }) => isKey && NOT_KEY_TYPES.has(type.name));
  if (wrong === undefined) return;
  throw analysisError(`Invalid data type of key column '${wrong.name}': '${wrong.type.name}'`);
}

function checkNames(columns: readonly Column[]): void {
  for (const [at, { name }] of columns.entries()) {
    if (columns.slice(0, at).some((column) => isSameName(column.name, name))) {
      throw analysisError(`Duplicate column name '${name}'`, 'duplicate-column');
    }
  }
}

function unsupported(what: string): Error {
  return analysisError(
    `${what} in a synchronous materialized view is not supported`,
    'unsupported',
  );
}
