/** Groups of tables: `table_inventory` (BR-INV). */

import type { InventoryEntry } from '../config/config.ts';
import { cell } from '../connection/connection.ts';
import { quoteList, quoteValue } from '../connection/sql-text.ts';
import { deleteRows, insertRows, type Ops, opsTable } from './ops.ts';

const TABLE = 'table_inventory';

/** Sorted by group, database and table. */
export async function inventoryEntries(ops: Ops): Promise<readonly InventoryEntry[]> {
  const rows = await ops.connection.query(
    `SELECT inventory_group, database_name, table_name FROM ${opsTable(ops, TABLE)} ` +
      'ORDER BY inventory_group, database_name, table_name',
  );
  return rows.map((row) => ({
    group: cell(row, 'inventory_group'),
    database: cell(row, 'database_name'),
    table: cell(row, 'table_name'),
  }));
}

/** Rows that are there already are left as they are, with the time they were made. */
export async function addEntries(ops: Ops, entries: readonly InventoryEntry[]): Promise<number> {
  const there = new Set((await inventoryEntries(ops)).map(entryKey));
  const missing = entries.filter((entry) => !there.has(entryKey(entry)));
  await insertRows(
    ops,
    TABLE,
    ['inventory_group', 'database_name', 'table_name'],
    missing.map(({ group, database, table }) => [group, database, table]),
  );
  return missing.length;
}

export async function removeEntries(ops: Ops, entries: readonly InventoryEntry[]): Promise<void> {
  for (const { group, database, table } of entries) {
    await deleteRows(
      ops,
      TABLE,
      `inventory_group = ${quoteValue(group)} AND database_name = ${quoteValue(database)} ` +
        `AND table_name IN ${quoteList([table])}`,
    );
  }
}

/** Of the groups that the configuration defines, what it no longer lists; other groups stay. */
export function staleEntries(
  there: readonly InventoryEntry[],
  configured: readonly InventoryEntry[],
): readonly InventoryEntry[] {
  const groups = new Set(configured.map(({ group }) => group));
  const wanted = new Set(configured.map(entryKey));
  return there.filter((entry) => groups.has(entry.group) && !wanted.has(entryKey(entry)));
}

export function entryKey({ group, database, table }: InventoryEntry): string {
  return JSON.stringify([group, database, table]);
}
