/** How far the tables under a materialized view are, beside how far the view has read them. */
import type { PartitionId, TableId } from '../../base/ids.ts';
import type { MaterializedViewInfo, MvVersionMap } from '../../catalog/materialized-view.ts';
import type { OlapTable, Partition } from '../../catalog/model.ts';
import type { FrontendContext } from '../frontend-context.ts';

interface BasePartition {
  readonly id: PartitionId;
  readonly version: number;
  readonly visibleTimeMs: number;
}

/** The versions that a query would read now, by base table and partition. */
export type BaseVersions = ReadonlyMap<TableId, ReadonlyMap<string, BasePartition>>;

/** A table that is gone is left out. */
export function baseVersions(
  frontend: Pick<FrontendContext, 'catalog' | 'publisher'>,
  info: MaterializedViewInfo,
): BaseVersions {
  return new Map(
    baseTablesOf(frontend, info).map((table) => [
      table.id,
      new Map(
        [...table.partitions.values()].map((partition) => {
          const { id, name, physical } = partition;
          const times = physical.map((one) => one.visibleVersionTimeMs);
          const version = readableVersion(frontend, partition);
          return [name, { id, version, visibleTimeMs: Math.max(...times) }];
        }),
      ),
    ]),
  );
}

/** Of a partition that has grown, the sum: a load raises the version of one part. */
function readableVersion(
  { publisher }: Pick<FrontendContext, 'publisher'>,
  { physical }: Partition,
): number {
  return physical.reduce((sum, one) => sum + publisher.readableVersion(one), 0);
}

/** Those that are still there. */
export function baseTablesOf(
  { catalog }: Pick<FrontendContext, 'catalog'>,
  { baseTables }: MaterializedViewInfo,
): readonly OlapTable[] {
  return baseTables.flatMap(
    ({ dbId, tableId }) => catalog.databases.get(dbId)?.tables.get(tableId) ?? [],
  );
}

/** What a view keeps of the versions that it has read. */
export function readVersions(versions: BaseVersions, nowMs: number): MvVersionMap {
  return new Map(
    [...versions].map(([tableId, partitions]) => [
      tableId,
      new Map(
        [...partitions].map(([name, { id, version }]) => [
          name,
          { id, version, refreshTimeMs: nowMs },
        ]),
      ),
    ]),
  );
}

/**
 * Names of partitions of a base table that are not what the view has read, or not there any more.
 * A restore may give a partition other rows at the version it had: the time tells.
 */
export function changedPartitions(
  info: MaterializedViewInfo,
  now: BaseVersions,
  tableId: TableId,
): ReadonlySet<string> {
  const read = info.baseTableVersions.get(tableId);
  const there = now.get(tableId);
  const isSame = (name: string): boolean => {
    const [before, after] = [read?.get(name), there?.get(name)];
    return (
      before?.id === after?.id &&
      before?.version === after?.version &&
      (after?.visibleTimeMs ?? 0) <= (before?.refreshTimeMs ?? 0)
    );
  };
  const names = [...(read?.keys() ?? []), ...(there?.keys() ?? [])];
  return new Set(names.filter((name) => !isSame(name)));
}

/** Whether something under the view is not what it has read. */
export function isStale(info: MaterializedViewInfo, now: BaseVersions): boolean {
  return info.baseTables.some(
    ({ tableId }) =>
      !info.baseTableVersions.has(tableId) || changedPartitions(info, now, tableId).size > 0,
  );
}

/** Versions as a text that is the same only for the same versions. */
export function versionsText(versions: BaseVersions): string {
  return JSON.stringify([...versions].map(([id, partitions]) => [id, [...partitions]]));
}
