/**
 * List partitions out of what CREATE TABLE and ADD PARTITION say (`ListPartitionDesc`). Definitions
 * are plain data of the shape that the parser produces.
 */
import { SimError } from '../base/errors.ts';
import type { Column, PartitionList } from './model.ts';
import { isPartitionName } from './names.ts';
import { isListColumn, listKey } from './partition-list.ts';
import { normalizedKeyText } from './range-key.ts';

export interface ListDefinition {
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly values: PartitionList;
  readonly properties: ReadonlyMap<string, string>;
}

export interface NamedList {
  readonly name: string;
  readonly list: PartitionList;
}

export interface DefinedList extends NamedList {
  readonly properties: ReadonlyMap<string, string>;
}

/**
 * The new lists of the definitions, in their order, beside those that exist already. An existing
 * name with IF NOT EXISTS is left out. Errors: `duplicate-partition`, `bad-partition-name`,
 * `bad-partition-range` (bad value, a value twice, NULL for a column that takes none).
 */
export function definedLists(
  definitions: readonly ListDefinition[],
  columns: readonly Column[],
  existing: readonly NamedList[],
): readonly DefinedList[] {
  const names = new Set(existing.map((one) => one.name));
  const taken = new Set(existing.flatMap((one) => one.list.map(listKey)));
  const made: DefinedList[] = [];
  for (const { name, ifNotExists, values, properties } of definitions) {
    if (!isPartitionName(name)) {
      throw new SimError('bad-partition-name', `Incorrect partition name '${name}'`);
    }
    if (names.has(name)) {
      if (ifNotExists) continue;
      throw new SimError('duplicate-partition', `Duplicate partition name ${name}`);
    }
    const list = values.map((row) => normalizedRow(row, columns, name));
    for (const row of list) {
      const key = listKey(row);
      if (taken.has(key)) throw bad(`Duplicate values (${row.map(shown).join(',')}) not allow`);
      taken.add(key);
    }
    names.add(name);
    made.push({ name, list: Object.freeze(list), properties });
  }
  return made;
}

/** Throws `bad-partition-range` unless tables may be partitioned by lists of the column's values. */
export function checkListColumn(column: Column): void {
  if (isListColumn(column)) return;
  throw bad(`Invalid partition column '${column.name}': invalid data type ${column.type.name}`);
}

function normalizedRow(
  row: readonly (string | null)[],
  columns: readonly Column[],
  partitionName: string,
): readonly (string | null)[] {
  if (row.length !== columns.length) {
    throw bad(`Partition ${partitionName} has ${row.length} values of ${columns.length} columns`);
  }
  return Object.freeze(
    columns.map((column, at) => {
      const value = row[at] ?? null;
      if (value !== null) return normalizedKeyText(value, column, 'list');
      if (column.isAllowNull) return null;
      throw bad(
        `Partition column[${column.name}] could not be null ` +
          `but contains null value in partition[${partitionName}].`,
      );
    }),
  );
}

function bad(text: string): SimError {
  return new SimError('bad-partition-range', text);
}

function shown(value: string | null): string {
  return value === null ? 'NULL' : `"${value}"`;
}
