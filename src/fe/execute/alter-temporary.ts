/**
 * ALTER TABLE on temporary partitions: ADD, DROP, and REPLACE, which puts them in the place of
 * others (sql-surface.md 3.4).
 */
import { unreachable } from '../../base/assert.ts';
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Database, OlapTable, Partition, PartitionRange } from '../../catalog/model.ts';
import { listKey } from '../../catalog/partition-list.ts';
import {
  compareRanges,
  partitionColumns,
  rangesEqual,
  rangesIntersect,
} from '../../catalog/partition-range.ts';
import type { IndexAction } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { analyzeAddedPartitions } from '../analyze-partitions.ts';
import { changing, hasSameIndexes, stillNormal } from '../change-database.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { newPartitions } from '../new-partitions.ts';
import { dropReplicas, withNewReplicas } from '../replica-creation.ts';

type ActionOf<K extends IndexAction['kind']> = Extract<IndexAction, { readonly kind: K }>;

type TemporaryAction = ActionOf<
  | 'add-temporary-partition'
  | 'drop-temporary-partition'
  | 'drop-all-temporary-partitions'
  | 'replace-partitions'
>;

export function* alterTemporary(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  action: TemporaryAction,
): Op<void> {
  switch (action.kind) {
    case 'add-temporary-partition':
      yield* addTemporary(frontend, database, table, action);
      return;
    case 'drop-temporary-partition':
      yield* dropTemporary(frontend, database, table, action);
      return;
    case 'drop-all-temporary-partitions':
      for (const name of table.tempPartitions.keys()) {
        yield* dropTemporary(frontend, database, table, { name, ifExists: true });
      }
      return;
    case 'replace-partitions':
      yield* replacePartitions(frontend, database, table, action);
      return;
    default:
      unreachable(action);
  }
}

function* addTemporary(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { partition, distribution }: ActionOf<'add-temporary-partition'>,
): Op<void> {
  if (table.partitionBy.kind === 'UNPARTITIONED') {
    throw analysisError(
      `temporary partitions of '${table.name}' are not supported: it is not partitioned`,
      'unsupported',
    );
  }
  const defined = analyzeAddedPartitions([partition], table, distribution, table.tempPartitions);
  for (const { name } of defined) refuseTaken(table, name);
  const partitions = yield* newPartitions(frontend, table, defined);
  const register = function* (): Op<void> {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    if (!isSameSet(now.tempPartitions, table.tempPartitions)) throw changedMeanwhile(table);
    if (!hasSameIndexes(now, table)) throw changedMeanwhile(table);
    for (const { name } of partitions) refuseTaken(now, name);
    const where = { dbId: database.id, tableId: table.id };
    yield* frontend.log({
      op: 'OP_ADD_PARTITIONS_V2',
      ...where,
      partitions,
      isTempPartition: true,
    });
  };
  yield* withNewReplicas(frontend, database.id, table, partitions, () =>
    changing(frontend, database, register),
  );
}

/** Temporary and other partitions share their names. */
function refuseTaken(table: OlapTable, name: string): void {
  if (!table.partitions.has(name) && !table.tempPartitions.has(name)) return;
  throw new SimError('duplicate-partition', `Duplicate partition name ${name}`);
}

function* dropTemporary(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  { name, ifExists }: Pick<ActionOf<'drop-temporary-partition'>, 'name' | 'ifExists'>,
): Op<void> {
  yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    const dropped = now.tempPartitions.get(name);
    if (dropped === undefined) {
      if (ifExists) return;
      throw new SimError(
        'drop-unknown-partition',
        `Error in list of partitions: unknown temporary partition '${name}' in table '${table.name}'`,
      );
    }
    const where = { dbId: database.id, tableId: table.id };
    yield* frontend.log({
      op: 'OP_DROP_PARTITION',
      ...where,
      partitionName: name,
      isTempPartition: true,
    });
    dropReplicas(frontend, database.id, [dropped]);
  });
}

function* replacePartitions(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  action: ActionOf<'replace-partitions'>,
): Op<void> {
  const { strictRange, useTempName } = replaceProperties(action.properties);
  yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    const replaced = named(now, now.partitions, action.replaced.names);
    const temporary = named(now, now.tempPartitions, action.temporary.names);
    if (strictRange) checkSameRanges(now, replaced, temporary);
    const keepsNames = !useTempName && replaced.length === temporary.length;
    const partitionNames = replaced.map(({ name }) => name);
    const tempPartitionNames = temporary.map(({ name }) => name);
    const newNames = keepsNames ? partitionNames : tempPartitionNames;
    checkRest(now, replaced, temporary, newNames);
    yield* frontend.log({
      op: 'OP_REPLACE_TEMP_PARTITION',
      dbId: database.id,
      tableId: table.id,
      partitionNames,
      tempPartitionNames,
      newNames,
    });
    dropReplicas(frontend, database.id, replaced);
  });
}

function replaceProperties(given: ReadonlyMap<string, string>): {
  readonly strictRange: boolean;
  readonly useTempName: boolean;
} {
  const truth = (key: string, otherwise: boolean): boolean => {
    const text = given.get(key)?.toLowerCase();
    if (text === undefined) return otherwise;
    if (text === 'true' || text === 'false') return text === 'true';
    throw analysisError(`Invalid value of property ${key}: '${given.get(key)}'`);
  };
  const unknown = [...given.keys()].find((key) => !REPLACE_PROPERTIES.has(key));
  if (unknown !== undefined) throw analysisError(`Unknown properties: ${unknown}`);
  return {
    strictRange: truth('strict_range', true),
    useTempName: truth('use_temp_partition_name', false),
  };
}

const REPLACE_PROPERTIES: ReadonlySet<string> = new Set([
  'strict_range',
  'use_temp_partition_name',
]);

function named(
  table: OlapTable,
  from: ReadonlyMap<string, Partition>,
  names: readonly string[],
): readonly Partition[] {
  return [...new Set(names)].map((name) => {
    const partition = from.get(name);
    if (partition !== undefined) return partition;
    throw analysisError(
      `Unknown partition '${name}' in table '${table.name}'`,
      'unknown-partition',
    );
  });
}

/** `strict_range`: together the temporary partitions cover exactly what the others did. */
function checkSameRanges(
  table: OlapTable,
  replaced: readonly Partition[],
  temporary: readonly Partition[],
): void {
  if (table.partitionBy.kind === 'LIST') {
    if (String(sortedKeys(replaced)) === String(sortedKeys(temporary))) return;
    throw analysisError('2 list partitions are not strictly matched: see property strict_range');
  }
  const before = mergedRanges(table, replaced);
  const after = mergedRanges(table, temporary);
  const columns = partitionColumns(table);
  const isSame =
    before.length === after.length &&
    before.every((range, at) => {
      const other = after[at];
      return other !== undefined && rangesEqual(range, other, columns);
    });
  if (isSame) return;
  throw analysisError('2 range lists are not strictly matched: see property strict_range');
}

function sortedKeys(partitions: readonly Partition[]): readonly string[] {
  return partitions.flatMap(({ list }) => (list ?? []).map(listKey)).sort();
}

/** In order, those that touch as one. */
function mergedRanges(
  table: OlapTable,
  partitions: readonly Partition[],
): readonly PartitionRange[] {
  const columns = partitionColumns(table);
  const ranges = partitions.flatMap(({ range }) => range ?? []);
  const merged: PartitionRange[] = [];
  for (const range of ranges.sort((a, b) => compareRanges(a, b, columns))) {
    const last = merged.at(-1);
    const end = { lower: range.lower, upper: range.lower };
    const touches =
      last !== undefined && rangesEqual({ lower: last.upper, upper: last.upper }, end, columns);
    if (touches) merged[merged.length - 1] = { lower: last.lower, upper: range.upper };
    else merged.push(range);
  }
  return merged;
}

/** What stays must not meet what comes, in range or name. */
function checkRest(
  table: OlapTable,
  replaced: readonly Partition[],
  temporary: readonly Partition[],
  newNames: readonly string[],
): void {
  const columns = partitionColumns(table);
  for (const stays of table.partitions.values()) {
    if (replaced.includes(stays)) continue;
    if (newNames.includes(stays.name)) {
      throw new SimError('duplicate-partition', `Duplicate partition name ${stays.name}`);
    }
    const stayingKeys = new Set(sortedKeys([stays]));
    const meets = temporary.find((one) =>
      one.range !== undefined && stays.range !== undefined
        ? rangesIntersect(one.range, stays.range, columns)
        : sortedKeys([one]).some((key) => stayingKeys.has(key)),
    );
    if (meets === undefined) continue;
    throw analysisError(`Range of temporary partition ${meets.name} conflicts with ${stays.name}`);
  }
}

function isSameSet(a: ReadonlyMap<string, Partition>, b: ReadonlyMap<string, Partition>): boolean {
  return a.size === b.size && [...a].every(([name, { id }]) => b.get(name)?.id === id);
}

function changedMeanwhile(table: OlapTable): SimError {
  return new SimError(
    'execution',
    `Table '${table.name}' was changed while a partition was being added`,
    { hint: 'run the statement again' },
  );
}
