/** Expressions from the syntax tree to bound ones: names, types, casts; calls are in bind-call.ts. */
import { tryCastCell } from '../../base/cast-cell.ts';
import { SimError } from '../../base/errors.ts';
import { isNestedType } from '../../base/sql-type.ts';
import type { BinaryOperator, Expr, OrderItem, QueryNode } from '../../sql/ast.ts';
import {
  BOOLEAN_TYPE,
  type BoundAggregate,
  type BoundExpr,
  type BoundOrder,
  type BoundWindow,
  type Plan,
} from '../bound.ts';
import { shiftFunction } from '../functions/date-functions.ts';
import { BIGINT, DATE, DATETIME, INT, isInteger, isText, STRING } from '../types.ts';
import { bindCall, callFunction } from './bind-call.ts';
import { bindArray, bindMap, bindSubscript, fieldNamed } from './bind-nested.ts';
import {
  arithmetic,
  coerce,
  comparableList,
  compare,
  condition,
  isNull,
  literal,
  literalOfCell,
  NULL_LITERAL,
  negate,
  numberLiteral,
  textLiteral,
  unify,
} from './coerce.ts';
import {
  type BindState,
  type CommonTables,
  columnExpr,
  findColumn,
  localColumn,
  newId,
  resolveColumn,
  type Scope,
} from './scope.ts';

/** What expressions at one place of a query may use. */
export interface ExprEnv {
  readonly state: BindState;
  readonly scope: Scope;
  readonly commonTables: CommonTables;
  /** Where aggregates go; undefined where none may stand. */
  readonly aggregates: BoundAggregate[] | undefined;
  /** Where window functions go; undefined where none may stand. */
  readonly windows: BoundWindow[] | undefined;
  /** Names of the select list, by lower case; `first` lets them win over columns. */
  readonly aliases?: { readonly byName: ReadonlyMap<string, BoundExpr>; readonly first: boolean };
  /** What the place is called in errors: `WHERE clause`. */
  readonly place: string;
  bindSubquery(query: QueryNode, scope: Scope, commonTables: CommonTables): Plan;
}

export function bindExpr(expr: Expr, env: ExprEnv): BoundExpr {
  switch (expr.kind) {
    case 'null':
      return NULL_LITERAL;
    case 'boolean':
      return literal(expr.value, BOOLEAN_TYPE);
    case 'number':
      return numberLiteral(expr.text);
    case 'string':
      return textLiteral(expr.value);
    case 'typed-string':
      return typedString(expr.type, expr.value);
    case 'binary-literal':
      return literal(expr.bytes, { name: 'VARBINARY' });
    case 'column':
      return bindColumn(expr, env);
    case 'system-variable':
      return literalOfCell(env.state.context.systemVariable(expr.scope, expr.name));
    case 'user-variable':
      return literalOfCell(env.state.context.userVariable(expr.name));
    case 'call':
      return bindCall(expr, env);
    case 'cast':
      return coerce(bindExpr(expr.operand, env), expr.type);
    case 'star':
      throw new SimError('analysis', "'*' may stand only in a select list and in count(*)");
    case 'parameter':
      throw new SimError('analysis', `parameter ${expr.index + 1} has no value`);
    case 'interval':
      throw new SimError('analysis', 'INTERVAL may stand only beside + or - and in date functions');
    default:
      return bindOperator(expr, env);
  }
}

type OperatorExpr = Exclude<
  Expr,
  {
    kind:
      | 'null'
      | 'boolean'
      | 'number'
      | 'string'
      | 'typed-string'
      | 'binary-literal'
      | 'column'
      | 'system-variable'
      | 'user-variable'
      | 'call'
      | 'cast'
      | 'star'
      | 'parameter'
      | 'interval';
  }
>;

function bindOperator(expr: OperatorExpr, env: ExprEnv): BoundExpr {
  switch (expr.kind) {
    case 'not':
      return negated(condition(bindExpr(expr.operand, env)), true);
    case 'negate':
      return negate(bindExpr(expr.operand, env));
    case 'bit-not': {
      const operand = bindExpr(expr.operand, env);
      const whole = isInteger(operand.type) ? operand : coerce(operand, BIGINT);
      return { kind: 'bit-not', operand: whole, type: whole.type };
    }
    case 'binary':
      return bindBinary(expr, env);
    case 'is-null':
      return {
        kind: 'is-null',
        operand: bindExpr(expr.operand, env),
        negated: expr.negated,
        type: BOOLEAN_TYPE,
      };
    case 'between': {
      const operand = bindExpr(expr.operand, env);
      const both = logic(
        'AND',
        compare('>=', operand, bindExpr(expr.low, env)),
        compare('<=', operand, bindExpr(expr.high, env)),
      );
      return negated(both, expr.negated);
    }
    case 'in-list': {
      const list = comparableList(
        bindExpr(expr.operand, env),
        expr.items.map((item) => bindExpr(item, env)),
      );
      return negated({ kind: 'in-list', ...list, type: BOOLEAN_TYPE }, expr.negated);
    }
    case 'like':
      return negated(
        {
          kind: 'like',
          operator: expr.operator,
          operand: coerce(bindExpr(expr.operand, env), STRING),
          pattern: coerce(bindExpr(expr.pattern, env), STRING),
          type: BOOLEAN_TYPE,
        },
        expr.negated,
      );
    case 'case':
      return bindCase(expr, env);
    case 'array':
      return bindArray(expr, env);
    case 'map':
      return bindMap(expr, env);
    case 'subscript':
      return bindSubscript(expr, env);
    case 'field':
      return fieldNamed(bindExpr(expr.operand, env), expr.name);
    case 'in-query':
    case 'exists':
    case 'subquery':
      return bindSubqueryExpr(expr, env);
  }
}

export function negated(expr: BoundExpr, isNegated: boolean): BoundExpr {
  return isNegated ? { kind: 'not', operand: expr, type: BOOLEAN_TYPE } : expr;
}

export function logic(
  operator: 'AND' | 'OR' | 'XOR',
  left: BoundExpr,
  right: BoundExpr,
): BoundExpr {
  return {
    kind: 'logic',
    operator,
    left: condition(left),
    right: condition(right),
    type: BOOLEAN_TYPE,
  };
}

function typedString(name: 'DATE' | 'DATETIME', text: string): BoundExpr {
  const type = name === 'DATE' ? DATE : DATETIME;
  const value = tryCastCell(text, STRING, type);
  if (value === undefined) throw new SimError('analysis', `Invalid ${name} literal '${text}'`);
  return literal(value, type);
}

function bindColumn(expr: Extract<Expr, { kind: 'column' }>, env: ExprEnv): BoundExpr {
  const only = expr.path.length === 1 ? expr.path[0] : undefined;
  const alias = only === undefined ? undefined : env.aliases?.byName.get(only.toLowerCase());
  if (alias !== undefined) {
    if (env.aliases?.first === true) return alias;
    if (localColumn(env.state, env.scope, expr.path) === undefined) return alias;
  }
  return structField(expr, env) ?? columnOf(expr, env);
}

function columnOf({ path, position }: ColumnNode, { state, scope }: ExprEnv): BoundExpr {
  return columnExpr(resolveColumn(state, scope, path, position));
}

type ColumnNode = Extract<Expr, { kind: 'column' }>;

/** `s.a` where `s` is no table that has `a`, but a column that is a struct. */
function structField({ path }: ColumnNode, { state, scope }: ExprEnv): BoundExpr | undefined {
  if (path.length < 2 || findColumn(state, scope, path) !== undefined) return undefined;
  for (let length = path.length - 1; length > 0; length -= 1) {
    const column = findColumn(state, scope, path.slice(0, length));
    if (column?.type.fields === undefined) continue;
    return path.slice(length).reduce(fieldNamed, columnExpr(column));
  }
  return undefined;
}

function bindBinary(expr: Extract<Expr, { kind: 'binary' }>, env: ExprEnv): BoundExpr {
  const { operator } = expr;
  if (operator === '+' || operator === '-') {
    const shifted = bindShift(operator, expr.left, expr.right, env);
    if (shifted !== undefined) return shifted;
  }
  return applyBinary(operator, bindExpr(expr.left, env), bindExpr(expr.right, env), env);
}

function applyBinary(
  operator: BinaryOperator,
  left: BoundExpr,
  right: BoundExpr,
  env: ExprEnv,
): BoundExpr {
  switch (operator) {
    case 'OR':
    case 'XOR':
    case 'AND':
      return logic(operator, left, right);
    case '||':
      return callFunction('CONCAT', [left, right], env);
    case '=':
    case '<=>':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(operator, left, right);
    default:
      return arithmetic(operator, left, right);
  }
}

/** `d + INTERVAL n unit`, on either side of a plus. */
function bindShift(
  operator: '+' | '-',
  left: Expr,
  right: Expr,
  env: ExprEnv,
): BoundExpr | undefined {
  if (right.kind === 'interval') return shiftedBy(left, right, operator === '+', env);
  if (left.kind === 'interval' && operator === '+') return shiftedBy(right, left, true, env);
  return undefined;
}

export function shiftedBy(
  date: Expr,
  interval: Extract<Expr, { kind: 'interval' }>,
  isAdding: boolean,
  env: ExprEnv,
): BoundExpr {
  const spec = shiftFunction(interval.unit, isAdding);
  const args = [coerce(bindExpr(date, env), DATETIME), coerce(bindExpr(interval.value, env), INT)];
  return { kind: 'call', spec, args, type: DATETIME };
}

function bindCase(expr: Extract<Expr, { kind: 'case' }>, env: ExprEnv): BoundExpr {
  const operand = expr.operand === undefined ? undefined : bindExpr(expr.operand, env);
  const whens = expr.branches.map(({ when }) => {
    const bound = bindExpr(when, env);
    return operand === undefined ? condition(bound) : compare('=', operand, bound);
  });
  const values = expr.branches.map(({ then }) => bindExpr(then, env));
  const otherwise = expr.otherwise === undefined ? NULL_LITERAL : bindExpr(expr.otherwise, env);
  return caseOf(whens, [...values, otherwise]);
}

/** A CASE whose last value is the ELSE. */
export function caseOf(whens: readonly BoundExpr[], values: readonly BoundExpr[]): BoundExpr {
  if (values.every(isNull)) return NULL_LITERAL;
  const { exprs, type } = unify(values);
  return {
    kind: 'case',
    branches: whens.map((when, index) => ({ when, value: exprs[index] ?? NULL_LITERAL })),
    otherwise: exprs[whens.length] ?? NULL_LITERAL,
    type,
  };
}

function bindSubqueryExpr(
  expr: Extract<Expr, { kind: 'in-query' | 'exists' | 'subquery' }>,
  env: ExprEnv,
): BoundExpr {
  const plan = env.bindSubquery(expr.query, env.scope, env.commonTables);
  if (expr.kind === 'exists') return { kind: 'exists', plan, type: BOOLEAN_TYPE };
  const [column, ...more] = plan.columns;
  if (column === undefined || more.length > 0) {
    throw new SimError('analysis', 'subquery must return one column');
  }
  if (expr.kind === 'subquery') return { kind: 'scalar-plan', plan, type: column.type };
  const operand = bindExpr(expr.operand, env);
  const value: BoundExpr = { ...column, kind: 'column' };
  const met = comparableList(operand, [value]);
  const item = met.items[0] ?? value;
  const id = newId(env.state);
  const cast: Plan =
    item === value
      ? plan
      : {
          kind: 'project',
          input: { kind: 'derived', input: plan, columns: plan.columns },
          items: [{ id, expr: item }],
          columns: [{ id, name: column.name, type: item.type }],
        };
  return negated(
    { kind: 'in-plan', operand: met.operand, plan: cast, type: BOOLEAN_TYPE },
    expr.negated,
  );
}

/** StarRocks puts NULL first in ascending order and last in descending. */
export function bindOrder(
  items: readonly OrderItem[],
  bindItem: (expr: Expr) => BoundExpr,
): readonly BoundOrder[] {
  return items
    .map(({ expr, descending, nulls }) => ({
      expr: ordered(bindItem(expr)),
      descending,
      nullsFirst: nulls === undefined ? !descending : nulls === 'FIRST',
    }))
    .filter(({ expr }) => expr.kind !== 'literal');
}

/** JSON, maps and structs have no order in StarRocks, arrays have none here. */
function ordered(expr: BoundExpr): BoundExpr {
  if (['JSON', 'MAP', 'STRUCT'].includes(expr.type.name)) {
    throw new SimError(
      'analysis',
      'Type (nested) percentile/hll/bitmap/json/struct/map not support order-by',
    );
  }
  if (!isNestedType(expr.type)) return expr;
  throw new SimError('unsupported', `ORDER BY a value of ${expr.type.name} is not supported`);
}

/** A value that is written, as a function that needs a literal sees it. */
export function writtenValue(expr: BoundExpr): string | undefined {
  return expr.kind === 'literal' && typeof expr.value === 'string' && isText(expr.type)
    ? expr.value
    : undefined;
}
