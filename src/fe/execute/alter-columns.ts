/** ALTER TABLE ... ADD | DROP | MODIFY | RENAME COLUMN and ORDER BY (sql-surface.md 3.4). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Database, OlapTable } from '../../catalog/model.ts';
import { changedSchema } from '../../catalog/schema-change.ts';
import type { AlterAction } from '../../sql/ast.ts';
import { analyzeColumnChanges } from '../analyze-columns.ts';
import { changeColumns } from '../change-columns.ts';
import { changing, stillNormal } from '../change-database.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { queryContext } from '../query-context.ts';
import type { Session } from '../session.ts';
import { refuseSynthetic } from '../synthetic-tablets.ts';

type ColumnAction = Extract<AlterAction, { readonly kind: 'change-columns' }>;

export function* alterColumns(
  frontend: FrontendContext,
  session: Session,
  database: Database,
  table: OlapTable,
  { changes }: ColumnAction,
): Op<void> {
  refuseSynthetic(table, 'a change of its columns');
  const wanted = analyzeColumnChanges(table, changes);
  changedSchema(table, wanted);
  yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    if (now.tempPartitions.size > 0) {
      throw new SimError(
        'execution',
        'Can not alter table when there are temp partitions in table',
      );
    }
    refuseInBackup(frontend, database, now);
    const context = queryContext(frontend, session);
    yield* changeColumns(frontend, database, now, changedSchema(now, wanted), context);
  });
}

/** Backends are still to make snapshots of tablets that the change would take away. */
function refuseInBackup(frontend: FrontendContext, database: Database, table: OlapTable): void {
  const { handler } = frontend;
  const job = handler.job(database.id)?.job;
  if (job?.type !== 'BACKUP') return;
  const isBeginning = job.state === 'PENDING' && !handler.isIdle(database.id);
  if (job.state !== 'SNAPSHOTING' && !isBeginning) return;
  if (!job.tableRefs.some(({ tableName }) => tableName === table.name)) return;
  throw new SimError(
    'table-not-normal',
    `Table '${table.name}' is being backed up as '${job.label}' and does not allow ALTER TABLE`,
    { hint: 'wait until SHOW BACKUP says that its snapshots are made' },
  );
}
