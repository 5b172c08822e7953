/**
 * The two directions between frontend and backends. `cluster.ts` wires them to objects in this
 * process; another wiring may put a network between.
 */

import type { BackendId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type {
  AgentTask,
  FinishTaskRequest,
  SnapshotLoaderReport,
  TaskReport,
  TaskStatus,
} from './agent-task.ts';
import type { BackendSetting } from './backend-setting.ts';
import type {
  AbortTxnRequest,
  CompactRequest,
  HeartbeatRequest,
  HeartbeatResponse,
  OpenedTablet,
  OpenTabletRequest,
  PublishVersionRequest,
  ScannedTablet,
  TabletReport,
  TabletStat,
  WriteRowsetsRequest,
} from './data.ts';

/** What a frontend can ask of one backend. Throws `backend-unavailable` when it is down. */
export interface BackendLink {
  readonly backendId: BackendId;
  /** Hands over agent tasks; their ends come back through `FrontendLink.finishTask`. */
  submitTasks(tasks: readonly AgentTask[]): void;
  heartbeat(request: HeartbeatRequest): Op<HeartbeatResponse>;
  writeRowsets(request: WriteRowsetsRequest): Op<void>;
  /** Idempotent; answers with the tablets' figures after it. */
  publishVersion(request: PublishVersionRequest): Op<readonly TabletStat[]>;
  abortTxn(request: AbortTxnRequest): Op<void>;
  openTablet(request: OpenTabletRequest): Op<OpenedTablet>;
  closeTablet(leaseId: number): void;
  scanTablet(request: OpenTabletRequest): Op<ScannedTablet>;
  /** Has tablets compacted when their turn comes; those that are not here are passed over. */
  compact(request: CompactRequest): void;
  /** What can be changed while it works. */
  settings(): readonly BackendSetting[];
  /** `bad-option` for an unknown name or a bad value. */
  changeSetting(name: string, value: string): void;
}

/** What a backend can tell the frontend. Throws `backend-unavailable` when no frontend listens. */
export interface FrontendLink {
  finishTask(request: FinishTaskRequest): Op<TaskStatus>;
  /** The same for a success that needs no wait; `undefined`, and nothing done, where it would. */
  finishTaskNow?(request: FinishTaskRequest): TaskStatus | undefined;
  /** The answer CANCELLED makes the backend give the task up. */
  reportSnapshotLoader(report: SnapshotLoaderReport): Op<TaskStatus>;
  reportTasks(report: TaskReport): Op<void>;
  reportTablets(report: TabletReport): Op<void>;
}
