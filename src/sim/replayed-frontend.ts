/**
 * A second frontend beside that of a machine, over a copy of its disk that keeps synced bytes
 * only: what a start would read now. It serves nobody and starts nothing.
 */
import { createEvents } from '../base/events.ts';
import { noFaults } from '../base/fault.ts';
import { createFaultPlan } from '../base/fault-plan.ts';
import type { BackendId } from '../base/ids.ts';
import { silentLogger } from '../base/log.ts';
import { runNow, succeed } from '../base/op.ts';
import { SeededRandom } from '../base/random.ts';
import { createOpenBlob } from '../blob/registry.ts';
import { decodeTable, encodeTable } from '../catalog/codec.ts';
import { Brokers } from '../fe/brokers.ts';
import { createConfig } from '../fe/config.ts';
import { type Frontend, openFrontend } from '../fe/frontend.ts';
import { REAL_PERIODS } from '../fe/periods.ts';
import type { BackendLink } from '../protocol/links.ts';
import { RepositoryMgr } from '../repository/repository-mgr.ts';
import { DATA_DIR, type Machine } from './machine.ts';

const FRONTEND_DIR = `${DATA_DIR}/fe`;
export const EDIT_LOG_DIR: string = `${FRONTEND_DIR}/edit_log`;
const TMP_DIR = `${FRONTEND_DIR}/tmp`;

/** Image and log, replayed. */
export function replayedFrontend(machine: Machine): Frontend {
  const { context } = machine.cluster.frontend;
  const files = machine.files.crash({ fate: 'lost', random: new SeededRandom(0n) });
  const random = new SeededRandom(0n);
  const { clock } = machine;
  const links = new Map<BackendId, BackendLink>(machine.cluster.backends);
  return runNow(
    openFrontend({
      clock,
      random,
      files,
      faultPlan: createFaultPlan({ random, onCrash: () => {} }),
      events: createEvents(clock),
      logger: silentLogger,
      options: context.options,
      config: createConfig({}),
      periods: REAL_PERIODS,
      rootPasswordHash: '',
      dataDir: {
        editLogDir: EDIT_LOG_DIR,
        imageDir: `${FRONTEND_DIR}/image`,
        tmpDir: TMP_DIR,
      },
      backendLinks: links,
      backendPower: { kill: () => {}, start: () => succeed(undefined) },
      machines: machine.machines,
      stepped: false,
      repositories: new RepositoryMgr({
        openBlob: createOpenBlob({
          files,
          faults: noFaults,
          clock,
          memory: machine.store,
          hasNetwork: false,
        }),
        files,
        tmpDir: TMP_DIR,
        clock,
        tableCodec: { encodeTable, decodeTable },
        defaultTimeZone: () => 'UTC',
      }),
      brokers: new Brokers(),
      queries: context.queries,
      onFatal: () => {},
    }),
  );
}
