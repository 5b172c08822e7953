/** Names and values as SQL text: the only way by which either gets into a statement. */

export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** `db.table`, both quoted. */
export function quotePath(database: string, table: string): string {
  return `${quoteName(database)}.${quoteName(table)}`;
}

export type Value = string | number | boolean | null;

export function quoteValue(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  const text = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('\0', '\\0');
  return `'${text}'`;
}

/** `('a', 'b')`; of nothing, what no row is in. */
export function quoteList(values: readonly Value[]): string {
  return `(${values.length === 0 ? 'NULL' : values.map(quoteValue).join(', ')})`;
}

/** As much of a text as so many bytes hold, with a mark where it was cut. */
export function clipped(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const mark = '…';
  // A character has at most three bytes for each of its units.
  const head = text.slice(0, Math.floor((bytesMax - Buffer.byteLength(mark)) / 3));
  return `${head}${mark}`;
}
