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

/** A table, a materialized view, or an object without rows. */
export interface ModelTable {
  readonly shape: Shape;
  /** Of a view, a function or an external catalog: all there is to it, as SHOW has it. */
  readonly text?: string;
  /** Of a materialized view: the table of its database that it reads, unless that is not known. */
  readonly base?: string | undefined;
  /** Has a temporary partition, which backups and restores refuse. */
  readonly hasTemporary?: boolean;
  /** What the column `x` holds in every row; it is there only then. */
  readonly extra?: number;
  readonly parts: ReadonlyMap<number, ModelPartition>;
  /** The run damaged files of it: it may be unreadable, but never wrong. */
  readonly isDamaged: boolean;
}

export type ModelTables = ReadonlyMap<string, ModelTable>;

/** External catalogs belong to no database: they stand under this name, as their jobs do. */
export const CATALOGS = '';

const NO_ROWS: Rows = new Map();

export function emptyPartition(replicas: number): ModelPartition {
  return { rows: NO_ROWS, replicas, isTorn: false };
}

/** Of what nobody gave a shape. */
export const PLAIN_SHAPE: Shape = {
  keys: 'duplicate',
  isPartitioned: false,
  isRandom: false,
  buckets: 1,
  replicas: 1,
};

/** A view, a function or an external catalog. */
export function textObject(text: string): ModelTable {
  return { shape: PLAIN_SHAPE, text, parts: new Map(), isDamaged: false };
}

export function isView(table: ModelTable | undefined): boolean {
  return table !== undefined && 'base' in table;
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
    .flatMap(([key, values]) => values.map((value) => rowText(key, value, table.extra)))
    .sort();
}

/** What is read, without rows that belong to torn partitions. */
export function comparable(table: ModelTable, read: readonly ReadRow[]): readonly string[] {
  return read
    .filter(([key]) => table.parts.get(partOf(table.shape, key))?.isTorn !== true)
    .map(([key, value, extra]) => rowText(key, value, extra))
    .sort();
}

/** Key and value, and the column `x` where there is one. */
export type ReadRow = readonly [key: number, value: number, extra?: number];

function rowText(key: number, value: number, extra: number | undefined): string {
  return `${key}=${value}${extra === undefined ? '' : `/${extra}`}`;
}

/** With the column `x`, or without it. */
export function withExtra(table: ModelTable, extra: number | undefined): ModelTable {
  const { extra: _before, ...rest } = table;
  return extra === undefined ? rest : { ...rest, extra };
}

export function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

/** Without those that hold the same as another: what is open must not multiply. */
export function distinct<T>(states: readonly T[]): readonly T[] {
  if (states.length < 2) return states;
  return [...new Map(states.map((state) => [JSON.stringify(state, mapAsList), state])).values()];
}

function mapAsList(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value].sort(([a], [b]) => (a < b ? -1 : 1)) : value;
}
