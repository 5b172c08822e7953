/**
 * Bound expressions as functions of a row: the interpreter's half of expression semantics. What it
 * has no form for is refused by name; `interpretable.ts` tells beforehand.
 */
import { integerCell, tryCastCell } from '../../base/cast-cell.ts';
import {
  divideRounded,
  fitsPrecision,
  formatDecimal,
  parseDecimal,
  rescale,
} from '../../base/decimal-text.ts';
import { SimError } from '../../base/errors.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import type { ArithmeticOperator, BoundExpr, ColumnId, CompareOperator } from '../bound.ts';
import { compareCells } from '../compare-cells.ts';
import { isInteger } from '../types.ts';

export type RowFunction = (row: readonly Cell[]) => Cell;
/** Where in a row each column stands. */
export type Slots = ReadonlyMap<ColumnId, number>;

type Of<K extends BoundExpr['kind']> = Extract<BoundExpr, { kind: K }>;

export function needsEngine(what: string): SimError {
  return new SimError(
    'unsupported',
    `${what} needs the query engine, which virtual mode does not load`,
  );
}

/** The value of an expression without columns. */
export function evaluateConstant(expr: BoundExpr): Cell {
  return compileExpr(expr, new Map())([]);
}

export function compileExpr(expr: BoundExpr, slots: Slots): RowFunction {
  switch (expr.kind) {
    case 'literal':
      return () => expr.value;
    case 'column': {
      const slot = slots.get(expr.id);
      if (slot === undefined) throw new SimError('bug', `no column ${expr.name} in this row`);
      return (row) => row[slot] ?? null;
    }
    case 'cast': {
      const operand = compileExpr(expr.operand, slots);
      return (row) => tryCastCell(operand(row), expr.operand.type, expr.type) ?? null;
    }
    case 'arithmetic':
      return compileArithmetic(expr, slots);
    case 'negate':
    case 'bit-not':
      return compileUnary(expr, slots);
    case 'compare':
      return compileCompare(expr, slots);
    case 'logic':
      return compileLogic(expr, slots);
    case 'not': {
      const operand = compileExpr(expr.operand, slots);
      return (row) => {
        const value = operand(row);
        return value === null ? null : value !== true;
      };
    }
    case 'is-null': {
      const operand = compileExpr(expr.operand, slots);
      return (row) => (operand(row) === null) !== expr.negated;
    }
    case 'in-list':
      return compileInList(expr, slots);
    case 'like':
      return compileLike(expr, slots);
    case 'case':
      return compileCase(expr, slots);
    case 'call':
      return compileCall(expr, slots);
    case 'in-plan':
    case 'exists':
    case 'scalar-plan':
      throw needsEngine('a subquery in an expression');
  }
}

function compileUnary(expr: Of<'negate' | 'bit-not'>, slots: Slots): RowFunction {
  const operand = compileExpr(expr.operand, slots);
  if (expr.kind === 'bit-not') {
    return (row) => {
      const value = operand(row);
      if (value === null) return null;
      return typeof value === 'bigint' ? ~value : ~Number(value);
    };
  }
  return (row) => {
    const value = operand(row);
    if (value === null) return null;
    if (typeof value !== 'string') return -Number(value);
    const decimal = parseDecimal(value);
    return decimal === undefined ? null : formatDecimal(-decimal.unscaled, decimal.scale);
  };
}

function compileArithmetic(expr: Of<'arithmetic'>, slots: Slots): RowFunction {
  const left = compileExpr(expr.left, slots);
  const right = compileExpr(expr.right, slots);
  const apply = isInteger(expr.left.type)
    ? (a: Cell, b: Cell) => onIntegers(expr.operator, a, b, expr.type)
    : expr.left.type.name === 'DECIMAL'
      ? (a: Cell, b: Cell) => onDecimals(expr.operator, String(a), String(b), expr.type)
      : (a: Cell, b: Cell) => onDoubles(expr.operator, Number(a), Number(b));
  return (row) => {
    const a = left(row);
    const b = right(row);
    return a === null || b === null ? null : apply(a, b);
  };
}

export function overflow(type: SqlType): SimError {
  return new SimError('unsupported', `a result does not fit ${type.name}: it would overflow`);
}

function onIntegers(operator: ArithmeticOperator, a: Cell, b: Cell, type: SqlType): Cell {
  const left = BigInt(a as number | bigint);
  const right = BigInt(b as number | bigint);
  if ((operator === 'DIV' || operator === '%') && right === 0n) return null;
  const results: Readonly<Partial<Record<ArithmeticOperator, () => bigint>>> = {
    '+': () => left + right,
    '-': () => left - right,
    '*': () => left * right,
    DIV: () => left / right,
    '%': () => left % right,
    '&': () => left & right,
    '|': () => left | right,
    '^': () => left ^ right,
  };
  const result = results[operator]?.() ?? 0n;
  if (type.name === 'BIGINT') return BigInt.asIntN(64, result);
  const cell = integerCell(result, type.name);
  if (cell === undefined) throw overflow(type);
  return cell;
}

function onDoubles(operator: ArithmeticOperator, a: number, b: number): Cell {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? null : a / b;
    case '%':
      return b === 0 ? null : a % b;
    case 'DIV':
      return b === 0 ? null : (integerCell(BigInt(Math.trunc(a / b)), 'BIGINT') ?? null);
    default:
      throw new SimError('bug', `operator ${operator} on floating numbers`);
  }
}

function onDecimals(operator: ArithmeticOperator, a: string, b: string, type: SqlType): Cell {
  const left = parseDecimal(a);
  const right = parseDecimal(b);
  if (left === undefined || right === undefined) return null;
  const scale = type.scale ?? 0;
  const one = rescale(left, Math.max(left.scale, right.scale));
  const two = rescale(right, Math.max(left.scale, right.scale));
  const isDivision = operator === '/' || operator === 'DIV' || operator === '%';
  if (isDivision && two === 0n) return null;
  switch (operator) {
    case 'DIV':
      return integerCell(one / two, 'BIGINT') ?? null;
    case '/':
      return fitted(divideRounded(one * 10n ** BigInt(scale), two), type);
    case '*':
      return fitted(left.unscaled * right.unscaled, type);
    case '%':
      return fitted(one % two, type);
    case '+':
      return fitted(one + two, type);
    case '-':
      return fitted(one - two, type);
    default:
      throw new SimError('bug', `operator ${operator} on decimals`);
  }
}

function fitted(unscaled: bigint, type: SqlType): Cell {
  if (!fitsPrecision(unscaled, type.precision ?? 38)) throw overflow(type);
  return formatDecimal(unscaled, type.scale ?? 0);
}

const HOLDS: Readonly<Record<Exclude<CompareOperator, '<=>'>, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function compileCompare(expr: Of<'compare'>, slots: Slots): RowFunction {
  const left = compileExpr(expr.left, slots);
  const right = compileExpr(expr.right, slots);
  const { operator } = expr;
  const { type } = expr.left;
  if (operator === '<=>') {
    return (row) => {
      const a = left(row);
      const b = right(row);
      return a === null || b === null ? a === b : compareCells(a, b, type) === 0;
    };
  }
  const holds = HOLDS[operator];
  return (row) => {
    const a = left(row);
    const b = right(row);
    return a === null || b === null ? null : holds(compareCells(a, b, type));
  };
}

function compileLogic(expr: Of<'logic'>, slots: Slots): RowFunction {
  const left = compileExpr(expr.left, slots);
  const right = compileExpr(expr.right, slots);
  if (expr.operator === 'XOR') {
    return (row) => {
      const a = left(row);
      const b = right(row);
      return a === null || b === null ? null : a !== b;
    };
  }
  const decisive = expr.operator === 'OR';
  return (row) => {
    const a = left(row);
    if (a === decisive) return decisive;
    const b = right(row);
    if (b === decisive) return decisive;
    return a === null || b === null ? null : !decisive;
  };
}

function compileInList(expr: Of<'in-list'>, slots: Slots): RowFunction {
  const operand = compileExpr(expr.operand, slots);
  const items = expr.items.map((item) => compileExpr(item, slots));
  const { type } = expr.operand;
  return (row) => {
    const value = operand(row);
    if (value === null) return null;
    let sawNull = false;
    for (const item of items) {
      const other = item(row);
      if (other === null) sawNull = true;
      else if (compareCells(value, other, type) === 0) return true;
    }
    return sawNull ? null : false;
  };
}

/** LIKE as a regular expression: `%` any text, `_` one character, backslash takes the next as is. */
export function likePattern(pattern: string): RegExp {
  let source = '';
  let escaped = false;
  for (const char of pattern) {
    if (!escaped && char === '\\') {
      escaped = true;
      continue;
    }
    if (!escaped && char === '%') source += '[^]*';
    else if (!escaped && char === '_') source += '[^]';
    else source += char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
    escaped = false;
  }
  return new RegExp(`^${source}${escaped ? '\\\\' : ''}$`, 'u');
}

function compileLike(expr: Of<'like'>, slots: Slots): RowFunction {
  if (expr.operator === 'RLIKE') throw needsEngine('RLIKE');
  const operand = compileExpr(expr.operand, slots);
  const pattern = compileExpr(expr.pattern, slots);
  let last: { readonly text: string; readonly regex: RegExp } | undefined;
  return (row) => {
    const value = operand(row);
    const text = pattern(row);
    if (typeof value !== 'string' || typeof text !== 'string') return null;
    if (last?.text !== text) last = { text, regex: likePattern(text) };
    return last.regex.test(value);
  };
}

function compileCase(expr: Of<'case'>, slots: Slots): RowFunction {
  const branches = expr.branches.map(({ when, value }) => ({
    when: compileExpr(when, slots),
    value: compileExpr(value, slots),
  }));
  const otherwise = compileExpr(expr.otherwise, slots);
  return (row) => {
    for (const { when, value } of branches) if (when(row) === true) return value(row);
    return otherwise(row);
  };
}

function compileCall(expr: Of<'call'>, slots: Slots): RowFunction {
  const { spec, type } = expr;
  const { evaluate } = spec;
  if (evaluate === undefined) throw needsEngine(`function ${spec.name.toLowerCase()}`);
  const args = expr.args.map((arg) => compileExpr(arg, slots));
  const types = { args: expr.args.map((arg) => arg.type), result: type };
  return (row) => {
    const values = args.map((arg) => arg(row));
    if (spec.handlesNull !== true && values.includes(null)) return null;
    return evaluate(values, types);
  };
}
