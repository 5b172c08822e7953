/**
 * What the rows of a tablet are at a version: runs of rows and deletes in the order in which they
 * took effect, merged by the key model. Within a version, deletes of a run act before its rows.
 */
import type { ColumnVector } from '../base/sql-type.ts';
import type { TabletSchema } from '../protocol/tablet-schema.ts';
import { aggregateRun } from './aggregate-rows.ts';
import { keyPositions, keyText, sortedByKey } from './row-key.ts';

/** Rows `from` to `to` (exclusive) of some columns, all of one version and one operation. */
export interface RowRun {
  readonly version: number;
  readonly op: 'upsert' | 'delete';
  /** For `delete` the key columns. */
  readonly columns: readonly ColumnVector[];
  readonly from: number;
  readonly to: number;
}

export interface MergedRows {
  readonly rowCount: number;
  readonly columns: readonly ColumnVector[];
}

/** Live rows after all runs, in order of arrival for duplicate keys, else in key order. */
export function mergeRuns(schema: TabletSchema, runs: readonly RowRun[]): MergedRows {
  if (schema.keysType === 'DUP_KEYS') return concatenate(schema, survivors(schema, runs, false));
  const merged =
    schema.keysType === 'AGG_KEYS'
      ? aggregateRun(schema, survivors(schema, runs, false))
      : concatenate(schema, survivors(schema, runs, true));
  const order = sortedByKey(schema, merged.columns, merged.rowCount);
  return {
    rowCount: merged.rowCount,
    columns: merged.columns.map((column) => order.map((row) => column[row] ?? null)),
  };
}

export interface RowPick {
  readonly columns: readonly ColumnVector[];
  readonly rows: readonly number[];
}

/**
 * The rows that no later delete removes and, where a key has one row, no later row replaces.
 * In order of arrival.
 */
export function survivors(
  schema: TabletSchema,
  runs: readonly RowRun[],
  hasOneRowPerKey: boolean,
): readonly RowPick[] {
  const positions = keyPositions(schema);
  const gone = new Set<string>();
  const picks: RowPick[] = [];
  for (const run of runs.toReversed()) {
    if (run.op === 'delete') {
      for (let row = run.from; row < run.to; row += 1) gone.add(keyText(run.columns, row));
      continue;
    }
    const key = positions.map((position) => run.columns[position] ?? []);
    const needsKey = hasOneRowPerKey || gone.size > 0;
    const rows: number[] = [];
    for (let row = run.to - 1; row >= run.from; row -= 1) {
      if (needsKey) {
        const text = keyText(key, row);
        if (gone.has(text)) continue;
        if (hasOneRowPerKey) gone.add(text);
      }
      rows.push(row);
    }
    if (rows.length > 0) picks.push({ columns: run.columns, rows: rows.reverse() });
  }
  return picks.reverse();
}

export function concatenate(schema: TabletSchema, picks: readonly RowPick[]): MergedRows {
  const rowCount = picks.reduce((sum, { rows }) => sum + rows.length, 0);
  const columns = schema.columns.map((_, index) => {
    const cells: ColumnVector = [];
    for (const pick of picks) {
      const source = pick.columns[index] ?? [];
      for (const row of pick.rows) cells.push(source[row] ?? null);
    }
    return cells;
  });
  return { rowCount, columns };
}

/** Rows and deletes of several versions, each version once, as two lists with versions. */
export interface GatheredRows {
  readonly upserts: MergedRows & { readonly versions: readonly number[] };
  readonly deletes: MergedRows & { readonly versions: readonly number[] };
}

interface Growing {
  rowCount: number;
  readonly columns: ColumnVector[];
  readonly versions: number[];
}

/** Folds runs into one pair of lists that says the same at every version. */
export function gatherRuns(schema: TabletSchema, runs: readonly RowRun[]): GatheredRows {
  const keyCount = keyPositions(schema).length;
  const upserts = growing(schema.columns.length);
  const deletes = growing(keyCount);
  for (let from = 0; from < runs.length; ) {
    const version = runs[from]?.version ?? 0;
    let to = from + 1;
    while (runs[to]?.version === version) to += 1;
    gatherVersion(schema, runs.slice(from, to), version, upserts, deletes);
    from = to;
  }
  return { upserts, deletes };
}

function growing(columnCount: number): Growing {
  return { rowCount: 0, columns: Array.from({ length: columnCount }, () => []), versions: [] };
}

function gatherVersion(
  schema: TabletSchema,
  runs: readonly RowRun[],
  version: number,
  upserts: Growing,
  deletes: Growing,
): void {
  const hasOneRowPerKey = schema.keysType === 'PRIMARY_KEYS' || schema.keysType === 'UNIQUE_KEYS';
  const seen = new Set<string>();
  for (const run of runs) {
    if (run.op !== 'delete') continue;
    for (let row = run.from; row < run.to; row += 1) {
      const text = keyText(run.columns, row);
      if (seen.has(text)) continue;
      seen.add(text);
      push(deletes, run.columns, row, version);
    }
  }
  // Rows before a delete of the same version are gone already; the rest comes after all deletes.
  for (const { columns, rows } of survivors(schema, runs, hasOneRowPerKey)) {
    for (const row of rows) push(upserts, columns, row, version);
  }
}

function push(to: Growing, columns: readonly ColumnVector[], row: number, version: number): void {
  to.columns.forEach((column, index) => {
    column.push(columns[index]?.[row] ?? null);
  });
  to.versions.push(version);
  to.rowCount += 1;
}

/** A run per version of a list whose rows are in order of their versions. */
export function runsOf(
  op: RowRun['op'],
  columns: readonly ColumnVector[],
  versions: readonly number[],
): readonly RowRun[] {
  const runs: RowRun[] = [];
  for (let from = 0; from < versions.length; ) {
    const version = versions[from] ?? 0;
    let to = from + 1;
    while (versions[to] === version) to += 1;
    runs.push({ version, op, columns, from, to });
    from = to;
  }
  return runs;
}
