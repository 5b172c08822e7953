/** Wall-clock times of the session's zone as microseconds without one, and zones in DuckDB's words. */
import { offsetMs } from '../base/time-zone.ts';

const OFFSET = /^([+-])(\d{1,2}):(\d{2})$/;

/** The offset of a zone written as one, in seconds; undefined for a name. */
export function fixedOffsetSec(zone: string): number | undefined {
  return OFFSET.test(zone) ? offsetMs(0, zone) / 1000 : undefined;
}

/** The name a zone has in the IANA list; `CST` is China's. */
export function ianaName(zone: string): string {
  return zone === 'CST' ? 'Asia/Shanghai' : zone;
}

/** What clocks of the zone show at an instant. */
export function wallMicros(zone: string, epochMs: number): bigint {
  const ms = Math.floor(epochMs);
  return BigInt(ms + offsetMs(ms, zone)) * 1000n;
}

/** Seconds since 1970 UTC at which clocks of the zone show a time. */
export function epochSecOfWall(zone: string, micros: bigint): number {
  const wallMs = Number(micros / 1_000_000n) * 1000;
  const guess = wallMs - offsetMs(wallMs, zone);
  return (wallMs - offsetMs(guess, zone)) / 1000;
}
