/**
 * Parquet files that others wrote: the columns from the end of the file alone, and all rows,
 * without promises, for engines that are not DuckDB.
 */
import * as zlib from 'node:zlib';
import { type Compressors, type FileMetaData, parquetMetadata, parquetSchema } from 'hyparquet';
import { readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import { asSimError, SimError } from '../../base/errors.ts';
import type { Files } from '../../base/files.ts';
import { attempt, type Op } from '../../base/op.ts';
import type { Cell } from '../../base/sql-type.ts';
import type { ExternalFile } from '../../protocol/external-files.ts';
import { type ParquetColumn, parquetColumns, type Stored } from './parquet-columns.ts';

export interface ParquetFile {
  readonly file: ExternalFile;
  readonly metadata: FileMetaData;
  readonly columns: readonly ParquetColumn[];
}

const MAGIC = 'PAR1';
const TRAILER_BYTES = 8;

/** Reads the end of the file. Throws `file-error` for what is no Parquet file. */
export function* openParquet(files: Files, file: ExternalFile): Op<ParquetFile> {
  const { path, location, sizeBytes } = file;
  const wrong = (why: string, cause?: unknown): SimError =>
    new SimError('file-error', `FILES: ${location} is not a Parquet file: ${why}`, { cause });
  if (sizeBytes < TRAILER_BYTES + MAGIC.length) throw wrong(`it has ${sizeBytes} bytes`);
  const trailer = yield* files.read(path, { start: sizeBytes - TRAILER_BYTES, end: sizeBytes });
  const text = Buffer.from(trailer);
  if (text.toString('latin1', 4) !== MAGIC) throw wrong('it does not end in PAR1');
  const footerBytes = text.readUInt32LE(0) + TRAILER_BYTES;
  if (footerBytes > sizeBytes) throw wrong('its footer is longer than the file');
  const footer = yield* files.read(path, { start: sizeBytes - footerBytes, end: sizeBytes });
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(exactly(footer));
  } catch (error) {
    throw wrong(asSimError(error).message, error);
  }
  return { file, metadata, columns: parquetColumns(metadata, location) };
}

/** The reader counts from the start of a buffer of its own. */
function exactly(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** All cells of the wanted columns, column by column. */
export function* readParquet(
  files: Files,
  { file, metadata }: ParquetFile,
  columns: readonly ParquetColumn[],
  zone: string,
): Op<readonly (readonly Cell[])[]> {
  const bytes = yield* files.read(file.path);
  const read = yield* attempt(
    (function* (): Op<readonly (readonly Cell[])[]> {
      return columns.map((column) => readCells(metadata, bytes, column, zone));
    })(),
  );
  if (read.ok) return read.value;
  const { code, message } = asSimError(read.error);
  if (code !== 'bug') throw read.error;
  throw new SimError('file-error', `FILES: ${file.location} cannot be read: ${message}`, {
    cause: read.error,
  });
}

function readCells(
  metadata: FileMetaData,
  bytes: Uint8Array,
  column: ParquetColumn,
  zone: string,
): readonly Cell[] {
  const { name, element } = column;
  const schemaPath = getTreePath(parquetSchema(metadata), [name]);
  const { converted_type: _converted, logical_type: _logical, ...plain } = element;
  const cells: Cell[] = [];
  for (const group of metadata.row_groups) {
    const meta = group.columns.find((chunk) => chunk.meta_data?.path_in_schema[0] === name);
    if (meta?.meta_data === undefined) throw new SimError('file-error', `no column '${name}'`);
    refuseCodec(meta.meta_data.codec);
    const { data_page_offset, dictionary_page_offset, total_compressed_size } = meta.meta_data;
    const begin = Number(dictionary_page_offset ?? data_page_offset);
    const view = new DataView(
      bytes.buffer,
      bytes.byteOffset + begin,
      Number(total_compressed_size),
    );
    const rowCount = Number(group.num_rows);
    const { data } = readColumn(
      { view, offset: 0 },
      { groupStart: 0, selectStart: 0, selectEnd: rowCount, groupRows: rowCount },
      {
        ...meta.meta_data,
        pathInSchema: meta.meta_data.path_in_schema,
        element: plain,
        schemaPath,
        parsers: PARSERS,
        compressors: COMPRESSORS,
        utf8: false,
      },
    );
    for (const chunk of data) {
      for (const value of chunk) {
        const stored = value as Stored | null | undefined;
        cells.push(stored === null || stored === undefined ? null : column.cell(stored, zone));
      }
    }
  }
  return cells;
}

/** INT96 stays a count of nanoseconds. */
const PARSERS = { ...DEFAULT_PARSERS, timestampFromNanoseconds: (nanos: bigint) => nanos };

type Decompress = (input: Uint8Array) => Uint8Array;

/** Young Node has ZSTD, Node 20 has not. */
const zstd = (zlib as { readonly zstdDecompressSync?: Decompress }).zstdDecompressSync;

const COMPRESSORS: Compressors = {
  GZIP: (input) => zlib.gunzipSync(input),
  BROTLI: (input) => zlib.brotliDecompressSync(input),
  ...(zstd !== undefined && { ZSTD: (input: Uint8Array) => zstd(input) }),
};

function refuseCodec(codec: string): void {
  if (codec === 'UNCOMPRESSED' || codec === 'SNAPPY' || codec in COMPRESSORS) return;
  throw new SimError('unsupported', `FILES: Parquet compressed by ${codec} is not supported here`, {
    hint: 'a cluster on disk reads it',
  });
}
