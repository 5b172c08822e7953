/**
 * Expressions by precedence climbing. Chains of AND, OR and concatenation become balanced trees:
 * they mean the same, and a condition over thousands of names stays shallow.
 */
import type { BinaryOperator, Expr, OrderItem } from './ast.ts';
import { NESTING_MAX, type TokenCursor } from './cursor.ts';
import { parsePrimary } from './parse-primary.ts';
import { parseQuery } from './parse-query.ts';

/** From weak to strong, as MySQL and StarRocks order them. */
const LEVEL = Object.freeze({
  or: 1,
  xor: 2,
  and: 3,
  not: 4,
  comparison: 5,
  predicate: 6,
  bitOr: 7,
  bitAnd: 8,
  sum: 9,
  product: 10,
  bitXor: 11,
  concat: 12,
});

interface OperatorRow {
  readonly operator: BinaryOperator;
  readonly level: number;
}

const OPERATORS: ReadonlyMap<string, OperatorRow> = new Map<string, OperatorRow>([
  ['OR', { operator: 'OR', level: LEVEL.or }],
  ['||', { operator: 'OR', level: LEVEL.or }],
  ['XOR', { operator: 'XOR', level: LEVEL.xor }],
  ['AND', { operator: 'AND', level: LEVEL.and }],
  ['&&', { operator: 'AND', level: LEVEL.and }],
  ['=', { operator: '=', level: LEVEL.comparison }],
  ['<=>', { operator: '<=>', level: LEVEL.comparison }],
  ['!=', { operator: '!=', level: LEVEL.comparison }],
  ['<>', { operator: '!=', level: LEVEL.comparison }],
  ['<', { operator: '<', level: LEVEL.comparison }],
  ['<=', { operator: '<=', level: LEVEL.comparison }],
  ['>', { operator: '>', level: LEVEL.comparison }],
  ['>=', { operator: '>=', level: LEVEL.comparison }],
  ['|', { operator: '|', level: LEVEL.bitOr }],
  ['&', { operator: '&', level: LEVEL.bitAnd }],
  ['+', { operator: '+', level: LEVEL.sum }],
  ['-', { operator: '-', level: LEVEL.sum }],
  ['*', { operator: '*', level: LEVEL.product }],
  ['/', { operator: '/', level: LEVEL.product }],
  ['%', { operator: '%', level: LEVEL.product }],
  ['MOD', { operator: '%', level: LEVEL.product }],
  ['DIV', { operator: 'DIV', level: LEVEL.product }],
  ['^', { operator: '^', level: LEVEL.bitXor }],
]);

const CONCAT: OperatorRow = { operator: '||', level: LEVEL.concat };

const ASSOCIATIVE: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(['OR', 'AND', '||']);

const PREDICATE_WORDS: ReadonlySet<string> = new Set([
  'NOT',
  'IN',
  'BETWEEN',
  'LIKE',
  'RLIKE',
  'REGEXP',
]);

const REFUSED_OPERATORS: ReadonlySet<string> = new Set([
  'BITSHIFTLEFT',
  'BITSHIFTRIGHT',
  'BITSHIFTRIGHTLOGICAL',
]);

export function parseExpression(cursor: TokenCursor): Expr {
  return parseFrom(cursor, LEVEL.or);
}

/** Without AND, OR, NOT and comparisons on its outside: a LIKE pattern, an EXTRACT argument. */
export function parseValueExpression(cursor: TokenCursor): Expr {
  return parseFrom(cursor, LEVEL.bitOr);
}

/** `expr [ASC|DESC] [NULLS FIRST|LAST]`. */
export function parseOrderItem(cursor: TokenCursor): OrderItem {
  if (cursor.at('ALL')) cursor.unsupported('ORDER BY ALL');
  const expr = parseExpression(cursor);
  const descending = cursor.acceptOneOf('ASC', 'DESC') === 'DESC';
  const nulls = cursor.accept('NULLS') ? cursor.expectOneOf('FIRST', 'LAST') : undefined;
  return { expr, descending, nulls };
}

/** `ORDER BY item, ...`, if it is there. */
export function parseOrderBy(cursor: TokenCursor): readonly OrderItem[] {
  if (!cursor.accept('ORDER')) return [];
  cursor.expect('BY');
  return cursor.list(() => parseOrderItem(cursor));
}

/** Everything whose operators are all of `weakest` or stronger. */
function parseFrom(cursor: TokenCursor, weakest: number): Expr {
  return cursor.nested(() => {
    let left = parseOperand(cursor, weakest);
    // After a predicate or IS NULL no stronger operator may follow: `a IN (1) + 2` is an error.
    let strongest: number = LEVEL.concat;
    for (;;) {
      const token = cursor.peek();
      if (token.kind !== 'word' && token.kind !== 'symbol') return left;
      const row = operatorAt(cursor, token.key);
      if (row !== undefined) {
        if (row.level < weakest || row.level > strongest) return left;
        left = parseBinary(cursor, left, row);
      } else if (token.key === 'IS' && weakest <= LEVEL.comparison) {
        left = parseIsNull(cursor, left);
        strongest = LEVEL.comparison;
      } else if (
        PREDICATE_WORDS.has(token.key) &&
        weakest <= LEVEL.predicate &&
        strongest >= LEVEL.predicate
      ) {
        left = parsePredicate(cursor, left);
        strongest = LEVEL.comparison;
      } else {
        if (REFUSED_OPERATORS.has(token.key)) cursor.unsupported(`the operator ${token.key}`);
        return left;
      }
    }
  });
}

function operatorAt(cursor: TokenCursor, key: string): OperatorRow | undefined {
  return key === '||' && cursor.options.pipesAsConcat ? CONCAT : OPERATORS.get(key);
}

function parseOperand(cursor: TokenCursor, weakest: number): Expr {
  if (cursor.peek().key === 'NOT' && weakest <= LEVEL.not) {
    cursor.next();
    return { kind: 'not', operand: parseFrom(cursor, LEVEL.not) };
  }
  return parsePrimary(cursor);
}

function parseBinary(cursor: TokenCursor, left: Expr, row: OperatorRow): Expr {
  const { operator, level } = row;
  if (!ASSOCIATIVE.has(operator)) {
    cursor.next();
    cursor.chainSteps += 1;
    return { kind: 'binary', operator, left, right: parseFrom(cursor, level + 1) };
  }
  const operands = [left];
  while (operatorAt(cursor, cursor.peek().key)?.operator === operator) {
    cursor.next();
    operands.push(parseFrom(cursor, level + 1));
  }
  return balanced(operator, operands, 0, operands.length);
}

function balanced(
  operator: BinaryOperator,
  operands: readonly Expr[],
  from: number,
  to: number,
): Expr {
  const only = operands[from];
  if (to - from === 1 && only !== undefined) return only;
  const middle = (from + to + 1) >> 1;
  return {
    kind: 'binary',
    operator,
    left: balanced(operator, operands, from, middle),
    right: balanced(operator, operands, middle, to),
  };
}

function parseIsNull(cursor: TokenCursor, operand: Expr): Expr {
  cursor.next();
  const negated = cursor.accept('NOT');
  cursor.expect('NULL');
  cursor.chainSteps += 1;
  return { kind: 'is-null', operand, negated };
}

function parsePredicate(cursor: TokenCursor, operand: Expr): Expr {
  const negated = cursor.accept('NOT');
  switch (cursor.expectOneOf('IN', 'BETWEEN', 'LIKE', 'RLIKE', 'REGEXP')) {
    case 'IN':
      return parseIn(cursor, operand, negated);
    case 'BETWEEN': {
      const low = parseValueExpression(cursor);
      cursor.expect('AND');
      return { kind: 'between', operand, low, high: parseValueExpression(cursor), negated };
    }
    case 'LIKE': {
      const pattern = parseValueExpression(cursor);
      return { kind: 'like', operator: 'LIKE', operand, pattern, negated };
    }
    default: {
      const pattern = parseValueExpression(cursor);
      return { kind: 'like', operator: 'RLIKE', operand, pattern, negated };
    }
  }
}

function parseIn(cursor: TokenCursor, operand: Expr, negated: boolean): Expr {
  if (isQueryParenthesis(cursor)) {
    cursor.expect('(');
    const query = parseQuery(cursor);
    cursor.expect(')');
    return { kind: 'in-query', operand, query, negated };
  }
  const items = cursor.parenthesized(() => parseExpression(cursor));
  return { kind: 'in-list', operand, items, negated };
}

const AFTER_QUERY: ReadonlySet<string> = new Set([
  ')',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'MINUS',
  'ORDER',
  'LIMIT',
]);

/** Whether the parenthesis that opens `ahead` tokens further holds a query. */
export function isQueryParenthesis(cursor: TokenCursor, ahead = 0): boolean {
  let at = ahead;
  const inner: number[] = [];
  while (cursor.peek(at).key === '(') {
    // Too deep either way; the look ahead stays short.
    if (inner.length > NESTING_MAX) return false;
    inner.push(at);
    at += 1;
  }
  const first = cursor.peek(at).key;
  if (inner.length === 0 || (first !== 'SELECT' && first !== 'WITH')) return false;
  // `((SELECT 1) + 1)` is an expression: a query goes on or ends after each inner parenthesis.
  return inner.slice(1).every((opener) => {
    const closer = cursor.closerOf(opener);
    return closer !== undefined && AFTER_QUERY.has(cursor.peek(closer + 1).key);
  });
}
