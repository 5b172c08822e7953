/**
 * Keys of objects: absolute paths inside a store. Made, joined and taken apart here only, so that
 * no slash is ever doubled and no segment can lead out of the store.
 */
import { assert } from '../base/assert.ts';
import type { BlobKey } from './blob-storage.ts';

/** Whether a text may stand between slashes. */
export function isSegment(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && !part.includes('/');
}

const SLASH = 47;
const DOT = 46;

/** Whether a text is a key: `/`, or `/` before every segment, none of them empty, `.` or `..`. */
export function isKey(text: string): boolean {
  if (text.charCodeAt(0) !== SLASH) return false;
  if (text.length === 1) return true;
  // By hand: a simulation asks this for every object of millions.
  let from = 1;
  let isDots = true;
  for (let at = 1; at <= text.length; at += 1) {
    const code = at === text.length ? SLASH : text.charCodeAt(at);
    if (code !== SLASH) {
      isDots &&= code === DOT;
      continue;
    }
    const length = at - from;
    if (length === 0 || (isDots && length <= 2)) return false;
    from = at + 1;
    isDots = true;
  }
  return true;
}

/** Holds a caller to the form of segments; anything else is a bug of the caller. */
export function checkSegment(part: string): void {
  if (!isSegment(part)) assert(false, `not a segment of a key: ${part}`);
}

/** Holds a caller to the form of keys; anything else is a bug of the caller. */
export function checkKey(key: BlobKey): BlobKey {
  if (!isKey(key)) assert(false, `not a key of an object: ${key}`);
  return key;
}

/**
 * A path as people write it, as a key: repeated and trailing slashes go away. `undefined` when it
 * is not absolute or holds `.` or `..`.
 */
export function normalizeKey(path: string): BlobKey | undefined {
  if (!path.startsWith('/')) return undefined;
  const key = `/${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
  return isKey(key) ? key : undefined;
}

/** A key below a directory, which is a key already. The parts are single segments. */
export function joinKey(directory: BlobKey, ...parts: readonly string[]): BlobKey {
  let key = directory === '/' ? '' : directory;
  for (const part of parts) {
    checkSegment(part);
    key += `/${part}`;
  }
  return key;
}

/** The directory that holds a key; `/` for what lies at the top, and for `/` itself. */
export function parentKey(key: BlobKey): BlobKey {
  const slash = key.lastIndexOf('/');
  return slash <= 0 ? '/' : key.slice(0, slash);
}

/** The last segment of a key; empty for `/`. */
export function baseName(key: BlobKey): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
