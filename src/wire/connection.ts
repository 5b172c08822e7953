/**
 * One client connection from greeting to end: login, then commands one after the other. Whatever
 * a client sends, or stops sending, ends at most its own connection.
 */
import type { Socket } from 'node:net';
import type { Cancel, Clock, Millis } from '../base/clock.ts';
import { asSimError, SimError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { type Op, type Outcome, start } from '../base/op.ts';
import type { Random } from '../base/random.ts';
import { runCommand } from './commands.ts';
import { changeUser, type LoggedIn, type LoginContext, login } from './login.ts';
import { PacketInput } from './packet-input.ts';
import { PacketOutput } from './packet-output.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { LOGIN_PACKET_BYTES_MAX, MAX_ALLOWED_PACKET_BYTES } from './protocol-numbers.ts';
import type { ClientSession, QueryHandler } from './query-handler.ts';
import { writeError, writeOk } from './responses.ts';
import type { SocketUpgrade } from './socket-upgrade.ts';

export interface ConnectionTimeouts {
  readonly loginTimeoutMs: Millis;
  readonly endTimeoutMs: Millis;
}

export interface ConnectionOptions {
  readonly socket: Socket;
  /** What makes TLS of a socket; undefined when the server offers none. */
  readonly upgrade: SocketUpgrade | undefined;
  readonly connectionId: number;
  /** False for a connection above the limit: it is greeted and then refused. */
  readonly isAdmitted: boolean;
  readonly handler: QueryHandler;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timeouts: ConnectionTimeouts;
  /** The session is closed and the socket is, too. */
  onClosed(): void;
}

/** Why a statement's failure ends the connection instead of being answered. */
const isClientGone = (error: unknown): boolean =>
  error instanceof SimError && error.code === 'connection-lost';

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #peer: Pick<LoginContext, 'connectionId' | 'remoteHost' | 'remotePort' | 'control'>;
  readonly #input: PacketInput;
  readonly #output: PacketOutput;
  /** What is read from and written to: the socket that came in, or TLS over it. */
  #socket: Socket;
  #session: ClientSession | undefined;
  #idleSince: Millis = 0;
  #idleLimitMs: Millis = 0;
  #cancelTimer: Cancel = () => {};
  #isServed = false;
  #isUpgrading = false;
  #isSocketClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket } = options;
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#peer = {
      connectionId: options.connectionId,
      remoteHost: plainAddress(socket.remoteAddress ?? ''),
      remotePort: socket.remotePort ?? 0,
      control: { endSoon: () => this.#input.stop(), cut: () => this.destroy() },
    };
    this.#input = new PacketInput(socket, LOGIN_PACKET_BYTES_MAX);
    this.#output = new PacketOutput(socket);
    socket.on('error', (error) => {
      this.#log('debug', 'socket error', error.message);
    });
    socket.on('close', () => {
      this.#isSocketClosed = true;
      this.#cancelTimer();
      this.#reportIfClosed();
    });
  }

  start(): void {
    const { clock, timeouts } = this.#options;
    this.#cancelTimer = clock.after(timeouts.loginTimeoutMs, () => {
      this.#log('info', 'login timed out');
      this.#input.stop();
      if (this.#isUpgrading) this.destroy();
    });
    start(this.#serve(), (outcome) => this.#finish(outcome));
  }

  /** A running query ends and is answered; then, or at once if there is none, the socket ends. */
  beginClosing(): void {
    if (this.#isServed) this.#socket.destroySoon();
    else this.#input.stop();
  }

  /** Cuts the connection. A statement that still runs ends unheard. */
  destroy(): void {
    this.#socket.destroy();
  }

  *#serve(): Op<void> {
    const loggedIn = yield* this.#login();
    if (loggedIn === undefined) return;
    let { session } = loggedIn;
    const prepared = new PreparedStatements();
    const common = { prepared, output: this.#output, logger: this.#options.logger };
    for (;;) {
      this.#idleSince = this.#options.clock.now();
      const packet = yield* this.#input.next(0);
      if (packet === undefined) return;
      this.#output.writer.sequence = this.#input.nextSequence;
      try {
        const after = yield* runCommand({ session, ...common }, packet.payload);
        if (after === 'quit') return;
        if (after === 'change-user') {
          const changed = yield* this.#changeUser(loggedIn, packet.payload);
          if (changed === undefined) return;
          session = changed;
          prepared.clear();
        }
      } catch (error) {
        this.#answerError(error);
      }
      this.#output.flush();
      if (session.idleLimitMs() !== this.#idleLimitMs) this.#watchIdle();
      if (this.#output.isBusy) yield* this.#output.ready();
    }
  }

  /** The next session of the connection; the one before is closed. */
  *#changeUser({ salt, isEncrypted }: LoggedIn, payload: Buffer): Op<ClientSession | undefined> {
    const { handler } = this.#options;
    const [input, output] = [this.#input, this.#output];
    const proof = { salt, isEncrypted };
    const session = yield* changeUser({ input, output, handler, ...proof, ...this.#peer }, payload);
    if (session === undefined) return undefined;
    this.#closeSession();
    this.#session = session;
    writeOk(output.writer, {});
    return session;
  }

  *#login(): Op<LoggedIn | undefined> {
    const { handler, random, isAdmitted, upgrade } = this.#options;
    const loggedIn = yield* login({
      input: this.#input,
      output: this.#output,
      handler,
      random,
      isAdmitted,
      ...this.#peer,
      secure: upgrade === undefined ? undefined : () => this.#secure(upgrade),
      onCredentials: (response) => {
        this.#cancelTimer();
        const client = response.attributes.get('_client_name');
        this.#log('debug', 'login', `${response.user} ${client ?? ''}`.trimEnd());
      },
      onSession: (opened) => {
        this.#session = opened;
      },
    });
    this.#input.payloadBytesMax = MAX_ALLOWED_PACKET_BYTES;
    this.#watchIdle();
    return loggedIn;
  }

  /** From here on everything is read and written through TLS. */
  *#secure(upgrade: SocketUpgrade): Op<void> {
    this.#isUpgrading = true;
    const socket = yield* this.#input.switchTo(upgrade);
    this.#isUpgrading = false;
    this.#socket = socket;
    this.#output.switchTo(socket);
    socket.on('error', (error) => {
      this.#log('debug', 'TLS error', error.message);
    });
  }

  /** One timer per connection that asks when it fires, rather than one per command. */
  #watchIdle(): void {
    if (this.#isSocketClosed || this.#session === undefined) return;
    this.#idleLimitMs = this.#session.idleLimitMs();
    this.#askAfter(this.#idleLimitMs);
  }

  #askAfter(delayMs: Millis): void {
    const { clock } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(delayMs, () => {
      const idleMs = this.#input.isWaiting ? clock.now() - this.#idleSince : 0;
      if (idleMs < this.#idleLimitMs) {
        this.#askAfter(this.#idleLimitMs - idleMs);
        return;
      }
      this.#log('info', 'idle connection closed');
      this.#input.stop();
    });
  }

  #answerError(thrown: unknown): void {
    if (isClientGone(thrown) && this.#output.isGone) throw thrown;
    const error = asSimError(thrown);
    if (error.row.kind === 'bug') {
      const cause = error.cause instanceof Error ? error.cause : error;
      this.#log('error', 'internal error', cause.stack ?? cause.message);
    }
    this.#output.writer.abandon();
    writeError(this.#output.writer, error);
  }

  #finish(outcome: Outcome<void>): void {
    this.#cancelTimer();
    if (!outcome.ok && !this.#output.isGone) {
      this.#output.writer.sequence = this.#input.nextSequence;
      this.#answerError(outcome.error);
      this.#output.flush();
      this.#input.discard();
      this.#socket.end();
    } else {
      this.#input.stop();
      this.#socket.destroySoon();
    }
    if (!this.#isSocketClosed) {
      const { clock, timeouts } = this.#options;
      this.#cancelTimer = clock.after(timeouts.endTimeoutMs, () => this.destroy());
    }
    this.#closeSession();
    this.#isServed = true;
    this.#reportIfClosed();
  }

  #closeSession(): void {
    const session = this.#session;
    this.#session = undefined;
    try {
      session?.close();
    } catch (error) {
      this.#log('error', 'a session could not be closed', asSimError(error).stack);
    }
  }

  #reportIfClosed(): void {
    if (this.#isServed && this.#isSocketClosed) this.#options.onClosed();
  }

  #log(level: 'debug' | 'info' | 'error', text: string, detail?: string): void {
    const { logger, connectionId } = this.#options;
    logger.log(level, text, { connectionId, detail });
  }
}

/** `::ffff:127.0.0.1` is how a socket for both families shows an IPv4 address. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
