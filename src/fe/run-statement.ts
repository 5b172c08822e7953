/**
 * Runs a statement as the one that its session is busy with, within its time limit. A statement
 * ends when its answer does: rows are pulled for as long as a client takes them.
 */
import { CancelSource } from '../base/cancellation.ts';
import type { Cancel } from '../base/clock.ts';
import { asSimError, SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import { SECOND_MS } from '../base/units.ts';
import type { StatementKind } from '../sql/ast.ts';
import type { FrontendContext, StatementResult } from './frontend-context.ts';
import type { RunningStatement, StatementState } from './running-statement.ts';
import type { Session } from './session.ts';
import type { StatementSource } from './shown-text.ts';

/** Which variable limits the seconds of which kind of statement; others have no limit. */
const LIMITED_BY: Partial<Record<StatementKind, readonly [variable: string, what: string]>> = {
  select: ['query_timeout', 'Query'],
  insert: ['insert_timeout', 'Insert'],
  update: ['insert_timeout', 'Insert'],
  delete: ['insert_timeout', 'Insert'],
  'create-table-as-select': ['insert_timeout', 'Insert'],
};

/** Before there was `insert_timeout`. */
const LIMITED_BY_QUERY_TIMEOUT: typeof LIMITED_BY = Object.fromEntries(
  Object.keys(LIMITED_BY).map((kind) => [kind, ['query_timeout', 'Query'] as const]),
);

export function* runStatement(
  frontend: FrontendContext,
  session: Session,
  source: StatementSource,
  run: () => Op<StatementResult>,
): Op<StatementResult> {
  const { clock } = frontend;
  const startedAtMs = clock.now();
  let stopTimer: Cancel = () => {};
  // Most statements never wait: a timer is made for those that do.
  const cancellation = new CancelSource(() => {
    stopTimer = startTimer(frontend, session, source.kind, running);
  });
  const running = session.begin({ source, cancellation, startedAtMs });
  const finish = (state: StatementState): void => {
    stopTimer();
    session.finish(running, state, clock.now());
  };
  let result: StatementResult;
  try {
    result = yield* run();
  } catch (error) {
    session.lastError = asSimError(error);
    finish('ERR');
    throw error;
  }
  if (source.kind !== 'show-fixed') session.lastError = undefined;
  if (result.kind === 'ok') {
    finish('OK');
    return result;
  }
  const rows = result;
  return {
    kind: 'rows',
    columns: rows.columns,
    next: () => rows.next(),
    *close(): Op<void> {
      try {
        yield* rows.close();
      } finally {
        finish('EOF');
      }
    },
  };
}

function startTimer(
  { clock, options }: FrontendContext,
  session: Session,
  kind: StatementKind,
  { cancellation, startedAtMs }: RunningStatement,
): Cancel {
  const limits = options.profile.hasInsertTimeout ? LIMITED_BY : LIMITED_BY_QUERY_TIMEOUT;
  const limit = limits[kind];
  if (limit === undefined) return () => {};
  const [variable, what] = limit;
  const seconds = Number(session.variable('session', variable));
  const restMs = startedAtMs + seconds * SECOND_MS - clock.now();
  return clock.after(Math.max(0, restMs), () => {
    const reason = new SimError(
      'statement-timeout',
      `${what} reached its timeout of ${seconds} seconds, ` +
        `please increase the '${variable}' session variable and retry`,
    );
    cancellation.cancel(reason);
  });
}
