/** DROP REPOSITORY: forgets it, touches no file (repository.md 1.8). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { analysisError } from '../analysis-error.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { analyzeRepositoryName } from './create-repository.ts';

export const executeDropRepository: Executor<'drop-repository'> = function* (
  frontend,
  _session,
  { name },
): Op<StatementResult> {
  analyzeRepositoryName(name);
  const { repositories, handler } = frontend;
  if (repositories.byName(name) === undefined) {
    throw analysisError(`Repository [${name}] does not exist`, 'common-error');
  }
  yield* handler.withSubmissionLock(() =>
    repositories.lock.hold(function* () {
      const repository = repositories.byName(name);
      if (repository === undefined) {
        throw new SimError('common-error', `Repository [${name}] does not exist`);
      }
      if (handler.hasUnfinishedJobFor(repository.data.id)) {
        throw new SimError(
          'common-error',
          `Backup or restore job is running on repository ${name}. Can not drop repository`,
          { hint: 'cancel the job or wait for it' },
        );
      }
      yield* frontend.log({ op: 'OP_DROP_REPOSITORY', name });
    }),
  );
  return DONE;
};
