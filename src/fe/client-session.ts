/** A client's conversation with the frontend: texts are parsed whole, statements run in order. */
import type { Millis } from '../base/clock.ts';
import { asSimError, SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import { SECOND_MS } from '../base/units.ts';
import { type ParsedStatement, parseStatements } from '../sql/parse.ts';
import { executeStatement } from './execute/execute-statement.ts';
import { useDatabase } from './execute/use.ts';
import type { Frontend } from './frontend.ts';
import type { StatementResult } from './frontend-context.ts';
import { type ListedField, listFields } from './list-fields.ts';
import { type PreparedQuery, prepareQuery } from './prepare-query.ts';
import { requireKnownDatabase } from './privileges/statement-privileges.ts';
import { refuseForeignCatalog } from './resolve.ts';
import { runStatement } from './run-statement.ts';
import type { Session, SessionStart } from './session.ts';
import type { StatementSource } from './shown-text.ts';
import { withHints } from './statement-hints.ts';

export interface ClientSession {
  parse(sql: string): {
    readonly statementCount: number;
    run(index: number): Op<StatementResult>;
  };
  prepare(sql: string): Op<PreparedQuery>;
  fieldsOf(table: string): Op<readonly ListedField[]>;
  useDatabase(name: string): Op<void>;
  /** `wait_timeout`: how long the client may say nothing. */
  idleLimitMs(): Millis;
  reset(): void;
  close(): void;
}

/** A session for a user who has been let in. */
export function openClientSession(frontend: Frontend, start: SessionStart): ClientSession {
  const session = frontend.openSession(start);
  return Object.freeze({
    parse(sql: string) {
      const statements = noted(session, () => parseFor(frontend, session, sql));
      return {
        statementCount: statements.length,
        run: (index: number) => runOne(frontend, session, statements[index]),
      };
    },
    *prepare(sql: string): Op<PreparedQuery> {
      const { context } = frontend;
      const parsed = parseFor(frontend, session, sql);
      const prepared = prepareQuery(context, session, parsed);
      const hints = parsed[0]?.hints ?? [];
      const source: StatementSource = { kind: 'select', text: sql };
      return {
        ...prepared,
        execute: (values) =>
          withHints(context, session, hints, () =>
            runStatement(context, session, source, () => prepared.execute(values)),
          ),
      };
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
    idleLimitMs: () => Number(session.variable('session', 'wait_timeout')) * SECOND_MS,
    reset: () => session.reset(),
    close: () => frontend.closeSession(session),
  } satisfies ClientSession);
}

/** What SHOW WARNINGS may be asked about. */
function noted<T>(session: Session, run: () => T): T {
  try {
    return run();
  } catch (error) {
    session.lastError = asSimError(error);
    throw error;
  }
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
  const { statement, text, hints } = parsed;
  const { context } = frontend;
  return yield* withHints(context, session, hints, () =>
    runStatement(context, session, { kind: statement.kind, text }, () =>
      executeStatement(context, session, statement),
    ),
  );
}
