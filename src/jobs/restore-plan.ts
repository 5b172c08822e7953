/**
 * What a restore will do with each table: overwrite partitions, add partitions, or create the
 * table (restore-jobs.md 3.4 steps 4 and 5). Pure but for the ids and backends that are given.
 */
import { assert } from '../base/assert.ts';
import { asId, type DbId, type PhysicalPartitionId, type TableId } from '../base/ids.ts';
import type { Quirks } from '../base/quirks.ts';
import type { Placement } from '../catalog/build-partition.ts';
import type { Database, OlapTable, Partition } from '../catalog/model.ts';
import {
  countIdsNeeded,
  countPartitionIdsNeeded,
  newPartitionFor,
  reassignIds,
} from '../catalog/reassign-ids.ts';
import { defaultPhysical, indexMetaOf } from '../catalog/table-lookup.ts';
import {
  renamed,
  selectivelyCopied,
  withMaterializedView,
  withState,
} from '../catalog/table-operations.ts';
import { replicasOf, tabletIdAt } from '../catalog/tablet-columns.ts';
import { tabletSchemaOf } from '../catalog/tablet-schema.ts';
import type { CreateReplicaTask } from '../protocol/agent-task.ts';
import type { BackupPartitionInfo, BackupTableInfo } from '../repository/job-info.ts';
import { failed, type Status } from '../repository/status.ts';
import { additionRefusal, overwriteRefusal, tableDifference } from './restore-check.ts';
import { COLOCATE_IDS, type Colocation, joinedGroup } from './restore-colocate.ts';
import { aliasOf, type RestoredPartition, type RestoreJob } from './restore-job.ts';
import {
  addReplicas,
  onlyRemote,
  type PlannedReplica,
  type RemotePartition,
  remoteWithId,
} from './restore-mapping.ts';
import { restoredTables, viewRefusal } from './restore-objects.ts';
import { tableNamed } from './table-lookup.ts';

/** A table of the snapshot beside its local twin, checked; nothing is decided by it any more. */
export type TablePlan =
  | { readonly kind: 'create'; readonly remote: OlapTable; readonly info: BackupTableInfo }
  | {
      readonly kind: 'fill';
      readonly local: OlapTable;
      readonly remote: OlapTable;
      readonly info: BackupTableInfo;
      readonly overwritten: readonly BackupPartitionInfo[];
      readonly added: readonly BackupPartitionInfo[];
    };

export type Planned<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: Status };

const refuse = (status: Status): { readonly ok: false; readonly status: Status } => ({
  ok: false,
  status,
});

/**
 * Step 4: compares every table with what is here now. Tables in the order of the job info.
 * `counters` takes the AUTO_INCREMENT counter of each table that is reached, and keeps it when that
 * table then turns out to be another one (restore-jobs.md 9 #14).
 */
export function comparedTables(
  job: RestoreJob,
  database: Database,
  remotes: ReadonlyMap<string, OlapTable>,
  counters: Map<TableId, number>,
): Planned<readonly TablePlan[]> {
  const plans: TablePlan[] = [];
  const refusal = viewRefusal(job, database);
  if (refusal !== undefined) return refuse(refusal);
  for (const info of restoredTables(job)) {
    const remote = remotes.get(info.name);
    if (remote === undefined) {
      return refuse(failed('COMMON_ERROR', `table ${info.name} is not in the backup metadata`));
    }
    const missing = [...info.partitions.keys()].find((name) => !remote.partitions.has(name));
    if (missing !== undefined) {
      const text = `partition ${missing} of table ${info.name} is not in the backup metadata`;
      return refuse(failed('COMMON_ERROR', text));
    }
    const localName = aliasOf(job, info.name);
    if (database.views.has(localName)) {
      const text = `view ${localName} exists and cannot be replaced by a table`;
      return refuse(failed('BAD_REPLACE', text));
    }
    const local = tableNamed(database, localName);
    // What is active is up to date by itself: the restore leaves it alone.
    if (local?.materializedView?.isActive === true) continue;
    if (local !== undefined && info.autoIncrementId !== undefined) {
      counters.set(local.id, info.autoIncrementId);
    }
    const plan: Planned<TablePlan> =
      local === undefined
        ? { ok: true, value: { kind: 'create', remote, info } }
        : filledTable(job, local, remote, info);
    if (!plan.ok) return plan;
    plans.push(plan.value);
  }
  return { ok: true, value: plans };
}

function filledTable(
  job: RestoreJob,
  local: OlapTable,
  remote: OlapTable,
  info: BackupTableInfo,
): Planned<TablePlan> {
  const difference = tableDifference(local, remote);
  if (difference !== undefined) return refuse(difference);
  const overwritten: BackupPartitionInfo[] = [];
  const added: BackupPartitionInfo[] = [];
  for (const partition of info.partitions.values()) {
    const here = local.partitions.get(partition.name);
    const there = remote.partitions.get(partition.name);
    if (there === undefined) continue;
    const refusal =
      here === undefined
        ? additionRefusal(local, there)
        : overwriteRefusal(local, here, there, partition, job.restoreReplicationNum);
    if (refusal !== undefined) return refuse(refusal);
    (here === undefined ? added : overwritten).push(partition);
  }
  return { ok: true, value: { kind: 'fill', local, remote, info, overwritten, added } };
}

/** Ids and tablets that the new objects of the plans take. */
export function neededFor(
  plans: readonly TablePlan[],
  replicationNum: number,
): { readonly idCount: number; readonly tabletCount: number } {
  let idCount = 0;
  let tabletCount = 0;
  for (const plan of plans) {
    const table = newPartsOf(plan);
    idCount +=
      plan.kind === 'create'
        ? countIdsNeeded(table, replicationNum) + COLOCATE_IDS
        : [...table.partitions.values()].reduce(
            (sum, partition) => sum + countPartitionIdsNeeded(partition, replicationNum),
            0,
          );
    for (const partition of table.partitions.values()) {
      for (const { indexes } of partition.physical) {
        for (const { tablets } of indexes) tabletCount += tablets.count;
      }
    }
  }
  return { idCount, tabletCount };
}

/** The remote table reduced to the partitions that come into being here. */
function newPartsOf(plan: TablePlan): OlapTable {
  const infos = plan.kind === 'create' ? [...plan.info.partitions.values()] : plan.added;
  return selectivelyCopied(
    plan.remote,
    infos.map((info) => info.name),
  );
}

/** Everything that carrying out the plans takes. */
export interface RestorePlan {
  readonly creates: readonly CreateReplicaTask[];
  readonly replicas: readonly PlannedReplica[];
  /** Under their local names, in state RESTORE. */
  readonly newTables: readonly OlapTable[];
  readonly newPartitions: readonly (RestoredPartition & { readonly tableId: TableId })[];
  readonly versions: ReadonlyMap<TableId, ReadonlyMap<PhysicalPartitionId, number>>;
}

interface PlanDraft {
  readonly job: RestoreJob;
  readonly quirks: Quirks;
  readonly placement: Placement;
  readonly colocation: Colocation;
  readonly creates: CreateReplicaTask[];
  readonly replicas: PlannedReplica[];
  readonly newTables: OlapTable[];
  readonly newPartitions: (RestoredPartition & { readonly tableId: TableId })[];
  readonly versions: Map<TableId, Map<PhysicalPartitionId, number>>;
}

/** Step 5: new ids, create tasks and the file mapping, overwritten partitions first. */
export function plannedRestore(
  job: RestoreJob,
  plans: readonly TablePlan[],
  placement: Placement,
  colocation: Colocation,
  quirks: Quirks,
): Planned<RestorePlan> {
  const draft: PlanDraft = {
    job,
    quirks,
    placement,
    colocation,
    creates: [],
    replicas: [],
    newTables: [],
    newPartitions: [],
    versions: new Map(),
  };
  for (const plan of plans) {
    const status =
      plan.kind === 'create'
        ? planNewTable(draft, plan)
        : (planOverwrites(draft, plan) ?? planAdditions(draft, plan));
    if (status !== undefined) return refuse(status);
  }
  return { ok: true, value: draft };
}

function planOverwrites(
  draft: PlanDraft,
  plan: Extract<TablePlan, { kind: 'fill' }>,
): Status | undefined {
  const { local, info, overwritten } = plan;
  for (const partition of overwritten) {
    const here = local.partitions.get(partition.name);
    if (here === undefined) continue;
    const physical = defaultPhysical(here);
    const remote = onlyRemote(info.id, partition);
    const status = addReplicas(draft.replicas, local, physical, remote);
    // The tick ends here; the next one finds its own mark on the table (restore-jobs.md 9 #15).
    assert(status === undefined || !draft.quirks.collisionsAssert, status?.msg ?? '');
    if (status !== undefined) return status;
    const versions = draft.versions.get(local.id) ?? new Map<PhysicalPartitionId, number>();
    versions.set(physical.id, remote.version);
    draft.versions.set(local.id, versions);
  }
  return undefined;
}

function planAdditions(
  draft: PlanDraft,
  plan: Extract<TablePlan, { kind: 'fill' }>,
): Status | undefined {
  const { local, remote, info, added } = plan;
  const { restoreReplicationNum } = draft.job;
  for (const partition of added) {
    const there = remote.partitions.get(partition.name);
    if (there === undefined) continue;
    const renewed = newPartitionFor({
      local,
      remote,
      partition: there,
      replicationNum: restoreReplicationNum,
      placement: draft.placement,
    });
    if (renewed === undefined) {
      return failed('COMMON_ERROR', `the restored partition ${partition.name} is null`);
    }
    const status = planPartition(draft, local, renewed.partition, there, partition, info.id);
    if (status !== undefined) return status;
    draft.newPartitions.push({
      tableId: local.id,
      tableName: local.name,
      partition: renewed.partition,
    });
  }
  return undefined;
}

function planNewTable(
  draft: PlanDraft,
  plan: Extract<TablePlan, { kind: 'create' }>,
): Status | undefined {
  const { job } = draft;
  const selected = newPartsOf(plan);
  const joined = joinedGroup(draft, selected, job.restoreReplicationNum);
  if (!joined.ok) return joined.status;
  const { table: member, placement } = joined.value;
  const renewed = reassignIds(member, job.restoreReplicationNum, placement);
  if (renewed === undefined) return tooFewBackends(job, plan.info.name);
  for (const partition of renewed.table.partitions.values()) {
    const there = selected.partitions.get(partition.name);
    const info = plan.info.partitions.get(partition.name);
    if (there === undefined || info === undefined) continue;
    const status = planPartition(draft, renewed.table, partition, there, info, plan.info.id);
    if (status !== undefined) return status;
  }
  // Only now, since the snapshot knows indexes by the names they had there.
  const local = inDatabase(renamed(renewed.table, aliasOf(job, plan.info.name)), job.dbId);
  draft.newTables.push(withState(local, 'RESTORE'));
  return undefined;
}

/** A materialized view says itself where it is. */
function inDatabase(table: OlapTable, dbId: DbId): OlapTable {
  const info = table.materializedView;
  return info === undefined ? table : withMaterializedView(table, { ...info, dbId });
}

function tooFewBackends(job: RestoreJob, tableName: string): Status {
  return failed(
    'COMMON_ERROR',
    `failed to find ${job.restoreReplicationNum} different hosts to create table ${tableName}`,
  );
}

/** Create tasks and mapping of a partition that is new here. */
function planPartition(
  draft: PlanDraft,
  table: OlapTable,
  partition: Partition,
  there: Partition,
  info: BackupPartitionInfo,
  remoteTableId: number,
): Status | undefined {
  for (const [at, physical] of partition.physical.entries()) {
    const oldId = there.physical[at]?.id;
    const remote: RemotePartition | undefined =
      oldId === undefined ? undefined : remoteWithId(remoteTableId, info, oldId);
    if (remote === undefined) {
      return failed(
        'COMMON_ERROR',
        `physical partition ${oldId} of partition ${info.name} is not in the snapshot`,
      );
    }
    addCreateTasks(draft.creates, draft.job.dbId, table, physical);
    const status = addReplicas(draft.replicas, table, physical, remote);
    if (status !== undefined) return status;
  }
  return undefined;
}

function addCreateTasks(
  tasks: CreateReplicaTask[],
  dbId: DbId,
  table: OlapTable,
  physical: Partition['physical'][number],
): void {
  for (const { indexId, tablets } of physical.indexes) {
    const schema = tabletSchemaOf(indexMetaOf(table, indexId));
    for (let at = 0; at < tablets.count; at += 1) {
      const tabletId = tabletIdAt(tablets, at);
      for (const { replicaId, backendId } of replicasOf(tablets, at)) {
        tasks.push({
          type: 'CREATE',
          backendId,
          signature: asId(tabletId),
          dbId,
          tableId: table.id,
          partitionId: physical.id,
          indexId,
          tabletId,
          replicaId,
          version: physical.visibleVersion,
          schema,
          isRestoreTask: true,
        });
      }
    }
  }
}
