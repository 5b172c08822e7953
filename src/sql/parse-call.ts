/** Function calls: the plain form, those with words between their arguments, and windows. */
import type { Expr, OrderItem, Position, WindowSpec } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { ORDERED_AGGREGATES, QUANTIFIED_AGGREGATES, TIME_UNITS } from './keywords.ts';
import type { Token } from './lexer.ts';
import { parseExpression, parseOrderBy, parseValueExpression } from './parse-expression.ts';

type Call = Extract<Expr, { kind: 'call' }>;

function plainCall(name: string, args: readonly Expr[], at: Position): Call {
  const { offset, line, column } = at;
  return {
    kind: 'call',
    name,
    args,
    distinct: false,
    orderBy: [],
    separator: undefined,
    over: undefined,
    position: { offset, line, column },
  };
}

/** `CURRENT_TIMESTAMP`, `CURRENT_USER` and the like, with or without parentheses. */
export function parseBareCall(cursor: TokenCursor): Expr {
  const word = cursor.next();
  const args: Expr[] = [];
  if (cursor.accept('(')) {
    if (cursor.isInteger()) args.push({ kind: 'number', text: cursor.next().value });
    cursor.expect(')');
  }
  return plainCall(word.value, args, word);
}

/** The arguments and what follows them; the name has been taken. */
export function parseCall(cursor: TokenCursor, name: string, start: Position): Expr {
  const word = name.toUpperCase();
  cursor.expect('(');
  let distinct = false;
  if (QUANTIFIED_AGGREGATES.has(word)) {
    distinct = cursor.acceptOneOf('DISTINCT', 'ALL') === 'DISTINCT';
  }
  const args = parseArguments(cursor, word, distinct);
  const ignoresInside = acceptIgnoreNulls(cursor);
  const orderBy: readonly OrderItem[] = ORDERED_AGGREGATES.has(word) ? parseOrderBy(cursor) : [];
  const separator =
    word === 'GROUP_CONCAT' && cursor.accept('SEPARATOR') ? parseExpression(cursor) : undefined;
  cursor.expect(')');
  const ignoresNulls = acceptIgnoreNulls(cursor) || ignoresInside;
  if (cursor.at('FILTER', '(')) cursor.unsupported('FILTER (WHERE ...)');
  const over = cursor.accept('OVER') ? parseWindow(cursor) : undefined;
  const nulls = ignoresNulls ? { ignoresNulls } : {};
  return { ...plainCall(name, args, start), distinct, orderBy, separator, over, ...nulls };
}

function parseArguments(cursor: TokenCursor, word: string, distinct: boolean): readonly Expr[] {
  if (cursor.at(')')) return [];
  if (word === 'COUNT' && !distinct && cursor.accept('*')) return [{ kind: 'star', table: [] }];
  return cursor.list(() => parseExpression(cursor));
}

function acceptIgnoreNulls(cursor: TokenCursor): boolean {
  if (!cursor.accept('IGNORE')) return false;
  cursor.expect('NULLS');
  return true;
}

function parseWindow(cursor: TokenCursor): WindowSpec {
  cursor.expect('(');
  let partitionBy: readonly Expr[] = [];
  if (cursor.accept('PARTITION')) {
    cursor.expect('BY');
    partitionBy = cursor.list(() => parseExpression(cursor));
  }
  const orderBy = parseOrderBy(cursor);
  const frame = cursor.oneOf('ROWS', 'RANGE') === undefined ? undefined : parseFrame(cursor);
  cursor.expect(')');
  return { partitionBy, orderBy, frame };
}

/** The words of a frame in upper case, one blank between them. */
function parseFrame(cursor: TokenCursor): string {
  const type = cursor.expectOneOf('ROWS', 'RANGE');
  if (!cursor.accept('BETWEEN')) return `${type} ${parseFrameBound(cursor)}`;
  const start = parseFrameBound(cursor);
  cursor.expect('AND');
  return `${type} BETWEEN ${start} AND ${parseFrameBound(cursor)}`;
}

function parseFrameBound(cursor: TokenCursor): string {
  if (cursor.accept('CURRENT')) {
    cursor.expect('ROW');
    return 'CURRENT ROW';
  }
  const distance = cursor.accept('UNBOUNDED') ? 'UNBOUNDED' : String(cursor.integer());
  return `${distance} ${cursor.expectOneOf('PRECEDING', 'FOLLOWING')}`;
}

/** A call with words of its own, when the present parenthesis belongs to one. */
export function parseSpecialCall(cursor: TokenCursor, start: Token): Expr | undefined {
  switch (start.key) {
    case 'EXTRACT':
      return parseExtract(cursor, start);
    case 'TIMESTAMPADD':
    case 'TIMESTAMPDIFF':
      return parseTimestampArithmetic(cursor, start.key.toLowerCase(), start);
    case 'TRIM':
      return parseTrim(cursor, start);
    case 'SUBSTRING':
    case 'SUBSTR':
      return parseSubstring(cursor, start);
    case 'POSITION':
      return cursor.options.strict ? undefined : parsePosition(cursor, start);
    default:
      return undefined;
  }
}

/** `EXTRACT(unit FROM x)` is the function of the unit's name, as in StarRocks. */
function parseExtract(cursor: TokenCursor, start: Position): Expr {
  cursor.expect('(');
  const unit = cursor.name();
  cursor.expect('FROM');
  const operand = parseValueExpression(cursor);
  cursor.expect(')');
  return plainCall(unit, [operand], start);
}

/** The unit becomes the first argument, a string in upper case. */
function parseTimestampArithmetic(cursor: TokenCursor, name: string, start: Position): Expr {
  cursor.expect('(');
  const unit = cursor.peek().key;
  if (!TIME_UNITS.has(unit)) cursor.fail('DAY', 'HOUR', 'MINUTE', 'SECOND', 'MONTH');
  cursor.next();
  cursor.expect(',');
  const first = parseExpression(cursor);
  cursor.expect(',');
  const second = parseExpression(cursor);
  cursor.expect(')');
  return plainCall(name, [{ kind: 'string', value: unit }, first, second], start);
}

const TRIM_FUNCTIONS = Object.freeze({ BOTH: 'trim', LEADING: 'ltrim', TRAILING: 'rtrim' });

/** `TRIM([BOTH|LEADING|TRAILING] [c] FROM x)` as `trim(x, c)`, `ltrim`, `rtrim`. */
function parseTrim(cursor: TokenCursor, start: Token): Expr {
  cursor.expect('(');
  // LEADING and TRAILING are no keywords of StarRocks: they may be columns.
  const mayHaveSide =
    !cursor.options.strict &&
    (cursor.isString(1) || cursor.isName(1) || cursor.peek(1).key === 'FROM');
  const side = mayHaveSide ? cursor.acceptOneOf('BOTH', 'LEADING', 'TRAILING') : undefined;
  const name = side === undefined ? 'trim' : TRIM_FUNCTIONS[side];
  if (side !== undefined && cursor.accept('FROM')) return finishTrim(cursor, name, [], start);
  const first = parseExpression(cursor);
  if (!cursor.options.strict && cursor.accept('FROM')) {
    // StarRocks' trim takes a set of characters, SQL's FROM form a string.
    if (first.kind !== 'string' || [...first.value].length !== 1) {
      cursor.unsupported('TRIM of anything but one character FROM', start);
    }
    return finishTrim(cursor, name, [first], start);
  }
  if (side !== undefined) cursor.fail('FROM');
  const rest = cursor.accept(',') ? cursor.list(() => parseExpression(cursor)) : [];
  cursor.expect(')');
  return plainCall(start.value, [first, ...rest], start);
}

function finishTrim(
  cursor: TokenCursor,
  name: string,
  removed: readonly Expr[],
  start: Position,
): Expr {
  const operand = parseExpression(cursor);
  cursor.expect(')');
  return plainCall(name, [operand, ...removed], start);
}

/** `SUBSTRING(x FROM a [FOR b])` beside `SUBSTRING(x, a [, b])`. */
function parseSubstring(cursor: TokenCursor, start: Token): Expr {
  cursor.expect('(');
  const args = [parseExpression(cursor)];
  if (!cursor.options.strict && cursor.accept('FROM')) {
    args.push(parseExpression(cursor));
    if (cursor.accept('FOR')) args.push(parseExpression(cursor));
  } else {
    while (cursor.accept(',')) args.push(parseExpression(cursor));
  }
  cursor.expect(')');
  return plainCall(start.value, args, start);
}

/** `POSITION(a IN b)` as `locate(a, b)`. */
function parsePosition(cursor: TokenCursor, start: Position): Expr {
  cursor.expect('(');
  const wanted = parseValueExpression(cursor);
  cursor.expect('IN');
  const text = parseValueExpression(cursor);
  cursor.expect(')');
  return plainCall('locate', [wanted, text], start);
}
