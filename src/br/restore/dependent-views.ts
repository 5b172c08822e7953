/** Materialized views that lost their tables for a moment are made active again (BR-CUT). */

import type { Session } from '../commands/session.ts';
import { cell } from '../connection/connection.ts';
import { quoteName, quotePath } from '../connection/sql-text.ts';
import { messageOf, ServerError } from '../errors.ts';

export async function reviveViews(
  { connection, report }: Session,
  database: string,
): Promise<void> {
  const rows = await connection.query(`SHOW MATERIALIZED VIEWS FROM ${quoteName(database)}`);
  for (const row of rows) {
    if (cell(row, 'is_active').toLowerCase() !== 'false') continue;
    const name = cell(row, 'name');
    try {
      await connection.query(`ALTER MATERIALIZED VIEW ${quotePath(database, name)} ACTIVE`);
      report.info(`materialized view ${name} is active again`);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      report.warn(`materialized view ${name} stays inactive: ${messageOf(error)}`);
    }
  }
}
