/** ALTER TABLE: names, comment, properties, partitions, columns, rollups (sql-surface.md 3.4). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { isAutomatic } from '../../catalog/automatic-partition.ts';
import type { Database, OlapTable, TableIndex } from '../../catalog/model.ts';
import { isPartitionName, isTableName } from '../../catalog/names.ts';
import { partitionColumns } from '../../catalog/partition-range.ts';
import { definedRanges } from '../../catalog/range-definition.ts';
import type { AlterAction, BatchPartitionDef } from '../../sql/ast.ts';
import { addPartitions } from '../add-partitions.ts';
import { analysisError, analyzed } from '../analysis-error.ts';
import {
  analyzeDynamicPartition,
  isDynamicProperty,
  refuseIfDynamic,
} from '../analyze-dynamic-partition.ts';
import { analyzeAddedPartitions } from '../analyze-partitions.ts';
import { checkBucketSize } from '../analyze-table.ts';
import { analyzeTableIndexes } from '../analyze-table-index.ts';
import { changing, stillNormal } from '../change-database.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import { BUCKET_SIZE } from '../grow-partition.ts';
import { dropReplicas } from '../replica-creation.ts';
import {
  baseSchema,
  columnNamed,
  findTable,
  isNameTaken,
  noTable,
  refuseMaterializedView,
  refuseUnlessNormal,
  tableNamed,
} from '../resolve.ts';
import { analyzeSetProperties } from '../table-properties.ts';
import { alterColumns } from './alter-columns.ts';
import { addRollups, dropRollups } from './alter-rollup.ts';
import { alterTemporary } from './alter-temporary.ts';
import { compactTable } from './compact-table.ts';

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
    case 'rename-partition':
      yield* renamePartition(frontend, database, table, action);
      break;
    case 'swap':
      yield* swap(frontend, database, table, action);
      break;
    case 'comment':
      yield* setComment(frontend, database, table, action);
      break;
    case 'compact':
      compactTable(frontend, table, action);
      break;
    case 'drop-partitions':
      yield* dropPartitions(frontend, database, table, action);
      break;
    case 'change-columns':
      yield* alterColumns(frontend, session, database, table, action);
      break;
    case 'add-index':
    case 'drop-index':
      yield* alterIndexes(frontend, database, table, action);
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

function* setProperties(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  action: ActionOf<'set-properties'>,
): Op<void> {
  const keys = [...action.properties.keys()];
  if (keys.every(isDynamicProperty)) {
    yield* setDynamic(frontend, database, table, action);
    return;
  }
  if (keys.some(isDynamicProperty)) {
    throw analysisError('dynamic_partition.* cannot be set together with other properties');
  }
  const properties = analyzeSetProperties(action.properties);
  checkBloomFilters(table, properties.get('bloom_filter_columns') ?? '');
  checkBucketSize(properties.get(BUCKET_SIZE), table.defaultDistribution);
  yield* changing(frontend, database, function* () {
    stillNormal(frontend, database, table, 'ALTER TABLE');
    yield* frontend.log({
      op: 'OP_ALTER_TABLE_PROPERTIES',
      dbId: database.id,
      tableId: table.id,
      properties,
    });
  });
}

function checkBloomFilters(table: OlapTable, text: string): void {
  for (const name of text.split(',').map((one) => one.trim())) {
    if (name !== '') columnNamed(table, name);
  }
}

function* setDynamic(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { properties }: ActionOf<'set-properties'>,
): Op<void> {
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
  { partition, distribution }: ActionOf<'add-partition'>,
): Op<void> {
  if (table.partitionBy.kind === 'UNPARTITIONED') {
    throw analysisError(`Table '${table.name}' is not partitioned; no partition can be added`);
  }
  refuseIfDynamic(table);
  const defined = analyzeAddedPartitions([partition], table, distribution);
  yield* addPartitions(frontend, database, table, defined);
}

function* dropPartitions(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { names: written, ifExists }: ActionOf<'drop-partitions'>,
): Op<void> {
  refuseIfDynamic(table);
  yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    const names = isBatch(written) ? batchNames(now, written) : written;
    const missing = names.find((name) => !now.partitions.has(name));
    if (missing !== undefined && !ifExists) {
      throw new SimError(
        'drop-unknown-partition',
        `Error in list of partitions: unknown partition '${missing}' in table '${table.name}'`,
      );
    }
    const dropped = [...new Set(names)].flatMap((name) => now.partitions.get(name) ?? []);
    if (dropped.length === 0) return;
    const isAll = now.partitions.size === dropped.length && !isAutomatic(now.partitionBy);
    if (now.partitionBy.kind === 'UNPARTITIONED' || isAll) {
      throw new SimError('last-partition', `Cannot remove all partitions of '${table.name}'`, {
        hint: 'use DROP TABLE instead',
      });
    }
    const where = { dbId: database.id, tableId: table.id };
    const [first, second] = dropped;
    if (first !== undefined && second === undefined) {
      yield* frontend.log({ op: 'OP_DROP_PARTITION', ...where, partitionName: first.name });
    } else {
      const partitionNames = dropped.map(({ name }) => name);
      yield* frontend.log({ op: 'OP_DROP_PARTITIONS', ...where, partitionNames });
    }
    dropReplicas(frontend, database.id, dropped);
  });
}

function isBatch(names: readonly string[] | BatchPartitionDef): names is BatchPartitionDef {
  return 'kind' in names;
}

/** What ADD PARTITIONS with the same words would call them. */
function batchNames(table: OlapTable, batch: BatchPartitionDef): readonly string[] {
  if (table.partitionBy.kind === 'UNPARTITIONED' || table.partitionBy.kind === 'LIST') {
    throw analysisError('Batch drop of partitions is supported for range partitions only');
  }
  return analyzed(() => definedRanges([batch], partitionColumns(table), [])).map(
    ({ name }) => name,
  );
}

function* renamePartition(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { name, newName }: ActionOf<'rename-partition'>,
): Op<void> {
  if (table.partitionBy.kind === 'UNPARTITIONED') {
    throw new SimError(
      'execution',
      `Table[${table.name}] is single partitioned. no need to rename partition name.`,
    );
  }
  if (!isPartitionName(newName)) {
    throw analysisError(`Incorrect partition name '${newName}'`, 'bad-partition-name');
  }
  if (newName === name) throw new SimError('execution', 'Same partition name');
  yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    if (!now.partitions.has(name)) {
      throw new SimError('execution', `Partition[${name}] does not exists`);
    }
    if (now.partitions.has(newName) || now.tempPartitions.has(newName)) {
      throw new SimError('execution', `Partition name[${newName}] is already used`);
    }
    yield* frontend.log({
      op: 'OP_RENAME_PARTITION_V2',
      dbId: database.id,
      tableId: table.id,
      partitionName: name,
      newName,
    });
  });
}

/** Both tables at once: readers never see a moment without either name. */
function* swap(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { other: otherName }: ActionOf<'swap'>,
): Op<void> {
  if (otherName === table.name) throw new SimError('execution', `Same table name ${otherName}`);
  yield* changing(frontend, database, function* () {
    stillNormal(frontend, database, table, 'ALTER TABLE');
    const other = findTable(database, otherName);
    if (other === undefined) throw noTable(database, otherName);
    refuseMaterializedView(other, 'ALTER TABLE', 'swap it with a table');
    refuseUnlessNormal(other, 'ALTER TABLE');
    yield* frontend.log({
      op: 'OP_SWAP_TABLE',
      dbId: database.id,
      tableId: table.id,
      otherId: other.id,
    });
  });
}

function* alterIndexes(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  action: ActionOf<'add-index' | 'drop-index'>,
): Op<void> {
  yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    yield* frontend.log({
      op: 'OP_ALTER_TABLE_PROPERTIES',
      dbId: database.id,
      tableId: table.id,
      indexes: indexesAfter(now, action),
    });
  });
}

function indexesAfter(
  table: OlapTable,
  action: ActionOf<'add-index' | 'drop-index'>,
): readonly TableIndex[] {
  const { indexes = [] } = table;
  if (action.kind === 'add-index') {
    return analyzeTableIndexes([action.index], baseSchema(table), indexes);
  }
  const wanted = action.name.toLowerCase();
  const left = indexes.filter(({ name }) => name.toLowerCase() !== wanted);
  if (left.length < indexes.length) return left;
  throw new SimError('execution', `index ${action.name} does not exist`);
}

function* setComment(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { comment }: ActionOf<'comment'>,
): Op<void> {
  yield* changing(frontend, database, function* () {
    stillNormal(frontend, database, table, 'ALTER TABLE');
    yield* frontend.log({
      op: 'OP_ALTER_TABLE_PROPERTIES',
      dbId: database.id,
      tableId: table.id,
      comment,
    });
  });
}
