/**
 * JSON of what a materialized view has more than a table, with the keys of StarRocks' class
 * MaterializedView where they are known. What that has no place for goes under `emulator`.
 */
import { asId, type DbId, type PartitionId, type TableId } from '../base/ids.ts';
import type { JsonCursor } from './json-cursor.ts';
import {
  type MaterializedViewInfo,
  MV_REFRESH_MOMENTS,
  MV_REFRESH_TYPES,
  MV_TIME_UNITS,
  type MvBaseTable,
  type MvId,
  type MvPartitionExpr,
  type MvRefreshScheme,
  type MvVersionMap,
} from './materialized-view.ts';

export function mvIdJson({ dbId, tableId }: MvId): unknown {
  return { dbId, id: tableId };
}

export function decodeMvId(json: JsonCursor): MvId {
  return Object.freeze({
    dbId: asId<DbId>(json.field('dbId').integer()),
    tableId: asId<TableId>(json.field('id').integer()),
  });
}

export function materializedViewJson(
  info: MaterializedViewInfo,
): Readonly<Record<string, unknown>> {
  return {
    dbId: info.dbId,
    originalViewDefineSql: info.definition,
    viewDefineSql: info.resolvedDefinition,
    baseTableInfos: info.baseTables,
    active: info.isActive,
    inactiveReason: info.inactiveReason,
    refreshScheme: refreshJson(info),
  };
}

/** What stands under `emulator`. */
export function materializedViewOwnJson(info: MaterializedViewInfo): unknown {
  return { pipesAsConcat: info.pipesAsConcat, partitionExpr: info.partitionExpr };
}

function refreshJson(info: MaterializedViewInfo): unknown {
  const { type, moment, every, startMs } = info.refresh;
  return {
    type,
    moment,
    asyncRefreshContext: {
      baseTableVisibleVersionMap: versionsJson(info.baseTableVersions),
      ...(every === undefined ? {} : { step: every.step, timeUnit: every.unit }),
      ...(startMs === undefined ? {} : { startTime: startMs }),
    },
    lastRefreshTime: info.lastRefreshTimeMs,
  };
}

function versionsJson(versions: MvVersionMap): unknown {
  return Object.fromEntries(
    [...versions].map(([tableId, partitions]) => [
      tableId,
      // As pairs: a partition may be called `__proto__`.
      [...partitions].map(([name, { id, version, refreshTimeMs }]) => ({
        name,
        id,
        version,
        lastRefreshTime: refreshTimeMs,
      })),
    ]),
  );
}

export function decodeMaterializedView(json: JsonCursor): MaterializedViewInfo {
  const scheme = json.field('refreshScheme');
  const context = scheme.field('asyncRefreshContext');
  const own = json.field('emulator').field('materializedView');
  const partitionExpr = own.optional('partitionExpr');
  return Object.freeze({
    dbId: asId<DbId>(json.field('dbId').integer()),
    definition: json.field('originalViewDefineSql').text(),
    resolvedDefinition: json.field('viewDefineSql').text(),
    pipesAsConcat: own.field('pipesAsConcat').boolean(),
    baseTables: json.field('baseTableInfos').items().map(decodeBaseTable),
    isActive: json.field('active').boolean(),
    inactiveReason: json.field('inactiveReason').text(),
    refresh: decodeRefresh(scheme, context),
    baseTableVersions: decodeVersions(context.field('baseTableVisibleVersionMap')),
    lastRefreshTimeMs: scheme.field('lastRefreshTime').integer(),
    ...(partitionExpr === undefined ? {} : { partitionExpr: decodePartitionExpr(partitionExpr) }),
  });
}

function decodeBaseTable(json: JsonCursor): MvBaseTable {
  return {
    dbId: asId<DbId>(json.field('dbId').integer()),
    dbName: json.field('dbName').text(),
    tableId: asId<TableId>(json.field('tableId').integer()),
    tableName: json.field('tableName').text(),
  };
}

function decodeRefresh(scheme: JsonCursor, context: JsonCursor): MvRefreshScheme {
  const step = context.optional('step')?.integer();
  const startMs = context.optional('startTime')?.integer();
  return {
    type: scheme.field('type').oneOf(MV_REFRESH_TYPES),
    moment: scheme.field('moment').oneOf(MV_REFRESH_MOMENTS),
    ...(step === undefined
      ? {}
      : { every: { step, unit: context.field('timeUnit').oneOf(MV_TIME_UNITS) } }),
    ...(startMs === undefined ? {} : { startMs }),
  };
}

function decodeVersions(json: JsonCursor): MvVersionMap {
  return new Map(
    json.entries().map(([tableId, partitions]) => [
      asId<TableId>(Number(tableId)),
      new Map(
        partitions.items().map((one) => [
          one.field('name').text(),
          {
            id: asId<PartitionId>(one.field('id').integer()),
            version: one.field('version').integer(),
            refreshTimeMs: one.field('lastRefreshTime').integer(),
          },
        ]),
      ),
    ]),
  );
}

function decodePartitionExpr(json: JsonCursor): MvPartitionExpr {
  return {
    dbName: json.field('dbName').text(),
    tableName: json.field('tableName').text(),
    columnName: json.field('columnName').text(),
    baseTableAt: json.field('baseTableAt').integer(),
  };
}
