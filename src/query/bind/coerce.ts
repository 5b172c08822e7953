/** Literals, casts, and operands brought to the type in which an operator works. */
import { tryCastCell } from '../../base/cast-cell.ts';
import { SimError } from '../../base/errors.ts';
import { type Cell, innerTypes, isNestedType, type SqlType } from '../../base/sql-type.ts';
import {
  type ArithmeticOperator,
  BOOLEAN_TYPE,
  type BoundExpr,
  type CompareOperator,
} from '../bound.ts';
import { CAST_CELL, JSON_COMPARE } from '../functions/json-functions.ts';
import {
  arithmeticTypes,
  BIGINT,
  commonType,
  compareType,
  DOUBLE,
  decimalType,
  INT,
  isInteger,
  isNumeric,
  isTemporal,
  isText,
  LARGEINT,
  SMALLINT,
  STRING,
  sameType,
  TINYINT,
} from '../types.ts';

export type Literal = Extract<BoundExpr, { kind: 'literal' }>;

const INTEGER_TYPES: readonly SqlType[] = [TINYINT, SMALLINT, INT, BIGINT, LARGEINT];
const INTEGER_TEXT = /^-?\d+$/;
const DECIMAL_TEXT = /^-?(\d*)\.(\d*)$/;

export function literal(value: Cell, type: SqlType): Literal {
  return { kind: 'literal', value, type };
}

export const NULL_LITERAL: Literal = literal(null, BOOLEAN_TYPE);
export const TRUE_LITERAL: Literal = literal(true, BOOLEAN_TYPE);

export const isNull = (expr: BoundExpr): boolean => expr.kind === 'literal' && expr.value === null;

/** A number as written, in the smallest type that holds it. */
export function numberLiteral(text: string): Literal {
  if (INTEGER_TEXT.test(text)) {
    for (const type of INTEGER_TYPES) {
      const value = tryCastCell(text, STRING, type);
      if (value !== undefined) return literal(value, type);
    }
    return literal(Number(text), DOUBLE);
  }
  const match = DECIMAL_TEXT.exec(text);
  if (match !== null) {
    const whole = (match[1] ?? '').replace(/^0+/, '');
    const scale = (match[2] ?? '').length;
    const precision = Math.max(1, whole.length + scale);
    const type = decimalType(precision, scale);
    const value = precision <= 38 ? tryCastCell(text, STRING, type) : undefined;
    if (value !== undefined) return literal(value, type);
  }
  return literal(Number(text), DOUBLE);
}

export function textLiteral(text: string): Literal {
  return literal(text, { name: 'VARCHAR', length: Math.max(1, Buffer.byteLength(text)) });
}

/** The type of a value that comes without one, such as a variable's. */
export function literalOfCell(value: Cell): Literal {
  if (value === null) return literal(null, STRING);
  if (typeof value === 'string') return textLiteral(value);
  if (typeof value === 'bigint') return literal(value, BIGINT);
  if (typeof value === 'boolean') return literal(value, BOOLEAN_TYPE);
  if (typeof value === 'number') {
    return Number.isInteger(value) ? numberLiteral(String(value)) : literal(value, DOUBLE);
  }
  return literal(value, { name: 'VARBINARY' });
}

/** JSON becomes numbers, booleans and text, and is made of these. */
const meetsJson = (type: SqlType): boolean => isNumeric(type) || type.name === 'BOOLEAN';

/** Whether StarRocks and both engines have a cast between the two types. */
function mayCast(from: SqlType, to: SqlType): boolean {
  if (isText(from) || isText(to)) return true;
  if (isNestedType(from) || isNestedType(to)) return mayCastNested(from, to);
  if (from.name === 'VARBINARY' || to.name === 'VARBINARY') return false;
  if (from.name === 'JSON' || to.name === 'JSON') return meetsJson(from) || meetsJson(to);
  if (isTemporal(to)) return isTemporal(from) || isInteger(from);
  return !(isTemporal(from) && to.name === 'BOOLEAN');
}

/** Part by part, or by way of JSON. */
function mayCastNested(from: SqlType, to: SqlType): boolean {
  if (from.name === 'JSON' || to.name === 'JSON') return true;
  const [ours, theirs] = [innerTypes(from), innerTypes(to)];
  return (
    from.name === to.name &&
    ours.length === theirs.length &&
    ours.every((type, index) => {
      const other = theirs[index] ?? type;
      return sameType(type, other) || mayCast(type, other);
    })
  );
}

/** The expression in another type; a value that has none there becomes NULL. */
export function coerce(expr: BoundExpr, type: SqlType): BoundExpr {
  if (sameType(expr.type, type)) return expr;
  if (expr.kind === 'literal' && (expr.value === null || mayCast(expr.type, type))) {
    return literal(tryCastCell(expr.value, expr.type, type) ?? null, type);
  }
  if (!mayCast(expr.type, type)) {
    throw new SimError('analysis', `Invalid type cast from ${expr.type.name} to ${type.name}`);
  }
  if ([expr.type, type].some((one) => one.name === 'JSON' || isNestedType(one))) {
    return { kind: 'call', spec: CAST_CELL, args: [expr], type };
  }
  return { kind: 'cast', operand: expr, type };
}

/** The expression as a condition: a number holds when it is not zero. */
export function condition(expr: BoundExpr): BoundExpr {
  return coerce(expr, BOOLEAN_TYPE);
}

/** `a operator b` with both brought to the type they are compared in. */
export function compare(operator: CompareOperator, left: BoundExpr, right: BoundExpr): BoundExpr {
  const [a, b] = comparable(
    left,
    right,
    operator === '=' || operator === '!=' || operator === '<=>',
  );
  refuseNestedOrder(operator, a.type);
  if (a.type.name === 'JSON' && ['<', '<=', '>', '>='].includes(operator)) {
    const order: BoundExpr = { kind: 'call', spec: JSON_COMPARE, args: [a, b], type: INT };
    return { kind: 'compare', operator, left: order, right: literal(0, INT), type: BOOLEAN_TYPE };
  }
  return { kind: 'compare', operator, left: a, right: b, type: BOOLEAN_TYPE };
}

/** Arrays and structs are equal or not; of maps, whose entries have no order, not even that. */
function refuseNestedOrder(operator: CompareOperator, type: SqlType): void {
  const isEquality = operator === '=' || operator === '!=' || operator === '<=>';
  if (!isNestedType(type) || (isEquality && type.name !== 'MAP')) return;
  throw new SimError('unsupported', `'${operator}' on values of ${type.name} is not supported`);
}

/** Text written beside a number is read as the whole number it spells, not as a DOUBLE. */
function asWrittenNumber(expr: BoundExpr, other: BoundExpr): BoundExpr {
  if (expr.kind !== 'literal' || typeof expr.value !== 'string') return expr;
  if (!isText(expr.type) || !isNumeric(other.type) || other.type.name === 'DECIMAL') return expr;
  const text = expr.value.trim();
  return INTEGER_TEXT.test(text) ? numberLiteral(text) : expr;
}

function comparable(
  left: BoundExpr,
  right: BoundExpr,
  isEquality: boolean,
): readonly [BoundExpr, BoundExpr] {
  if (isNull(left)) return [coerce(left, right.type), right];
  if (isNull(right)) return [left, coerce(right, left.type)];
  const a = asWrittenNumber(left, right);
  const b = asWrittenNumber(right, left);
  const type = compareType(a.type, b.type, isEquality);
  return [coerce(a, type), coerce(b, type)];
}

/** The type in which a value meets all of a list, as for IN. */
export function comparableList(
  operand: BoundExpr,
  items: readonly BoundExpr[],
): { readonly operand: BoundExpr; readonly items: readonly BoundExpr[] } {
  if ([operand, ...items].some(({ type }) => type.name === 'JSON')) {
    throw new SimError('analysis', 'IN with a value of type JSON is not allowed', {
      hint: 'Cast the value to another type.',
    });
  }
  const read = items.map((item) => asWrittenNumber(item, operand));
  const type = read
    .filter((item) => !isNull(item))
    .reduce((met, item) => compareType(met, item.type, true), operand.type);
  return { operand: coerce(operand, type), items: read.map((item) => coerce(item, type)) };
}

/** Expressions that stand in one place, as the branches of CASE do. */
export function unify(exprs: readonly BoundExpr[]): {
  readonly exprs: readonly BoundExpr[];
  readonly type: SqlType;
} {
  const types = exprs.filter((expr) => !isNull(expr)).map((expr) => expr.type);
  const type = types.length === 0 ? BOOLEAN_TYPE : types.reduce(commonType);
  return { exprs: exprs.map((expr) => coerce(expr, type)), type };
}

export function arithmetic(
  operator: ArithmeticOperator,
  left: BoundExpr,
  right: BoundExpr,
): BoundExpr {
  const types = arithmeticTypes(
    operator,
    isNull(left) ? right.type : left.type,
    isNull(right) ? left.type : right.type,
  );
  return {
    kind: 'arithmetic',
    operator,
    left: coerce(left, types.left),
    right: coerce(right, types.right),
    type: types.result,
  };
}

export function negate(operand: BoundExpr): BoundExpr {
  if (operand.kind === 'literal' && operand.value !== null && isNumeric(operand.type)) {
    const text = String(operand.value);
    const negated = text.startsWith('-') ? text.slice(1) : `-${text}`;
    if (isInteger(operand.type)) return numberLiteral(negated);
    if (operand.type.name === 'DECIMAL') return literal(negated, operand.type);
    return literal(-Number(text), operand.type);
  }
  const zero = literal(0, TINYINT);
  if (isNumeric(operand.type) && !isInteger(operand.type)) {
    return { kind: 'negate', operand, type: operand.type };
  }
  return arithmetic('-', zero, operand);
}
