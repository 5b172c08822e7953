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
