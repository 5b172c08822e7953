/** SHOW FRONTENDS: one leader (sql-surface.md 4.8, resolutions.md 1). */
import type { Op } from '../../base/op.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import type { Session } from '../session.ts';
import type { ShownTable } from './show-filter.ts';

const COLUMNS = [
  'Name',
  'IP',
  'EditLogPort',
  'HttpPort',
  'QueryPort',
  'RpcPort',
  'Role',
  'ClusterId',
  'Join',
  'Alive',
  'ReplayedJournalId',
  'LastHeartbeat',
  'IsHelper',
  'ErrMsg',
  'StartTime',
  'Version',
];

const EDIT_LOG_PORT = 9010;
const RPC_PORT = 9020;

export const showFrontends: Executor<'show-frontends'> = function* (
  frontend,
  session,
): Op<StatementResult> {
  const { names, rows } = frontendsTable(frontend, session);
  return showResult(names, rows);
};

export function frontendsTable(frontend: FrontendContext, session: Session): ShownTable {
  const { clock, options, startedAtMs } = frontend;
  const hasId = options.profile.frontendsHaveId;
  const row = [
    ...(hasId ? ['1'] : []),
    `${options.host}_${EDIT_LOG_PORT}_${startedAtMs}`,
    options.host,
    String(EDIT_LOG_PORT),
    String(options.httpPort()),
    String(options.queryPort()),
    String(RPC_PORT),
    'LEADER',
    String(options.clusterId),
    'true',
    'true',
    String(frontend.lastSequence()),
    formatDateTime(clock.now(), session.timeZone),
    'true',
    '',
    formatDateTime(startedAtMs, session.timeZone),
    `${options.profile.releaseVersion}-${options.profile.commit}`,
  ];
  return { names: hasId ? ['Id', ...COLUMNS] : COLUMNS, rows: [row] };
}
