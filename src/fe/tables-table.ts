/** information_schema.tables: tables and views with their figures (sql-surface.md 4.11). */
import type { Row } from '../base/row-stream.ts';
import { formatDateTime } from '../base/time-zone.ts';
import type { Database, OlapTable, View } from '../catalog/model.ts';
import type { FrontendContext } from './frontend-context.ts';
import { tableFigures } from './partition-figures.ts';
import type { Session } from './session.ts';
import type { SystemTable } from './system-table.ts';

export const TABLES: SystemTable = {
  columns: [
    ['TABLE_CATALOG', 'VARCHAR'],
    ['TABLE_SCHEMA', 'VARCHAR'],
    ['TABLE_NAME', 'VARCHAR'],
    ['TABLE_TYPE', 'VARCHAR'],
    ['ENGINE', 'VARCHAR'],
    ['VERSION', 'BIGINT'],
    ['ROW_FORMAT', 'VARCHAR'],
    ['TABLE_ROWS', 'BIGINT'],
    ['AVG_ROW_LENGTH', 'BIGINT'],
    ['DATA_LENGTH', 'BIGINT'],
    ['MAX_DATA_LENGTH', 'BIGINT'],
    ['INDEX_LENGTH', 'BIGINT'],
    ['DATA_FREE', 'BIGINT'],
    ['AUTO_INCREMENT', 'BIGINT'],
    ['CREATE_TIME', 'DATETIME'],
    ['UPDATE_TIME', 'DATETIME'],
    ['CHECK_TIME', 'DATETIME'],
    ['TABLE_COLLATION', 'VARCHAR'],
    ['CHECKSUM', 'BIGINT'],
    ['CREATE_OPTIONS', 'VARCHAR'],
    ['TABLE_COMMENT', 'VARCHAR'],
  ],
  rows: (frontend, session) =>
    [...frontend.catalog.databases.values()].flatMap((database) => [
      ...[...database.tables.values()].map((table) => tableRow(frontend, session, database, table)),
      ...[...database.views.values()].map((view) => viewRow(session, database, view)),
    ]),
};

function viewRow(session: Session, database: Database, view: View): Row {
  const unknown = null;
  return [
    'def',
    database.name,
    view.name,
    'VIEW',
    'VIEW',
    ...Array.from({ length: 9 }, () => unknown),
    formatDateTime(view.createTimeMs, session.timeZone),
    ...[unknown, unknown],
    'utf8_general_ci',
    ...[unknown, unknown],
    view.comment,
  ];
}

function tableRow(
  frontend: FrontendContext,
  session: Session,
  database: Database,
  table: OlapTable,
): Row {
  const figures = tableFigures(frontend.stats, table);
  const updatedMs = Math.max(
    ...[...table.partitions.values()].flatMap((partition) =>
      partition.physical.map((physical) => physical.visibleVersionTimeMs),
    ),
    table.createTimeMs,
  );
  const averageBytes = figures.rowCount === 0 ? 0 : figures.dataSizeBytes / figures.rowCount;
  return [
    'def',
    database.name,
    table.name,
    table.materializedView === undefined ? 'BASE TABLE' : 'VIEW',
    'StarRocks',
    null,
    null,
    BigInt(figures.rowCount),
    BigInt(Math.floor(averageBytes)),
    BigInt(figures.dataSizeBytes),
    null,
    null,
    null,
    null,
    formatDateTime(table.createTimeMs, session.timeZone),
    formatDateTime(updatedMs, session.timeZone),
    null,
    'utf8_general_ci',
    null,
    null,
    table.comment,
  ];
}
