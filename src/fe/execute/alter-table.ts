/** ALTER TABLE: RENAME, SET, ADD PARTITION, DROP PARTITION (sql-surface.md 3.4). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { isAutomatic } from '../../catalog/automatic-partition.ts';
import type { Database, OlapTable } from '../../catalog/model.ts';
import { isTableName } from '../../catalog/names.ts';
import type { AlterAction } from '../../sql/ast.ts';
import { addPartitions } from '../add-partitions.ts';
import { analysisError } from '../analysis-error.ts';
import {
  analyzeDynamicPartition,
  isDynamicProperty,
  refuseIfDynamic,
} from '../analyze-dynamic-partition.ts';
import { analyzeAddedPartitions } from '../analyze-partitions.ts';
import { changing, stillNormal } from '../change-database.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import { dropReplicas } from '../replica-creation.ts';
import {
  baseSchema,
  isNameTaken,
  refuseMaterializedView,
  refuseUnlessNormal,
  tableNamed,
} from '../resolve.ts';
import { addRollups, dropRollups } from './alter-rollup.ts';
import { alterTemporary } from './alter-temporary.ts';

type ActionOf<K extends AlterAction['kind']> = Extract<AlterAction, { readonly kind: K }>;

export const executeAlterTable: Executor<'alter-table'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { database, table } = tableNamed(frontend, session, statement.table);
  refuseMaterializedView(table, 'ALTER TABLE', 'use ALTER MATERIALIZED VIEW');
  refuseUnlessNormal(table, 'ALTER TABLE');
  const { action } = statement;
  switch (action.kind) {
    case 'rename':
      yield* rename(frontend, database, table, action);
      break;
    case 'set-properties':
      yield* setProperties(frontend, database, table, action);
      break;
    case 'add-partition':
      yield* addDefinedPartition(frontend, database, table, action);
      break;
    case 'drop-partition':
      yield* dropPartition(frontend, database, table, action);
      break;
    case 'add-rollups':
      yield* addRollups(frontend, database, table, action.rollups);
      break;
    case 'drop-rollups':
      yield* dropRollups(frontend, database, table, action.names);
      break;
    default:
      yield* alterTemporary(frontend, database, table, action);
  }
  return DONE;
};

function* rename(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { newName }: ActionOf<'rename'>,
): Op<void> {
  if (!isTableName(newName)) {
    throw analysisError(`Incorrect table name '${newName}'`, 'bad-table-name');
  }
  if (newName === table.name) throw new SimError('execution', `Same table name ${newName}`);
  yield* changing(frontend, database, function* () {
    stillNormal(frontend, database, table, 'ALTER TABLE');
    if (isNameTaken(database, newName)) {
      throw new SimError('execution', `Table name[${newName}] is already used`);
    }
    yield* frontend.log({
      op: 'OP_RENAME_TABLE_V2',
      dbId: database.id,
      tableId: table.id,
      newName,
    });
  });
}

/** Of dynamic partitions; others are refused by name. */
function* setProperties(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { properties }: ActionOf<'set-properties'>,
): Op<void> {
  const other = [...properties.keys()].find((key) => !isDynamicProperty(key));
  if (other !== undefined) {
    throw analysisError(`ALTER TABLE ... SET ("${other}") is not supported`, 'unsupported');
  }
  yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    const all = analyzeDynamicPartition(
      new Map([...now.properties, ...properties]),
      {
        partitionBy: now.partitionBy,
        columns: baseSchema(now),
        buckets: now.defaultDistribution.buckets,
      },
      frontend.options.systemTimeZone,
    );
    yield* frontend.log({
      op: 'OP_DYNAMIC_PARTITION',
      dbId: database.id,
      tableId: table.id,
      properties: new Map([...all].filter(([key]) => isDynamicProperty(key))),
    });
  });
}

function* addDefinedPartition(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { partition }: ActionOf<'add-partition'>,
): Op<void> {
  if (table.partitionBy.kind === 'UNPARTITIONED') {
    throw analysisError(`Table '${table.name}' is not partitioned; no partition can be added`);
  }
  refuseIfDynamic(table);
  const defined = analyzeAddedPartitions([partition], table);
  yield* addPartitions(frontend, database, table, defined);
}

function* dropPartition(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { name, ifExists }: ActionOf<'drop-partition'>,
): Op<void> {
  refuseIfDynamic(table);
  yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    if (!now.partitions.has(name)) {
      if (ifExists) return;
      throw new SimError(
        'drop-unknown-partition',
        `Error in list of partitions: unknown partition '${name}' in table '${table.name}'`,
      );
    }
    const isLast = now.partitions.size === 1 && !isAutomatic(now.partitionBy);
    if (now.partitionBy.kind === 'UNPARTITIONED' || isLast) {
      throw new SimError('last-partition', `Cannot remove all partitions of '${table.name}'`, {
        hint: 'use DROP TABLE instead',
      });
    }
    yield* frontend.log({
      op: 'OP_DROP_PARTITION',
      dbId: database.id,
      tableId: table.id,
      partitionName: name,
    });
    const dropped = now.partitions.get(name);
    if (dropped !== undefined) dropReplicas(frontend, database.id, [dropped]);
  });
}
