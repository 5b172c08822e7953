import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesLike } from '../../../src/sql/like.ts';

describe('LIKE', () => {
  test.each([
    ['', '', true],
    ['', 'a', false],
    ['%', '', true],
    ['a%', 'abc', true],
    ['%c', 'abc', true],
    ['%b%', 'abc', true],
    ['a%c%', 'abcbd', true],
    ['a_c', 'abc', true],
    ['a_c', 'ac', false],
    ['_', '😀', true],
    ['sales_db_%', 'sales-db-x', true],
    [String.raw`a\_b`, 'a_b', true],
    [String.raw`a\_b`, 'axb', false],
    [String.raw`a\%`, 'a%', true],
    [String.raw`a\%`, 'ab', false],
    ['\\', '\\', true],
    [String.raw`a\b`, 'ab', true],
    ['.*', 'ab', false],
    ['ABC', 'abc', false],
    ['%_%', '', false],
  ])('%j on %j is %j', (pattern, text, matches) => {
    expect(matchesLike(pattern, text)).toBe(matches);
  });

  test('case counts unless told otherwise', () => {
    expect(matchesLike('A%', 'abc', { ignoreCase: true })).toBe(true);
    expect(matchesLike('A%', 'abc', { ignoreCase: false })).toBe(false);
  });

  test('says the same as a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_'), maxLength: 8 });
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (p, t) => {
        const source = p.replaceAll('%', '.*').replaceAll('_', '.');
        expect(matchesLike(p, t)).toBe(new RegExp(`^${source}$`).test(t));
      }),
    );
  });

  test('many wildcards end soon', () => {
    expect(matchesLike('%a'.repeat(50), 'b'.repeat(5000))).toBe(false);
  });
});
