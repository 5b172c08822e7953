/** The statements of one text in a session of their own, their last answer collected. */
import type { Op } from '../base/op.ts';
import type { Row } from '../base/row-stream.ts';
import { openClientSession } from './client-session.ts';
import type { Frontend } from './frontend.ts';
import type { StatementResult } from './frontend-context.ts';

/** The last statement's answer: rows as values, or how many rows a load wrote. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly affectedRows: number;
}

const NOTHING: QueryResult = Object.freeze({ columns: [], rows: [], affectedRows: 0 });

/** Connection id of in-process sessions; network clients count up from 1. */
const IN_PROCESS_CONNECTION_ID = 0;

/** Runs as root; the first statement that fails ends it, with what came before done. */
export function* runText(frontend: Frontend, sql: string): Op<QueryResult> {
  const session = openClientSession(frontend, {
    connectionId: IN_PROCESS_CONNECTION_ID,
    user: 'root',
    remoteHost: 'localhost',
  });
  try {
    const text = session.parse(sql);
    let last = NOTHING;
    for (let index = 0; index < text.statementCount; index += 1) {
      last = yield* collected(yield* text.run(index));
    }
    return last;
  } finally {
    session.close();
  }
}

export function* collected(result: StatementResult): Op<QueryResult> {
  if (result.kind === 'ok') return { ...NOTHING, affectedRows: result.affectedRows };
  const rows: Row[] = [];
  try {
    for (let batch = yield* result.next(); batch !== undefined; batch = yield* result.next()) {
      rows.push(...batch);
    }
  } finally {
    yield* result.close();
  }
  return { columns: result.columns.map(({ name }) => name), rows, affectedRows: 0 };
}
