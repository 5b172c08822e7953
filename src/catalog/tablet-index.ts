/**
 * Finds the place of a tablet by its id. Tablet ids come in runs of consecutive numbers, so the
 * index keeps runs, not tablets: for a table made here one per index and partition. It is built at
 * the first lookup after tablets came or went, from runs remembered per (never changing) index.
 */
import { assert } from '../base/assert.ts';
import { asId, type TabletId } from '../base/ids.ts';
import type { Catalog, TabletColumns, TabletPlace } from './model.ts';
import { allPartitions } from './table-lookup.ts';

/** First and last id of each run of consecutive tablet ids, flat. */
type Runs = Float64Array;

interface TabletIndex {
  /** Sorted; as many as `lasts` and `places`. */
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
  readonly places: Uint32Array;
  readonly distinctPlaces: readonly Omit<TabletPlace, 'tabletId'>[];
}

const indexes = new WeakMap<Catalog, TabletIndex>();
const runsOfColumns = new WeakMap<TabletColumns, Runs>();

/** Called by whatever adds tablets to a catalog or takes them away. */
export function tabletsChanged(catalog: Catalog): void {
  indexes.delete(catalog);
}

/** Where the tablet belongs; undefined when the catalog has it not. O(log of runs). */
export function locateTablet(catalog: Catalog, tabletId: TabletId): TabletPlace | undefined {
  const index = indexOf(catalog);
  const run = runWith(index, tabletId);
  const place = run === undefined ? run : index.distinctPlaces[index.places[run] ?? -1];
  return place === undefined ? undefined : { ...place, tabletId: asId<TabletId>(tabletId) };
}

/** The same question without the place, for those who ask it of every tablet there is. */
export function hasTablet(catalog: Catalog, tabletId: TabletId): boolean {
  return runWith(indexOf(catalog), tabletId) !== undefined;
}

function indexOf(catalog: Catalog): TabletIndex {
  let index = indexes.get(catalog);
  if (index === undefined) {
    index = buildIndex(catalog);
    indexes.set(catalog, index);
  }
  return index;
}

/** The run that holds the tablet. */
function runWith({ firsts, lasts }: TabletIndex, tabletId: TabletId): number | undefined {
  let low = 0;
  let high = firsts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((firsts[middle] ?? 0) <= tabletId) low = middle + 1;
    else high = middle;
  }
  const last = lasts[low - 1];
  return last === undefined || tabletId > last ? undefined : low - 1;
}

function buildIndex(catalog: Catalog): TabletIndex {
  const distinctPlaces: Omit<TabletPlace, 'tabletId'>[] = [];
  const runLists: Runs[] = [];
  for (const database of catalog.databases.values()) {
    for (const table of database.tables.values()) {
      for (const partition of allPartitions(table)) {
        for (const physical of partition.physical) {
          for (const { indexId, tablets } of physical.indexes) {
            runLists.push(runsOf(tablets));
            distinctPlaces.push({
              dbId: database.id,
              tableId: table.id,
              partitionId: partition.id,
              physicalPartitionId: physical.id,
              indexId,
            });
          }
        }
      }
    }
  }
  return { ...sortedRuns(runLists), distinctPlaces };
}

function sortedRuns(runLists: readonly Runs[]): Omit<TabletIndex, 'distinctPlaces'> {
  const count = runLists.reduce((sum, runs) => sum + runs.length / 2, 0);
  const unsortedFirsts = new Float64Array(count);
  const unsortedLasts = new Float64Array(count);
  const unsortedPlaces = new Uint32Array(count);
  let at = 0;
  runLists.forEach((runs, place) => {
    for (let run = 0; run < runs.length; run += 2, at += 1) {
      unsortedFirsts[at] = runs[run] ?? 0;
      unsortedLasts[at] = runs[run + 1] ?? 0;
      unsortedPlaces[at] = place;
    }
  });
  const order = new Uint32Array(count).map((_, index) => index);
  order.sort((a, b) => (unsortedFirsts[a] ?? 0) - (unsortedFirsts[b] ?? 0));
  const firsts = Float64Array.from(order, (index) => unsortedFirsts[index] ?? 0);
  const lasts = Float64Array.from(order, (index) => unsortedLasts[index] ?? 0);
  const places = Uint32Array.from(order, (index) => unsortedPlaces[index] ?? 0);
  for (let run = 1; run < count; run += 1) {
    assert((lasts[run - 1] ?? 0) < (firsts[run] ?? 0), `tablet ${firsts[run]} has one place`);
  }
  return { firsts, lasts, places };
}

function runsOf(columns: TabletColumns): Runs {
  const known = runsOfColumns.get(columns);
  if (known !== undefined) return known;
  const ids = Float64Array.from(columns.tabletIds).sort();
  const ends: number[] = [];
  for (let at = 0; at < ids.length; at += 1) {
    const id = ids[at] ?? 0;
    const isNext = at > 0 && id === (ids[at - 1] ?? 0) + 1;
    if (isNext) ends[ends.length - 1] = id;
    else ends.push(id, id);
  }
  const runs = Float64Array.from(ends);
  runsOfColumns.set(columns, runs);
  return runs;
}
