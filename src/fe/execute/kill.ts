/**
 * KILL: ends a connection, or what it is busy with (sql-surface.md 1.7). Only queries and the
 * reading of loads end early; what changes the cluster ends by itself, its client gone.
 */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import { requirePrivilege, SYSTEM } from '../privileges/privilege-check.ts';
import type { Session } from '../session.ts';

export const executeKill: Executor<'kill'> = function* (
  frontend,
  session,
  { what, target },
): Op<StatementResult> {
  const victim =
    typeof target === 'number' ? byNumber(frontend, target) : byQuery(frontend, target);
  if (victim.user !== session.user) requirePrivilege(frontend, session, 'OPERATE', SYSTEM);
  const isOwn = victim === session;
  if (!isOwn) {
    const by = `killed by kill statement : ${session.connectionId}`;
    victim.running?.cancellation.cancel(new SimError('query-cancelled', by));
  }
  if (what === 'connection') {
    if (isOwn) victim.control?.endSoon();
    else victim.control?.cut();
  }
  return DONE;
};

function byNumber({ sessions }: FrontendContext, connectionId: number): Session {
  const victim = sessions.get(connectionId);
  if (victim !== undefined) return victim;
  throw new SimError('unknown-thread', `Unknown thread id: ${connectionId}`);
}

function byQuery({ sessions }: FrontendContext, queryId: string): Session {
  const wanted = queryId.toLowerCase();
  for (const session of sessions.values()) {
    if (session.running?.queryId === wanted) return session;
  }
  throw new SimError('unknown-query', `Unknown query id: ${queryId}`);
}
