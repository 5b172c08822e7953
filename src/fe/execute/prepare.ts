/** PREPARE, EXECUTE and DEALLOCATE as SQL text: queries only, by name (sql-surface.md 1.3). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Cell } from '../../base/sql-type.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { type ParameterValue, type PreparedQuery, preparedQuery } from '../prepare-query.ts';
import type { Session } from '../session.ts';

/** Names that one connection may hold prepared. */
export const PREPARED_NAMES_MAX = 16_382;

export const executePrepare: Executor<'prepare'> = function* (
  frontend,
  session,
  { name, query, parameterCount },
): Op<StatementResult> {
  const { preparedTexts } = session;
  const key = name.toLowerCase();
  if (preparedTexts.size >= PREPARED_NAMES_MAX && !preparedTexts.has(key)) {
    throw new SimError(
      'limit-reached',
      `a connection holds at most ${PREPARED_NAMES_MAX} prepared statements`,
      { hint: 'DEALLOCATE PREPARE those that are no longer needed.' },
    );
  }
  preparedTexts.set(key, preparedQuery(frontend, session, query, parameterCount));
  return DONE;
};

export const executeExecute: Executor<'execute'> = function* (
  _frontend,
  session,
  { name, variables },
): Op<StatementResult> {
  const prepared = preparedAs(session, name, 'EXECUTE');
  return yield* prepared.execute(
    variables.map((variable) => parameterOf(session.userVariable(variable))),
  );
};

export const executeDeallocate: Executor<'deallocate'> = function* (
  _frontend,
  session,
  { name },
): Op<StatementResult> {
  preparedAs(session, name, 'DEALLOCATE PREPARE');
  session.preparedTexts.delete(name.toLowerCase());
  return DONE;
};

function preparedAs(session: Session, name: string, statement: string): PreparedQuery {
  const prepared = session.preparedTexts.get(name.toLowerCase());
  if (prepared !== undefined) return prepared;
  throw new SimError(
    'execution',
    `Unknown prepared statement handler (${name}) given to ${statement}`,
  );
}

function parameterOf(cell: Cell): ParameterValue {
  if (cell === null) return { kind: 'null' };
  if (typeof cell === 'string') return { kind: 'string', text: cell };
  if (cell instanceof Uint8Array) return { kind: 'bytes', bytes: cell };
  return { kind: 'number', text: typeof cell === 'boolean' ? String(Number(cell)) : String(cell) };
}
