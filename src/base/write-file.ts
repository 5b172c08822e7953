/**
 * Whole files and folders that a crash leaves either old or new, never half. Rests on what
 * `files.ts` says about syncing.
 */
import type { ByteWriter, Files } from './files.ts';
import { STREAM_CHUNK_BYTES } from './files.ts';
import type { Op } from './op.ts';

/** What a file is called while it is being written. A leftover of a crash is replaced. */
export const ASIDE_SUFFIX = '.tmp';

/**
 * Writes a file so that after a crash the name stands for all of the new content or for what it
 * stood for before; all of the new once this has returned. Text is written as UTF-8.
 */
export function* writeFileDurably(
  files: Files,
  path: string,
  chunks: Iterable<string | Uint8Array>,
): Op<void> {
  const aside = `${path}${ASIDE_SUFFIX}`;
  yield* files.remove(aside);
  try {
    const writer = yield* files.create(aside);
    yield* writeAndClose(writer, chunks);
    yield* files.rename(aside, path);
  } catch (error) {
    yield* files.remove(aside);
    throw error;
  }
  yield* files.syncDirectory(directoryOf(path));
}

function* writeAndClose(writer: ByteWriter, chunks: Iterable<string | Uint8Array>): Op<void> {
  try {
    for (const bytes of gathered(chunks)) yield* writer.write(bytes);
    yield* writer.sync();
  } finally {
    yield* writer.close();
  }
}

/** Small pieces joined to chunks worth writing; large ones pass as they are. */
export function* gathered(chunks: Iterable<string | Uint8Array>): Iterable<Uint8Array> {
  let parts: Uint8Array[] = [];
  let text = '';
  let sizeBytes = 0;
  const closeText = (): void => {
    if (text === '') return;
    const bytes = Buffer.from(text, 'utf8');
    text = '';
    parts.push(bytes);
    sizeBytes += bytes.length;
  };
  for (const chunk of chunks) {
    if (typeof chunk === 'string') {
      text += chunk;
      if (text.length < STREAM_CHUNK_BYTES) continue;
      closeText();
    } else {
      closeText();
      parts.push(chunk);
      sizeBytes += chunk.length;
    }
    if (sizeBytes < STREAM_CHUNK_BYTES) continue;
    yield parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    parts = [];
    sizeBytes = 0;
  }
  closeText();
  if (parts.length > 0) yield Buffer.concat(parts);
}

/** Creates a directory with its missing parents; all their names are durable when it returns. */
export function* makeDirectoryDurably(files: Files, path: string): Op<void> {
  const missing: string[] = [];
  let at = path;
  while (at !== '/' && (yield* files.stat(at)) === undefined) {
    missing.push(at);
    at = directoryOf(at);
  }
  yield* files.makeDirectory(path);
  // From the top: a name inside a directory that may vanish is not durable.
  for (const directory of missing.reverse()) yield* files.syncDirectory(directoryOf(directory));
}

/** Of an absolute path with `/`. */
export function directoryOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}
