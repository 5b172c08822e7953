/** Files that have a size and a digest in place of bytes, and the lists of names they stand in. */
import { describe, expect, test } from 'vitest';
import { createLocalFiles } from '../../../src/base/local-files.ts';
import { MemoryEntries } from '../../../src/base/memory-entries.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow, toPromise } from '../../../src/base/op.ts';
import { GIB } from '../../../src/base/units.ts';

const MD5 = '0123456789abcdef0123456789abcdef';

describe('a hollow file', () => {
  test('has the size and digest it was given, under every name', () => {
    const files = new MemoryFiles();
    runNow(files.createHollow('/a', 100 * GIB, MD5));
    runNow(files.clone('/a', '/b'));
    runNow(files.rename('/a', '/c'));
    for (const path of ['/b', '/c']) {
      const stat = runNow(files.stat(path));
      expect(stat).toMatchObject({ isFile: true, sizeBytes: 100 * GIB, isHollow: true });
      expect(runNow(files.md5(path))).toBe(MD5);
    }
  });

  test('has another digest once it is damaged or cut', () => {
    const files = new MemoryFiles();
    for (const path of ['/damaged', '/cut', '/whole']) {
      runNow(files.createHollow(path, 1000, MD5));
    }
    runNow(files.unsafeOverwrite('/damaged', 10, Buffer.from('x')));
    runNow(files.truncate('/cut', 999));
    const digests = ['/damaged', '/cut', '/whole'].map((path) => runNow(files.md5(path)));
    expect(new Set(digests).size).toBe(3);
    expect(digests[2]).toBe(MD5);
  });

  test('is refused by a disk that keeps bytes', async () => {
    const made = toPromise(createLocalFiles().createHollow('/nowhere/f', 1, MD5));
    await expect(made).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('is told apart from one with bytes', () => {
    const files = new MemoryFiles();
    const writer = runNow(files.create('/real'));
    runNow(writer.write(Buffer.from('x')));
    expect(runNow(files.stat('/real'))).not.toHaveProperty('isHollow');
  });
});

test('a list of names is a map, in the order in which names came', () => {
  const entries = new MemoryEntries<number>();
  const expected = new Map<string, number>();
  const steps: readonly (readonly [string, number | undefined])[] = [
    ['a', 1],
    ['a', 2],
    ['b', undefined],
    ['a', undefined],
    ['b', 3],
    ['c', 4],
    ['b', undefined],
    ['c', undefined],
    ['d', 5],
  ];
  for (const [name, value] of steps) {
    if (value === undefined) {
      entries.delete(name);
      expected.delete(name);
    } else {
      entries.set(name, value);
      expected.set(name, value);
    }
    expect([...entries]).toEqual([...expected]);
    expect(entries.size).toBe(expected.size);
    for (const each of ['a', 'b', 'c', 'd']) {
      expect([entries.has(each), entries.get(each)]).toEqual([
        expected.has(each),
        expected.get(each),
      ]);
    }
  }
});
