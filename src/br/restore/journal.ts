/** The journal of one restore: what is about to be done is written first (BR-CUT 7.3). */

import type { Ops } from '../ops/ops.ts';
import { beginStep, endStep, readSteps, type StepState } from '../ops/restore-steps.ts';

export interface Journal {
  readonly jobId: string;
  /** Writes BEGUN, does it, writes DONE. What fails stays BEGUN. */
  step<T>(action: string, object: string, detail: unknown, deed: () => Promise<T>): Promise<T>;
  /** For a step that was undone, or completed by a later run. */
  mark(no: number, state: StepState): Promise<void>;
}

/** Goes on counting where an earlier run of the job stopped. */
export async function openJournal(ops: Ops, jobId: string): Promise<Journal> {
  const steps = await readSteps(ops, jobId);
  let next = 1 + Math.max(-1, ...steps.map(({ no }) => no));
  return Object.freeze({
    jobId,
    async step<T>(action: string, object: string, detail: unknown, deed: () => Promise<T>) {
      const no = next;
      next += 1;
      await beginStep(ops, { jobId, no, action, object, detail: JSON.stringify(detail) });
      const result = await deed();
      await endStep(ops, jobId, no, 'DONE');
      return result;
    },
    mark: (no: number, state: StepState) => endStep(ops, jobId, no, state),
  });
}
