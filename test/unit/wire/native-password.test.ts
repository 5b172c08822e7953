import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashNativePassword } from '../../../src/base/native-password-hash.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import {
  accessDeniedError,
  createSalt,
  scrambleNativePassword,
  verifyNativePassword,
} from '../../../src/wire/native-password.ts';

const salts = fc.uint8Array({ minLength: 20, maxLength: 20 });

const NOBODY = { endSoon() {}, cut() {} };

describe('mysql_native_password', () => {
  test('stores what MySQL stores for the password "password"', () => {
    expect(Buffer.from(hashNativePassword('password')).toString('hex').toUpperCase()).toBe(
      '2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19',
    );
  });

  test('accepts the right password and no other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), salts, (password, other, salt) => {
        const storedHash = hashNativePassword(password);
        const response = scrambleNativePassword(other, salt);
        expect(verifyNativePassword({ storedHash, response, salt })).toBe(password === other);
      }),
    );
  });

  test('a response to another salt is worth nothing', () => {
    const storedHash = hashNativePassword('secret');
    const response = scrambleNativePassword('secret', Buffer.alloc(20, 1));
    expect(verifyNativePassword({ storedHash, response, salt: Buffer.alloc(20, 2) })).toBe(false);
  });

  test('a response or a stored hash of a wrong length is refused, not an error', () => {
    const salt = Buffer.alloc(20, 1);
    const storedHash = hashNativePassword('secret');
    for (const length of [0, 1, 19, 21, 4096]) {
      const bytes = Buffer.alloc(length);
      expect(verifyNativePassword({ storedHash, response: bytes, salt })).toBe(false);
      const response = scrambleNativePassword('secret', salt);
      expect(verifyNativePassword({ storedHash: bytes, response, salt })).toBe(false);
    }
  });

  test('salts hold neither NUL nor a dollar sign nor bytes above 127', () => {
    const random = new SeededRandom(1n);
    for (let round = 0; round < 200; round += 1) {
      for (const byte of createSalt(random)) {
        expect(byte > 0 && byte < 128 && byte !== 0x24).toBe(true);
      }
    }
  });

  test('a refusal says whether a password was sent', () => {
    const from = {
      user: 'bob',
      remoteHost: 'h',
      connectionId: 1,
      isEncrypted: false,
      remotePort: 1,
      control: NOBODY,
    };
    const request = { ...from, salt: Buffer.alloc(20) };
    expect(accessDeniedError({ ...request, response: Buffer.alloc(20) }).message).toBe(
      "Access denied for user 'bob'@'h' (using password: YES)",
    );
    expect(accessDeniedError({ ...request, response: Buffer.alloc(0) }).message).toBe(
      "Access denied for user 'bob'@'h' (using password: NO)",
    );
  });
});
