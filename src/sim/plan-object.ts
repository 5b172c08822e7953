/** Statements of a run about views of both kinds, functions, catalogs, temporary partitions. */
import { type Action, KEYS_PER_PART, nameOf, type ObjectKind } from './actions.ts';
import {
  CATALOGS,
  emptyPartition,
  type ModelPartition,
  type ModelTable,
  PLAIN_SHAPE,
  textObject,
  withTable,
} from './model.ts';
import type { PlannedStatement } from './plan-statement.ts';
import type { Databases, Effect, Site } from './site.ts';

export type ObjectAction = Extract<
  Action,
  {
    readonly do:
      | 'add-temporary'
      | 'drop-temporary'
      | 'create-mv'
      | 'drop-mv'
      | 'refresh-mv'
      | 'create-object'
      | 'drop-object';
  }
>;

type ViewAction = Extract<ObjectAction, { do: 'create-mv' | 'drop-mv' | 'refresh-mv' }>;
type TextAction = Extract<ObjectAction, { do: 'create-object' | 'drop-object' }>;

/** Undefined when the model tells that there is nothing to do it to. */
export function planObject(site: Site, action: ObjectAction): PlannedStatement | undefined {
  switch (action.do) {
    case 'create-object':
    case 'drop-object':
      return planText(site, action);
    case 'add-temporary':
    case 'drop-temporary':
      return planTemporary(site, action);
    default:
      return planView(site, action);
  }
}

/** Puts what `make` gives in the place of an object; undefined takes it away. */
function changed(
  db: string,
  name: string,
  make: (object: ModelTable | undefined, databases: Databases) => ModelTable | undefined,
): Effect {
  return (databases) => {
    const tables = databases.get(db);
    if (tables === undefined) return databases;
    return new Map([
      ...databases,
      [db, withTable(tables, name, make(tables.get(name), databases))],
    ]);
  };
}

/** Whom a change disturbs: a function or catalog is copied when the statement comes. */
const NOTED_BY = { view: 'backups', function: 'nobody', catalog: 'nobody' } as const;

function planText(site: Site, action: TextAction): PlannedStatement | undefined {
  const { kind } = action;
  const db = kind === 'catalog' ? CATALOGS : nameOf.db(action.db);
  const tables = site.databases.get(db);
  if (tables === undefined) return undefined;
  const name = nameOf.object(kind);
  const exists = tables.has(name);
  const common = { db, disturbs: name, notedBy: NOTED_BY[kind] };
  if (action.do === 'drop-object') {
    const effect = changed(db, name, () => undefined);
    return { ...common, sql: dropSql(kind, db, name), effect, expected: exists ? 'ok' : 'refused' };
  }
  const text = String(action.value);
  return {
    ...common,
    sql: createSql(kind, db, name, text),
    effect: changed(db, name, () => textObject(text)),
    expected: exists ? 'refused' : 'ok',
  };
}

function createSql(kind: ObjectKind, db: string, name: string, text: string): string {
  switch (kind) {
    case 'view':
      return `CREATE VIEW ${db}.${name} AS SELECT ${text} AS k`;
    case 'function':
      return (
        `CREATE FUNCTION ${db}.${name}(INT) RETURNS INT PROPERTIES ` +
        `("symbol" = "s", "file" = "http://host/f${text}.jar", "type" = "StarrocksJar")`
      );
    case 'catalog':
      return (
        `CREATE EXTERNAL CATALOG ${name} PROPERTIES ` +
        `("type" = "hive", "hive.metastore.uris" = "thrift://h${text}:9083")`
      );
  }
}

function dropSql(kind: ObjectKind, db: string, name: string): string {
  if (kind === 'catalog') return `DROP CATALOG ${name}`;
  return kind === 'view' ? `DROP VIEW ${db}.${name}` : `DROP FUNCTION ${db}.${name}(INT)`;
}

/** The text of an object, out of what SHOW prints of it. */
export function textIn(shown: string): string | undefined {
  return /SELECT (\d+) AS k|\/f(\d+)\.jar|\/\/h(\d+):9083/.exec(shown)?.slice(1).join('');
}

function planTemporary(
  site: Site,
  action: Extract<ObjectAction, { do: 'add-temporary' | 'drop-temporary' }>,
): PlannedStatement | undefined {
  const db = nameOf.db(action.db);
  const name = nameOf.table(action.table);
  const table = site.databases.get(db)?.get(name);
  if (table === undefined || !table.shape.isPartitioned || table.shape.isList) return undefined;
  const isAdd = action.do === 'add-temporary';
  if ((table.hasTemporary ?? false) === isAdd) return undefined;
  const alter = `ALTER TABLE ${db}.${name}`;
  const range = `VALUES [("0"), ("${KEYS_PER_PART}"))`;
  const add = `ADD TEMPORARY PARTITION ${nameOf.temporary} ${range}`;
  return {
    sql: isAdd
      ? `${alter} ${add} ("replication_num" = "${table.shape.replicas}")`
      : `${alter} DROP TEMPORARY PARTITION ${nameOf.temporary}`,
    effect: changed(db, name, (each) => each && { ...each, hasTemporary: isAdd }),
    expected: 'ok',
    db,
  };
}

function planView(site: Site, action: ViewAction): PlannedStatement | undefined {
  const db = nameOf.db(action.db);
  const name = nameOf.mv(action.table);
  const tables = site.databases.get(db);
  const view = tables?.get(name);
  const full = `${db}.${name}`;
  if (action.do === 'create-mv') {
    const base = nameOf.table(action.table);
    if (view !== undefined || tables?.has(base) !== true) return undefined;
    const { replicas } = action;
    return {
      sql:
        `CREATE MATERIALIZED VIEW ${full} DISTRIBUTED BY HASH (k) BUCKETS 1 ` +
        `REFRESH DEFERRED MANUAL PROPERTIES ("replication_num" = "${replicas}") ` +
        `AS SELECT k, v FROM ${db}.${base}`,
      effect: changed(db, name, () => newView(base, replicas)),
      expected: 'ok',
      db,
    };
  }
  if (view === undefined) return undefined;
  if (action.do === 'drop-mv') {
    const effect = changed(db, name, () => undefined);
    return { sql: `DROP MATERIALIZED VIEW ${full}`, effect, expected: 'ok', db, disturbs: name };
  }
  const { base } = view;
  if (base === undefined || tables?.has(base) !== true) return undefined;
  return {
    sql: `REFRESH MATERIALIZED VIEW ${full} WITH SYNC MODE`,
    effect: changed(db, name, (each, databases) => refreshed(each, databases.get(db)?.get(base))),
    expected: isActive(site, db, name) ? 'ok' : 'any',
    db,
    disturbs: name,
  };
}

function newView(base: string, replicas: number): ModelTable {
  const shape = { ...PLAIN_SHAPE, replicas };
  return { shape, base, parts: new Map([[0, emptyPartition(replicas)]]), isDamaged: false };
}

/** The rows of its table as they are now. */
function refreshed(
  view: ModelTable | undefined,
  base: ModelTable | undefined,
): ModelTable | undefined {
  if (view === undefined || base === undefined) return view;
  const parts = [...base.parts.values()];
  const rows = new Map(parts.flatMap((part) => [...part.rows]));
  const isTorn = parts.some((part) => part.isTorn);
  const part: ModelPartition = { rows, replicas: view.parts.get(0)?.replicas ?? 1, isTorn };
  return { ...view, parts: new Map([[0, part]]), isDamaged: view.isDamaged || base.isDamaged };
}

/** As `information_schema` says. */
export function isActive(site: Site, db: string, name: string): boolean {
  const { rows } = site.machine.query(
    `SELECT IS_ACTIVE FROM information_schema.materialized_views
      WHERE TABLE_SCHEMA = '${db}' AND TABLE_NAME = '${name}'`,
  );
  return rows[0]?.[0] === 'true';
}
