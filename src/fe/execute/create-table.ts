/** CREATE TABLE: analysed, placed, created on the backends, then logged (sql-surface.md 3.2). */
import { isSimError, SimError } from '../../base/errors.ts';
import { attempt, type Op } from '../../base/op.ts';
import { buildTable, countTableIds } from '../../catalog/build-table.ts';
import { idRun } from '../../catalog/id-run.ts';
import { analyzeTable } from '../analyze-table.ts';
import { changing } from '../change-database.ts';
import { joinGroup, refuseOtherGroup } from '../colocate.ts';
import { refuseOverReplicaQuota } from '../database-quota.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { tooFewBackends, withNewReplicas } from '../replica-creation.ts';
import { databaseOf, isNameTaken, refuseForeignCatalog } from '../resolve.ts';
import { refuseSyntheticIfStrict } from '../synthetic-tablets.ts';
import { refuseManyTablets } from '../tablet-limit.ts';

export const executeCreateTable: Executor<'create-table'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { name, catalog, db } = statement.table;
  refuseForeignCatalog(catalog);
  const database = databaseOf(frontend, session, db);
  const taken = (): boolean => isNameTaken(database, name);
  const refuse = (): SimError => new SimError('table-exists', `Table '${name}' already exists`);
  if (taken()) {
    if (statement.ifNotExists) return DONE;
    throw refuse();
  }
  const definition = analyzeTable(statement, {
    replicationNum: frontend.config.getNumber('default_replication_num'),
    aliveBackends: frontend.backends.aliveCount,
    systemTimeZone: frontend.options.systemTimeZone,
  });
  refuseManyTablets(definition);
  refuseSyntheticIfStrict(definition.properties, frontend.options.strict);
  const { group, chooseBackends } = yield* joinGroup(frontend, database, definition);
  const idCount = countTableIds(definition);
  const ids = idRun(yield* frontend.ids.next(idCount), idCount);
  const placement = {
    ids,
    chooseBackends,
    physicalIdEqualsLogical: frontend.options.profile.jobs.physicalIdEqualsLogical,
  };
  const grouped = group === undefined ? definition : { ...definition, colocateGroup: group };
  const table = buildTable(grouped, placement, frontend.clock.now());
  if (table === undefined) {
    throw tooFewBackends(definition.replicationNum, frontend.backends.aliveCount);
  }
  const partitions = [...table.partitions.values()];
  const register = function* (): Op<void> {
    if (taken()) throw refuse();
    refuseOtherGroup(database, table);
    refuseOverReplicaQuota(database, partitions);
    yield* frontend.log({ op: 'OP_CREATE_TABLE_V2', dbId: database.id, table });
  };
  const made = yield* attempt(
    withNewReplicas(frontend, database.id, table, partitions, () =>
      changing(frontend, database, register),
    ),
  );
  // Another statement may have made it meanwhile, which is as good.
  if (made.ok || (statement.ifNotExists && isSimError(made.error, 'table-exists'))) return DONE;
  throw made.error;
};
