/** The demo's table as a client reads it: every row, a checksum over them, and counts. */

import { checksumOf } from './compare-rows.ts';
import type { SqlClient, TextRow } from './sql-client.ts';
import type { Weather } from './weather.ts';
import { countPartitionSql, partitionName, selectAllSql } from './weather-table.ts';

export interface TableReading {
  readonly rows: readonly TextRow[];
  readonly checksum: string;
  /** Rows by partition. */
  readonly partitions: Readonly<Record<string, number>>;
}

export async function readTable(client: SqlClient, weather: Weather): Promise<TableReading> {
  const rows = await client.rows(selectAllSql(weather));
  const partitions: Record<string, number> = {};
  for (const { year } of weather.years) {
    const name = partitionName(year);
    partitions[name] = Number((await client.rows(countPartitionSql(name)))[0]?.[0]);
  }
  return { rows, checksum: checksumOf(rows), partitions };
}

/** Rows by partition as the file has them. */
export function expectedPartitions({ years }: Weather): Readonly<Record<string, number>> {
  return Object.fromEntries(years.map(({ year, rows }) => [partitionName(year), rows.length]));
}
