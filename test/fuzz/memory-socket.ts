/** A socket without a network, as the MySQL server sees it: bytes go in, bytes are kept. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** The part of a `net.Socket` that the server uses. */
export class MemorySocket extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 50_000;
  readonly #sent: Buffer[] = [];
  /** Settles when both sides are done. */
  readonly whenClosed: Promise<void>;

  constructor() {
    super({ allowHalfOpen: true });
    this.whenClosed = new Promise((resolve) => this.once('close', resolve));
  }

  asSocket(): Socket {
    return this as unknown as Socket;
  }

  /** The client says this, in as many pieces. */
  say(...pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.push(piece);
  }

  /** The client says no more. */
  hangUp(): void {
    this.push(null);
  }

  /** What the server has said. */
  heard(): Buffer {
    return Buffer.concat(this.#sent);
  }

  setNoDelay(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writableFinished) this.destroy();
    else this.end(() => this.destroy());
  }

  override _read(): void {}

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.#sent.push(Buffer.from(piece));
    done();
  }
}
