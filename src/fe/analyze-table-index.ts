/** Secondary indexes as written -> checked ones (sql-surface.md 3.2). */
import type { TableIndex } from '../catalog/model.ts';
import { isColumnName } from '../catalog/names.ts';
import type { TableIndexDef } from '../sql/ast.ts';
import { analysisError } from './analysis-error.ts';

/** Beside those that are there. Columns get the spelling of the schema. */
export function analyzeTableIndexes(
  written: readonly TableIndexDef[],
  columns: readonly { readonly name: string }[],
  existing: readonly TableIndex[] = [],
): readonly TableIndex[] {
  const all = [...existing];
  for (const one of written) {
    const { name } = one;
    if (!isColumnName(name)) throw analysisError(`Incorrect index name '${name}'`);
    if (all.some((other) => isSame(other.name, name))) {
      throw analysisError(`index \`${name}\` already exist.`);
    }
    const [first, second] = one.columns;
    const column = columns.find((other) => isSame(other.name, first ?? ''));
    if (second !== undefined) throw analysisError('index can only apply to a single column');
    if (column === undefined) {
      throw analysisError(`${one.type} index column ${first} does not exist`, 'unknown-column');
    }
    if (all.some((other) => other.type === one.type && other.columns.includes(column.name))) {
      throw analysisError(`${one.type} index on column ${column.name} already exists`);
    }
    all.push(Object.freeze({ ...one, columns: [column.name] }));
  }
  return all;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
