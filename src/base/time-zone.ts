/**
 * Instants as people write them, in the zones that `time_zone` and `system_time_zone` name: IANA
 * names, and offsets such as `+08:00`. Sources: resolutions.md 3 and "Times"; the range of offsets
 * and the meaning of `CST` are StarRocks'.
 */
import type { Millis } from './clock.ts';
import { SimError } from './errors.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './units.ts';

/** What a calendar and a clock on the wall of a zone show. */
export interface CalendarFields {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** Whether it can be used below: an IANA name, `UTC`, `CST`, or an offset from -12:00 to +14:00. */
export function isTimeZone(text: string): boolean {
  return offsetRule(text) !== undefined;
}

/** `yyyy-MM-dd HH:mm:ss`. */
export function formatDateTime(ms: Millis, zone: string): string {
  const at = calendarFields(ms, zone);
  const date = `${digits(at.year, 4)}-${digits(at.month, 2)}-${digits(at.day, 2)}`;
  return `${date} ${digits(at.hour, 2)}:${digits(at.minute, 2)}:${digits(at.second, 2)}`;
}

/** `yyyy-MM-dd-HH-mm-ss-SSS`: names `__info_<timestamp>` (repository.md 2.2). */
export function formatTimestampLabel(ms: Millis, zone: string): string {
  const at = calendarFields(ms, zone);
  const date = `${digits(at.year, 4)}-${digits(at.month, 2)}-${digits(at.day, 2)}`;
  const time = `${digits(at.hour, 2)}-${digits(at.minute, 2)}-${digits(at.second, 2)}`;
  return `${date}-${time}-${digits(at.millisecond, 3)}`;
}

/**
 * Reads `yyyy-MM-dd`, `yyyy-MM-dd HH:mm:ss` (or with `T`), with up to nine digits of a fraction, of
 * which milliseconds count. `undefined` if it is not a date of the calendar. A time that the clocks
 * skip is moved on by the gap; of one that they show twice the first is meant, as in Java.
 */
export function parseDateTime(text: string, zone: string): Millis | undefined {
  const match = DATE_TIME.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = ''] = match;
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] = parts;
  if (h > 23 || min > 59 || s > 59) return undefined;
  const date = new Date(Date.UTC(2000, m - 1, d));
  date.setUTCFullYear(y, m - 1, d);
  if (date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d) return undefined;
  const millisecond = Number(fraction.padEnd(3, '0').slice(0, 3));
  const time = h * HOUR_MS + min * MINUTE_MS + s * SECOND_MS + millisecond;
  return instantOf(date.getTime() + time, zone);
}

const DATE_TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?)?$/;

export function calendarFields(ms: Millis, zone: string): CalendarFields {
  const local = new Date(ms + offsetMs(ms, zone));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
    weekday: local.getUTCDay(),
  };
}

/**
 * The instant whose local time is so many months, then days, then milliseconds later than that of
 * `ms`: a day that the month has not becomes its last. Around a change of the clocks as
 * `parseDateTime`. NaN past what a date can be.
 */
export function plusLocalTime(
  ms: Millis,
  zone: string,
  span: { readonly months: number; readonly days: number; readonly ms: Millis },
): Millis {
  const date = new Date(ms + offsetMs(ms, zone));
  const dayOfMonth = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + span.months);
  const monthEnd = new Date(date);
  monthEnd.setUTCMonth(date.getUTCMonth() + 1, 0);
  date.setUTCDate(Math.min(dayOfMonth, monthEnd.getUTCDate()) + span.days);
  const localMs = date.getTime() + span.ms;
  const isDate = Math.abs(localMs) < DATE_MS_MAX;
  return isDate ? instantOf(localMs, zone) : Number.NaN;
}

/** What a `Date` can hold, less the room for an offset. */
const DATE_MS_MAX: Millis = 8_640_000_000_000_000 - 2 * DAY_MS;

/** How far the zone's clocks are ahead of UTC at an instant. `bad-time-zone` if there is none. */
export function offsetMs(ms: Millis, zone: string): Millis {
  const rule = offsetRule(zone);
  if (rule === undefined)
    throw new SimError('bad-time-zone', `Unknown or incorrect time zone: '${zone}'`);
  return rule(ms);
}

/** The instant at which the zone's clocks show a local time, given as if it were UTC. */
function instantOf(localMs: Millis, zone: string): Millis {
  const before = offsetMs(localMs - DAY_MS, zone);
  const after = offsetMs(localMs + DAY_MS, zone);
  for (const offset of [before, after]) {
    if (offsetMs(localMs - offset, zone) === offset) return localMs - offset;
  }
  return localMs - before;
}

type OffsetRule = (ms: Millis) => Millis;

/** `CST` is China's here, not America's. */
const ALIASES: ReadonlyMap<string, string> = new Map([['CST', 'Asia/Shanghai']]);

const OFFSET = /^([+-])(\d{1,2}):(\d{2})$/;
const WEST_MAX_MS: number = 12 * HOUR_MS;
const EAST_MAX_MS: number = 14 * HOUR_MS;

/** Clients choose zones, so the caches forget: all at once, which is rare and cheap. */
const ZONES_CACHED_MAX = 1000;
const OFFSETS_CACHED_MAX = 10_000;

/** No zone changes its offset inside a quarter of an hour of UTC since 1972. */
const SAME_OFFSET_MS: number = 15 * MINUTE_MS;

const rules = new Map<string, OffsetRule | undefined>();

function offsetRule(zone: string): OffsetRule | undefined {
  const known = rules.get(zone);
  if (known !== undefined || rules.has(zone)) return known;
  const rule = fixedRule(zone) ?? namedRule(ALIASES.get(zone) ?? zone);
  if (rules.size >= ZONES_CACHED_MAX) rules.clear();
  rules.set(zone, rule);
  return rule;
}

function fixedRule(zone: string): OffsetRule | undefined {
  if (zone === 'UTC' || zone === 'Z') return () => 0;
  const match = OFFSET.exec(zone);
  if (match === null) return undefined;
  const minutes = Number(match[3]);
  const spanMs = Number(match[2]) * HOUR_MS + minutes * MINUTE_MS;
  const isEast = match[1] === '+';
  if (minutes > 59 || spanMs > (isEast ? EAST_MAX_MS : WEST_MAX_MS)) return undefined;
  return () => (isEast ? spanMs : -spanMs);
}

function namedRule(zone: string): OffsetRule | undefined {
  // Offsets that Intl knows and StarRocks does not.
  if (!/^[A-Za-z]/.test(zone)) return undefined;
  const format = formatOf(zone);
  if (format === undefined) return undefined;
  const cache = new Map<number, Millis>();
  return (ms) => {
    const slot = Math.floor(ms / SAME_OFFSET_MS);
    const known = cache.get(slot);
    if (known !== undefined) return known;
    const offset = offsetBy(format, slot * SAME_OFFSET_MS);
    if (cache.size >= OFFSETS_CACHED_MAX) cache.clear();
    cache.set(slot, offset);
    return offset;
  };
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The local time that Intl writes, read as UTC, less the instant. */
function offsetBy(format: Intl.DateTimeFormat, ms: Millis): Millis {
  const parts = new Map(format.formatToParts(ms).map((part) => [part.type, part.value]));
  const field = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get('era')?.startsWith('B') ? 1 - field('year') : field('year');
  const date = new Date(0);
  date.setUTCFullYear(year, field('month') - 1, field('day'));
  date.setUTCHours(field('hour'), field('minute'), field('second'));
  return date.getTime() - ms;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
