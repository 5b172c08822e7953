/** SHOW CREATE DATABASE (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { databaseNamed, isSystemDatabase } from '../resolve.ts';
import { quoted } from './create-text.ts';

export const showCreateDatabase: Executor<'show-create-database'> = function* (
  frontend,
  _session,
  { database },
): Op<StatementResult> {
  const name = isSystemDatabase(database) ? database : databaseNamed(frontend, database).name;
  return showResult(['Database', 'Create Database'], [[name, `CREATE DATABASE ${quoted(name)}`]]);
};
