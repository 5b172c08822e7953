/** From values to places on an axis, and the values that are worth a tick. Pure arithmetic. */

export const AXIS_SCALES = ['linear', 'log2', 'log10'] as const;
export type AxisScale = (typeof AXIS_SCALES)[number];

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
  /** 0 at `min`, 1 at `max`. */
  place(value: number): number;
}

/** Ticks aimed at; there are never more than three times as many. */
const TICKS_AIM = 6;
/** Up to this many decades each gets five ticks, */
const FINE_DECADES_MAX = 1.5;
/** up to this many three, and beyond it one at most. */
const DECADES_OF_1_2_5_MAX = 3;

/** Whether an axis of this kind has a place for the value. */
export function isShowable(scale: AxisScale, value: number): boolean {
  return Number.isFinite(value) && (scale === 'linear' || value > 0);
}

/** Covers all values, which must be showable. Linear axes begin at 0 and end at a tick. */
export function scaleOf(kind: AxisScale, values: readonly number[]): Scale {
  if (kind === 'linear') return linearScale(values);
  return kind === 'log2' ? log2Scale(values) : log10Scale(values);
}

function linearScale(values: readonly number[]): Scale {
  const low = Math.min(0, ...values);
  const high = Math.max(...values, low === 0 ? 0 : low);
  const step = niceStep((high - low || 1) / TICKS_AIM);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    withoutNoise((first + index) * step),
  );
  return scaleBetween(first * step, last * step, ticks, (value) => value);
}

function log2Scale(values: readonly number[]): Scale {
  const { low, high } = logBounds(values, Math.log2);
  const every = Math.max(1, Math.ceil((high - low) / (2 * TICKS_AIM)));
  const ticks: number[] = [];
  for (let power = low; power <= high; power += every) ticks.push(2 ** power);
  return scaleBetween(2 ** low, 2 ** high, ticks, Math.log2);
}

function log10Scale(values: readonly number[]): Scale {
  const low = Math.log10(Math.min(...values));
  const high = Math.log10(Math.max(...values));
  const decades = high - low;
  const factors = decades <= FINE_DECADES_MAX ? [1, 2, 3, 5, 7] : [1, 2, 5];
  const isWholeOnly = decades > DECADES_OF_1_2_5_MAX;
  const every = Math.ceil(decades / (2 * TICKS_AIM)) || 1;
  const inSteps: number[] = [];
  for (let power = Math.floor(low) - every; power <= Math.ceil(high) + every; power += every) {
    for (const factor of isWholeOnly ? [1] : factors) {
      inSteps.push(withoutNoise(factor * 10 ** power));
    }
  }
  const min = inSteps.findLast((tick) => tick <= Math.min(...values) * (1 + 1e-9));
  const max = inSteps.find((tick) => tick >= Math.max(...values) * (1 - 1e-9));
  const from = min ?? Math.min(...values);
  const to = max === undefined || max <= from ? from * 10 : max;
  const ticks = inSteps.filter((tick) => tick >= from && tick <= to);
  return scaleBetween(from, to, ticks, Math.log10);
}

function logBounds(
  values: readonly number[],
  log: (value: number) => number,
): { low: number; high: number } {
  const low = Math.floor(log(Math.min(...values)) + 1e-9);
  const high = Math.ceil(log(Math.max(...values)) - 1e-9);
  return { low, high: high > low ? high : low + 1 };
}

function scaleBetween(
  min: number,
  max: number,
  ticks: readonly number[],
  of: (value: number) => number,
): Scale {
  const [low, high] = [of(min), of(max)];
  return Object.freeze({
    min,
    max,
    ticks,
    place: (value: number) => (of(value) - low) / (high - low),
  });
}

/** 1, 2 or 5 times a power of ten, not below `step`. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function withoutNoise(value: number): number {
  return Number(value.toPrecision(12));
}

const TICK_UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e4, 'k'],
] as const;

/** `0.25`, `5000`, `20k`, `1.5M`: short, since it stands beside an axis. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  const [least, unit] = TICK_UNITS.find(([from]) => size >= from) ?? [1, ''];
  const divisor = unit === 'k' ? 1e3 : least;
  return `${Number((value / divisor).toPrecision(4))}${unit}`;
}
