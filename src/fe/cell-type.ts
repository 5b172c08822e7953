/** The type of a value that came without one, as from a literal. */
import type { Cell, SqlType } from '../base/sql-type.ts';

const TYPES = Object.freeze({
  boolean: { name: 'BOOLEAN' },
  number: { name: 'DOUBLE' },
  bigint: { name: 'LARGEINT' },
  string: { name: 'VARCHAR' },
} as const) satisfies Record<string, SqlType>;

export function typeOfCell(cell: Cell): SqlType {
  if (cell instanceof Uint8Array) return { name: 'VARBINARY' };
  switch (typeof cell) {
    case 'boolean':
      return TYPES.boolean;
    case 'number':
      return Number.isInteger(cell) ? { name: 'BIGINT' } : TYPES.number;
    case 'bigint':
      return TYPES.bigint;
    default:
      return TYPES.string;
  }
}
