/** SET PROPERTY (ALTER USER ... SET PROPERTIES is another form), SHOW PROPERTY: what counts for all users of a name (sql-surface.md 1.7). */
import type { Op } from '../../base/op.ts';
import { matchesLike } from '../../sql/like.ts';
import { analysisError } from '../analysis-error.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { DEFAULT_CATALOG } from '../resolve.ts';
import { changingAccounts } from './accounts.ts';

const MAX_USER_CONNECTIONS = 'max_user_connections';
const COLUMNS = ['Key', 'Value'];

export const executeSetUserProperty: Executor<'set-user-property'> = function* (
  frontend,
  session,
  { user = session.user, properties },
): Op<StatementResult> {
  return yield* changingAccounts(frontend, function* (): Op<void> {
    requireUser(frontend, user);
    let { maxConnections } = frontend.accounts.properties(user);
    for (const [key, value] of properties) {
      if (key.toLowerCase() !== MAX_USER_CONNECTIONS) {
        throw analysisError(`the property '${key}' of a user is not supported`, 'unsupported');
      }
      maxConnections = connectionsOf(frontend, value);
    }
    yield* frontend.log({ op: 'OP_UPDATE_USER_PROP_V3', properties: { user, maxConnections } });
  });
};

export const showUserProperty: Executor<'show-user-property'> = function* (
  frontend,
  session,
  { user = session.user, like },
): Op<StatementResult> {
  requireUser(frontend, user);
  const { maxConnections } = frontend.accounts.properties(user);
  const rows = [
    [MAX_USER_CONNECTIONS, String(maxConnections)],
    ['catalog', DEFAULT_CATALOG],
    ['database', ''],
  ];
  const shown = rows.filter(([key = '']) => like === undefined || matchesLike(like, key));
  return showResult(COLUMNS, shown);
};

function requireUser({ accounts }: FrontendContext, user: string): void {
  if (accounts.users().some(({ name }) => name === user)) return;
  throw analysisError(`user '${user}' doesn't exist`, 'analysis', 'SHOW USERS lists them');
}

/** From 1 to what the whole frontend takes. */
function connectionsOf({ config }: FrontendContext, text: string): number {
  const max = config.getNumber('qe_max_connection');
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw analysisError(
    `${MAX_USER_CONNECTIONS} must be a whole number from 1 to qe_max_connection (${max})`,
  );
}
