/**
 * Text files as a table: every row is taken apart here, so that both engines see the same. Few
 * rows stay in memory; of many, DuckDB gets the texts in Parquet files, written piece by piece.
 */
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { tryCastCell } from '../../base/cast-cell.ts';
import { CsvReader, type CsvRow } from '../../base/csv-reader.ts';
import { asSimError, SimError } from '../../base/errors.ts';
import type { Files } from '../../base/files.ts';
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import { writeFileDurably } from '../../base/write-file.ts';
import type { ExternalFile, ScratchFolder } from '../../protocol/external-files.ts';
import type { RowsTable } from '../bound.ts';
import { ColumnTypeFinder } from './csv-types.ts';
import type { DirectColumns } from './direct-columns.ts';
import { FILE_TEXT } from './file-text.ts';
import type { CsvOptions } from './files-options.ts';
import type { FilesTable } from './files-table.ts';

export interface CsvRequest {
  readonly files: Files;
  readonly sources: readonly ExternalFile[];
  readonly options: CsvOptions;
  readonly fillsMissing: boolean;
  readonly direct: DirectColumns;
  readonly displayName: string;
  /** Where more rows than `ROWS_KEPT_MAX` go; absent: they stay in memory. */
  readonly scratch: (() => Op<ScratchFolder>) | undefined;
}

/** Rows kept in memory for DuckDB; more become files. */
export const ROWS_KEPT_MAX = 10_000;
/** Rows of one file of texts. */
const SPOOL_ROWS = 50_000;
/** Rows in memory where there is no DuckDB. */
export const CSV_ROWS_MAX = 5_000_000;

type TextRow = (string | null)[];

export function* csvTable(request: CsvRequest): Op<RowsTable | FilesTable> {
  const rows = new TextRows(request);
  for (const source of request.sources) {
    try {
      yield* readFile(request, source, rows);
    } catch (error) {
      if (!(error instanceof SimError) || error.message.includes(source.location)) throw error;
      throw new SimError(error.code, `FILES: ${source.location}: ${error.message}`, {
        cause: error,
      });
    }
  }
  return yield* rows.table();
}

function* readFile({ files, options }: CsvRequest, source: ExternalFile, to: TextRows): Op<void> {
  const reader = new CsvReader(options);
  const bytes = yield* files.openRead(source.path);
  let rowNumber = options.skipHeader;
  const take = function* (rows: readonly CsvRow[]): Op<void> {
    for (const row of rows) {
      rowNumber += 1;
      to.add(row, rowNumber);
      if (to.isFull) yield* to.spill();
    }
  };
  try {
    for (let chunk = yield* bytes.read(); chunk !== undefined; chunk = yield* bytes.read()) {
      yield* take(reader.push(chunk));
    }
    yield* take(reader.end());
  } finally {
    yield* bytes.close();
  }
}

/** The rows of all files as they come in, and what their columns are. */
class TextRows {
  readonly #request: CsvRequest;
  #rows: TextRow[] = [];
  #finders: readonly ColumnTypeFinder[] = [];
  #folder: ScratchFolder | undefined;
  readonly #paths: string[] = [];

  constructor(request: CsvRequest) {
    this.#request = request;
  }

  get isFull(): boolean {
    return this.#request.scratch !== undefined && this.#rows.length >= SPOOL_ROWS;
  }

  add({ cells, problem }: CsvRow, rowNumber: number): void {
    const refuse = (what: string): never => {
      throw new SimError('rows-filtered', `row ${rowNumber}: ${what}`);
    };
    if (problem !== undefined) refuse(problem);
    if (this.#finders.length === 0) this.#finders = cells.map(() => new ColumnTypeFinder());
    const width = this.#finders.length;
    const row: TextRow = [...cells];
    if (row.length < width && this.#request.fillsMissing) {
      while (row.length < width) row.push(null);
    }
    if (row.length !== width) {
      refuse(
        `Value count does not match column count: expected ${width}, got ${row.length} ` +
          `(column_separator or fill_mismatch_column_with)`,
      );
    }
    for (const [index, finder] of this.#finders.entries()) finder.add(row[index] ?? null);
    this.#rows.push(row);
    if (this.#request.scratch === undefined && this.#rows.length > CSV_ROWS_MAX) {
      throw new SimError('limit-reached', `FILES reads at most ${CSV_ROWS_MAX} rows in memory`);
    }
  }

  /** Writes what is in memory to a file. */
  *spill(): Op<void> {
    const { files, scratch } = this.#request;
    if (scratch === undefined || this.#rows.length === 0) return;
    this.#folder ??= yield* scratch();
    const path = `${this.#folder.path}/${this.#paths.length}.parquet`;
    yield* writeFileDurably(files, path, [encodeTexts(this.#rows, this.#finders.length)]);
    this.#paths.push(path);
    this.#rows = [];
  }

  *table(): Op<RowsTable | FilesTable> {
    const { options, direct, displayName, scratch } = this.#request;
    const columns = this.#finders.map((finder, index) => {
      const name = `$${index + 1}`;
      const isText = !options.detectsTypes || direct === 'all' || direct.has(name);
      return { name, type: isText ? FILE_TEXT : finder.type };
    });
    if (columns.length === 0) {
      throw new SimError('analysis', `FILES: ${displayName} has no rows to tell its columns from`);
    }
    if (scratch === undefined || (this.#paths.length === 0 && this.#rows.length <= ROWS_KEPT_MAX)) {
      const types = columns.map(({ type }) => type);
      return {
        kind: 'rows',
        displayName,
        columns,
        rows: this.#rows.map((row) => typed(row, types)),
      };
    }
    yield* this.spill();
    const sources = columns.map((_, index) => ({
      name: `c${index}`,
      type: FILE_TEXT,
      isUtc: false,
    }));
    return {
      kind: 'files',
      displayName,
      columns,
      timeZone: 'UTC',
      parts: [{ paths: this.#paths, sources }],
    };
  }
}

/** In place: there may be millions. */
function typed(row: TextRow, types: readonly SqlType[]): Row {
  const cells = row as Cell[];
  for (const [index, type] of types.entries()) {
    if (type === FILE_TEXT) continue;
    cells[index] = tryCastCell(cells[index] ?? null, FILE_TEXT, type) ?? null;
  }
  return cells;
}

function encodeTexts(rows: readonly TextRow[], width: number): Uint8Array {
  const elements = Array.from(
    { length: width },
    (_, index): SchemaElement => ({
      name: `c${index}`,
      type: 'BYTE_ARRAY',
      converted_type: 'UTF8',
      repetition_type: 'OPTIONAL',
    }),
  );
  try {
    const buffer = parquetWriteBuffer({
      columnData: elements.map(({ name }, index) => ({
        name,
        data: rows.map((row) => row[index] ?? null),
      })),
      schema: [{ name: 'root', num_children: width }, ...elements],
      codec: 'SNAPPY',
    });
    return new Uint8Array(buffer);
  } catch (error) {
    throw new SimError('bug', `rows of text: ${asSimError(error).message}`, { cause: error });
  }
}
