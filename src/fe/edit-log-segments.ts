/**
 * The files of an edit log: segments `<first seq>.log`, read in order and held to the rules of
 * design.md 5, and side files. Only the end of the last segment may be torn.
 */
import { SimError } from '../base/errors.ts';
import { type Files, READ_BYTES_MAX } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import { type LineReading, type LogLine, readTail, readWholeLine } from './edit-log-line.ts';
import { seqOfSideName } from './edit-log-side.ts';

export interface Segment {
  readonly firstSeq: number;
  readonly path: string;
}

const SEGMENT_NAME = /^(\d{1,15})\.log$/;

export function segmentPath(directory: string, firstSeq: number): string {
  return `${directory}/${firstSeq}.log`;
}

/** In order of their records. */
export function* listSegments(files: Files, directory: string): Op<Segment[]> {
  const segments: Segment[] = [];
  for (const { name, isFile } of yield* files.list(directory)) {
    const match = SEGMENT_NAME.exec(name);
    if (isFile && match !== null) {
      segments.push({ firstSeq: Number(match[1]), path: `${directory}/${name}` });
    }
  }
  return segments.sort((a, b) => a.firstSeq - b.firstSeq);
}

/** Removes the side files of records that `isNeeded` does not keep. */
export function* removeSideFiles(
  files: Files,
  directory: string,
  isNeeded: (seq: number) => boolean,
): Op<number> {
  let removed = 0;
  for (const { name } of yield* files.list(directory)) {
    const seq = seqOfSideName(name);
    if (seq === undefined || isNeeded(seq)) continue;
    yield* files.remove(`${directory}/${name}`);
    removed += 1;
  }
  return removed;
}

export function damagedAt(path: string, offset: number, why: string, cause?: unknown): SimError {
  return new SimError('edit-log-damaged', `edit log ${path} is damaged at byte ${offset}: ${why}`, {
    hint: 'Restore the data directory from a copy; nothing was changed.',
    cause,
  });
}

export interface SegmentEnd {
  /** Length without a torn end. */
  readonly wholeBytes: number;
  readonly tornBytes: number;
}

/**
 * Hands every record of a segment to `take`, in order. A torn end is allowed in the last segment
 * only and is reported, not cut.
 */
export function* readSegment(
  files: Files,
  segment: Segment,
  isLast: boolean,
  take: (line: LogLine, offset: number) => Op<void>,
): Op<SegmentEnd> {
  const { path } = segment;
  const reader = yield* files.openRead(path);
  // The bytes of the line being gathered: pieces, since a long line spans many chunks.
  let pieces: Uint8Array[] = [];
  let gathered = 0;
  let offset = 0;
  try {
    for (let chunk = yield* reader.read(); chunk !== undefined; chunk = yield* reader.read()) {
      let from = 0;
      for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
        pieces.push(chunk.subarray(from, to));
        const bytes = joined(pieces);
        const line = recordOf(readWholeLine(bytes), path, offset);
        yield* take(line, offset);
        offset += bytes.length + 1;
        from = to + 1;
        pieces = [];
        gathered = 0;
      }
      pieces.push(chunk.subarray(from));
      gathered += chunk.length - from;
      if (gathered > READ_BYTES_MAX) throw damagedAt(path, offset, 'a line without an end');
    }
  } finally {
    yield* reader.close();
  }
  const rest = joined(pieces);
  if (rest.length === 0) return { wholeBytes: offset, tornBytes: 0 };
  const reading = readTail(rest);
  if (reading.kind === 'torn' && isLast) return { wholeBytes: offset, tornBytes: rest.length };
  const why = reading.kind === 'damaged' ? reading.why : 'cut short, yet another segment follows';
  throw damagedAt(path, offset, why);
}

const LINE_FEED = 10;

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

function recordOf(reading: LineReading, path: string, offset: number): LogLine {
  if (reading.kind === 'record') return reading.line;
  throw damagedAt(path, offset, reading.kind === 'damaged' ? reading.why : 'cut short');
}
