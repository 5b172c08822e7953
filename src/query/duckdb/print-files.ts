/** Files outside of the cluster as DuckDB reads them: each group of files with columns of its own. */

import type { Plan } from '../bound.ts';
import type { FileSource, FilesTable } from '../files/files-table.ts';
import { quoteText } from '../functions/function-spec.ts';
import { fixedOffsetSec, ianaName } from '../time-zone.ts';
import { sameType } from '../types.ts';
import { globPath } from './print-scan.ts';
import { columnName, duckType, printCast, quoteName } from './sql-text.ts';

type FilesPlan = Extract<Plan, { kind: 'files' }>;

export function printFiles({ table, columns }: FilesPlan): string {
  return table.parts
    .map(({ paths, sources }) => {
      const list = columns.map(({ id, type }, index) => {
        const source = sources[index];
        const value =
          source === undefined
            ? `CAST(NULL AS ${duckType(type)})`
            : sameType(source.type, type)
              ? stored(source, table)
              : `CAST(${printCast(stored(source, table), source.type, type)} AS ${duckType(type)})`;
        return `${value} AS ${columnName(id)}`;
      });
      const files = paths.map((path) => quoteText(globPath(path))).join(', ');
      return `SELECT ${list.join(', ')} FROM read_parquet([${files}], union_by_name=false) AS f`;
    })
    .join(' UNION ALL ');
}

/** The column as the type that the file says it has. */
function stored({ name, type, isUtc }: FileSource, { timeZone }: FilesTable): string {
  const column = `f.${quoteName(name)}`;
  if (!isUtc) return `CAST(${column} AS ${duckType(type)})`;
  const offset = fixedOffsetSec(timeZone);
  return offset === undefined
    ? `(${column} AT TIME ZONE ${quoteText(ianaName(timeZone))})`
    : `((${column} AT TIME ZONE 'UTC') + to_seconds(${offset}))`;
}
