/** Aggregate calls: checked, typed, collected once each; the call becomes a column of the result. */
import { SimError } from '../../base/errors.ts';
import type { SqlType } from '../../base/sql-type.ts';
import {
  type AggregateName,
  BOOLEAN_TYPE,
  type BoundAggregate,
  type BoundExpr,
  exprKey,
} from '../bound.ts';
import { averageType, BIGINT, DOUBLE, isTemporal, STRING, sumType } from '../types.ts';
import type { CallExpr } from './bind-call.ts';
import { bindExpr, bindOrder, type ExprEnv, writtenValue } from './bind-expr.ts';
import { coerce, condition } from './coerce.ts';
import { newId } from './scope.ts';

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
  ['VAR_SAMP', 'VAR_SAMP'],
  ['BOOL_OR', 'BOOL_OR'],
  ['BOOLOR_AGG', 'BOOL_OR'],
  ['BOOL_AND', 'BOOL_AND'],
  ['EVERY', 'BOOL_AND'],
]);

export const AGGREGATE_NAMES: readonly string[] = [...NAMES.keys()];

export function isAggregateName(upperName: string): boolean {
  return NAMES.has(upperName);
}

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
  const [first] = args;
  if (first === undefined) throw noMatch(upperName, args);
  if (name === 'COUNT') {
    if (args.length > 1 && !call.distinct) throw noMatch(upperName, args);
    return { name, args, type: BIGINT };
  }
  if (args.length > 1 && name !== 'GROUP_CONCAT') throw noMatch(upperName, args);
  switch (name) {
    case 'SUM':
    case 'AVG': {
      if (isTemporal(first.type)) throw noMatch(upperName, args);
      const type = name === 'SUM' ? sumType(first.type) : averageType(first.type);
      const working = first.type.name === 'DECIMAL' ? first.type : sumType(first.type);
      return { name, args: [coerce(first, working)], type };
    }
    case 'MIN':
    case 'MAX':
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
  const distinct = call.distinct && name !== 'MIN' && name !== 'MAX';
  const separator = name === 'GROUP_CONCAT' ? separatorOf(call, inner) : '';
  const orderBy = bindOrder(call.orderBy, (expr) => bindExpr(expr, inner));
  const aggregate = { name, args, distinct, separator, orderBy, type };
  const key = aggregateKey(aggregate);
  const known = sink.find((other) => aggregateKey(other) === key);
  const id = known?.id ?? newId(env.state);
  if (known === undefined) sink.push({ id, ...aggregate });
  return { kind: 'column', id, type, name: upperName.toLowerCase() };
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
