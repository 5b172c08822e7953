/**
 * `__info` against `__meta`: a restore takes paths from the one and tables from the other, so what
 * they say of the same objects must agree. Pure.
 */
import type { BackupPartitionInfo, BackupTableInfo } from '../job-info.ts';
import type { MetaOutline, PartitionOutline, TableOutline } from './meta-outline.ts';
import type { SnapshotContents } from './snapshot-contents.ts';

/** What does not fit, and whose it is. */
export interface Contradiction {
  readonly table: string;
  readonly partition?: string;
  readonly text: string;
}

export function contradictions(
  { info }: SnapshotContents,
  outline: MetaOutline,
): readonly Contradiction[] {
  const found: Contradiction[] = [];
  for (const table of info.tables.values()) {
    const known = outline.tables.get(table.name);
    if (known === undefined) found.push({ table: table.name, text: '__meta has no such object' });
    else found.push(...compareTable(table, known));
  }
  for (const { name } of outline.tables.values()) {
    if (info.tables.has(name)) continue;
    found.push({ table: name, text: '__info has no such object, so a restore leaves it out' });
  }
  return found;
}

function compareTable(table: BackupTableInfo, known: TableOutline): Contradiction[] {
  if (table.id !== known.id) {
    const text = `its id is ${table.id} in __info and ${known.id} in __meta`;
    return [{ table: table.name, text }];
  }
  const names = new Set([...table.partitions.keys(), ...known.partitions.keys()]);
  return [...names].flatMap((name) => {
    const text = comparePartition(table.partitions.get(name), known.partitions.get(name));
    return text === undefined ? [] : [{ table: table.name, partition: name, text }];
  });
}

function comparePartition(
  info: BackupPartitionInfo | undefined,
  meta: PartitionOutline | undefined,
): string | undefined {
  if (info === undefined) return '__info has no such partition';
  if (meta === undefined) return '__meta has no such partition';
  if (info.id !== meta.id) return `its id is ${info.id} in __info and ${meta.id} in __meta`;
  const listed =
    info.subPartitions.size > 0
      ? info.subPartitions
      : new Map([[info.id, { version: info.version, indexes: info.indexes }]]);
  if (listed.size !== meta.physical.size) {
    return `${listed.size} physical partitions in __info and ${meta.physical.size} in __meta`;
  }
  for (const [id, { version, indexes }] of listed) {
    const known = meta.physical.get(id);
    if (known === undefined) return `__meta has no physical partition ${id}`;
    if (known.version !== version) {
      return `version ${version} in __info and ${known.version} in __meta`;
    }
    for (const index of indexes.values()) {
      const tablets = known.indexes.get(index.id);
      if (tablets === undefined) return `__meta has no index ${index.id} (${index.name})`;
      const same = new Set(tablets);
      const isSame =
        tablets.length === index.tabletIds.length && index.tabletIds.every((id) => same.has(id));
      if (!isSame) return `other tablets of index ${index.name} in __info than in __meta`;
    }
  }
  return undefined;
}
