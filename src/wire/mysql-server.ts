/**
 * The MySQL server: listens, numbers connections, keeps their limit, closes in good order.
 * Statements are somebody else's: it takes a `QueryHandler`.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { assert } from '../base/assert.ts';
import type { Clock, Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { Connection } from './connection.ts';
import {
  DRAIN_TIMEOUT_MS,
  END_TIMEOUT_MS,
  LOGIN_TIMEOUT_MS,
  REFUSED_CONNECTIONS_MAX,
} from './protocol-numbers.ts';
import type { QueryHandler } from './query-handler.ts';
import type { SocketUpgrade, TlsPair } from './socket-upgrade.ts';

export interface MysqlServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly handler: QueryHandler;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Offers TLS with this pair; nothing without one. */
  readonly tls?: TlsPair;
  readonly loginTimeoutMs?: Millis;
  /** How long `close` waits for running statements before it cuts their connections. */
  readonly drainTimeoutMs?: Millis;
}

export const MYSQL_SERVER_STATUSES = ['closed', 'starting', 'running', 'closing'] as const;
export type MysqlServerStatus = (typeof MYSQL_SERVER_STATUSES)[number];

/** From which status a server may come into each. */
const COMES_FROM: Readonly<Record<MysqlServerStatus, readonly MysqlServerStatus[]>> = {
  closed: ['starting', 'closing'],
  starting: ['closed'],
  running: ['starting'],
  closing: ['running'],
};

export interface MysqlServer {
  /** The port really listened on. */
  readonly port: number;
  readonly status: MysqlServerStatus;
  readonly connectionCount: number;
  /**
   * Stops listening, lets running statements finish, ends all connections. Settles when all are
   * gone, at the latest after the drain limit; every further call gives the same promise.
   */
  close(): Promise<void>;
}

/**
 * Starts listening. Rejects with `port-in-use`, or `bad-option` if the address or the pair for TLS
 * is unusable.
 */
export async function startMysqlServer(options: MysqlServerOptions): Promise<MysqlServer> {
  const { tls } = options;
  const upgrade =
    tls === undefined ? undefined : (await import('./socket-upgrade.ts')).createSocketUpgrade(tls);
  const listener = new MysqlListener(options, upgrade);
  await listener.listen();
  return listener;
}

class MysqlListener implements MysqlServer {
  readonly #options: MysqlServerOptions;
  readonly #upgrade: SocketUpgrade | undefined;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #status: MysqlServerStatus = 'closed';
  #port = 0;
  #lastConnectionId = 0;
  #admittedCount = 0;
  #closed: Promise<void> | undefined;
  #onEmpty: () => void = () => {};

  constructor(options: MysqlServerOptions, upgrade: SocketUpgrade | undefined) {
    this.#options = options;
    this.#upgrade = upgrade;
    // Half-open sockets let a client that is refused finish writing and read why.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  get port(): number {
    return this.#port;
  }

  get status(): MysqlServerStatus {
    return this.#status;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  listen(): Promise<void> {
    const { host, port, logger } = this.#options;
    this.#enter('starting');
    return new Promise((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException): void => {
        this.#enter('closed');
        reject(listenError(error, host, port));
      };
      this.#server.once('error', refuse);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', refuse);
        this.#server.on('error', (error) => {
          logger.log('error', 'a connection could not be accepted', { text: error.message });
        });
        const address = this.#server.address();
        this.#port = typeof address === 'object' && address !== null ? address.port : port;
        this.#enter('running');
        resolve();
      });
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  #drain(): Promise<void> {
    this.#enter('closing');
    const { clock, logger, drainTimeoutMs = DRAIN_TIMEOUT_MS } = this.#options;
    return new Promise((resolve) => {
      const finish = (): void => {
        cancelLimit();
        this.#onEmpty = () => {};
        this.#enter('closed');
        resolve();
      };
      const cancelLimit = clock.after(drainTimeoutMs, () => {
        const cut = this.#connections.size;
        logger.log('warn', 'statements still ran at the drain limit; cutting them', { cut });
        for (const connection of this.#connections) connection.destroy();
        finish();
      });
      this.#onEmpty = finish;
      this.#server.close();
      for (const connection of this.#connections) connection.beginClosing();
      if (this.#connections.size === 0 && this.#status === 'closing') finish();
    });
  }

  #accept(socket: Socket): void {
    const { handler, random, clock, logger } = this.#options;
    const connectionsMax = handler.connectionsMax();
    if (this.#connections.size >= connectionsMax + REFUSED_CONNECTIONS_MAX) {
      socket.on('error', (error) => logger.log('debug', 'socket error', { text: error.message }));
      socket.destroy();
      return;
    }
    const isAdmitted = this.#admittedCount < connectionsMax;
    if (isAdmitted) this.#admittedCount += 1;
    this.#lastConnectionId += 1;
    const connection = new Connection({
      socket,
      upgrade: this.#upgrade,
      connectionId: this.#lastConnectionId,
      isAdmitted,
      handler,
      random,
      clock,
      logger,
      timeouts: {
        loginTimeoutMs: this.#options.loginTimeoutMs ?? LOGIN_TIMEOUT_MS,
        endTimeoutMs: END_TIMEOUT_MS,
      },
      onClosed: () => {
        this.#connections.delete(connection);
        if (isAdmitted) this.#admittedCount -= 1;
        if (this.#connections.size === 0) this.#onEmpty();
      },
    });
    this.#connections.add(connection);
    connection.start();
    if (this.#status === 'closing') connection.beginClosing();
  }

  #enter(status: MysqlServerStatus): void {
    assert(
      COMES_FROM[status].includes(this.#status),
      `a MySQL server that is ${this.#status} does not become ${status}`,
    );
    this.#status = status;
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): SimError {
  if (error.code === 'EADDRINUSE') {
    return new SimError('port-in-use', `port ${port} on ${host} is in use`, {
      hint: 'stop the program that uses it, or choose another port; 0 takes any free one.',
      cause: error,
    });
  }
  return new SimError('bad-option', `cannot listen on ${host}, port ${port}: ${error.message}`, {
    hint: 'use an address of this machine and a port above 1023.',
    cause: error,
  });
}
