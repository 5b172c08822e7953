/**
 * The receiving side of one connection: packets in order, one at a time, on demand. While nobody
 * asks for a packet the socket is paused, so at most a piece or two is held per connection and a
 * client that sends faster than it is answered is held back by TCP.
 */
import type { Socket } from 'node:net';
import { breathe } from '../base/breathe.ts';
import { type Op, type Outcome, suspend } from '../base/op.ts';
import { type Packet, PacketAssembler } from './packet-assembler.ts';
import { COMMANDS_IN_A_ROW_MAX } from './protocol-numbers.ts';

type Waiter = (outcome: Outcome<Packet | undefined>) => void;

export class PacketInput {
  #socket: Socket;
  readonly #assembler: PacketAssembler;
  #waiter: Waiter | undefined;
  #isEnded = false;
  #isStopped = false;
  #packetsInARow = 0;
  readonly #onData = (piece: Buffer): void => this.#take(piece);
  readonly #onEnd = (): void => this.#end();

  constructor(socket: Socket, payloadBytesMax: number) {
    this.#socket = socket;
    this.#assembler = new PacketAssembler(payloadBytesMax);
    this.#listen();
  }

  /**
   * Goes on with what `upgrade` makes of the socket. Bytes that have come already are put back
   * first, so that they are read as part of the new conversation and never as packets.
   */
  *switchTo(upgrade: (socket: Socket) => Op<Socket>): Op<Socket> {
    const socket = this.#socket;
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    for (const piece of this.#assembler.takeRest().toReversed()) socket.unshift(piece);
    this.#socket = yield* upgrade(socket);
    this.#listen();
    return this.#socket;
  }

  /** The number of an answer to what came last. */
  get nextSequence(): number {
    return this.#assembler.nextSequence;
  }

  get isWaiting(): boolean {
    return this.#waiter !== undefined;
  }

  set payloadBytesMax(value: number) {
    this.#assembler.payloadBytesMax = value;
  }

  /**
   * The next packet, which has to begin with this sequence number; `undefined` after the client
   * ended or `stop`. Throws `packets-out-of-order` or `packet-too-large`, and is then of no more
   * use.
   */
  *next(expectedSequence: number): Op<Packet | undefined> {
    if (this.#packetsInARow >= COMMANDS_IN_A_ROW_MAX) {
      this.#packetsInARow = 0;
      yield* breathe();
    }
    if (this.#isStopped) return undefined;
    this.#assembler.expectedSequence = expectedSequence;
    const packet = this.#assembler.next();
    if (packet !== undefined) {
      this.#packetsInARow += 1;
      return packet;
    }
    if (this.#isEnded) return undefined;
    return yield* suspend<Packet | undefined>((resume) => {
      this.#packetsInARow = 0;
      this.#waiter = resume;
      if (this.#socket.isPaused()) this.#socket.resume();
    });
  }

  /** No more packets: whoever waits, and whoever asks later, is told so. */
  stop(): void {
    this.#isStopped = true;
    this.#answer({ ok: true, value: undefined });
  }

  /** Throws away what still comes, so that the peer can finish writing and read our last words. */
  discard(): void {
    this.stop();
    this.#socket.resume();
  }

  #listen(): void {
    this.#socket.on('data', this.#onData);
    this.#socket.on('end', this.#onEnd);
    this.#socket.on('close', this.#onEnd);
  }

  #take(piece: Buffer): void {
    if (this.#isStopped) return;
    this.#assembler.push(piece);
    if (this.#waiter === undefined) {
      this.#socket.pause();
      return;
    }
    let packet: Packet | undefined;
    try {
      packet = this.#assembler.next();
    } catch (error) {
      this.#answer({ ok: false, error });
      return;
    }
    if (packet !== undefined) this.#answer({ ok: true, value: packet });
  }

  #end(): void {
    this.#isEnded = true;
    this.#answer({ ok: true, value: undefined });
  }

  #answer(outcome: Outcome<Packet | undefined>): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.(outcome);
  }
}
