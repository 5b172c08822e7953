/** What an edit log is given by whoever opens it. */

import type { Clock } from '../base/clock.ts';
import type { SimError } from '../base/errors.ts';
import type { FaultPoints } from '../base/fault.ts';
import type { Files } from '../base/files.ts';
import type { Logger } from '../base/log.ts';
import type { JsonText } from '../catalog/json-chunks.ts';

/** How records become JSON and back. `decode(opOf(r), parse(join(encode(r))))` equals `r`. */
export interface RecordCodec<R> {
  /** The pieces of one JSON text without line feeds. */
  encode(record: R): JsonText;
  decode(op: string, body: unknown): R;
  /** StarRocks' operation type: letters, digits and `_`. */
  opOf(record: R): string;
}

export interface EditLogOptions<R> {
  readonly files: Files;
  /** Created if missing. */
  readonly directory: string;
  readonly codec: RecordCodec<R>;
  /** The number of the last record that the loaded image holds; 0 without an image. */
  readonly imageSeq: number;
  /** Changes the state. Must not fail: what is in the log has happened. */
  readonly apply: (record: R, seq: number) => void;
  /** Told of each record of this run once it is applied; `bytes` is the length of its JSON. */
  readonly onAppended?: (seq: number, op: string, bytes: number) => void;
  readonly faults: FaultPoints;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The log has failed and takes nothing any more: the frontend must stop. Called once. */
  readonly onFatal: (error: SimError) => void;
  /** Records whose text is longer go to a side file. */
  readonly lineBytesMax?: number;
}
