/**
 * Loads: rows staged under a transaction, published as a version, or given up. Staged rows are
 * durable when `writeRowsets` returns; a publish need not be, since the frontend repeats it.
 */
import { SimError } from '../base/errors.ts';
import type { TabletId, TxnId } from '../base/ids.ts';
import { type Op, suspend } from '../base/op.ts';
import type {
  PublishVersionRequest,
  RowBatch,
  TabletStat,
  WriteRowsetsRequest,
} from '../protocol/data.ts';
import type { TabletSchema } from '../protocol/tablet-schema.ts';
import { checkColumn } from './cell-check.ts';
import { compactIfMany } from './compaction.ts';
import { type Engine, tabletDirectory } from './engine.ts';
import { flushIfLarge } from './flush.ts';
import { concatenate, type MergedRows, survivors } from './merge-rows.ts';
import {
  decodeInline,
  encodeInline,
  inlineBytes,
  type Rowset,
  type RowsetFile,
  type StagedBatch,
} from './meta-records.ts';
import { isBeforeMove, type StagedTablet, type TabletState } from './meta-state.ts';
import { tabletStat } from './row-count.ts';
import { keyColumns } from './row-key.ts';

/**
 * Stages batches for many tablets, all or none. A transaction may stage several times; its batches
 * take effect in that order. Throws `backend-unavailable` for a tablet that is not here and
 * `insert-failed` for a cell that its column cannot hold.
 */
export function* writeRowsets(engine: Engine, request: WriteRowsetsRequest): Op<void> {
  const { state, log, rowsetFiles } = engine;
  const staged: { id: TabletId; batch: StagedBatch }[] = [];
  const written: string[] = [];
  try {
    for (const { tabletId, batch } of request.tablets) {
      const tablet = state.tablets.get(tabletId);
      if (tablet === undefined) {
        throw new SimError(
          'backend-unavailable',
          `tablet ${tabletId} does not exist on ${engine.where}`,
        );
      }
      if (batch.rowCount === 0) continue;
      staged.push({ id: tabletId, batch: yield* stageBatch(engine, tablet, batch, written) });
    }
    if (staged.length > 0) {
      yield* log.append([{ op: 'stage', txn: request.txnId, tablets: staged }], true);
    }
  } catch (error) {
    if (!engine.life.isOver) rowsetFiles.release(written);
    throw error;
  }
}

function* stageBatch(
  engine: Engine,
  tablet: TabletState,
  batch: RowBatch,
  written: string[],
): Op<StagedBatch> {
  const { config } = engine;
  const rows = checkBatch(tablet.schema, batch);
  if (rows.rowCount <= config.inlineLoadRowsMax) {
    const columns = batch.op === 'delete' ? keyColumns(tablet.schema) : tablet.schema.columns;
    const inline = encodeInline(columns, batch.op, rows);
    if (inlineBytes(inline) <= config.inlineLoadBytesMax) return { rows: inline };
  }
  const rowsetId = engine.newRowsetId();
  const files = yield* writeBatch(engine, tablet, rowsetId, batch.op, rows);
  const directory = tabletDirectory(engine.dataDir, tablet.tabletId, tablet.schema.schemaHash);
  written.push(...files.map(({ name }) => `${directory}/${name}`));
  return { rowset: { rowsetId, files } };
}

function writeBatch(
  engine: Engine,
  { tabletId, schema }: TabletState,
  rowsetId: string,
  op: RowBatch['op'],
  rows: MergedRows,
): Op<readonly RowsetFile[]> {
  const directory = tabletDirectory(engine.dataDir, tabletId, schema.schemaHash);
  const kind = op === 'delete' ? 'delete' : 'data';
  return engine.rowsetFiles.write(directory, schema, rowsetId, [{ ...rows, kind }]);
}

/** Cells in stored form; of rows with one key, the last, where a key has one row. */
function checkBatch(schema: TabletSchema, batch: RowBatch): MergedRows {
  const expected = batch.op === 'delete' ? keyColumns(schema) : schema.columns;
  const { rowCount } = batch;
  const isRegular =
    batch.columns.length === expected.length &&
    batch.columns.every((column) => column.length === rowCount);
  if (!isRegular) {
    throw new SimError(
      'insert-failed',
      `a batch of ${rowCount} rows needs ${expected.length} columns of that many cells each`,
    );
  }
  const columns = expected.map((column, index) => checkColumn(column, batch.columns[index] ?? []));
  const hasOneRowPerKey = schema.keysType === 'PRIMARY_KEYS' || schema.keysType === 'UNIQUE_KEYS';
  if (batch.op === 'delete' || !hasOneRowPerKey || rowCount === 1) return { rowCount, columns };
  const run = { version: 0, op: batch.op, columns, from: 0, to: rowCount } as const;
  return concatenate(schema, survivors(schema, [run], true));
}

/**
 * Makes staged rows visible. Idempotent: a version that is there is left alone, as is a tablet that
 * a restore has replaced since the load; a tablet that is not here any more is left out of the
 * answer. A version whose predecessor is missing waits for it for `publishWaitMs`; then the others
 * are published and `backend-unavailable` names the first.
 */
export function* publishVersion(
  engine: Engine,
  request: PublishVersionRequest,
): Op<readonly TabletStat[]> {
  yield* publishReady(engine, request);
  const early = firstEarly(engine, request);
  if (early !== undefined) yield* publishLater(engine, request, early);
  const stats: TabletStat[] = [];
  for (const { tabletId } of request.tablets) {
    const tablet = engine.state.tablets.get(tabletId);
    if (tablet === undefined) continue;
    stats.push(yield* tabletStat(engine, tablet));
    flushIfLarge(engine, tablet);
    compactIfMany(engine, tablet);
  }
  return stats;
}

/** Tries again after each publish. A timer ends it: the clock may be set meanwhile. */
function* publishLater(engine: Engine, request: PublishVersionRequest, early: SimError): Op<void> {
  let isOver = false;
  const cancelTimer = engine.clock.after(engine.config.publishWaitMs, () => {
    isOver = true;
    engine.published.wake();
  });
  let still: SimError | undefined = early;
  try {
    while (still !== undefined && !isOver) {
      yield* untilPublished(engine);
      engine.life.check();
      yield* publishReady(engine, request);
      still = firstEarly(engine, request);
    }
  } finally {
    cancelTimer();
  }
  if (still !== undefined) throw still;
}

/** Ends when some version has been published, or the time of someone who waits is over. */
function* untilPublished(engine: Engine): Op<void> {
  yield* suspend<void>((resume) => {
    engine.published.once(() => resume({ ok: true, value: undefined }));
  });
}

function firstEarly(engine: Engine, request: PublishVersionRequest): SimError | undefined {
  for (const { tabletId, version } of request.tablets) {
    const tablet = engine.state.tablets.get(tabletId);
    if (tablet === undefined || tablet.version >= version) continue;
    if (isBeforeMove(tablet, request.txnId)) continue;
    return new SimError(
      'backend-unavailable',
      `tablet ${tabletId} on ${engine.where} is at version ${tablet.version}: ` +
        `version ${version} cannot be published before ${tablet.version + 1}`,
    );
  }
  return undefined;
}

function* publishReady(engine: Engine, request: PublishVersionRequest): Op<void> {
  const { state, log, locks } = engine;
  // One publish at a time looks at versions and writes its record.
  yield* locks.hold(PUBLISH_LOCK, function* () {
    const tablets: { id: TabletId; v: number; rowset?: Rowset }[] = [];
    for (const { tabletId, version } of request.tablets) {
      const tablet = state.tablets.get(tabletId);
      if (tablet === undefined || tablet.version + 1 !== version) continue;
      if (isBeforeMove(tablet, request.txnId)) continue;
      const staged = state.staged.get(request.txnId)?.get(tabletId);
      const rowset =
        staged === undefined ? undefined : yield* rowsetOf(engine, tablet, version, staged);
      tablets.push({ id: tabletId, v: version, ...(rowset !== undefined && { rowset }) });
    }
    if (tablets.length === 0) return;
    const isDurable = request.isDurable === true;
    yield* log.append([{ op: 'publish', txn: request.txnId, tablets }], isDurable);
  });
  engine.published.wake();
}

/** No tablet has this id; the lock table is shared. */
const PUBLISH_LOCK = -1 as TabletId;

/** What was staged as one rowset, if any of it is in files; small batches of it become files too. */
function* rowsetOf(
  engine: Engine,
  tablet: TabletState,
  version: number,
  staged: StagedTablet,
): Op<Rowset | undefined> {
  if (staged.batches.every((batch) => 'rows' in batch)) return undefined;
  const files: RowsetFile[] = [];
  let rowsetId = '';
  for (const batch of staged.batches) {
    if ('rowset' in batch) {
      rowsetId = batch.rowset.rowsetId;
      files.push(...batch.rowset.files);
      continue;
    }
    const { op, n } = batch.rows;
    const keys = op === 'delete' ? keyColumns(tablet.schema) : tablet.schema.columns;
    const rows = { rowCount: n, columns: decodeInline(keys, batch.rows) };
    files.push(...(yield* writeBatch(engine, tablet, engine.newRowsetId(), op, rows)));
  }
  return { rowsetId, startVersion: version, endVersion: version, files };
}

/** Gives staged rows up; a transaction that is not known is fine. */
export function* abortTxn(engine: Engine, txnId: TxnId): Op<void> {
  if (!engine.state.staged.has(txnId)) return;
  yield* engine.log.append([{ op: 'abort', txn: txnId }], false);
}
