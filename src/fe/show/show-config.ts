/** ADMIN SHOW FRONTEND CONFIG and ADMIN SET FRONTEND CONFIG (sql-surface.md 3.7, 4.10). */
import type { Op } from '../../base/op.ts';
import { matchesLike } from '../../sql/like.ts';
import { DONE, type Executor, type StatementResult, showResult } from '../frontend-context.ts';

const COLUMNS = ['Key', 'AliasNames', 'Value', 'Type', 'IsMutable', 'Comment'];

export const showConfig: Executor<'admin-show-config'> = function* (
  frontend,
  _session,
  { like },
): Op<StatementResult> {
  const rows = frontend.config
    .rows()
    .filter(({ key }) => like === undefined || matchesLike(like, key))
    .map(({ key, value, row }) => [key, '[]', value, row.type, String(row.isMutable), row.comment]);
  return showResult(COLUMNS, rows);
};

export const setConfig: Executor<'admin-set-config'> = function* (
  frontend,
  _session,
  { properties },
): Op<StatementResult> {
  frontend.config.set(properties);
  return DONE;
};
