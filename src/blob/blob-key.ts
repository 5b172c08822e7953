/**
 * Keys of objects: absolute paths inside a store. Made, joined and taken apart here only, so that
 * no slash is ever doubled and no segment can lead out of the store.
 */
import { assert } from '../base/assert.ts';
import type { BlobKey } from './blob-storage.ts';

const isSegment = (part: string): boolean => part !== '' && part !== '.' && part !== '..';

const KEY = /^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/;

/** Whether a text is a key: `/`, or `/` before every segment, none of them empty, `.` or `..`. */
export function isKey(text: string): boolean {
  return text === '/' || KEY.test(text);
}

/** Holds a caller to the form of keys; anything else is a bug of the caller. */
export function checkKey(key: BlobKey): BlobKey {
  assert(isKey(key), `not a key of an object: ${key}`);
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
    assert(isSegment(part) && !part.includes('/'), `not a segment of a key: ${part}`);
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
