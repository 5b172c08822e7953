import { expect, test } from 'vitest';
import { NO_QUIRKS, QUIRK_NAMES, QUIRKS, quirksOf } from '../../../src/base/quirks.ts';

test('quirks are off until named, and each can be named alone', () => {
  expect(Object.values(NO_QUIRKS)).toEqual(QUIRK_NAMES.map(() => false));
  for (const name of QUIRK_NAMES) {
    expect(quirksOf([name])).toEqual({ ...NO_QUIRKS, [name]: true });
    expect(Object.isFrozen(quirksOf([name]))).toBe(true);
  }
});

test('an unknown quirk is refused with the nearest names', () => {
  expect(() => quirksOf(['partFileCount'])).toThrow(
    /unknown quirk 'partFileCount'; the nearest are partFilesCount/,
  );
});

test('every quirk says which of the numbered ones it is, none twice', () => {
  const numbers = QUIRK_NAMES.flatMap((name) => QUIRKS[name].numbers);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const number of numbers) expect(number).toMatch(/^(Q|#)\d+$/);
});
