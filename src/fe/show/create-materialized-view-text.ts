/** The text that would make an asynchronous materialized view again (sql-surface.md 4.10). */
import { formatDateTime } from '../../base/time-zone.ts';
import type { MaterializedViewInfo, MvRefreshScheme } from '../../catalog/materialized-view.ts';
import type { OlapTable } from '../../catalog/model.ts';
import { baseSchema } from '../resolve.ts';
import { distributionText, names, quoted, text } from './create-text.ts';

export function createMaterializedViewText(
  table: OlapTable,
  info: MaterializedViewInfo,
  timeZone: string,
): string {
  const columns = baseSchema(table).map(({ name, comment }) =>
    comment === '' ? quoted(name) : `${quoted(name)} COMMENT ${text(comment)}`,
  );
  const properties = [...table.properties].map(([key, value]) => `${text(key)} = ${text(value)}`);
  return [
    `CREATE MATERIALIZED VIEW ${quoted(table.name)} (${columns.join(', ')})`,
    ...(table.comment === '' ? [] : [`COMMENT ${text(table.comment)}`]),
    ...(info.partitionExpr === undefined
      ? []
      : [`PARTITION BY (${quoted(info.partitionExpr.columnName)})`]),
    distributionText(table),
    ...(table.sortKey.length === 0 ? [] : [`ORDER BY (${names(table.sortKey)})`]),
    refreshText(info.refresh, timeZone),
    `PROPERTIES (\n${properties.join(',\n')}\n)`,
    `AS ${info.resolvedDefinition};`,
  ].join('\n');
}

function refreshText({ type, moment, every, startMs }: MvRefreshScheme, timeZone: string): string {
  const words = moment === 'DEFERRED' ? `REFRESH DEFERRED ${type}` : `REFRESH ${type}`;
  if (every === undefined) return words;
  const start = startMs === undefined ? '' : ` START("${formatDateTime(startMs, timeZone)}")`;
  return `${words}${start} EVERY(INTERVAL ${every.step} ${every.unit})`;
}
