/**
 * A rollup for a table that is there: its tablets are filled with the rows of the base index and
 * become part of the table by one record.
 */
import { asId, type IndexId, type TxnId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import { idRun } from '../catalog/id-run.ts';
import type { Database, OlapTable, RollupJob } from '../catalog/model.ts';
import { indexMetaFor, type NewIndex } from '../catalog/rollup-schema.ts';
import { baseIndexMeta } from '../catalog/table-lookup.ts';
import {
  countTabletIds,
  emptyPartitions,
  filledPhysicals,
  fillParts,
  partsOf,
  refuseUnderWay,
} from './fill-index.ts';
import type { FrontendContext } from './frontend-context.ts';
import { indexProjection } from './index-rows.ts';
import { withNewReplicas } from './replica-creation.ts';

/** The caller holds the database and has checked the table and the index. */
export function* addIndex(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  added: NewIndex,
): Op<void> {
  const createTimeMs = frontend.clock.now();
  refuseUnderWay(frontend, table);
  const base = baseIndexMeta(table);
  const idCount = 3 + countTabletIds(table, base.indexId);
  const ids = idRun(yield* frontend.ids.next(idCount), idCount);
  const jobId = ids.next();
  const txnId = asId<TxnId>(ids.next());
  const meta = indexMetaFor(added, asId<IndexId>(ids.next()));
  const project = indexProjection(meta, base.schema);
  const parts = partsOf(table, { meta, sourceId: base.indexId, project }, ids);
  const target = { id: table.id, indexMetas: [meta], properties: table.properties };
  yield* withNewReplicas(frontend, database.id, target, emptyPartitions(table, parts), () =>
    frontend.loads.running(txnId, function* () {
      yield* fillParts(frontend, parts, txnId);
      const job: RollupJob = {
        jobId,
        tableId: table.id,
        tableName: table.name,
        baseIndexName: table.name,
        rollupIndexName: meta.name,
        rollupId: meta.indexId,
        txnId,
        createTimeMs,
        finishedTimeMs: frontend.clock.now(),
      };
      const physical = filledPhysicals(table, parts);
      const where = { dbId: database.id, tableId: table.id };
      yield* frontend.log({ op: 'OP_ALTER_JOB_V2', ...where, job, meta, physical });
    }),
  );
}
