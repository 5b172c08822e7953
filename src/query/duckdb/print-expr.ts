/** Bound expressions as DuckDB SQL. Every part is put in parentheses; nothing is left to ranks. */

import { argumentsOf } from '../bind/bind-call.ts';
import type { BoundExpr, BoundOrder, ColumnId, Plan } from '../bound.ts';
import type { CallTypes, FunctionSpec } from '../functions/function-spec.ts';
import { isInteger } from '../types.ts';
import { columnName, duckType, printCast, printLiteral } from './sql-text.ts';

export interface PrintEnv {
  /** SQL that stands for a column here; others are columns of queries around this one. */
  readonly columns: ReadonlyMap<ColumnId, string>;
  printPlan(plan: Plan): string;
  /** A call of a function that has no form in DuckDB's SQL. */
  jsCall(spec: FunctionSpec, types: CallTypes, args: readonly string[]): string;
}

type Of<K extends BoundExpr['kind']> = Extract<BoundExpr, { kind: K }>;

export function printExpr(expr: BoundExpr, env: PrintEnv): string {
  const print = (part: BoundExpr): string => printExpr(part, env);
  switch (expr.kind) {
    case 'literal':
      return printLiteral(expr.value, expr.type);
    case 'column':
      return env.columns.get(expr.id) ?? columnName(expr.id);
    case 'cast':
      return printCast(print(expr.operand), expr.operand.type, expr.type);
    case 'arithmetic':
      return printArithmetic(expr, print);
    case 'negate':
      return `CAST(-(${print(expr.operand)}) AS ${duckType(expr.type)})`;
    case 'bit-not':
      return `(~(${print(expr.operand)}))`;
    case 'compare':
      return printCompare(expr, print);
    case 'logic':
      return expr.operator === 'XOR'
        ? `(${print(expr.left)} <> ${print(expr.right)})`
        : `(${print(expr.left)} ${expr.operator} ${print(expr.right)})`;
    case 'not':
      return `(NOT ${print(expr.operand)})`;
    case 'is-null':
      return `(${print(expr.operand)} IS ${expr.negated ? 'NOT ' : ''}NULL)`;
    case 'in-list':
      return `(${print(expr.operand)} IN (${expr.items.map(print).join(', ')}))`;
    case 'like':
      return printLike(expr, print);
    case 'case':
      return printCase(expr, print);
    case 'call':
      return printCall(expr, print, env);
    case 'in-plan':
      return `(${print(expr.operand)} IN (${env.printPlan(expr.plan)}))`;
    case 'exists':
      return `(EXISTS (${env.printPlan(expr.plan)}))`;
    case 'scalar-plan':
      return `(${env.printPlan(expr.plan)})`;
  }
}

type Print = (part: BoundExpr) => string;

function printCompare(expr: Of<'compare'>, print: Print): string {
  const operator = expr.operator === '<=>' ? 'IS NOT DISTINCT FROM' : expr.operator;
  return `(${print(expr.left)} ${operator} ${print(expr.right)})`;
}

function printLike(expr: Of<'like'>, print: Print): string {
  const { operand, pattern, operator } = expr;
  if (operator === 'RLIKE') return `regexp_matches(${print(operand)}, ${print(pattern)})`;
  const written = pattern.kind === 'literal' && typeof pattern.value === 'string';
  const text = written ? String(pattern.value) : '';
  // A last backslash that escapes nothing stands for itself; DuckDB would refuse it.
  const isOdd = (/\\*$/.exec(text)?.[0].length ?? 0) % 2 === 1;
  const like = isOdd ? print({ ...pattern, value: `${text}\\` } as BoundExpr) : print(pattern);
  return `(${print(operand)} LIKE ${like} ESCAPE '\\')`;
}

function printCase(expr: Of<'case'>, print: Print): string {
  const branches = expr.branches.map(
    ({ when, value }) => `WHEN ${print(when)} THEN ${print(value)}`,
  );
  if (branches.length === 0) return print(expr.otherwise);
  return `(CASE ${branches.join(' ')} ELSE ${print(expr.otherwise)} END)`;
}

function printCall(expr: Of<'call'>, print: Print, env: PrintEnv): string {
  const types = { args: expr.args.map((arg) => arg.type), result: expr.type };
  const args = expr.args.map(print);
  const { duckdb } = expr.spec;
  if (duckdb === undefined) return env.jsCall(expr.spec, types, args);
  return `(${duckdb(args, types, argumentsOf(expr.args))})`;
}

/** Whether the value fits an INT, so that no sum or product of two such leaves BIGINT. */
function isSmall(expr: BoundExpr): boolean {
  const inner = expr.kind === 'cast' ? expr.operand : expr;
  if (inner.kind === 'literal' && typeof inner.value === 'bigint') {
    return inner.value >= -(2n ** 31n) && inner.value < 2n ** 31n;
  }
  return isInteger(inner.type) && inner.type.name !== 'BIGINT' && inner.type.name !== 'LARGEINT';
}

/** Half of the values that 64 bits have, for `sr_wrap`. */
export const HALF_64 = "CAST('9223372036854775808' AS HUGEINT)";

function printArithmetic(expr: Of<'arithmetic'>, print: Print): string {
  const { operator, left, right, type } = expr;
  const a = print(left);
  const b = print(right);
  const isDecimal = left.type.name === 'DECIMAL';
  const cast = (sql: string): string => `CAST(${sql} AS ${duckType(type)})`;
  switch (operator) {
    case '+':
    case '-':
    case '*':
      if (type.name === 'BIGINT' && !(isSmall(left) && isSmall(right))) {
        const wide = `CAST(${a} AS HUGEINT) ${operator} CAST(${b} AS HUGEINT)`;
        return cast(`sr_wrap(${wide}, ${HALF_64})`);
      }
      return cast(`${a} ${operator} ${b}`);
    case '/':
      return isDecimal ? decimalQuotient(expr, a, b) : cast(`${a} / nullif(${b}, 0)`);
    case '%':
      return cast(`${a} % nullif(${b}, 0)`);
    case 'DIV':
      if (isDecimal) {
        const scale = left.type.scale ?? 0;
        return cast(`${unscaledSql(a, scale)} // nullif(${unscaledSql(b, scale)}, 0)`);
      }
      if (left.type.name === 'DOUBLE') {
        return `TRY_CAST(trunc(${a} / nullif(${b}, 0)) AS ${duckType(type)})`;
      }
      return cast(`${a} // nullif(${b}, 0)`);
    case '&':
    case '|':
      return `(${a} ${operator} ${b})`;
    case '^':
      return `xor(${a}, ${b})`;
  }
}

/** The whole number that a decimal is without its point. */
export function unscaledSql(sql: string, scale: number): string {
  if (scale === 0) return `CAST(${sql} AS HUGEINT)`;
  return `CAST(${sql} * CAST('1${'0'.repeat(scale)}' AS DECIMAL(${scale + 1},0)) AS HUGEINT)`;
}

/** A HUGEINT as the decimal whose last `scale` digits are after the point. */
export function scaledSql(sql: string, scale: number): string {
  if (scale === 0) return `CAST(${sql} AS DECIMAL(38,0))`;
  const unit = `CAST('0.${'0'.repeat(scale - 1)}1' AS DECIMAL(${scale},${scale}))`;
  return `(CAST(${sql} AS DECIMAL(38,0)) * ${unit})`;
}

function decimalQuotient(expr: Of<'arithmetic'>, a: string, b: string): string {
  const scale = expr.type.scale ?? 0;
  const leftScale = expr.left.type.scale ?? 0;
  const rightScale = expr.right.type.scale ?? 0;
  const shift = 10n ** BigInt(Math.max(0, scale - leftScale + rightScale));
  const dividend = `${unscaledSql(a, leftScale)} * CAST('${shift}' AS HUGEINT)`;
  const quotient = `sr_round_div(${dividend}, ${unscaledSql(b, rightScale)})`;
  return `CAST(${scaledSql(quotient, scale)} AS ${duckType(expr.type)})`;
}

export function printOrder(order: readonly BoundOrder[], env: PrintEnv): string {
  return order
    .map(({ expr, descending, nullsFirst }) => {
      const direction = descending ? 'DESC' : 'ASC';
      return `${printExpr(expr, env)} ${direction} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`;
    })
    .join(', ');
}
