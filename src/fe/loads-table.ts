/** information_schema.loads: what was loaded, and with which label (sql-surface.md 4.11). */
import type { Row } from '../base/row-stream.ts';
import { formatDateTime } from '../base/time-zone.ts';
import type { FrontendContext } from './frontend-context.ts';
import type { FinishedLoad } from './load-history.ts';
import type { Session } from './session.ts';
import type { SystemTable } from './system-table.ts';

export const LOADS: SystemTable = {
  columns: [
    ['ID', 'BIGINT'],
    ['LABEL', 'VARCHAR'],
    ['PROFILE_ID', 'VARCHAR'],
    ['DB_NAME', 'VARCHAR'],
    ['TABLE_NAME', 'VARCHAR'],
    ['USER', 'VARCHAR'],
    ['WAREHOUSE', 'VARCHAR'],
    ['STATE', 'VARCHAR'],
    ['PROGRESS', 'VARCHAR'],
    ['TYPE', 'VARCHAR'],
    ['PRIORITY', 'VARCHAR'],
    ['SCAN_ROWS', 'BIGINT'],
    ['SCAN_BYTES', 'BIGINT'],
    ['FILTERED_ROWS', 'BIGINT'],
    ['UNSELECTED_ROWS', 'BIGINT'],
    ['SINK_ROWS', 'BIGINT'],
    ['RUNTIME_DETAILS', 'JSON'],
    ['CREATE_TIME', 'DATETIME'],
    ['LOAD_START_TIME', 'DATETIME'],
    ['LOAD_COMMIT_TIME', 'DATETIME'],
    ['LOAD_FINISH_TIME', 'DATETIME'],
    ['PROPERTIES', 'JSON'],
    ['ERROR_MSG', 'VARCHAR'],
    ['TRACKING_SQL', 'VARCHAR'],
    ['REJECTED_RECORD_PATH', 'VARCHAR'],
    ['JOB_ID', 'BIGINT'],
  ],
  rows: (frontend, session) =>
    [...frontend.catalog.databases.values()].flatMap((database) =>
      frontend.loadHistory.of(database.id).flatMap((load) => {
        const table = database.tables.get(load.tableId);
        return table === undefined
          ? []
          : [rowOf(frontend, session, load, database.name, table.name)];
      }),
    ),
};

function rowOf(
  frontend: FrontendContext,
  session: Session,
  load: FinishedLoad,
  databaseName: string,
  tableName: string,
): Row {
  const id = BigInt(load.txnId);
  const rowCount = BigInt(load.rowCount);
  const isVisible = !frontend.publisher.isInFlight(load.txnId);
  const time = (ms: number): string => formatDateTime(ms, session.timeZone);
  return [
    id,
    load.label,
    null,
    databaseName,
    tableName,
    null,
    'default_warehouse',
    isVisible ? 'FINISHED' : 'COMMITED',
    'ETL:100%; LOAD:100%',
    load.source,
    'NORMAL',
    rowCount,
    null,
    0n,
    0n,
    rowCount,
    '{}',
    time(load.startTimeMs),
    time(load.startTimeMs),
    time(load.commitTimeMs),
    isVisible ? time(load.commitTimeMs) : null,
    '{}',
    null,
    null,
    null,
    id,
  ];
}
