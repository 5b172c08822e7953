/** New names of tables in the text of a materialized view's query (restore-jobs.md 5.4.3 step 6). */
import type { MvBaseTable } from '../../catalog/materialized-view.ts';

export interface TableNameChange {
  readonly from: Pick<MvBaseTable, 'dbName' | 'tableName'>;
  readonly to: Pick<MvBaseTable, 'dbName' | 'tableName'>;
}

/**
 * Every `` `db`.`table` `` under its new name, all at once. `isSequential` is StarRocks' way: one
 * name after the other, as patterns, so that swapped names or special characters spoil the text
 * (9 #24).
 */
export function rewrittenDefinition(
  text: string,
  changes: readonly TableNameChange[],
  isSequential: boolean,
): string {
  if (isSequential) {
    return changes.reduce(
      (result, { from, to }) =>
        result.replace(new RegExp(`\`${from.dbName}\`.\`${from.tableName}\``, 'g'), quoted(to)),
      text,
    );
  }
  const names = new Map(changes.map(({ from, to }) => [quoted(from), quoted(to)]));
  const pattern = [...names.keys()].map(literal).join('|');
  return text.replace(new RegExp(pattern, 'g'), (found) => names.get(found) ?? found);
}

function quoted({ dbName, tableName }: TableNameChange['from']): string {
  return `\`${dbName.replaceAll('`', '``')}\`.\`${tableName.replaceAll('`', '``')}\``;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
