/** SHOW DATABASES (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { databaseFilter } from '../privileges/visible-objects.ts';
import { SYSTEM_DATABASES } from '../resolve.ts';
import { filterShown } from './show-filter.ts';

export const showDatabases: Executor<'show-databases'> = function* (
  frontend,
  session,
  { tail },
): Op<StatementResult> {
  const isShown = databaseFilter(frontend, session);
  const known = [...frontend.catalog.databases.values()].filter(isShown);
  const names = [...known.map(({ name }) => name), ...SYSTEM_DATABASES].sort();
  const shown = filterShown({ names: ['Database'], rows: names.map((name) => [name]) }, tail);
  return showResult(shown.names, shown.rows);
};
