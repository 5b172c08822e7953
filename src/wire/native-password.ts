/**
 * `mysql_native_password`: what a server stores, what a client sends, and whether they agree
 * (sql-surface.md 1.2). Pure functions; the frontend keeps the stored hashes.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { SimError } from '../base/errors.ts';
import { below, type Random } from '../base/random.ts';
import { SALT_BYTES } from './protocol-numbers.ts';
import type { LoginRequest } from './query-handler.ts';

const SHA1_BYTES = 20;

const sha1 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const xor = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  left.map((byte, index) => byte ^ (right[index] ?? 0));

/** What a client sends: SHA1(pw) XOR SHA1(salt + SHA1(SHA1(pw))); nothing for an empty password. */
export function scrambleNativePassword(password: string, salt: Uint8Array): Uint8Array {
  if (password === '') return new Uint8Array(0);
  const once = sha1(Buffer.from(password, 'utf8'));
  return new Uint8Array(xor(once, sha1(salt, sha1(once))));
}

/** What `verifyNativePassword` compares. */
export interface NativePasswordCheck {
  /** SHA1(SHA1(password)); empty means that the user has no password. */
  readonly storedHash: Uint8Array;
  readonly response: Uint8Array;
  readonly salt: Uint8Array;
}

/** Whether a client's response proves that it knows the password behind the stored hash. */
export function verifyNativePassword(check: NativePasswordCheck): boolean {
  const { storedHash, response, salt } = check;
  if (storedHash.length === 0) return response.length === 0;
  if (storedHash.length !== SHA1_BYTES || response.length !== SHA1_BYTES) return false;
  const once = xor(response, sha1(salt, storedHash));
  return timingSafeEqual(sha1(once), storedHash);
}

/** The refusal of a login in MySQL's words; NO means that the response was empty. */
export function accessDeniedError(request: LoginRequest): SimError {
  const isPasswordUsed = request.response.length > 0 ? 'YES' : 'NO';
  return new SimError(
    'access-denied-login',
    `Access denied for user '${request.user}'@'${request.remoteHost}' ` +
      `(using password: ${isPasswordUsed})`,
  );
}

/** 20 bytes that clients can read as text: 7 bits, neither the end mark nor the dollar sign. */
export function createSalt(random: Random): Uint8Array {
  const salt = new Uint8Array(SALT_BYTES);
  for (let index = 0; index < SALT_BYTES; index += 1) {
    const byte = 1 + below(random, 126);
    salt[index] = byte === DOLLAR ? 127 : byte;
  }
  return salt;
}

const DOLLAR = 0x24;
