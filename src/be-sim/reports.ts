/**
 * What a backend tells without being asked: tasks it is running, every `reportTaskIntervalMs`, and
 * tablets it has, every `reportTabletIntervalMs`. A frontend that does not listen hears the next
 * report.
 */

import type { Millis } from '../base/clock.ts';
import { asSimError, SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { HeartbeatRequest, HeartbeatResponse, TabletStat } from '../protocol/data.ts';
import type { Agent } from './agent.ts';
import type { Engine } from './engine.ts';
import { attemptInLife, detach } from './life.ts';
import { sweepSnapshots } from './release-snapshot.ts';
import { emptyTabletStat, tabletStat } from './row-count.ts';

/** Bytes that the tablets of this backend take on disk. */
export function usedBytes(engine: Engine): number {
  return engine.log.sizeBytes + engine.state.dataBytes;
}

/** Refuses a frontend of another cluster than the first that asked. */
export function* heartbeat(
  engine: Engine,
  startedAtMs: Millis,
  request: HeartbeatRequest,
): Op<HeartbeatResponse> {
  const { state, log, config } = engine;
  if (state.clusterId === undefined) {
    yield* log.append([{ op: 'cluster', clusterId: request.clusterId }], true);
  }
  if (state.clusterId !== request.clusterId) {
    throw new SimError(
      'backend-unavailable',
      `${engine.where} belongs to cluster ${state.clusterId}, not to ${request.clusterId}`,
    );
  }
  const used = usedBytes(engine);
  return {
    startedAtMs,
    cpuCores: engine.cpuCores,
    totalBytes: config.diskCapacityBytes,
    availableBytes: Math.max(0, config.diskCapacityBytes - used),
    usedBytes: used,
  };
}

/** Begins the periodic work of a life; it ends with the life. */
export function beginPeriods(engine: Engine, agent: Agent): void {
  const { config } = engine;
  every(engine, 'task report', 0, config.reportTaskIntervalMs, () =>
    engine.frontend.reportTasks({ backendId: engine.backendId, tasks: agent.registered() }),
  );
  every(engine, 'tablet report', 0, config.reportTabletIntervalMs, () => reportTablets(engine));
  const { snapshotSweepIntervalMs } = config;
  every(engine, 'snapshot sweep', snapshotSweepIntervalMs, snapshotSweepIntervalMs, function* () {
    const swept = yield* sweepSnapshots(engine);
    if (swept > 0) engine.events.emit('be.snapshot.swept', { backendId: engine.backendId, swept });
  });
}

function* reportTablets(engine: Engine): Op<void> {
  const tablets: TabletStat[] = [];
  for (const tablet of [...engine.state.tablets.values()]) {
    tablets.push(emptyTabletStat(tablet) ?? (yield* tabletStat(engine, tablet)));
  }
  const stagedTxns = [...engine.state.staged.keys()];
  // The frontend forgets the commits that it finds in here.
  yield* engine.log.sync();
  yield* engine.frontend.reportTablets({ backendId: engine.backendId, tablets, stagedTxns });
}

/** Runs again `periodMs` after the last run has ended; a failure waits for the next time. */
function every(
  engine: Engine,
  what: string,
  firstMs: Millis,
  periodMs: Millis,
  run: () => Op<void>,
): void {
  const { life, clock } = engine;
  let cancel = (): void => {};
  life.atEnd(() => cancel());
  const schedule = (delayMs: Millis): void => {
    cancel = clock.after(delayMs, () => detach(life, once(), rethrow));
  };
  const once = function* (): Op<void> {
    const outcome = yield* attemptInLife(life, run());
    if (!outcome.ok) noteFailure(engine, what, outcome.error);
    schedule(periodMs);
  };
  schedule(firstMs);
}

function noteFailure(engine: Engine, what: string, error: unknown): void {
  const known = asSimError(error);
  if (known.row.kind === 'bug') throw known;
  const { backendId } = engine;
  // While no frontend listens, as at a start, there is nothing to warn of.
  const level = known.code === 'backend-unavailable' ? 'debug' : 'warn';
  engine.logger.log(level, `${what} failed: ${known.message}`, { backendId });
}

function rethrow(error: unknown): never {
  throw error;
}
