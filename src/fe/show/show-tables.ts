/** SHOW [FULL] TABLES [FROM db] (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import type { Database } from '../../catalog/model.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { systemTableNames } from '../information-schema.ts';
import { databaseOf, isSystemDatabase } from '../resolve.ts';
import { filterShown } from './show-filter.ts';

export const showTables: Executor<'show-tables'> = function* (
  frontend,
  session,
  { database, full, tail },
): Op<StatementResult> {
  const wanted = database ?? session.database;
  const isSystem = wanted !== undefined && isSystemDatabase(wanted);
  const tables = isSystem
    ? systemTableNames(wanted).map((name) => [name, 'SYSTEM VIEW'])
    : namesIn(databaseOf(frontend, session, wanted));
  const header = [`Tables_in_${wanted}`, ...(full ? ['Table_type'] : [])];
  const rows = tables.sort(byFirst).map((row) => (full ? row : row.slice(0, 1)));
  const shown = filterShown({ names: header, rows }, tail);
  return showResult(shown.names, shown.rows);
};

function namesIn({ tables, views }: Database): string[][] {
  return [
    ...[...tables.values()].map(({ name, materializedView }) => [
      name,
      materializedView === undefined ? 'BASE TABLE' : 'VIEW',
    ]),
    ...[...views.keys()].map((name) => [name, 'VIEW']),
  ];
}

function byFirst(a: readonly string[], b: readonly string[]): number {
  return (a[0] ?? '') < (b[0] ?? '') ? -1 : 1;
}
