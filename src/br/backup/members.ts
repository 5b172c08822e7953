/** Which tables a group stands for in one database (BR-INV). */
import type { Dialect } from '../cluster/dialect.ts';
import { type TableName, tablesOf } from '../cluster/names.ts';
import { functionNames } from '../cluster/objects.ts';
import type { Config, InventoryEntry } from '../config/config.ts';
import type { Connection } from '../connection/connection.ts';
import { BrError } from '../errors.ts';
import { inventoryEntries } from '../ops/inventory.ts';
import type { Ops } from '../ops/ops.ts';

export interface Members {
  readonly group: string;
  readonly database: string;
  /**
   * Everything there is: BACKUP needs no list. Materialized views want one, since without it the
   * frontend's `enable_backup_materialized_view` decides.
   */
  readonly isWholeDatabase: boolean;
  readonly tables: readonly string[];
  readonly views: readonly string[];
  readonly materializedViews: readonly string[];
  /** Of a group that stands for the whole database; groups name no functions. */
  readonly functions: readonly string[];
  /** What the wildcard finds and this release cannot back up. */
  readonly leftOut: readonly string[];
  /** Databases of the group that this run leaves alone. */
  readonly otherDatabases: readonly string[];
}

/** `group-unknown` with the groups there are; `tables-missing` with all that are missing. */
export async function membersOf(
  connection: Connection,
  ops: Ops,
  config: Config,
  { group, database }: { readonly group: string; readonly database: string },
  dialect: Dialect,
): Promise<Members> {
  const all = await inventoryEntries(ops);
  const ofGroup = all.filter((entry) => entry.group === group);
  const mine = ofGroup.filter((entry) => entry.database === database);
  if (mine.length === 0) throw noTables(all, group, database);
  const there = await tablesOf(connection, database);
  const named = mine.map(({ table }) => table);
  const isWildcard = named.includes('*');
  const missing = named.filter((name) => name !== '*' && !there.some((each) => each.name === name));
  if (missing.length > 0) throw tablesMissing(missing, group, database);
  const wanted = there.filter(({ name, kind }) => {
    if (!isWildcard) return named.includes(name);
    if (kind === 'view') return config.backup.includeViews;
    return kind === 'table' || config.backup.includeMvs;
  });
  const chosen = wanted.filter(({ kind }) => kind !== 'view' || dialect.backsUpViews);
  const isTakenWithoutList = chosen.every(({ kind }) => kind !== 'materialized view');
  const ofKind = (kind: TableName['kind']): readonly string[] =>
    chosen.filter((each) => each.kind === kind).map(({ name }) => name);
  return {
    group,
    database,
    isWholeDatabase: isWildcard && isTakenWithoutList && chosen.length === there.length,
    tables: ofKind('table'),
    views: ofKind('view'),
    materializedViews: ofKind('materialized view'),
    functions: isWildcard && dialect.backsUpViews ? await functionNames(connection, database) : [],
    leftOut: wanted.filter((each) => !chosen.includes(each)).map(({ name }) => name),
    otherDatabases: [...new Set(ofGroup.map((entry) => entry.database))].filter(
      (name) => name !== database,
    ),
  };
}

/** The databases of a group, for `--database all`. */
export async function databasesOfGroup(ops: Ops, group: string): Promise<readonly string[]> {
  const all = await inventoryEntries(ops);
  const mine = all.filter((entry) => entry.group === group);
  if (mine.length === 0) throw noTables(all, group, 'all');
  return [...new Set(mine.map(({ database }) => database))];
}

function noTables(all: readonly InventoryEntry[], group: string, database: string): BrError {
  const groups = [...new Set(all.map((entry) => entry.group))];
  const isKnown = groups.includes(group);
  const message = isKnown
    ? `group '${group}' has no table of database '${database}'`
    : `there is no group '${group}'; known groups: ${groups.join(', ') || 'none'}`;
  return new BrError('group-unknown', message, {
    advice: [
      'srbr inventory list shows the groups',
      `srbr inventory add --group ${group} <table...>`,
    ],
    inputs: { group, database },
  });
}

function tablesMissing(missing: readonly string[], group: string, database: string): BrError {
  return new BrError(
    'tables-missing',
    `group '${group}' names tables that are not in ${database}: ${missing.join(', ')}`,
    {
      advice: [
        `srbr inventory remove --group ${group} ${missing.join(' ')}`,
        'or create the tables',
      ],
      inputs: { group, database },
    },
  );
}
