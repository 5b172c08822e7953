/**
 * Progress as people read it: a bar with how much is done, how fast, and how long it will take.
 * Drawing is pure; where and how often a bar is drawn is the printer's.
 */
import type { Clock, Millis } from '../../base/clock.ts';
import { formatBytesShort } from '../../base/units.ts';
import { formatCount, formatDuration } from './format.ts';
import { createRateEstimator } from './rate-estimator.ts';

export interface Progress {
  /** What is being done; a new label begins a new bar. */
  readonly label: string;
  /** What is counted, in the plural: `rows`. People read `bytes` in larger units. */
  readonly unit: string;
  readonly done: number;
  readonly total: number;
}

export interface ProgressView extends Progress {
  readonly isComplete: boolean;
  readonly elapsedMs: Millis;
  readonly ratePerSec: number | undefined;
  readonly etaMs: Millis | undefined;
}

export interface ProgressTracker {
  update(progress: Progress): ProgressView;
  /** Forgets the bar, so that the next update begins one. */
  reset(): void;
}

/** Measures rates. Another label, or less done than before, is new work with a new rate. */
export function createProgressTracker(clock: Clock): ProgressTracker {
  let last: Progress | undefined;
  let startedMs: Millis = 0;
  let estimator = createRateEstimator(clock);
  return Object.freeze({
    update(progress: Progress): ProgressView {
      const { label, done, total } = progress;
      if (last === undefined || last.label !== label || done < last.done) {
        startedMs = clock.now();
        estimator = createRateEstimator(clock);
      }
      last = progress;
      estimator.add(done);
      return {
        ...progress,
        isComplete: done >= total,
        elapsedMs: clock.now() - startedMs,
        ratePerSec: estimator.ratePerSec(),
        etaMs: estimator.etaMs(total),
      };
    },
    reset(): void {
      last = undefined;
    },
  });
}

const BAR_COLUMNS_MAX = 30;
/** A shorter bar says less than the number beside it. */
const BAR_COLUMNS_MIN = 8;
/** Kept for the figures, so that the bar does not change its length as they do. */
const FIGURES_COLUMNS = 44;
const INDENT = '  ';

/** One line of at most `columns`: the bar shrinks first, then goes; the figures stay. */
export function barLine(view: ProgressView, columns: number): string {
  const figures = figuresOf(view);
  const reserved = Math.max(FIGURES_COLUMNS, figures.length);
  const room = columns - INDENT.length - view.label.length - reserved - ' [] '.length;
  const bar = room < BAR_COLUMNS_MIN ? ' ' : ` [${barOf(view, Math.min(room, BAR_COLUMNS_MAX))}] `;
  return `${INDENT}${view.label}${bar}${figures}`.slice(0, Math.max(0, columns));
}

/** The same without a bar, for files and pipes. */
export function plainProgressLine(view: ProgressView): string {
  return `${INDENT}${view.label} ${figuresOf(view)}`;
}

function barOf({ done, total }: Progress, columns: number): string {
  const share = total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
  const filled = Math.floor(share * columns);
  if (filled >= columns) return '='.repeat(columns);
  return `${'='.repeat(filled)}>${' '.repeat(columns - filled - 1)}`;
}

function amountOf(unit: string, count: number): string {
  return unit === 'bytes' ? formatBytesShort(Math.round(count)) : `${formatCount(count)} ${unit}`;
}

function figuresOf({ unit, done, total, isComplete, elapsedMs, ...view }: ProgressView): string {
  const parts =
    unit === 'bytes'
      ? [`${formatBytesShort(done)}/${formatBytesShort(total)}`]
      : [`${formatCount(done)}/${formatCount(total)} ${unit}`];
  if (view.ratePerSec !== undefined) parts.push(`${amountOf(unit, view.ratePerSec)}/s`);
  if (isComplete) parts.push(`in ${formatDuration(elapsedMs)}`);
  else if (view.etaMs !== undefined) parts.push(`${formatDuration(view.etaMs)} left`);
  return parts.join(', ');
}
