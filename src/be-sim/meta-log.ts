/**
 * The meta log of a backend: `<dir>/log.<n>` with one framed JSON record per line, `<crc> <json>`,
 * and `<dir>/checkpoint.<n>`, the state before `log.<n>`. Appends that wait at the same time share
 * one write and one sync. A record cut off at the very end was never acknowledged and is cut;
 * damage anywhere else stops the start (`edit-log-damaged`).
 */
import { crc32 } from 'node:zlib';
import { SimError } from '../base/errors.ts';
import type { ByteWriter, Files } from '../base/files.ts';
import { attempt, type Op, type Outcome, start, suspend } from '../base/op.ts';
import type { MetaRecord } from './meta-records.ts';
import type { MetaState } from './meta-state.ts';

/** Bytes of one write of a checkpoint. */
const CHECKPOINT_CHUNK_CHARS = 1024 * 1024;

interface Waiting {
  readonly records: readonly MetaRecord[];
  readonly mustSync: boolean;
  readonly resume: (outcome: Outcome<void>) => void;
}

export interface MetaLogOptions {
  readonly files: Files;
  readonly directory: string;
  readonly state: MetaState;
  readonly bytesMax: number;
  /** Hears why a checkpoint could not be made; it is tried again when the log has doubled. */
  readonly postponed: (error: unknown) => void;
}

export class MetaLog {
  readonly #options: MetaLogOptions;
  #number = 1;
  #writer: ByteWriter | undefined;
  #sizeBytes = 0;
  #checkpointBytes = 0;
  #postponedBytes = 0;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #hasUnsynced = false;
  readonly #idle: (() => void)[] = [];
  #broken: unknown;
  /** Bytes cut off at the end by recovery. */
  tornBytes = 0;

  constructor(options: MetaLogOptions) {
    this.#options = options;
  }

  get sizeBytes(): number {
    return this.#sizeBytes + this.#checkpointBytes;
  }

  /** Reads checkpoint and logs into the state and opens the last log for appending. */
  *open(): Op<void> {
    const { files, directory } = this.#options;
    yield* files.makeDirectory(directory);
    const names = (yield* files.list(directory)).map(({ name }) => name);
    for (const name of names) {
      if (name.endsWith('.tmp')) yield* files.remove(`${directory}/${name}`);
    }
    const checkpoint = Math.max(0, ...numbersOf(names, 'checkpoint'));
    if (checkpoint > 0) yield* this.#replayCheckpoint(checkpoint);
    const logs = numbersOf(names, 'log').filter((number) => number >= checkpoint);
    const last = logs.at(-1) ?? Math.max(1, checkpoint);
    for (const number of logs) yield* this.#replayLog(number, number === last);
    this.#number = last;
    this.#writer = yield* files.openAppend(this.#logPath(last));
    yield* files.syncDirectory(directory);
  }

  /**
   * Writes records and applies them to the state, in order. With `mustSync` it returns when they
   * survive a crash. After a failure the records are neither in the log nor in the state.
   */
  *append(records: readonly MetaRecord[], mustSync: boolean): Op<void> {
    yield* suspend<void>((resume) => {
      this.#waiting.push({ records, mustSync, resume });
      if (this.#isWriting) return;
      this.#isWriting = true;
      start(this.#writeAll(), (outcome) => {
        this.#isWriting = false;
        if (!outcome.ok) this.#failAll(outcome.error);
        for (const waiter of this.#idle.splice(0)) waiter();
      });
    });
  }

  /** Makes durable what was appended without a sync; costs nothing when nothing was. */
  *sync(): Op<void> {
    if (this.#hasUnsynced || this.#isWriting) yield* this.append([], true);
  }

  /** Closes after the write in hand; what still waits fails with `backend-unavailable`. */
  *close(): Op<void> {
    if (this.#isWriting) {
      yield* suspend<void>((resume) => {
        this.#idle.push(() => resume({ ok: true, value: undefined }));
      });
    }
    const writer = this.#writer;
    this.#writer = undefined;
    if (writer === undefined) return;
    yield* writer.sync();
    yield* writer.close();
  }

  *#writeAll(): Op<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const written = yield* attempt(this.#writeGroup(group));
      for (const { resume } of group) resume(written);
      if (written.ok && this.#isLong()) yield* this.#checkpoint();
    }
  }

  *#writeGroup(group: readonly Waiting[]): Op<void> {
    if (this.#broken !== undefined) throw this.#broken;
    const writer = this.#writer;
    if (writer === undefined) throw new SimError('backend-unavailable', 'the meta log is closed');
    const bytes = Buffer.from(group.flatMap(({ records }) => records.map(frame)).join(''));
    try {
      yield* writer.write(bytes);
      this.#hasUnsynced = true;
      if (group.some(({ mustSync }) => mustSync)) {
        yield* writer.sync();
        this.#hasUnsynced = false;
      }
    } catch (error) {
      yield* this.#cutBack(error);
      throw error;
    }
    this.#sizeBytes += bytes.length;
    try {
      for (const { records } of group) {
        for (const record of records) this.#options.state.apply(record);
      }
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }

  /** After a failed write what stands in the file is unknown: back to what was acknowledged. */
  *#cutBack(error: unknown): Op<void> {
    const { files } = this.#options;
    const path = this.#logPath(this.#number);
    const writer = this.#writer;
    this.#writer = undefined;
    this.#broken = error;
    if (writer !== undefined) yield* writer.close();
    const cut = yield* attempt(files.truncate(path, this.#sizeBytes));
    if (!cut.ok) return;
    const opened = yield* attempt(files.openAppend(path));
    if (!opened.ok) return;
    this.#writer = opened.value;
    this.#broken = undefined;
  }

  #isLong(): boolean {
    const { bytesMax } = this.#options;
    return this.#sizeBytes > Math.max(bytesMax, 2 * this.#checkpointBytes, this.#postponedBytes);
  }

  /**
   * Writes the state aside, goes on in a new log, then removes what is older. While nothing has
   * changed for the old log, a failure only postpones; after that it stops the log.
   */
  *#checkpoint(): Op<void> {
    const { files, directory } = this.#options;
    const next = this.#number + 1;
    const temporary = `${directory}/checkpoint.${next}.tmp`;
    const prepared = yield* attempt(this.#prepareCheckpoint(temporary));
    if (!prepared.ok) {
      this.#postponedBytes = 2 * this.#sizeBytes;
      this.#options.postponed(prepared.error);
      return;
    }
    // From here on the old log does not count; the new one comes after, so that it is never
    // behind an old log that can still be torn.
    yield* files.rename(temporary, `${directory}/checkpoint.${next}`);
    const old = this.#writer;
    this.#writer = yield* files.openAppend(this.#logPath(next));
    yield* files.syncDirectory(directory);
    this.#number = next;
    this.#sizeBytes = 0;
    this.#postponedBytes = 0;
    this.#checkpointBytes = prepared.value;
    if (old !== undefined) yield* old.close();
    for (const { name } of yield* files.list(directory)) {
      const number = Number(name.slice(name.lastIndexOf('.') + 1));
      if (number < next) yield* files.remove(`${directory}/${name}`);
    }
  }

  *#prepareCheckpoint(temporary: string): Op<number> {
    const { files, state } = this.#options;
    // Until the new names are durable a crash may bring the old log back, whole.
    if (this.#writer !== undefined) yield* this.#writer.sync();
    yield* files.remove(temporary);
    return yield* writeCheckpoint(files, temporary, state);
  }

  *#replayCheckpoint(number: number): Op<void> {
    const path = `${this.#options.directory}/checkpoint.${number}`;
    let records = 0;
    let isEnded = false;
    const { goodBytes, sizeBytes } = yield* readLines(this.#options.files, path, (line, offset) => {
      const record = parseLine(line, path, offset);
      if (record.op === 'end') isEnded = record.records === records;
      records += 1;
      this.#options.state.apply(record);
    });
    if (!isEnded || goodBytes !== sizeBytes) throw damaged(path, goodBytes, 'its end is missing');
    this.#checkpointBytes = sizeBytes;
  }

  *#replayLog(number: number, isLast: boolean): Op<void> {
    const { files, state } = this.#options;
    const path = this.#logPath(number);
    const { goodBytes, sizeBytes } = yield* readLines(files, path, (line, offset) => {
      state.apply(parseLine(line, path, offset));
    });
    if (goodBytes < sizeBytes) {
      if (!isLast) throw damaged(path, goodBytes, 'a record is cut off, and later logs follow');
      yield* files.truncate(path, goodBytes);
      this.tornBytes = sizeBytes - goodBytes;
    }
    this.#sizeBytes = isLast ? goodBytes : 0;
  }

  #failAll(error: unknown): void {
    this.#broken ??= error;
    const group = this.#waiting;
    this.#waiting = [];
    for (const { resume } of group) resume({ ok: false, error });
  }

  #logPath(number: number): string {
    return `${this.#options.directory}/log.${number}`;
  }
}

function* writeCheckpoint(files: Files, path: string, state: MetaState): Op<number> {
  // All lines at once, before anything waits: they must be of one moment.
  const chunks: string[] = [];
  let chunk = '';
  let records = 0;
  for (const record of state.records()) {
    chunk += frame(record);
    records += 1;
    if (chunk.length < CHECKPOINT_CHUNK_CHARS) continue;
    chunks.push(chunk);
    chunk = '';
  }
  chunks.push(chunk + frame({ op: 'end', records }));
  const writer = yield* files.create(path);
  let size = 0;
  try {
    for (const text of chunks) {
      const bytes = Buffer.from(text);
      size += bytes.length;
      yield* writer.write(bytes);
    }
    yield* writer.sync();
  } finally {
    yield* writer.close();
  }
  return size;
}

function numbersOf(names: readonly string[], kind: string): number[] {
  return names
    .filter((name) => name.startsWith(`${kind}.`) && /^\d+$/.test(name.slice(kind.length + 1)))
    .map((name) => Number(name.slice(kind.length + 1)))
    .sort((a, b) => a - b);
}

function frame(record: MetaRecord): string {
  const json = JSON.stringify(record);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

function parseLine(line: string, path: string, offset: number): MetaRecord {
  const json = line.slice(9);
  const crc = crc32(json).toString(16).padStart(8, '0');
  if (line[8] !== ' ' || line.slice(0, 8) !== crc) {
    throw damaged(path, offset, 'a record does not match its checksum');
  }
  return JSON.parse(json) as MetaRecord;
}

function damaged(path: string, offset: number, what: string): SimError {
  return new SimError('edit-log-damaged', `meta log ${path} at byte ${offset}: ${what}`);
}

/** Gives every complete line to `take`; tells how many bytes they are, and how many there are. */
function* readLines(
  files: Files,
  path: string,
  take: (line: string, offset: number) => void,
): Op<{ readonly goodBytes: number; readonly sizeBytes: number }> {
  const reader = yield* files.openRead(path);
  let rest = Buffer.alloc(0);
  let goodBytes = 0;
  try {
    for (let chunk = yield* reader.read(); chunk !== undefined; chunk = yield* reader.read()) {
      const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        take(bytes.toString('utf8', from, end), goodBytes);
        goodBytes += end + 1 - from;
        from = end + 1;
      }
      rest = bytes.subarray(from);
    }
  } finally {
    yield* reader.close();
  }
  return { goodBytes, sizeBytes: goodBytes + rest.length };
}
