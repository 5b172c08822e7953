/**
 * First step of a restore: marks the tables it will change, checks them against the snapshot,
 * creates what is missing and orders a snapshot of every replica that is to be filled
 * (restore-jobs.md 3.4).
 */
import { asId, type JobId, type TableId } from '../base/ids.ts';
import { MINUTE_MS, SECOND_MS } from '../base/units.ts';
import { idRun } from '../catalog/id-run.ts';
import type { Database } from '../catalog/model.ts';
import { renamed } from '../catalog/table-operations.ts';
import type { CreateReplicaTask, MakeSnapshotTask } from '../protocol/agent-task.ts';
import { failed, type Status } from '../repository/status.ts';
import { isCatalogJob } from './abstract-job.ts';
import type { CatalogChange } from './effects.ts';
import { perform, type Steps } from './effects.ts';
import { fileMappingOf } from './file-mapping.ts';
import type { MetaObjects } from './meta-objects.ts';
import { prepareCatalogs } from './restore-catalogs.ts';
import { aliasOf, type RestoreJob } from './restore-job.ts';
import {
  newObjects,
  putChanges,
  registration,
  replacedBy,
  restoredTables,
  viewRefusal,
} from './restore-objects.ts';
import {
  comparedTables,
  neededFor,
  type Planned,
  plannedRestore,
  type RestorePlan,
} from './restore-plan.ts';
import { tableNamed } from './table-lookup.ts';
import { NO_SNAPSHOTS } from './tablet-snapshots.ts';
import type { StepResult, StepView } from './transition.ts';

/** Longest wait for new replicas, however many there are (restore-jobs.md 2.4). */
const CREATE_WAIT_MS_MAX = 10 * MINUTE_MS;
/** Outstanding replicas that an error names at most (restore-jobs.md 3.4 step 6). */
const NAMED_REPLICAS_MAX = 10;

/** PENDING. A failure leaves what was registered in the job, so that the cancel can take it back. */
export function* prepareRestore(job: RestoreJob, view: StepView): Steps<StepResult<RestoreJob>> {
  if (isCatalogJob(job)) return yield* prepareCatalogs(job);
  const marked = yield* markTables(job);
  if (!marked.ok) return { kind: 'fail', job: marked.job, status: marked.status };
  const begun = marked.job;
  const fail = (status: Status): StepResult<RestoreJob> => ({ kind: 'fail', job: begun, status });
  const planned = yield* planRestore(begun, view);
  if (!planned.ok) return fail(planned.status);
  const plan = planned.value;
  const uncreated = yield* createReplicas(plan.creates, view);
  if (uncreated !== undefined) return yield* failPlanned(begun, plan, uncreated, view);
  const objects = yield* newObjects(begun);
  const registered = yield* registerObjects(begun, plan, objects);
  if (!registered.ok) return yield* failPlanned(begun, plan, registered.status, view);
  const signature = yield* perform({ do: 'take-ids', count: plan.replicas.length });
  const tasks = snapshotTasks(begun, plan, signature);
  yield* perform({ do: 'start-tasks', tasks, snapshots: NO_SNAPSHOTS });
  return {
    kind: 'move',
    job: {
      ...begun,
      state: 'SNAPSHOTING',
      metaPreparedTimeMs: yield* perform({ do: 'read-clock' }),
      fileMapping: fileMappingOf(plan.replicas),
      restoredTbls: plan.newTables,
      restoredPartitions: plan.newPartitions.map(({ tableName, partition }) => ({
        tableName,
        partition,
      })),
      restoredVersionInfo: plan.versions,
      restoredObjects: objects,
      replacedObjects: registered.value,
    },
  };
}

/**
 * Nothing of the plan is in the catalog. StarRocks' cancel takes it back all the same, under names
 * that are not yet changed to those here (restore-jobs.md 9 #17).
 */
function* failPlanned(
  job: RestoreJob,
  plan: RestorePlan,
  status: Status,
  view: StepView,
): Steps<StepResult<RestoreJob>> {
  if (!view.traits.quirks.cancelDropsByName) return { kind: 'fail', job, status };
  const names = new Map(restoredTables(job).map(({ name }) => [aliasOf(job, name), name]));
  const restoredTbls = plan.newTables.map((table) =>
    renamed(table, names.get(table.name) ?? table.name),
  );
  const restoredObjects = yield* newObjects(job);
  return { kind: 'fail', job: { ...job, restoredTbls, restoredObjects }, status };
}

type Marked =
  | { readonly ok: true; readonly job: RestoreJob }
  | { readonly ok: false; readonly job: RestoreJob; readonly status: Status };

/** Steps 2 and 3. Tables marked before one that cannot be are reset by the cancel. */
function* markTables(job: RestoreJob): Steps<Marked> {
  const { dbId } = job;
  const database = yield* perform({ do: 'lock-database', dbId, mode: 'write' });
  if (database === undefined) {
    return { ok: false, job, status: failed('NOT_FOUND', `database ${dbId} does not exist`) };
  }
  const begun: RestoreJob = {
    ...job,
    jobId: asId<JobId>(yield* perform({ do: 'take-ids', count: 1 })),
  };
  if (job.backupMeta === undefined) {
    const why = job.status.code === 'OK' ? '' : `: ${job.status.msg}`;
    const text = `failed to read backup meta of snapshot ${job.label}${why}`;
    return { ok: false, job: begun, status: failed('COMMON_ERROR', text) };
  }
  const { changes, status } = marks(begun, database);
  yield* perform({ do: 'change-catalog', dbId, changes });
  yield* perform({ do: 'unlock-database' });
  return status === undefined ? { ok: true, job: begun } : { ok: false, job: begun, status };
}

function marks(
  job: RestoreJob,
  database: Database,
): { readonly changes: readonly CatalogChange[]; readonly status?: Status } {
  const changes: CatalogChange[] = [];
  for (const { name } of restoredTables(job)) {
    const table = tableNamed(database, aliasOf(job, name));
    if (table === undefined) continue;
    if (table.state !== 'NORMAL') {
      const text = `table ${table.name}'s state is not NORMAL: ${table.state}`;
      return { changes, status: failed('COMMON_ERROR', text) };
    }
    if (table.tempPartitions.size > 0) {
      const text = `restoring table ${table.name}, which has temp partitions, is not supported`;
      return { changes, status: failed('COMMON_ERROR', text) };
    }
    changes.push({ do: 'set-state', tableId: table.id, state: 'RESTORE' });
  }
  return { changes };
}

/** Steps 4 and 5. */
function* planRestore(job: RestoreJob, view: StepView): Steps<Planned<RestorePlan>> {
  const { dbId, restoreReplicationNum: replicationNum } = job;
  const database = yield* perform({ do: 'lock-database', dbId, mode: 'read' });
  if (database === undefined) {
    return { ok: false, status: failed('NOT_FOUND', `database ${dbId} does not exist`) };
  }
  const counters = new Map<TableId, number>();
  const compared = comparedTables(job, database, job.backupMeta?.tables ?? new Map(), counters);
  yield* perform({ do: 'unlock-database' });
  for (const [tableId, nextId] of counters) {
    const record = { op: 'OP_SAVE_AUTO_INCREMENT_ID', dbId, tableId, nextId } as const;
    yield* perform({ do: 'log-record', record: { ...record, isReplaced: true } });
  }
  if (!compared.ok) return compared;
  const { idCount, tabletCount } = neededFor(compared.value, replicationNum);
  const first = yield* perform({ do: 'take-ids', count: idCount });
  const backends =
    tabletCount === 0
      ? new Float64Array(0)
      : yield* perform({ do: 'choose-backends', tabletCount, replicationNum });
  let dealt = 0;
  const placement = {
    ids: idRun(first, idCount),
    chooseBackends: (count: number, replicas: number): Float64Array | undefined => {
      const from = dealt;
      dealt += count * replicas;
      return backends?.subarray(from, dealt);
    },
    physicalIdEqualsLogical: view.traits.physicalIdEqualsLogical,
  };
  const tables = [...database.tables.values()];
  const colocation = { isEnabled: view.config.enableColocateRestore, tables };
  return plannedRestore(job, compared.value, placement, colocation, view.traits.quirks);
}

/** Step 6.1: a status when some replica was not acknowledged in time. */
function* createReplicas(
  tasks: readonly CreateReplicaTask[],
  view: StepView,
): Steps<Status | undefined> {
  if (tasks.length === 0) return undefined;
  const waitMs = view.config.tabletCreateTimeoutSecond * SECOND_MS * tasks.length;
  const timeoutMs = Math.min(CREATE_WAIT_MS_MAX, waitMs);
  const open = yield* perform({ do: 'create-replicas', tasks, timeoutMs });
  if (open.length === 0) return undefined;
  const named = open
    .slice(0, NAMED_REPLICAS_MAX)
    .map(({ backendId, tabletId }) => `(${backendId} = ${tabletId})`)
    .join(', ');
  return failed(
    'COMMON_ERROR',
    `failed to create replicas for restore. unfinished backend and tablet: ${named}`,
  );
}

/** Steps 6.2 and 6.3: all new objects become known, or none; gives those that they replace. */
function* registerObjects(
  job: RestoreJob,
  plan: RestorePlan,
  objects: MetaObjects,
): Steps<Planned<MetaObjects>> {
  const { dbId } = job;
  const database = yield* perform({ do: 'lock-database', dbId, mode: 'write' });
  if (database === undefined) {
    return { ok: false, status: failed('NOT_FOUND', `database ${dbId} does not exist`) };
  }
  const status = unregistrable(job, plan, database);
  if (status !== undefined) return { ok: false, status };
  const changes: CatalogChange[] = [];
  for (const { tableId, partition } of plan.newPartitions) {
    changes.push({ do: 'add-partition', tableId, partition });
  }
  for (const table of plan.newTables) changes.push(registration(job, table));
  const replaced = replacedBy(objects, database);
  changes.push(...putChanges(objects, database));
  yield* perform({ do: 'change-catalog', dbId, changes });
  yield* perform({ do: 'unlock-database' });
  return { ok: true, value: replaced };
}

/** What came in between since the plan was made. */
function unregistrable(job: RestoreJob, plan: RestorePlan, database: Database): Status | undefined {
  const taken = plan.newTables.find(
    ({ name }) => database.tableIds.has(name) || database.views.has(name),
  );
  if (taken !== undefined) {
    return failed(
      'COMMON_ERROR',
      `table ${taken.name} already exists in database ${database.name}`,
    );
  }
  const gone = plan.newPartitions.find(({ tableId }) => !database.tables.has(tableId));
  if (gone !== undefined) return failed('NOT_FOUND', `table ${gone.tableName} does not exist`);
  return viewRefusal(job, database);
}

/** Step 6.4: one task for each replica (restore-jobs.md 4.2). */
function snapshotTasks(
  job: RestoreJob,
  plan: RestorePlan,
  firstSignature: number,
): MakeSnapshotTask[] {
  const timeoutSec = Math.floor(job.timeoutMs / SECOND_MS);
  return plan.replicas.map((replica, at) => ({
    type: 'MAKE_SNAPSHOT',
    backendId: replica.backendId,
    signature: asId(firstSignature + at),
    dbId: job.dbId,
    jobId: job.jobId,
    tableId: asId(replica.local.tableId),
    partitionId: asId(replica.local.partitionId),
    indexId: asId(replica.local.indexId),
    tabletId: replica.tabletId,
    version: replica.version,
    schemaHash: replica.schemaHash,
    timeoutSec,
    listFiles: true,
    isRestoreTask: true,
  }));
}
