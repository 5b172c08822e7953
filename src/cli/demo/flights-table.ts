/** The statements of the large demo: a file with a row a flight, a table with a partition a month. */
import { quotedText } from './scenes.ts';

export const DATABASE = 'airports';
export const TABLE = 'flights';

const COLUMNS = '`date`, delay, distance, origin, destination';

/** From the first moment of `from` to before the first of `to`: days, `yyyy-MM-dd`. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export const CREATE_TABLE: string = `CREATE TABLE ${DATABASE}.${TABLE} (
  \`date\` DATETIME NOT NULL,
  delay INT,
  distance INT,
  origin VARCHAR(3),
  destination VARCHAR(3)
) DUPLICATE KEY (\`date\`)
PARTITION BY date_trunc('month', \`date\`)
DISTRIBUTED BY HASH (origin) BUCKETS 3
PROPERTIES ("replication_num" = "1")`;

const filesOf = (path: string): string =>
  `FILES("path" = ${quotedText(`file://${path}`)}, "format" = "parquet")`;

const during = ({ from, to }: Span): string => `\`date\` >= '${from}' AND \`date\` < '${to}'`;

/** Day and number of flights, by day. */
export function daysSql(path: string): string {
  const day = "date_trunc('day', `date`)";
  return `SELECT CAST(${day} AS DATE), count(*) FROM ${filesOf(path)} GROUP BY ${day} ORDER BY 1`;
}

export function insertSql(path: string, span: Span): string {
  return (
    `INSERT INTO ${DATABASE}.${TABLE} SELECT ${COLUMNS} FROM ${filesOf(path)} ` +
    `WHERE ${during(span)}`
  );
}

export function countSql(span: Span): string {
  return `SELECT count(*) FROM ${DATABASE}.${TABLE} WHERE ${during(span)}`;
}

/**
 * Flights of the file that the table has not, or not as often. With equal numbers of rows, none is
 * proof that both hold the same.
 */
export function missingSql(path: string, span: Span): string {
  const counted = (source: string): string =>
    `SELECT ${COLUMNS}, count(*) AS times FROM ${source} WHERE ${during(span)} GROUP BY ${COLUMNS}`;
  const table = `${DATABASE}.${TABLE}`;
  return `SELECT count(*) FROM (${counted(filesOf(path))} EXCEPT ${counted(table)}) AS missing`;
}
