/**
 * ADMIN ENABLE | DISABLE FAILPOINT and SHOW FAILPOINTS: StarRocks' statements over the fault
 * catalogue. The name may carry fault and subject: `blob.put:delay=200`,
 * `fe.job.enter:crash kind=backup state=UPLOADING` (design.md 7).
 */
import { parseFaultPoint, parseFaultText } from '../../base/fault-text.ts';
import type { Op } from '../../base/op.ts';
import { matchesLike } from '../../sql/like.ts';
import { analysisError, analyzed } from '../analysis-error.ts';
import { DONE, type Executor, type StatementResult, showResult } from '../frontend-context.ts';

export const executeFailpoint: Executor<'admin-failpoint'> = function* (
  frontend,
  _session,
  statement,
): Op<StatementResult> {
  const { name, enable, times, probability, backends } = statement;
  if (!enable) {
    frontend.faultPlan.disable(analyzed(() => parseFaultPoint(name)));
    return DONE;
  }
  const { point, fault, match } = analyzed(() => parseFaultText(name));
  if (probability !== undefined && !(probability >= 0 && probability <= 1)) {
    throw analysisError('the probability of a failpoint is from 0 to 1');
  }
  const when = {
    ...(times === undefined ? {} : { times }),
    ...(probability === undefined ? {} : { probability }),
  };
  const subjects =
    backends.length === 0 ? [match] : backends.map((id) => ({ ...match, backend: id }));
  for (const subject of subjects) {
    frontend.faultPlan.enable(point, fault, { ...when, match: subject });
  }
  return DONE;
};

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
