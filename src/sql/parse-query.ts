/** Queries: WITH, set operations, SELECT and its clauses, ORDER BY and LIMIT. */
import type { CommonTable, Expr, QueryBody, QueryNode, SelectItem, SelectNode } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { positionOf } from './parse-common.ts';
import { isQueryParenthesis, parseExpression, parseOrderBy } from './parse-expression.ts';
import { parseFromClause } from './parse-relation.ts';
import { EXPECTED } from './syntax-error.ts';

/** A query up to what cannot belong to it. */
export function parseQuery(cursor: TokenCursor): QueryNode {
  return cursor.nested(() => {
    const recursive = cursor.accept('WITH') ? cursor.accept('RECURSIVE') : undefined;
    const tables = recursive === undefined ? [] : cursor.list(() => parseCommonTable(cursor));
    const change = tables.length > 0 ? cursor.oneOf('UPDATE', 'DELETE', 'INSERT') : undefined;
    if (change !== undefined) cursor.unsupported(`WITH before ${change}`);
    const body = parseUnion(cursor);
    const orderBy = parseOrderBy(cursor);
    const { limit, offset } = parseLimit(cursor);
    return {
      kind: 'query',
      with: tables,
      recursive: recursive ?? false,
      body,
      orderBy,
      limit,
      offset,
    };
  });
}

/** Whether a query begins at the present token. */
export function startsQuery(cursor: TokenCursor): boolean {
  return cursor.at('SELECT') || cursor.at('WITH') || isQueryParenthesis(cursor);
}

function parseCommonTable(cursor: TokenCursor): CommonTable {
  const name = cursor.name();
  const columns = cursor.at('(') ? cursor.parenthesized(() => cursor.name()) : [];
  cursor.expect('AS', '(');
  const query = parseQuery(cursor);
  cursor.expect(')');
  return { name, columns, query };
}

/** UNION, EXCEPT and MINUS, from left to right; INTERSECT binds stronger. */
function parseUnion(cursor: TokenCursor): QueryBody {
  let left = parseIntersect(cursor);
  for (;;) {
    const word = unionWordAt(cursor);
    if (word === undefined) return left;
    cursor.next();
    const all = parseQuantifier(cursor);
    const right = parseIntersect(cursor);
    const operator = word === 'UNION' ? 'UNION' : 'EXCEPT';
    cursor.chainSteps += 1;
    left = { kind: 'set-operation', operator, all, left, right };
  }
}

function parseIntersect(cursor: TokenCursor): QueryBody {
  let left = parseTerm(cursor);
  while (cursor.accept('INTERSECT')) {
    const all = parseQuantifier(cursor);
    const right = parseTerm(cursor);
    cursor.chainSteps += 1;
    left = { kind: 'set-operation', operator: 'INTERSECT', all, left, right };
  }
  return left;
}

/** EXCEPT and MINUS are not reserved: only a query behind them makes them operators. */
export function unionWordAt(cursor: TokenCursor): 'UNION' | 'EXCEPT' | 'MINUS' | undefined {
  const word = cursor.oneOf('UNION', 'EXCEPT', 'MINUS');
  if (word === undefined || word === 'UNION') return word;
  const follows = cursor.peek(1).key;
  const isOperator =
    follows === 'SELECT' ||
    follows === 'ALL' ||
    follows === 'DISTINCT' ||
    isQueryParenthesis(cursor, 1);
  return isOperator ? word : undefined;
}

function parseQuantifier(cursor: TokenCursor): boolean {
  return cursor.acceptOneOf('ALL', 'DISTINCT') === 'ALL';
}

function parseTerm(cursor: TokenCursor): QueryBody {
  if (cursor.at('SELECT')) return parseSelect(cursor);
  if (cursor.at('VALUES')) return parseValues(cursor);
  if (!cursor.at('(')) cursor.fail();
  cursor.next();
  const query = parseQuery(cursor);
  cursor.expect(')');
  return { kind: 'nested', query };
}

function parseValues(cursor: TokenCursor): QueryBody {
  cursor.expect('VALUES');
  const rows = cursor.list(() => cursor.parenthesized(() => parseExpression(cursor)));
  return { kind: 'values', rows };
}

function parseSelect(cursor: TokenCursor): SelectNode {
  cursor.expect('SELECT');
  const distinct = cursor.acceptOneOf('DISTINCT', 'ALL') === 'DISTINCT';
  const items = cursor.list(() => parseSelectItem(cursor));
  if (cursor.at('INTO')) cursor.unsupported('SELECT ... INTO');
  const from = parseFromClause(cursor);
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : undefined;
  const { groupBy, groupingSets } = parseGroupBy(cursor);
  const having = cursor.accept('HAVING') ? parseExpression(cursor) : undefined;
  const qualify = cursor.accept('QUALIFY') ? parseExpression(cursor) : undefined;
  const sets = groupingSets === undefined ? {} : { groupingSets };
  return { kind: 'select', distinct, items, from, where, groupBy, ...sets, having, qualify };
}

function parseSelectItem(cursor: TokenCursor): SelectItem {
  const start = cursor.peek().offset;
  const expr = parseStar(cursor) ?? parseExpression(cursor);
  const text = cursor.text.slice(start, cursor.previousEnd);
  if (expr.kind === 'star') {
    if (['EXCEPT', 'EXCLUDE'].includes(cursor.peek().key) && cursor.peek(1).key === '(') {
      if (!isQueryParenthesis(cursor, 1)) cursor.unsupported(`* ${cursor.peek().key}`);
    }
    return { expr, alias: undefined, text };
  }
  return { expr, alias: parseItemAlias(cursor), text };
}

/** `*`, `t.*` or `db.t.*`. */
function parseStar(cursor: TokenCursor): Expr | undefined {
  let ahead = 0;
  while (cursor.isName(ahead) && cursor.peek(ahead + 1).key === '.') ahead += 2;
  if (cursor.peek(ahead).key !== '*') return undefined;
  const position = positionOf(cursor);
  const table: string[] = [];
  while (!cursor.at('*')) {
    table.push(cursor.name());
    cursor.expect('.');
  }
  cursor.next();
  return table.length === 0 ? { kind: 'star', table } : { kind: 'star', table, position };
}

function parseItemAlias(cursor: TokenCursor): string | undefined {
  if (cursor.accept('AS')) return cursor.nameOrString();
  if (cursor.isString()) return cursor.string();
  return cursor.isName() && !startsClause(cursor) ? cursor.name() : undefined;
}

/** Words that are not reserved and yet go on with the query where an alias could stand. */
export function startsClause(cursor: TokenCursor): boolean {
  const word = cursor.peek();
  if (word.kind !== 'word') return false;
  if (word.key === 'QUALIFY') {
    const follows = cursor.peek(1);
    return follows.kind !== 'end' && ![',', ')', ';'].includes(follows.key);
  }
  return unionWordAt(cursor) !== undefined;
}

function parseGroupBy(cursor: TokenCursor): Grouping {
  if (!cursor.accept('GROUP')) return { groupBy: [] };
  cursor.expect('BY');
  if (cursor.at('ROLLUP', '(')) {
    cursor.next();
    return rollup(parseKeys(cursor));
  }
  if (cursor.at('CUBE')) {
    cursor.next();
    const start = cursor.peek();
    const keys = parseKeys(cursor);
    if (keys.length > CUBE_KEYS_MAX) cursor.unsupported(`CUBE of ${keys.length} columns`, start);
    return cube(keys);
  }
  if (cursor.at('GROUPING', 'SETS')) {
    cursor.next();
    cursor.next();
    return groupingSets(cursor.parenthesized(() => parseKeys(cursor)));
  }
  if (cursor.at('ALL')) cursor.unsupported('GROUP BY ALL');
  return { groupBy: cursor.list(() => parseExpression(cursor)) };
}

type Grouping = Pick<SelectNode, 'groupBy' | 'groupingSets'>;

/** A cube has as many groupings as its columns have subsets. */
const CUBE_KEYS_MAX = 10;

/** `(a, b)`; `()` is the grouping of all rows. */
function parseKeys(cursor: TokenCursor): readonly Expr[] {
  if (cursor.at('(', ')')) {
    cursor.next();
    cursor.next();
    return [];
  }
  return cursor.parenthesized(() => parseExpression(cursor));
}

/** All of the keys, then one less at a time. */
function rollup(groupBy: readonly Expr[]): Grouping {
  const indexes = groupBy.map((_, index) => index);
  return {
    groupBy,
    groupingSets: [...indexes, 0].map((_, less) => indexes.slice(0, -less || undefined)),
  };
}

function cube(groupBy: readonly Expr[]): Grouping {
  const indexes = groupBy.map((_, index) => index);
  const sets = Array.from({ length: 2 ** indexes.length }, (_, mask) =>
    indexes.filter((index) => (mask & (1 << index)) === 0),
  );
  return { groupBy, groupingSets: sets };
}

function groupingSets(sets: readonly (readonly Expr[])[]): Grouping {
  let at = 0;
  const indexes = sets.map((set) =>
    set.map(() => {
      at += 1;
      return at - 1;
    }),
  );
  return { groupBy: sets.flat(), groupingSets: indexes };
}

/** `LIMIT n`, `LIMIT n OFFSET m` and `LIMIT m, n`. */
function parseLimit(cursor: TokenCursor): {
  readonly limit: Expr | undefined;
  readonly offset: Expr | undefined;
} {
  if (!cursor.accept('LIMIT')) return { limit: undefined, offset: undefined };
  const first = parseLimitNumber(cursor);
  if (cursor.accept(',')) return { offset: first, limit: parseLimitNumber(cursor) };
  const offset = cursor.accept('OFFSET') ? parseLimitNumber(cursor) : undefined;
  return { limit: first, offset };
}

function parseLimitNumber(cursor: TokenCursor): Expr {
  if (cursor.isInteger()) return { kind: 'number', text: cursor.next().value };
  if (!cursor.at('?') && !cursor.at('@')) cursor.fail(EXPECTED.integer);
  return parseExpression(cursor);
}
