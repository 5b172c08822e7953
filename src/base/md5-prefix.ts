/**
 * MD5 (RFC 1321) of many short files that begin alike: what they share is worked in once, which
 * leaves a block or two of each. For any other bytes `node:crypto` is faster.
 */

const BLOCK_BYTES = 64;
const BLOCK_WORDS: number = BLOCK_BYTES / 4;
/** Bytes after the end of a text that belong to its last block: a mark and the length. */
const PADDING_BYTES = 9;
const PADDING_MARK = 0x80;

const INITIAL: readonly number[] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

/** Of each of the 64 steps: what is added, and by how many bits the sum turns left. */
const ADDENDS: Int32Array = Int32Array.from(
  { length: 64 },
  (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32) | 0,
);
const TURNS: Uint8Array = Uint8Array.from(
  [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
  ].flatMap((round) => [...round, ...round, ...round, ...round]),
);

/** MD5 takes the bytes of a word from the lowest on, and so must this machine. */
export const HAS_MD5_WORDS: boolean = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

export class Md5Prefix {
  readonly #shared: Int32Array;
  readonly #sharedBytes: number;
  /** What is left of the prefix after whole blocks. */
  readonly #rest: Uint8Array;
  /** The last blocks of the text that is asked for. */
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #state = new Int32Array(4);
  readonly #digest: Buffer = Buffer.from(this.#state.buffer);

  /** After the prefix come at most so many bytes. */
  constructor(prefix: Uint8Array, moreBytesMax: number) {
    const wholeBytes = prefix.length - (prefix.length % BLOCK_BYTES);
    this.#sharedBytes = prefix.length;
    this.#rest = prefix.slice(wholeBytes);
    this.#shared = Int32Array.from(INITIAL, (word) => word | 0);
    const whole = new Int32Array(new Uint8Array(prefix.subarray(0, wholeBytes)).buffer);
    for (let at = 0; at < whole.length; at += BLOCK_WORDS) mix(this.#shared, whole, at);
    const room = blockCount(this.#rest.length + moreBytesMax) * BLOCK_BYTES;
    this.#bytes = new Uint8Array(room);
    this.#words = new Int32Array(this.#bytes.buffer);
  }

  /** In hex, of the prefix, then this text of ASCII alone, then these bytes. */
  digest(text: string, tail: Uint8Array): string {
    const bytes = this.#bytes;
    let length = this.#rest.length;
    bytes.fill(0);
    bytes.set(this.#rest);
    for (let at = 0; at < text.length; at += 1, length += 1) bytes[length] = text.charCodeAt(at);
    for (let at = 0; at < tail.length; at += 1, length += 1) bytes[length] = tail[at] ?? 0;
    bytes[length] = PADDING_MARK;
    const words = this.#words;
    const wordCount = blockCount(length) * BLOCK_WORDS;
    const bits = (this.#sharedBytes + text.length + tail.length) * 8;
    words[wordCount - 2] = bits | 0;
    words[wordCount - 1] = Math.floor(bits / 2 ** 32);
    this.#state.set(this.#shared);
    for (let at = 0; at < wordCount; at += BLOCK_WORDS) mix(this.#state, words, at);
    return this.#digest.toString('hex');
  }
}

const blockCount = (textBytes: number): number =>
  Math.ceil((textBytes + PADDING_BYTES) / BLOCK_BYTES);

/** Works the 16 words from `at` on into the state. */
function mix(state: Int32Array, words: Int32Array, at: number): void {
  // One by one: taking a list apart goes through its iterator.
  const a0 = state[0] ?? 0;
  const b0 = state[1] ?? 0;
  const c0 = state[2] ?? 0;
  const d0 = state[3] ?? 0;
  let a = a0;
  let b = b0;
  let c = c0;
  let d = d0;
  for (let step = 0; step < 64; step += 1) {
    let mixed: number;
    let word: number;
    if (step < 16) {
      mixed = (b & c) | (~b & d);
      word = step;
    } else if (step < 32) {
      mixed = (d & b) | (~d & c);
      word = 5 * step + 1;
    } else if (step < 48) {
      mixed = b ^ c ^ d;
      word = 3 * step + 5;
    } else {
      mixed = c ^ (b | ~d);
      word = 7 * step;
    }
    const sum = (a + mixed + (ADDENDS[step] ?? 0) + (words[at + (word & 15)] ?? 0)) | 0;
    const turn = TURNS[step] ?? 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0;
  }
  state[0] = a0 + a;
  state[1] = b0 + b;
  state[2] = c0 + c;
  state[3] = d0 + d;
}
