/** Promises of `rename` and `delete`. */
import { joinKey } from '../blob-key.ts';
import { textSource } from '../byte-source.ts';
import { type BlobCase, codeOf, equal, namesIn, textAt } from './case.ts';

export const CHANGE_CASES: readonly BlobCase[] = [
  {
    promise: 'a rename moves the object',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'x.part'), textSource('x'));
      yield* storage.rename(joinKey(base, 'x.part'), joinKey(base, 'x.dat'));
      equal(yield* namesIn(storage, base), ['x.dat']);
      equal(yield* textAt(storage, joinKey(base, 'x.dat')), 'x');
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
      equal(code, refuses ? 'blob-error' : undefined);
      equal(yield* namesIn(storage, base), refuses ? ['from', 'to'] : ['to']);
      equal(yield* textAt(storage, to), refuses ? 'to' : 'from');
    },
  },
  {
    promise: 'renaming what is not there is blob-not-found',
    *check({ storage, base }) {
      const code = yield* codeOf(storage.rename(joinKey(base, 'from'), joinKey(base, 'to')));
      equal(code, 'blob-not-found');
      equal(yield* namesIn(storage, base), []);
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
      equal(yield* namesIn(storage, base), ['ab']);
      equal(yield* namesIn(storage, joinKey(base, 'ab')), ['x', 'z']);
      equal(yield* storage.stat(joinKey(base, 'a', 'z')), undefined);
    },
  },
  {
    promise: 'deleting what is not there is fine',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'object'), textSource('x'));
      yield* storage.delete(joinKey(base, 'nothing'));
      yield* storage.delete(joinKey(base, 'no', 'thing'));
      yield* storage.delete(joinKey(base, 'object', 'below'));
      equal(yield* namesIn(storage, base), ['object']);
    },
  },
  {
    promise: 'an emptied directory stays or goes, as the traits say',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'dir', 'object'), textSource('x'));
      yield* storage.delete(joinKey(base, 'dir', 'object'));
      equal(yield* namesIn(storage, base), storage.traits.hasDirectories ? ['dir'] : []);
    },
  },
  {
    promise: 'where directories exist, no object takes the name of one, nor lies below an object',
    *check({ storage, base }) {
      if (!storage.traits.hasDirectories) return;
      yield* storage.put(joinKey(base, 'dir', 'object'), textSource('x'));
      equal(yield* codeOf(storage.put(joinKey(base, 'dir'), textSource('y'))), 'blob-error');
      const below = joinKey(base, 'dir', 'object', 'below');
      equal(yield* codeOf(storage.put(below, textSource('y'))), 'blob-error');
      equal(yield* textAt(storage, joinKey(base, 'dir', 'object')), 'x');
    },
  },
];
