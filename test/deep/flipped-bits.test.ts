/** Every single bit of the metadata of a recorded run: flipped, it is noticed. */
import { expect, test } from 'vitest';
import { damagedFiles, unnoticed } from '../unit/metadata/flipped-bits.ts';

test.each(damagedFiles().map((file) => [file.name, file] as const))(
  'each bit of %s',
  (_name, file) => {
    process.stdout.write(`${file.name}: ${file.sizeBytes * 8} bits\n`);
    expect(unnoticed(file, 'all')).toEqual([]);
  },
);
