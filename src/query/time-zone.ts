/**
 * Wall-clock times of the zones a session can be in: names of the IANA list, offsets such as
 * `+08:00`, and StarRocks' own reading of `CST`.
 */
import { SimError } from '../base/errors.ts';

/** StarRocks takes CST for China's time. */
const ALIASES: Readonly<Record<string, string>> = { CST: 'Asia/Shanghai', PRC: 'Asia/Shanghai' };
const OFFSET = /^([+-])(\d{1,2}):(\d{2})$/;
/** Sessions use a handful of zones; a list that grows further is dropped. */
const FORMATTERS_MAX = 500;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The offset of a zone written as one, in seconds; undefined for a name. */
export function fixedOffsetSec(zone: string): number | undefined {
  const match = OFFSET.exec(zone);
  if (match === null) return undefined;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60;
  return match[1] === '-' ? -seconds : seconds;
}

/** The name a zone has in the IANA list. */
export function ianaName(zone: string): string {
  return ALIASES[zone.toUpperCase()] ?? zone;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  try {
    const made = new Intl.DateTimeFormat('en-US', {
      timeZone: ianaName(zone),
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formatters.size >= FORMATTERS_MAX) formatters.clear();
    formatters.set(zone, made);
    return made;
  } catch (cause) {
    throw new SimError('bad-time-zone', `Unknown or incorrect time zone: '${zone}'`, { cause });
  }
}

/** Seconds that the zone is ahead of UTC at an instant. */
export function offsetSec(zone: string, epochMs: number): number {
  if (zone === 'UTC') return 0;
  const fixed = fixedOffsetSec(zone);
  if (fixed !== undefined) return fixed;
  const part: Record<string, number> = {};
  const second = Math.floor(epochMs / 1000);
  for (const { type, value } of formatterOf(zone).formatToParts(second * 1000)) {
    part[type] = Number(value);
  }
  const wall = Date.UTC(
    part['year'] ?? 1970,
    (part['month'] ?? 1) - 1,
    part['day'] ?? 1,
    part['hour'] ?? 0,
    part['minute'] ?? 0,
    part['second'] ?? 0,
  );
  return Math.round(wall / 1000) - second;
}

/** What clocks of the zone show at an instant, as microseconds without a zone. */
export function wallMicros(zone: string, epochMs: number): bigint {
  const whole = Math.floor(epochMs);
  return (BigInt(whole) + BigInt(offsetSec(zone, whole)) * 1000n) * 1000n;
}

/** Seconds since 1970 UTC at which clocks of the zone show a time; the earlier one where two do. */
export function epochSecOfWall(zone: string, micros: bigint): number {
  const wallSec = Number(micros / 1_000_000n);
  const first = wallSec - offsetSec(zone, wallSec * 1000);
  return wallSec - offsetSec(zone, first * 1000);
}
