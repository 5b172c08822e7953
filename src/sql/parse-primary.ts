/** The operands of expressions: literals, names, variables, parentheses, CASE, CAST, subqueries. */
import type { Expr } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { BARE_FUNCTIONS, RESERVED_FUNCTIONS, TIME_UNITS } from './keywords.ts';
import type { Token } from './lexer.ts';
import { parseBareCall, parseCall, parseSpecialCall } from './parse-call.ts';
import { positionOf } from './parse-common.ts';
import { isQueryParenthesis, parseExpression } from './parse-expression.ts';
import { parseArray, parseNestedLiteral } from './parse-nested.ts';
import { parseQuery } from './parse-query.ts';
import { parseType } from './parse-type.ts';
import { EXPECTED } from './syntax-error.ts';

export function parsePrimary(cursor: TokenCursor): Expr {
  const token = cursor.peek();
  switch (token.kind) {
    case 'number':
      cursor.next();
      return { kind: 'number', text: token.value };
    case 'string':
      cursor.next();
      return withSuffixes(cursor, { kind: 'string', value: token.value });
    case 'binary':
      cursor.next();
      return { kind: 'binary-literal', bytes: token.bytes ?? new Uint8Array() };
    case 'symbol':
      return parseSymbol(cursor, token);
    case 'word':
      return withSuffixes(cursor, parseWord(cursor, token));
    case 'quoted-name':
    case 'digit-word':
      return withSuffixes(cursor, parsePath(cursor));
    default:
      return cursor.fail(EXPECTED.expression);
  }
}

function parseSymbol(cursor: TokenCursor, token: Token): Expr {
  switch (token.key) {
    case '(':
      return withSuffixes(cursor, parseParenthesis(cursor));
    case '-':
    case '+':
    case '~':
    case '!':
      cursor.next();
      return cursor.nested(() => unary(token.key, parsePrimary(cursor)));
    case '?':
      cursor.next();
      cursor.parameterCount += 1;
      return { kind: 'parameter', index: cursor.parameterCount - 1 };
    case '@':
      return withSuffixes(cursor, parseVariable(cursor));
    case '[':
      return withSuffixes(cursor, parseArray(cursor));
    case '{':
      return parseOdbcCall(cursor);
    default:
      return cursor.fail(EXPECTED.expression);
  }
}

function unary(sign: string, operand: Expr): Expr {
  switch (sign) {
    case '-':
      return { kind: 'negate', operand };
    case '~':
      return { kind: 'bit-not', operand };
    case '!':
      return { kind: 'not', operand };
    default:
      return operand;
  }
}

/** `{fn now()}`. */
function parseOdbcCall(cursor: TokenCursor): Expr {
  cursor.expect('{');
  cursor.expect('FN');
  const call = parsePrimary(cursor);
  cursor.expect('}');
  return call;
}

function parseParenthesis(cursor: TokenCursor): Expr {
  if (isQueryParenthesis(cursor)) {
    cursor.expect('(');
    const query = parseQuery(cursor);
    cursor.expect(')');
    return { kind: 'subquery', query };
  }
  const start = cursor.expect('(');
  const inner = parseExpression(cursor);
  if (cursor.at(',')) cursor.unsupported('a row of several values', start);
  cursor.expect(')');
  return inner;
}

/** `@x`, `@@x`, `@@session.x`, `@@global.x`. */
function parseVariable(cursor: TokenCursor): Expr {
  cursor.expect('@');
  if (!cursor.accept('@')) return { kind: 'user-variable', name: cursor.nameOrString() };
  return { kind: 'system-variable', ...parseSystemVariableName(cursor) };
}

/** What stands after `@@`. LOCAL is another word for SESSION. */
export function parseSystemVariableName(cursor: TokenCursor): {
  readonly scope: 'session' | 'global' | undefined;
  readonly name: string;
} {
  const hasScope = cursor.peek(1).key === '.';
  const scope = hasScope ? cursor.expectOneOf('SESSION', 'LOCAL', 'GLOBAL') : undefined;
  if (hasScope) cursor.expect('.');
  const name = cursor.name();
  if (scope === undefined) return { scope, name };
  return { scope: scope === 'GLOBAL' ? 'global' : 'session', name };
}

function parseWord(cursor: TokenCursor, token: Token): Expr {
  const hasParenthesis = cursor.peek(1).key === '(';
  switch (token.key) {
    case 'NULL':
      cursor.next();
      return { kind: 'null' };
    case 'TRUE':
    case 'FALSE':
      cursor.next();
      return { kind: 'boolean', value: token.key === 'TRUE' };
    case 'CASE':
      return parseCase(cursor);
    case 'EXISTS':
      return parseExists(cursor);
    case 'CONVERT':
      return parseConvert(cursor);
    case 'CAST':
      return hasParenthesis ? parseCast(cursor) : parsePath(cursor);
    case 'DATE':
    case 'DATETIME':
    case 'TIMESTAMP':
    case 'TIME':
      return cursor.isString(1) ? parseTypedString(cursor, token) : parsePath(cursor);
    case 'INTERVAL':
      return startsInterval(cursor) ? parseInterval(cursor) : parsePath(cursor);
    case 'BINARY':
      if (!hasParenthesis && startsOperand(cursor.peek(1))) {
        cursor.unsupported('the operator BINARY');
      }
      return parsePath(cursor);
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return parseNestedLiteral(cursor, token) ?? parsePath(cursor);
    default:
      if (BARE_FUNCTIONS.has(token.key)) return parseBareCall(cursor);
      if (hasParenthesis && RESERVED_FUNCTIONS.has(token.key)) {
        return parseCall(cursor, token.value, cursor.next());
      }
      return parsePath(cursor);
  }
}

/** `a`, `t.a`, `db.t.a`, or a call if a parenthesis follows. */
function parsePath(cursor: TokenCursor): Expr {
  const start = cursor.peek();
  const position = positionOf(cursor);
  if (!cursor.isName()) cursor.fail(EXPECTED.expression);
  const path = [cursor.name()];
  while (cursor.accept('.')) path.push(cursor.name());
  if (cursor.peek().key !== '(') {
    if (cursor.peek().key === '->' && !cursor.isString(1)) cursor.unsupported('a lambda function');
    return { kind: 'column', path, position };
  }
  if (path.length === 1) {
    const special = parseSpecialCall(cursor, start);
    if (special !== undefined) return special;
  }
  return parseCall(cursor, path.join('.'), start);
}

/**
 * `COLLATE x`, which StarRocks reads over, `-> 'path'`, its short form of json_query, `[index]` and
 * `.field`.
 */
function withSuffixes(cursor: TokenCursor, operand: Expr): Expr {
  let result = operand;
  for (;;) {
    const token = cursor.peek();
    if (token.key === 'COLLATE') {
      cursor.next();
      cursor.nameOrString();
    } else if (token.key === '->') {
      const position = positionOf(cursor);
      cursor.next();
      const path: Expr = { kind: 'string', value: cursor.string() };
      cursor.chainSteps += 1;
      result = {
        kind: 'call',
        name: 'json_query',
        args: [result, path],
        distinct: false,
        orderBy: [],
        separator: undefined,
        over: undefined,
        position,
      };
    } else if (token.key === '[') {
      cursor.next();
      cursor.chainSteps += 1;
      result = { kind: 'subscript', operand: result, index: parseExpression(cursor) };
      cursor.expect(']');
    } else if (token.key === '.' && cursor.isName(1)) {
      cursor.next();
      cursor.chainSteps += 1;
      result = { kind: 'field', operand: result, name: cursor.name() };
    } else if (MATCH_WORDS.has(token.key) && cursor.isString(1)) {
      return cursor.unsupported(`the operator ${token.key}`);
    } else {
      return result;
    }
  }
}

const MATCH_WORDS: ReadonlySet<string> = new Set([
  'MATCH',
  'MATCH_ANY',
  'MATCH_ALL',
  'MATCH_PHRASE',
]);

function parseCase(cursor: TokenCursor): Expr {
  cursor.expect('CASE');
  const operand = cursor.at('WHEN') ? undefined : parseExpression(cursor);
  const branches: { readonly when: Expr; readonly then: Expr }[] = [];
  cursor.expect('WHEN');
  do {
    const when = parseExpression(cursor);
    cursor.expect('THEN');
    // biome-ignore lint/suspicious/noThenProperty: the tree's name for it; never awaited.
    branches.push({ when, then: parseExpression(cursor) });
  } while (cursor.accept('WHEN'));
  const otherwise = cursor.accept('ELSE') ? parseExpression(cursor) : undefined;
  cursor.expect('END');
  return { kind: 'case', operand, branches, otherwise };
}

function parseExists(cursor: TokenCursor): Expr {
  cursor.expect('EXISTS', '(');
  const query = parseQuery(cursor);
  cursor.expect(')');
  return { kind: 'exists', query };
}

function parseCast(cursor: TokenCursor): Expr {
  cursor.expect('CAST', '(');
  const operand = parseExpression(cursor);
  cursor.expect('AS');
  const type = parseType(cursor, 'cast');
  cursor.expect(')');
  return { kind: 'cast', operand, type };
}

/** `CONVERT(x, type)`. */
function parseConvert(cursor: TokenCursor): Expr {
  cursor.expect('CONVERT', '(');
  const operand = parseExpression(cursor);
  if (cursor.at('USING')) cursor.unsupported('CONVERT ... USING');
  cursor.expect(',');
  const type = parseType(cursor, 'cast');
  cursor.expect(')');
  return { kind: 'cast', operand, type };
}

function parseTypedString(cursor: TokenCursor, token: Token): Expr {
  if (token.key === 'TIME') cursor.unsupported('the type TIME');
  cursor.next();
  const type = token.key === 'DATE' ? 'DATE' : 'DATETIME';
  return { kind: 'typed-string', type, value: cursor.string() };
}

function parseInterval(cursor: TokenCursor): Expr {
  cursor.expect('INTERVAL');
  const value = parseExpression(cursor);
  const unit = cursor.peek().key;
  if (!TIME_UNITS.has(unit)) cursor.fail('DAY', 'HOUR', 'MINUTE', 'SECOND', 'MONTH');
  cursor.next();
  return { kind: 'interval', value, unit };
}

const VALUE_GOES_ON: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '(', '.']);

/** INTERVAL is not reserved: it may be a column. */
function startsInterval(cursor: TokenCursor): boolean {
  if (startsOperand(cursor.peek(1)) || cursor.peek(1).key === '-') return true;
  // Behind a name that is only an alias neither a unit nor an operator can stand.
  const { key } = cursor.peek(2);
  return cursor.isName(1) && (TIME_UNITS.has(key) || VALUE_GOES_ON.has(key));
}

/** Whether the token can only begin an operand, so that a word before it is no name. */
function startsOperand(token: Token): boolean {
  if (token.kind === 'number' || token.kind === 'string') return true;
  return token.kind === 'quoted-name' || ['(', '@', '?', 'CASE'].includes(token.key);
}
