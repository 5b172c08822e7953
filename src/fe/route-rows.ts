/**
 * Rows of a load on their way to tablets: partition by range, bucket by hash of the distribution
 * columns. Keeps columns, not rows, since that is what backends store.
 */
import { SimError } from '../base/errors.ts';
import type { IndexId, PhysicalPartitionId, TabletId } from '../base/ids.ts';
import type { Row } from '../base/row-stream.ts';
import type { Cell, ColumnVector } from '../base/sql-type.ts';
import { isAutomatic } from '../catalog/automatic-partition.ts';
import type { Column, MaterializedIndex, OlapTable, Partition } from '../catalog/model.ts';
import { listKey } from '../catalog/partition-list.ts';
import { partitionForRow } from '../catalog/partition-lookup.ts';
import { partitionColumns } from '../catalog/partition-range.ts';
import { indexMetaOf } from '../catalog/table-lookup.ts';
import type { RowBatch } from '../protocol/data.ts';
import { type IndexProjection, indexProjection } from './index-rows.ts';

export interface RoutedTablet {
  readonly tabletId: TabletId;
  readonly physicalPartitionId: PhysicalPartitionId;
  readonly index: MaterializedIndex;
  /** Rows of the base index are the rows of the load; those of others only repeat them. */
  readonly isBase: boolean;
  /** Position of the tablet in its index. */
  readonly bucket: number;
  readonly batch: RowBatch;
}

interface Bucket {
  rowCount: number;
  readonly columns: readonly ColumnVector[];
}

interface PartitionBuckets {
  readonly partition: Partition;
  readonly buckets: Map<number, Bucket>;
}

export interface RouteOptions {
  readonly op: 'upsert' | 'delete';
  /** Only these partitions take rows (INSERT ... PARTITION); undefined: all. */
  readonly partitionNames: readonly string[] | undefined;
  /** They are temporary ones; others never take rows. */
  readonly isTemporary?: boolean;
}

/**
 * Takes rows one by one. A row that no partition takes is `no-partition-for-row`; in a table with
 * automatic partitions it waits, until `resume` is told of the table that has them.
 */
export class RowRouter {
  #table: OlapTable;
  readonly #columns: readonly Column[];
  readonly #options: RouteOptions;
  #partitionFor: (row: Row) => Partition | undefined;
  readonly #mayWait: boolean;
  /** Rows whose partition is still to be made. */
  #waiting: Row[] = [];
  readonly #distributionAt: readonly number[];
  readonly #byPartition = new Map<string, PartitionBuckets>();
  #rowCount = 0;

  /** `columns`: what the rows hold, in order; the whole schema, or its key columns for deletes. */
  constructor(table: OlapTable, columns: readonly Column[], options: RouteOptions) {
    this.#table = table;
    this.#columns = columns;
    this.#options = options;
    const takesAll = options.op === 'upsert' && options.partitionNames === undefined;
    this.#mayWait = takesAll && isAutomatic(table.partitionBy);
    this.#partitionFor = partitionFinder(table, columns, options);
    const distribution = table.defaultDistribution;
    this.#distributionAt =
      distribution.kind === 'HASH'
        ? distribution.columns.map((name) => columnAt(columns, name))
        : [];
  }

  get rowCount(): number {
    return this.#rowCount + this.#waiting.length;
  }

  /** Values of the partition columns of the rows that wait, each once. */
  waitingValues(): readonly (readonly Cell[])[] {
    const at = partitionColumns(this.#table).map(({ name }) => columnAt(this.#columns, name));
    const values = new Map<string, readonly Cell[]>();
    for (const row of this.#waiting) {
      const cells = at.map((position) => row[position] ?? null);
      values.set(listKey(cells), cells);
    }
    return [...values.values()];
  }

  /** Adds the rows that waited to `table`, which is the same one with more partitions. */
  resume(table: OlapTable): void {
    const rows = this.#waiting;
    this.#waiting = [];
    this.#table = table;
    this.#partitionFor = partitionFinder(table, this.#columns, this.#options);
    for (const row of rows) this.#add(row, false);
  }

  add(row: Row): void {
    this.#add(row, this.#mayWait);
  }

  #add(row: Row, mayWait: boolean): void {
    const partition = this.#partitionFor(row);
    if (partition === undefined && mayWait) {
      this.#waiting.push(row);
      return;
    }
    if (partition === undefined) {
      throw new SimError(
        'no-partition-for-row',
        `table '${this.#table.name}' has no partition for the row (${row.map(shown).join(', ')})`,
        { hint: 'add a partition that holds the row' },
      );
    }
    const buckets = this.#bucketsOf(partition);
    const at = this.#bucketOf(partition, row);
    let bucket = buckets.get(at);
    if (bucket === undefined) {
      bucket = { rowCount: 0, columns: this.#columns.map(() => []) };
      buckets.set(at, bucket);
    }
    for (let column = 0; column < bucket.columns.length; column += 1) {
      bucket.columns[column]?.push(row[column] ?? null);
    }
    bucket.rowCount += 1;
    this.#rowCount += 1;
  }

  /**
   * What each tablet gets, of the base index and of all others. With `instead`, partitions of the
   * same names and buckets get the rows (INSERT OVERWRITE).
   */
  routed(instead?: ReadonlyMap<string, Partition>): readonly RoutedTablet[] {
    const routed: RoutedTablet[] = [];
    const projections = new Map<IndexId, IndexProjection>();
    for (const { partition: found, buckets } of this.#byPartition.values()) {
      const partition = instead?.get(found.name) ?? found;
      // A partition that has grown takes rows in its youngest part.
      const physical = partition.physical.at(-1);
      if (physical === undefined) continue;
      for (const index of physical.indexes) {
        const isBase = index.indexId === this.#table.baseIndexId;
        let project = projections.get(index.indexId);
        if (project === undefined) {
          project = isBase
            ? (columns) => columns
            : indexProjection(indexMetaOf(this.#table, index.indexId), this.#columns);
          projections.set(index.indexId, project);
        }
        for (const [bucket, { rowCount, columns }] of buckets) {
          const tabletId = index.tablets.tabletIds[bucket];
          if (tabletId === undefined) throw new SimError('bug', `no bucket ${bucket}`);
          routed.push({
            tabletId: tabletId as TabletId,
            physicalPartitionId: physical.id,
            index,
            isBase,
            bucket,
            batch: { op: this.#options.op, rowCount, columns: project(columns, rowCount) },
          });
        }
      }
    }
    return routed;
  }

  #bucketsOf(partition: Partition): Map<number, Bucket> {
    let entry = this.#byPartition.get(partition.name);
    if (entry === undefined) {
      entry = { partition, buckets: new Map() };
      this.#byPartition.set(partition.name, entry);
    }
    return entry.buckets;
  }

  #bucketOf(partition: Partition, row: Row): number {
    const bucketCount = partition.distribution.buckets;
    if (this.#distributionAt.length === 0) return this.#rowCount % bucketCount;
    let hash = FNV_OFFSET;
    for (const at of this.#distributionAt) hash = hashCell(hash, row[at] ?? null);
    return (hash >>> 0) % bucketCount;
  }
}

function partitionFinder(
  table: OlapTable,
  columns: readonly Column[],
  { partitionNames: names, isTemporary }: RouteOptions,
): (row: Row) => Partition | undefined {
  const keyColumns = partitionColumns(table);
  const keyAt = keyColumns.map((column) => columnAt(columns, column.name));
  const partitions = isTemporary === true ? table.tempPartitions : table.partitions;
  const allowed = names === undefined ? undefined : new Set(names);
  return (row) => {
    const found = partitionForRow(
      partitions,
      keyColumns,
      keyAt.map((at) => row[at] ?? null),
    );
    return found === undefined || allowed === undefined || allowed.has(found.name)
      ? found
      : undefined;
  };
}

function columnAt(columns: readonly Column[], name: string): number {
  const wanted = name.toLowerCase();
  const at = columns.findIndex((column) => column.name.toLowerCase() === wanted);
  if (at < 0) throw new SimError('bug', `column ${name} is not among the loaded ones`);
  return at;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the text of a value: equal values, equal buckets; NULL is a value of its own. */
function hashCell(start: number, cell: Cell): number {
  let hash = start;
  const text = cell === null ? '\0' : String(cell);
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return Math.imul(hash ^ 0xff, FNV_PRIME);
}

function shown(cell: Cell): string {
  return cell === null ? 'NULL' : String(cell);
}
