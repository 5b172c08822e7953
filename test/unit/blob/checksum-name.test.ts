import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeBackendName,
  decodeChecksumName,
  encodeChecksumName,
  partName,
} from '../../../src/blob/checksum-name.ts';

const md5 = fc.string({ minLength: 32, maxLength: 32 }).filter((text) => !text.includes('.'));
const hexDigest = '563d1d10b728b24b0d10fe0100cddfb8';

test('invariant 1: what is encoded is decoded, and an unfinished name is invalid', () => {
  fc.assert(
    fc.property(fc.string(), md5, (name, digest) => {
      const encoded = encodeChecksumName(name, digest);
      expect(decodeChecksumName(encoded)).toEqual({ name, md5: digest });
      expect(decodeChecksumName(partName(name))).toBeUndefined();
    }),
  );
});

test('invariant 2: names that the frontend takes, backends split in the same way', () => {
  const anyName = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.string(), fc.string({ minLength: 30, maxLength: 33 }))
      .map((parts) => parts.join('.')),
  );
  fc.assert(
    fc.property(anyName, (fileName) => {
      const decoded = decodeChecksumName(fileName);
      if (decoded !== undefined) expect(decodeBackendName(fileName)).toEqual(decoded);
    }),
  );
});

test('the frontend wants 32 characters after the last dot, whatever they are', () => {
  expect(decodeChecksumName(`__info_a.b.${hexDigest}`)).toEqual({
    name: '__info_a.b',
    md5: hexDigest,
  });
  expect(decodeChecksumName(`x.${'Z'.repeat(32)}`)?.md5).toBe('Z'.repeat(32));
  for (const name of ['', 'x', 'x.', `x${hexDigest}`, `x.${hexDigest}0`, 'x.dat.part']) {
    expect(decodeChecksumName(name)).toBeUndefined();
  }
});

test('backends take any text after the last dot, so an unfinished file never verifies', () => {
  expect(decodeBackendName('x.dat.part')).toEqual({ name: 'x.dat', md5: 'part' });
  expect(decodeBackendName('meta.1')).toEqual({ name: 'meta', md5: '1' });
  expect(decodeBackendName('meta')).toBeUndefined();
  expect(decodeBackendName('meta.')).toBeUndefined();
});
