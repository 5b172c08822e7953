/** DROP SNAPSHOT: read by the parser in every form of resolutions.md 9, not carried out. */
import type { Op } from '../../base/op.ts';
import { analysisError } from '../analysis-error.ts';
import type { Executor, StatementResult } from '../frontend-context.ts';

export const executeDropSnapshot: Executor<'drop-snapshot'> = function* (): Op<StatementResult> {
  throw analysisError(
    'DROP SNAPSHOT is not supported by this emulator',
    'unsupported',
    'remove the directory of the snapshot from the repository',
  );
};
