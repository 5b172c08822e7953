/** Prints for programs: one JSON object a line, `event` first. What only people need is left out. */
import type { Clock, Millis } from '../../base/clock.ts';
import type { Line, Printer, TextOutput } from './printer.ts';
import { createProgressTracker, type Progress, type ProgressView } from './progress-bar.ts';

/** Progress lines of one label come at most this often; the first and the last always come. */
export const JSON_PROGRESS_MS = 100;

export function createJsonPrinter(clock: Clock, output: Pick<TextOutput, 'write'>): Printer {
  const tracker = createProgressTracker(clock);
  let told: ProgressView | undefined;
  let toldMs: Millis = 0;
  const write = (value: object): void => output.write(`${JSON.stringify(value)}\n`);

  const isWorthALine = (view: ProgressView): boolean => {
    if (told?.label !== view.label) return true;
    return view.isComplete ? !told.isComplete : clock.now() - toldMs >= JSON_PROGRESS_MS;
  };

  return Object.freeze({
    line({ event, facts }: Line): void {
      told = undefined;
      tracker.reset();
      if (facts !== undefined) write({ event, ...facts });
    },
    progress(progress: Progress): void {
      const view = tracker.update(progress);
      if (!isWorthALine(view)) return;
      told = view;
      toldMs = clock.now();
      write({
        event: 'progress',
        ...progress,
        ms: view.elapsedMs,
        ratePerSec: view.ratePerSec === undefined ? null : Math.round(view.ratePerSec),
        etaMs: view.etaMs ?? null,
      });
    },
    close(): void {},
  });
}
