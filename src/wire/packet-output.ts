/**
 * The sending side of one connection: a packet writer whose bytes go to the socket in big pieces.
 * It says when the socket has enough (`isBusy`) and waits until it wants more, so that memory
 * stays bounded however slowly a client reads.
 */
import type { Socket } from 'node:net';
import { breathe } from '../base/breathe.ts';
import { SimError } from '../base/errors.ts';
import { type Op, suspend } from '../base/op.ts';
import { PacketWriter } from './packet-writer.ts';
import { SENT_BYTES_IN_A_ROW_MAX } from './protocol-numbers.ts';

export class PacketOutput {
  readonly writer: PacketWriter = new PacketWriter();
  #socket: Socket;
  #sentBytesInARow = 0;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Goes on over another socket, which replaces the one of the constructor. */
  switchTo(socket: Socket): void {
    this.#socket = socket;
    this.#listen();
  }

  /** Nobody receives what is written any more. */
  get isGone(): boolean {
    return this.#socket.destroyed || this.#socket.writableEnded;
  }

  /** Whether `ready` would wait; asked first, it saves making an operation for each command. */
  get isBusy(): boolean {
    return this.#socket.writableNeedDrain || this.#sentBytesInARow >= SENT_BYTES_IN_A_ROW_MAX;
  }

  /** Hands all encoded packets to the socket. */
  flush(): void {
    const { writer } = this;
    if (writer.pendingBytes === 0) return;
    if (this.isGone) {
      writer.taken(true);
      return;
    }
    this.#sentBytesInARow += writer.pendingBytes;
    this.#socket.write(writer.pending());
    // Nothing left in the socket means that the kernel has its own copy.
    writer.taken(this.#socket.writableLength === 0);
  }

  /** Waits until the socket wants more. Throws `connection-lost` when the client went away. */
  *ready(): Op<void> {
    if (this.#socket.writableNeedDrain && !this.isGone) {
      yield* suspend<void>((resume) => {
        this.#wake = () => resume({ ok: true, value: undefined });
      });
    } else if (this.#sentBytesInARow >= SENT_BYTES_IN_A_ROW_MAX) {
      yield* breathe();
    }
    this.#sentBytesInARow = 0;
    this.throwIfGone();
  }

  throwIfGone(): void {
    if (this.isGone) throw new SimError('connection-lost', 'the client closed the connection');
  }

  #listen(): void {
    const wake = (): void => this.#wakeUp();
    this.#socket.on('drain', wake);
    this.#socket.on('close', wake);
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
