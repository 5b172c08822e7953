/** The demo's statements about its table: one partition a year, rows as in the file. */
import { SimError } from '../../base/errors.ts';
import { quotedText } from './scenes.ts';
import type { Weather, WeatherRow } from './weather.ts';

export const DATABASE = 'seattle';
export const TABLE = 'weather';
export const BUCKETS = 2;

/** Exact types: a cell reads back as the text that the file has. */
const TYPES: Readonly<Record<string, string>> = {
  date: 'DATE',
  precipitation: 'DECIMAL(5, 1)',
  temp_max: 'DECIMAL(4, 1)',
  temp_min: 'DECIMAL(4, 1)',
  wind: 'DECIMAL(4, 1)',
  weather: 'VARCHAR(16)',
};

/** Columns that the demo changes on purpose. */
const CHANGED = { amount: 'precipitation', kind: 'weather' } as const;

export function createTableSql({ columns, years }: Weather): string {
  const definitions = columns.map((name) => {
    const type = TYPES[name];
    if (type === undefined) throw new SimError('demo-failed', `weather data: column '${name}'?`);
    return `  ${quotedName(name)} ${type} NOT NULL`;
  });
  const key = quotedName(columns[0] ?? '');
  const partitions = years.map(({ year }) => {
    const next = String(Number(year) + 1);
    return `  PARTITION ${partitionName(year)} VALUES [("${year}-01-01"), ("${next}-01-01"))`;
  });
  return [
    `CREATE TABLE ${DATABASE}.${TABLE} (`,
    `${definitions.join(',\n')}`,
    `) PRIMARY KEY (${key})`,
    `PARTITION BY RANGE (${key}) (`,
    `${partitions.join(',\n')}`,
    `) DISTRIBUTED BY HASH (${key}) BUCKETS ${BUCKETS}`,
  ].join('\n');
}

export function partitionName(year: string): string {
  return `p${year}`;
}

export function insertSql(rows: readonly WeatherRow[]): string {
  const values = rows.map((row) => `(${row.map(quotedText).join(', ')})`);
  return `INSERT INTO ${DATABASE}.${TABLE} VALUES ${values.join(', ')}`;
}

export function selectAllSql({ columns }: Weather): string {
  const key = quotedName(columns[0] ?? '');
  return `SELECT ${columns.map(quotedName).join(', ')} FROM ${DATABASE}.${TABLE} ORDER BY ${key}`;
}

export function countPartitionSql(partition: string): string {
  return `SELECT COUNT(*) FROM ${DATABASE}.${TABLE} PARTITION (${partition})`;
}

export interface Accident {
  readonly sql: string;
  /** Rows that the statement changes. */
  readonly rowCount: number;
}

/** Spoils every day of the most frequent kind of weather. */
export function accidentOf({ columns, rows }: Weather): Accident {
  const at = columns.indexOf(CHANGED.kind);
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row[at] ?? '', (counts.get(row[at] ?? '') ?? 0) + 1);
  const [kind, rowCount] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  const sql =
    `UPDATE ${DATABASE}.${TABLE} SET ${CHANGED.kind} = 'frogs', ${CHANGED.amount} = 99.9 ` +
    `WHERE ${CHANGED.kind} = ${quotedText(kind)}`;
  return { sql, rowCount };
}

function quotedName(name: string): string {
  return `\`${name}\``;
}
