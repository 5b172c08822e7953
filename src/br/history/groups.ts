/** Which group a backup belongs to (BR-PRUNE). */
import type { InventoryEntry } from '../config/config.ts';
import type { Books } from '../restore/chain.ts';

/**
 * Recorded groups count. Of upstream's backups, which record none, every table must belong to the
 * group (W-22).
 */
export function isOfGroup(
  { metas, manifest }: Books,
  label: string,
  group: string,
  inventory: readonly InventoryEntry[],
): boolean {
  const recorded = metas.get(label)?.group;
  if (recorded !== undefined && recorded !== '') return recorded === group;
  const entries = inventory.filter((entry) => entry.group === group);
  const rows = manifest.filter((row) => row.label === label);
  return (
    rows.length > 0 &&
    rows.every(({ database, table }) =>
      entries.some(
        (entry) => entry.database === database && (entry.table === '*' || entry.table === table),
      ),
    )
  );
}
