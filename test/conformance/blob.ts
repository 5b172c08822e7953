/**
 * The promises of `src/blob/blob-storage.ts` as cases. Every driver and every wrapper runs through
 * them; what one does not keep is named in its list of gaps, with the reason, and must then fail.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.ts';
import { SimError } from '../../src/base/errors.ts';
import type { ByteRange, ByteReader } from '../../src/base/files.ts';
import { all, attempt, type Op, succeed } from '../../src/base/op.ts';
import { joinKey } from '../../src/blob/blob-key.ts';
import type { BlobKey, BlobStorage, ByteSource } from '../../src/blob/blob-storage.ts';
import { bytesSource, readObject, textSource } from '../../src/blob/byte-source.ts';

/** A store to test, with a directory in it that is there and empty. */
export interface BlobUnderTest {
  readonly storage: BlobStorage;
  readonly base: BlobKey;
  readonly run: <T>(op: Op<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export interface BlobGap {
  /** The name of a case below. */
  readonly promise: string;
  readonly why: string;
}

interface Case {
  readonly promise: string;
  readonly check: (blob: BlobUnderTest) => Op<void>;
}

const OBJECT_BYTES_MAX = 4 * 1024 * 1024;

function* textAt(storage: BlobStorage, key: BlobKey): Op<string> {
  return new TextDecoder().decode(yield* readObject(storage, key, OBJECT_BYTES_MAX));
}

function* codeOf(op: Op<unknown>): Op<ErrorCode | undefined> {
  const outcome = yield* attempt(op);
  if (outcome.ok) return undefined;
  if (!(outcome.error instanceof SimError)) throw outcome.error;
  return outcome.error.code;
}

function* namesIn(storage: BlobStorage, directory: BlobKey): Op<string[]> {
  return (yield* storage.list(directory)).map(({ name }) => name);
}

/** A source that promises `sizeBytes`, gives `chunks`, and then fails if told to. */
function oddSource(sizeBytes: number, chunks: readonly string[], error?: SimError): ByteSource {
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

const lost = (): SimError => new SimError('blob-unreachable', 'the source broke off');

const putCases: readonly Case[] = [
  {
    promise: 'what was put is read back byte by byte',
    *check({ storage, base }) {
      const bytes = Uint8Array.from({ length: 700_001 }, (_, index) => (index * 31) & 0xff);
      const key = joinKey(base, 'object');
      yield* storage.put(key, bytesSource(bytes));
      expect(Buffer.compare(yield* readObject(storage, key, OBJECT_BYTES_MAX), bytes)).toBe(0);
    },
  },
  {
    promise: 'an empty object is an object',
    *check({ storage, base }) {
      const key = joinKey(base, 'empty');
      yield* storage.put(key, textSource(''));
      expect(yield* storage.stat(key)).toEqual({ name: 'empty', isFile: true, sizeBytes: 0 });
      expect(yield* textAt(storage, key)).toBe('');
    },
  },
  {
    promise: 'a put makes the directories above it',
    *check({ storage, base }) {
      const key = joinKey(base, 'a', 'b', 'c');
      yield* storage.put(key, textSource('deep'));
      expect(yield* textAt(storage, key)).toBe('deep');
      expect(yield* namesIn(storage, joinKey(base, 'a'))).toEqual(['b']);
    },
  },
  {
    promise: 'a put replaces the object',
    *check({ storage, base }) {
      const key = joinKey(base, 'object');
      yield* storage.put(key, textSource('a longer first version'));
      yield* storage.put(key, textSource('second'));
      expect(yield* textAt(storage, key)).toBe('second');
      expect(yield* namesIn(storage, base)).toEqual(['object']);
    },
  },
  {
    promise: 'a put that fails midway leaves nothing',
    *check({ storage, base }) {
      const key = joinKey(base, 'object');
      const code = yield* codeOf(storage.put(key, oddSource(10, ['half'], lost())));
      expect(code).toBe('blob-unreachable');
      expect(yield* storage.stat(key)).toBeUndefined();
      expect(yield* namesIn(storage, base)).toEqual([]);
    },
  },
  {
    promise: 'a put that fails midway leaves the object that was there',
    *check({ storage, base }) {
      const key = joinKey(base, 'object');
      yield* storage.put(key, textSource('first'));
      yield* codeOf(storage.put(key, oddSource(10, ['half'], lost())));
      expect(yield* textAt(storage, key)).toBe('first');
      expect(yield* namesIn(storage, base)).toEqual(['object']);
    },
  },
  {
    promise: 'a source that gives fewer or more bytes than it promised is refused',
    *check({ storage, base }) {
      const key = joinKey(base, 'object');
      expect(yield* codeOf(storage.put(key, oddSource(10, ['short'])))).toBe('blob-error');
      expect(yield* codeOf(storage.put(key, oddSource(3, ['long', 'er'])))).toBe('blob-error');
      expect(yield* namesIn(storage, base)).toEqual([]);
    },
  },
  {
    promise: 'while a put runs, readers see the old object or none',
    *check({ storage, base }) {
      const fresh = joinKey(base, 'fresh');
      const old = joinKey(base, 'old');
      yield* storage.put(old, textSource('old'));
      const seen: unknown[] = [];
      const looking = (look: () => Op<unknown>): ByteSource => ({
        sizeBytes: 3,
        *open(): Op<ByteReader> {
          let isDone = false;
          return {
            *read(): Op<Uint8Array | undefined> {
              seen.push(yield* look());
              if (isDone) return undefined;
              isDone = true;
              return new TextEncoder().encode('new');
            },
            close: () => succeed(undefined),
          };
        },
      });
      yield* storage.put(
        fresh,
        looking(() => storage.stat(fresh)),
      );
      yield* storage.put(
        fresh,
        looking(() => namesIn(storage, joinKey(base, 'nothing'))),
      );
      yield* storage.put(
        old,
        looking(() => textAt(storage, old)),
      );
      expect(seen).toEqual([undefined, undefined, [], [], 'old', 'old']);
      expect(yield* textAt(storage, old)).toBe('new');
    },
  },
];

const readCases: readonly Case[] = [
  {
    promise: 'a range is read from its start to before its end',
    *check({ storage, base }) {
      const key = joinKey(base, 'object');
      yield* storage.put(key, textSource('0123456789'));
      const read = function* (range: ByteRange): Op<string> {
        let text = '';
        const reader = yield* storage.get(key, range);
        for (let chunk = yield* reader.read(); chunk; chunk = yield* reader.read()) {
          text += new TextDecoder().decode(chunk);
        }
        yield* reader.close();
        return text;
      };
      expect(yield* read({ start: 2, end: 5 })).toBe('234');
      expect(yield* read({ start: 7 })).toBe('789');
      expect(yield* read({ start: 7, end: 99 })).toBe('789');
      expect(yield* read({ start: 10 })).toBe('');
      expect(yield* codeOf(read({ start: 11 }))).toBe('blob-error');
    },
  },
  {
    promise: 'an object that is not there is blob-not-found, and the text names the key',
    *check({ storage, base }) {
      const key = joinKey(base, 'no', 'object');
      const outcome = yield* attempt(storage.get(key));
      expect(outcome).toMatchObject({ ok: false, error: { code: 'blob-not-found' } });
      expect(String(outcome.ok ? '' : outcome.error)).toContain(key);
    },
  },
  {
    promise: 'a directory cannot be read as an object',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'dir', 'object'), textSource('x'));
      expect(yield* codeOf(storage.get(joinKey(base, 'dir')))).toBe('blob-not-found');
    },
  },
  {
    promise: 'stat tells an object from a directory and from nothing',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'dir', 'object'), textSource('four'));
      const object = yield* storage.stat(joinKey(base, 'dir', 'object'));
      expect(object).toEqual({ name: 'object', isFile: true, sizeBytes: 4 });
      const directory = yield* storage.stat(joinKey(base, 'dir'));
      expect(directory).toEqual({ name: 'dir', isFile: false, sizeBytes: -1 });
      expect(yield* storage.stat(joinKey(base, 'di'))).toBeUndefined();
      expect(yield* storage.stat(joinKey(base, 'dir', 'object', 'below'))).toBeUndefined();
    },
  },
  {
    promise: 'a list holds what lies directly below, sorted, with sizes',
    *check({ storage, base }) {
      for (const name of ['b', 'a.2', 'a', 'C']) {
        yield* storage.put(joinKey(base, name), textSource(name));
      }
      yield* storage.put(joinKey(base, 'dir', 'deep', 'object'), textSource('x'));
      expect(yield* storage.list(base)).toEqual([
        { name: 'C', isFile: true, sizeBytes: 1 },
        { name: 'a', isFile: true, sizeBytes: 1 },
        { name: 'a.2', isFile: true, sizeBytes: 3 },
        { name: 'b', isFile: true, sizeBytes: 1 },
        { name: 'dir', isFile: false, sizeBytes: -1 },
      ]);
    },
  },
  {
    promise: 'a long list is complete',
    *check({ storage, base }) {
      const names = Array.from({ length: 300 }, (_, index) => `n${1000 + index}`);
      const put = (name: string) => (): Op<void> =>
        storage.put(joinKey(base, name), textSource(''));
      yield* all(names.map(put), 16);
      expect(yield* namesIn(storage, base)).toEqual(names);
    },
  },
  {
    promise: 'listing what is not there, or an object, is empty',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'object'), textSource('x'));
      expect(yield* storage.list(joinKey(base, 'nothing'))).toEqual([]);
      expect(yield* storage.list(joinKey(base, 'nothing', 'deeper'))).toEqual([]);
      expect(yield* storage.list(joinKey(base, 'object'))).toEqual([]);
    },
  },
  {
    promise: 'characters of a key are data, never a pattern',
    *check({ storage, base }) {
      const names = [
        '*',
        '?',
        '[a-z]',
        '{a,b}',
        'a b',
        'a%20b',
        'a+b',
        '#x',
        'é',
        '雪',
        "it's",
        '"q"',
        '\\',
        '.hidden',
        '...',
        'x.',
        '~',
        'a:b',
        '$HOME',
        'a=b&c',
      ].sort();
      for (const name of names) {
        yield* storage.put(joinKey(base, name, 'object'), textSource(name));
      }
      expect(yield* namesIn(storage, base)).toEqual(names);
      for (const name of names) {
        expect(yield* textAt(storage, joinKey(base, name, 'object'))).toBe(name);
      }
      yield* storage.delete(joinKey(base, '*'));
      expect(yield* namesIn(storage, base)).toEqual(names.filter((name) => name !== '*'));
    },
  },
  {
    promise: 'a key that is no absolute path is refused',
    *check({ storage }) {
      for (const key of ['relative', '/a//b', '/a/../b', '/a/./b', '/a/', '']) {
        expect(yield* codeOf(storage.stat(key))).toBe('bug');
        expect(yield* codeOf(storage.put(key, textSource('x')))).toBe('bug');
      }
    },
  },
];

const changeCases: readonly Case[] = [
  {
    promise: 'a rename moves the object',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'x.part'), textSource('x'));
      yield* storage.rename(joinKey(base, 'x.part'), joinKey(base, 'x.dat'));
      expect(yield* namesIn(storage, base)).toEqual(['x.dat']);
      expect(yield* textAt(storage, joinKey(base, 'x.dat'))).toBe('x');
    },
  },
  {
    promise: 'a rename onto an object refuses or replaces it, as the traits say',
    *check({ storage, base }) {
      const [from, to] = [joinKey(base, 'from'), joinKey(base, 'to')];
      yield* storage.put(from, textSource('from'));
      yield* storage.put(to, textSource('to'));
      const code = yield* codeOf(storage.rename(from, to));
      const refuses = storage.traits.renameRefusesExisting;
      expect(code).toBe(refuses ? 'blob-error' : undefined);
      expect(yield* namesIn(storage, base)).toEqual(refuses ? ['from', 'to'] : ['to']);
      expect(yield* textAt(storage, to)).toBe(refuses ? 'to' : 'from');
    },
  },
  {
    promise: 'renaming what is not there is blob-not-found',
    *check({ storage, base }) {
      const code = yield* codeOf(storage.rename(joinKey(base, 'from'), joinKey(base, 'to')));
      expect(code).toBe('blob-not-found');
      expect(yield* namesIn(storage, base)).toEqual([]);
    },
  },
  {
    promise: 'a delete takes all below, and nothing beside',
    *check({ storage, base }) {
      for (const name of ['a', 'ab']) {
        yield* storage.put(joinKey(base, name, 'x', 'y'), textSource('1'));
        yield* storage.put(joinKey(base, name, 'z'), textSource('2'));
      }
      yield* storage.delete(joinKey(base, 'a'));
      expect(yield* namesIn(storage, base)).toEqual(['ab']);
      expect(yield* namesIn(storage, joinKey(base, 'ab'))).toEqual(['x', 'z']);
      expect(yield* storage.stat(joinKey(base, 'a', 'z'))).toBeUndefined();
    },
  },
  {
    promise: 'deleting what is not there is fine',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'object'), textSource('x'));
      yield* storage.delete(joinKey(base, 'nothing'));
      yield* storage.delete(joinKey(base, 'no', 'thing'));
      yield* storage.delete(joinKey(base, 'object', 'below'));
      expect(yield* namesIn(storage, base)).toEqual(['object']);
    },
  },
  {
    promise: 'an emptied directory stays or goes, as the traits say',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'dir', 'object'), textSource('x'));
      yield* storage.delete(joinKey(base, 'dir', 'object'));
      expect(yield* namesIn(storage, base)).toEqual(storage.traits.hasDirectories ? ['dir'] : []);
    },
  },
  {
    promise: 'where directories exist, no object takes the name of one, nor lies below an object',
    *check({ storage, base }) {
      if (!storage.traits.hasDirectories) return;
      yield* storage.put(joinKey(base, 'dir', 'object'), textSource('x'));
      expect(yield* codeOf(storage.put(joinKey(base, 'dir'), textSource('y')))).toBe('blob-error');
      const below = joinKey(base, 'dir', 'object', 'below');
      expect(yield* codeOf(storage.put(below, textSource('y')))).toBe('blob-error');
      expect(yield* textAt(storage, joinKey(base, 'dir', 'object'))).toBe('x');
    },
  },
];

export const BLOB_CASES: readonly Case[] = [...putCases, ...readCases, ...changeCases];

export function describeBlob(
  name: string,
  make: () => Promise<BlobUnderTest>,
  gaps: readonly BlobGap[] = [],
): void {
  describe(`blob storage: ${name}`, () => {
    let blob: BlobUnderTest;
    beforeEach(async () => {
      blob = await make();
    });
    afterEach(async () => {
      await blob.close();
    });

    for (const { promise, check } of BLOB_CASES) {
      const run = (): Promise<void> => blob.run(check(blob));
      if (gaps.some((gap) => gap.promise === promise)) test.fails(promise, run);
      else test(promise, run);
    }

    test('every known gap is one of the promises', () => {
      const promises = BLOB_CASES.map(({ promise }) => promise);
      for (const gap of gaps) expect(promises).toContain(gap.promise);
    });
  });
}
