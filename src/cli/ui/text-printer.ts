/**
 * Prints for people. On a terminal the progress bar is drawn again in its place; elsewhere there
 * are only whole lines, and of progress just the end and a sign of life now and then.
 */
import type { Clock, Millis } from '../../base/clock.ts';
import type { Line, Look, Printer, TextOutput } from './printer.ts';
import {
  barLine,
  createProgressTracker,
  type Progress,
  type ProgressView,
  plainProgressLine,
} from './progress-bar.ts';

/** A bar is drawn at most this often: terminals over slow lines are terminals too. */
export const REDRAW_MS = 40;

/** How often unfinished progress is told where nothing can be drawn again. */
export const PLAIN_PROGRESS_MS = 1_000;

const ERASE_TO_END = '\u001b[K';
const RESET = '\u001b[0m';
const COLORS: Readonly<Record<Exclude<Look, 'hidden'>, string>> = {
  title: '\u001b[1m',
  step: '\u001b[1;36m',
  plain: '',
  sql: '\u001b[2m',
  good: '\u001b[32m',
  bad: '\u001b[31m',
};

/** The progress that was told last, since the last line. */
interface Told {
  readonly label: string;
  readonly atMs: Millis;
  readonly isComplete: boolean;
  /** It stands in a line that is not ended. */
  readonly isDrawn: boolean;
}

export function createTextPrinter(clock: Clock, output: TextOutput): Printer {
  const { isTerminal } = output;
  const tracker = createProgressTracker(clock);
  const intervalMs = isTerminal ? REDRAW_MS : PLAIN_PROGRESS_MS;
  let told: Told | undefined;

  const tell = (view: ProgressView): void => {
    const { label, isComplete } = view;
    if (!isTerminal) output.write(`${plainProgressLine(view)}\n`);
    // The last column stays free: some terminals wrap as soon as it is written.
    else output.write(`\r${barLine(view, output.columns() - 1)}${ERASE_TO_END}`);
    told = { label, isComplete, atMs: clock.now(), isDrawn: isTerminal };
  };

  const endBar = (): void => {
    if (told?.isDrawn === true) output.write('\n');
    told = undefined;
    tracker.reset();
  };

  return Object.freeze({
    line({ look, text }: Line): void {
      if (look === 'hidden') return;
      endBar();
      const color = output.hasColors ? COLORS[look] : '';
      output.write(color === '' ? `${text}\n` : `${color}${text}${RESET}\n`);
    },
    progress(progress: Progress): void {
      if (told !== undefined && told.label !== progress.label) endBar();
      const view = tracker.update(progress);
      if (told === undefined && !isTerminal && !view.isComplete) {
        // Where lines stay, one that says how little is done yet comes after a while only.
        told = { label: view.label, isComplete: false, atMs: clock.now(), isDrawn: false };
      } else if (view.isComplete ? told?.isComplete !== true : isDue(told)) {
        tell(view);
      }
    },
    close: endBar,
  });

  function isDue(last: Told | undefined): boolean {
    return last === undefined || clock.now() - last.atMs >= intervalMs;
  }
}
