/**
 * DROP SNAPSHOT: all checks are the handler's (resolutions.md 9). Which forms exist in which
 * release is decided by the parser; where snapshots have no owner, every form is like FORCE.
 */
import type { Op } from '../../base/op.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';

export const executeDropSnapshot: Executor<'drop-snapshot'> = function* (
  frontend,
  _session,
  { repository, snapshots, force },
): Op<StatementResult> {
  yield* frontend.handler.dropSnapshots({ repository, labels: snapshots, force });
  return DONE;
};
