/** Wrappers of a connection: one tells what is sent, one lets nothing through that changes. */
import type { Report } from '../report/report.ts';
import type { Connection } from './connection.ts';
import { redactSql } from './redact-sql.ts';

export function withTrace(connection: Connection, report: Report): Connection {
  return {
    query(sql) {
      report.debug(`sql: ${redactSql(sql)}`);
      return connection.query(sql);
    },
    close: () => connection.close(),
  };
}

/** For `--dry-run` and `doctor`: a statement that changes anything is a bug of ours. */
export function readOnly(connection: Connection): Connection {
  return {
    async query(sql) {
      if (!/^\s*(SELECT|SHOW|DESC)\b/i.test(sql)) {
        throw new Error(`bug: a run that must change nothing wanted to send: ${sql}`);
      }
      return await connection.query(sql);
    },
    close: () => connection.close(),
  };
}
