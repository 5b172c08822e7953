/** Rows as aligned columns. Only people see it, so a wide terminal is not asked for. */

export interface TableColumn {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
}

const GAP = '  ';

/** The title line, then one line a row. The last column is never padded. */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, at) =>
    [titles, ...rows].reduce((width, row) => Math.max(width, widthOf(row[at] ?? '')), 0),
  );
  return [titles, ...rows].map((row) =>
    columns
      .map(({ isNumber }, at) => {
        const cell = printable(row[at] ?? '');
        const pad = ' '.repeat(Math.max(0, (widths[at] ?? 0) - cell.length));
        return isNumber === true ? `${pad}${cell}` : `${cell}${pad}`;
      })
      .join(GAP)
      .trimEnd(),
  );
}

const widthOf = (cell: string): number => printable(cell).length;

/** Names come from a store: what would move the cursor or end the line is shown as a question mark. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
}
