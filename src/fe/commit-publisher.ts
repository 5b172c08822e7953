/**
 * Makes commits readable: after a commit record is in the log, every backend is told the new
 * versions. What a backend publishes is durable only when its next tablet report shows it; until
 * then the commit stays owed, in images too. A restart begins with the commits of the log, and the
 * reports settle what is left: committed is published again, unknown is dropped (design.md 6).
 */
import type { BackendId, PhysicalPartitionId, ReplicaId, TabletId, TxnId } from '../base/ids.ts';
import { asId } from '../base/ids.ts';
import { all, attempt, type Op } from '../base/op.ts';
import type { Catalog, OlapTable, PhysicalPartition } from '../catalog/model.ts';
import type { CommitRecord } from '../catalog/records.ts';
import { allPartitions } from '../catalog/table-lookup.ts';
import type { TabletReport } from '../protocol/data.ts';
import type { BackendDirectory } from './backend-directory.ts';
import type { TabletStats } from './tablet-stats.ts';

/** Backends told at the same time of one commit. */
const PUBLISH_PARALLEL_MAX = 16;

interface Unconfirmed {
  readonly record: CommitRecord;
  readonly waitingFor: Set<BackendId>;
}

/** What one backend was asked to publish of a commit, and whether it has. */
interface PublishAnswer {
  readonly tabletIds: readonly TabletId[];
  readonly isPublished: boolean;
}

export class CommitPublisher {
  readonly #catalog: Catalog;
  readonly #backends: BackendDirectory;
  readonly #stats: TabletStats;
  readonly #unconfirmed = new Map<TxnId, Unconfirmed>();
  /** From before the record is logged until the publish has been answered. */
  readonly #inFlight = new Map<TxnId, CommitRecord>();

  constructor(catalog: Catalog, backends: BackendDirectory, stats: TabletStats) {
    this.#catalog = catalog;
    this.#backends = backends;
    this.#stats = stats;
  }

  /** Live and at replay: from now on every backend owes a confirmation. */
  apply(record: CommitRecord): void {
    this.#unconfirmed.set(record.txnId, { record, waitingFor: new Set(this.#backends.ids()) });
  }

  /** Logs a commit; until it is published, readers stay below its versions. */
  *expecting(record: CommitRecord, log: () => Op<void>): Op<void> {
    this.#inFlight.set(record.txnId, record);
    try {
      yield* log();
    } catch (error) {
      this.#inFlight.delete(record.txnId);
      throw error;
    }
  }

  /**
   * Publishes on all backends; ends when each has answered or failed. True if every tablet can be
   * read at the new version on one of them at least; if not, tablet reports bring it about later.
   */
  *publish(record: CommitRecord): Op<boolean> {
    try {
      return yield* this.publishAhead(record, this.#tableOf(record));
    } finally {
      this.#inFlight.delete(record.txnId);
    }
  }

  /**
   * The same before the record is logged, on tablets of `table` that nobody can read yet. Once it
   * is logged, what a backend has not made durable is published again as ever.
   */
  *publishAhead(record: CommitRecord, table: OlapTable | undefined): Op<boolean> {
    const answers = yield* all(
      this.#backends.ids().map((backendId) => () => this.#publishOn(record, backendId, table)),
      PUBLISH_PARALLEL_MAX,
    );
    const readable = new Set(
      answers.flatMap(({ tabletIds, isPublished }) => (isPublished ? tabletIds : [])),
    );
    return answers.every(({ tabletIds }) => tabletIds.every((id) => readable.has(id)));
  }

  /** Committed, and on its way to be readable. */
  isInFlight(txnId: TxnId): boolean {
    return this.#inFlight.has(txnId);
  }

  /** The highest version that backends can be asked for: below every publish under way. */
  readableVersion(physical: PhysicalPartition): number {
    let readable = physical.visibleVersion;
    for (const record of this.#inFlight.values()) {
      for (const { physicalPartitionId, version } of record.partitions) {
        if (physicalPartitionId === physical.id) readable = Math.min(readable, version - 1);
      }
    }
    return readable;
  }

  /** Settles what a backend still holds staged; idempotent. */
  *settle(report: TabletReport, isRunning: (txnId: TxnId) => boolean): Op<void> {
    const { backendId } = report;
    const durable = this.#unconfirmed.size === 0 ? NO_VERSIONS : versionsOf(report);
    for (const [txnId, { record, waitingFor }] of [...this.#unconfirmed]) {
      if (!waitingFor.has(backendId) || this.#inFlight.has(txnId)) continue;
      const owed = this.#tabletsOn(record, backendId).filter(
        ({ tabletId, version }) => (durable.get(tabletId) ?? -1) < version,
      );
      if (owed.length === 0) this.#confirm(txnId, backendId);
      else yield* this.#publishOn(record, backendId);
    }
    const link = this.#backends.link(backendId);
    for (const txnId of report.stagedTxns) {
      const isKnown = isRunning(txnId) || this.#unconfirmed.has(txnId) || this.#inFlight.has(txnId);
      if (!isKnown) yield* link.abortTxn({ txnId });
    }
  }

  /**
   * Drops what is owed above a partition's visible version: a restore has taken the partition back
   * (restore-jobs.md 5.1), and publishing an older history again would mix into the new one.
   */
  forgetBeyondVisible(): void {
    for (const [txnId, { record }] of [...this.#unconfirmed]) {
      if (this.#inFlight.has(txnId)) continue;
      const visible = this.#visibleVersions(record);
      const isOver = record.partitions.every(
        ({ physicalPartitionId, version }) => version > (visible.get(physicalPartitionId) ?? -1),
      );
      if (isOver) this.#unconfirmed.delete(txnId);
    }
  }

  /** For the image: commits that a backend may not have published durably. */
  unconfirmed(): readonly CommitRecord[] {
    return [...this.#unconfirmed.values()].map(({ record }) => record);
  }

  /** A failure leaves the backend owing: its next tablet report brings the publish again. */
  *#publishOn(
    record: CommitRecord,
    backendId: BackendId,
    table: OlapTable | undefined = this.#tableOf(record),
  ): Op<PublishAnswer> {
    const tablets = this.#tabletsOn(record, backendId, table);
    const tabletIds = tablets.map(({ tabletId }) => tabletId);
    if (tablets.length === 0) return { tabletIds, isPublished: true };
    const published = yield* attempt(
      this.#backends.link(backendId).publishVersion({ txnId: record.txnId, tablets }),
    );
    if (published.ok) this.#stats.note(backendId, published.value);
    return { tabletIds, isPublished: published.ok };
  }

  #tabletsOn(
    record: CommitRecord,
    backendId: BackendId,
    table: OlapTable | undefined = this.#tableOf(record),
  ): { readonly tabletId: TabletId; readonly version: number }[] {
    if (table === undefined) return [];
    const versions = new Map(
      record.partitions.map((partition) => [partition.physicalPartitionId, partition.version]),
    );
    const mine: { tabletId: TabletId; version: number }[] = [];
    for (const partition of allPartitions(table)) {
      for (const physical of partition.physical) {
        const version = versions.get(physical.id);
        if (version === undefined || version > physical.visibleVersion) continue;
        for (const { tablets } of physical.indexes) {
          for (let at = 0; at < tablets.backendIds.length; at += 1) {
            const replicaId = asId<ReplicaId>(tablets.replicaIds[at] ?? 0);
            if (tablets.backendIds[at] !== backendId || physical.lagging.has(replicaId)) continue;
            const tabletId = tablets.tabletIds[Math.floor(at / tablets.replication)] ?? 0;
            mine.push({ tabletId: asId(tabletId), version });
          }
        }
      }
    }
    return mine;
  }

  #tableOf({ dbId, tableId }: CommitRecord): OlapTable | undefined {
    return this.#catalog.databases.get(dbId)?.tables.get(tableId);
  }

  #visibleVersions(record: CommitRecord): ReadonlyMap<PhysicalPartitionId, number> {
    const table = this.#catalog.databases.get(record.dbId)?.tables.get(record.tableId);
    const partitions = table === undefined ? [] : [...allPartitions(table)];
    return new Map(
      partitions.flatMap((partition) =>
        partition.physical.map((physical) => [physical.id, physical.visibleVersion] as const),
      ),
    );
  }

  #confirm(txnId: TxnId, backendId: BackendId): void {
    const entry = this.#unconfirmed.get(txnId);
    entry?.waitingFor.delete(backendId);
    if (entry?.waitingFor.size === 0) this.#unconfirmed.delete(txnId);
  }
}

/** A report of very many tablets mostly has nothing to settle. */
const NO_VERSIONS: ReadonlyMap<TabletId, number> = new Map();

function versionsOf({ tablets }: TabletReport): ReadonlyMap<TabletId, number> {
  return new Map(tablets.map(({ tabletId, version }) => [tabletId, version]));
}
