/**
 * What the tablets of a plan hold. The simulated disks have their headers alone: that a tablet has
 * so many files of such a size is known here, and asked for when it goes to the store. Of very many
 * tablets one stands for several that follow each other, so that a plan's time has a bound.
 */
import type { BlobKey } from '../../blob/blob-storage.ts';
import type { PlannedTable, TableSet } from './table-set.ts';

/** Of a plan no more than these are simulated one by one; above them one stands for several. */
export const SIMULATED_TABLETS_MAX = 50_000;

/** What one simulated tablet stands for. */
export interface TabletLoad {
  readonly tablets: number;
  /** Sizes of the files of each, but for the header. */
  readonly fileBytes: readonly number[];
}

/** Simulated tablets with one number after the other. */
interface Run {
  readonly firstId: number;
  readonly count: number;
  /** The plan's tablets that they stand for. */
  readonly tablets: number;
  readonly fileBytes: readonly number[];
}

/** How many tablets one stands for at most; 1 when each is simulated. */
export function tabletsEach(tables: TableSet): number {
  const tablets = tables.reduce((sum, table) => sum + table.tablets, 0);
  return Math.ceil(tablets / SIMULATED_TABLETS_MAX);
}

export class PlannedTablets {
  readonly #runs: Run[] = [];
  #last: Run | undefined;

  /** `count` tablets from `firstId` on stand for `tablets` of a table. */
  add(firstId: number, count: number, tablets: number, table: PlannedTable): void {
    this.#runs.push({ firstId, count, tablets, fileBytes: sizesOf(table) });
  }

  /** Of the tablet whose files lie in that directory; none for any other directory. */
  loadOf(directory: BlobKey): TabletLoad | undefined {
    const tabletId = Number(directory.slice(directory.lastIndexOf('/') + TABLET_PREFIX.length));
    const isOf = ({ firstId, count }: Run): boolean =>
      tabletId >= firstId && tabletId < firstId + count;
    // Backups go through a table from end to end.
    if (this.#last === undefined || !isOf(this.#last)) this.#last = this.#runs.find(isOf);
    const run = this.#last;
    if (run === undefined) return undefined;
    const each = Math.floor(run.tablets / run.count);
    const isLarger = tabletId - run.firstId < run.tablets % run.count;
    return { tablets: each + (isLarger ? 1 : 0), fileBytes: run.fileBytes };
  }
}

/** What stands before its number in the name of a tablet's directory. */
const TABLET_PREFIX = '/__';

function sizesOf({ tabletBytes, filesPerTablet }: PlannedTable): readonly number[] {
  if (tabletBytes === 0) return [];
  const each = Math.floor(tabletBytes / filesPerTablet);
  const first = tabletBytes - each * (filesPerTablet - 1);
  return Array.from({ length: filesPerTablet }, (_, at) => (at === 0 ? first : each));
}
