/**
 * Chance. Everything that needs a random number takes a `Random`; a seeded one makes a run repeat.
 */
import { randomBytes } from 'node:crypto';

export interface Random {
  /** A whole number in [0, 2^32). */
  uint32(): number;
}

export const realRandom: Random = Object.freeze({
  uint32: () => randomBytes(4).readUInt32LE(0),
});

/** A number in [0, 1). */
export function fraction(random: Random): number {
  return random.uint32() / 2 ** 32;
}

/** A whole number in [0, limit). */
export function below(random: Random, limit: number): number {
  return Math.floor(fraction(random) * limit);
}

export function bytesFrom(random: Random, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (; at + 4 <= count; at += 4) view.setUint32(at, random.uint32(), true);
  for (; at < count; at += 1) bytes[at] = random.uint32() & 0xff;
  return bytes;
}

/** A version-4 UUID in its usual text form. */
export function uuid(random: Random): string {
  const bytes = bytesFrom(random, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/** Keeps a fork with an empty name apart from its parent. */
const FORK_SALT = 0x666f726bn;

/** sfc32 by Chris Doty-Humphrey: small, fast, passes PractRand; splitmix64 spreads the seed. */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  readonly #seed: bigint;

  constructor(seed: bigint) {
    this.#seed = BigInt.asUintN(64, seed);
    let state = BigInt.asUintN(64, seed);
    const spread = (): number => {
      state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
      let mixed = state;
      mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
      mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
      return Number((mixed ^ (mixed >> 31n)) & 0xffffffffn);
    };
    this.#a = spread();
    this.#b = spread();
    this.#c = spread();
    for (let round = 0; round < 12; round += 1) this.uint32();
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A second source that does not disturb the first: same seed and name, same numbers. */
  fork(name: string): SeededRandom {
    let seed = this.#seed ^ FORK_SALT;
    for (const char of name)
      seed = BigInt.asUintN(64, seed * 31n + BigInt(char.codePointAt(0) ?? 0));
    return new SeededRandom(seed);
  }
}
