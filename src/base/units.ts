/** Sizes and spans of time, and how people read them. */

export const KIB = 1024;
export const MIB: number = 1024 * KIB;
export const GIB: number = 1024 * MIB;

export const SECOND_MS = 1000;
export const MINUTE_MS: number = 60 * SECOND_MS;
export const HOUR_MS: number = 60 * MINUTE_MS;
export const DAY_MS: number = 24 * HOUR_MS;

const SIZE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `0B`, `4KB`, `2.5KB`: the short form of SHOW PARTITIONS and SHOW TABLET (sql-surface.md 4.5). */
export function formatBytesShort(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 1024 && unit < SIZE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))}${SIZE_UNITS[unit]}`;
}

/** `900.000 B`, `1.400 KB`: the long form of SHOW DATA and SHOW BACKENDS (sql-surface.md 4.7). */
export function formatBytesLong(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 1024 && unit < SIZE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(3)} ${sizeBytes === 0 ? '' : SIZE_UNITS[unit]}`;
}
