/** Changes of columns as written -> checked ones, in the catalog's terms (sql-surface.md 3.4). */
import type { NewColumn } from '../catalog/build-table.ts';
import type { KeysType, OlapTable } from '../catalog/model.ts';
import { isColumnName } from '../catalog/names.ts';
import type { SchemaChange } from '../catalog/schema-change.ts';
import { baseIndexMeta } from '../catalog/table-lookup.ts';
import type { ColumnChangeDef, ColumnDef } from '../sql/ast.ts';
import { analysisError, analysisErrorAt } from './analysis-error.ts';
import { analyzeColumn, COLUMNS_MAX } from './analyze-table.ts';

export function analyzeColumnChanges(
  table: OlapTable,
  changes: readonly ColumnChangeDef[],
): readonly SchemaChange[] {
  const added = changes.filter(({ kind }) => kind === 'add').length;
  if (baseIndexMeta(table).schema.length + added > COLUMNS_MAX) {
    throw analysisError(`A table may have at most ${COLUMNS_MAX} columns`, 'limit-reached');
  }
  return changes.map((change) => analyzeChange(table.keysType, change));
}

function analyzeChange(keysType: KeysType, change: ColumnChangeDef): SchemaChange {
  switch (change.kind) {
    case 'add':
    case 'modify':
      return { ...change, column: analyzeColumnOf(keysType, change.column) };
    case 'rename':
      if (!isColumnName(change.newName)) {
        throw analysisError(`Incorrect column name '${change.newName}'`, 'bad-column-name');
      }
      return change;
    default:
      return change;
  }
}

/** In an aggregate-key table what has no function is a key; elsewhere KEY says so. */
function analyzeColumnOf(keysType: KeysType, column: ColumnDef): NewColumn {
  const { name, position, aggregation } = column;
  if (!isColumnName(name)) {
    throw analysisErrorAt(position, `Incorrect column name '${name}'`, 'bad-column-name');
  }
  const isKey = keysType === 'AGG_KEYS' ? aggregation === undefined : column.isKey;
  return analyzeColumn(column, isKey, keysType);
}
