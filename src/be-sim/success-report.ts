/**
 * What a backend reports of a task that it has done at once. Classes and not object literals: while
 * a step of the job is in flight some reports wait, from which the engine would conclude that all
 * of them live long, and make them where they keep a million texts alive until the next full
 * collection of garbage.
 */
import type { BackendId, JobId, Signature, TabletId } from '../base/ids.ts';
import type { Settlement } from '../blob/blob-storage.ts';
import {
  type AgentTask,
  type FinishTaskRequest,
  STATUS_OK,
  type TaskStatus,
  type TaskType,
} from '../protocol/agent-task.ts';

export class SuccessReport implements FinishTaskRequest {
  readonly backendId: BackendId;
  readonly type: TaskType;
  readonly signature: Signature;
  readonly status: TaskStatus = STATUS_OK;

  constructor(backendId: BackendId, { type, signature }: AgentTask) {
    this.backendId = backendId;
    this.type = type;
    this.signature = signature;
  }

  /** What is to be let pass before the task has ended, if a store models time. No part of the message. */
  get settlement(): Settlement | undefined {
    return undefined;
  }
}

export class SnapshotReport extends SuccessReport {
  readonly jobId: JobId;
  readonly snapshotPath: string;
  readonly snapshotFiles: readonly string[];

  constructor(
    backendId: BackendId,
    task: AgentTask & { readonly jobId: JobId },
    snapshotPath: string,
    snapshotFiles: readonly string[],
  ) {
    super(backendId, task);
    this.jobId = task.jobId;
    this.snapshotPath = snapshotPath;
    this.snapshotFiles = snapshotFiles;
  }
}

export class UploadReport extends SuccessReport {
  readonly tabletFiles: ReadonlyMap<TabletId, readonly string[]>;
  readonly #settlement: Settlement | undefined;

  constructor(
    backendId: BackendId,
    task: AgentTask,
    tabletFiles: ReadonlyMap<TabletId, readonly string[]>,
    settlement: Settlement | undefined,
  ) {
    super(backendId, task);
    this.tabletFiles = tabletFiles;
    this.#settlement = settlement;
  }

  override get settlement(): Settlement | undefined {
    return this.#settlement;
  }
}

export class DownloadReport extends SuccessReport {
  readonly downloadedTabletIds: readonly TabletId[];

  constructor(backendId: BackendId, task: AgentTask, tabletId: TabletId) {
    super(backendId, task);
    this.downloadedTabletIds = [tabletId];
  }
}
