/**
 * The rows of a table as two numbers that do not depend on their order: a count, and the sum of 32
 * bits of the MD5 of each row. Only functions that every release has.
 */
import { type Connection, cell } from '../connection/connection.ts';
import { partitionText } from '../connection/row-count.ts';
import { quoteName, quotePath, quoteValue } from '../connection/sql-text.ts';

export interface TableDigest {
  readonly rows: number;
  /** `<rows>:<sum>`. */
  readonly checksum: string;
}

/** Types without a text; their columns are left out. */
const WITHOUT_TEXT = /^(bitmap|hll|percentile|varbinary|binary)/i;

/** Hex digits of each MD5 that count. */
const DIGITS = 8;

export async function tableDigest(
  connection: Connection,
  database: string,
  table: string,
  partitions?: readonly string[],
): Promise<TableDigest> {
  const columns = await connection.query(
    'SELECT COLUMN_NAME, COLUMN_TYPE FROM information_schema.columns ' +
      `WHERE TABLE_SCHEMA = ${quoteValue(database)} AND TABLE_NAME = ${quoteValue(table)} ` +
      'ORDER BY ORDINAL_POSITION',
  );
  const texts = columns
    .filter((row) => !WITHOUT_TEXT.test(cell(row, 'COLUMN_TYPE')))
    .map((row) => `IFNULL(CAST(${quoteName(cell(row, 'COLUMN_NAME'))} AS VARCHAR(65533)), '~')`);
  const from = quotePath(database, table) + partitionText(partitions);
  const hash = `SELECT MD5(CONCAT_WS('|', ${texts.join(', ')})) AS h FROM ${from}`;
  const [row] = await connection.query(
    `SELECT COUNT(*) AS row_total, SUM(${numberText()}) AS row_sum FROM (${hash}) AS hashed`,
  );
  const rows = row === undefined ? 0 : Number(cell(row, 'row_total'));
  return { rows, checksum: `${rows}:${row?.['row_sum'] ?? '0'}` };
}

/** The first digits of `h` as a number. */
function numberText(): string {
  return Array.from({ length: DIGITS }, (_, index) => {
    const digit = `(LOCATE(SUBSTR(h, ${index + 1}, 1), '0123456789abcdef') - 1)`;
    return `${digit} * ${16 ** (DIGITS - 1 - index)}`;
  }).join(' + ');
}
