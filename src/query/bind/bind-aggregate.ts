/** Aggregate calls: checked, typed, collected once each; the call becomes a column of the result. */
import { SimError } from '../../base/errors.ts';
import { isNestedType, type SqlType } from '../../base/sql-type.ts';
import { type AggregateName, BOOLEAN_TYPE, type BoundAggregate, type BoundExpr } from '../bound.ts';
import { exprKey } from '../expr-key.ts';
import { CALL_ARGS_MAX } from '../functions/function-spec.ts';
import { arrayOf } from '../functions/nested-values.ts';
import { averageType, BIGINT, DOUBLE, INT, isTemporal, STRING, sumType } from '../types.ts';
import { type CallExpr, callFunction } from './bind-call.ts';
import { bindExpr, bindOrder, caseOf, type ExprEnv, writtenValue } from './bind-expr.ts';
import { coerce, condition, literal, NULL_LITERAL, TRUE_LITERAL } from './coerce.ts';
import { newId } from './scope.ts';

/** A lower `group_concat_max_len` counts as this. */
const GROUP_CONCAT_CHARS_MIN = 4;

/** Bits that a BIGINT has for what GROUPING_ID tells. */
const GROUPING_ARGS_MAX = 63;

const NAMES: ReadonlyMap<string, AggregateName> = new Map([
  ['COUNT', 'COUNT'],
  ['SUM', 'SUM'],
  ['AVG', 'AVG'],
  ['MIN', 'MIN'],
  ['MAX', 'MAX'],
  ['ANY_VALUE', 'ANY_VALUE'],
  ['GROUP_CONCAT', 'GROUP_CONCAT'],
  ['STDDEV', 'STDDEV'],
  ['STDDEV_POP', 'STDDEV'],
  ['STD', 'STDDEV'],
  ['STDDEV_SAMP', 'STDDEV_SAMP'],
  ['VARIANCE', 'VARIANCE'],
  ['VAR_POP', 'VARIANCE'],
  ['VARIANCE_POP', 'VARIANCE'],
  ['VAR_SAMP', 'VAR_SAMP'],
  ['VARIANCE_SAMP', 'VAR_SAMP'],
  ['MAX_BY', 'MAX_BY'],
  ['MIN_BY', 'MIN_BY'],
  ['COVAR_POP', 'COVAR_POP'],
  ['COVAR_SAMP', 'COVAR_SAMP'],
  ['CORR', 'CORR'],
  ['PERCENTILE_CONT', 'PERCENTILE_CONT'],
  ['PERCENTILE_DISC', 'PERCENTILE_DISC'],
  ['PERCENTILE_APPROX', 'PERCENTILE_CONT'],
  ['ARRAY_AGG', 'ARRAY_AGG'],
  ['ARRAY_AGG_DISTINCT', 'ARRAY_AGG'],
  ['GROUPING', 'GROUPING'],
  ['GROUPING_ID', 'GROUPING'],
  ['COUNT_IF', 'COUNT'],
  ['MULTI_DISTINCT_COUNT', 'COUNT'],
  ['MULTI_DISTINCT_SUM', 'SUM'],
  ['APPROX_COUNT_DISTINCT', 'COUNT'],
  ['NDV', 'COUNT'],
  ['BOOL_OR', 'BOOL_OR'],
  ['BOOLOR_AGG', 'BOOL_OR'],
  ['BOOL_AND', 'BOOL_AND'],
  ['EVERY', 'BOOL_AND'],
]);

export const AGGREGATE_NAMES: readonly string[] = [...NAMES.keys()];

export function isAggregateName(upperName: string): boolean {
  return NAMES.has(upperName);
}

/** Aggregates that are others with DISTINCT; the approximate ones are exact here. */
const DISTINCT_BY_NAME: ReadonlySet<string> = new Set([
  'MULTI_DISTINCT_COUNT',
  'MULTI_DISTINCT_SUM',
  'APPROX_COUNT_DISTINCT',
  'NDV',
  'ARRAY_AGG_DISTINCT',
]);

export interface AggregateTypes {
  readonly name: AggregateName;
  readonly args: readonly BoundExpr[];
  readonly type: SqlType;
}

const noMatch = (upperName: string, args: readonly BoundExpr[]): SimError =>
  new SimError(
    'analysis',
    `No matching function with signature: ${upperName.toLowerCase()}` +
      `(${args.map(({ type }) => type.name.toLowerCase()).join(', ')})`,
  );

/** Arguments in the type the aggregate works in, and the type of its result. */
export function aggregateTypes(upperName: string, call: CallExpr, env: ExprEnv): AggregateTypes {
  const name = NAMES.get(upperName) ?? 'COUNT';
  if (name === 'COUNT' && call.args.length === 1 && call.args[0]?.kind === 'star') {
    if (call.distinct) throw new SimError('analysis', 'count(DISTINCT *) is not allowed');
    return { name: 'COUNT_ALL', args: [], type: BIGINT };
  }
  const args = call.args.map((arg) => bindExpr(arg, env));
  const [first, second] = args;
  const [min, max] = ARGUMENTS[name] ?? [1, 1];
  if (first === undefined || args.length < min || args.length > max) throw noMatch(upperName, args);
  switch (name) {
    case 'COUNT':
      if (upperName === 'COUNT_IF') {
        if (call.distinct) throw noMatch(upperName, args);
        return { name, args: [trueOrNull(first)], type: BIGINT };
      }
      if (args.length > 1 && !call.distinct) throw noMatch(upperName, args);
      return { name, args, type: BIGINT };
    case 'GROUPING':
      return { name, args, type: BIGINT };
    case 'ARRAY_AGG':
      return { name, args, type: arrayOf(first.type) };
    case 'MAX_BY':
    case 'MIN_BY':
      return { name, args, type: first.type };
    case 'PERCENTILE_CONT':
    case 'PERCENTILE_DISC':
      if (isTemporal(first.type)) {
        throw new SimError('unsupported', `${upperName.toLowerCase()} of dates is not supported`);
      }
      return { name, args: [coerce(first, DOUBLE), percentileOf(upperName, second)], type: DOUBLE };
    case 'COVAR_POP':
    case 'COVAR_SAMP':
    case 'CORR':
      return { name, args: args.map((arg) => coerce(arg, DOUBLE)), type: DOUBLE };
    case 'SUM':
    case 'AVG': {
      if (isTemporal(first.type)) throw noMatch(upperName, args);
      const type = name === 'SUM' ? sumType(first.type) : averageType(first.type);
      const working = first.type.name === 'DECIMAL' ? first.type : sumType(first.type);
      return { name, args: [coerce(first, working)], type };
    }
    case 'MIN':
    case 'MAX':
      if (isNestedType(first.type)) throw noMatch(upperName, args);
      return { name, args, type: first.type };
    case 'ANY_VALUE':
      return { name, args, type: first.type };
    case 'GROUP_CONCAT':
      return { name, args: args.map((arg) => coerce(arg, STRING)), type: STRING };
    case 'BOOL_OR':
    case 'BOOL_AND':
      return { name, args: [condition(first)], type: BOOLEAN_TYPE };
    default:
      return { name, args: [coerce(first, DOUBLE)], type: DOUBLE };
  }
}

/** How many arguments, where it is not one. */
const ARGUMENTS: Readonly<Partial<Record<AggregateName, readonly [min: number, max: number]>>> = {
  COUNT: [1, CALL_ARGS_MAX],
  GROUP_CONCAT: [1, CALL_ARGS_MAX],
  GROUPING: [1, GROUPING_ARGS_MAX],
  MAX_BY: [2, 2],
  MIN_BY: [2, 2],
  COVAR_POP: [2, 2],
  COVAR_SAMP: [2, 2],
  CORR: [2, 2],
  // The third is how exact an approximation is to be; here all are exact.
  PERCENTILE_CONT: [2, 3],
  PERCENTILE_DISC: [2, 2],
};

/** TRUE for what holds, NULL for the rest, so that COUNT counts it. */
function trueOrNull(expr: BoundExpr): BoundExpr {
  return caseOf([condition(expr)], [TRUE_LITERAL, NULL_LITERAL]);
}

/** A written number from 0 to 1. */
function percentileOf(upperName: string, expr: BoundExpr | undefined): BoundExpr {
  const value = expr?.kind === 'literal' ? Number(expr.value) : Number.NaN;
  if (value >= 0 && value <= 1) return literal(value, DOUBLE);
  throw new SimError(
    'analysis',
    `${upperName.toLowerCase()} requires the second parameter to be a constant from 0 to 1`,
  );
}

function separatorOf(call: CallExpr, env: ExprEnv): string {
  if (call.separator === undefined) return ',';
  const text = writtenValue(bindExpr(call.separator, env));
  if (text !== undefined) return text;
  throw new SimError('analysis', 'group_concat needs its separator as text');
}

export function bindAggregate(upperName: string, call: CallExpr, env: ExprEnv): BoundExpr {
  const sink = env.aggregates;
  if (sink === undefined) {
    throw new SimError(
      'analysis',
      `${env.place} cannot contain aggregations: ${upperName.toLowerCase()}`,
    );
  }
  const inner: ExprEnv = {
    ...env,
    aggregates: undefined,
    windows: undefined,
    place: 'aggregation',
  };
  const { name, args, type } = aggregateTypes(upperName, call, inner);
  const isDistinct = call.distinct || DISTINCT_BY_NAME.has(upperName);
  const distinct = isDistinct && name !== 'MIN' && name !== 'MAX';
  const separator = name === 'GROUP_CONCAT' ? separatorOf(call, inner) : '';
  const orderBy = bindOrder(call.orderBy, (expr) => bindExpr(expr, inner));
  const aggregate = { name, args, distinct, separator, orderBy, type };
  const key = aggregateKey(aggregate);
  const known = sink.find((other) => aggregateKey(other) === key);
  const id = known?.id ?? newId(env.state);
  if (known === undefined) sink.push({ id, ...aggregate });
  const column: BoundExpr = { kind: 'column', id, type, name: upperName.toLowerCase() };
  return name === 'GROUP_CONCAT' ? cutToLimit(column, env) : column;
}

/** No longer than `group_concat_max_len` characters, where the session has one. */
function cutToLimit(column: BoundExpr, env: ExprEnv): BoundExpr {
  const value = env.state.context.systemVariable(undefined, 'group_concat_max_len');
  const chars = Number(value);
  if (!Number.isInteger(chars)) return column;
  const limit = Math.max(chars, GROUP_CONCAT_CHARS_MIN);
  return callFunction('LEFT', [column, literal(limit, INT)], env);
}

function aggregateKey(aggregate: Omit<BoundAggregate, 'id'>): string {
  const order = aggregate.orderBy.map(
    ({ expr, descending, nullsFirst }) => `${exprKey(expr)} ${descending} ${nullsFirst}`,
  );
  return JSON.stringify([
    aggregate.name,
    aggregate.distinct,
    aggregate.separator,
    aggregate.args.map(exprKey),
    order,
  ]);
}
