/** What a column holds when a load gives it no value. */
import { SimError } from '../base/errors.ts';
import type { Cell } from '../base/sql-type.ts';
import { formatDateTime } from '../base/time-zone.ts';
import type { Column } from '../catalog/model.ts';
import type { QueryContext } from '../protocol/query.ts';
import { storedCell } from './load-rows.ts';

export function defaultCell(column: Column, context: QueryContext): Cell {
  const value = column.defaultValue;
  if (value === undefined) {
    if (column.isAllowNull) return null;
    throw new SimError('no-default', `Column '${column.name}' has no default value`);
  }
  if (value.kind === 'literal') return storedCell(value.text, { name: 'VARCHAR' }, column);
  return storedCell(formatDateTime(context.nowMs, context.timeZone), { name: 'DATETIME' }, column);
}
