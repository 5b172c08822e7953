/** SHOW [FULL] PROCESSLIST (sql-surface.md 4.10): who is connected, and what for. */
import type { Op } from '../../base/op.ts';
import { type ResultColumn, type Row, rowStreamOf } from '../../base/row-stream.ts';
import type { TypeName } from '../../base/sql-type.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import { SECOND_MS } from '../../base/units.ts';
import type { Executor, FrontendContext, StatementResult } from '../frontend-context.ts';
import { isAllowed, SYSTEM } from '../privileges/privilege-check.ts';
import { DEFAULT_CATALOG } from '../resolve.ts';
import type { Session } from '../session.ts';
import { filterShown } from './show-filter.ts';

/** Characters of a statement that are shown without FULL. */
const INFO_UNITS_MAX = 100;

/** In releases with `processlistHasServerName` the first and the last three, too. */
export const PROCESSLIST_COLUMNS: readonly (readonly [name: string, type: TypeName])[] = [
  ['ServerName', 'VARCHAR'],
  ['Id', 'BIGINT'],
  ['User', 'VARCHAR'],
  ['Host', 'VARCHAR'],
  ['Db', 'VARCHAR'],
  ['Command', 'VARCHAR'],
  ['ConnectionStartTime', 'VARCHAR'],
  ['Time', 'INT'],
  ['State', 'VARCHAR'],
  ['Info', 'VARCHAR'],
  ['IsPending', 'VARCHAR'],
  ['Warehouse', 'VARCHAR'],
  ['CNGroup', 'VARCHAR'],
  ['Catalog', 'VARCHAR'],
  ['QueryId', 'VARCHAR'],
];

/** Of the columns: where the narrow form begins and ends. */
const NARROW = [1, 12] as const;

export const showProcesslist: Executor<'show-processlist'> = function* (
  frontend,
  session,
  { full, tail },
): Op<StatementResult> {
  const isWide = frontend.options.profile.processlistHasServerName;
  const cut = <T>(cells: readonly T[]): readonly T[] => (isWide ? cells : cells.slice(...NARROW));
  const columns = cut(PROCESSLIST_COLUMNS).map(
    ([name, type]): ResultColumn => ({ name, type: { name: type } }),
  );
  const seesAll = isAllowed(frontend, session, 'OPERATE', SYSTEM);
  const rows = [...frontend.sessions.values()]
    .filter((each) => seesAll || each.user === session.user)
    .sort((a, b) => a.connectionId - b.connectionId)
    .map((each): Row => cut(rowOf(frontend, session, each, full)));
  const shown = filterShown({ names: columns.map(({ name }) => name), rows }, tail);
  return { kind: 'rows', ...rowStreamOf(columns, shown.rows) };
};

function rowOf(
  { options, clock }: FrontendContext,
  viewer: Session,
  of: Session,
  full: boolean,
): Row {
  const { running } = of;
  const info = running?.shownText;
  const sinceMs = running?.startedAtMs ?? of.restedSinceMs;
  return [
    options.host,
    BigInt(of.connectionId),
    of.user,
    of.remotePort === 0 ? of.remoteHost : `${of.remoteHost}:${of.remotePort}`,
    of.database ?? '',
    running === undefined ? 'Sleep' : 'Query',
    formatDateTime(of.openedAtMs, viewer.timeZone),
    Math.floor((clock.now() - sinceMs) / SECOND_MS),
    of.lastState,
    (full ? info : info?.slice(0, INFO_UNITS_MAX)) ?? '',
    'false',
    'default_warehouse',
    '',
    DEFAULT_CATALOG,
    running?.queryId ?? '',
  ];
}
