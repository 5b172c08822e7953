/**
 * ADMIN EXECUTE ON FRONTEND: StarRocks runs a Groovy script there. Here one call is known, a cycle
 * of the backup handler, which is what `start --step` waits for; its report is the result.
 */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { tickLines } from '../tick-report.ts';

export const TICK_SCRIPT = 'backupHandler.tick()';

export const executeAdminExecute: Executor<'admin-execute'> = function* (
  frontend,
  _session,
  { target, script },
): Op<StatementResult> {
  if (frontend.options.strict) throw refusal('ADMIN EXECUTE is not supported with --strict');
  if (target !== 'FRONTEND') throw refusal('ADMIN EXECUTE ON a backend is not supported');
  if (script.trim().replace(/;$/, '') !== TICK_SCRIPT) {
    throw refusal(`ADMIN EXECUTE runs no scripts here, only '${TICK_SCRIPT}'`);
  }
  const report = yield* frontend.stepper.step();
  return showResult(
    ['result'],
    [`tick ${report.tick}`, ...tickLines(report)].map((line) => [line]),
  );
};

function refusal(text: string): SimError {
  return new SimError('unsupported', text);
}
