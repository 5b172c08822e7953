/**
 * The `ttl` of a BACKUP: how long its snapshot is kept, from text to the moment it expires
 * (repository.md 8). Months are the calendar's, read in the system's zone.
 */
import type { Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import { plusLocalTime } from '../base/time-zone.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../base/units.ts';

/** Added to a local time in this order; at least one is positive, none negative. */
export interface SnapshotTtl {
  readonly months: number;
  readonly days: number;
  readonly ms: Millis;
}

interface Sums extends SnapshotTtl {
  readonly years: number;
}

type Unit = readonly [field: keyof Sums, count: number];

/** One text uses the units of one table; the first that knows all of them is taken. */
const STYLES: readonly Readonly<Record<string, Unit>>[] = [
  { DAY: ['days', 1], WEEK: ['days', 7], MONTH: ['months', 1], YEAR: ['years', 1] },
  {
    SECOND: ['ms', SECOND_MS],
    MINUTE: ['ms', MINUTE_MS],
    HOUR: ['ms', HOUR_MS],
    // Beside hours a day has 24 of them.
    DAY: ['ms', DAY_MS],
  },
];

/** The last moment that the texts of StarRocks can show. */
const EXPIRE_MS_MAX: Millis = 253_402_300_799_000;

/**
 * `7 DAY`, `12 HOURS`, `1 YEAR 2 MONTHS`: numbers and units, singular or plural, in any case;
 * undefined for an empty text, which keeps the snapshot for ever. Throws `analysis`.
 */
export function parseTtl(text: string): SnapshotTtl | undefined {
  const words = text.trim().split(/\s+/);
  if (words[0] === '') return undefined;
  const sums = STYLES.map((style) => sumInStyle(words, style)).find((one) => one !== undefined);
  if (sums === undefined) {
    throw new SimError('analysis', `Invalid ttl: '${text}'`, {
      hint: "write it as '7 DAY', '12 HOUR' or '1 MONTH', or leave it out to keep the snapshot",
    });
  }
  const { years, months, days, ms } = sums;
  if (Math.min(years, months, days, ms) < 0 || Math.max(years, months, days, ms) === 0) {
    throw new SimError('analysis', `ttl must be positive, but is '${text}'`);
  }
  return { months: years * 12 + months, days, ms };
}

/** When a snapshot expires that was finished at `finishTimeMs`; undefined: never. */
export function expireTimeOf(
  finishTimeMs: Millis,
  ttl: string | undefined,
  systemTimeZone: string,
): Millis | undefined {
  const span = ttl === undefined ? undefined : parseTtl(ttl);
  return span === undefined ? undefined : plusLocalTime(finishTimeMs, systemTimeZone, span);
}

/** Throws `analysis` for a ttl that leads beyond the year 9999. */
export function checkTtl(text: string, nowMs: Millis, systemTimeZone: string): void {
  const expireMs = expireTimeOf(nowMs, text, systemTimeZone);
  if (expireMs === undefined || expireMs <= EXPIRE_MS_MAX) return;
  throw new SimError('analysis', `Invalid ttl: '${text}' leads beyond the year 9999`);
}

/** Years, months and days are summed each by itself, hours and what is shorter as one. */
function sumInStyle(
  words: readonly string[],
  style: Readonly<Record<string, Unit>>,
): Sums | undefined {
  if (words.length % 2 !== 0) return undefined;
  const sums = { years: 0, months: 0, days: 0, ms: 0 };
  for (let at = 0; at < words.length; at += 2) {
    const number = /^[+-]?\d{1,10}$/.test(words[at] ?? '') ? Number(words[at]) : undefined;
    const unit = style[(words[at + 1] ?? '').toUpperCase().replace(/S$/, '')];
    if (number === undefined || unit === undefined) return undefined;
    const [field, count] = unit;
    sums[field] += number * count;
  }
  return sums;
}
