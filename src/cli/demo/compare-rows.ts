/** Whether two readings of a table are the same, row by row, and what differs if not. */
import { createHash } from 'node:crypto';
import type { TextRow } from './sql-client.ts';

export interface Comparison {
  readonly sameCount: number;
  readonly differenceCount: number;
  /** The first differences, one line each. */
  readonly differences: readonly string[];
}

/** Differences told in words; all of them are counted. */
export const DIFFERENCES_MAX = 20;

/** Rows are matched by their first cell. `onRow` hears how many rows have been compared. */
export function compareRows(
  columns: readonly string[],
  expected: readonly TextRow[],
  actual: readonly TextRow[],
  onRow: (comparedCount: number) => void = () => {},
): Comparison {
  const missing = new Map(expected.map((row) => [row[0], row]));
  const differences: string[] = [];
  let differenceCount = 0;
  const note = (text: string): void => {
    differenceCount += 1;
    if (differences.length < DIFFERENCES_MAX) differences.push(text);
  };
  let sameCount = 0;
  for (const [at, row] of actual.entries()) {
    const wanted = missing.get(row[0]);
    missing.delete(row[0]);
    const difference = differenceOf(columns, wanted, row);
    if (difference === undefined) sameCount += 1;
    else note(difference);
    onRow(at + 1);
  }
  for (const row of missing.values()) note(`${row[0]}: missing, was ${shown(row)}`);
  return { sameCount, differenceCount, differences };
}

function differenceOf(
  columns: readonly string[],
  wanted: TextRow | undefined,
  row: TextRow,
): string | undefined {
  if (wanted === undefined) return `${row[0]}: not expected, is ${shown(row)}`;
  const cells = columns.flatMap((name, at) =>
    wanted[at] === row[at] ? [] : [`${name} was ${wanted[at]}, is ${row[at]}`],
  );
  if (row.length !== wanted.length) cells.push(`${wanted.length} cells, now ${row.length}`);
  return cells.length === 0 ? undefined : `${row[0]}: ${cells.join('; ')}`;
}

function shown(row: TextRow): string {
  return `(${row.join(', ')})`;
}

/** A digest over all cells in the order of the rows. */
export function checksumOf(rows: readonly TextRow[]): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  return hash.digest('hex');
}
