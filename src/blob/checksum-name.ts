/**
 * File names that carry the MD5 of their content: `<name>.<32 hex digits>`, and `<name>.part` while
 * they are written. The frontend and the backends take them apart by different rules; both are here
 * (repository.md 2.2 and 2.3).
 */

export interface ChecksumName {
  readonly name: string;
  readonly md5: string;
}

const CHECKSUM_CHARS = 32;

/** What stands in place of the checksum while a file is being written. */
export const PART_SUFFIX = '.part';

export function encodeChecksumName(name: string, md5: string): string {
  // In one piece from the start: jobs and simulated stores keep it for long.
  return [name, md5].join('.');
}

export function partName(name: string): string {
  return `${name}${PART_SUFFIX}`;
}

/**
 * The frontend's rule: split at the last dot, what follows must be 32 characters long. Neither
 * hex digits nor their case are checked; a wrong suffix simply never verifies.
 */
export function decodeChecksumName(fileName: string): ChecksumName | undefined {
  const decoded = decodeBackendName(fileName);
  return decoded?.md5.length === CHECKSUM_CHARS ? decoded : undefined;
}

/**
 * The backends' rule: split at the last dot, something must follow it. So `x.dat.part` reads as
 * `x.dat` with the checksum `part`, which no content ever has.
 */
export function decodeBackendName(fileName: string): ChecksumName | undefined {
  const dot = fileName.lastIndexOf('.');
  if (dot < 0 || dot === fileName.length - 1) return undefined;
  return { name: fileName.slice(0, dot), md5: fileName.slice(dot + 1) };
}
