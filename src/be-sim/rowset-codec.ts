/**
 * Rows of a tablet as Parquet bytes and back, without promises, so that virtual runs can use it.
 * A file of several loads carries a last column `__version` (BIGINT) with each row's version.
 */
import { type FileMetaData, parquetMetadata, parquetSchema, type SchemaElement } from 'hyparquet';
import { readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { asSimError, SimError } from '../base/errors.ts';
import type { Cell, ColumnVector } from '../base/sql-type.ts';
import type { TabletColumn } from '../protocol/tablet-schema.ts';
import { type Physical, physicalColumn } from './physical-column.ts';

/** Column of files with rows of several versions; no table may have one of this name. */
export const VERSION_COLUMN = '__version';

const VERSION_ELEMENT: SchemaElement = {
  name: VERSION_COLUMN,
  type: 'INT64',
  repetition_type: 'REQUIRED',
};

/** Rows per Parquet row group. */
const ROW_GROUP_ROWS = 100_000;

export interface StoredRows {
  readonly rowCount: number;
  readonly columns: readonly ColumnVector[];
  /** Version of each row, when they are not all of one. */
  readonly versions?: readonly number[];
}

/** Parquet bytes of checked rows (`cell-check.ts`), equal for equal rows. */
export function encodeRows(columns: readonly TabletColumn[], rows: StoredRows): Uint8Array {
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length + (rows.versions === undefined ? 0 : 1) },
  ];
  const columnData: ColumnSource[] = [];
  columns.forEach((column, index) => {
    const physical = physicalColumn(column.type);
    const cells = rows.columns[index] ?? [];
    schema.push({
      ...physical.element,
      name: column.name,
      repetition_type: column.isNullable ? 'OPTIONAL' : 'REQUIRED',
    });
    const data = cells.map((cell) => (cell === null ? null : physical.encode(cell)));
    // The writer's dictionaries take 0 and -0 for one value.
    const isFloat = column.type.name === 'FLOAT' || column.type.name === 'DOUBLE';
    columnData.push({ name: column.name, data, ...(isFloat && { encoding: 'PLAIN' }) });
  });
  if (rows.versions !== undefined) {
    schema.push(VERSION_ELEMENT);
    columnData.push({ name: VERSION_COLUMN, data: rows.versions.map(BigInt) });
  }
  const buffer = parquetWriteBuffer({
    columnData,
    schema,
    codec: 'UNCOMPRESSED',
    rowGroupSize: ROW_GROUP_ROWS,
    createdBy: 'starrocks-emulator',
  });
  return new Uint8Array(buffer);
}

/**
 * The rows of a file, columns in the order asked for. Throws `file-error` for bytes that are no
 * such file, and when a column is missing.
 */
export function decodeRows(columns: readonly TabletColumn[], bytes: Uint8Array): StoredRows {
  try {
    return decode(columns, bytes);
  } catch (error) {
    if (error instanceof SimError) throw error;
    const reason = asSimError(error).message;
    throw new SimError('file-error', `not a readable rowset file: ${reason}`, { cause: error });
  }
}

function decode(columns: readonly TabletColumn[], bytes: Uint8Array): StoredRows {
  const metadata = parquetMetadata(bytes);
  const names = new Set(metadata.schema.map((element) => element.name));
  const rowCount = Number(metadata.num_rows);
  const decoded = columns.map((column) => {
    if (!names.has(column.name)) {
      throw new SimError('file-error', `the rowset file has no column '${column.name}'`);
    }
    const { decode: decodeCell } = physicalColumn(column.type);
    return readPhysical(metadata, bytes, column.name).map(
      (value): Cell => (value === null ? null : decodeCell(value)),
    );
  });
  if (!names.has(VERSION_COLUMN)) return { rowCount, columns: decoded };
  const versions = readPhysical(metadata, bytes, VERSION_COLUMN).map(Number);
  return { rowCount, columns: decoded, versions };
}

/** One column over all row groups, as Parquet stores it. */
function readPhysical(
  metadata: FileMetaData,
  bytes: Uint8Array,
  name: string,
): (Physical | null)[] {
  const schemaPath = getTreePath(parquetSchema(metadata), [name]);
  const element = schemaPath.at(-1)?.element;
  if (element === undefined) throw new SimError('file-error', `no column '${name}'`);
  // Without converted and logical type the reader hands out what is stored, exactly.
  const { converted_type: _converted, logical_type: _logical, ...plain } = element;
  const values: (Physical | null)[] = [];
  for (const group of metadata.row_groups) {
    const meta = group.columns.find((chunk) => chunk.meta_data?.path_in_schema[0] === name);
    if (meta?.meta_data === undefined) throw new SimError('file-error', `no column '${name}'`);
    const { data_page_offset, dictionary_page_offset, total_compressed_size } = meta.meta_data;
    const begin = Number(dictionary_page_offset ?? data_page_offset);
    const size = Number(total_compressed_size);
    const view = new DataView(bytes.buffer, bytes.byteOffset + begin, size);
    const rowCount = Number(group.num_rows);
    const { data } = readColumn(
      { view, offset: 0 },
      { groupStart: 0, selectStart: 0, selectEnd: rowCount, groupRows: rowCount },
      {
        ...meta.meta_data,
        pathInSchema: meta.meta_data.path_in_schema,
        element: plain,
        schemaPath,
        parsers: DEFAULT_PARSERS,
        utf8: false,
      },
    );
    for (const chunk of data) {
      for (const value of chunk) values.push((value as Physical | null | undefined) ?? null);
    }
  }
  return values;
}
