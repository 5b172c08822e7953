/** Copies of bytes for what lives in memory, cheap also for a million small ones. */
import { KIB } from './units.ts';

/** Small files share slabs: a million of them are a million views, not a million allocations. */
const SLAB_BYTES = 64 * KIB;
const SLAB_FILE_BYTES_MAX = 4 * KIB;

let slab = new Uint8Array(0);
let slabUsedBytes = 0;

/** A copy of its own, perhaps beside others in one buffer. */
export function keptCopy(bytes: Uint8Array): Uint8Array {
  if (bytes.length > SLAB_FILE_BYTES_MAX) return copyOf(bytes);
  if (slabUsedBytes + bytes.length > slab.length) {
    slab = new Uint8Array(SLAB_BYTES);
    slabUsedBytes = 0;
  }
  const kept = slab.subarray(slabUsedBytes, slabUsedBytes + bytes.length);
  kept.set(bytes);
  slabUsedBytes += bytes.length;
  return kept;
}

/** `slice` of a Buffer would share its bytes. */
export function copyOf(bytes: Uint8Array, start?: number, end?: number): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes, start, end);
}
