/** Aggregates and window functions as DuckDB SQL, results in StarRocks' types. */
import { SimError } from '../../base/errors.ts';
import { isNestedType, type SqlType } from '../../base/sql-type.ts';
import type {
  AggregateName,
  BoundAggregate,
  BoundExpr,
  BoundWindow,
  WindowName,
} from '../bound.ts';
import { exprKey } from '../expr-key.ts';
import { quoteText } from '../functions/function-spec.ts';
import { isTemporal, isText, STRING } from '../types.ts';
import {
  HALF_64,
  type PrintEnv,
  printExpr,
  printOrder,
  scaledSql,
  unscaledSql,
} from './print-expr.ts';
import { duckType, printCast } from './sql-text.ts';

const PLAIN: Readonly<Partial<Record<AggregateName, string>>> = {
  MIN: 'min',
  MAX: 'max',
  ANY_VALUE: 'any_value',
  STDDEV: 'stddev_pop',
  VARIANCE: 'var_pop',
  BOOL_OR: 'bool_or',
  BOOL_AND: 'bool_and',
  COVAR_POP: 'covar_pop',
  CORR: 'corr',
  PERCENTILE_CONT: 'quantile_cont',
  GROUPING: 'grouping',
};

const TWO_ARGUMENTS: ReadonlySet<AggregateName> = new Set<AggregateName>([
  'COVAR_POP',
  'CORR',
  'PERCENTILE_CONT',
]);

interface Shape {
  readonly name: AggregateName;
  readonly args: readonly BoundExpr[];
  readonly type: SqlType;
  /** `DISTINCT ` or nothing. */
  readonly quantifier: string;
  /** ` OVER (...)` or nothing. */
  readonly over: string;
}

/** Sums of whole numbers wrap around at 64 bits, as they do in StarRocks. */
function printSum(shape: Shape, argument: string, working: SqlType): string {
  const sum = `sum(${shape.quantifier}${argument})${shape.over}`;
  if (shape.type.name === 'BIGINT') {
    return `CAST(sr_wrap(CAST(${sum} AS HUGEINT), ${HALF_64}) AS BIGINT)`;
  }
  return `CAST(${sum} AS ${working.name === 'DECIMAL' ? duckType(shape.type) : duckType(working)})`;
}

function printAverage(shape: Shape, argument: string, working: SqlType): string {
  if (working.name !== 'DECIMAL') return `avg(${shape.quantifier}${argument})${shape.over}`;
  const scale = working.scale ?? 0;
  const digits = shape.type.scale ?? 0;
  const sum = unscaledSql(`sum(${shape.quantifier}${argument})${shape.over}`, scale);
  const shift = `CAST('${10n ** BigInt(digits - scale)}' AS HUGEINT)`;
  const count = `CAST(count(${shape.quantifier}${argument})${shape.over} AS HUGEINT)`;
  return scaledSql(`sr_round_div(${sum} * ${shift}, ${count})`, digits);
}

/** Of one row alone the sample's figures are zero; DuckDB has none. */
function printSample(shape: Shape, args: readonly string[]): string {
  const name = shape.name.toLowerCase();
  const list = args.join(', ');
  const noneIsNull = args.map((arg) => `${arg} IS NOT NULL`).join(' AND ');
  const count = `count(CASE WHEN ${noneIsNull} THEN 1 END)${shape.over}`;
  const figure = `${name}(${shape.quantifier}${list})${shape.over}`;
  return `CASE WHEN ${count} > 0 THEN coalesce(${figure}, 0) END`;
}

/** The value may be NULL, which DuckDB's own form would pass over. */
function printExtremeBy(shape: Shape, [value, by]: readonly string[]): string {
  const name = shape.name === 'MAX_BY' ? 'arg_max' : 'arg_min';
  return `struct_extract(${name}(struct_pack(x := ${value}), ${by})${shape.over}, 'x')`;
}

/** The value at the place, or the next larger one. */
function printPercentile(shape: Shape, [value, part]: readonly string[]): string {
  const values = `list(${value}) FILTER (WHERE ${value} IS NOT NULL)${shape.over}`;
  const place = `CAST(ceil((len(${values}) - 1) * ${part}) AS BIGINT) + 1`;
  return `list_extract(list_sort(${values}), ${place})`;
}

function printShape(shape: Shape, env: PrintEnv): string {
  const args = shape.args.map((arg) => printExpr(arg, env));
  const argument = args[0] ?? '';
  const working = shape.args[0]?.type ?? shape.type;
  switch (shape.name) {
    case 'COUNT_ALL':
      return `count(*)${shape.over}`;
    case 'COUNT':
      return `count(${shape.quantifier}${countArgument(args)})${shape.over}`;
    case 'SUM':
      return printSum(shape, argument, working);
    case 'AVG':
      return printAverage(shape, argument, working);
    case 'STDDEV_SAMP':
    case 'VAR_SAMP':
    case 'COVAR_SAMP':
      return printSample(shape, args);
    case 'MAX_BY':
    case 'MIN_BY':
      return printExtremeBy(shape, args);
    case 'PERCENTILE_DISC':
      return printPercentile(shape, args);
    default: {
      const name = PLAIN[shape.name];
      if (name === undefined) throw new SimError('bug', `no form of ${shape.name} in DuckDB`);
      const list = shape.name === 'GROUPING' || TWO_ARGUMENTS.has(shape.name) ? args : [argument];
      return `${name}(${shape.quantifier}${list.join(', ')})${shape.over}`;
    }
  }
}

/** Of several columns, StarRocks counts the rows in which none is NULL. */
function countArgument(args: readonly string[]): string {
  if (args.length === 1) return args[0] ?? '';
  const anyNull = args.map((arg) => `${arg} IS NULL`).join(' OR ');
  return `CASE WHEN ${anyNull} THEN NULL ELSE row(${args.join(', ')}) END`;
}

export function printAggregate(aggregate: BoundAggregate, env: PrintEnv): string {
  const quantifier = aggregate.distinct ? 'DISTINCT ' : '';
  if (aggregate.name === 'ARRAY_AGG') return printArrayAgg(aggregate, quantifier, env);
  if (aggregate.name !== 'GROUP_CONCAT') {
    return printShape({ ...aggregate, quantifier, over: '' }, env);
  }
  const parts = aggregate.args.map((arg) => printExpr(arg, env)).join(' || ');
  const separator = quoteText(aggregate.separator);
  if (aggregate.distinct && aggregate.orderBy.length > 0) {
    return printOrderedDistinct(aggregate, separator, env);
  }
  const order = printOrder(aggregate.orderBy, env);
  const orderBy = order === '' ? '' : ` ORDER BY ${order}`;
  return `string_agg(${quantifier}(${parts}), ${separator}${orderBy})`;
}

/** All values, NULL too, as the text of an array; of no rows NULL. */
function printArrayAgg(aggregate: BoundAggregate, quantifier: string, env: PrintEnv): string {
  const [argument] = aggregate.args;
  if (argument === undefined) throw new SimError('bug', 'array_agg of nothing');
  if (aggregate.distinct && aggregate.orderBy.length > 0) {
    throw new SimError('unsupported', 'array_agg(DISTINCT ... ORDER BY ...) is not supported');
  }
  const order = printOrder(aggregate.orderBy, env);
  const orderBy = order === '' ? '' : ` ORDER BY ${order}`;
  const list = `list(${quantifier}${printExpr(argument, env)}${orderBy})`;
  const element = `coalesce(${elementText('y', argument.type)}, 'null')`;
  const texts = `list_transform(${list}, lambda y: ${element})`;
  return `('[' || array_to_string(${texts}, ',') || ']')`;
}

/** A value as it stands in an array. */
function elementText(sql: string, type: SqlType): string {
  if (isNestedType(type)) return sql;
  const text = printCast(sql, type, STRING);
  if (type.name === 'JSON') return quotedSql(text, "''");
  return isText(type) || isTemporal(type) ? quotedSql(text, '"') : text;
}

/** Backslashes and the quote itself get a backslash. */
function quotedSql(text: string, quote: string): string {
  const escaped = `replace(replace(${text}, '\\', '\\\\'), '${quote}', '\\${quote}')`;
  return `('${quote}' || ${escaped} || '${quote}')`;
}

/** DuckDB orders distinct values only by themselves, and not once they have become text. */
function printOrderedDistinct(aggregate: BoundAggregate, separator: string, env: PrintEnv): string {
  const [argument, ...more] = aggregate.args;
  const [order, ...later] = aggregate.orderBy;
  const value = argument?.kind === 'cast' ? argument.operand : argument;
  const isOwn =
    value !== undefined && order !== undefined && exprKey(order.expr) === exprKey(value);
  if (!isOwn || more.length > 0 || later.length > 0) {
    throw new SimError(
      'unsupported',
      'group_concat(DISTINCT ... ORDER BY ...) is supported only in the order of its one value',
    );
  }
  const sql = printExpr(value, env);
  const direction = order.descending ? 'DESC' : 'ASC';
  const distinct = `list(DISTINCT ${sql}) FILTER (WHERE ${sql} IS NOT NULL)`;
  const sorted = `list_sort(${distinct}, '${direction}')`;
  const text = value === argument ? 'y' : printCast('y', value.type, STRING);
  return `array_to_string(list_transform(${sorted}, lambda y: ${text}), ${separator})`;
}

const WINDOW_CALLS: Readonly<Partial<Record<WindowName, string>>> = {
  ROW_NUMBER: 'row_number',
  RANK: 'rank',
  DENSE_RANK: 'dense_rank',
  PERCENT_RANK: 'percent_rank',
  CUME_DIST: 'cume_dist',
  NTILE: 'ntile',
  LAG: 'lag',
  LEAD: 'lead',
  FIRST_VALUE: 'first_value',
  LAST_VALUE: 'last_value',
};

export function printWindow(window: BoundWindow, env: PrintEnv): string {
  const words: string[] = [];
  if (window.partitionBy.length > 0) {
    words.push(`PARTITION BY ${window.partitionBy.map((expr) => printExpr(expr, env)).join(', ')}`);
  }
  if (window.orderBy.length > 0) words.push(`ORDER BY ${printOrder(window.orderBy, env)}`);
  if (window.frame !== undefined) words.push(window.frame);
  const over = ` OVER (${words.join(' ')})`;
  const call = WINDOW_CALLS[window.name];
  if (call !== undefined) {
    const args = window.args.map((arg) => printExpr(arg, env)).join(', ');
    return `${call}(${args}${window.ignoresNulls ? ' IGNORE NULLS' : ''})${over}`;
  }
  if (window.name === 'GROUP_CONCAT' || window.name === 'ARRAY_AGG') {
    throw new SimError('unsupported', `${window.name.toLowerCase()} OVER is not supported`);
  }
  const name = window.name as AggregateName;
  return printShape({ name, args: window.args, type: window.type, quantifier: '', over }, env);
}
