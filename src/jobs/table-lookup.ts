/** Small look-ups that steps share. */
import type { TableId } from '../base/ids.ts';
import type { Database, Table } from '../catalog/model.ts';

export function tableNamed(database: Database, name: string): Table | undefined {
  const id: TableId | undefined = database.tableIds.get(name);
  return id === undefined ? undefined : database.tables.get(id);
}
