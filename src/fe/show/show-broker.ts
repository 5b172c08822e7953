/** SHOW BROKER and SHOW PROC '/brokers' (sql-surface.md 4.8 and 4.9, resolutions.md 18). */
import { formatDateTime } from '../../base/time-zone.ts';
import { type Executor, type FrontendContext, showResult } from '../frontend-context.ts';
import type { Session } from '../session.ts';
import { filterShown, type ShownTable } from './show-filter.ts';

const COLUMNS = ['Name', 'IP', 'Port', 'Alive', 'LastStartTime', 'LastUpdateTime', 'ErrMsg'];

export const showBroker: Executor<'show-broker'> = function* (frontend, session, { tail }) {
  const shown = filterShown(brokersTable(frontend, session), tail);
  return showResult(shown.names, shown.rows);
};

export function brokersTable({ brokers }: FrontendContext, { timeZone }: Session): ShownTable {
  const time = (ms: number | undefined): string | null =>
    ms === undefined ? null : formatDateTime(ms, timeZone);
  const rows = brokers
    .states()
    .map(({ name, host, port, lastStartMs, lastUpdateMs }) => [
      name,
      host,
      String(port),
      String(lastUpdateMs !== undefined),
      time(lastStartMs),
      time(lastUpdateMs),
      '',
    ]);
  return { names: COLUMNS, rows };
}
