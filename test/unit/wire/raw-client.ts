/** A client that says byte by byte what a test wants, and sees packet by packet what comes back. */
import { createConnection, type Socket } from 'node:net';
import { scrambleNativePassword } from '../../../src/wire/native-password.ts';
import { PART_BYTES_MAX, SERVER_CAPABILITIES } from '../../../src/wire/protocol-numbers.ts';

export interface SeenPacket {
  readonly sequence: number;
  readonly payload: Buffer;
}

export function packet(sequence: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(sequence, 3);
  return Buffer.concat([header, payload]);
}

export function command(byte: number, text = ''): Buffer {
  return packet(0, Buffer.concat([Buffer.from([byte]), Buffer.from(text, 'utf8')]));
}

export const query = (sql: string): Buffer => command(0x03, sql);

export interface ResponseParts {
  readonly capabilities?: number;
  readonly user?: string;
  readonly auth?: Uint8Array;
  readonly database?: string;
  readonly plugin?: string;
  readonly tail?: Uint8Array;
}

const ATTRIBUTES = Buffer.from('\x11\x0c_client_name\x03raw', 'latin1');

/** A handshake response payload as a client of the 8.0 line sends it. */
export function handshakeResponse(parts: ResponseParts = {}): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(parts.capabilities ?? SERVER_CAPABILITIES, 0);
  head.writeUInt32LE(0x100_0000, 4);
  head.writeUInt8(255, 8);
  const auth = parts.auth ?? Buffer.alloc(0);
  return Buffer.concat([
    head,
    Buffer.from(`${parts.user ?? 'root'}\0`),
    Buffer.from([auth.length]),
    auth,
    Buffer.from(`${parts.database ?? ''}\0`),
    Buffer.from(`${parts.plugin ?? 'mysql_native_password'}\0`),
    parts.tail ?? ATTRIBUTES,
  ]);
}

export class RawClient {
  readonly socket: Socket;
  readonly #seen: SeenPacket[] = [];
  readonly #waiting: ((packet: SeenPacket | undefined) => void)[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #isEnded = false;
  /** The server ended or cut the connection. */
  readonly ended: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (piece) => this.#take(piece));
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.#isEnded = true;
        for (const wait of this.#waiting.splice(0)) wait(undefined);
        resolve();
      };
      socket.on('end', end);
      socket.on('close', end);
    });
  }

  static connect(port: number, allowHalfOpen = false): RawClient {
    const socket = createConnection({ port, host: '127.0.0.1', allowHalfOpen });
    socket.setNoDelay(true);
    return new RawClient(socket);
  }

  /** Connects and logs in; the connection is then ready for commands. */
  static async login(port: number, user = 'root', password = ''): Promise<RawClient> {
    const client = RawClient.connect(port);
    const salt = saltOf(await client.next());
    const auth = scrambleNativePassword(password, salt);
    client.send(packet(1, handshakeResponse({ user, auth })));
    const ok = await client.next();
    if (ok.payload[0] !== 0) throw new Error(`login failed: ${errorOf(ok).text}`);
    return client;
  }

  send(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.socket.write(piece);
  }

  async next(): Promise<SeenPacket> {
    const packet = await this.nextOrEnd();
    if (packet === undefined) throw new Error('the server ended the connection');
    return packet;
  }

  nextOrEnd(): Promise<SeenPacket | undefined> {
    const packet = this.#seen.shift();
    if (packet !== undefined || this.#isEnded) return Promise.resolve(packet);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** All packets of one result set or one short answer. */
  async answer(): Promise<SeenPacket[]> {
    const packets = [await this.next()];
    const first = packets[0]?.payload[0];
    if (first === 0x00 || first === 0xff) return packets;
    for (let ends = 0; ends < 2; ) {
      const packet = await this.next();
      packets.push(packet);
      if (packet.payload[0] === 0xff) break;
      if (isEof(packet)) ends += 1;
    }
    return packets;
  }

  destroy(): void {
    this.socket.destroy();
  }

  #take(piece: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? piece : Buffer.concat([this.#bytes, piece]);
    while (this.#bytes.length >= 4) {
      const size = this.#bytes.readUIntLE(0, 3);
      if (size === PART_BYTES_MAX || this.#bytes.length < 4 + size) return;
      const seen = {
        sequence: this.#bytes.readUInt8(3),
        payload: this.#bytes.subarray(4, 4 + size),
      };
      this.#bytes = this.#bytes.subarray(4 + size);
      const wait = this.#waiting.shift();
      if (wait === undefined) this.#seen.push(seen);
      else wait(seen);
    }
  }
}

export function isEof(packet: SeenPacket): boolean {
  return packet.payload[0] === 0xfe && packet.payload.length === 5;
}

export function statusOfEof(packet: SeenPacket): number {
  return packet.payload.readUInt16LE(3);
}

export function saltOf(greeting: SeenPacket): Buffer {
  const { payload } = greeting;
  const head = payload.indexOf(0, 1) + 5;
  const tail = head + 8 + 19;
  return Buffer.concat([payload.subarray(head, head + 8), payload.subarray(tail, tail + 12)]);
}

export interface SeenError {
  readonly code: number;
  readonly state: string;
  readonly text: string;
}

export function errorOf(packet: SeenPacket): SeenError {
  if (packet.payload[0] !== 0xff) throw new Error('not an ERR packet');
  return {
    code: packet.payload.readUInt16LE(1),
    state: packet.payload.toString('latin1', 4, 9),
    text: packet.payload.toString('utf8', 9),
  };
}
