/** Rollups as written -> checked schemas (sql-surface.md 3.2, 3.4). */
import type { OlapTable } from '../catalog/model.ts';
import { isTableName } from '../catalog/names.ts';
import { type BaseSchema, isSameName, type NewIndex, rollupOf } from '../catalog/rollup-schema.ts';
import { baseIndexMeta } from '../catalog/table-lookup.ts';
import type { RollupDef } from '../sql/ast.ts';
import { analysisError, analysisErrorAt, analyzed } from './analysis-error.ts';

/** Indexes of one table, the base index among them. */
const INDEXES_MAX = 64;

export function analyzeRollups(
  tableName: string,
  written: readonly RollupDef[],
  base: BaseSchema,
): readonly NewIndex[] {
  const taken = [tableName];
  return written.map((rollup) => {
    checkRollup(tableName, rollup);
    checkIndexName(taken, rollup.name);
    taken.push(rollup.name);
    return analyzed(() => rollupOf(base, rollup));
  });
}

/** Rollups for a table that is there. */
export function analyzeAddedRollups(
  table: OlapTable,
  written: readonly RollupDef[],
): readonly NewIndex[] {
  const { schema } = baseIndexMeta(table);
  const added = analyzeRollups(table.name, written, { keysType: table.keysType, columns: schema });
  for (const { name } of added) {
    checkIndexName(
      table.indexMetas.map((meta) => meta.name),
      name,
    );
  }
  return added;
}

export function checkIndexName(taken: readonly string[], name: string): void {
  if (!isTableName(name)) throw analysisError(`Incorrect rollup name '${name}'`, 'bad-table-name');
  if (taken.some((one) => isSameName(one, name))) {
    throw analysisError(`Materialized view[${name}] already exists`);
  }
  if (taken.length >= INDEXES_MAX) {
    throw analysisError(`A table may have at most ${INDEXES_MAX} indexes`, 'limit-reached');
  }
}

function checkRollup(tableName: string, { from, properties, position }: RollupDef): void {
  if (from !== undefined && from !== tableName) {
    throw analysisErrorAt(position, 'a rollup FROM another rollup is not supported', 'unsupported');
  }
  const [key] = properties.keys();
  if (key !== undefined) {
    throw analysisErrorAt(position, `property ${key} of a rollup is not supported`, 'unsupported');
  }
}
