/** Window calls: checked, typed and collected; the call becomes a column of the window step. */
import { SimError } from '../../base/errors.ts';
import type { SqlType } from '../../base/sql-type.ts';
import type { WindowSpec } from '../../sql/ast.ts';
import type { BoundExpr, WindowName } from '../bound.ts';
import { BIGINT, DOUBLE } from '../types.ts';
import { aggregateTypes, isAggregateName } from './bind-aggregate.ts';
import type { CallExpr } from './bind-call.ts';
import { bindExpr, bindOrder, type ExprEnv } from './bind-expr.ts';
import { coerce } from './coerce.ts';
import { newId } from './scope.ts';

interface WindowShape {
  readonly args: readonly [min: number, max: number];
  /** Undefined: the type of the first argument. */
  readonly type: SqlType | undefined;
}

const SHAPES: ReadonlyMap<WindowName, WindowShape> = new Map<WindowName, WindowShape>([
  ['ROW_NUMBER', { args: [0, 0], type: BIGINT }],
  ['RANK', { args: [0, 0], type: BIGINT }],
  ['DENSE_RANK', { args: [0, 0], type: BIGINT }],
  ['PERCENT_RANK', { args: [0, 0], type: DOUBLE }],
  ['CUME_DIST', { args: [0, 0], type: DOUBLE }],
  ['NTILE', { args: [1, 1], type: BIGINT }],
  ['LAG', { args: [1, 3], type: undefined }],
  ['LEAD', { args: [1, 3], type: undefined }],
  ['FIRST_VALUE', { args: [1, 1], type: undefined }],
  ['LAST_VALUE', { args: [1, 1], type: undefined }],
]);

const IGNORING_NULLS: ReadonlySet<string> = new Set(['FIRST_VALUE', 'LAST_VALUE', 'LEAD', 'LAG']);

export const WINDOW_NAMES: readonly string[] = [...SHAPES.keys()];

const BOUND =
  '(?:UNBOUNDED PRECEDING|UNBOUNDED FOLLOWING|CURRENT ROW|\\d+ PRECEDING|\\d+ FOLLOWING)';
const FRAME = new RegExp(`^(?:ROWS|RANGE) (?:BETWEEN ${BOUND} AND ${BOUND}|${BOUND})$`);

function frameOf(spec: WindowSpec): string | undefined {
  if (spec.frame === undefined) return undefined;
  const frame = spec.frame.trim().replace(/\s+/g, ' ').toUpperCase();
  if (FRAME.test(frame)) return frame;
  throw new SimError('unsupported', `window frame '${spec.frame}' is not supported`);
}

interface WindowCall {
  readonly name: WindowName;
  readonly args: readonly BoundExpr[];
  readonly type: SqlType;
}

function windowCall(upperName: string, call: CallExpr, env: ExprEnv): WindowCall {
  if (call.distinct || call.orderBy.length > 0) {
    throw new SimError('unsupported', `${upperName.toLowerCase()}(DISTINCT) OVER is not supported`);
  }
  if (call.ignoresNulls === true && !IGNORING_NULLS.has(upperName)) {
    throw new SimError('analysis', `${upperName.toLowerCase()} does not take IGNORE NULLS`);
  }
  if (isAggregateName(upperName)) return aggregateTypes(upperName, call, env);
  const entry = [...SHAPES].find(([known]) => known === upperName);
  if (entry === undefined) {
    throw new SimError(
      'unsupported',
      `window function ${upperName.toLowerCase()} is not supported`,
    );
  }
  const [name, shape] = entry;
  const args = call.args.map((arg) => bindExpr(arg, env));
  if (args.length < shape.args[0] || args.length > shape.args[1]) {
    throw new SimError('analysis', `${upperName.toLowerCase()} with ${args.length} arguments`);
  }
  if (shape.type !== undefined) return { name, args, type: shape.type };
  const [value, offset, otherwise] = args;
  if (value === undefined) throw new SimError('analysis', `${name.toLowerCase()} needs a value`);
  const rest = [
    ...(offset === undefined ? [] : [coerce(offset, BIGINT)]),
    ...(otherwise === undefined ? [] : [coerce(otherwise, value.type)]),
  ];
  return { name, args: [value, ...rest], type: value.type };
}

export function bindWindow(
  upperName: string,
  call: CallExpr,
  over: WindowSpec,
  env: ExprEnv,
): BoundExpr {
  if (env.windows === undefined) {
    throw new SimError(
      'analysis',
      `${env.place} cannot contain window functions: ${upperName.toLowerCase()}`,
    );
  }
  const inner: ExprEnv = { ...env, windows: undefined, place: 'window function' };
  const { name, args, type } = windowCall(upperName, call, inner);
  const orderBy = bindOrder(over.orderBy, (expr) => bindExpr(expr, inner));
  const id = newId(env.state);
  env.windows.push({
    id,
    name,
    args,
    partitionBy: over.partitionBy.map((expr) => bindExpr(expr, inner)),
    orderBy,
    frame: frameOf(over),
    ignoresNulls: call.ignoresNulls === true,
    type,
  });
  return { kind: 'column', id, type, name: upperName.toLowerCase() };
}
