/** KILL, PREPARE, EXECUTE, DEALLOCATE, properties of users (sql-surface.md 1.3, 1.7, 6). */
import { SimError } from '../base/errors.ts';
import type { Properties, Statement } from './ast.ts';
import { TokenCursor } from './cursor.ts';
import { parseQuery } from './parse-query.ts';

/** After KILL: `[CONNECTION | QUERY] number | 'query id'`. */
export function parseKill(cursor: TokenCursor): Statement {
  const word = cursor.acceptOneOf('CONNECTION', 'QUERY');
  const what = word === 'QUERY' ? 'query' : 'connection';
  const target = cursor.isString() ? cursor.string() : cursor.integer();
  return { kind: 'kill', what, target };
}

/** After PREPARE: `name FROM <query> | '<query>'`; throws `not-preparable` for all but a query. */
export function parsePrepare(cursor: TokenCursor): Statement {
  const name = cursor.name();
  cursor.expect('FROM');
  if (!cursor.isString()) return preparedQuery(name, cursor);
  const inner = new TokenCursor(cursor.string(), cursor.options);
  const statement = preparedQuery(name, inner);
  while (inner.accept(';'));
  if (!inner.isAtEnd()) inner.fail();
  return statement;
}

function preparedQuery(name: string, cursor: TokenCursor): Statement {
  if (cursor.oneOf('SELECT', 'WITH', '(') === undefined) {
    throw new SimError(
      'not-preparable',
      'This command is not supported in the prepared statement protocol yet',
    );
  }
  const query = parseQuery(cursor);
  return { kind: 'prepare', name, query, parameterCount: cursor.parameterCount };
}

/** After EXECUTE: `name [USING @a, ...]`. */
export function parseExecute(cursor: TokenCursor): Statement {
  const name = cursor.name();
  const variable = (): string => {
    cursor.expect('@');
    return cursor.nameOrString();
  };
  return { kind: 'execute', name, variables: cursor.accept('USING') ? cursor.list(variable) : [] };
}

/** After DEALLOCATE or DROP: `PREPARE name`. */
export function parseDeallocate(cursor: TokenCursor): Statement {
  cursor.expect('PREPARE');
  return { kind: 'deallocate', name: cursor.name() };
}

/** After SET PROPERTY: `[FOR user] 'key' = 'value', ...`. */
export function parseSetProperty(cursor: TokenCursor): Statement {
  const user = cursor.accept('FOR') ? cursor.nameOrString() : undefined;
  const pairs = cursor.list((): readonly [string, string] => {
    const key = cursor.string();
    cursor.expect('=');
    return [key, cursor.string()];
  });
  const properties: Properties = new Map(pairs);
  return { kind: 'set-user-property', user, properties };
}

/** After SHOW PROPERTY: `[FOR user] [LIKE 'pattern']`. */
export function parseShowProperty(cursor: TokenCursor): Statement {
  const user = cursor.accept('FOR') ? cursor.nameOrString() : undefined;
  const like = cursor.accept('LIKE') ? cursor.string() : undefined;
  return { kind: 'show-user-property', user, like };
}
