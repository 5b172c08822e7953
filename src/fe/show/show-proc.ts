/**
 * SHOW PROC: the frontend's tree of tables behind a path. Databases, tables and partitions go by
 * their ids or names (sql-surface.md 4.9).
 */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import type {
  Database,
  MaterializedIndex,
  OlapTable,
  Partition,
  PhysicalPartition,
} from '../../catalog/model.ts';
import { partitionColumns } from '../../catalog/partition-range.ts';
import { allPartitions, indexMetaOf } from '../../catalog/table-lookup.ts';
import { tabletsOf } from '../../catalog/tablet-columns.ts';
import { analysisError } from '../analysis-error.ts';
import { dataQuotaOf, dataQuotaText, replicaQuotaOf } from '../database-quota.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import type { Session } from '../session.ts';
import { backendsTable } from './show-backends.ts';
import { brokersTable } from './show-broker.ts';
import { colocationTable } from './show-colocation.ts';
import type { ShownTable } from './show-filter.ts';
import { frontendsTable } from './show-frontends.ts';
import { partitionsTable } from './show-partitions.ts';
import { replicasTable } from './show-tablet.ts';

export const showProc: Executor<'show-proc'> = function* (
  frontend,
  session,
  { path },
): Op<StatementResult> {
  if (!path.startsWith('/')) throw badPath(path);
  const [root = '', ...rest] = path.split('/').filter((part) => part !== '');
  const show = ROOTS.get(root);
  const table = root === '' ? rootTable() : show?.(frontend, session, rest);
  if (table === undefined) throw badPath(path);
  return showResult(table.names, table.rows);
};

type Branch = (
  frontend: FrontendContext,
  session: Session,
  rest: readonly string[],
) => ShownTable | undefined;

const leaf =
  (table: (frontend: FrontendContext, session: Session) => ShownTable): Branch =>
  (frontend, session, rest) =>
    rest.length === 0 ? table(frontend, session) : undefined;

const ROOTS: ReadonlyMap<string, Branch> = new Map<string, Branch>([
  ['backends', leaf(backendsTable)],
  ['brokers', leaf(brokersTable)],
  [
    'colocation_group',
    (frontend, _session, rest) =>
      rest.length > 1 ? undefined : colocationTable(frontend, rest[0]),
  ],
  ['dbs', dbs],
  ['frontends', leaf(frontendsTable)],
  ['jobs', jobs],
  ['statistic', leaf(statistic)],
]);

function badPath(path: string): Error {
  return analysisError(
    `Proc path '${path}' doesn't exist`,
    'bad-proc-path',
    `SHOW PROC '/' lists where paths begin`,
  );
}

function rootTable(): ShownTable {
  return { names: ['name'], rows: [...ROOTS.keys()].map((name) => [name]) };
}

/** By id or name. */
function named<T extends { readonly id: number; readonly name: string }>(
  all: Iterable<T>,
  wanted: string,
): T | undefined {
  const list = [...all];
  return list.find(({ id }) => String(id) === wanted) ?? list.find(({ name }) => name === wanted);
}

function dbs(
  frontend: FrontendContext,
  session: Session,
  [db, table, what, physical, index, ...more]: readonly string[],
): ShownTable | undefined {
  if (db === undefined) return databasesTable(frontend);
  const database = named(frontend.catalog.databases.values(), db);
  if (database === undefined || more.length > 0) return undefined;
  if (table === undefined) return tablesTable(database);
  const known = named(database.tables.values(), table);
  if (known === undefined) return undefined;
  if (what === undefined) {
    const nodes = ['partitions', 'temp_partitions', 'index_schema'];
    return { names: ['Nodes'], rows: nodes.map((node) => [node]) };
  }
  if (what === 'index_schema') return physical === undefined ? indexSchema(known) : undefined;
  if (what !== 'partitions' && what !== 'temp_partitions') return undefined;
  const temporary = what === 'temp_partitions';
  if (physical === undefined) return partitionsTable(frontend, session, known, temporary);
  const part = physicalNamed(known, physical);
  if (part === undefined) return undefined;
  if (index === undefined) return indexesTable(known, part);
  const meta = known.indexMetas.find(({ indexId }) => String(indexId) === index);
  return meta === undefined ? undefined : replicasTable(frontend, known, [part], meta.indexId);
}

function databasesTable({ catalog }: FrontendContext): ShownTable {
  const rows: Row[] = [...catalog.databases.values()]
    .sort((a, b) => a.id - b.id)
    .map((database) => [
      String(database.id),
      database.name,
      String(database.tables.size + database.views.size),
      dataQuotaText(dataQuotaOf(database)),
      null,
      String(replicaQuotaOf(database)),
    ]);
  const names = ['DbId', 'DbName', 'TableNum', 'Quota', 'LastConsistencyCheckTime', 'ReplicaQuota'];
  return { names, rows };
}

function tablesTable(database: Database): ShownTable {
  const names = [
    'TableId',
    'TableName',
    'IndexNum',
    'PartitionColumnName',
    'PartitionNum',
    'State',
    'Type',
    'LastConsistencyCheckTime',
    'ReplicaCount',
    'PartitionType',
    'StoragePath',
  ];
  const tables: Row[] = [...database.tables.values()].map((table) => [
    String(table.id),
    table.name,
    String(table.indexMetas.length),
    partitionColumns(table)
      .map(({ name }) => name)
      .join(', '),
    String(table.partitions.size),
    table.state,
    table.materializedView === undefined ? 'OLAP' : 'MATERIALIZED_VIEW',
    null,
    String(counts(table).replicas),
    table.partitionBy.kind,
    null,
  ]);
  const views: Row[] = [...database.views.values()].map(({ id, name }) => {
    const none = null;
    return [String(id), name, none, none, none, none, 'VIEW', none, none, none, none];
  });
  return { names, rows: [...tables, ...views].sort((a, b) => Number(a[0]) - Number(b[0])) };
}

function indexSchema(table: OlapTable): ShownTable {
  const rows = table.indexMetas.map(({ indexId, name, schemaVersion, schemaHash, schema }) => [
    String(indexId),
    name,
    String(schemaVersion),
    String(schemaHash),
    schema.map((column) => column.name).join(', '),
  ]);
  return { names: ['IndexId', 'IndexName', 'SchemaVersion', 'SchemaHash', 'Schema'], rows };
}

function physicalNamed(table: OlapTable, wanted: string): PhysicalPartition | undefined {
  const all = [...allPartitions(table)];
  const byName = all.find((partition: Partition) => partition.name === wanted)?.physical[0];
  return all.flatMap(({ physical }) => physical).find(({ id }) => String(id) === wanted) ?? byName;
}

function indexesTable(table: OlapTable, { indexes }: PhysicalPartition): ShownTable {
  const rows = indexes.map(({ indexId }) => [
    String(indexId),
    indexMetaOf(table, indexId).name,
    'NORMAL',
    null,
  ]);
  return { names: ['IndexId', 'IndexName', 'State', 'LastConsistencyCheckTime'], rows };
}

const JOB_COLUMNS = ['JobType', 'Pending', 'Running', 'Finished', 'Cancelled', 'Total'];

/** Jobs of backup and restore are not listed there (sql-surface.md 4.9). */
function jobs(
  frontend: FrontendContext,
  _session: Session,
  [db, ...more]: readonly string[],
): ShownTable | undefined {
  if (db === undefined) {
    const rows = [...frontend.catalog.databases.values()].map(({ id, name }) => [String(id), name]);
    return { names: ['DbId', 'DbName'], rows };
  }
  const database = named(frontend.catalog.databases.values(), db);
  if (database === undefined || more.length > 0) return undefined;
  const row = (kind: string, { length }: readonly unknown[]): readonly string[] => {
    const count = String(length);
    return [kind, '0', '0', count, '0', count];
  };
  const rows = [
    row('rollup', database.rollupJobs),
    row('schema_change', database.schemaChangeJobs),
  ];
  return { names: JOB_COLUMNS, rows };
}

const STATISTIC_COLUMNS = [
  'DbId',
  'DbName',
  'TableNum',
  'PartitionNum',
  'IndexNum',
  'TabletNum',
  'ReplicaNum',
  'UnhealthyTabletNum',
  'InconsistentTabletNum',
  'CloningTabletNum',
  'ErrorStateTabletNum',
];

function statistic({ catalog }: FrontendContext): ShownTable {
  const totals = [0, 0, 0, 0, 0, 0];
  const rows = [...catalog.databases.values()].map((database) => {
    const figures = [database.tables.size, 0, 0, 0, 0, 0];
    for (const table of database.tables.values()) {
      const { partitions, indexes, tablets, replicas, unhealthy } = counts(table);
      for (const [at, value] of [partitions, indexes, tablets, replicas, unhealthy].entries()) {
        figures[at + 1] = (figures[at + 1] ?? 0) + value;
      }
    }
    for (const [at, value] of figures.entries()) totals[at] = (totals[at] ?? 0) + value;
    return [String(database.id), database.name, ...figures.map(String), '0', '0', '0'];
  });
  const total = ['Total', String(rows.length), ...totals.map(String), '0', '0', '0'];
  return { names: STATISTIC_COLUMNS, rows: [...rows, total] };
}

function counts(table: OlapTable): {
  readonly partitions: number;
  readonly indexes: number;
  readonly tablets: number;
  readonly replicas: number;
  readonly unhealthy: number;
} {
  let [partitions, indexes, tablets, replicas, unhealthy] = [0, 0, 0, 0, 0];
  for (const partition of allPartitions(table)) {
    for (const physical of partition.physical) {
      partitions += 1;
      for (const index of physical.indexes) {
        indexes += 1;
        tablets += index.tablets.count;
        replicas += index.tablets.count * index.tablets.replication;
        if (physical.lagging.size > 0) unhealthy += unhealthyIn(index, physical);
      }
    }
  }
  return { partitions, indexes, tablets, replicas, unhealthy };
}

/** Tablets with a replica that misses a load. */
function unhealthyIn({ tablets }: MaterializedIndex, { lagging }: PhysicalPartition): number {
  let found = 0;
  for (const { replicas } of tabletsOf(tablets)) {
    if (replicas.some(({ replicaId }) => lagging.has(replicaId))) found += 1;
  }
  return found;
}
