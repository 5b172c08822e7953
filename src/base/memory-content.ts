/**
 * Bytes of a file of a simulated disk: real ones, of which a part is synced, or hollow ones that
 * follow from a seed and take no room however large the file is.
 */
import { createHash, hash as hashOf } from 'node:crypto';
import { SimError } from './errors.ts';
import { copyOf, keptCopy } from './kept-bytes.ts';
import { seededBytes } from './seeded-bytes.ts';
import { MIB } from './units.ts';

/** Damage done to a hollow file on purpose. */
interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface HollowSource {
  readonly seed: number;
  /** Of a file that came from a store: the digest it had there, of whatever damage too. */
  readonly md5: string | undefined;
  /** When it was made: a digest holds for that size alone. */
  readonly sizeBytes: number;
  readonly patches: readonly Patch[];
}

export interface MemoryContent {
  readonly sizeBytes: number;
  /** So much of it is durable; the rest was written and not synced. */
  readonly syncedBytes: number;
  /** Real bytes, perhaps with room behind them. Bytes before `sizeBytes` never change in place. */
  readonly buffer: Uint8Array;
  readonly hollow: HollowSource | undefined;
  /** Rises with every change of any file: what stands for the time of change. */
  readonly changed: number;
}

/** A hollow file that something is written to becomes a real one, up to this size. */
export const HOLLOW_WRITTEN_BYTES_MAX: number = 64 * MIB;

const NO_BYTES = new Uint8Array(0);
const FIRST_ROOM_BYTES = 64;

export function emptyContent(changed: number): MemoryContent {
  return { sizeBytes: 0, syncedBytes: 0, buffer: NO_BYTES, hollow: undefined, changed };
}

/** A copy of all the bytes there will be, synced. */
export function keptContent(bytes: Uint8Array, changed: number): MemoryContent {
  const sizeBytes = bytes.length;
  return { sizeBytes, syncedBytes: sizeBytes, buffer: keptCopy(bytes), hollow: undefined, changed };
}

export function hollowContent(sizeBytes: number, seed: number, changed: number): MemoryContent {
  const hollow = { seed, md5: undefined, sizeBytes, patches: [] };
  return { sizeBytes, syncedBytes: sizeBytes, buffer: NO_BYTES, hollow, changed };
}

/** Its bytes, should anyone read them, follow from the digest. */
export function hollowOfDigest(sizeBytes: number, md5: string, changed: number): MemoryContent {
  const hollow = { seed: Number.parseInt(md5.slice(0, 12), 16), md5, sizeBytes, patches: [] };
  return { sizeBytes, syncedBytes: sizeBytes, buffer: NO_BYTES, hollow, changed };
}

export function appended(
  content: MemoryContent,
  bytes: Uint8Array,
  changed: number,
): MemoryContent {
  const old = asReal(content);
  const sizeBytes = old.sizeBytes + bytes.length;
  let { buffer } = old;
  // The first write is often the only one, so it gets no room to grow.
  if (old.sizeBytes === 0) return { ...old, buffer: keptCopy(bytes), sizeBytes, changed };
  if (sizeBytes > buffer.length) {
    buffer = new Uint8Array(Math.max(FIRST_ROOM_BYTES, sizeBytes * 2));
    buffer.set(old.buffer.subarray(0, old.sizeBytes));
  }
  buffer.set(bytes, old.sizeBytes);
  return { ...old, buffer, sizeBytes, changed };
}

export function synced(content: MemoryContent): MemoryContent {
  if (content.syncedBytes === content.sizeBytes) return content;
  return { ...content, syncedBytes: content.sizeBytes };
}

/** Shorter, or longer with zeros; durable. */
export function resized(content: MemoryContent, sizeBytes: number, changed: number): MemoryContent {
  if (content.hollow !== undefined && sizeBytes <= content.sizeBytes) {
    return { ...content, sizeBytes, syncedBytes: sizeBytes, changed };
  }
  const old = asReal(content);
  const buffer = new Uint8Array(sizeBytes);
  buffer.set(old.buffer.subarray(0, Math.min(sizeBytes, old.sizeBytes)));
  return { sizeBytes, syncedBytes: sizeBytes, buffer, hollow: undefined, changed };
}

/** Other bytes at an offset; durable, like damage is. */
export function overwritten(
  content: MemoryContent,
  offset: number,
  bytes: Uint8Array,
  changed: number,
): MemoryContent {
  const sizeBytes = Math.max(content.sizeBytes, offset + bytes.length);
  if (content.hollow !== undefined && sizeBytes === content.sizeBytes) {
    const patches = [...content.hollow.patches, { offset, bytes: copyOf(bytes) }];
    return { ...content, hollow: { ...content.hollow, patches }, changed };
  }
  const longer = resized(asReal(content), sizeBytes, changed);
  longer.buffer.set(bytes, offset);
  return longer;
}

/** What a crash leaves when `keptBytes` of what was not synced survive. */
export function afterCrash(content: MemoryContent, keptBytes: number): MemoryContent {
  const sizeBytes = content.syncedBytes + keptBytes;
  if (content.hollow !== undefined) return { ...content, sizeBytes, syncedBytes: sizeBytes };
  // No room behind: the disk before the crash may still write there.
  const buffer = content.buffer.subarray(0, sizeBytes);
  return { ...content, buffer, sizeBytes, syncedBytes: sizeBytes };
}

/** A copy of the bytes in `[start, end)`, which must lie inside the file. */
export function bytesOf(content: MemoryContent, start: number, end: number): Uint8Array {
  if (content.hollow === undefined) return keptCopy(content.buffer.subarray(start, end));
  const bytes = seededBytes(content.hollow.seed, start, end - start);
  for (const patch of content.hollow.patches) {
    const from = Math.max(start, patch.offset);
    const to = Math.min(end, patch.offset + patch.bytes.length);
    if (from >= to) continue;
    bytes.set(patch.bytes.subarray(from - patch.offset, to - patch.offset), from - start);
  }
  return bytes;
}

/** Of hollow content not that of its bytes, which would take too long, but as telling. */
export function md5Of(content: MemoryContent): string {
  if (content.hollow === undefined) {
    return hashOf('md5', content.buffer.subarray(0, content.sizeBytes));
  }
  const hash = createHash('md5');
  const { seed, md5, sizeBytes, patches } = content.hollow;
  const isWhole = patches.length === 0 && content.sizeBytes === sizeBytes;
  if (md5 !== undefined && isWhole) return md5;
  hash.update(`hollow ${md5 ?? seed} ${content.sizeBytes}`);
  for (const patch of patches) hash.update(` ${patch.offset} `).update(patch.bytes);
  return hash.digest('hex');
}

function asReal(content: MemoryContent): MemoryContent {
  if (content.hollow === undefined) return content;
  if (content.sizeBytes > HOLLOW_WRITTEN_BYTES_MAX) {
    const text = `a hollow file above ${HOLLOW_WRITTEN_BYTES_MAX} bytes cannot be written to`;
    throw new SimError('limit-reached', text);
  }
  return { ...content, buffer: bytesOf(content, 0, content.sizeBytes), hollow: undefined };
}
