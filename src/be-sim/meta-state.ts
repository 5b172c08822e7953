/**
 * What a backend knows of its tablets and transactions, changed by records of the meta log alone:
 * `apply` is the same live and at recovery.
 */
import { assert, present } from '../base/assert.ts';
import { SimError } from '../base/errors.ts';
import type { BackendId, PhysicalPartitionId, TabletId, TxnId } from '../base/ids.ts';
import type { TabletSchema } from '../protocol/tablet-schema.ts';
import type { RowRun } from './merge-rows.ts';
import {
  decodeInline,
  type InlineVersion,
  inlineBytes,
  type LastMove,
  type MetaRecord,
  type Rowset,
  type StagedBatch,
  type TabletRecord,
} from './meta-records.ts';
import { keyColumns, keyPositions, keyText } from './row-key.ts';

export interface TabletState {
  readonly tabletId: TabletId;
  readonly partitionId: PhysicalPartitionId;
  schemaKey: number;
  schema: TabletSchema;
  baseVersion: number;
  version: number;
  /** By first version. A version is in one rowset or in the log, yet ranges may overlap. */
  rowsets: readonly Rowset[];
  /** Published rows that are in the log alone, by version. */
  inline: InlineVersion[];
  inlineRowCount: number;
  inlineBytes: number;
  lastMove: LastMove | undefined;
  /** Live keys, while they are known; see `row-count.ts`. */
  liveKeys: Set<string> | undefined;
}

export interface StagedTablet {
  readonly batches: StagedBatch[];
}

export class MetaState {
  readonly tablets: Map<TabletId, TabletState> = new Map();
  readonly staged: Map<TxnId, Map<TabletId, StagedTablet>> = new Map();
  /** How many times the backend has been started. */
  life = 0;
  #backendId: BackendId | undefined;
  clusterId: number | undefined;
  /** Bytes of the rowset files of all tablets. */
  dataBytes = 0;
  readonly #schemas = new Map<number, TabletSchema>();
  readonly #schemaKeys = new Map<string, number>();
  /** Schemas never change, and the tablets of an index come with the same object. */
  readonly #keysOfObjects = new WeakMap<TabletSchema, number>();
  /** Told of files that no tablet names any more. */
  readonly #released: (
    tablet: TabletState | undefined,
    id: TabletId,
    files: readonly string[],
  ) => void;

  constructor(
    released: (tablet: TabletState | undefined, id: TabletId, files: readonly string[]) => void,
  ) {
    this.#released = released;
  }

  /** The key of a schema, and the record that must go before its first use in the log. */
  schemaKey(schema: TabletSchema): { readonly key: number; readonly records: MetaRecord[] } {
    let key = this.#keysOfObjects.get(schema);
    if (key === undefined) {
      const text = JSON.stringify(schema);
      const known = this.#schemaKeys.get(text);
      key = known ?? this.#schemaKeys.size + 1;
      if (known === undefined) this.#schemaKeys.set(text, key);
      this.#keysOfObjects.set(schema, key);
    }
    return { key, records: this.#schemas.has(key) ? [] : [{ op: 'schema', key, schema }] };
  }

  apply(record: MetaRecord): void {
    switch (record.op) {
      case 'start':
        this.life = record.life;
        this.#backendId = record.backendId;
        return;
      case 'cluster':
        this.clusterId = record.clusterId;
        return;
      case 'schema':
        this.#schemas.set(record.key, record.schema);
        this.#schemaKeys.set(JSON.stringify(record.schema), record.key);
        return;
      case 'create':
        this.#put({ ...record, op: 'tablet', base: record.version, rowsets: NONE, inline: NONE });
        return;
      case 'tablet':
        this.#put(record);
        return;
      case 'drop':
        this.#drop(record.id);
        return;
      case 'stage':
        this.#stage(record);
        return;
      case 'publish':
        this.#publish(record);
        return;
      case 'abort':
        this.#abort(record.txn);
        return;
      case 'flush':
        this.#flush(record);
        return;
      case 'move':
        this.#move(record);
        return;
      case 'end':
        return;
    }
  }

  /** Throws `tablet-unreadable`, naming the tablet. */
  tablet(id: TabletId, where: string): TabletState {
    const tablet = this.tablets.get(id);
    if (tablet !== undefined) return tablet;
    throw new SimError('tablet-unreadable', `tablet ${id} does not exist on ${where}`);
  }

  /** The state as records, in an order in which they can be applied. */
  *records(): Generator<MetaRecord> {
    if (this.#backendId !== undefined) {
      yield { op: 'start', backendId: this.#backendId, life: this.life };
    }
    if (this.clusterId !== undefined) yield { op: 'cluster', clusterId: this.clusterId };
    for (const [key, schema] of this.#schemas) yield { op: 'schema', key, schema };
    for (const tablet of this.tablets.values()) {
      yield {
        op: 'tablet',
        id: tablet.tabletId,
        partitionId: tablet.partitionId,
        schema: tablet.schemaKey,
        base: tablet.baseVersion,
        version: tablet.version,
        rowsets: tablet.rowsets,
        inline: tablet.inline,
        ...(tablet.lastMove !== undefined && { lastMove: tablet.lastMove }),
      };
    }
    for (const [txn, tablets] of this.staged) {
      for (const [id, { batches }] of tablets) {
        for (const batch of batches) yield { op: 'stage', txn, tablets: [{ id, batch }] };
      }
    }
  }

  #put(record: TabletRecord): void {
    this.dataBytes += bytesOf(record.rowsets) - bytesOf(this.tablets.get(record.id)?.rowsets ?? []);
    const inlineRowCount = record.inline.reduce((sum, entry) => sum + rowsIn(entry), 0);
    this.tablets.set(record.id, {
      tabletId: record.id,
      partitionId: record.partitionId,
      schemaKey: record.schema,
      schema: present(this.#schemas.get(record.schema), `schema ${record.schema}`),
      baseVersion: record.base,
      version: record.version,
      rowsets: record.rowsets,
      inline: [...record.inline],
      inlineRowCount,
      inlineBytes: record.inline.reduce((sum, entry) => sum + bytesIn(entry), 0),
      lastMove: record.lastMove,
      liveKeys: undefined,
    });
  }

  #drop(id: TabletId): void {
    const tablet = this.tablets.get(id);
    if (tablet === undefined) return;
    this.tablets.delete(id);
    this.dataBytes -= bytesOf(tablet.rowsets);
    this.#released(tablet, id, tablet.rowsets.flatMap(fileNames));
    for (const [txn, tablets] of this.staged) {
      const staged = tablets.get(id);
      if (staged === undefined) continue;
      this.#released(tablet, id, stagedFiles(staged));
      tablets.delete(id);
      if (tablets.size === 0) this.staged.delete(txn);
    }
  }

  #stage(record: Extract<MetaRecord, { op: 'stage' }>): void {
    let tablets = this.staged.get(record.txn);
    if (tablets === undefined) {
      tablets = new Map();
      this.staged.set(record.txn, tablets);
    }
    for (const { id, batch } of record.tablets) {
      const staged = tablets.get(id);
      if (staged === undefined) tablets.set(id, { batches: [batch] });
      else staged.batches.push(batch);
    }
  }

  #publish(record: Extract<MetaRecord, { op: 'publish' }>): void {
    const stagedTablets = this.staged.get(record.txn);
    for (const { id, v, rowset } of record.tablets) {
      const tablet = this.tablets.get(id);
      const staged = stagedTablets?.get(id);
      stagedTablets?.delete(id);
      // A drop or a move may have come between the order and its record.
      const isNext = tablet !== undefined && v === tablet.version + 1;
      if (!isNext || isBeforeMove(tablet, record.txn)) {
        if (staged !== undefined) this.#released(tablet, id, stagedFiles(staged));
        continue;
      }
      tablet.version = v;
      if (rowset !== undefined) {
        tablet.rowsets = [...tablet.rowsets, rowset];
        this.dataBytes += bytesOf([rowset]);
        tablet.liveKeys = undefined;
      } else if (staged !== undefined) {
        this.#publishInline(tablet, v, staged);
      }
    }
    if (stagedTablets?.size === 0) this.staged.delete(record.txn);
  }

  #publishInline(tablet: TabletState, version: number, staged: StagedTablet): void {
    const batches = staged.batches.flatMap((batch) => ('rows' in batch ? [batch.rows] : []));
    assert(batches.length === staged.batches.length, 'staged files are published as a rowset');
    const entry = { v: version, batches };
    tablet.inline.push(entry);
    tablet.inlineRowCount += rowsIn(entry);
    tablet.inlineBytes += bytesIn(entry);
    if (tablet.liveKeys !== undefined) followKeys(tablet, tablet.liveKeys, entry);
  }

  #abort(txn: TxnId): void {
    for (const [id, staged] of this.staged.get(txn) ?? []) {
      this.#released(this.tablets.get(id), id, stagedFiles(staged));
    }
    this.staged.delete(txn);
  }

  #flush(record: Extract<MetaRecord, { op: 'flush' }>): void {
    const tablet = this.tablets.get(record.id);
    if (tablet === undefined) return;
    const replaced = tablet.rowsets.filter(({ rowsetId }) => record.replaced.includes(rowsetId));
    assert(replaced.length === record.replaced.length, 'a flush replaces rowsets that are there');
    const kept = tablet.rowsets.filter((rowset) => !replaced.includes(rowset));
    const added = record.rowset === null ? [] : [record.rowset];
    this.dataBytes += bytesOf(added) - bytesOf(replaced);
    tablet.rowsets = [...kept, ...added].sort((a, b) => a.startVersion - b.startVersion);
    tablet.inline = tablet.inline.filter(({ v }) => v > record.upTo);
    tablet.inlineRowCount = tablet.inline.reduce((sum, entry) => sum + rowsIn(entry), 0);
    tablet.inlineBytes = tablet.inline.reduce((sum, entry) => sum + bytesIn(entry), 0);
    this.#released(tablet, record.id, replaced.flatMap(fileNames));
  }

  #move(record: Extract<MetaRecord, { op: 'move' }>): void {
    const old = this.tablets.get(record.id);
    if (old === undefined) return;
    const { partitionId } = old;
    this.#put({ ...record, op: 'tablet', partitionId, base: record.version, inline: [] });
    this.#released(old, record.id, old.rowsets.flatMap(fileNames));
  }
}

/** Shared by all tablets without data. */
const NONE: readonly never[] = Object.freeze([]);

const fileNames = (rowset: Pick<Rowset, 'files'>): readonly string[] =>
  rowset.files.map(({ name }) => name);

function stagedFiles(staged: StagedTablet): readonly string[] {
  return staged.batches.flatMap((batch) => ('rowset' in batch ? fileNames(batch.rowset) : []));
}

const bytesOf = (rowsets: readonly Rowset[]): number =>
  rowsets.reduce(
    (sum, { files }) => files.reduce((total, { sizeBytes }) => total + sizeBytes, sum),
    0,
  );

const rowsIn = (entry: InlineVersion): number => entry.batches.reduce((sum, { n }) => sum + n, 0);

const bytesIn = (entry: InlineVersion): number =>
  entry.batches.reduce((sum, rows) => sum + inlineBytes(rows), 0);

/**
 * Whether a load belongs to what a restore has taken away: versions begin anew with a move, so an
 * older load would pass for the next one. Jobs and transactions get their ids from one sequence.
 */
export function isBeforeMove({ lastMove }: TabletState, txnId: TxnId): boolean {
  return lastMove !== undefined && txnId < lastMove.jobId;
}

/** Published rows of the log as runs, up to a version. */
export function inlineRuns(tablet: TabletState, upTo: number): readonly RowRun[] {
  return tablet.inline
    .filter(({ v }) => v <= upTo)
    .flatMap((entry) => runsOfInline(tablet.schema, entry));
}

function runsOfInline(schema: TabletSchema, { v, batches }: InlineVersion): readonly RowRun[] {
  return batches.map((rows): RowRun => {
    const columns = decodeInline(rows.op === 'delete' ? keyColumns(schema) : schema.columns, rows);
    return { version: v, op: rows.op, columns, from: 0, to: rows.n };
  });
}

/** Brings the known live keys of a tablet up to a published version. */
function followKeys(tablet: TabletState, liveKeys: Set<string>, entry: InlineVersion): void {
  for (const run of runsOfInline(tablet.schema, entry)) {
    const key =
      run.op === 'delete'
        ? run.columns
        : keyPositions(tablet.schema).map((position) => run.columns[position] ?? []);
    for (let row = run.from; row < run.to; row += 1) {
      if (run.op === 'delete') liveKeys.delete(keyText(key, row));
      else liveKeys.add(keyText(key, row));
    }
  }
}
