/**
 * The expression of a table that is partitioned by a unit of time, as text:
 * `date_trunc('day', dt)`. SHOW CREATE TABLE and the table's JSON carry it so.
 */
import type { ExpressionUnit, PartitionBy } from './model.ts';

export const EXPRESSION_UNITS: readonly ExpressionUnit[] = ['HOUR', 'DAY', 'MONTH', 'YEAR'];

const PLAIN_NAME = /^[a-z_]\w*$/i;
const DATE_TRUNC = /^date_trunc\('(\w+)',/i;

/** Names that are no plain words stand in backticks. */
export function partitionExpressionText(
  { unit, columns }: Extract<PartitionBy, { kind: 'EXPR_RANGE' }>,
  isReserved: (name: string) => boolean = () => false,
): string {
  const [name] = columns;
  const isPlain = PLAIN_NAME.test(name) && !isReserved(name);
  const column = isPlain ? name : `\`${name.replaceAll('`', '``')}\``;
  return `date_trunc('${unit.toLowerCase()}', ${column})`;
}

/** The unit of such a text; undefined for any other expression. */
export function unitOfExpression(text: string): ExpressionUnit | undefined {
  return expressionUnit(DATE_TRUNC.exec(text)?.[1] ?? '');
}

/** `day` as a unit that tables may be partitioned by; undefined for any other word. */
export function expressionUnit(word: string): ExpressionUnit | undefined {
  return EXPRESSION_UNITS.find((unit) => unit === word.toUpperCase());
}
