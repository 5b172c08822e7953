/**
 * A MySQL client that does as little as a client can: native password without a password, text
 * queries, rows counted and not decoded. So that what is measured is the server.
 */
import { connect, type Socket } from 'node:net';

const CAPABILITIES = 0x0008_a205;
const HEADER_BYTES = 4;
const MARK_OK = 0x00;
const MARK_EOF = 0xfe;
const MARK_ERROR = 0xff;
const EOF_BYTES_MAX = 8;

export interface QueryAnswer {
  readonly rowCount: number;
  /** Bytes of the whole answer, as they came over the wire. */
  readonly sizeBytes: number;
  /** Cells of the first rows as text, at most `ROWS_KEPT_MAX` rows. */
  readonly rows: readonly (readonly (string | null)[])[];
}

const ROWS_KEPT_MAX = 100;

type Phase = 'first' | 'columns' | 'rows';

interface Running {
  readonly resolve: (answer: QueryAnswer) => void;
  readonly reject: (error: Error) => void;
  phase: Phase;
  rowCount: number;
  sizeBytes: number;
  readonly rows: (string | null)[][];
}

export class RawClient {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #running: Running | undefined;
  #greeted = false;

  /** Use `connectRaw`. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => this.#take(piece));
    socket.on('error', (error) => this.#running?.reject(error));
    socket.on('close', () => this.#running?.reject(new Error('the server closed the connection')));
  }

  login(): Promise<QueryAnswer> {
    return new Promise((resolve, reject) => this.#expect(resolve, reject));
  }

  query(sql: string): Promise<QueryAnswer> {
    return new Promise((resolve, reject) => {
      this.#expect(resolve, reject);
      this.#socket.write(queryPacket(sql));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #expect(resolve: Running['resolve'], reject: Running['reject']): void {
    if (this.#running !== undefined) throw new Error('one query at a time');
    this.#running = { resolve, reject, phase: 'first', rowCount: 0, sizeBytes: 0, rows: [] };
  }

  #take(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const size = bytes.readUIntLE(at, 3);
      const end = at + HEADER_BYTES + size;
      if (end > bytes.length) break;
      this.#packet(bytes, at + HEADER_BYTES, size);
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  #packet(bytes: Buffer, at: number, size: number): void {
    if (!this.#greeted) {
      this.#greeted = true;
      this.#socket.write(loginPacket());
      return;
    }
    const running = this.#running;
    if (running === undefined) throw new Error('the server sent what nobody asked for');
    running.sizeBytes += HEADER_BYTES + size;
    const mark = bytes[at];
    if (mark === MARK_ERROR && running.phase !== 'columns') {
      this.#running = undefined;
      running.reject(new Error(bytes.toString('utf8', at + 9, at + size)));
    } else if (running.phase === 'first') {
      if (mark === MARK_OK) this.#finish(running);
      else running.phase = 'columns';
    } else if (mark === MARK_EOF && size <= EOF_BYTES_MAX) {
      if (running.phase === 'rows') this.#finish(running);
      running.phase = 'rows';
    } else if (running.phase === 'rows') {
      running.rowCount += 1;
      if (running.rows.length < ROWS_KEPT_MAX) running.rows.push(cellsOf(bytes, at, at + size));
    }
  }

  #finish(running: Running): void {
    this.#running = undefined;
    running.resolve(running);
  }
}

/** A connection that is logged in as root. */
export async function connectRaw(port: number): Promise<RawClient> {
  const client = new RawClient(connect({ port, host: '127.0.0.1' }));
  await client.login();
  return client;
}

export function queryPacket(sql: string): Buffer {
  return framed(Buffer.concat([Buffer.of(3), Buffer.from(sql)]), 0);
}

function loginPacket(): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(CAPABILITIES, 0);
  head.writeUInt32LE(0xff_ffff, 4);
  head[8] = 33;
  const tail = Buffer.from('root\0\0mysql_native_password\0');
  return framed(Buffer.concat([head, tail]), 1);
}

function framed(payload: Buffer, sequence: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

function cellsOf(bytes: Buffer, from: number, end: number): (string | null)[] {
  const cells: (string | null)[] = [];
  for (let at = from; at < end; ) {
    const first = bytes[at] ?? 0;
    at += 1;
    if (first === 0xfb) {
      cells.push(null);
      continue;
    }
    let size = first;
    if (first === 0xfc || first === 0xfd) {
      const width = first - 0xfa;
      size = bytes.readUIntLE(at, width);
      at += width;
    }
    cells.push(bytes.toString('utf8', at, at + size));
    at += size;
  }
  return cells;
}
