/**
 * Reads, writes and syncs of an open file: at once when small, through the thread pool when not.
 */
import * as fs from 'node:fs';
import { type Op, type Outcome, suspend } from './op.ts';

/** From the page cache this takes some 20 microseconds: less than a turn of the thread pool. */
export const SMALL_BYTES_MAX: number = 64 * 1024;

/** A disk that syncs slower than this must not hold up the main thread. */
export const SYNC_NOW_MS_MAX = 1;

/** How long the last sync of little data took, on whichever disk: the best guess for the next. */
let lastSyncMs = 0;

type Resume = (outcome: Outcome<void>) => void;

interface Sync {
  readonly descriptor: number;
  readonly isDirectory: boolean;
  readonly resume: Resume;
}

/** Small syncs that were asked for in this turn of the event loop. */
let asked: Sync[] = [];

/** Syncs that the thread pool has at work. */
let inPoolCount = 0;

/** Who waits for the next sync of a directory, while one is under way or about to be. */
const directories = new Map<string, Resume[]>();

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
 * Makes the bytes of a file durable. Syncs that are asked for together, as by the replicas of one
 * load, go through the thread pool side by side, since a disk makes several files durable in
 * little more than the time of one. A sync that is alone is done at once where the disk is quick.
 */
export function syncFile(descriptor: number, unsyncedBytes: number): Op<void> {
  return suspend<void>((resume) => {
    const sync = { descriptor, isDirectory: false, resume };
    if (unsyncedBytes > SMALL_BYTES_MAX) syncInPool(sync);
    else ask(sync);
  });
}

/**
 * Makes the names in a directory durable. Whoever asks while it is synced already waits for one
 * more sync, which all who came meanwhile share.
 */
export function syncNames(directory: string): Op<void> {
  return suspend<void>((resume) => {
    const waiting = directories.get(directory);
    if (waiting !== undefined) {
      waiting.push(resume);
      return;
    }
    directories.set(directory, [resume]);
    queueMicrotask(() => syncNextNames(directory));
  });
}

function syncNextNames(directory: string): void {
  const sharers = directories.get(directory) ?? [];
  if (sharers.length === 0) {
    directories.delete(directory);
    return;
  }
  directories.set(directory, []);
  const end: Resume = (outcome) => {
    for (const resume of sharers) resume(outcome);
    syncNextNames(directory);
  };
  let descriptor: number;
  try {
    descriptor = fs.openSync(directory, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  } catch (error) {
    end({ ok: false, error });
    return;
  }
  ask({
    descriptor,
    isDirectory: true,
    resume: (outcome) => {
      fs.closeSync(descriptor);
      end(outcome);
    },
  });
}

function ask(sync: Sync): void {
  if (asked.length === 0) queueMicrotask(syncAsked);
  asked.push(sync);
}

function syncAsked(): void {
  const batch = asked;
  asked = [];
  const [only] = batch;
  const isAlone = batch.length === 1 && inPoolCount === 0;
  if (only !== undefined && isAlone && lastSyncMs <= SYNC_NOW_MS_MAX) {
    syncNow(only);
    return;
  }
  const began = performance.now();
  for (const sync of batch) {
    syncInPool({
      ...sync,
      resume: (outcome) => {
        lastSyncMs = performance.now() - began;
        sync.resume(outcome);
      },
    });
  }
}

function syncNow({ descriptor, isDirectory, resume }: Sync): void {
  const began = performance.now();
  let outcome: Outcome<void> = { ok: true, value: undefined };
  try {
    if (isDirectory) fs.fsyncSync(descriptor);
    else fs.fdatasyncSync(descriptor);
  } catch (error) {
    outcome = { ok: false, error };
  }
  lastSyncMs = performance.now() - began;
  resume(outcome);
}

function syncInPool({ descriptor, isDirectory, resume }: Sync): void {
  inPoolCount += 1;
  const done = (error: NodeJS.ErrnoException | null): void => {
    inPoolCount -= 1;
    resume(error === null ? { ok: true, value: undefined } : { ok: false, error });
  };
  if (isDirectory) fs.fsync(descriptor, done);
  else fs.fdatasync(descriptor, done);
}
