/** SHOW BACKENDS (sql-surface.md 4.8, resolutions.md 2). */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import { formatBytesLong } from '../../base/units.ts';
import type { Catalog } from '../../catalog/model.ts';
import type { BackendState } from '../backend-directory.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import type { Session } from '../session.ts';
import type { ShownTable } from './show-filter.ts';

const COLUMNS = [
  'BackendId',
  'IP',
  'HeartbeatPort',
  'BePort',
  'HttpPort',
  'BrpcPort',
  'LastStartTime',
  'LastHeartbeat',
  'Alive',
  'SystemDecommissioned',
  'ClusterDecommissioned',
  'TabletNum',
  'DataUsedCapacity',
  'AvailCapacity',
  'TotalCapacity',
  'UsedPct',
  'MaxDiskUsedPct',
  'ErrMsg',
  'Version',
  'Status',
  'DataTotalCapacity',
  'DataUsedPct',
  'CpuCores',
  'MemLimit',
  'NumRunningQueries',
  'MemUsedPct',
  'CpuUsedPct',
  'DataCacheMetrics',
  'Location',
];

/** Of the first backend; each further one has the next number (resolutions.md, last table). */
export const FIRST_PORTS = { heartbeat: 9050, be: 9060, http: 8040, brpc: 8060 } as const;

export const showBackends: Executor<'show-backends'> = function* (
  frontend,
  session,
): Op<StatementResult> {
  const { names, rows } = backendsTable(frontend, session);
  return showResult(names, rows);
};

export function backendsTable(frontend: FrontendContext, session: Session): ShownTable {
  const hasStatus = frontend.options.profile.backendsHaveStatusCode;
  const tabletCounts = tabletCountsByBackend(frontend.catalog);
  const rows = frontend.backends.states().map((state) => {
    const row = backendRow(frontend, state, tabletCounts.get(state.id) ?? 0, session.timeZone);
    return hasStatus ? [...row, state.isAlive ? 'OK' : 'CONNECTION_ERROR'] : row;
  });
  return { names: hasStatus ? [...COLUMNS, 'StatusCode'] : COLUMNS, rows };
}

function backendRow(
  frontend: FrontendContext,
  state: BackendState,
  tabletCount: number,
  timeZone: string,
): Row {
  const time = (ms: number | undefined): string | null =>
    ms === undefined || ms <= 0 ? null : formatDateTime(ms, timeZone);
  const { profile, host } = frontend.options;
  const response = state.lastResponse;
  const used = response?.usedBytes ?? 0;
  const available = response?.availableBytes ?? 0;
  const total = response?.totalBytes ?? 0;
  const usedShare = total === 0 ? 0 : ((total - available) / total) * 100;
  const lastReport = time(state.lastTabletReportMs) ?? 'N/A';
  return [
    String(state.id),
    host,
    String(FIRST_PORTS.heartbeat + state.index),
    String(FIRST_PORTS.be + state.index),
    String(FIRST_PORTS.http + state.index),
    String(FIRST_PORTS.brpc + state.index),
    time(response?.startedAtMs),
    time(state.lastHeartbeatMs),
    String(state.isAlive),
    'false',
    'false',
    String(tabletCount),
    formatBytesLong(used),
    formatBytesLong(available),
    formatBytesLong(total),
    `${usedShare.toFixed(2)} %`,
    `${usedShare.toFixed(2)} %`,
    state.errMsg,
    `${profile.releaseVersion}-${profile.commit}`,
    JSON.stringify({ lastSuccessReportTabletsTime: lastReport }),
    formatBytesLong(used + available),
    `${(used + available === 0 ? 0 : (used / (used + available)) * 100).toFixed(2)} %`,
    String(response?.cpuCores ?? 0),
    formatBytesLong(0),
    '0',
    '0.00 %',
    '0.0 %',
    'N/A',
    '',
  ];
}

function tabletCountsByBackend(catalog: Catalog): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const database of catalog.databases.values()) {
    for (const table of database.tables.values()) {
      for (const partition of table.partitions.values()) {
        for (const physical of partition.physical) {
          for (const { tablets } of physical.indexes) {
            for (const id of tablets.backendIds) counts.set(id, (counts.get(id) ?? 0) + 1);
          }
        }
      }
    }
  }
  return counts;
}
