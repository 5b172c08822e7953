/** CREATE and DROP of user-defined functions, and SHOW FUNCTIONS (sql-surface.md 3.5, 4.10). */
import type { FunctionSignatureDef, Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import {
  parseFromDatabase,
  parseIfExists,
  parseIfNotExists,
  parseProperties,
  parseTableName,
} from './parse-common.ts';
import { parseShowTail } from './parse-show-tail.ts';
import { parseScalarType } from './parse-type.ts';

/** After CREATE [OR REPLACE], where a function begins; undefined for anything else. */
export function parseCreateFunction(
  cursor: TokenCursor,
  orReplace: boolean,
): Statement | undefined {
  const start = cursor.peek();
  if (cursor.accept('GLOBAL')) cursor.unsupported('GLOBAL of a function', start);
  const isPlain = cursor.at('FUNCTION');
  const word = cursor.peek().key;
  const isSpecial = (word === 'AGGREGATE' || word === 'TABLE') && cursor.peek(1).key === 'FUNCTION';
  if (!isPlain && !isSpecial) return undefined;
  if (isSpecial) cursor.next();
  cursor.expect('FUNCTION');
  const ifNotExists = parseIfNotExists(cursor);
  const signature = parseSignature(cursor);
  cursor.expect('RETURNS');
  const returnType = parseScalarType(cursor);
  if (cursor.at('INTERMEDIATE')) cursor.unsupported('INTERMEDIATE of a function');
  const properties = parseProperties(cursor);
  if (cursor.at('AS')) cursor.unsupported('a function written inline');
  return {
    kind: 'create-function',
    orReplace,
    ifNotExists,
    functionKind: isPlain ? 'SCALAR' : word === 'TABLE' ? 'TABLE' : 'AGGREGATE',
    signature,
    returnType,
    properties,
  };
}

/** After DROP FUNCTION. */
export function parseDropFunction(cursor: TokenCursor): Statement {
  const ifExists = parseIfExists(cursor);
  return { kind: 'drop-function', ifExists, signature: parseSignature(cursor) };
}

/** `f()`, `db.f(INT, VARCHAR)`, `f(INT, ...)`. */
function parseSignature(cursor: TokenCursor): FunctionSignatureDef {
  const name = parseTableName(cursor);
  const argTypes: FunctionSignatureDef['argTypes'][number][] = [];
  let hasVarArgs = false;
  cursor.expect('(');
  while (!cursor.accept(')')) {
    if (argTypes.length > 0) cursor.expect(',');
    hasVarArgs = argTypes.length > 0 && cursor.accept('...');
    if (hasVarArgs) {
      cursor.expect(')');
      break;
    }
    argTypes.push(parseScalarType(cursor));
  }
  return { name, argTypes, hasVarArgs };
}

/** After SHOW; undefined when it is not about functions. */
export function parseShowFunctions(cursor: TokenCursor): Statement | undefined {
  const full = cursor.at('FULL', 'FUNCTIONS');
  if (full) cursor.expect('FULL');
  if (!cursor.accept('FUNCTIONS')) return undefined;
  const database = parseFromDatabase(cursor);
  return { kind: 'show-functions', full, database, tail: parseShowTail(cursor) };
}
