/** How commands speak to a cluster: one statement, its rows by column name, nothing else. */

/** A cell is its text, whatever its type; NULL is null. Columns are read by name only. */
export type Row = Readonly<Record<string, string | null>>;

export interface Connection {
  /**
   * Runs one statement and answers its rows; none for a statement without a result. Throws
   * `ServerError` for a refusal and `LostConnection` when no answer came; after the latter the next
   * call connects again.
   */
  query(sql: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** A column that every supported release has. A frontend without it is one we do not know. */
export function cell(row: Row, column: string): string {
  const value = row[column];
  if (value === undefined) throw new Error(`the server's answer has no column ${column}`);
  return value ?? '';
}
