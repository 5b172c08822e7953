/**
 * SHOW DATA: bytes and replicas of a database's tables, or of a table's indexes, out of what
 * backends last reported (sql-surface.md 4.7).
 */
import { asId, type IndexId, type TabletId } from '../../base/ids.ts';
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { formatBytesLong } from '../../base/units.ts';
import type { Database, OlapTable } from '../../catalog/model.ts';
import { allPartitions } from '../../catalog/table-lookup.ts';
import { dataQuotaOf, dataQuotaText, replicaQuotaOf } from '../database-quota.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { relationFilter } from '../privileges/visible-objects.ts';
import { databaseOf, tableNamed } from '../resolve.ts';
import { filterShown, type ShownTable } from './show-filter.ts';

interface IndexFigures {
  bytes: number;
  replicas: number;
  rows: number;
}

export const showData: Executor<'show-data'> = function* (
  frontend,
  session,
  { table: name, tail },
): Op<StatementResult> {
  if (name !== undefined) {
    const { table } = tableNamed(frontend, session, name);
    const shown = filterShown(ofTable(frontend, table), tail);
    return showResult(shown.names, shown.rows);
  }
  const database = databaseOf(frontend, session, undefined);
  const isShown = relationFilter(frontend, session);
  const tables = [...database.tables.values()].filter((table) => isShown(database, table));
  const shown = filterShown(ofDatabase(frontend, database, tables), tail);
  return showResult(shown.names, shown.rows);
};

function ofDatabase(
  frontend: FrontendContext,
  database: Database,
  tables: readonly OlapTable[],
): ShownTable {
  let bytes = 0;
  let replicas = 0;
  const rows: Row[] = [...tables].sort(byName).map((table) => {
    const total = totalOf(figuresByIndex(frontend, table));
    bytes += total.bytes;
    replicas += total.replicas;
    return [table.name, formatBytesLong(total.bytes), String(total.replicas)];
  });
  rows.push(['Total', formatBytesLong(bytes), String(replicas)]);
  const [dataQuota, replicaQuota] = [dataQuotaOf(database), replicaQuotaOf(database)];
  rows.push(['Quota', dataQuotaText(dataQuota), String(replicaQuota)]);
  const left = Math.max(0, dataQuota - bytes);
  rows.push(['Left', dataQuotaText(left), String(Math.max(0, replicaQuota - replicas))]);
  return { names: ['TableName', 'Size', 'ReplicaCount'], rows };
}

function ofTable(frontend: FrontendContext, table: OlapTable): ShownTable {
  const figures = figuresByIndex(frontend, table);
  const rows: Row[] = table.indexMetas.map(({ indexId, name }, at) => {
    const one = figures.get(indexId) ?? { bytes: 0, replicas: 0, rows: 0 };
    const owner = at === 0 ? table.name : '';
    return [owner, name, formatBytesLong(one.bytes), String(one.replicas), String(one.rows)];
  });
  const total = totalOf(figures);
  rows.push(['', 'Total', formatBytesLong(total.bytes), String(total.replicas), '']);
  return { names: ['TableName', 'IndexName', 'Size', 'ReplicaCount', 'RowCount'], rows };
}

/** Bytes of all replicas, rows of one. */
function figuresByIndex(
  { stats }: FrontendContext,
  table: OlapTable,
): ReadonlyMap<IndexId, IndexFigures> {
  const found = new Map<IndexId, IndexFigures>();
  for (const partition of allPartitions(table)) {
    for (const { indexes } of partition.physical) {
      for (const { indexId, tablets } of indexes) {
        const figures = found.get(indexId) ?? { bytes: 0, replicas: 0, rows: 0 };
        found.set(indexId, figures);
        figures.replicas += tablets.count * tablets.replication;
        for (const id of tablets.tabletIds) {
          const stat = stats.tablet(asId<TabletId>(id));
          figures.bytes += (stat?.dataSizeBytes ?? 0) * tablets.replication;
          figures.rows += stat?.rowCount ?? 0;
        }
      }
    }
  }
  return found;
}

function totalOf(figures: ReadonlyMap<IndexId, IndexFigures>): IndexFigures {
  const total = { bytes: 0, replicas: 0, rows: 0 };
  for (const { bytes, replicas } of figures.values()) {
    total.bytes += bytes;
    total.replicas += replicas;
  }
  return total;
}

function byName(a: OlapTable, b: OlapTable): number {
  return a.name < b.name ? -1 : 1;
}
