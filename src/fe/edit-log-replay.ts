/**
 * Reads the edit log at a start: checks that it has no hole and no damage, applies what the image
 * does not hold, and tidies up what an interrupted run left behind.
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import { makeDirectoryDurably } from '../base/write-file.ts';
import type { LogLine } from './edit-log-line.ts';
import type { EditLogOptions } from './edit-log-options.ts';
import {
  damagedAt,
  listSegments,
  readSegment,
  removeSideFiles,
  type Segment,
  segmentPath,
} from './edit-log-segments.ts';
import { readSide } from './edit-log-side.ts';

export interface LogEnd {
  readonly lastSeq: number;
  /** The segment that goes on, and its first record's number. */
  readonly path: string;
  readonly firstSeq: number;
}

/** Applies every record after the image and says where the log goes on. */
export function* replay<R>(options: EditLogOptions<R>): Op<LogEnd> {
  const { files, directory, imageSeq } = options;
  yield* makeDirectoryDurably(files, directory);
  const segments = neededSegments(yield* listSegments(files, directory), imageSeq);
  const first = segments[0];
  if (first === undefined && imageSeq > 0) {
    throw new SimError('edit-log-damaged', `edit log ${directory} has no records, yet an image`);
  }
  if (first !== undefined && first.firstSeq > imageSeq + 1) {
    throw damagedAt(first.path, 0, `record ${imageSeq + 1} is missing before it`);
  }
  let lastSeq = first === undefined ? imageSeq : first.firstSeq - 1;
  for (const segment of segments) {
    if (segment.firstSeq !== lastSeq + 1) {
      throw damagedAt(segment.path, 0, `record ${lastSeq + 1} is missing before it`);
    }
    const isLast = segment === segments.at(-1);
    lastSeq = yield* replaySegment(options, segment, isLast, lastSeq);
  }
  if (lastSeq < imageSeq) {
    const text = `edit log ${directory} ends with record ${lastSeq}, the image with ${imageSeq}`;
    throw new SimError('edit-log-damaged', text);
  }
  // Left by an append that was not finished, or by a checkpoint that was.
  yield* removeSideFiles(files, directory, (seq) => seq > imageSeq && seq <= lastSeq);
  const last = segments.at(-1);
  const firstSeq = last?.firstSeq ?? lastSeq + 1;
  return { lastSeq, firstSeq, path: last?.path ?? segmentPath(directory, firstSeq) };
}

/** Without those that the image holds whole: a checkpoint may have been cut off before its end. */
function neededSegments(segments: readonly Segment[], imageSeq: number): Segment[] {
  return segments.filter((_, index) => {
    const next = segments[index + 1];
    return next === undefined || next.firstSeq > imageSeq + 1;
  });
}

function* replaySegment<R>(
  options: EditLogOptions<R>,
  segment: Segment,
  isLast: boolean,
  seqBefore: number,
): Op<number> {
  const { files, logger } = options;
  let seq = seqBefore;
  const end = yield* readSegment(files, segment, isLast, function* (line, offset): Op<void> {
    if (line.seq !== seq + 1) {
      throw damagedAt(segment.path, offset, `record ${line.seq} where ${seq + 1} belongs`);
    }
    seq = line.seq;
    if (seq > options.imageSeq) yield* applyLine(options, line, segment.path, offset);
  });
  if (end.tornBytes > 0) {
    logger.log('warn', 'the last edit log record was cut short and is dropped', {
      file: segment.path,
      offset: end.wholeBytes,
      bytes: end.tornBytes,
    });
    yield* files.truncate(segment.path, end.wholeBytes);
  }
  return seq;
}

function* applyLine<R>(
  options: EditLogOptions<R>,
  line: LogLine,
  path: string,
  offset: number,
): Op<void> {
  const { files, directory, codec, apply } = options;
  const text = line.isSide ? yield* readSide(files, directory, line.body) : line.body;
  let record: R;
  try {
    record = codec.decode(line.op, JSON.parse(text));
  } catch (cause) {
    const why = `record ${line.seq} (${line.op}) cannot be read`;
    throw damagedAt(path, offset, why, cause);
  }
  apply(record, line.seq);
}
