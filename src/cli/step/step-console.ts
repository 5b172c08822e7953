/**
 * The console of `start --step`: keys become cycles of the backup handler, every cycle is told as
 * it ends, and so is what happens to a job between them: a statement submits it or gives it up.
 */
import { asSimError } from '../../base/errors.ts';
import type { ClusterEvent } from '../../base/events.ts';
import { toPromise } from '../../base/op.ts';
import { TICK_SCRIPT } from '../../fe/execute/admin-execute.ts';
import type { FrontendContext } from '../../fe/frontend-context.ts';
import { jobTitle, type TickReport, tickLines } from '../../fe/tick-report.ts';
import type { Fact, Line, Printer } from '../ui/printer.ts';
import { type KeyInput, readStepKeys } from './step-keys.ts';

/** Keys pressed ahead of the cycles; what is pressed beyond them is dropped. */
export const KEYS_AHEAD_MAX = 100;

export interface StepConsole {
  readonly frontend: Pick<FrontendContext, 'stepper' | 'events'>;
  readonly input: KeyInput;
  readonly printer: Printer;
  readonly interrupt: () => void;
}

/** Returns what ends it. */
export function openStepConsole({ frontend, input, printer, interrupt }: StepConsole): () => void {
  const { stepper, events } = frontend;
  printer.line(hintLine(input.isTTY === true));
  stepper.onReport((report) => {
    for (const line of reportLines(report)) printer.line(line);
  });
  const unwatch = events.on((event) => {
    if (event.what === 'job.state' && !stepper.isStepping) printer.line(jobLine(event));
  });
  let waiting = 0;
  const tick = (): void => {
    if (waiting >= KEYS_AHEAD_MAX) return;
    waiting += 1;
    toPromise(stepper.step())
      .catch((error: unknown) => printer.line(failureLine(error)))
      .finally(() => {
        waiting -= 1;
      });
  };
  const closeKeys = readStepKeys(input, { tick, interrupt });
  return () => {
    closeKeys();
    unwatch();
  };
}

function hintLine(isTerminal: boolean): Line {
  const keys = isTerminal ? 'Enter or space' : 'each line of standard input';
  const text =
    `step: the backup handler stands still; ${keys} moves it one tick,\n` +
    `      as does ADMIN EXECUTE ON FRONTEND '${TICK_SCRIPT}'`;
  return { event: 'step', look: 'plain', text };
}

/** For programs the report is one object; for people a title and its lines. */
export function reportLines(report: TickReport): readonly Line[] {
  const facts = JSON.parse(JSON.stringify(report)) as Record<string, Fact>;
  return [
    { event: 'tick', look: 'title', text: `tick ${report.tick}`, facts },
    ...tickLines(report).map((text): Line => ({ event: 'tick', look: 'plain', text })),
  ];
}

function jobLine({ about }: ClusterEvent): Line {
  const { kind, db, label, from, to } = about;
  const title = jobTitle({
    kind: kind === 'backup' ? 'backup' : 'restore',
    db: String(db),
    label: String(label),
  });
  const change = from === null ? `is new, in ${to}` : `${from} -> ${to}`;
  const facts = { kind, db, label, from, to } as Record<string, Fact>;
  return { event: 'job', look: 'plain', text: `${title} ${change}`, facts };
}

function failureLine(error: unknown): Line {
  const { code, message } = asSimError(error);
  return {
    event: 'tick-failed',
    look: 'bad',
    text: `the tick failed: ${message}`,
    facts: { code, message },
  };
}
