/** What a session lets its queries see: tables at a readable version, variables, who it is. */
import type { BackendId, ReplicaId, TabletId } from '../base/ids.ts';
import { asId } from '../base/ids.ts';
import type { Cell } from '../base/sql-type.ts';
import type { Database, OlapTable, Partition, PhysicalPartition, View } from '../catalog/model.ts';
import { tabletSchemaOf } from '../catalog/tablet-schema.ts';
import type {
  QueryContext,
  ResolvedTable,
  TableReference,
  TabletToRead,
} from '../protocol/query.ts';
import { analysisError } from './analysis-error.ts';
import type { FrontendContext } from './frontend-context.ts';
import { informationSchemaTable } from './information-schema.ts';
import { userText } from './privileges/accounts.ts';
import { isAllPowerful, relationObject, requirePrivilege } from './privileges/privilege-check.ts';
import { DEFAULT_CATALOG, isSystemDatabase, refuseUnlessNormal, relationNamed } from './resolve.ts';
import type { Session } from './session.ts';
import { refuseSynthetic } from './synthetic-tablets.ts';

export function queryContext(frontend: FrontendContext, session: Session): QueryContext {
  return {
    resolveTable: (reference) => {
      requireSelect(frontend, session, reference);
      return resolveTable(frontend, session, reference, []);
    },
    systemVariable: (scope, name) => session.variableCell(scope, name),
    userVariable: (name) => session.userVariable(name),
    sessionFunction: (name) => sessionFunction(frontend, session, name),
    timeZone: session.timeZone,
    nowMs: frontend.clock.now(),
    ...(session.running !== undefined && { cancellation: session.running.cancellation }),
  };
}

/** Views that stand in one another, at most. */
const VIEW_DEPTH_MAX = 16;

/** What a new view would see: its maker needs SELECT on what it reads, its readers do not. */
export function newViewContext(
  frontend: FrontendContext,
  session: Session,
  definitionDb: string | undefined,
  path: readonly string[],
): QueryContext {
  const context = viewQueryContext(frontend, session, definitionDb, path);
  return {
    ...context,
    resolveTable(reference) {
      const db = reference.db ?? definitionDb;
      requireSelect(frontend, session, { ...reference, ...(db === undefined ? {} : { db }) });
      return context.resolveTable(reference);
    },
  };
}

/** What does not exist is left to the look-up, which says so (resolutions.md 23). */
function requireSelect(
  frontend: FrontendContext,
  session: Session,
  reference: TableReference,
): void {
  if (isSystemDatabase(reference.db ?? session.database ?? '')) return;
  if (isAllPowerful(frontend, session)) return;
  const { database, relation } = relationNamed(frontend, session, reference);
  requirePrivilege(frontend, session, 'SELECT', relationObject(database, relation));
}

/**
 * What the query of a view sees: bare names are those of `definitionDb`. `path` names the view and
 * those around it, none of which it may mention.
 */
function viewQueryContext(
  frontend: FrontendContext,
  session: Session,
  definitionDb: string | undefined,
  path: readonly string[],
): QueryContext {
  return {
    ...queryContext(frontend, session),
    ...(definitionDb === undefined ? {} : { defaultDb: definitionDb }),
    resolveTable(reference) {
      const db = reference.db ?? definitionDb;
      if (db === undefined) throw analysisError('No database selected', 'no-database-selected');
      return resolveTable(frontend, session, { ...reference, db }, path);
    },
  };
}

function resolvedView(
  frontend: FrontendContext,
  session: Session,
  database: Database,
  view: View,
  path: readonly string[],
): ResolvedTable {
  const displayName = `${database.name}.${view.name}`;
  if (path.includes(displayName)) {
    throw analysisError(`View '${displayName}' refers to itself`);
  }
  if (path.length >= VIEW_DEPTH_MAX) {
    throw analysisError(
      `views stand in one another more than ${VIEW_DEPTH_MAX} deep`,
      'limit-reached',
    );
  }
  const { definition, definitionDb, pipesAsConcat } = view;
  return {
    kind: 'view',
    displayName,
    definition,
    pipesAsConcat,
    columns: view.columns.map((column) => column.name),
    context: viewQueryContext(frontend, session, definitionDb, [...path, displayName]),
  };
}

function resolveTable(
  frontend: FrontendContext,
  session: Session,
  reference: TableReference,
  path: readonly string[],
): ResolvedTable {
  const db = reference.db ?? session.database;
  if (db !== undefined && isSystemDatabase(db)) {
    return informationSchemaTable(frontend, session, db, reference.name);
  }
  const { database, relation: table } = relationNamed(frontend, session, reference);
  if (table.kind === 'VIEW') {
    if (reference.partitions !== undefined) {
      throw analysisError(`View '${table.name}' has no partitions`);
    }
    return resolvedView(frontend, session, database, table, path);
  }
  refuseSynthetic(table, 'reading it');
  refuseWhileRestored(table);
  const meta = table.indexMetas.find((candidate) => candidate.indexId === table.baseIndexId);
  if (meta === undefined) throw analysisError(`table ${table.name} has no base index`, 'bug');
  return {
    kind: 'tablets',
    displayName: `${database.name}.${table.name}`,
    schema: tabletSchemaOf(meta),
    tablets: partitionsToRead(table, reference).flatMap((partition) =>
      tabletsToRead(frontend, partition),
    ),
  };
}

/** Some of its tablets may have their new rows already, others not (restore-jobs.md 5.2). */
function refuseWhileRestored(table: OlapTable): void {
  if (table.state === 'RESTORE' || table.state === 'RESTORE_WITH_LOAD') {
    refuseUnlessNormal(table, 'queries');
  }
}

function partitionsToRead(table: OlapTable, reference: TableReference): readonly Partition[] {
  const wanted = reference.partitions;
  if (wanted === undefined) return [...table.partitions.values()];
  const from = wanted.isTemporary ? table.tempPartitions : table.partitions;
  return wanted.names.map((name) => {
    const partition = from.get(name);
    if (partition === undefined) {
      throw analysisError(
        `Unknown partition '${name}' in table '${table.name}'`,
        'unknown-partition',
      );
    }
    return partition;
  });
}

function tabletsToRead(frontend: FrontendContext, partition: Partition): readonly TabletToRead[] {
  const found: TabletToRead[] = [];
  for (const physical of partition.physical) {
    const tablets = physical.indexes[0]?.tablets;
    if (tablets === undefined) continue;
    const version = frontend.publisher.readableVersion(physical);
    for (let at = 0; at < tablets.count; at += 1) {
      const first = at * tablets.replication;
      const whole: number[] = [];
      for (let replica = first; replica < first + tablets.replication; replica += 1) {
        if (isWhole(physical, tablets.replicaIds[replica])) {
          whole.push(tablets.backendIds[replica] ?? 0);
        }
      }
      found.push({
        tabletId: asId<TabletId>(tablets.tabletIds[at] ?? 0),
        version,
        replicas: replicasToTry(frontend, whole),
      });
    }
  }
  return found;
}

/** A replica that missed a load has holes: it is not read, whatever version it says it has. */
function isWhole(physical: PhysicalPartition, replicaId: number | undefined): boolean {
  return replicaId !== undefined && !physical.lagging.has(asId<ReplicaId>(replicaId));
}

/** Alive ones first; the dead are still tried, since the last heartbeat may be old. */
function replicasToTry(frontend: FrontendContext, ids: readonly number[]): readonly BackendId[] {
  const backends = ids.map((id) => asId<BackendId>(id));
  return [
    ...backends.filter((id) => frontend.backends.isAlive(id)),
    ...backends.filter((id) => !frontend.backends.isAlive(id)),
  ];
}

function sessionFunction(
  frontend: FrontendContext,
  session: Session,
  name: string,
): (() => Cell) | undefined {
  const { profile } = frontend.options;
  switch (name) {
    case 'DATABASE':
    case 'SCHEMA':
      return () => session.database ?? null;
    case 'CATALOG':
      return () => DEFAULT_CATALOG;
    case 'USER':
    case 'SESSION_USER':
      return () => `'${session.user}'@'${session.remoteHost}'`;
    case 'CURRENT_USER':
      return () => userText(session.identity);
    case 'CURRENT_ROLE':
      return () => [...session.activeRoles].sort().join(', ') || 'NONE';
    case 'VERSION':
      return () => frontend.config.get('mysql_server_version');
    case 'CURRENT_VERSION':
      return () => `${profile.releaseVersion} ${profile.commit}`;
    case 'LAST_QUERY_ID':
      return () => session.lastQueryId ?? null;
    case 'CONNECTION_ID':
      return () => BigInt(session.connectionId);
    default:
      return undefined;
  }
}
