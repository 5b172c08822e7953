/** Data and table statements of a run: their SQL, what they do to the model, whether they may fail. */
import { type Action, KEYS_PER_PART, nameOf, type Shape } from './actions.ts';
import {
  deleted,
  emptyPartition,
  inserted,
  type ModelTable,
  type ModelTables,
  partOf,
  updated,
  withExtra,
  withPart,
  withTable,
} from './model.ts';
import { type ObjectAction, planObject } from './plan-object.ts';
import type { Databases, Effect, Site } from './site.ts';
import type { Expected } from './statement.ts';

export interface PlannedStatement {
  readonly sql: string;
  readonly effect: Effect;
  /** What must come of it when nothing is broken. */
  readonly expected: Expected;
  readonly db: string;
  /** The object that it takes away or changes in a way that jobs feel. */
  readonly disturbs?: string;
  /** Which jobs then may fail; without it, all that are about the object. */
  readonly notedBy?: 'backups' | 'nobody';
}

type TableAction = Extract<
  Action,
  {
    readonly do:
      | 'create-table'
      | 'drop-table'
      | 'truncate'
      | 'add-partition'
      | 'drop-partition'
      | 'insert'
      | 'delete'
      | 'update'
      | 'change-columns';
  }
>;

export type DataAction =
  | TableAction
  | ObjectAction
  | Extract<Action, { readonly do: 'create-database' | 'drop-database' }>;

const NO_TABLES: ModelTables = new Map();

/** Undefined when the model tells that there is nothing to do it to. */
export function planStatement(site: Site, action: DataAction): PlannedStatement | undefined {
  if (isObjectAction(action)) return planObject(site, action);
  const db = nameOf.db(action.db);
  if (action.do === 'create-database') {
    const exists = site.databases.has(db);
    if (exists && action.ifMissing) return undefined;
    return {
      sql: `CREATE DATABASE ${db}`,
      effect: (databases): Databases => new Map([...databases, [db, NO_TABLES]]),
      expected: exists ? 'refused' : 'ok',
      db,
    };
  }
  if (action.do === 'drop-database') {
    const effect: Effect = (databases) => new Map([...databases].filter(([name]) => name !== db));
    const expected = site.databases.has(db) ? 'ok' : 'refused';
    return { sql: `DROP DATABASE ${db} FORCE`, effect, expected, db };
  }
  return planTable(site, db, action);
}

const OBJECT_ACTIONS: ReadonlySet<string> = new Set<ObjectAction['do']>([
  'add-temporary',
  'drop-temporary',
  'create-mv',
  'drop-mv',
  'refresh-mv',
  'create-object',
  'drop-object',
]);

function isObjectAction(action: DataAction): action is ObjectAction {
  return OBJECT_ACTIONS.has(action.do);
}

function planTable(site: Site, db: string, action: TableAction): PlannedStatement | undefined {
  const name = nameOf.table(action.table);
  const full = `${db}.${name}`;
  const table = site.databases.get(db)?.get(name);
  const change = (how: (table: ModelTable) => ModelTable | undefined): Effect =>
    changed(db, name, how);
  if (action.do === 'create-table') {
    if (!site.databases.has(db)) return undefined;
    if (action.ifMissing && table !== undefined) return undefined;
    const made = createdTable(action.shape, action.parts);
    return {
      sql: createSql(full, action.shape, made),
      effect: (databases) => {
        const tables = databases.get(db);
        if (tables === undefined) return databases;
        return new Map([...databases, [db, withTable(tables, name, made)]]);
      },
      expected: table === undefined ? 'ok' : 'refused',
      db,
    };
  }
  if (table === undefined) return undefined;
  const usual = { expected: 'ok' as const, db };
  switch (action.do) {
    case 'drop-table':
      return {
        ...usual,
        sql: `DROP TABLE ${full} FORCE`,
        effect: change(() => undefined),
        disturbs: name,
      };
    case 'truncate':
    case 'add-partition':
    case 'drop-partition': {
      const planned = planPartition(full, table, action, change);
      return planned && { ...usual, ...planned, disturbs: name };
    }
    case 'insert': {
      const rows = fittingRows(table, action.rows);
      if (rows.length === 0) return undefined;
      const values = rows.map(([key, value]) => `(${key}, ${value})`).join(', ');
      return {
        ...usual,
        sql: `INSERT INTO ${full} (k, v) VALUES ${values}`,
        effect: change((each) => inserted(each, rows)),
      };
    }
    case 'delete':
      return {
        ...usual,
        sql: `DELETE FROM ${full} WHERE k < ${action.below}`,
        effect: change((each) => deleted(each, action.below)),
      };
    case 'change-columns': {
      if (table.hasTemporary === true) return undefined;
      const kind = table.shape.keys === 'aggregate' ? 'INT MAX' : 'INT';
      const extra = table.extra === undefined ? action.value : undefined;
      return {
        ...usual,
        sql:
          extra === undefined
            ? `ALTER TABLE ${full} DROP COLUMN x`
            : `ALTER TABLE ${full} ADD COLUMN x ${kind} DEFAULT "${extra}"`,
        effect: change((each) => withExtra(each, extra)),
      };
    }
    case 'update':
      if (table.shape.keys !== 'primary') return undefined;
      return {
        ...usual,
        sql: `UPDATE ${full} SET v = ${action.value} WHERE k < ${action.below}`,
        effect: change((each) => updated(each, action.below, action.value)),
      };
  }
}

function planPartition(
  full: string,
  table: ModelTable,
  action: Extract<TableAction, { do: 'truncate' | 'add-partition' | 'drop-partition' }>,
  change: (how: (table: ModelTable) => ModelTable | undefined) => Effect,
): { readonly sql: string; readonly effect: Effect } | undefined {
  const { parts, shape } = table;
  if (action.do === 'truncate') {
    const only = shape.isPartitioned && action.part !== null ? action.part : undefined;
    if (only !== undefined && !parts.has(only)) return undefined;
    const clause = only === undefined ? '' : ` PARTITION (${nameOf.part(only)})`;
    return {
      sql: `TRUNCATE TABLE ${full}${clause}`,
      effect: change((each) => emptied(each, only)),
    };
  }
  if (!shape.isPartitioned) return undefined;
  const { part } = action;
  if (action.do === 'add-partition') {
    if (parts.has(part)) return undefined;
    const properties = `("replication_num" = "${shape.replicas}")`;
    return {
      sql: `ALTER TABLE ${full} ADD ${partitionSql(shape, part)} ${properties}`,
      effect: change((each) => withPart(each, part, emptyPartition(shape.replicas))),
    };
  }
  if (!parts.has(part) || parts.size === 1) return undefined;
  return {
    sql: `ALTER TABLE ${full} DROP PARTITION ${nameOf.part(part)} FORCE`,
    effect: change((each) => withPart(each, part, undefined)),
  };
}

function changed(
  db: string,
  name: string,
  how: (table: ModelTable) => ModelTable | undefined,
): Effect {
  return (databases: Databases) => {
    const tables = databases.get(db);
    const table = tables?.get(name);
    if (tables === undefined || table === undefined) return databases;
    return new Map([...databases, [db, withTable(tables, name, how(table))]]);
  };
}

function emptied(table: ModelTable, only: number | undefined): ModelTable {
  let next = table;
  for (const [part, { replicas }] of table.parts) {
    if (only === undefined || part === only) next = withPart(next, part, emptyPartition(replicas));
  }
  return only === undefined ? { ...next, isDamaged: false } : next;
}

/** Keys moved into partitions that are there. */
function fittingRows(
  table: ModelTable,
  rows: readonly (readonly [number, number])[],
): readonly (readonly [number, number])[] {
  const parts = [...table.parts.keys()];
  return rows.map(([key, value]) => {
    if (table.parts.has(partOf(table.shape, key))) return [key, value] as const;
    const part = parts[key % parts.length] ?? 0;
    return [part * KEYS_PER_PART + (key % KEYS_PER_PART), value] as const;
  });
}

function createdTable(shape: Shape, parts: number): ModelTable {
  const numbers = shape.isPartitioned ? Array.from({ length: parts }, (_, part) => part) : [0];
  const made = numbers.map((part) => [part, emptyPartition(shape.replicas)] as const);
  return { shape, parts: new Map(made), isDamaged: false };
}

const KEYS_SQL = {
  duplicate: 'DUPLICATE',
  aggregate: 'AGGREGATE',
  unique: 'UNIQUE',
  primary: 'PRIMARY',
} as const;

function createSql(full: string, shape: Shape, table: ModelTable): string {
  const parts = [...table.parts.keys()].map((part) => partitionSql(shape, part)).join(', ');
  const by = shape.isList === true ? 'LIST' : 'RANGE';
  const partitions = shape.isPartitioned ? ` PARTITION BY ${by} (k) (${parts})` : '';
  const value = shape.keys === 'aggregate' ? 'v BIGINT SUM' : 'v BIGINT';
  const rollup = shape.hasRollup === true ? 'ROLLUP (r1 (v, k)) ' : '';
  const distribution = shape.isRandom ? 'RANDOM' : 'HASH (k)';
  return (
    `CREATE TABLE ${full} (k INT NOT NULL, ${value}) ` +
    `${KEYS_SQL[shape.keys]} KEY (k)${partitions} ` +
    `DISTRIBUTED BY ${distribution} BUCKETS ${shape.buckets} ${rollup}` +
    `PROPERTIES ("replication_num" = "${shape.replicas}")`
  );
}

function partitionSql(shape: Shape, part: number): string {
  const from = part * KEYS_PER_PART;
  if (shape.isList === true) {
    const keys = Array.from({ length: KEYS_PER_PART }, (_, at) => `"${from + at}"`);
    return `PARTITION ${nameOf.part(part)} VALUES IN (${keys.join(', ')})`;
  }
  return `PARTITION ${nameOf.part(part)} VALUES [("${from}"), ("${from + KEYS_PER_PART}"))`;
}
