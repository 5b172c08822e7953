/** Promises of `put`: whole or not at all, and never seen half done. */
import type { ByteReader } from '../../base/files.ts';
import { type Op, succeed } from '../../base/op.ts';
import { MIB } from '../../base/units.ts';
import { joinKey } from '../blob-key.ts';
import type { ByteSource } from '../blob-storage.ts';
import { bytesSource, readObject, textSource } from '../byte-source.ts';
import {
  type BlobCase,
  codeOf,
  equal,
  holds,
  lost,
  namesIn,
  OBJECT_BYTES_MAX,
  oddSource,
  textAt,
} from './case.ts';

export const PUT_CASES: readonly BlobCase[] = [
  {
    promise: 'what was put is read back byte by byte',
    *check({ storage, base }) {
      const bytes = Uint8Array.from({ length: 700_001 }, (_, index) => (index * 31) & 0xff);
      const key = joinKey(base, 'object');
      yield* storage.put(key, bytesSource(bytes));
      const read = yield* readObject(storage, key, OBJECT_BYTES_MAX);
      holds(Buffer.compare(read, bytes) === 0, `${read.length} other bytes came back`);
    },
  },
  {
    promise: 'a large object comes back whole',
    *check({ storage, base }) {
      const bytes = new Uint8Array(9 * MIB).fill(7);
      bytes.set([1, 2, 3], bytes.length - 3);
      const key = joinKey(base, 'large');
      yield* storage.put(key, bytesSource(bytes));
      const read = yield* readObject(storage, key, OBJECT_BYTES_MAX);
      holds(Buffer.compare(read, bytes) === 0, `${read.length} other bytes came back`);
    },
  },
  {
    promise: 'an empty object is an object',
    *check({ storage, base }) {
      const key = joinKey(base, 'empty');
      yield* storage.put(key, textSource(''));
      equal(yield* storage.stat(key), { name: 'empty', isFile: true, sizeBytes: 0 });
      equal(yield* textAt(storage, key), '');
    },
  },
  {
    promise: 'a put makes the directories above it',
    *check({ storage, base }) {
      const key = joinKey(base, 'a', 'b', 'c');
      yield* storage.put(key, textSource('deep'));
      equal(yield* textAt(storage, key), 'deep');
      equal(yield* namesIn(storage, joinKey(base, 'a')), ['b']);
    },
  },
  {
    promise: 'a put replaces the object',
    *check({ storage, base }) {
      const key = joinKey(base, 'object');
      yield* storage.put(key, textSource('a longer first version'));
      yield* storage.put(key, textSource('second'));
      equal(yield* textAt(storage, key), 'second');
      equal(yield* namesIn(storage, base), ['object']);
    },
  },
  {
    promise: 'a put that fails midway leaves nothing',
    *check({ storage, base }) {
      const key = joinKey(base, 'object');
      const code = yield* codeOf(storage.put(key, oddSource(10, ['half'], lost())));
      equal(code, 'blob-unreachable');
      equal(yield* storage.stat(key), undefined);
      equal(yield* namesIn(storage, base), []);
    },
  },
  {
    promise: 'a put that fails midway leaves the object that was there',
    *check({ storage, base }) {
      const key = joinKey(base, 'object');
      yield* storage.put(key, textSource('first'));
      yield* codeOf(storage.put(key, oddSource(10, ['half'], lost())));
      equal(yield* textAt(storage, key), 'first');
      equal(yield* namesIn(storage, base), ['object']);
    },
  },
  {
    promise: 'a source that gives fewer or more bytes than it promised is refused',
    *check({ storage, base }) {
      const key = joinKey(base, 'object');
      equal(yield* codeOf(storage.put(key, oddSource(10, ['short']))), 'blob-error');
      equal(yield* codeOf(storage.put(key, oddSource(3, ['long', 'er']))), 'blob-error');
      equal(yield* namesIn(storage, base), []);
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
      equal(seen, [undefined, undefined, [], [], 'old', 'old']);
      equal(yield* textAt(storage, old), 'new');
    },
  },
];
