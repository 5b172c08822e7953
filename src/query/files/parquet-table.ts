/**
 * Parquet files as one table: the columns of all files by name, each as wide as the widest; DuckDB
 * reads the files itself, the interpreter gets the rows.
 */
import { tryCastCell } from '../../base/cast-cell.ts';
import { SimError } from '../../base/errors.ts';
import type { Files } from '../../base/files.ts';
import { all, type Op } from '../../base/op.ts';
import type { ResultColumn, Row } from '../../base/row-stream.ts';
import type { Cell } from '../../base/sql-type.ts';
import type { ExternalFile } from '../../protocol/external-files.ts';
import type { RowsTable } from '../bound.ts';
import { commonType, sameType } from '../types.ts';
import type { FilesTable } from './files-table.ts';
import { openParquet, type ParquetFile, readParquet } from './parquet-file.ts';

export interface ParquetRequest {
  readonly files: Files;
  readonly sources: readonly ExternalFile[];
  readonly fillsMissing: boolean;
  readonly timeZone: string;
  readonly displayName: string;
}

/** Files whose ends are read at the same time. */
const OPENING_MAX = 8;
/** Rows in memory where there is no DuckDB. */
export const PARQUET_ROWS_MAX = 5_000_000n;

export function* parquetFilesTable(request: ParquetRequest): Op<FilesTable> {
  const { displayName, timeZone } = request;
  const opened = yield* open(request);
  const columns = columnsOf(opened, request);
  const parts = new Map<
    string,
    { paths: string[]; sources: FilesTable['parts'][number]['sources'] }
  >();
  for (const parquet of opened) {
    const sources = columns.map(({ name }) => {
      const found = columnIn(parquet, name);
      return found && { name: found.name, type: found.type, isUtc: found.isUtc };
    });
    const key = JSON.stringify(sources.map((source) => source ?? null));
    const part = parts.get(key);
    if (part === undefined) parts.set(key, { paths: [parquet.file.path], sources });
    else part.paths.push(parquet.file.path);
  }
  return { kind: 'files', displayName, columns, timeZone, parts: [...parts.values()] };
}

export function* parquetRowsTable(request: ParquetRequest): Op<RowsTable> {
  const { files, timeZone, displayName } = request;
  const opened = yield* open(request);
  const columns = columnsOf(opened, request);
  const rowCount = opened.reduce((sum, { metadata }) => sum + metadata.num_rows, 0n);
  if (rowCount > PARQUET_ROWS_MAX) {
    throw new SimError('limit-reached', `FILES reads at most ${PARQUET_ROWS_MAX} rows in memory`);
  }
  const rows: Row[] = [];
  for (const parquet of opened) {
    const found = columns.map(({ name }) => columnIn(parquet, name));
    const present = found.filter((column) => column !== undefined);
    const vectors = yield* readParquet(files, parquet, present, timeZone);
    const cellsOf = columns.map(({ type }, index): ((row: number) => Cell) => {
      const column = found[index];
      if (column === undefined) return () => null;
      const vector = vectors[present.indexOf(column)] ?? [];
      if (sameType(column.type, type)) return (row) => vector[row] ?? null;
      return (row) => tryCastCell(vector[row] ?? null, column.type, type) ?? null;
    });
    for (let row = 0; row < Number(parquet.metadata.num_rows); row += 1) {
      rows.push(cellsOf.map((cellOf) => cellOf(row)));
    }
  }
  return { kind: 'rows', displayName, columns, rows };
}

function open({ files, sources }: ParquetRequest): Op<readonly ParquetFile[]> {
  return all(
    sources.map((file) => () => openParquet(files, file)),
    OPENING_MAX,
  );
}

function columnIn(
  { columns }: ParquetFile,
  name: string,
): ParquetFile['columns'][number] | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

function columnsOf(
  opened: readonly ParquetFile[],
  { fillsMissing }: ParquetRequest,
): readonly ResultColumn[] {
  const merged = new Map<string, ResultColumn>();
  for (const { columns } of opened) {
    for (const { name, type } of columns) {
      const key = name.toLowerCase();
      const known = merged.get(key);
      merged.set(
        key,
        known === undefined ? { name, type } : { ...known, type: commonType(known.type, type) },
      );
    }
  }
  const columns = [...merged.values()];
  for (const parquet of fillsMissing ? [] : opened) {
    const missing = columns.find(({ name }) => columnIn(parquet, name) === undefined);
    if (missing === undefined) continue;
    throw new SimError(
      'analysis',
      `FILES: column '${missing.name}' is not in ${parquet.file.location}`,
      { hint: "'fill_mismatch_column_with' = 'null' makes it NULL there" },
    );
  }
  return columns;
}
