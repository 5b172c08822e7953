/** A client's conversation with the frontend: texts are parsed whole, statements run in order. */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import { type ParsedStatement, parseStatements } from '../sql/parse.ts';
import { executeStatement } from './execute/execute-statement.ts';
import { useDatabase } from './execute/use.ts';
import type { Frontend } from './frontend.ts';
import type { StatementResult } from './frontend-context.ts';
import { type ListedField, listFields } from './list-fields.ts';
import { type PreparedQuery, prepareQuery } from './prepare-query.ts';
import { requireKnownDatabase } from './privileges/statement-privileges.ts';
import { refuseForeignCatalog } from './resolve.ts';
import type { Session, SessionStart } from './session.ts';

export interface ClientSession {
  parse(sql: string): {
    readonly statementCount: number;
    run(index: number): Op<StatementResult>;
  };
  prepare(sql: string): Op<PreparedQuery>;
  fieldsOf(table: string): Op<readonly ListedField[]>;
  useDatabase(name: string): Op<void>;
  reset(): void;
  close(): void;
}

/** A session for a user who has been let in. */
export function openClientSession(frontend: Frontend, start: SessionStart): ClientSession {
  const session = frontend.openSession(start);
  return Object.freeze({
    parse(sql: string) {
      const statements = parseFor(frontend, session, sql);
      return {
        statementCount: statements.length,
        run: (index: number) => runOne(frontend, session, statements[index]),
      };
    },
    *prepare(sql: string): Op<PreparedQuery> {
      return prepareQuery(frontend.context, session, parseFor(frontend, session, sql));
    },
    *fieldsOf(table: string): Op<readonly ListedField[]> {
      return listFields(frontend.context, session, table);
    },
    *useDatabase(name: string): Op<void> {
      const [first = '', second] = name.split('.', 2);
      if (second !== undefined) refuseForeignCatalog(first);
      requireKnownDatabase(frontend.context, session, second ?? first);
      useDatabase(frontend.context, session, second ?? first);
    },
    reset: () => session.reset(),
    close: () => frontend.closeSession(session),
  } satisfies ClientSession);
}

function parseFor(frontend: Frontend, session: Session, sql: string): readonly ParsedStatement[] {
  const { profile, strict } = frontend.context.options;
  return parseStatements(sql, {
    pipesAsConcat: session.pipesAsConcat,
    newBackupForms: profile.hasNewBackupForms,
    dropSnapshot: profile.jobs.hasSnapshotRetention,
    strict,
  });
}

function* runOne(
  frontend: Frontend,
  session: Session,
  parsed: ParsedStatement | undefined,
): Op<StatementResult> {
  if (parsed === undefined) throw new SimError('bug', 'no such statement in the text');
  return yield* executeStatement(frontend.context, session, parsed.statement);
}
