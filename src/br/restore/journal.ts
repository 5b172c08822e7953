/** The journal of one restore: what is about to be done is written first (BR-CUT 7.3). */

import { type PersistContext, persist } from '../jobs/persist.ts';
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
export async function openJournal(
  context: PersistContext & { readonly ops: Ops },
  jobId: string,
): Promise<Journal> {
  const { ops } = context;
  const steps = await readSteps(ops, jobId);
  let next = 1 + Math.max(-1, ...steps.map(({ no }) => no));
  const write = (deed: () => Promise<void>): Promise<void> =>
    persist(context, `the journal of ${jobId}`, deed);
  return Object.freeze({
    jobId,
    async step<T>(action: string, object: string, detail: unknown, deed: () => Promise<T>) {
      const no = next;
      next += 1;
      const step = { jobId, no, action, object, detail: JSON.stringify(detail) };
      await write(() => beginStep(ops, step));
      const result = await deed();
      await write(() => endStep(ops, jobId, no, 'DONE'));
      return result;
    },
    mark: (no: number, state: StepState) => write(() => endStep(ops, jobId, no, state)),
  });
}
