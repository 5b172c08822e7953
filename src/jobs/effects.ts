/**
 * What a step may ask of the world, as plain data, and the type of each answer. Steps `yield*
 * perform(effect)`; `carry-out.ts` does it through the ports. Nothing here touches anything.
 */
import type { Millis } from '../base/clock.ts';
import type { DbId, RepositoryId, TableId } from '../base/ids.ts';
import type {
  Database,
  ExternalCatalog,
  Partition,
  Table,
  TableState,
  UserFunction,
  View,
} from '../catalog/model.ts';
import type { CatalogRecord } from '../catalog/records.ts';
import type { AgentTask, CreateReplicaTask, TaskType } from '../protocol/agent-task.ts';
import type { BackupJobInfo } from '../repository/job-info.ts';
import type { BackupMeta } from '../repository/meta-info.ts';
import type { Status, StatusOr } from '../repository/status.ts';
import type { SnapshotColumns, TabletSnapshots } from './tablet-snapshots.ts';

/** Changes of the catalog that a restore makes before a log record repeats them (ports.ts). */
export type CatalogChange =
  | { readonly do: 'set-state'; readonly tableId: TableId; readonly state: TableState }
  | {
      readonly do: 'register-table';
      readonly table: Table;
      readonly autoIncrementId: number | undefined;
    }
  | { readonly do: 'drop-table'; readonly tableId: TableId }
  | { readonly do: 'replace-table'; readonly table: Table }
  | { readonly do: 'add-partition'; readonly tableId: TableId; readonly partition: Partition }
  | { readonly do: 'drop-partition'; readonly tableId: TableId; readonly name: string }
  | { readonly do: 'put-view'; readonly view: View }
  | { readonly do: 'drop-view'; readonly name: string }
  | { readonly do: 'put-function'; readonly function: UserFunction }
  | { readonly do: 'drop-function'; readonly signature: string }
  | { readonly do: 'put-catalog'; readonly catalog: ExternalCatalog }
  | { readonly do: 'drop-catalog'; readonly name: string };

export interface JobFiles {
  readonly directory: string;
  readonly metaPath: string;
  readonly infoPath: string;
}

/** Each effect: what is asked, and what comes back. */
interface EffectTable {
  readonly 'read-clock': readonly [unknown, Millis];
  /** The first of `count` ids in a row. */
  readonly 'take-ids': readonly [{ readonly count: number }, number];
  /** Holds the database's lock until `unlock-database` or the end of the step. */
  readonly 'lock-database': readonly [
    { readonly dbId: DbId; readonly mode: 'read' | 'write' },
    Database | undefined,
  ];
  readonly 'unlock-database': readonly [unknown, undefined];
  readonly 'change-catalog': readonly [
    { readonly dbId: DbId; readonly changes: readonly CatalogChange[] },
    undefined,
  ];
  /** Writes a record of the catalog, which takes effect at once and stays whatever the job does. */
  readonly 'log-record': readonly [{ readonly record: CatalogRecord }, undefined];
  /** The external catalogs of now, by name. */
  readonly 'read-catalogs': readonly [unknown, ReadonlyMap<string, ExternalCatalog>];
  /** As `Backends.choose`. */
  readonly 'choose-backends': readonly [
    { readonly tabletCount: number; readonly replicationNum: number },
    Float64Array | undefined,
  ];
  /** As `AgentTasks.createReplicas`: those that were not acknowledged. */
  readonly 'create-replicas': readonly [
    { readonly tasks: readonly CreateReplicaTask[]; readonly timeoutMs: number },
    readonly CreateReplicaTask[],
  ];
  /** Forgets earlier tasks, queues and sends these, and waits for them. */
  readonly 'start-tasks': readonly [
    {
      readonly tasks: readonly AgentTask[];
      /** What upload reports are compared with: the job's own. */
      readonly snapshots: TabletSnapshots;
    },
    undefined,
  ];
  /** Takes this job's awaited tasks of a type out of the queue; the job goes on showing them. */
  readonly 'remove-tasks': readonly [{ readonly type: TaskType }, undefined];
  /** Lets the backends forget these snapshots. */
  readonly 'send-releases': readonly [{ readonly snapshots: SnapshotColumns }, undefined];
  /** Writes and syncs both files in a new directory below `<tmp_dir>/backup`. */
  readonly 'write-job-files': readonly [
    {
      readonly label: string;
      readonly timestamp: string;
      readonly meta: BackupMeta;
      readonly info: BackupJobInfo;
    },
    StatusOr<JobFiles>,
  ];
  readonly 'remove-job-files': readonly [{ readonly directory: string }, undefined];
  /** Uploads a local file as `__meta`, or as `__info_<timestamp>` when there is a timestamp. */
  readonly 'upload-file': readonly [
    {
      readonly repoId: RepositoryId;
      readonly label: string;
      readonly localPath: string;
      readonly timestamp: string | undefined;
    },
    Status,
  ];
}

export type EffectKind = keyof EffectTable;
export type EffectOf<K extends EffectKind> = { readonly do: K } & EffectTable[K][0];
export type EffectResult<K extends EffectKind> = EffectTable[K][1];
export type Effect = { [K in EffectKind]: EffectOf<K> }[EffectKind];

/** A computation that asks for effects and is told what came of them. */
export type Steps<T> = Generator<Effect, T, unknown>;

/** Asks for an effect; the runner answers with that effect's kind of result. */
export function* perform<K extends EffectKind>(effect: EffectOf<K>): Steps<EffectResult<K>> {
  return (yield effect as unknown as Effect) as EffectResult<K>;
}
