/**
 * The schema of a rollup, out of the columns that it names: StarRocks' rules for each table model.
 * Refusals are user errors; nothing is changed.
 */
import { present } from '../base/assert.ts';
import { SimError } from '../base/errors.ts';
import type { IndexId } from '../base/ids.ts';
import type { Column, IndexDefinition, KeysType, MaterializedIndexMeta } from './model.ts';
import { schemaHash } from './schema-hash.ts';
import { shortKeyColumnCount } from './short-key.ts';

/** An index that a table does not have yet. */
export interface NewIndex {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly keysType: KeysType;
  readonly definition?: IndexDefinition;
}

/** What a rollup is made of. */
export interface BaseSchema {
  readonly keysType: KeysType;
  readonly columns: readonly Column[];
}

export interface RollupColumns {
  readonly name: string;
  readonly columns: readonly string[];
  /** DUPLICATE KEY of the rollup; without it the first few columns are the key. */
  readonly duplicateKeys: readonly string[] | undefined;
}

export function rollupOf(base: BaseSchema, rollup: RollupColumns): NewIndex {
  const { name, duplicateKeys } = rollup;
  const { keysType } = base;
  if (keysType === 'PRIMARY_KEYS') {
    throw refusal('Do not support add rollup on primary key table');
  }
  const columns = namedColumns(base, rollup.columns);
  if (keysType === 'DUP_KEYS') {
    return { name, keysType, columns: duplicateKeyed(columns, duplicateKeys) };
  }
  if (duplicateKeys !== undefined) {
    throw refusal(`DUPLICATE KEY of rollup ${name}: the table has another key type`);
  }
  checkKeyed(base, columns, name);
  return { name, keysType, columns };
}

export function indexMetaFor(index: NewIndex, indexId: IndexId): MaterializedIndexMeta {
  const { name, columns, keysType, definition } = index;
  return Object.freeze({
    indexId,
    name,
    schema: columns.map((column) => Object.freeze(column)),
    schemaVersion: 0,
    schemaHash: schemaHash(columns),
    shortKeyColumnCount: shortKeyColumnCount(columns),
    keysType,
    ...(definition === undefined ? {} : { definition }),
  });
}

function namedColumns(base: BaseSchema, names: readonly string[]): readonly Column[] {
  const columns: Column[] = [];
  for (const name of names) {
    const column = base.columns.find((one) => isSameName(one.name, name));
    if (column === undefined) throw refusal(`Column[${name}] does not exist`, 'unknown-column');
    if (columns.includes(column)) {
      throw refusal(`Duplicated column[${name}]`, 'duplicate-column');
    }
    columns.push(column);
  }
  return columns;
}

/** A duplicate key of its own, or the columns that the prefix index takes. */
export function duplicateKeyed(
  columns: readonly Column[],
  keys: readonly string[] | undefined,
): readonly Column[] {
  if (keys !== undefined) {
    const isPrefix = keys.every((key, at) => isSameName(columns[at]?.name ?? '', key));
    if (!isPrefix) throw refusal('Key columns should be a ordered prefix of the rollup.');
    return columns.map((column, at) => ({ ...column, isKey: at < keys.length }));
  }
  const count = shortKeyColumnCount(columns.map((column) => ({ ...column, isKey: true })));
  if (count === 0) {
    const first = present(columns[0], 'a first column');
    throw refusal(`Data type of first column ${first.name} cannot be ${first.type.name}`);
  }
  return columns.map((column, at) => ({ ...column, isKey: at < count }));
}

/** Aggregate and unique tables: keys first, and all of them where one row replaces another. */
function checkKeyed(base: BaseSchema, columns: readonly Column[], name: string): void {
  const keyCount = columns.filter((column) => column.isKey).length;
  if (keyCount === 0) throw refusal(`No key column is found in rollup ${name}`);
  if (!columns.slice(0, keyCount).every((column) => column.isKey)) {
    throw refusal(`Invalid column order. value should be after key. rollup[${name}]`);
  }
  const hasAllKeys = keyCount === base.columns.filter((column) => column.isKey).length;
  if (hasAllKeys) return;
  if (base.keysType === 'UNIQUE_KEYS') {
    throw refusal('Rollup should contains all unique keys in basetable');
  }
  const replaces = columns.some((column) => column.aggregationType?.startsWith('REPLACE'));
  if (replaces) throw refusal('Rollup should contains all keys if there is a REPLACE value');
}

export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function refusal(
  message: string,
  code: 'execution' | 'unknown-column' | 'duplicate-column' = 'execution',
): SimError {
  return new SimError(code, message);
}
