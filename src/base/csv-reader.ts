/**
 * Text files as rows of texts, piece by piece: what comes in may end anywhere. `\N` that is not
 * enclosed is NULL; empty rows are passed over; a row that cannot be taken apart says why.
 */
import type { CsvFormat } from './csv-format.ts';
import { SimError } from './errors.ts';

export interface CsvRow {
  readonly cells: readonly (string | null)[];
  /** What is wrong with the row; its cells are then what could be made of it. */
  readonly problem?: string;
}

/** Characters of one row. */
export const CSV_ROW_CHARS_MAX: number = 64 * 1024 * 1024;

const NULL_TEXT = '\\N';

export class CsvReader {
  readonly #format: CsvFormat;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  /** Text of a row that has not ended yet. */
  #rest = '';
  #toSkip: number;

  constructor(format: CsvFormat) {
    this.#format = format;
    this.#toSkip = format.skipHeader;
  }

  /** The rows that end in these bytes. Throws `rows-filtered` for bytes that are not UTF-8. */
  push(bytes: Uint8Array): readonly CsvRow[] {
    return this.#read(this.#decode(bytes, true), false);
  }

  /** The row that no delimiter ends, if there is one. */
  end(): readonly CsvRow[] {
    return this.#read(this.#decode(new Uint8Array(), false), true);
  }

  #decode(bytes: Uint8Array, isMoreToCome: boolean): string {
    try {
      return this.#decoder.decode(bytes, { stream: isMoreToCome });
    } catch (error) {
      throw new SimError('rows-filtered', 'the file is not UTF-8', { cause: error });
    }
  }

  #read(text: string, isEnd: boolean): readonly CsvRow[] {
    const { enclose, escape: escaping } = this.#format;
    const all = this.#rest + text;
    const rows =
      enclose === undefined && escaping === undefined
        ? this.#plainRows(all, isEnd)
        : this.#markedRows(all, isEnd);
    if (this.#rest.length > CSV_ROW_CHARS_MAX) {
      throw new SimError('limit-reached', `a row has more than ${CSV_ROW_CHARS_MAX} characters`);
    }
    return rows;
  }

  #plainRows(text: string, isEnd: boolean): readonly CsvRow[] {
    const { columnSeparator, rowDelimiter } = this.#format;
    const lines = text.split(rowDelimiter);
    this.#rest = isEnd ? '' : (lines.pop() ?? '');
    const rows: CsvRow[] = [];
    for (const line of lines) {
      const whole = this.#withoutReturn(line);
      if (whole === '') continue;
      this.#add(rows, { cells: whole.split(columnSeparator).map((cell) => this.#plainCell(cell)) });
    }
    return rows;
  }

  /** Lines of other systems end in CR LF. */
  #withoutReturn(line: string): string {
    return this.#format.rowDelimiter === '\n' && line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  #plainCell(text: string): string | null {
    const cell = this.#format.trimSpace ? text.trim() : text;
    return cell === NULL_TEXT ? null : cell;
  }

  #add(rows: CsvRow[], row: CsvRow): void {
    if (this.#toSkip > 0) this.#toSkip -= 1;
    else rows.push(row);
  }

  /** Row by row; what has not ended is looked at again with what follows. */
  #markedRows(text: string, isEnd: boolean): readonly CsvRow[] {
    const rows: CsvRow[] = [];
    let at = 0;
    while (at < text.length) {
      const found = markedRow(this.#format, text, at, isEnd);
      if (found === undefined) break;
      at = found.end;
      const { row } = found;
      if (row.cells.length > 1 || row.cells[0] !== '') this.#add(rows, row);
    }
    this.#rest = text.slice(at);
    return rows;
  }
}

/** The row that begins at `start`, and where the next begins; `undefined` if it may go on. */
function markedRow(
  format: CsvFormat,
  text: string,
  start: number,
  isEnd: boolean,
): { readonly row: CsvRow; readonly end: number } | undefined {
  const { columnSeparator, rowDelimiter } = format;
  const cells: (string | null)[] = [];
  let problem: string | undefined;
  let at = start;
  for (;;) {
    const cell = markedCell(format, text, at);
    problem ??= cell.problem;
    const isLast = cell.end >= text.length;
    // A separator of several characters may be cut in two.
    const isCut =
      !isEnd && cell.end + Math.max(columnSeparator.length, rowDelimiter.length) > text.length;
    if (isCut && !text.startsWith(rowDelimiter, cell.end)) return undefined;
    cells.push(cell.value);
    if (isLast || text.startsWith(rowDelimiter, cell.end)) {
      const end = isLast ? text.length : cell.end + rowDelimiter.length;
      return { row: problem === undefined ? { cells } : { cells, problem }, end };
    }
    at = cell.end + columnSeparator.length;
  }
}

interface MarkedCell {
  readonly value: string | null;
  /** Where a separator, a delimiter or the end of the text stands. */
  readonly end: number;
  readonly problem?: string;
}

function markedCell(format: CsvFormat, text: string, start: number): MarkedCell {
  const { columnSeparator, rowDelimiter, enclose, escape: escaping, trimSpace } = format;
  let at = start;
  while (trimSpace && text[at] === ' ') at += 1;
  const isEnclosed = enclose !== undefined && text[at] === enclose;
  let isInside = isEnclosed;
  if (isEnclosed) at += 1;
  const from = at;
  let value = '';
  let problem: string | undefined;
  for (; at < text.length; at += 1) {
    const character = text[at];
    if (character === escaping && !(character === enclose && isInside) && at + 1 < text.length) {
      at += 1;
      value += text[at];
      continue;
    }
    if (isInside && character === enclose) {
      if (text[at + 1] === enclose) at += 1;
      else {
        isInside = false;
        continue;
      }
    } else if (!isInside && isBoundary(text, at, columnSeparator, rowDelimiter)) break;
    else if (isEnclosed && !isInside && !(character === ' ' || character === '\r')) {
      problem = `text stands behind an enclosed value: ${shortened(text.slice(start, at + 1))}`;
    }
    if (isInside || !isEnclosed) value += text[at];
  }
  if (isInside) problem = `an enclosed value does not end: ${shortened(text.slice(start))}`;
  const end = at;
  if (isEnclosed) return { value, end, ...(problem !== undefined && { problem }) };
  if (text.slice(from, end).replace(/\r$/, '').trim() === NULL_TEXT) return { value: null, end };
  if (rowDelimiter === '\n' && text.startsWith('\n', end)) value = value.replace(/\r$/, '');
  return { value: trimSpace ? value.trim() : value, end };
}

function isBoundary(text: string, at: number, separator: string, delimiter: string): boolean {
  return text.startsWith(separator, at) || text.startsWith(delimiter, at);
}

const SHOWN_CHARS_MAX = 40;

function shortened(text: string): string {
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}...` : text;
}
