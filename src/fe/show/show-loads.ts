/** SHOW LOAD and SHOW TRANSACTION: loads that have committed (columns: StarRocks' documentation). */

import { SimError } from '../../base/errors.ts';
import { asId, type TxnId } from '../../base/ids.ts';
import type { Op } from '../../base/op.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import { SECOND_MS } from '../../base/units.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import type { FinishedLoad } from '../load-history.ts';
import { relationFilter } from '../privileges/visible-objects.ts';
import { databaseOf } from '../resolve.ts';
import type { Session } from '../session.ts';
import { filterShown } from './show-filter.ts';

const LOAD_COLUMNS = [
  'JobId',
  'Label',
  'State',
  'Progress',
  'Type',
  'Priority',
  'ScanRows',
  'FilteredRows',
  'UnselectedRows',
  'SinkRows',
  'EtlInfo',
  'TaskInfo',
  'ErrorMsg',
  'CreateTime',
  'EtlStartTime',
  'EtlFinishTime',
  'LoadStartTime',
  'LoadFinishTime',
  'TrackingSQL',
  'JobDetails',
];

const TRANSACTION_COLUMNS = [
  'TransactionId',
  'Label',
  'Coordinator',
  'TransactionStatus',
  'LoadJobSourceType',
  'PrepareTime',
  'CommitTime',
  'FinishTime',
  'Reason',
  'ErrorReplicasCount',
  'ListenerId',
  'TimeoutMs',
];

/** Of a load that names none, as TaskInfo tells it. */
const TASK_INFO = 'resource:N/A; timeout(s):14400; max_filter_ratio:0.0';
/** Also of the loads that INSERT made. */
const NO_LISTENER = '-1';

/** Only what INSERT loaded: a Stream Load has told its client everything. */
export const showLoad: Executor<'show-load'> = function* (
  frontend,
  session,
  { database: name, tail },
): Op<StatementResult> {
  const database = databaseOf(frontend, session, name);
  const isShown = relationFilter(frontend, session);
  const rows = frontend.loadHistory
    .of(database.id)
    .filter(({ source, tableId }) => {
      const table = database.tables.get(tableId);
      return source === 'INSERT' && table !== undefined && isShown(database, table);
    })
    .map((load) => loadRow(session, load));
  const shown = filterShown({ names: LOAD_COLUMNS, rows }, tail, LOAD_COLUMNS.indexOf('Label'));
  return showResult(shown.names, shown.rows);
};

function loadRow({ timeZone }: Session, load: FinishedLoad): (string | null)[] {
  const rows = String(load.rowCount);
  const begun = formatDateTime(load.startTimeMs, timeZone);
  const details = {
    'All backends': {},
    FileNumber: 0,
    FileSize: 0,
    InternalTableLoadRows: load.rowCount,
    ScanRows: load.rowCount,
    TaskNumber: 1,
    'Unfinished backends': {},
  };
  return [
    String(load.txnId),
    load.label,
    'FINISHED',
    'ETL:100%; LOAD:100%',
    load.source,
    'NORMAL',
    rows,
    '0',
    '0',
    rows,
    null,
    TASK_INFO,
    null,
    begun,
    begun,
    begun,
    begun,
    formatDateTime(load.commitTimeMs, timeZone),
    null,
    JSON.stringify(details),
  ];
}

export const showTransaction: Executor<'show-transaction'> = function* (
  frontend,
  session,
  { database: name, txnId },
): Op<StatementResult> {
  const database = databaseOf(frontend, session, name);
  const id = asId<TxnId>(txnId);
  const load = frontend.loadHistory.find(database.id, id);
  if (load === undefined) {
    throw new SimError('analysis', `transaction with id ${txnId} does not exist`);
  }
  const isVisible = !frontend.publisher.isInFlight(id);
  const time = (ms: number): string => formatDateTime(ms, session.timeZone);
  const isInsert = load.source === 'INSERT';
  const seconds = session.variable('session', 'insert_timeout');
  return showResult(TRANSACTION_COLUMNS, [
    [
      String(txnId),
      load.label,
      `FE: ${frontend.options.host}`,
      isVisible ? 'VISIBLE' : 'COMMITTED',
      isInsert ? 'INSERT_STREAMING' : 'BACKEND_STREAMING',
      time(load.startTimeMs),
      time(load.commitTimeMs),
      isVisible ? time(load.commitTimeMs) : null,
      '',
      '0',
      NO_LISTENER,
      String(Number(seconds) * SECOND_MS),
    ],
  ]);
};
