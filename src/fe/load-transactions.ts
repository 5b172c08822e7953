/**
 * Loads as transactions: rows staged on every replica under a transaction id, then one commit
 * record with the new versions, then publish (design.md 6). What publishes and what a crash leaves
 * is `commit-publisher.ts`.
 */
import type { Clock } from '../base/clock.ts';
import { asSimError, SimError } from '../base/errors.ts';
import type { BackendId, DbId, PhysicalPartitionId, ReplicaId, TxnId } from '../base/ids.ts';
import { asId } from '../base/ids.ts';
import { all, attempt, type Op } from '../base/op.ts';
import type { OlapTable, PhysicalPartition } from '../catalog/model.ts';
import type { CommitRecord, LoadedRows, LoadSource } from '../catalog/records.ts';
import { allPartitions } from '../catalog/table-lookup.ts';
import { withCommittedVersions } from '../catalog/table-operations.ts';
import type { BackendDirectory } from './backend-directory.ts';
import type { CommitPublisher } from './commit-publisher.ts';
import type { RoutedTablet } from './route-rows.ts';

/** Backends written to at the same time by one load. */
const WRITE_PARALLEL_MAX = 16;

export interface LoadDeps {
  readonly clock: Clock;
  readonly backends: BackendDirectory;
  readonly publisher: CommitPublisher;
  readonly nextTxnId: () => Op<number>;
  readonly log: (record: CommitRecord) => Op<void>;
  /** False once the log has failed: the record given last may be on disk or not. */
  readonly isLogUsable: () => boolean;
}

export interface LoadTarget {
  readonly dbId: DbId;
  readonly table: OlapTable;
  readonly label: string;
  /** INSERT without a word. */
  readonly source?: LoadSource;
  /** Runs under the database's read lock right before the commit; throws if the table has changed. */
  readonly stillThere: () => OlapTable;
  readonly underReadLock: <T>(body: () => Op<T>) => Op<T>;
  /** A version is made also where no row changes. */
  readonly commitsWithoutRows?: boolean;
}

export interface OverwriteTarget {
  readonly dbId: DbId;
  /** As it will be: with the new partitions in their places. */
  readonly table: OlapTable;
  readonly label: string;
  /** Logs the partitions with their commit; throws if the table has changed meanwhile. */
  readonly register: (commit: CommitRecord) => Op<void>;
}

export interface LoadResult {
  readonly txnId: TxnId;
  readonly rowCount: number;
  /** Committed for good, but not yet to be read: its backends went away in between. */
  readonly isVisible: boolean;
}

export class LoadTransactions {
  readonly #deps: LoadDeps;
  /** Staged, not committed: a tablet report must not drop them. */
  readonly #running = new Set<TxnId>();
  /** Versions given out but not yet in the catalog, because their record is on its way to disk. */
  readonly #givenVersions = new Map<PhysicalPartitionId, number>();

  constructor(deps: LoadDeps) {
    this.#deps = deps;
  }

  isRunning(txnId: TxnId): boolean {
    return this.#running.has(txnId);
  }

  /** Stages, commits, publishes. When it returns the rows are durable, and nearly always visible. */
  *load(target: LoadTarget, tablets: readonly RoutedTablet[]): Op<LoadResult> {
    const loaded: LoadedRows = {
      source: target.source ?? 'INSERT',
      rowCount: rowsOf(tablets),
      startTimeMs: this.#deps.clock.now(),
    };
    const { rowCount } = loaded;
    const txnId = asId<TxnId>(yield* this.#deps.nextTxnId());
    const isEmpty = rowCount === 0 && target.commitsWithoutRows !== true;
    if (isEmpty || tablets.length === 0) return { txnId, rowCount, isVisible: true };
    this.#running.add(txnId);
    let record: CommitRecord | undefined;
    try {
      const failed = yield* this.#stage(txnId, tablets);
      record = yield* target.underReadLock(() =>
        this.#commit(txnId, target, tablets, failed, loaded),
      );
    } catch (error) {
      // A record that may be on disk keeps its rows: the next start publishes or drops them.
      if (this.#deps.isLogUsable()) yield* this.#abort(txnId, tablets);
      throw error;
    } finally {
      this.#running.delete(txnId);
    }
    const isVisible = yield* this.#deps.publisher.publish(record);
    return { txnId, rowCount, isVisible };
  }

  /** Keeps what `body` stages under the id from being dropped by a tablet report. */
  *running<T>(txnId: TxnId, body: () => Op<T>): Op<T> {
    this.#running.add(txnId);
    try {
      return yield* body();
    } finally {
      this.#running.delete(txnId);
    }
  }

  /**
   * Fills partitions that are not in the catalog yet: stages and publishes, and then lets
   * `register` log them in with the commit. Readers see all of it at once, or what was there.
   */
  *overwrite(target: OverwriteTarget, tablets: readonly RoutedTablet[]): Op<TxnId> {
    const { clock } = this.#deps;
    const startTimeMs = clock.now();
    const txnId = asId<TxnId>(yield* this.#deps.nextTxnId());
    this.#running.add(txnId);
    try {
      const failed = yield* this.#stage(txnId, tablets);
      const loaded = { source: 'INSERT', rowCount: rowsOf(tablets), startTimeMs } as const;
      const commit = overwriteCommit({ txnId, target, tablets, failed, loaded }, clock.now());
      const filled = withCommittedVersions(target.table, commit.partitions, commit.commitTimeMs);
      if (!(yield* this.#deps.publisher.publishAhead(commit, filled))) {
        throw new SimError(
          'backend-unavailable',
          `overwrite of table '${target.table.name}' failed: its rows could not be published`,
          { hint: 'look at SHOW BACKENDS' },
        );
      }
      yield* target.register(commit);
      return txnId;
    } catch (error) {
      if (this.#deps.isLogUsable()) yield* this.#abort(txnId, tablets);
      throw error;
    } finally {
      this.#running.delete(txnId);
    }
  }

  /** The record is in the catalog: its versions are no longer only given out. */
  apply(record: CommitRecord): void {
    for (const { physicalPartitionId, version } of record.partitions) {
      if (this.#givenVersions.get(physicalPartitionId) === version) {
        this.#givenVersions.delete(physicalPartitionId);
      }
    }
  }

  /** Backends that could not write, with the reason; nothing else is thrown here. */
  *#stage(txnId: TxnId, tablets: readonly RoutedTablet[]): Op<ReadonlyMap<BackendId, SimError>> {
    const byBackend = groupByBackend(tablets);
    const failed = new Map<BackendId, SimError>();
    yield* all(
      [...byBackend].map(
        ([backendId, mine]) =>
          () =>
            this.#stageOn(txnId, backendId, mine, failed),
      ),
      WRITE_PARALLEL_MAX,
    );
    return failed;
  }

  *#stageOn(
    txnId: TxnId,
    backendId: BackendId,
    tablets: readonly RoutedTablet[],
    failed: Map<BackendId, SimError>,
  ): Op<void> {
    const { backends } = this.#deps;
    const written = yield* attempt(
      backends.link(backendId).writeRowsets({
        txnId,
        tablets: tablets.map(({ tabletId, batch }) => ({ tabletId, batch })),
      }),
    );
    if (!written.ok) failed.set(backendId, asSimError(written.error));
  }

  *#commit(
    txnId: TxnId,
    target: LoadTarget,
    tablets: readonly RoutedTablet[],
    failed: ReadonlyMap<BackendId, SimError>,
    loaded: LoadedRows,
  ): Op<CommitRecord> {
    const table = target.stillThere();
    const failedReplicas = replicasToFail(table, tablets, failed);
    const touched = new Set(tablets.map((tablet) => tablet.physicalPartitionId));
    const partitions: CommitRecord['partitions'][number][] = [];
    for (const partition of allPartitions(table)) {
      for (const physical of partition.physical) {
        if (!touched.delete(physical.id)) continue;
        refuseUnlessWritten(table, physical, tablets);
        partitions.push({
          physicalPartitionId: physical.id,
          version: (this.#givenVersions.get(physical.id) ?? physical.visibleVersion) + 1,
          failedReplicas: failedReplicas.get(physical.id) ?? [],
        });
      }
    }
    if (touched.size > 0) {
      throw new SimError(
        'insert-failed',
        `a partition of table '${target.table.name}' was dropped or truncated during the load`,
        { hint: 'run the statement again' },
      );
    }
    const record: CommitRecord = {
      op: 'OP_UPSERT_TRANSACTION_STATE_V2',
      txnId,
      label: target.label,
      dbId: target.dbId,
      tableId: table.id,
      commitTimeMs: this.#deps.clock.now(),
      loaded,
      partitions,
    };
    const before = partitions.map(({ physicalPartitionId }) =>
      this.#givenVersions.get(physicalPartitionId),
    );
    for (const { physicalPartitionId, version } of partitions) {
      this.#givenVersions.set(physicalPartitionId, version);
    }
    try {
      yield* this.#deps.publisher.expecting(record, () => this.#deps.log(record));
    } catch (error) {
      this.#takeBack(record, before);
      throw error;
    }
    return record;
  }

  /** A record that the log refused: its versions are free again, unless later ones are out. */
  #takeBack({ partitions }: CommitRecord, before: readonly (number | undefined)[]): void {
    for (const [at, { physicalPartitionId, version }] of partitions.entries()) {
      if (this.#givenVersions.get(physicalPartitionId) !== version) continue;
      const earlier = before[at];
      if (earlier === undefined) this.#givenVersions.delete(physicalPartitionId);
      else this.#givenVersions.set(physicalPartitionId, earlier);
    }
  }

  *#abort(txnId: TxnId, tablets: readonly RoutedTablet[]): Op<void> {
    const { backends } = this.#deps;
    for (const backendId of groupByBackend(tablets).keys()) {
      // A backend that cannot be told now drops the transaction after its next tablet report.
      yield* attempt(backends.link(backendId).abortTxn({ txnId }));
    }
  }
}

/** Rows must be in every index: one that came after they were routed would lack them for good. */
function refuseUnlessWritten(
  table: OlapTable,
  physical: PhysicalPartition,
  tablets: readonly RoutedTablet[],
): void {
  const written = new Set(
    tablets.flatMap(({ physicalPartitionId, index }) =>
      physicalPartitionId === physical.id ? [index.indexId] : [],
    ),
  );
  if (physical.indexes.every(({ indexId }) => written.has(indexId))) return;
  throw new SimError(
    'insert-failed',
    `the indexes of table '${table.name}' changed during the load`,
    { hint: 'run the statement again' },
  );
}

interface StagedOverwrite {
  readonly txnId: TxnId;
  readonly target: OverwriteTarget;
  readonly tablets: readonly RoutedTablet[];
  readonly failed: ReadonlyMap<BackendId, SimError>;
  readonly loaded: LoadedRows;
}

/** Rollups hold the same rows again. */
function rowsOf(tablets: readonly RoutedTablet[]): number {
  return tablets.reduce((sum, { isBase, batch }) => sum + (isBase ? batch.rowCount : 0), 0);
}

/** Only partitions that get rows get a version. */
function overwriteCommit(
  { txnId, target, tablets, failed, loaded }: StagedOverwrite,
  commitTimeMs: number,
): CommitRecord {
  const { dbId, table, label } = target;
  const failedReplicas = replicasToFail(table, tablets, failed);
  const touched = new Set(tablets.map((tablet) => tablet.physicalPartitionId));
  const physical = [...table.partitions.values()].flatMap((partition) => partition.physical);
  return {
    op: 'OP_UPSERT_TRANSACTION_STATE_V2',
    txnId,
    label,
    dbId,
    tableId: table.id,
    commitTimeMs,
    loaded,
    partitions: physical
      .filter(({ id }) => touched.has(id))
      .map(({ id, visibleVersion }) => ({
        physicalPartitionId: id,
        version: visibleVersion + 1,
        failedReplicas: failedReplicas.get(id) ?? [],
      })),
  };
}

/**
 * A load needs more than half of a tablet's replicas whole: written now, and not behind from an
 * earlier load. Those of failed backends fall behind.
 */
function replicasToFail(
  table: OlapTable,
  tablets: readonly RoutedTablet[],
  failed: ReadonlyMap<BackendId, SimError>,
): ReadonlyMap<PhysicalPartitionId, readonly ReplicaId[]> {
  const byPartition = new Map<PhysicalPartitionId, ReplicaId[]>();
  if (failed.size === 0) return byPartition;
  const lagging = new Set(
    [...allPartitions(table)].flatMap((partition) =>
      partition.physical.flatMap((physical) => [...physical.lagging.keys()]),
    ),
  );
  for (const { index, bucket, physicalPartitionId, tabletId } of tablets) {
    const { replication, replicaIds, backendIds } = index.tablets;
    const lost: ReplicaId[] = [];
    let wholeCount = 0;
    let reason: SimError | undefined;
    for (let at = bucket * replication; at < (bucket + 1) * replication; at += 1) {
      const replicaId = asId<ReplicaId>(replicaIds[at] ?? 0);
      const failure = failed.get(asId<BackendId>(backendIds[at] ?? 0));
      if (failure !== undefined) {
        reason ??= failure;
        lost.push(replicaId);
      } else if (!lagging.has(replicaId)) {
        wholeCount += 1;
      }
    }
    if (reason !== undefined && wholeCount * 2 <= replication) {
      throw new SimError(
        'backend-unavailable',
        `load of table '${table.name}' failed: tablet ${tabletId} could be written on ` +
          `${wholeCount} of ${replication} replicas: ${reason.message}`,
        { cause: reason, hint: 'look at SHOW BACKENDS' },
      );
    }
    if (lost.length > 0) {
      byPartition.set(physicalPartitionId, [
        ...(byPartition.get(physicalPartitionId) ?? []),
        ...lost,
      ]);
    }
  }
  return byPartition;
}

function groupByBackend(
  tablets: readonly RoutedTablet[],
): ReadonlyMap<BackendId, readonly RoutedTablet[]> {
  const byBackend = new Map<BackendId, RoutedTablet[]>();
  for (const tablet of tablets) {
    const { replication, backendIds } = tablet.index.tablets;
    const first = tablet.bucket * replication;
    for (let at = first; at < first + replication; at += 1) {
      const backendId = asId<BackendId>(backendIds[at] ?? 0);
      const mine = byBackend.get(backendId);
      if (mine === undefined) byBackend.set(backendId, [tablet]);
      else mine.push(tablet);
    }
  }
  return byBackend;
}
