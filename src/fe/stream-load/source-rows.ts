/** The body of a Stream Load as rows of texts, one for each source column. */
import { CsvReader } from '../../base/csv-reader.ts';
import { jsonRows } from './json-rows.ts';
import type { StreamLoadOptions } from './stream-load-options.ts';

export interface SourceRow {
  readonly cells: readonly (string | null)[];
  /** Why the row cannot be loaded. */
  readonly problem?: string;
}

/** Throws `rows-filtered` where the body as a whole makes no sense. */
export function sourceRows(
  body: readonly Uint8Array[],
  { format }: StreamLoadOptions,
  names: readonly string[],
): readonly SourceRow[] {
  if (format.kind === 'json') return jsonRows(Buffer.concat(body), format, names);
  const reader = new CsvReader(format);
  const rows = body.flatMap((chunk) => reader.push(chunk));
  rows.push(...reader.end());
  return rows.map((row) => {
    if (row.problem !== undefined || row.cells.length === names.length) return row;
    const counts = `expected ${names.length}, got ${row.cells.length}`;
    return { ...row, problem: `Value count does not match column count: ${counts}` };
  });
}
