/**
 * The columns of a table after ADD, DROP, MODIFY, RENAME COLUMN and ORDER BY: StarRocks' rules for
 * each table model (sql-surface.md 3.4). Refusals are user errors; nothing is changed.
 */
import { present } from '../base/assert.ts';
import { SimError } from '../base/errors.ts';
import type { IndexId } from '../base/ids.ts';
import type { NewColumn } from './build-table.ts';
import { checkMayChange, checkMayModify } from './column-change-rules.ts';
import type { Column, MaterializedIndexMeta, OlapTable } from './model.ts';
import { isSameName } from './rollup-schema.ts';
import { schemaHash } from './schema-hash.ts';
import { shortKeyColumnCount } from './short-key.ts';
import { baseIndexMeta } from './table-lookup.ts';

/** Where a column goes; without it, behind the last one of its kind. */
export type ColumnPlace =
  | { readonly kind: 'first' }
  | { readonly kind: 'after'; readonly column: string };

export type SchemaChange =
  | {
      readonly kind: 'add' | 'modify';
      readonly column: NewColumn;
      readonly place: ColumnPlace | undefined;
    }
  | { readonly kind: 'drop'; readonly name: string }
  | { readonly kind: 'rename'; readonly name: string; readonly newName: string }
  | { readonly kind: 'order'; readonly columns: readonly string[] };

export interface ChangedColumn {
  readonly column: Column;
  /** What its values are made from, in the former schema; none: its default. */
  readonly source: Column | undefined;
}

export interface ChangedIndex {
  readonly former: MaterializedIndexMeta;
  readonly columns: readonly ChangedColumn[];
}

/** What becomes of a table. */
export interface ChangedSchema {
  /** Those that are not as they were. */
  readonly indexes: readonly ChangedIndex[];
  readonly sortKey: readonly string[];
  readonly maxColUniqueId: number;
  /** Former names by what they are now. */
  readonly renames: ReadonlyMap<string, string>;
  /** Columns that are gone, of another type, or called otherwise: views may miss them. */
  readonly lost: readonly string[];
}

interface Draft {
  readonly table: OlapTable;
  readonly base: DraftIndex;
  readonly indexes: readonly DraftIndex[];
  sortKey: readonly string[];
  maxColUniqueId: number;
  readonly renames: Map<string, string>;
  readonly lost: string[];
}

interface DraftIndex {
  readonly former: MaterializedIndexMeta;
  columns: readonly ChangedColumn[];
}

/** All changes together. Throws `execution` or `duplicate-column` for the first that cannot be. */
export function changedSchema(table: OlapTable, changes: readonly SchemaChange[]): ChangedSchema {
  const draft = draftOf(table);
  for (const change of changes) carryOut(draft, change);
  for (const index of draft.indexes) checkIndex(draft, index);
  const { sortKey, maxColUniqueId, renames, lost } = draft;
  const hasSortKey = String(sortKey) !== String(table.sortKey);
  const indexes = draft.indexes.filter(
    (index) => isChanged(index) || (hasSortKey && index === draft.base),
  );
  if (indexes.length === 0) throw refusal('Nothing is changed. please check your alter stmt.');
  return { indexes, sortKey, maxColUniqueId, renames, lost };
}

/** The index as it is from now on, one version further. */
export function changedMeta(
  { former, columns }: ChangedIndex,
  indexId: IndexId,
): MaterializedIndexMeta {
  const schema = columns.map(({ column }) => Object.freeze(column));
  const schemaVersion = former.schemaVersion + 1;
  return Object.freeze({
    ...former,
    indexId,
    schema,
    schemaVersion,
    schemaHash: schemaHash(schema, schemaVersion),
    shortKeyColumnCount: shortKeyColumnCount(schema),
  });
}

function draftOf(table: OlapTable): Draft {
  const base = draftIndex(baseIndexMeta(table));
  const rollups = table.indexMetas.filter((meta) => meta !== base.former).map(draftIndex);
  const uniqueIds = base.former.schema.map(({ uniqueId }) => uniqueId);
  return {
    table,
    base,
    indexes: [base, ...rollups],
    sortKey: table.sortKey,
    maxColUniqueId: Math.max(table.maxColUniqueId ?? 0, ...uniqueIds),
    renames: new Map(),
    lost: [],
  };
}

function draftIndex(former: MaterializedIndexMeta): DraftIndex {
  return { former, columns: former.schema.map((column) => ({ column, source: column })) };
}

function carryOut(draft: Draft, change: SchemaChange): void {
  switch (change.kind) {
    case 'add':
      add(draft, change.column, change.place);
      return;
    case 'drop':
      drop(draft, change.name);
      return;
    case 'modify':
      modify(draft, change.column, change.place);
      return;
    case 'rename':
      rename(draft, change.name, change.newName);
      return;
    case 'order':
      reorder(draft, change.columns);
      return;
  }
}

function add(draft: Draft, column: NewColumn, place: ColumnPlace | undefined): void {
  const { table, base } = draft;
  const { name, isKey } = column;
  if (base.former.schema.some((one) => isSameName(one.name, name))) {
    const text = `Can not add column which already exists in base table: ${name}`;
    throw refusal(text, 'duplicate-column');
  }
  if (find(base, name) !== undefined) {
    throw refusal(`Repeatedly add same column: ${name}`, 'duplicate-column');
  }
  if (column.isAutoIncrement) throw refusal(`Can not add AUTO_INCREMENT column: ${name}`);
  if (isKey && table.keysType === 'PRIMARY_KEYS') {
    throw refusal(`Can not add key column to primary key table: ${name}`);
  }
  if (!column.isAllowNull && column.defaultValue === undefined) {
    throw refusal(`Column ${name} is NOT NULL: rows that are there need a default value`);
  }
  draft.maxColUniqueId += 1;
  const entry = { column: { ...column, uniqueId: draft.maxColUniqueId }, source: undefined };
  base.columns = withEntry(base.columns, entry, place);
  // A row of a rollup of a unique-key table is found by all keys.
  if (table.keysType !== 'UNIQUE_KEYS' || !isKey) return;
  for (const index of draft.indexes) {
    if (index !== base) index.columns = withEntry(index.columns, entry, undefined);
  }
}

function drop(draft: Draft, name: string): void {
  const { table, base } = draft;
  const { column } = found(find(base, name), `Column does not exists: ${name}`);
  const { keysType } = table;
  const isOneRowPerKey = keysType === 'UNIQUE_KEYS' || keysType === 'PRIMARY_KEYS';
  if (column.isKey && isOneRowPerKey) {
    const model = keysType === 'UNIQUE_KEYS' ? 'Unique' : 'primary';
    throw refusal(`Can not drop key column in ${model} data model table`);
  }
  if (column.isKey && base.columns.some((one) => replaces(one.column))) {
    const text = 'Can not drop key column when table has value column with REPLACE aggregation';
    throw refusal(`${text} method`);
  }
  if (draft.sortKey.some((one) => isSameName(one, name))) {
    throw refusal(
      `Can not drop sort column: ${name}`,
      'execution',
      'change it with ORDER BY first',
    );
  }
  checkMayChange(table, column, 'dropped');
  for (const index of draft.indexes) {
    index.columns = index.columns.filter((one) => !isSameName(one.column.name, name));
  }
  draft.lost.push(column.name);
}

function modify(draft: Draft, wanted: NewColumn, place: ColumnPlace | undefined): void {
  const { table, base } = draft;
  const { name } = wanted;
  const { column: before } = found(find(base, name), `Column[${name}] does not exists`);
  const after: Column = { ...wanted, name: before.name, uniqueId: before.uniqueId };
  if (checkMayModify(table, before, after)) draft.lost.push(before.name);
  for (const index of draft.indexes) {
    index.columns = index.columns.map((entry) => {
      const { column, source } = entry;
      if (!isSameName(column.name, name)) return entry;
      return { source, column: { ...after, ...roleOf(column) } };
    });
  }
  if (place === undefined) return;
  const entry = found(find(base, name), `column ${name}`);
  base.columns = withEntry(
    base.columns.filter((one) => one !== entry),
    entry,
    place,
  );
}

/** What a column is in an index, which may differ from what it is in the base index. */
function roleOf({ isKey, aggregationType }: Column): Partial<Column> {
  return { isKey, ...(aggregationType === undefined ? {} : { aggregationType }) };
}

function rename(draft: Draft, name: string, newName: string): void {
  const { column } = found(find(draft.base, name), `Column[${name}] does not exists`);
  if (find(draft.base, newName) !== undefined) {
    throw refusal(`Column name[${newName}] is already used`, 'duplicate-column');
  }
  checkMayChange(draft.table, column, 'renamed');
  for (const index of draft.indexes) {
    index.columns = index.columns.map((entry) =>
      isSameName(entry.column.name, name)
        ? { ...entry, column: { ...entry.column, name: newName } }
        : entry,
    );
  }
  draft.sortKey = draft.sortKey.map((one) => (isSameName(one, name) ? newName : one));
  draft.renames.set(column.name, newName);
  draft.lost.push(column.name);
}

/** The sort key of a primary-key table; elsewhere columns in another order. */
function reorder(draft: Draft, names: readonly string[]): void {
  const { table, base } = draft;
  const entries = names.map((name) =>
    found(find(base, name), `Column[${name}] does not exist`, 'unknown-column'),
  );
  const twice = entries.find((entry, at) => entries.indexOf(entry) !== at);
  if (twice !== undefined) {
    throw refusal(`Duplicated column[${twice.column.name}]`, 'duplicate-column');
  }
  if (table.keysType === 'PRIMARY_KEYS') {
    draft.sortKey = entries.map(({ column }) => column.name);
    return;
  }
  if (entries.length !== base.columns.length) {
    throw refusal('Reorder stmt should contains all columns');
  }
  base.columns = entries;
}

function find({ columns }: DraftIndex, name: string): ChangedColumn | undefined {
  return columns.find(({ column }) => isSameName(column.name, name));
}

function found<T>(value: T | undefined, text: string, code?: 'unknown-column'): T {
  if (value === undefined) throw refusal(text, code);
  return value;
}

function withEntry(
  columns: readonly ChangedColumn[],
  entry: ChangedColumn,
  place: ColumnPlace | undefined,
): readonly ChangedColumn[] {
  return columns.toSpliced(positionFor(columns, entry, place), 0, entry);
}

function positionFor(
  columns: readonly ChangedColumn[],
  { column: { isKey } }: ChangedColumn,
  place: ColumnPlace | undefined,
): number {
  if (place?.kind === 'first') return 0;
  if (place === undefined) {
    return isKey ? columns.filter(({ column }) => column.isKey).length : columns.length;
  }
  const at = columns.findIndex(({ column }) => isSameName(column.name, place.column));
  if (at < 0) throw refusal(`Column[${place.column}] does not exist`, 'unknown-column');
  return at + 1;
}

function checkIndex({ base }: Draft, index: DraftIndex): void {
  const { name } = index.former;
  const schema = index.columns.map(({ column }) => column);
  const keyCount = schema.filter(({ isKey }) => isKey).length;
  const isGrouped = index.former.definition !== undefined;
  if (keyCount === 0 && !isGrouped) throw refusal(`No key column left. index[${name}]`);
  if (!schema.slice(0, keyCount).every(({ isKey }) => isKey)) {
    throw refusal(`Invalid column order. value should be after key. index[${name}]`);
  }
  const allKeys = base.columns.filter(({ column }) => column.isKey).length;
  if (index !== base && keyCount < allKeys && schema.some(replaces)) {
    throw refusal('Rollup should contains all keys if there is a REPLACE value');
  }
  if (schema.length > 0 && keyCount > 0 && shortKeyColumnCount(schema) === 0) {
    const first = present(schema[0], 'a first column');
    throw refusal(`Data type of first column ${first.name} cannot be ${first.type.name}`);
  }
}

function replaces({ aggregationType }: Column): boolean {
  return aggregationType?.startsWith('REPLACE') === true;
}

function isChanged({ former, columns }: DraftIndex): boolean {
  const now = columns.map(({ column }) => column);
  return JSON.stringify(now) !== JSON.stringify(former.schema);
}

function refusal(
  message: string,
  code: 'execution' | 'unknown-column' | 'duplicate-column' = 'execution',
  hint?: string,
): SimError {
  return new SimError(code, message, hint === undefined ? {} : { hint });
}
