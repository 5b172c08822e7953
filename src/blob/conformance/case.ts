/**
 * What a case of the conformance suite is: a promise of `blob-storage.ts` in words, and a check of
 * it. Checks throw `BrokenPromise` with what was found; they need no test runner, since users run
 * them against their own buckets too.
 */
import { isDeepStrictEqual } from 'node:util';
import { type ErrorCode, SimError } from '../../base/errors.ts';
import type { ByteReader } from '../../base/files.ts';
import { attempt, type Op, succeed } from '../../base/op.ts';
import { MIB } from '../../base/units.ts';
import type { BlobKey, BlobStorage, ByteSource } from '../blob-storage.ts';
import { readObject } from '../byte-source.ts';

/** A store, and a directory in it that holds nothing. */
export interface CheckedBlob {
  readonly storage: BlobStorage;
  readonly base: BlobKey;
}

export interface BlobCase {
  readonly promise: string;
  readonly check: (blob: CheckedBlob) => Op<void>;
}

/** A promise that a store is known not to keep. */
export interface BlobGap {
  /** That of a case. */
  readonly promise: string;
  readonly why: string;
}

/** What a store did instead of keeping its promise. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** Larger than any object of the cases. */
export const OBJECT_BYTES_MAX: number = 16 * MIB;

export function holds(condition: boolean, otherwise: string): void {
  if (!condition) throw new BrokenPromise(otherwise);
}

export function equal(actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new BrokenPromise(`expected ${shown(expected)}, got ${shown(actual)}`);
}

const SHOWN_CHARS_MAX = 300;

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}...` : text;
}

export function* textAt(storage: BlobStorage, key: BlobKey): Op<string> {
  return new TextDecoder().decode(yield* readObject(storage, key, OBJECT_BYTES_MAX));
}

/** The code that an operation fails with; undefined when it does not. */
export function* codeOf(op: Op<unknown>): Op<ErrorCode | undefined> {
  const outcome = yield* attempt(op);
  if (outcome.ok) return undefined;
  if (!(outcome.error instanceof SimError)) throw outcome.error;
  return outcome.error.code;
}

export function* namesIn(storage: BlobStorage, directory: BlobKey): Op<string[]> {
  return (yield* storage.list(directory)).map(({ name }) => name);
}

/** A source that promises `sizeBytes`, gives `chunks`, and then fails if told to. */
export function oddSource(
  sizeBytes: number,
  chunks: readonly string[],
  error?: SimError,
): ByteSource {
  return {
    sizeBytes,
    *open(): Op<ByteReader> {
      let next = 0;
      return {
        *read(): Op<Uint8Array | undefined> {
          const chunk = chunks[next++];
          if (chunk !== undefined) return new TextEncoder().encode(chunk);
          if (error !== undefined) throw error;
          return undefined;
        },
        close: () => succeed(undefined),
      };
    },
  };
}

export const lost = (): SimError => new SimError('blob-unreachable', 'the source broke off');
