/** What a fault that spoils bytes takes away from the promises: "files the run itself damaged". */
import type { Fault, FaultSubject } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import { excuse, isActive, type Snapshot } from './job-track.ts';
import { type ModelTables, withTable } from './model.ts';
import type { Site } from './site.ts';

const TABLET_FILE = /\/data\/(\d+)\//;
const SNAPSHOT_FILE = /__starrocks_repository_(\w+)\/__ss_(\w+)\//;

/** Marks tables and snapshots whose files are now wrong where nothing checks them on the way. */
export function noteDamage(
  site: Site,
  snapshots: readonly Snapshot[],
  point: FaultPoint,
  subject: FaultSubject,
  fault: Fault,
): void {
  if (fault.do !== 'corrupt' && fault.do !== 'cut') return;
  if (point === 'be.file.write') damageFile(site, String(subject['path']));
  // What is cut is no object: only wrong bytes stay.
  if (point !== 'blob.put' || fault.do === 'cut') return;
  const match = SNAPSHOT_FILE.exec(String(subject['key']));
  for (const snapshot of snapshots) {
    if (snapshot.repo === match?.[1] && snapshot.label === match[2]) snapshot.isDamaged = true;
  }
}

function damageFile(site: Site, path: string): void {
  // A download is checked against the name of the object before it gets its own name.
  if (path.endsWith('.part')) return;
  for (const track of site.tracks) {
    if (!isActive(track)) continue;
    excuse(track, `${path} was damaged`);
    if (track.snapshot !== undefined) track.snapshot.isDamaged = true;
  }
  const tabletId = Number(TABLET_FILE.exec(path)?.[1] ?? Number.NaN);
  if (Number.isNaN(tabletId)) return;
  site.damagedTablets.add(tabletId);
  placeDamage(site);
}

/**
 * Marks the tables of damaged tablets. Those of a refresh belong to no table while they are
 * written: theirs is marked by the call after it.
 */
export function placeDamage(site: Site): void {
  for (const tabletId of site.damagedTablets) {
    const place = tableOfTablet(site, tabletId);
    if (place === undefined) continue;
    site.damagedTablets.delete(tabletId);
    markDamaged(site, place);
  }
}

function markDamaged(site: Site, place: { readonly db: string; readonly table: string }): void {
  site.candidates = site.candidates.map((databases) => {
    const tables: ModelTables | undefined = databases.get(place.db);
    const table = tables?.get(place.table);
    if (tables === undefined || table === undefined) return databases;
    const damaged = withTable(tables, place.table, { ...table, isDamaged: true });
    return new Map([...databases, [place.db, damaged]]);
  });
}

function tableOfTablet(
  site: Site,
  tabletId: number,
): { readonly db: string; readonly table: string } | undefined {
  const { catalog } = site.machine.cluster.frontend.context;
  for (const database of catalog.databases.values()) {
    for (const table of database.tables.values()) {
      for (const { physical } of table.partitions.values()) {
        const indexes = physical.flatMap((each) => each.indexes);
        const isHere = indexes.some(({ tablets }) => tablets.tabletIds.includes(tabletId));
        if (isHere) return { db: database.name, table: table.name };
      }
    }
  }
  return undefined;
}
