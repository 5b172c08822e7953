/**
 * Bytes that follow from a seed and a position, cheap to make anywhere in a file of any size. They
 * do not compress, so that stores cannot cheat in a benchmark.
 */
import { createCipheriv } from 'node:crypto';

const BLOCK_BYTES = 16;

/** The key stream of AES-128-CTR: gigabytes per second, and any block can be reached at once. */
export function seededBytes(seed: number, start: number, count: number): Uint8Array {
  const firstBlock = Math.floor(start / BLOCK_BYTES);
  const skip = start - firstBlock * BLOCK_BYTES;
  const key = Buffer.alloc(BLOCK_BYTES);
  key.writeDoubleLE(seed, 0);
  const counter = Buffer.alloc(BLOCK_BYTES);
  counter.writeBigUInt64BE(BigInt(firstBlock), 8);
  const cipher = createCipheriv('aes-128-ctr', key, counter);
  return cipher.update(Buffer.alloc(skip + count)).subarray(skip);
}
