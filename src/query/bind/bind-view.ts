/** A view in FROM: its query, bound as the view's own database and session facts have it. */
import { SimError } from '../../base/errors.ts';
import type { ResolvedTable } from '../../protocol/query.ts';
import type { QueryNode } from '../../sql/ast.ts';
import { parseStatements } from '../../sql/parse.ts';
import type { Plan } from '../bound.ts';
import { bindQuery } from './bind-query.ts';
import type { BindState } from './scope.ts';

type ViewTable = Extract<ResolvedTable, { kind: 'view' }>;

/** The plan of the view's query, its columns under the view's names. */
export function bindView(view: ViewTable, state: BindState): Plan {
  const inner: BindState = { ...state, context: view.context };
  const input = bindQuery(queryOf(view), inner, new Map(), undefined);
  if (input.columns.length !== view.columns.length) {
    throw new SimError(
      'analysis',
      `View '${view.displayName}' has ${view.columns.length} columns, ` +
        `its query now gives ${input.columns.length}: make it anew`,
    );
  }
  const columns = input.columns.map((column, index) => ({
    ...column,
    name: view.columns[index] ?? column.name,
  }));
  return { kind: 'derived', input, columns };
}

function queryOf(view: ViewTable): QueryNode {
  const [parsed] = parseStatements(view.definition, {
    pipesAsConcat: view.pipesAsConcat,
    newBackupForms: false,
    dropSnapshot: false,
    strict: true,
  });
  if (parsed?.statement.kind === 'select') return parsed.statement.query;
  throw new SimError('metadata-unreadable', `the definition of view '${view.displayName}'`);
}
