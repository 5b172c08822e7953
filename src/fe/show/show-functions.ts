/** SHOW [FULL] FUNCTIONS [FROM db] (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import type { UserFunction } from '../../catalog/model.ts';
import { functionSignature, functionTypeText } from '../../catalog/user-function.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { functionFilter } from '../privileges/visible-objects.ts';
import { databaseOf } from '../resolve.ts';
import { filterShown } from './show-filter.ts';

const FULL_NAMES = [
  'Signature',
  'Return Type',
  'Function Type',
  'Intermediate Type',
  'Properties',
] as const;

const KIND_WORDS = { SCALAR: 'Scalar', AGGREGATE: 'Aggregate', TABLE: 'Table' } as const;

export const showFunctions: Executor<'show-functions'> = function* (
  frontend,
  session,
  { full, database, tail },
): Op<StatementResult> {
  const owner = databaseOf(frontend, session, database);
  const isShown = functionFilter(frontend, session, owner);
  const functions = [...owner.functions]
    .filter(([signature]) => isShown(signature))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, fn]) => fn);
  const names = new Set(functions.map((fn) => fn.name));
  const shown = full
    ? filterShown({ names: FULL_NAMES, rows: functions.map(fullRow) }, tail)
    : filterShown({ names: ['Function Name'], rows: [...names].map((name) => [name]) }, tail);
  return showResult(shown.names, shown.rows);
};

function fullRow(fn: UserFunction): readonly string[] {
  return [
    functionSignature(fn),
    functionTypeText(fn.returnType),
    KIND_WORDS[fn.kind],
    'NULL',
    JSON.stringify(Object.fromEntries(fn.properties)),
  ];
}
