/**
 * Every background period of the cluster, in one place (design.md 4). `--tick` scales them all
 * alike: a cluster whose handler ticks every 100 ms instead of 3000 also beats, reports and pings
 * thirty times as often. Timeouts are never scaled.
 */
import type { Millis } from '../base/clock.ts';

export interface Periods {
  readonly handlerTickMs: Millis;
  readonly heartbeatMs: Millis;
  readonly taskReportMs: Millis;
  readonly tabletReportMs: Millis;
  readonly repositoryPingMs: Millis;
  readonly historyPurgeMs: Millis;
  readonly snapshotSweepMs: Millis;
  /** Looks for expired snapshots in the repositories. */
  readonly snapshotCleanMs: Millis;
  /** Looks which materialized views are due. */
  readonly mvRefreshMs: Millis;
  /** Tries to make inactive materialized views active. */
  readonly mvActiveCheckMs: Millis;
  /** Makes and drops dynamic partitions. */
  readonly dynamicPartitionMs: Millis;
  /** Looks whether the edit log has grown long enough for an image. */
  readonly checkpointMs: Millis;
}

/** What StarRocks does (backup-jobs.md 2.1, 4.5, 8; repository.md 1.1; restore-jobs.md 1.10). */
export const REAL_PERIODS: Periods = Object.freeze({
  handlerTickMs: 3_000,
  heartbeatMs: 5_000,
  taskReportMs: 10_000,
  tabletReportMs: 10_000,
  repositoryPingMs: 600_000,
  historyPurgeMs: 14_400_000,
  snapshotSweepMs: 600_000,
  snapshotCleanMs: 600_000,
  mvRefreshMs: 5_000,
  mvActiveCheckMs: 60_000,
  dynamicPartitionMs: 600_000,
  checkpointMs: 60_000,
});

/** The shortest period: a smaller tick still leaves the process time for statements. */
const PERIOD_MS_MIN = 5;

export function scaledPeriods(tickMs: Millis): Periods {
  const scale = tickMs / REAL_PERIODS.handlerTickMs;
  const scaled = Object.entries(REAL_PERIODS).map(([name, realMs]: [string, Millis]) => [
    name,
    Math.max(PERIOD_MS_MIN, Math.round(realMs * scale)),
  ]);
  return Object.freeze(Object.fromEntries(scaled)) as Periods;
}
