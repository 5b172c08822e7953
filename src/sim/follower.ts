/**
 * A second state that is kept beside a machine's: each record goes into it as soon as it is in the
 * log, read back from the disk. After every append the two must be equal (design.md 5), so that a
 * difference is found at the record that makes it and not when the machine dies the next time. A
 * comparison costs more than the record: it may be made for records of jobs alone.
 */
import { runNow } from '../base/op.ts';
import { readWholeLine } from '../fe/edit-log-line.ts';
import { listSegments, segmentPath } from '../fe/edit-log-segments.ts';
import { readSide } from '../fe/edit-log-side.ts';
import type { Frontend } from '../fe/frontend.ts';
import { frontendRecordCodec } from '../fe/records.ts';
import type { Machine } from './machine.ts';
import { EDIT_LOG_DIR, replayedFrontend } from './replayed-frontend.ts';
import { stateDifference } from './state-difference.ts';

const LINE_FEED = 10;

/** A difference stays, so that looking after these finds it too, only later. */
const JOB_RECORDS: ReadonlySet<string> = new Set(['OP_BACKUP_JOB_V2', 'OP_RESTORE_JOB_V2']);

export class Follower {
  readonly #machine: Machine;
  readonly #comparesAll: boolean;
  readonly #state: Frontend;
  /** Where the next record will stand. */
  #path: string;
  #offset: number;

  /** Begins with what is on the disk now: the machine has just started. */
  constructor(machine: Machine, comparesAll: boolean) {
    this.#machine = machine;
    this.#comparesAll = comparesAll;
    this.#state = replayedFrontend(machine);
    const last = runNow(listSegments(machine.files, EDIT_LOG_DIR)).at(-1);
    this.#path = last?.path ?? segmentPath(EDIT_LOG_DIR, 1);
    this.#offset = runNow(machine.files.stat(this.#path))?.sizeBytes ?? 0;
  }

  /** Takes in the record of that number; tells what the live state then has otherwise. */
  take(seq: number): string | undefined {
    const { files, cluster } = this.#machine;
    const own = segmentPath(EDIT_LOG_DIR, seq);
    if (own !== this.#path && runNow(files.stat(own)) !== undefined) {
      this.#path = own;
      this.#offset = 0;
    }
    const rest = runNow(files.read(this.#path)).subarray(this.#offset);
    const bytes = rest.subarray(0, rest.indexOf(LINE_FEED));
    this.#offset += bytes.length + 1;
    const reading = readWholeLine(bytes);
    if (reading.kind !== 'record' || reading.line.seq !== seq) {
      return `record ${seq} is not in ${this.#path} at byte ${this.#offset - bytes.length - 1}`;
    }
    const { op, isSide, body } = reading.line;
    const text = isSide ? runNow(readSide(files, EDIT_LOG_DIR, body)) : body;
    this.#state.follow(frontendRecordCodec.decode(op, JSON.parse(text)));
    if (!this.#comparesAll && !JOB_RECORDS.has(op)) return undefined;
    const wrong = stateDifference(this.#state, cluster.frontend);
    return wrong && `after record ${seq} (${op}): ${wrong}`;
  }
}
