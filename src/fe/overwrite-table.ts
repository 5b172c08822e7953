/**
 * INSERT OVERWRITE: new partitions with the rows take the place of those that are there, in one
 * record, of which readers see all or nothing (sql-surface.md 3.6).
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import { uuid } from '../base/random.ts';
import { emptyCopyOf } from '../catalog/build-partition.ts';
import type { OlapTable, Partition } from '../catalog/model.ts';
import type { CommitRecord } from '../catalog/records.ts';
import { withPartitionsOverwritten } from '../catalog/table-operations.ts';
import { changing, hasSameIndexes, stillNormal } from './change-database.ts';
import type { FrontendContext, StatementResult } from './frontend-context.ts';
import { loadAnswer, type RoutedLoad, withPartitionsFor } from './load-rows.ts';
import { newPartitions } from './new-partitions.ts';
import { dropReplicas, withNewReplicas } from './replica-creation.ts';

/** The named partitions, or all; those without rows are empty afterwards. */
export function* overwriteTable(
  frontend: FrontendContext,
  load: RoutedLoad,
  partitionNames: readonly string[] | undefined,
): Op<StatementResult> {
  const { database, router } = load;
  const table = yield* withPartitionsFor(frontend, load);
  const label = load.label ?? `insert_${uuid(frontend.random)}`;
  const names = partitionNames ?? [...table.partitions.keys()];
  const replaced = [...new Set(names)].flatMap((name) => table.partitions.get(name) ?? []);
  const fresh = yield* newPartitions(frontend, table, replaced.map(emptyCopyOf));
  const txnId = yield* withNewReplicas(frontend, database.id, table, fresh, () =>
    frontend.loads.overwrite(
      {
        dbId: database.id,
        table: withPartitionsOverwritten(table, fresh, []),
        label,
        register: (commit) =>
          changing(frontend, database, () =>
            register(frontend, { ...load, table }, { replaced, fresh, commit }),
          ),
      },
      router.routed(new Map(fresh.map((partition) => [partition.name, partition]))),
    ),
  );
  dropReplicas(frontend, database.id, replaced);
  return loadAnswer(router.rowCount, label, 'VISIBLE', txnId);
}

interface Overwritten {
  readonly replaced: readonly Partition[];
  readonly fresh: readonly Partition[];
  readonly commit: CommitRecord;
}

/** The table may have been altered, dropped or restored while the rows were written. */
function* register(
  frontend: FrontendContext,
  { database, table }: RoutedLoad,
  { replaced, fresh, commit }: Overwritten,
): Op<void> {
  const now: OlapTable = stillNormal(frontend, database, table, 'loads');
  const isSame = replaced.every(({ name, id }) => now.partitions.get(name)?.id === id);
  if (!isSame || !hasSameIndexes(now, table)) {
    throw new SimError(
      'execution',
      `Table '${table.name}' was changed while it was being overwritten`,
      { hint: 'run the statement again' },
    );
  }
  yield* frontend.log({
    op: 'OP_INSERT_OVERWRITE_STATE_CHANGE',
    dbId: database.id,
    tableId: table.id,
    partitions: fresh,
    dropped: [],
    commit,
  });
}
