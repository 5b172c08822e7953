import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseName, isKey, joinKey, normalizeKey, parentKey } from '../../../src/blob/blob-key.ts';

test('repeated and trailing slashes go away', () => {
  expect(normalizeKey('/a//b///c/')).toBe('/a/b/c');
  expect(normalizeKey('///')).toBe('/');
});

test('what is relative or climbs up is no key', () => {
  for (const path of ['', 'a', 'a/b', '/a/../b', '/..', '/./a', '/a/.']) {
    expect(normalizeKey(path)).toBeUndefined();
  }
});

test('a joined key is a key again, and comes apart into what it was made of', () => {
  const segment = fc.string({ minLength: 1 }).filter((text) => !/^\.{1,2}$|\//.test(text));
  fc.assert(
    fc.property(fc.array(segment), segment, (above, name) => {
      const directory = joinKey('/', ...above) || '/';
      const key = joinKey(directory, name);
      expect(isKey(key)).toBe(true);
      expect(normalizeKey(key)).toBe(key);
      expect(parentKey(key)).toBe(directory);
      expect(baseName(key)).toBe(name);
    }),
  );
});

test('a part that is no single segment is refused', () => {
  for (const part of ['', '.', '..', 'a/b', '/'])
    expect(() => joinKey('/a', part)).toThrow('segment');
});
