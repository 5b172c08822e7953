/** SHOW [FULL] TABLES [FROM db] (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import type { Database } from '../../catalog/model.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { systemTableNames } from '../information-schema.ts';
import { relationFilter } from '../privileges/visible-objects.ts';
import { databaseOf, isSystemDatabase } from '../resolve.ts';
import type { Session } from '../session.ts';
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
    : namesIn(frontend, session, databaseOf(frontend, session, wanted));
  const header = [`Tables_in_${wanted}`, ...(full ? ['Table_type'] : [])];
  const rows = tables.sort(byFirst).map((row) => (full ? row : row.slice(0, 1)));
  const shown = filterShown({ names: header, rows }, tail);
  return showResult(shown.names, shown.rows);
};

function namesIn(frontend: FrontendContext, session: Session, database: Database): string[][] {
  const isShown = relationFilter(frontend, session);
  return [...database.tables.values(), ...database.views.values()]
    .filter((relation) => isShown(database, relation))
    .map((relation) => {
      const isView = relation.kind === 'VIEW' || relation.materializedView !== undefined;
      return [relation.name, isView ? 'VIEW' : 'BASE TABLE'];
    });
}

function byFirst(a: readonly string[], b: readonly string[]): number {
  return (a[0] ?? '') < (b[0] ?? '') ? -1 : 1;
}
