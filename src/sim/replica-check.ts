/**
 * Replicas and rollups: a query reads one replica of the base index, so this reads all the others.
 * Every replica that is not behind holds the same rows, and a rollup those of its base index.
 */
import { isSimError } from '../base/errors.ts';
import { asId, type BackendId, type TabletId } from '../base/ids.ts';
import { attempt, type Op } from '../base/op.ts';
import type { OlapTable, PhysicalPartition } from '../catalog/model.ts';
import { tabletsOf } from '../catalog/tablet-columns.ts';
import type { ScannedTablet } from '../protocol/data.ts';
import type { Site } from './site.ts';

/** What is wrong with the first table that has something wrong. */
export function replicaDifference(site: Site): string | undefined {
  const { catalog } = site.machine.cluster.frontend.context;
  for (const [db, tables] of site.databases) {
    const id = catalog.databaseIds.get(db);
    const database = id === undefined ? undefined : catalog.databases.get(id);
    for (const table of database?.tables.values() ?? []) {
      const known = tables.get(table.name);
      if (known === undefined || known.isDamaged) continue;
      if ([...known.parts.values()].some(({ isTorn }) => isTorn)) continue;
      const wrong = tableDifference(site, table);
      if (wrong !== undefined) return `${db}.${table.name}: ${wrong}`;
    }
  }
  return undefined;
}

function tableDifference(site: Site, table: OlapTable): string | undefined {
  for (const { physical } of table.partitions.values()) {
    for (const one of physical) {
      const read = one.indexes.map((_, at) => readIndex(site, one, at));
      for (const index of read) if ('wrong' in index) return index.wrong;
      const [whole, ...rollups] = read.map((index) => ('rows' in index ? index.rows : []));
      // A column that was added is in the base index alone.
      const base = whole?.map((row) => row.split('|').slice(0, 2).join('|')).sort();
      for (const rollup of rollups) {
        const turned = rollup.map((row) => row.split('|').toReversed().join('|')).sort();
        if (turned.join(' ') === base?.join(' ')) continue;
        return `a rollup has [${turned.join(' ')}], its base [${base?.join(' ')}]`;
      }
    }
  }
  return undefined;
}

type ReadIndex = { readonly rows: readonly string[] } | { readonly wrong: string };

function readIndex(site: Site, physical: PhysicalPartition, at: number): ReadIndex {
  const index = physical.indexes[at];
  const rows: string[] = [];
  for (const { tabletId, replicas } of index === undefined ? [] : tabletsOf(index.tablets)) {
    let first: string | undefined;
    for (const { replicaId, backendId } of replicas) {
      if (physical.lagging.has(replicaId)) continue;
      const scanned = site.machine.run(scan(site, tabletId, backendId, physical.visibleVersion));
      if ('wrong' in scanned) return scanned;
      const text = scanned.rows.join(' ');
      if (first === undefined) rows.push(...scanned.rows);
      else if (first !== text) {
        return { wrong: `replicas of tablet ${tabletId} have [${first}] and [${text}]` };
      }
      first = text;
    }
  }
  return { rows: rows.sort() };
}

function* scan(
  site: Site,
  tabletId: TabletId,
  backendId: BackendId,
  version: number,
): Op<ReadIndex> {
  const link = site.machine.cluster.backends.get(backendId);
  if (link === undefined) return { wrong: `there is no backend ${backendId}` };
  const scanned = yield* attempt(link.scanTablet({ tabletId: asId(tabletId), version }));
  if (scanned.ok) return { rows: rowTexts(scanned.value) };
  if (isSimError(scanned.error, 'bug')) throw scanned.error;
  const text = scanned.error instanceof Error ? scanned.error.message : String(scanned.error);
  return { wrong: `tablet ${tabletId} cannot be read on backend ${backendId}: ${text}` };
}

function rowTexts({ rowCount, columns }: ScannedTablet): readonly string[] {
  return Array.from({ length: rowCount }, (_, row) =>
    columns.map((column) => String(column[row])).join('|'),
  ).sort();
}
