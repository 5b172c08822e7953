/** The FROM clause: tables with partitions, subqueries, table functions, joins. */
import type { Expr, QueryNode, Relation, TableName } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import {
  parsePartitionNames,
  parsePropertyList,
  parseTableName,
  positionOf,
} from './parse-common.ts';
import { isQueryParenthesis, parseExpression } from './parse-expression.ts';
import { parseQuery, startsClause } from './parse-query.ts';

type JoinType = Extract<Relation, { kind: 'join' }>['type'];

/** `FROM a, b JOIN c ...`; nothing and `FROM DUAL` are no relations. */
export function parseFromClause(cursor: TokenCursor): readonly Relation[] {
  if (!cursor.accept('FROM')) return [];
  if (cursor.accept('DUAL')) return [];
  return parseRelations(cursor);
}

/** `a, b JOIN c ...`. */
export function parseRelations(cursor: TokenCursor): readonly Relation[] {
  return cursor.list(() => {
    acceptLateral(cursor);
    return parseRelation(cursor);
  });
}

/** It is allowed before what sees the relations before it anyway; a subquery does not. */
function acceptLateral(cursor: TokenCursor): void {
  if (!cursor.at('LATERAL')) return;
  const start = cursor.next();
  if (!cursor.isName() || cursor.peek(1).key !== '(') cursor.unsupported('LATERAL', start);
}

function parseRelation(cursor: TokenCursor): Relation {
  let left = cursor.nested(() => parseRelationPrimary(cursor));
  for (;;) {
    const type = parseJoinType(cursor);
    if (type === undefined) return left;
    if (cursor.at('[')) parseBracketHint(cursor);
    acceptLateral(cursor);
    const right = cursor.nested(() => parseRelationPrimary(cursor));
    const { on, using } = parseJoinCriteria(cursor, type);
    cursor.chainSteps += 1;
    left = { kind: 'join', type, left, right, on, using };
  }
}

function parseJoinType(cursor: TokenCursor): JoinType | undefined {
  if (cursor.accept('JOIN')) return 'INNER';
  if (cursor.accept('CROSS')) {
    cursor.accept('JOIN');
    return 'CROSS';
  }
  if (isAsofJoin(cursor)) cursor.unsupported('ASOF JOIN');
  if (cursor.at('NULL')) cursor.unsupported('NULL AWARE LEFT ANTI JOIN');
  const side = cursor.acceptOneOf('INNER', 'LEFT', 'RIGHT', 'FULL');
  if (side === undefined) return undefined;
  const kind = side === 'LEFT' || side === 'RIGHT' ? cursor.acceptOneOf('SEMI', 'ANTI') : undefined;
  if (kind === undefined && side !== 'INNER') cursor.accept('OUTER');
  cursor.expect('JOIN');
  if (kind === undefined) return side;
  return side === 'RIGHT' ? `RIGHT ${kind}` : `LEFT ${kind}`;
}

function isAsofJoin(cursor: TokenCursor): boolean {
  return cursor.at('ASOF') && ['JOIN', 'INNER', 'LEFT'].includes(cursor.peek(1).key);
}

/** Inner and cross joins may do without a condition, the others not. */
function parseJoinCriteria(
  cursor: TokenCursor,
  type: JoinType,
): { readonly on: Expr | undefined; readonly using: readonly string[] } {
  if (cursor.accept('ON')) return { on: parseExpression(cursor), using: [] };
  if (cursor.accept('USING')) {
    return { on: undefined, using: cursor.parenthesized(() => cursor.name()) };
  }
  if (type !== 'INNER' && type !== 'CROSS') cursor.fail();
  return { on: undefined, using: [] };
}

/** `[BROADCAST]` and the like: how to run a join, not what it means. */
function parseBracketHint(cursor: TokenCursor): void {
  cursor.expect('[');
  cursor.list(() => {
    if (cursor.peek().kind !== 'word') cursor.fail('SHUFFLE', 'BROADCAST', 'BUCKET', 'COLOCATE');
    return cursor.next();
  });
  cursor.expect(']');
}

function parseRelationPrimary(cursor: TokenCursor): Relation {
  if (cursor.at('TABLE')) return parseTableFunction(cursor);
  if (cursor.at('FILES', '(')) return parseFiles(cursor);
  if (!cursor.at('(')) return parseTable(cursor);
  const isDerived = isQueryParenthesis(cursor) || cursor.peek(1).key === 'VALUES';
  if (!isDerived) return parseParenthesized(cursor);
  cursor.expect('(');
  const query: QueryNode = parseQuery(cursor);
  cursor.expect(')');
  return { kind: 'derived', query, ...parseAliasAndColumns(cursor) };
}

function parseParenthesized(cursor: TokenCursor): Relation {
  cursor.expect('(');
  const [first, ...others] = parseRelations(cursor);
  cursor.expect(')');
  if (first === undefined) return cursor.fail();
  return others.reduce<Relation>((left, right) => {
    cursor.chainSteps += 1;
    return { kind: 'join', type: 'CROSS', left, right, on: undefined, using: [] };
  }, first);
}

/** `FILES("path" = "...", ...)`. */
function parseFiles(cursor: TokenCursor): Relation {
  cursor.expect('FILES');
  const properties = parsePropertyList(cursor);
  return { kind: 'files', properties, alias: parseAlias(cursor) };
}

/** `TABLE(f(...))`. */
function parseTableFunction(cursor: TokenCursor): Relation {
  cursor.expect('TABLE', '(');
  const position = positionOf(cursor);
  const name = functionName(parseTableName(cursor));
  const args = parseFunctionArguments(cursor);
  cursor.expect(')');
  return { kind: 'table-function', name, args, ...parseAliasAndColumns(cursor), position };
}

function functionName(name: TableName): string {
  return [name.catalog, name.db, name.name].filter((part) => part !== undefined).join('.');
}

function parseFunctionArguments(cursor: TokenCursor): readonly Expr[] {
  return cursor.parenthesized(() => {
    if (cursor.isName() && cursor.peek(1).key === '=>') cursor.unsupported('a named argument');
    return parseExpression(cursor);
  });
}

function parseTable(cursor: TokenCursor): Relation {
  const name = parseTableName(cursor);
  if (cursor.at('(')) {
    const { position } = name;
    const args = parseFunctionArguments(cursor);
    const names = parseAliasAndColumns(cursor);
    return { kind: 'table-function', name: functionName(name), args, ...names, position };
  }
  refuseTimeTravel(cursor);
  const partitions = parsePartitionNames(cursor);
  refuseTableSuffix(cursor);
  const alias = parseAlias(cursor);
  if (cursor.at('[')) cursor.unsupported('a hint behind a table');
  return { kind: 'table', name, partitions, alias };
}

function refuseTimeTravel(cursor: TokenCursor): void {
  const period = cursor.peek(1).key;
  if (cursor.peek().key === 'FOR' && ['VERSION', 'SYSTEM_TIME', 'TIMESTAMP'].includes(period)) {
    cursor.unsupported(`FOR ${period} behind a table`);
  }
}

/** Words that are not reserved but, with what follows them, say how to read a table. */
function refuseTableSuffix(cursor: TokenCursor): void {
  const word = cursor.peek().key;
  const follows = cursor.peek(1);
  const isList = follows.key === '(' || follows.kind === 'number';
  const isTablets = ['TABLET', 'TABLETS', 'REPLICA'].includes(word) && isList;
  const isSample = word === 'SAMPLE' && follows.key === '(';
  const isPivot = word === 'PIVOT' && follows.key === '(';
  if (isTablets || isSample || isPivot) cursor.unsupported(`${word} behind a table`);
}

function parseAliasAndColumns(cursor: TokenCursor): {
  readonly alias: string | undefined;
  readonly columns: readonly string[];
} {
  const alias = parseAlias(cursor);
  const hasColumns = alias !== undefined && cursor.at('(');
  return { alias, columns: hasColumns ? cursor.parenthesized(() => cursor.name()) : [] };
}

function parseAlias(cursor: TokenCursor): string | undefined {
  if (cursor.accept('AS')) return cursor.name();
  if (!cursor.isName() || startsClause(cursor) || isAsofJoin(cursor)) return undefined;
  return cursor.name();
}
