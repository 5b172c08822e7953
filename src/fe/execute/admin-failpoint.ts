/**
 * ADMIN ENABLE | DISABLE FAILPOINT and SHOW FAILPOINTS: StarRocks' statements over the fault
 * catalogue. The name may carry fault and subject: `blob.put:delay=200`,
 * `fe.job.enter:crash kind=backup state=UPLOADING` (design.md 7).
 */
import { SimError } from '../../base/errors.ts';
import type { FaultSubject } from '../../base/fault.ts';
import type { FaultPoint } from '../../base/fault-points.ts';
import { parseFaultPoint, parseFaultText } from '../../base/fault-text.ts';
import type { Op } from '../../base/op.ts';
import type { Statement } from '../../sql/ast.ts';
import { matchesLike } from '../../sql/like.ts';
import { analysisError, analyzed } from '../analysis-error.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';

export const executeFailpoint: Executor<'admin-failpoint'> = function* (
  frontend,
  _session,
  statement,
): Op<StatementResult> {
  const { name, enable, times, probability } = statement;
  if (!enable) {
    frontend.faultPlan.disable(analyzed(() => parseFaultPoint(name)));
    return DONE;
  }
  const { point, fault, match } = analyzed(() => parseFaultText(name));
  const when = {
    ...(times === undefined ? {} : { times }),
    ...(probability === undefined ? {} : { probability }),
  };
  for (const subject of subjectsOf(statement, point, match)) {
    analyzed(() => frontend.faultPlan.enable(point, fault, { ...when, match: subject }));
  }
  return DONE;
};

/** One for each place that ON names. */
function subjectsOf(
  { backends, onFrontend }: Extract<Statement, { readonly kind: 'admin-failpoint' }>,
  point: FaultPoint,
  match: FaultSubject,
): readonly FaultSubject[] {
  if (backends.length > 0) return backends.map((backend) => ({ ...match, backend }));
  if (!onFrontend) return [match];
  if (point.startsWith('be.')) {
    throw analysisError(`fault point '${point}' is passed by backends, not by the frontend`);
  }
  return [point.startsWith('blob.') ? { ...match, backend: 'frontend' } : match];
}

/** ADMIN KILL | START BACKEND: the emulator's own, since a crash of a backend is one of its faults. */
export const executeAdminBackend: Executor<'admin-backend'> = function* (
  frontend,
  _session,
  { action, backends },
): Op<StatementResult> {
  if (frontend.options.strict) {
    throw analysisError(`ADMIN ${action} BACKEND is not a statement of StarRocks (--strict)`);
  }
  const ids = backends.map((text) => analyzed(() => checkedBackend(frontend, text)));
  for (const id of ids) {
    if (action === 'KILL') frontend.backendPower.kill(id);
    else yield* frontend.backendPower.start(id);
  }
  return DONE;
};

function checkedBackend({ backends }: FrontendContext, text: string): number {
  const known = backends.ids().map(String);
  if (known.includes(text)) return Number(text);
  throw new SimError('bad-option', `there is no backend '${text}', only ${known.join(', ')}`);
}

export const showFailpoints: Executor<'show-failpoints'> = function* (
  frontend,
  _session,
  { like },
): Op<StatementResult> {
  const rows = frontend.faultPlan
    .list()
    .filter(({ name }) => like === undefined || matchesLike(like, name))
    .map(({ name, state, visits, hits, about }) => [
      name,
      state,
      String(visits),
      String(hits),
      about,
    ]);
  return showResult(['Name', 'TriggerMode', 'Visits', 'Hits', 'About'], rows);
};
