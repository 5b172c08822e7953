/** SHOW DATABASES (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { SYSTEM_DATABASES } from '../resolve.ts';
import { filterShown } from './show-filter.ts';

export const showDatabases: Executor<'show-databases'> = function* (
  frontend,
  _session,
  { tail },
): Op<StatementResult> {
  const names = [...frontend.catalog.databaseIds.keys(), ...SYSTEM_DATABASES].sort();
  const shown = filterShown({ names: ['Database'], rows: names.map((name) => [name]) }, tail);
  return showResult(shown.names, shown.rows);
};
