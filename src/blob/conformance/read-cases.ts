/** Promises of `get`, `stat` and `list`: complete, sorted, and every character of a key is data. */
import { isSimError } from '../../base/errors.ts';
import type { ByteRange } from '../../base/files.ts';
import { all, attempt, type Op } from '../../base/op.ts';
import { joinKey } from '../blob-key.ts';
import { textSource } from '../byte-source.ts';
import { type BlobCase, codeOf, equal, holds, namesIn, textAt } from './case.ts';

export const READ_CASES: readonly BlobCase[] = [
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
      equal(yield* read({ start: 2, end: 5 }), '234');
      equal(yield* read({ start: 7 }), '789');
      equal(yield* read({ start: 7, end: 99 }), '789');
      equal(yield* read({ start: 10 }), '');
      equal(yield* codeOf(read({ start: 11 })), 'blob-error');
    },
  },
  {
    promise: 'an object that is not there is blob-not-found, and the text names the key',
    *check({ storage, base }) {
      const key = joinKey(base, 'no', 'object');
      const outcome = yield* attempt(storage.get(key));
      const text = outcome.ok ? 'an object came back' : String(outcome.error);
      holds(!outcome.ok && isSimError(outcome.error, 'blob-not-found'), text);
      holds(text.includes(key), `the text does not name the key: ${text}`);
    },
  },
  {
    promise: 'a directory cannot be read as an object',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'dir', 'object'), textSource('x'));
      equal(yield* codeOf(storage.get(joinKey(base, 'dir'))), 'blob-not-found');
    },
  },
  {
    promise: 'stat tells an object from a directory and from nothing',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'dir', 'object'), textSource('four'));
      const object = yield* storage.stat(joinKey(base, 'dir', 'object'));
      equal(object, { name: 'object', isFile: true, sizeBytes: 4 });
      const directory = yield* storage.stat(joinKey(base, 'dir'));
      equal(directory, { name: 'dir', isFile: false, sizeBytes: -1 });
      equal(yield* storage.stat(joinKey(base, 'di')), undefined);
      equal(yield* storage.stat(joinKey(base, 'dir', 'object', 'below')), undefined);
    },
  },
  {
    promise: 'a list holds what lies directly below, sorted, with sizes',
    *check({ storage, base }) {
      for (const name of ['b', 'a.2', 'a', 'C']) {
        yield* storage.put(joinKey(base, name), textSource(name));
      }
      yield* storage.put(joinKey(base, 'dir', 'deep', 'object'), textSource('x'));
      equal(yield* storage.list(base), [
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
      equal(yield* namesIn(storage, base), names);
    },
  },
  {
    promise: 'listing what is not there, or an object, is empty',
    *check({ storage, base }) {
      yield* storage.put(joinKey(base, 'object'), textSource('x'));
      equal(yield* storage.list(joinKey(base, 'nothing')), []);
      equal(yield* storage.list(joinKey(base, 'nothing', 'deeper')), []);
      equal(yield* storage.list(joinKey(base, 'object')), []);
    },
  },
  {
    promise: 'characters of a key are data, never a pattern',
    *check({ storage, base }) {
      const refused = storage.traits.charactersRefused ?? '';
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
        'a;b',
      ]
        .filter((name) => ![...refused].some((character) => name.includes(character)))
        .sort();
      for (const name of names) {
        yield* storage.put(joinKey(base, name, 'object'), textSource(name));
      }
      equal(yield* namesIn(storage, base), names);
      for (const name of names) {
        equal(yield* textAt(storage, joinKey(base, name, 'object')), name);
      }
      yield* storage.delete(joinKey(base, '*'));
      for (const character of refused) {
        const key = joinKey(base, `a${character}b`);
        equal(yield* codeOf(storage.put(key, textSource('x'))), 'blob-error');
      }
      equal(
        yield* namesIn(storage, base),
        names.filter((name) => name !== '*'),
      );
    },
  },
  {
    promise: 'a key that is no absolute path is refused',
    *check({ storage }) {
      for (const key of ['relative', '/a//b', '/a/../b', '/a/./b', '/a/', '']) {
        equal(yield* codeOf(storage.stat(key)), 'bug');
        equal(yield* codeOf(storage.put(key, textSource('x'))), 'bug');
      }
    },
  },
];
