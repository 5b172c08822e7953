/** SELECT: the query engine does the work, over tables and variables that this session sees. */
import type { Op } from '../../base/op.ts';
import { analyzedQuery } from '../analysis-error.ts';
import type { Executor, StatementResult } from '../frontend-context.ts';
import { queryContext } from '../query-context.ts';

export const executeSelect: Executor<'select'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const stream = yield* analyzedQuery(
    frontend.queries.run(statement.query, queryContext(frontend, session)),
  );
  return {
    kind: 'rows',
    columns: stream.columns,
    next: () => stream.next(),
    close: () => stream.close(),
  };
};
