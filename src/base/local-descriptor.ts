/**
 * Reads, writes and syncs of an open file: at once when small, through the thread pool when not.
 */
import * as fs from 'node:fs';
import { type Op, suspend } from './op.ts';

/** From the page cache this takes some 20 microseconds: less than a turn of the thread pool. */
export const SMALL_BYTES_MAX: number = 64 * 1024;

/** A disk that syncs slower than this must not hold up the main thread. */
export const SYNC_NOW_MS_MAX = 1;

/** How long the last sync of little data took, on whichever disk: the best guess for the next. */
let lastSyncMs = 0;

/** Reads up to the size of `target` from a position; 0 is the end of the file. */
export function* readAt(descriptor: number, target: Uint8Array, position: number): Op<number> {
  if (target.length <= SMALL_BYTES_MAX) {
    return fs.readSync(descriptor, target, 0, target.length, position);
  }
  return yield* suspend<number>((resume) => {
    fs.read(descriptor, target, 0, target.length, position, (error, count) => {
      resume(error === null ? { ok: true, value: count } : { ok: false, error });
    });
  });
}

/** Writes all of it where the file stands. */
export function* writeAll(descriptor: number, bytes: Uint8Array): Op<void> {
  let done = 0;
  while (done < bytes.length) done += yield* writeSome(descriptor, bytes, done);
}

function* writeSome(descriptor: number, bytes: Uint8Array, from: number): Op<number> {
  const count = bytes.length - from;
  if (count <= SMALL_BYTES_MAX) return fs.writeSync(descriptor, bytes, from, count);
  return yield* suspend<number>((resume) => {
    fs.write(descriptor, bytes, from, count, null, (error, written) => {
      resume(error === null ? { ok: true, value: written } : { ok: false, error });
    });
  });
}

/**
 * Makes the bytes of a file durable. After a slow sync the next ones go through the thread pool,
 * until one is quick again.
 */
export function* syncFile(descriptor: number, unsyncedBytes: number): Op<void> {
  const began = performance.now();
  if (unsyncedBytes > SMALL_BYTES_MAX) {
    yield* syncInPool(descriptor);
    return;
  }
  if (lastSyncMs <= SYNC_NOW_MS_MAX) fs.fdatasyncSync(descriptor);
  else yield* syncInPool(descriptor);
  lastSyncMs = performance.now() - began;
}

function syncInPool(descriptor: number): Op<void> {
  return suspend<void>((resume) => {
    fs.fdatasync(descriptor, (error) => {
      resume(error === null ? { ok: true, value: undefined } : { ok: false, error });
    });
  });
}
