/** `srbr inventory import` and `export`: groups of tables as files (BR-INV). */
import type { Call } from '../cli/command-spec.ts';
import type { InventoryEntry } from '../config/config.ts';
import { faultsError, readMapping } from '../config/read-config.ts';
import { BrError, EXIT } from '../errors.ts';
import { addEntries, inventoryEntries, removeEntries, staleEntries } from '../ops/inventory.ts';
import { openSession } from './session.ts';

export async function runImport(call: Call): Promise<number> {
  const { options, ports, words } = call;
  const path = words[0] ?? '';
  const text = await ports.readText(path);
  if (text === undefined) throw new BrError('config-file', `there is no file ${path}`);
  const group = options.flag('fromMvp') ? options.text('group') : undefined;
  const entries = await readEntries(text, path, group);
  const { ops, report } = await openSession(call);
  const stale = options.flag('sync') ? staleEntries(await inventoryEntries(ops), entries) : [];
  const added = await addEntries(ops, entries);
  await removeEntries(ops, stale);
  report.result({ read: entries.length, added, removed: stale.length }, [
    `${entries.length} rows read, ${added} added, ${stale.length} removed`,
  ]);
  return EXIT.ok;
}

/** Of the first starrocks-br if there is a group to put its tables into. */
async function readEntries(
  text: string,
  path: string,
  group: string | undefined,
): Promise<readonly InventoryEntry[]> {
  const { checkInventory, checkMvpTables } = await import('../config/schema.ts');
  const value = await readMapping(text, path);
  const checked = group === undefined ? checkInventory(value) : checkMvpTables(value, group);
  if (!checked.ok) throw faultsError(value, checked.issues, path, []);
  if (checked.entries.length > 0) return checked.entries;
  const key = group === undefined ? 'table_inventory' : 'tables';
  throw new BrError('config', `${path} lists no table under ${key}`, {
    advice: ['--from-mvp --group <name> reads the list of tables of the first starrocks-br'],
  });
}

export async function runExport(call: Call): Promise<number> {
  const { ops, options, ports, report } = await openSession(call);
  const group = options.text('group');
  const all = await inventoryEntries(ops);
  const entries = all.filter((entry) => group === undefined || entry.group === group);
  if (group !== undefined && entries.length === 0) {
    const known = [...new Set(all.map((entry) => entry.group))].join(', ') || 'none';
    throw new BrError('group-unknown', `there is no group '${group}'; known groups: ${known}`);
  }
  const { stringify } = await import('yaml');
  const text = stringify({ table_inventory: groupsOf(entries) });
  const path = options.text('output');
  if (path === undefined) {
    report.result({ table_inventory: groupsOf(entries) }, text.trimEnd().split('\n'));
  } else {
    await ports.writeText(path, text);
    report.result({ path, rows: entries.length }, [`${entries.length} rows written to ${path}`]);
  }
  return EXIT.ok;
}

/** As `table_inventory` of a configuration has them. */
function groupsOf(entries: readonly InventoryEntry[]): readonly object[] {
  const groups = new Map<string, { database: string; table: string }[]>();
  for (const { group, database, table } of entries) {
    groups.set(group, [...(groups.get(group) ?? []), { database, table }]);
  }
  return [...groups].map(([group, tables]) => ({ group, tables }));
}
