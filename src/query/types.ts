/**
 * Which type an expression has, by StarRocks' rules: how operands meet in arithmetic, in a
 * comparison, and in the branches of CASE, COALESCE or UNION. Both engines take their types here.
 */
import { isIntegerType } from '../base/cast-cell.ts';
import { DECIMAL_PRECISION_MAX } from '../base/decimal-text.ts';
import { SimError } from '../base/errors.ts';
import {
  innerTypes,
  isNestedType,
  type SqlType,
  STRING_LENGTH,
  type TypeName,
  typeText,
} from '../base/sql-type.ts';
import type { ArithmeticOperator } from './bound.ts';

export const TINYINT: SqlType = Object.freeze({ name: 'TINYINT' });
export const SMALLINT: SqlType = Object.freeze({ name: 'SMALLINT' });
export const INT: SqlType = Object.freeze({ name: 'INT' });
export const BIGINT: SqlType = Object.freeze({ name: 'BIGINT' });
export const LARGEINT: SqlType = Object.freeze({ name: 'LARGEINT' });
export const DOUBLE: SqlType = Object.freeze({ name: 'DOUBLE' });
export const DATE: SqlType = Object.freeze({ name: 'DATE' });
export const DATETIME: SqlType = Object.freeze({ name: 'DATETIME' });
export const JSON_TYPE: SqlType = Object.freeze({ name: 'JSON' });
export const STRING: SqlType = Object.freeze({ name: 'VARCHAR', length: STRING_LENGTH });
/** What text is compared as with an exact number. */
const TEXT_AS_DECIMAL: SqlType = Object.freeze({ name: 'DECIMAL', precision: 38, scale: 9 });

const INTEGER_RANK: readonly TypeName[] = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'LARGEINT'];
/** Decimal digits that hold every value of an integer type. */
const INTEGER_DIGITS: Readonly<Partial<Record<TypeName, number>>> = {
  BOOLEAN: 1,
  TINYINT: 3,
  SMALLINT: 5,
  INT: 10,
  BIGINT: 19,
  LARGEINT: 38,
};

export const isInteger = (type: SqlType): boolean => isIntegerType(type.name);
export const isFloating = (type: SqlType): boolean =>
  type.name === 'DOUBLE' || type.name === 'FLOAT';
export const isText = (type: SqlType): boolean => type.name === 'VARCHAR' || type.name === 'CHAR';
export const isTemporal = (type: SqlType): boolean =>
  type.name === 'DATE' || type.name === 'DATETIME';
export const isNumeric = (type: SqlType): boolean =>
  isInteger(type) || isFloating(type) || type.name === 'DECIMAL';

export function decimalType(precision: number, scale: number): SqlType {
  return { name: 'DECIMAL', precision: Math.min(precision, DECIMAL_PRECISION_MAX), scale };
}

/** Lengths of text do not count: values are never padded or cut by a query. */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (isText(a) && isText(b)) return true;
  if (a.name !== b.name) return false;
  if (isNestedType(a)) return areSameInside(a, b);
  return a.name !== 'DECIMAL' || (a.precision === b.precision && a.scale === b.scale);
}

function areSameInside(a: SqlType, b: SqlType): boolean {
  const [ours, theirs] = [innerTypes(a), innerTypes(b)];
  const names = ({ fields = [] }: SqlType): string =>
    JSON.stringify(fields.map(({ name }) => name));
  return (
    ours.length === theirs.length &&
    names(a) === names(b) &&
    ours.every((type, index) => sameType(type, theirs[index] ?? type))
  );
}

function asDecimal(type: SqlType): { precision: number; scale: number } {
  if (type.name === 'DECIMAL') return { precision: type.precision ?? 10, scale: type.scale ?? 0 };
  return { precision: INTEGER_DIGITS[type.name] ?? 38, scale: 0 };
}

function widerInteger(a: SqlType, b: SqlType): SqlType {
  return INTEGER_RANK.indexOf(a.name) >= INTEGER_RANK.indexOf(b.name) ? a : b;
}

function commonDecimal(a: SqlType, b: SqlType): SqlType {
  const left = asDecimal(a);
  const right = asDecimal(b);
  const scale = Math.max(left.scale, right.scale);
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale);
  return decimalType(whole + scale, scale);
}

function commonNumeric(a: SqlType, b: SqlType): SqlType {
  if (isFloating(a) || isFloating(b)) return a.name === 'FLOAT' && b.name === 'FLOAT' ? a : DOUBLE;
  if (a.name === 'DECIMAL' || b.name === 'DECIMAL') return commonDecimal(a, b);
  return widerInteger(a, b);
}

/** The type in which values of both types can stand: CASE branches, UNION columns, COALESCE. */
export function commonType(a: SqlType, b: SqlType): SqlType {
  if (isText(a) && isText(b)) {
    return { name: 'VARCHAR', length: Math.max(a.length ?? 1, b.length ?? 1) };
  }
  if (sameType(a, b)) return a;
  const left = a.name === 'BOOLEAN' && isNumeric(b) ? TINYINT : a;
  const right = b.name === 'BOOLEAN' && isNumeric(a) ? TINYINT : b;
  if (isNumeric(left) && isNumeric(right)) return commonNumeric(left, right);
  if (isTemporal(a) && isTemporal(b)) return DATETIME;
  if (isNestedType(a) || isNestedType(b)) return commonNested(a, b);
  if (a.name === 'VARBINARY' || b.name === 'VARBINARY') return refuseMix(a, b);
  return STRING;
}

/** Part by part; names of fields are those of the first. */
function commonNested(a: SqlType, b: SqlType): SqlType {
  if (a.name !== b.name) return refuseMix(a, b);
  const [ours, theirs] = [innerTypes(a), innerTypes(b)];
  if (ours.length !== theirs.length) return refuseMix(a, b);
  const [first, second] = ours.map((type, index) => commonType(type, theirs[index] ?? type));
  switch (a.name) {
    case 'ARRAY':
      return { name: 'ARRAY', element: first ?? STRING };
    case 'MAP':
      return { name: 'MAP', key: first ?? STRING, value: second ?? STRING };
    default:
      return {
        name: 'STRUCT',
        fields: (a.fields ?? []).map(({ name, type }, index) => {
          return { name, type: commonType(type, theirs[index] ?? type) };
        }),
      };
  }
}

function refuseMix(a: SqlType, b: SqlType): never {
  throw new SimError('analysis', `No common type of '${typeText(a)}' and '${typeText(b)}'`);
}

/**
 * The type two operands are compared in. Text meets a number as a number, a date as a date;
 * `isEquality` tells `=`, `!=`, `<=>` and IN, which compare text with an exact number as that
 * decimal type or as DECIMAL(38, 9), from the rest, which do as DOUBLE.
 */
export function compareType(a: SqlType, b: SqlType, isEquality: boolean): SqlType {
  if (sameType(a, b)) return a;
  if (isNestedType(a) || isNestedType(b)) return commonNested(a, b);
  if (a.name === 'JSON' || b.name === 'JSON') return JSON_TYPE;
  const text = isText(a) ? a : isText(b) ? b : undefined;
  if (text !== undefined) {
    const other = text === a ? b : a;
    if (isTemporal(other)) return DATETIME;
    if (other.name === 'BOOLEAN') return other;
    if (isNumeric(other)) {
      if (!isEquality || isFloating(other)) return DOUBLE;
      return other.name === 'DECIMAL' ? other : TEXT_AS_DECIMAL;
    }
    return refuseMix(a, b);
  }
  // A date counts as the number of its digits.
  if ((isTemporal(a) && isNumeric(b)) || (isTemporal(b) && isNumeric(a))) return DOUBLE;
  const common = commonType(a, b);
  return isText(common) ? refuseMix(a, b) : common;
}

const BIGGER: Readonly<Partial<Record<TypeName, SqlType>>> = {
  BOOLEAN: SMALLINT,
  TINYINT: SMALLINT,
  SMALLINT: INT,
  INT: BIGINT,
};

export interface ArithmeticTypes {
  readonly left: SqlType;
  readonly right: SqlType;
  readonly result: SqlType;
}

/** Types of the operands and of the result of `a operator b`. */
export function arithmeticTypes(
  operator: ArithmeticOperator,
  a: SqlType,
  b: SqlType,
): ArithmeticTypes {
  const left = arithmeticOperand(operator, a);
  const right = arithmeticOperand(operator, b);
  if (operator === '&' || operator === '|' || operator === '^') {
    if (!isInteger(left) || !isInteger(right)) return sameOperands(BIGINT);
    return sameOperands(widerInteger(left, right));
  }
  const hasDecimal = left.name === 'DECIMAL' || right.name === 'DECIMAL';
  const isFloat = isFloating(left) || isFloating(right);
  if (operator === 'DIV') {
    if (isFloat) return { left: DOUBLE, right: DOUBLE, result: BIGINT };
    if (hasDecimal) return { ...sameOperands(commonDecimal(left, right)), result: BIGINT };
    return sameOperands(widerInteger(widerInteger(left, right), BIGINT));
  }
  if (isFloat) return sameOperands(DOUBLE);
  if (hasDecimal) return decimalArithmetic(operator, left, right);
  if (operator === '/') return sameOperands(DOUBLE);
  const wider = widerInteger(left, right);
  return sameOperands(operator === '%' ? wider : (BIGGER[wider.name] ?? wider));
}

function sameOperands(type: SqlType): ArithmeticTypes {
  return { left: type, right: type, result: type };
}

function arithmeticOperand(operator: string, type: SqlType): SqlType {
  if (type.name === 'BOOLEAN') return TINYINT;
  if (isText(type)) return DOUBLE;
  if (isNumeric(type)) return type;
  throw new SimError(
    'unsupported',
    `operator '${operator}' on a value of type '${typeText(type)}' is not supported`,
    isTemporal(type) ? { hint: 'Write INTERVAL n DAY, or use date_add or datediff.' } : {},
  );
}

function decimalArithmetic(
  operator: '+' | '-' | '*' | '/' | '%',
  a: SqlType,
  b: SqlType,
): ArithmeticTypes {
  const one = asDecimal(a);
  const two = asDecimal(b);
  const left = decimalType(one.precision, one.scale);
  const right = decimalType(two.precision, two.scale);
  switch (operator) {
    case '*': {
      const scale = one.scale + two.scale;
      if (scale > DECIMAL_PRECISION_MAX) {
        throw new SimError('analysis', `Return scale(${scale}) exceeds maximum value(38)`);
      }
      return { left, right, result: decimalType(one.precision + two.precision, scale) };
    }
    case '/':
      return { left, right, result: decimalType(38, quotientScale(one.scale)) };
    case '%':
      return sameOperands(commonDecimal(a, b));
    default: {
      const common = commonDecimal(a, b);
      return sameOperands(decimalType((common.precision ?? 38) + 1, common.scale ?? 0));
    }
  }
}

/** Digits after the point of a quotient whose dividend has `scale` of them. */
export function quotientScale(scale: number): number {
  if (scale <= 6) return scale + 6;
  return Math.max(scale, 12);
}

/** SUM, as the type its result has. */
export function sumType(type: SqlType): SqlType {
  if (type.name === 'DECIMAL') return decimalType(38, type.scale ?? 0);
  if (type.name === 'LARGEINT') return LARGEINT;
  return isInteger(type) || type.name === 'BOOLEAN' ? BIGINT : DOUBLE;
}

/** AVG: exact for decimals, floating for the rest. */
export function averageType(type: SqlType): SqlType {
  return type.name === 'DECIMAL' ? decimalType(38, quotientScale(type.scale ?? 0)) : DOUBLE;
}
