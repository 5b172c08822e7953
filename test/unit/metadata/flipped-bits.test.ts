/** One flipped bit in metadata is noticed. `npm run test:deep` flips every bit of every file. */
import { expect, test } from 'vitest';
import { damagedFiles, unnoticed } from './flipped-bits.ts';

const BITS = 250;

test.each(damagedFiles().map((file) => [file.name, file] as const))(
  'anywhere in %s',
  (_name, file) => {
    expect(file.isNoticed(0, 0)).toBe(true);
    expect(unnoticed(file, BITS)).toEqual([]);
  },
);
