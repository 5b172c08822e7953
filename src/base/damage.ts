/** Bytes as a failing disk or network leaves them; the same fault does the same again. */
import type { ByteFault } from './fault.ts';

/** Masks of bits to turn, by the byte they are in; none for a fault that turns no bits. */
export type BitFlips = ReadonlyMap<number, number>;

/** Which bits of so many bytes to turn: spread evenly. */
export function bitFlips(fault: ByteFault, sizeBytes: number): BitFlips {
  const masks = new Map<number, number>();
  if (fault.do !== 'corrupt' || sizeBytes <= 0) return masks;
  const bits = sizeBytes * 8;
  const count = Math.min(fault.bitFlips, bits);
  for (let flip = 0; flip < count; flip += 1) {
    const bit = Math.floor(((2 * flip + 1) * bits) / (2 * count));
    const at = Math.floor(bit / 8);
    masks.set(at, (masks.get(at) ?? 0) ^ (1 << (bit % 8)));
  }
  return masks;
}

/** A copy of a chunk that begins at `begin`, with its bits turned. */
export function turnBits(chunk: Uint8Array, begin: number, masks: BitFlips): Uint8Array {
  const turned = chunk.slice();
  for (const [at, mask] of masks) {
    const index = at - begin;
    const byte = turned[index];
    if (byte !== undefined) turned[index] = byte ^ mask;
  }
  return turned;
}

/** All bytes there are, damaged. */
export function damaged(fault: ByteFault, bytes: Uint8Array): Uint8Array {
  if (fault.do === 'cut') return bytes.subarray(0, fault.afterBytes);
  return turnBits(bytes, 0, bitFlips(fault, bytes.length));
}

/** What stands for other content of the same size, where there is a digest in place of bytes. */
export function otherDigest(md5: string): string {
  return `${md5.startsWith('0') ? '1' : '0'}${md5.slice(1)}`;
}
