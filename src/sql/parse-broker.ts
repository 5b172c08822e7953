/** ALTER SYSTEM for brokers (sql-surface.md 2.2); other nodes cannot be added or dropped here. */
import type { AlterBroker } from './ast.ts';
import type { TokenCursor } from './cursor.ts';

/** After ALTER; undefined when it is not SYSTEM, with nothing taken. */
export function parseAlterSystem(cursor: TokenCursor): AlterBroker | undefined {
  if (!cursor.at('SYSTEM')) return undefined;
  const start = cursor.peek();
  cursor.next();
  if (cursor.accept('ADD', 'BROKER')) return parseBroker(cursor, 'ADD');
  if (cursor.accept('DROP', 'ALL', 'BROKER')) return parseBroker(cursor, 'DROP ALL');
  if (cursor.accept('DROP', 'BROKER')) return parseBroker(cursor, 'DROP');
  return cursor.unsupported('ALTER SYSTEM', start);
}

/** `name 'host:port', ...`; DROP ALL takes the name alone. */
function parseBroker(cursor: TokenCursor, action: AlterBroker['action']): AlterBroker {
  const name = cursor.nameOrString();
  const addresses: string[] = [];
  if (action !== 'DROP ALL') {
    do addresses.push(cursor.string());
    while (cursor.accept(','));
  }
  return { kind: 'alter-broker', action, name, addresses };
}
