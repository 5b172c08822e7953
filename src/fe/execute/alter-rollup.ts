/** ALTER TABLE ... ADD | DROP ROLLUP, and synchronous materialized views (sql-surface.md 3.4, 3.5). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Database, OlapTable } from '../../catalog/model.ts';
import { isSameName, type NewIndex } from '../../catalog/rollup-schema.ts';
import { allPartitions } from '../../catalog/table-lookup.ts';
import type { RollupDef } from '../../sql/ast.ts';
import { addIndex } from '../add-index.ts';
import { analysisError } from '../analysis-error.ts';
import { analyzeAddedRollups, checkIndexName } from '../analyze-rollup.ts';
import { syncViewIndex, syncViewQuery } from '../analyze-sync-view.ts';
import { changing, stillNormal } from '../change-database.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import { dropReplicas } from '../replica-creation.ts';
import {
  databaseOf,
  isNameTaken,
  refuseForeignCatalog,
  refuseMaterializedView,
  tableNamed,
} from '../resolve.ts';
import { refuseSynthetic } from '../synthetic-tablets.ts';

export function* addRollups(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  rollups: readonly RollupDef[],
): Op<void> {
  refuseSynthetic(table, 'ADD ROLLUP');
  // All are checked before the first is built.
  analyzeAddedRollups(table, rollups);
  for (const rollup of rollups) {
    yield* adding(frontend, database, table, (now) => analyzeAddedRollups(now, [rollup]));
  }
}

/** Holds the database, looks at the table as it is now, and builds the index. */
function* adding(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  analyze: (now: OlapTable) => readonly NewIndex[],
): Op<void> {
  yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    if (now.tempPartitions.size > 0) {
      throw new SimError(
        'execution',
        'Can not alter table when there are temp partitions in table',
      );
    }
    for (const index of analyze(now)) yield* addIndex(frontend, database, now, index);
  });
}

export function* dropRollups(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  names: readonly string[],
): Op<void> {
  for (const name of names) {
    yield* changing(frontend, database, function* () {
      yield* dropRollup(
        frontend,
        database,
        stillNormal(frontend, database, table, 'ALTER TABLE'),
        name,
      );
    });
  }
}

function* dropRollup(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  name: string,
): Op<void> {
  const meta = table.indexMetas.find((one) => isSameName(one.name, name));
  if (meta === undefined) {
    throw new SimError('execution', `Rollup index[${name}] does not exist in table[${table.name}]`);
  }
  if (meta.indexId === table.baseIndexId) {
    throw new SimError('execution', `Base index[${name}] can not be dropped`);
  }
  const { indexId } = meta;
  yield* frontend.log({ op: 'OP_DROP_ROLLUP', dbId: database.id, tableId: table.id, indexId });
  const dropped = [...allPartitions(table)].map((partition) => ({
    ...partition,
    physical: partition.physical.map((physical) => ({
      ...physical,
      indexes: physical.indexes.filter((index) => index.indexId === indexId),
    })),
  }));
  dropReplicas(frontend, database.id, dropped);
}

export const executeCreateSyncView: Executor<'create-sync-materialized-view'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const parts = syncViewQuery(statement);
  const { database, table } = tableNamed(frontend, session, parts.table);
  refuseMaterializedView(table, 'a synchronous view of it', 'define it over the tables below');
  const { name, db, catalog } = statement.name;
  refuseForeignCatalog(catalog);
  if (db !== undefined && db !== database.name) {
    throw analysisError('The materialized view must be in the database of its table');
  }
  if (ownerOf(database, name) !== undefined && statement.ifNotExists) return DONE;
  refuseSynthetic(table, 'a materialized view of it');
  yield* adding(frontend, database, table, (now) => {
    const owner = ownerOf(database, name);
    if (owner !== undefined || isNameTaken(database, name)) {
      throw analysisError(`Materialized view[${name}] already exists`, 'table-exists');
    }
    checkIndexName(
      now.indexMetas.map((meta) => meta.name),
      name,
    );
    return [syncViewIndex(statement, parts, now)];
  });
  return DONE;
};

export const executeDropMaterializedView: Executor<'drop-materialized-view'> = function* (
  frontend,
  session,
  { name, ifExists },
): Op<StatementResult> {
  refuseForeignCatalog(name.catalog);
  const database = databaseOf(frontend, session, name.db);
  return yield* changing(frontend, database, function* () {
    const owner = ownerOf(database, name.name);
    if (owner === undefined) {
      if (ifExists) return DONE;
      throw new SimError('unknown-table', `Materialized view ${name.name} is not found`);
    }
    const now = stillNormal(frontend, database, owner, 'DROP MATERIALIZED VIEW');
    yield* dropRollup(frontend, database, now, name.name);
    return DONE;
  });
};

/** The table that has a rollup or view of that name: they have no place of their own. */
function ownerOf(database: Database, name: string): OlapTable | undefined {
  return [...database.tables.values()].find((table) =>
    table.indexMetas.some(
      (meta) => meta.indexId !== table.baseIndexId && isSameName(meta.name, name),
    ),
  );
}
