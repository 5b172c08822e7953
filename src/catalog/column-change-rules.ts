/** Which columns of a table may change, and into what (sql-surface.md 3.4). */
import { SimError } from '../base/errors.ts';
import { typeText } from '../base/sql-type.ts';
import { typeChangeRefusal } from './column-type-change.ts';
import type { Column, OlapTable } from './model.ts';
import { isSameName } from './rollup-schema.ts';
import { allPartitions } from './table-lookup.ts';

/**
 * Refuses what rows are placed by and what a synchronous view computes from: those would have to
 * be made anew. A new name changes no place.
 */
export function checkMayChange(
  table: OlapTable,
  { name, isAutoIncrement }: Column,
  verb: 'dropped' | 'modified' | 'renamed',
): void {
  const isNamed = (names: readonly string[]): boolean => names.some((one) => isSameName(one, name));
  for (const { name: index, definition } of table.indexMetas) {
    const isUsed = definition?.sources.some(({ column }) => isSameName(column, name)) === true;
    if (!isUsed) continue;
    throw refusal(
      `Column ${name} can not be ${verb}: it is used in the related rollup/mv ${index}`,
      'drop the rollup or materialized view first',
    );
  }
  if (verb === 'renamed') return;
  const index = table.indexes?.find(({ columns }) => isNamed(columns));
  if (index !== undefined) {
    throw refusal(
      `Column ${name} can not be ${verb}: index ${index.name} is on it`,
      'drop it first',
    );
  }
  if (isAutoIncrement) throw refusal(`AUTO_INCREMENT column ${name} can not be ${verb}`);
  const { partitionBy } = table;
  if (partitionBy.kind !== 'UNPARTITIONED' && isNamed(partitionBy.columns)) {
    throw refusal(`Partition column[${name}] cannot be ${verb}`);
  }
  const distributions = [table.defaultDistribution];
  for (const { distribution } of allPartitions(table)) distributions.push(distribution);
  if (distributions.some((one) => one.kind === 'HASH' && isNamed(one.columns))) {
    throw refusal(`Distribution column[${name}] cannot be ${verb}`);
  }
}

/** Whether its values are other ones afterwards; throws when it may not become that. */
export function checkMayModify(table: OlapTable, before: Column, after: Column): boolean {
  const { name } = before;
  const isPrimary = table.keysType === 'PRIMARY_KEYS';
  if (isPrimary && (before.isKey || after.isKey)) {
    throw refusal(`Can not modify key column: ${name} for primary key table`);
  }
  if (before.isKey !== after.isKey || before.aggregationType !== after.aggregationType) {
    const isForgotten = before.isKey && !after.isKey;
    throw refusal('Can not change aggregation type', isForgotten ? 'say KEY' : undefined);
  }
  if (after.isAutoIncrement !== before.isAutoIncrement) {
    throw refusal(`AUTO_INCREMENT of column ${name} can not be changed`);
  }
  if (before.isAllowNull && !after.isAllowNull) {
    throw refusal('Can not change from nullable to non-nullable');
  }
  const [was, is] = [before.defaultValue, after.defaultValue];
  if (was?.kind !== is?.kind || was?.text !== is?.text) {
    throw refusal('Can not change default value', 'say the default that the column has');
  }
  const typeRefusal = typeChangeRefusal(before.type, after.type);
  if (typeRefusal !== undefined) throw refusal(typeRefusal);
  const isOther =
    typeText(before.type) !== typeText(after.type) || before.isAllowNull !== after.isAllowNull;
  if (!isOther) return false;
  if (isPrimary && table.sortKey.some((one) => isSameName(one, name))) {
    throw refusal('Can not modify sort column in primary data model table');
  }
  checkMayChange(table, before, 'modified');
  return true;
}

function refusal(message: string, hint?: string): SimError {
  return new SimError('execution', message, hint === undefined ? {} : { hint });
}
