/** The table that a Stream Load names, if the session may write to it. */
import type { FrontendContext } from '../frontend-context.ts';
import { relationObject, requirePrivilege } from '../privileges/privilege-check.ts';
import {
  type ResolvedName,
  refuseMaterializedView,
  refuseUnlessNormal,
  tableNamed,
} from '../resolve.ts';
import type { Session } from '../session.ts';
import { refuseSynthetic } from '../synthetic-tablets.ts';

/** Throws `access-denied`, `unknown-database`, `unknown-table` and what forbids loads. */
export function targetOf(
  frontend: FrontendContext,
  session: Session,
  name: { readonly database: string; readonly table: string },
): ResolvedName {
  const named = tableNamed(frontend, session, { db: name.database, name: name.table });
  requirePrivilege(frontend, session, 'INSERT', relationObject(named.database, named.table));
  refuseMaterializedView(named.table, 'Stream Load', 'refresh it with REFRESH MATERIALIZED VIEW');
  refuseUnlessNormal(named.table, 'loads');
  refuseSynthetic(named.table, 'loading into it');
  return named;
}
