/** What the parts of one backend share during one life. */
import type { Clock } from '../base/clock.ts';
import type { Events } from '../base/events.ts';
import type { FaultPoints } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import type { Files } from '../base/files.ts';
import type { BackendId, TabletId } from '../base/ids.ts';
import { Mutex } from '../base/lock.ts';
import type { Logger } from '../base/log.ts';
import type { Op } from '../base/op.ts';
import type { Random } from '../base/random.ts';
import type { OpenBlob } from '../blob/blob-storage.ts';
import type { FrontendLink } from '../protocol/links.ts';
import type { Compactor } from './compaction.ts';
import type { BackendConfig } from './config.ts';
import type { Life } from './life.ts';
import type { MetaLog } from './meta-log.ts';
import type { MetaState } from './meta-state.ts';
import type { RowsetFiles } from './rowset-files.ts';

export interface Engine {
  readonly backendId: BackendId;
  /** `backend 10001`, for error texts. */
  readonly where: string;
  readonly life: Life;
  readonly files: Files;
  readonly dataDir: string;
  /** Where the directories of all snapshots are. */
  readonly snapshotRoot: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: FaultPoints;
  readonly events: Events;
  readonly logger: Logger;
  /** Stores as the life sees them. They share their parts, and are closed with the process. */
  readonly openBlob: OpenBlob;
  readonly frontend: FrontendLink;
  readonly config: BackendConfig;
  readonly cpuCores: number;
  readonly state: MetaState;
  readonly log: MetaLog;
  readonly rowsetFiles: RowsetFiles;
  readonly locks: TabletLocks;
  readonly compactor: Compactor;
  readonly newRowsetId: () => string;
  /** Woken when versions have been published. */
  readonly published: Signal;
}

/** Whether nothing is planned to happen at a point. */
export function isQuiet({ faults }: Engine, point: FaultPoint): boolean {
  return faults.isAllQuiet === true || faults.isQuiet?.(point) === true;
}

/** One at a time per tablet: what rewrites its list of rowsets. */
export interface TabletLocks {
  hold<T>(id: TabletId, body: () => Op<T>): Op<T>;
}

export function createTabletLocks(): TabletLocks {
  const locks = new Map<TabletId, { readonly mutex: Mutex; users: number }>();
  return {
    *hold<T>(id: TabletId, body: () => Op<T>): Op<T> {
      const entry = locks.get(id) ?? { mutex: new Mutex(), users: 0 };
      locks.set(id, entry);
      entry.users += 1;
      try {
        return yield* entry.mutex.hold(body);
      } finally {
        entry.users -= 1;
        if (entry.users === 0) locks.delete(id);
      }
    },
  };
}

export interface Signal {
  wake(): void;
  /** Calls back once at the next wake; returns the function that gives up. */
  once(run: () => void): () => void;
}

export function createSignal(): Signal {
  let waiters = new Set<() => void>();
  return {
    wake(): void {
      const woken = waiters;
      waiters = new Set();
      for (const run of woken) run();
    },
    once(run: () => void): () => void {
      waiters.add(run);
      return () => {
        waiters.delete(run);
      };
    },
  };
}

export const dataRoot = (dataDir: string): string => `${dataDir}/data`;
/** In one piece: what is made of it by the thousand begins with it. */
export const snapshotRootOf = (dataDir: string): string => [dataDir, 'snapshot'].join('/');

/** Where the rowset files of a tablet lie. */
export function tabletDirectory(dataDir: string, tabletId: TabletId, schemaHash: number): string {
  return `${dataRoot(dataDir)}/${tabletId}/${schemaHash}`;
}
