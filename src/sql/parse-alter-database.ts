/** ALTER DATABASE (sql-surface.md 3.1). */
import type { Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseDatabaseName } from './parse-common.ts';

const UNIT_BYTES: Readonly<Record<string, number>> = Object.freeze({
  '': 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  P: 2 ** 50,
});

/** After ALTER DATABASE or ALTER SCHEMA. */
export function parseAlterDatabase(cursor: TokenCursor): Statement {
  const name = parseDatabaseName(cursor);
  if (cursor.accept('RENAME')) {
    return { kind: 'alter-database', name, action: { kind: 'rename', newName: cursor.name() } };
  }
  cursor.expect('SET');
  if (cursor.at('(')) cursor.unsupported('properties of a database');
  if (cursor.accept('REPLICA')) {
    cursor.expect('QUOTA');
    const action = { kind: 'replica-quota', count: cursor.integer() } as const;
    return { kind: 'alter-database', name, action };
  }
  cursor.expect('DATA', 'QUOTA');
  return { kind: 'alter-database', name, action: { kind: 'data-quota', bytes: bytesAt(cursor) } };
}

/** `10995116277760B`, `10T`, `100g`. */
function bytesAt(cursor: TokenCursor): number {
  const { value } = cursor.peek();
  const [, digits = '', unit = ''] = /^(\d+)([kmgtp]?)b?$/i.exec(value) ?? [];
  const bytes = Number(digits) * (UNIT_BYTES[unit.toUpperCase()] ?? Number.NaN);
  if (digits === '' || !Number.isSafeInteger(bytes)) cursor.fail('a number of bytes');
  cursor.next();
  return bytes;
}
