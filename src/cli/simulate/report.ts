/** What `simulate` prints: a row per run, where the knee is, what trouble costs. */
import { SECOND_MS } from '../../base/units.ts';
import type { PlanResult } from '../../sim/capacity/run-plan.ts';
import {
  boundBy,
  KNEE_SHARE,
  type Knee,
  type SweepPoint,
  type WhatIfResult,
} from '../../sim/capacity/sweep.ts';
import { formatCount, formatDuration } from '../ui/format.ts';
import type { Fact, Line } from '../ui/printer.ts';

const POINT_COLUMNS = [
  ['backends', 8],
  ['workers', 7],
  ['job', 13],
  ['transfer', 13],
  ['throughput', 12],
  ['busy', 5],
  ['bound by', 11],
  ['requests', 12],
  ['503', 10],
  ['cost', 10],
] as const;

const HOUR_SEC = 3_600;
const MINUTE_SEC = 60;

/** `2 h 5 min` and longer spans too, which `formatDuration` has no words for. */
export function formatSpan(spanMs: number): string {
  const seconds = Math.round(spanMs / SECOND_MS);
  if (seconds < HOUR_SEC) return formatDuration(spanMs);
  return `${Math.floor(seconds / HOUR_SEC)} h ${Math.floor((seconds % HOUR_SEC) / MINUTE_SEC)} min`;
}

/** By powers of 1000, as networks are measured. */
export function formatRate(bytesPerSec: number): string {
  const units = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'] as const;
  let value = bytesPerSec;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${units[unit]}`;
}

function cells(result: PlanResult, currency: string): string[] {
  const isDone = result.state === 'FINISHED';
  return [
    isDone ? formatSpan(result.totalMs) : result.state,
    formatSpan(result.transferMs),
    formatRate(result.bytesPerSec),
    `${Math.round(result.utilisation.workers * 100)} %`,
    boundBy(result),
    formatCount(result.requestCount),
    formatCount(result.throttled),
    result.cost === 0 ? '-' : `${result.cost.toFixed(2)} ${currency}`,
  ];
}

/** A cell that is too long pushes the others aside. */
function row(texts: readonly string[], widths: readonly number[]): string {
  return texts.map((text, index) => text.padStart(widths[index] ?? 0)).join('  ');
}

export function headLine(): Line {
  const names = POINT_COLUMNS.map(([name]) => name);
  const widths = POINT_COLUMNS.map(([, width]) => width);
  return { event: 'head', look: 'step', text: row(names, widths) };
}

function factsOf(result: PlanResult): Record<string, Fact> {
  const { states, requests, utilisation, ...plain } = result;
  return {
    ...plain,
    boundBy: boundBy(result),
    states: states.map((span) => ({ ...span })),
    requests: { ...requests },
    utilisation: { ...utilisation },
  };
}

export function pointLine({ backends, workers, result }: SweepPoint, currency: string): Line {
  const widths = POINT_COLUMNS.map(([, width]) => width);
  const texts = [String(backends), String(workers), ...cells(result, currency)];
  return {
    event: 'point',
    look: result.state === 'FINISHED' ? 'plain' : 'bad',
    text: row(texts, widths),
    facts: { backends, workers, ...factsOf(result) },
  };
}

/** A knee at the end of the sweep may be none: more workers were not tried. */
export function kneeLine({ backends, workers, isLast }: Knee): Line {
  const share = Math.round(KNEE_SHARE * 100);
  const who = `${backends} ${backends === 1 ? 'backend' : 'backends'}`;
  const many = `${workers} ${workers === 1 ? 'worker' : 'workers'} each`;
  const text = isLast
    ? `no knee with ${who} up to ${many}: more may still help`
    : `knee with ${who}: ${many}, the fewest that reach ${share} % of the best throughput`;
  return {
    event: 'knee',
    look: 'good',
    text,
    facts: { backends, workers, isLast, share: KNEE_SHARE },
  };
}

const WHAT_WIDTH = 26;

export function whatIfHead({ backends, workers }: Knee): Line {
  const names = POINT_COLUMNS.slice(2).map(([name]) => name);
  const widths = POINT_COLUMNS.slice(2).map(([, width]) => width);
  const what = `at ${backends} x ${workers}`.padEnd(WHAT_WIDTH);
  return { event: 'head', look: 'step', text: `${what}${row(names, widths)}` };
}

export function whatIfLine({ what, result }: WhatIfResult, at: Knee, currency: string): Line {
  const widths = POINT_COLUMNS.slice(2).map(([, width]) => width);
  return {
    event: 'what-if',
    look: result.state === 'FINISHED' ? 'plain' : 'bad',
    text: `${what.padEnd(WHAT_WIDTH)}${row(cells(result, currency), widths)}`,
    facts: { what, backends: at.backends, workers: at.workers, ...factsOf(result) },
  };
}
