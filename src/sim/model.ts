/**
 * What a user would write on paper: which tables there are and which rows each partition holds.
 * Everything is frozen and replaced as a whole, so that a snapshot is a reference. It knows nothing
 * of versions, tablets, replicas or logs.
 */
import { KEYS_PER_PART, type Keys, type Shape } from './actions.ts';

/** Values by key; a duplicate-key table may hold several of a key, an aggregate one the sum. */
export type Rows = ReadonlyMap<number, readonly number[]>;

export interface ModelPartition {
  readonly rows: Rows;
  readonly replicas: number;
  /** A cancelled restore may have left a mixture: any rows are right, and none at all. */
  readonly isTorn: boolean;
}

export interface ModelTable {
  readonly shape: Shape;
  readonly parts: ReadonlyMap<number, ModelPartition>;
  /** The run damaged files of it: it may be unreadable, but never wrong. */
  readonly isDamaged: boolean;
}

export type ModelTables = ReadonlyMap<string, ModelTable>;

const NO_ROWS: Rows = new Map();

export function emptyPartition(replicas: number): ModelPartition {
  return { rows: NO_ROWS, replicas, isTorn: false };
}

/** The partition of a key. */
export function partOf(shape: Shape, key: number): number {
  return shape.isPartitioned ? Math.floor(key / KEYS_PER_PART) : 0;
}

export function withTable(
  tables: ModelTables,
  name: string,
  table: ModelTable | undefined,
): ModelTables {
  const next = new Map(tables);
  if (table === undefined) next.delete(name);
  else next.set(name, table);
  return next;
}

export function withPart(
  table: ModelTable,
  part: number,
  partition: ModelPartition | undefined,
): ModelTable {
  const parts = new Map(table.parts);
  if (partition === undefined) parts.delete(part);
  else parts.set(part, partition);
  return { ...table, parts };
}

/** Changes the rows of every partition; those of a torn one stay unknown. */
export function mapRows(table: ModelTable, change: (rows: Rows, part: number) => Rows): ModelTable {
  const parts = [...table.parts].map(
    ([part, partition]) => [part, { ...partition, rows: change(partition.rows, part) }] as const,
  );
  return { ...table, parts: new Map(parts) };
}

export function inserted(
  table: ModelTable,
  added: readonly (readonly [number, number])[],
): ModelTable {
  return mapRows(table, (rows, part) => {
    const mine = added.filter(([key]) => partOf(table.shape, key) === part);
    if (mine.length === 0) return rows;
    const next = new Map(rows);
    for (const [key, value] of mine) {
      next.set(key, merged(table.shape.keys, next.get(key), value));
    }
    return next;
  });
}

function merged(keys: Keys, before: readonly number[] | undefined, value: number): number[] {
  if (keys === 'duplicate') return [...(before ?? []), value];
  return [keys === 'aggregate' ? (before?.[0] ?? 0) + value : value];
}

export function deleted(table: ModelTable, below: number): ModelTable {
  return mapRows(table, (rows) => new Map([...rows].filter(([key]) => key >= below)));
}

export function updated(table: ModelTable, below: number, value: number): ModelTable {
  return mapRows(
    table,
    (rows) => new Map([...rows].map(([key, old]) => [key, key < below ? [value] : old])),
  );
}

/** Rows as sorted texts, for comparing; torn partitions are left out. */
export function rowTexts(table: ModelTable): readonly string[] {
  return [...table.parts.values()]
    .filter(({ isTorn }) => !isTorn)
    .flatMap(({ rows }) => [...rows])
    .flatMap(([key, values]) => values.map((value) => `${key}=${value}`))
    .sort();
}

/** What is read, without rows that belong to torn partitions. */
export function comparable(
  table: ModelTable,
  read: readonly (readonly [number, number])[],
): readonly string[] {
  return read
    .filter(([key]) => table.parts.get(partOf(table.shape, key))?.isTorn !== true)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}

export function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}
