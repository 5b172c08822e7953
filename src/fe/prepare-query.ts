/**
 * Prepared queries (sql-surface.md 1.3): checked when they are prepared, bound anew with the values
 * of each execution. Only a query may be prepared.
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { ResultColumn } from '../base/row-stream.ts';
import type { Expr, QueryNode } from '../sql/ast.ts';
import { fillParameters } from '../sql/fill-parameters.ts';
import type { ParsedStatement } from '../sql/parse.ts';
import { executeSelect } from './execute/select.ts';
import type { FrontendContext, StatementResult } from './frontend-context.ts';
import { queryContext } from './query-context.ts';
import type { Session } from './session.ts';

/** What a client sends for a `?`; numbers and times as their text. */
export type ParameterValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'date' | 'datetime'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

export interface PreparedQuery {
  readonly parameterCount: number;
  readonly columns: readonly ResultColumn[];
  execute(values: readonly ParameterValue[]): Op<StatementResult>;
}

/** Throws `not-preparable`, or what binding the query throws. */
export function prepareQuery(
  frontend: FrontendContext,
  session: Session,
  parsed: readonly ParsedStatement[],
): PreparedQuery {
  const [only] = parsed;
  const isOn = session.variable('session', 'enable_prepare_stmt') === 'true';
  if (only === undefined || parsed.length > 1 || only.statement.kind !== 'select' || !isOn) {
    throw new SimError(
      'not-preparable',
      'This command is not supported in the prepared statement protocol yet',
    );
  }
  return preparedQuery(frontend, session, only.statement.query, only.parameterCount);
}

/** Throws what binding the query throws. */
export function preparedQuery(
  frontend: FrontendContext,
  session: Session,
  query: QueryNode,
  parameterCount: number,
): PreparedQuery {
  return Object.freeze({
    parameterCount,
    columns: columnsOf(frontend, session, query),
    *execute(values: readonly ParameterValue[]): Op<StatementResult> {
      if (values.length !== parameterCount) throw wrongCount(parameterCount, values.length);
      const filled = fillParameters(query, (index) => literal(values[index] ?? { kind: 'null' }));
      frontend.events.emit('statement', { kind: 'select', connection: session.connectionId });
      return yield* executeSelect(frontend, session, { kind: 'select', query: filled });
    },
  });
}

/** Without values nobody knows the parameters' types: NULL may be any, and a count is 0. */
function columnsOf(
  frontend: FrontendContext,
  session: Session,
  query: QueryNode,
): readonly ResultColumn[] {
  const filled = fillParameters(query, (_index, place) =>
    place === 'limit' || place === 'offset' ? { kind: 'number', text: '0' } : { kind: 'null' },
  );
  return frontend.queries.describe(filled, queryContext(frontend, session));
}

function wrongCount(wanted: number, given: number): SimError {
  return new SimError('execution', `the statement has ${wanted} parameters, not ${given}`);
}

function literal(value: ParameterValue): Expr {
  switch (value.kind) {
    case 'null':
      return { kind: 'null' };
    case 'number':
      return number(value.text);
    case 'string':
      return { kind: 'string', value: value.text };
    case 'date':
      return { kind: 'typed-string', type: 'DATE', value: value.text };
    case 'datetime':
      return { kind: 'typed-string', type: 'DATETIME', value: value.text };
    case 'bytes':
      return { kind: 'binary-literal', bytes: value.bytes };
  }
}

const NUMBER = /^(-?)(\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i;

/** A minus is an operator of the grammar, no part of a number. */
function number(text: string): Expr {
  const match = NUMBER.exec(text);
  if (match === null) throw new SimError('execution', `'${text}' is no number`);
  const operand: Expr = { kind: 'number', text: match[2] ?? '' };
  return match[1] === '-' ? { kind: 'negate', operand } : operand;
}
