/** ADMIN: configuration, fault points, scripts (sql-surface.md 3.7, design 7). */
import type { Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parsePartitionNames, parsePropertyList, parseTableName } from './parse-common.ts';
import { refuseTail } from './parse-show-tail.ts';
import { EXPECTED } from './syntax-error.ts';

/** After ADMIN; undefined when it is none of ours, with nothing taken. */
export function parseAdmin(cursor: TokenCursor): Statement | undefined {
  if (cursor.accept('SET', 'FRONTEND', 'CONFIG')) {
    const properties = parsePropertyList(cursor);
    cursor.accept('WITH', 'PERSISTENT');
    return { kind: 'admin-set-config', properties };
  }
  if (cursor.accept('SHOW', 'FRONTEND', 'CONFIG')) {
    const like = cursor.accept('LIKE') ? cursor.string() : undefined;
    refuseTail(cursor, 'ADMIN SHOW FRONTEND CONFIG');
    return { kind: 'admin-show-config', like };
  }
  if (cursor.accept('SHOW', 'REPLICA', 'DISTRIBUTION', 'FROM')) {
    const table = parseTableName(cursor);
    const partitions = parsePartitionNames(cursor);
    return { kind: 'admin-show-replica-distribution', table, partitions };
  }
  if (cursor.accept('ENABLE', 'FAILPOINT')) return parseFailpoint(cursor, true);
  if (cursor.accept('DISABLE', 'FAILPOINT')) return parseFailpoint(cursor, false);
  if (cursor.accept('EXECUTE', 'ON')) return parseExecute(cursor);
  for (const action of ['KILL', 'START'] as const) {
    if (!cursor.accept(action, 'BACKEND')) continue;
    return { kind: 'admin-backend', action, backends: backendList(cursor) };
  }
  return undefined;
}

/** `FRONTEND | <backend id>`, then the script as a text. */
function parseExecute(cursor: TokenCursor): Statement {
  const target = cursor.isInteger() ? cursor.integer() : 'FRONTEND';
  if (target === 'FRONTEND') cursor.expect('FRONTEND');
  return { kind: 'admin-execute', target, script: cursor.string() };
}

/** `'name' [WITH n TIMES | WITH p PROBABILITY] [ON BACKEND 'a,b' | ON FRONTEND]`. */
function parseFailpoint(cursor: TokenCursor, enable: boolean): Statement {
  const name = cursor.string();
  let times: number | undefined;
  let probability: number | undefined;
  if (cursor.accept('WITH')) {
    const isCount = cursor.isInteger() && cursor.peek(1).key === 'TIMES';
    if (isCount) times = cursor.integer();
    else probability = parseFraction(cursor);
    cursor.expect(isCount ? 'TIMES' : 'PROBABILITY');
  }
  const where = cursor.accept('ON') ? cursor.expectOneOf('BACKEND', 'FRONTEND') : undefined;
  const backends = where === 'BACKEND' ? backendList(cursor) : [];
  const onFrontend = where === 'FRONTEND';
  return { kind: 'admin-failpoint', enable, name, times, probability, backends, onFrontend };
}

/** `'a,b'`. */
function backendList(cursor: TokenCursor): string[] {
  return cursor
    .string()
    .split(',')
    .map((one) => one.trim());
}

function parseFraction(cursor: TokenCursor): number {
  const token = cursor.peek();
  if (token.kind !== 'number') cursor.fail(EXPECTED.integer);
  cursor.next();
  return Number(token.value);
}
