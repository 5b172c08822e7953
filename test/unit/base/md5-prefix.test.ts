/** MD5 of files that begin alike is the MD5 of their bytes. */
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Md5Prefix } from '../../../src/base/md5-prefix.ts';
import { NumberedBytes, NumberedTemplate } from '../../../src/base/numbered-bytes.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' });

test('a prefix, digits and a tail of any length hash as one text', () => {
  fc.assert(
    fc.property(
      bytes(200),
      fc.array(fc.maxSafeInteger(), { maxLength: 5 }),
      bytes(64),
      (head, numbers, tail) => {
        const prefix = new Md5Prefix(head, 17 + tail.length);
        for (const digits of numbers.map(String)) {
          const whole = Buffer.concat([head, Buffer.from(digits), tail]);
          expect(prefix.digest(digits, tail)).toBe(hash('md5', whole));
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('bytes of a template have the MD5 of their copy, the first and every later one', () => {
  for (const tailBytes of [0, 3, 64, 65, 500]) {
    const template = new NumberedTemplate(Buffer.alloc(477, 'h'), Buffer.alloc(tailBytes, 't'));
    for (const number of [7, 8, 99, 12_345, Number.MAX_SAFE_INTEGER]) {
      const made = new NumberedBytes(template, number);
      expect(made.md5).toBe(hash('md5', made.toBytes()));
    }
  }
});
