/**
 * JSON text on its way out, in chunks: a table with many tablets is hundreds of megabytes of text
 * and never a string of its own. Writers add small pieces and yield a chunk when one is full.
 */

/** A chunk is at least this long, but for the last, and little longer. */
export const CHUNK_LENGTH: number = 64 * 1024;

export class JsonChunks {
  #text = '';

  add(piece: string): void {
    this.#text += piece;
  }

  /** A JSON value that is small. */
  addJson(value: unknown): void {
    this.#text += JSON.stringify(value);
  }

  get isFull(): boolean {
    return this.#text.length >= CHUNK_LENGTH;
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}

/** Runs a writer and gives its text as chunks. */
export function* chunksOf(write: (out: JsonChunks) => Iterable<string>): Iterable<string> {
  const out = new JsonChunks();
  yield* write(out);
  const rest = out.take();
  if (rest.length > 0) yield rest;
}

/** A JSON array or object whose entries are written one by one; yields between entries. */
export function* writeAll<T>(
  out: JsonChunks,
  brackets: '[]' | '{}',
  items: Iterable<T>,
  write: (item: T) => Iterable<string> | undefined,
): Iterable<string> {
  out.add(brackets.charAt(0));
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) out.add(',');
    isFirst = false;
    const chunks = write(item);
    if (chunks !== undefined) yield* chunks;
    if (out.isFull) yield out.take();
  }
  out.add(brackets.charAt(1));
}
