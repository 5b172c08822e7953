import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runNow } from '../../../src/base/op.ts';
import {
  bytesSource,
  hollowSource,
  readObject,
  textSource,
} from '../../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';

test('of a hollow source the size and digest are kept, and no bytes are asked for', () => {
  const blob = new MemoryBlob();
  const hollow = { sizeBytes: 10 ** 12, md5: '0123456789abcdef0123456789abcdef' };
  runNow(blob.put('/a/x.part', hollowSource(hollow)));
  runNow(blob.rename('/a/x.part', '/a/x'));
  expect(runNow(blob.stat('/a/x'))).toEqual({
    name: 'x',
    isFile: true,
    sizeBytes: 10 ** 12,
    hollow,
  });
  expect(runNow(blob.list('/a'))).toHaveLength(1);
  expect(() => runNow(blob.get('/a/x'))).toThrow('hollow');
});

test('HDFS makes no directory for a rename', () => {
  const blob = new MemoryBlob('hdfs');
  runNow(blob.put('/a/x', textSource('x')));
  expect(() => runNow(blob.rename('/a/x', '/b/x'))).toThrow('no directory /b');
  expect(blob.keys()).toEqual(['/a/x']);
});

test('an object store may hold an object and objects below it', () => {
  const blob = new MemoryBlob();
  runNow(blob.put('/a', textSource('1')));
  runNow(blob.put('/a/b', textSource('2')));
  expect(runNow(blob.list('/'))).toEqual([
    { name: 'a', isFile: true, sizeBytes: 1 },
    { name: 'a', isFile: false, sizeBytes: -1 },
  ]);
  runNow(blob.rename('/a', '/c'));
  expect(blob.keys()).toEqual(['/a/b', '/c']);
});

test('changing bytes that were put or read does not reach the store', () => {
  const blob = new MemoryBlob();
  const bytes = new TextEncoder().encode('safe');
  runNow(blob.put('/a', bytesSource(bytes)));
  const read = runNow(runNow(blob.get('/a')).read());
  read?.fill(0);
  bytes.fill(0);
  expect(Buffer.from(runNow(readObject(blob, '/a', 10))).toString()).toBe('safe');
});

test('an object store behaves as a map from keys to texts', () => {
  const key = fc
    .array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 3 })
    .map((parts) => `/${parts.join('/')}`);
  const step = fc.oneof(
    fc.record({ do: fc.constant('put' as const), key, text: fc.string({ maxLength: 3 }) }),
    fc.record({ do: fc.constant('delete' as const), key }),
    fc.record({ do: fc.constant('rename' as const), key, to: key }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const blob = new MemoryBlob();
      const model = new Map<string, string>();
      for (const each of steps) {
        if (each.do === 'put') {
          runNow(blob.put(each.key, textSource(each.text)));
          model.set(each.key, each.text);
        } else if (each.do === 'delete') {
          runNow(blob.delete(each.key));
          for (const known of [...model.keys()]) {
            if (known === each.key || known.startsWith(`${each.key}/`)) model.delete(known);
          }
        } else {
          const text = model.get(each.key);
          if (text === undefined) {
            expect(() => runNow(blob.rename(each.key, each.to))).toThrow('no object');
            continue;
          }
          runNow(blob.rename(each.key, each.to));
          model.delete(each.key);
          model.set(each.to, text);
        }
      }
      expect(blob.keys()).toEqual([...model.keys()].sort());
      for (const [known, text] of model) {
        expect(Buffer.from(runNow(readObject(blob, known, 10))).toString()).toBe(text);
      }
      const isPrefix = [...model.keys()].some((known) => known.startsWith('/a/'));
      const listed = runNow(blob.list('/')).filter(({ name, isFile }) => name === 'a' && !isFile);
      expect(listed.length).toBe(isPrefix ? 1 : 0);
    }),
  );
});
