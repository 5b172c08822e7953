/** Calls: session facts and times become literals, conditional functions CASE, the rest the table. */
import { dateText, dateTimeText, daysOfMicros } from '../../base/date-text.ts';
import { SimError } from '../../base/errors.ts';
import type { SqlType } from '../../base/sql-type.ts';
import type { Expr } from '../../sql/ast.ts';
import { BOOLEAN_TYPE, type BoundExpr } from '../bound.ts';
import { DATE_SLICE, TIME_SLICE } from '../functions/calendar-functions.ts';
import {
  FROM_UNIXTIME_IN_ZONE,
  shiftFunction,
  UNIX_TIMESTAMP_IN_ZONE,
} from '../functions/date-functions.ts';
import type { CallArgument, FunctionSpec } from '../functions/function-spec.ts';
import { functionByName, randFunction, uuidFunction } from '../functions/functions.ts';
import { LOG_WITH_BASE } from '../functions/trigonometry.ts';
import { wallMicros } from '../time-zone.ts';
import { BIGINT, DATE, DATETIME, INT, STRING } from '../types.ts';
import { bindAggregate, isAggregateName } from './bind-aggregate.ts';
import { bindExpr, caseOf, type ExprEnv, shiftedBy } from './bind-expr.ts';
import { mapOf, namedStruct, rowOf } from './bind-nested.ts';
import { bindWindow } from './bind-window.ts';
import {
  arithmetic,
  coerce,
  compare,
  condition,
  literal,
  literalOfCell,
  NULL_LITERAL,
  negate,
  textLiteral,
} from './coerce.ts';

export type CallExpr = Extract<Expr, { kind: 'call' }>;

export function bindCall(call: CallExpr, env: ExprEnv): BoundExpr {
  const name = call.name.toUpperCase();
  if (call.over !== undefined) return bindWindow(name, call, call.over, env);
  if (call.ignoresNulls === true) {
    throw new SimError('analysis', `${name.toLowerCase()} does not take IGNORE NULLS without OVER`);
  }
  if (isAggregateName(name)) return bindAggregate(name, call, env);
  if (call.distinct || call.orderBy.length > 0 || call.separator !== undefined) {
    throw new SimError('analysis', `${name.toLowerCase()} is not an aggregate function`);
  }
  const form = FORMS.get(name);
  if (form !== undefined) return form(call.args, env, name);
  const session = call.args.length === 0 ? env.state.context.sessionFunction(name) : undefined;
  if (session !== undefined) return literalOfCell(session());
  return callFunction(
    name,
    call.args.map((arg) => bindExpr(arg, env)),
    env,
  );
}

export function argumentsOf(args: readonly BoundExpr[]): CallArgument[] {
  return args.map((arg) => ({
    type: arg.type,
    literal: arg.kind === 'literal' ? arg.value : undefined,
  }));
}

/** A call of the table's function of that name. */
export function callFunction(name: string, args: readonly BoundExpr[], env: ExprEnv): BoundExpr {
  const spec = randomFunction(name, env) ?? functionByName(name);
  if (spec === undefined) {
    throw new SimError('unsupported', `function ${name.toLowerCase()} is not supported`);
  }
  return callSpec(spec, args);
}

/** Functions that draw from the engine's source of chance. */
function randomFunction(name: string, env: ExprEnv): FunctionSpec | undefined {
  if (name === 'UUID') return uuidFunction(env.state.random);
  return name === 'RAND' || name === 'RANDOM' ? randFunction(env.state.random) : undefined;
}

function callSpec(spec: FunctionSpec, args: readonly BoundExpr[]): BoundExpr {
  if (args.length < spec.argsMin || args.length > spec.argsMax) {
    const types = args.map(({ type }) => type.name.toLowerCase()).join(', ');
    throw new SimError(
      'analysis',
      `No matching function with signature: ${spec.name.toLowerCase()}(${types})`,
    );
  }
  const types = spec.types(argumentsOf(args));
  return {
    kind: 'call',
    spec,
    args: args.map((arg, index) => coerce(arg, types.args[index] ?? STRING)),
    type: types.result,
  };
}

type Form = (args: readonly Expr[], env: ExprEnv, name: string) => BoundExpr;

function exactly(args: readonly Expr[], min: number, max: number, name: string): void {
  if (args.length >= min && args.length <= max) return;
  throw new SimError(
    'analysis',
    `No matching function with signature: ${name.toLowerCase()} of ${args.length} arguments`,
  );
}

const bindAll = (args: readonly Expr[], env: ExprEnv): BoundExpr[] =>
  args.map((arg) => bindExpr(arg, env));

const isNullTest = (operand: BoundExpr, negated: boolean): BoundExpr => ({
  kind: 'is-null',
  operand,
  negated,
  type: BOOLEAN_TYPE,
});

const ifForm: Form = (args, env, name) => {
  exactly(args, 3, 3, name);
  const [test = NULL_LITERAL, yes = NULL_LITERAL, no = NULL_LITERAL] = bindAll(args, env);
  return caseOf([condition(test)], [yes, no]);
};

const coalesceForm: Form = (args, env, name) => {
  exactly(args, name === 'COALESCE' ? 1 : 2, name === 'COALESCE' ? 1000 : 2, name);
  const values = bindAll(args, env);
  return caseOf(
    values.slice(0, -1).map((value) => isNullTest(value, true)),
    values,
  );
};

const nullifForm: Form = (args, env, name) => {
  exactly(args, 2, 2, name);
  const [value = NULL_LITERAL, other = NULL_LITERAL] = bindAll(args, env);
  return caseOf([compare('=', value, other)], [literal(null, value.type), value]);
};

const isNullForm: Form = (args, env, name) => {
  exactly(args, 1, 1, name);
  return isNullTest(bindAll(args, env)[0] ?? NULL_LITERAL, name === 'ISNOTNULL');
};

function nowMicros(env: ExprEnv, zone: string, digits: number): bigint {
  const unit = 10n ** BigInt(6 - digits);
  return (wallMicros(zone, env.state.context.nowMs) / unit) * unit;
}

const nowForm: Form = (args, env, name) => {
  exactly(args, 0, 1, name);
  const digits = args.length === 0 ? 0 : wholeLiteral(bindAll(args, env)[0], name, 6);
  return literal(dateTimeText(nowMicros(env, env.state.context.timeZone, digits)), DATETIME);
};

function wholeLiteral(expr: BoundExpr | undefined, name: string, max: number): number {
  const value = expr?.kind === 'literal' ? Number(expr.value) : Number.NaN;
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new SimError('analysis', `${name.toLowerCase()} needs a whole number from 0 to ${max}`);
}

const todayForm: Form = (args, env, name) => {
  exactly(args, 0, 0, name);
  return literal(dateText(daysOfMicros(nowMicros(env, env.state.context.timeZone, 0))), DATE);
};

const utcForm: Form = (args, env, name) => {
  exactly(args, 0, 0, name);
  return literal(dateTimeText(nowMicros(env, 'UTC', 0)), DATETIME);
};

const zoneForm: Form = (args, env, name) => {
  exactly(args, 0, 0, name);
  return textLiteral(env.state.context.timeZone);
};

const unixTimestampForm: Form = (args, env, name) => {
  exactly(args, 0, 1, name);
  const [value] = bindAll(args, env);
  if (value === undefined) {
    return literal(BigInt(Math.floor(env.state.context.nowMs / 1000)), BIGINT);
  }
  return callSpec(UNIX_TIMESTAMP_IN_ZONE, [value, textLiteral(env.state.context.timeZone)]);
};

const fromUnixtimeForm: Form = (args, env, name) => {
  exactly(args, 1, 2, name);
  const [seconds = NULL_LITERAL, format = textLiteral('%Y-%m-%d %H:%i:%s')] = bindAll(args, env);
  const zone = textLiteral(env.state.context.timeZone);
  return callSpec(FROM_UNIXTIME_IN_ZONE, [coerce(seconds, BIGINT), zone, format]);
};

const shiftForm: Form = (args, env, name) => {
  exactly(args, 2, 2, name);
  const [date, count] = args;
  const isAdding = name === 'DATE_ADD' || name === 'ADDDATE';
  if (date === undefined || count === undefined) return NULL_LITERAL;
  if (count.kind === 'interval') return shiftedBy(date, count, isAdding, env);
  const bound = [coerce(bindExpr(date, env), DATETIME), coerce(bindExpr(count, env), INT)];
  return { kind: 'call', spec: shiftFunction('DAY', isAdding), args: bound, type: DATETIME };
};

/** The unit that is the first argument: a bare word, or text. */
function unitOf(expr: Expr | undefined, name: string): string {
  if (expr?.kind === 'column' && expr.path.length === 1) return (expr.path[0] ?? '').toUpperCase();
  if (expr?.kind === 'string') return expr.value.toUpperCase();
  throw new SimError('analysis', `${name.toLowerCase()} needs a unit such as DAY`);
}

const timestampAddForm: Form = (args, env, name) => {
  exactly(args, 3, 3, name);
  const spec = shiftFunction(unitOf(args[0], name), true);
  const [count = NULL_LITERAL, date = NULL_LITERAL] = bindAll(args.slice(1), env);
  return callSpec(spec, [date, count]);
};

/** timestampdiff counts from its first date to its second, date_diff the other way round. */
const timestampDiffForm: Form = (args, env, name) => {
  exactly(args, 3, 3, name);
  const unit = unitOf(args[0], name);
  const [one = NULL_LITERAL, two = NULL_LITERAL] = bindAll(args.slice(1), env);
  return callFunction(`${unit}S_DIFF`, name === 'DATE_DIFF' ? [one, two] : [two, one], env);
};

const modForm: Form = (args, env, name) => {
  exactly(args, 2, 2, name);
  const [left = NULL_LITERAL, right = NULL_LITERAL] = bindAll(args, env);
  return arithmetic('%', left, right);
};

const DATE_UNITS: ReadonlySet<string> = new Set(['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY']);

/** `time_slice(d, INTERVAL n unit [, FLOOR | CEIL])`. */
const sliceForm: Form = (args, env, name) => {
  exactly(args, 2, 3, name);
  const [date, interval, boundary] = args;
  if (interval?.kind !== 'interval' || date === undefined) {
    throw new SimError('analysis', `${name.toLowerCase()} needs an INTERVAL`);
  }
  const word = boundary === undefined ? 'FLOOR' : unitOf(boundary, name);
  if (word !== 'FLOOR' && word !== 'CEIL') {
    throw new SimError('analysis', `${name.toLowerCase()} needs FLOOR or CEIL`);
  }
  const unit = textLiteral(interval.unit.toUpperCase());
  if (name === 'DATE_SLICE' && !DATE_UNITS.has(interval.unit.toUpperCase())) {
    throw new SimError('analysis', "can't use date_slice for date with time(hour/minute/second)");
  }
  const [value = NULL_LITERAL, count = NULL_LITERAL] = bindAll([date, interval.value], env);
  const spec = name === 'TIME_SLICE' ? TIME_SLICE : DATE_SLICE;
  return callSpec(spec, [value, count, unit, textLiteral(word)]);
};

const logForm: Form = (args, env, name) => {
  exactly(args, 1, 2, name);
  const values = bindAll(args, env);
  return values.length === 1 ? callFunction('LN', values, env) : callSpec(LOG_WITH_BASE, values);
};

const signForm: Form = (args, env, name) => {
  exactly(args, 1, 1, name);
  const [value = NULL_LITERAL] = bindAll(args, env);
  return name === 'NEGATIVE' ? negate(value) : value;
};

const castForm =
  (type: SqlType): Form =>
  (args, env, name) => {
    exactly(args, 1, 1, name);
    return coerce(bindAll(args, env)[0] ?? NULL_LITERAL, type);
  };

const FORMS: ReadonlyMap<string, Form> = new Map([
  ['IF', ifForm],
  ['IFNULL', coalesceForm],
  ['NVL', coalesceForm],
  ['COALESCE', coalesceForm],
  ['NULLIF', nullifForm],
  ['ISNULL', isNullForm],
  ['ISNOTNULL', isNullForm],
  ['NOW', nowForm],
  ['CURRENT_TIMESTAMP', nowForm],
  ['LOCALTIME', nowForm],
  ['LOCALTIMESTAMP', nowForm],
  ['CURDATE', todayForm],
  ['CURRENT_DATE', todayForm],
  ['UTC_TIMESTAMP', utcForm],
  ['CURRENT_TIMEZONE', zoneForm],
  ['UNIX_TIMESTAMP', unixTimestampForm],
  ['FROM_UNIXTIME', fromUnixtimeForm],
  ['DATE_ADD', shiftForm],
  ['ADDDATE', shiftForm],
  ['DATE_SUB', shiftForm],
  ['SUBDATE', shiftForm],
  ['TIMESTAMPADD', timestampAddForm],
  ['TIMESTAMPDIFF', timestampDiffForm],
  ['DATE_DIFF', timestampDiffForm],
  ['MOD', modForm],
  ['LOG', logForm],
  ['NEGATIVE', signForm],
  ['POSITIVE', signForm],
  ['TIME_SLICE', sliceForm],
  ['DATE_SLICE', sliceForm],
  ['MAP', (args, env) => mapOf(bindAll(args, env))],
  ['ROW', (args, env) => rowOf(bindAll(args, env))],
  ['STRUCT', (args, env) => rowOf(bindAll(args, env))],
  ['NAMED_STRUCT', (args, env) => namedStruct(bindAll(args, env))],
  ['TIMESTAMP', castForm(DATETIME)],
]);

/** Functions that are bound by a form of their own, for documentation and tests. */
export const FORM_NAMES: readonly string[] = [...FORMS.keys()].sort();
