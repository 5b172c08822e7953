/**
 * What the SIGKILL tests share: a database with real rows, a crash armed at one point of one state,
 * and a new start on the same data directory.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { expect } from 'vitest';
import { type Server, startServer, temporaryFolder } from './server.ts';

export interface CrashCase {
  readonly point: 'fe.job.enter' | 'fe.job.leave';
  readonly state: string;
}

/** `sampled`: on entering those states; `all`: on entering and leaving every state. */
export function crashCases(
  which: 'sampled' | 'all',
  states: readonly string[],
  sample: readonly string[],
): readonly CrashCase[] {
  if (which === 'sampled') return sample.map((state) => ({ point: 'fe.job.enter', state }));
  return states.flatMap((state): readonly CrashCase[] => {
    const enter: CrashCase = { point: 'fe.job.enter', state };
    const isTerminal = state === 'FINISHED' || state === 'CANCELLED';
    return isTerminal ? [enter] : [enter, { point: 'fe.job.leave', state }];
  });
}

/** A cluster in its own process over a temporary folder, which outlives its processes. */
export class CrashWorld {
  #folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
  #args: string[] = [];
  #server: Server | undefined;
  #connection: Connection | undefined;
  #expected: unknown;

  get connection(): Connection {
    if (this.#connection === undefined) throw new Error('not open');
    return this.#connection;
  }

  async query(sql: string): Promise<RowDataPacket[]> {
    const [rows] = await this.connection.query<RowDataPacket[]>(sql);
    return rows;
  }

  async setUp(): Promise<void> {
    this.#folder = await temporaryFolder();
    const repository = join(this.#folder.path, 'repository');
    await mkdir(repository);
    this.#args = ['--data-dir', join(this.#folder.path, 'data'), '--tick', '20'];
    await this.#open();
    await this.query('CREATE DATABASE shop');
    await this.query(`CREATE TABLE shop.orders (
        id INT NOT NULL, name VARCHAR(20), amount DECIMAL(10, 2))
      PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2`);
    await this.query(`CREATE TABLE shop.events (day DATE NOT NULL, what VARCHAR(20))
      DUPLICATE KEY (day) PARTITION BY RANGE (day) (
        PARTITION p1 VALUES LESS THAN ('2024-02-01'), PARTITION p2 VALUES LESS THAN ('2024-03-01'))
      DISTRIBUTED BY HASH (day) BUCKETS 2`);
    await this.query(
      `INSERT INTO shop.orders VALUES (1, 'a', 1.10), (2, NULL, 2.20), (3, 'c', 3.30)`,
    );
    await this.query(`UPDATE shop.orders SET name = 'b' WHERE id = 2`);
    await this.query(`DELETE FROM shop.orders WHERE id = 3`);
    await this.query(`INSERT INTO shop.events VALUES ('2024-01-05', 'x'), ('2024-02-05', 'y')`);
    await this.query(`CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file://${repository}'`);
    this.#expected = await this.#rows();
  }

  async tearDown(): Promise<void> {
    this.#connection?.destroy();
    await this.#server?.stop();
    await this.#folder?.remove();
  }

  async expectAllRows(): Promise<void> {
    expect(await this.#rows()).toEqual(this.#expected);
  }

  /** Arms a crash, runs statements that lead to it, waits for the kill, starts again. */
  async crashAndRestart(
    kind: 'backup' | 'restore',
    { point, state }: CrashCase,
    statements: readonly string[],
  ): Promise<void> {
    const name = `${point}:crash kind=${kind} state=${state}`;
    await this.query(`ADMIN ENABLE FAILPOINT '${name}' WITH 1 TIMES`);
    for (const statement of statements) {
      // The statement itself may be what dies: its connection is then cut.
      await this.connection.query(statement).catch((error: NodeJS.ErrnoException) => {
        expect(error.code).toMatch(/PROTOCOL_CONNECTION_LOST|ECONNRESET|EPIPE/);
      });
    }
    const exit = await this.#server?.exited;
    expect(exit?.signal).toBe('SIGKILL');
    this.connection.destroy();
    await this.#open();
  }

  async #open(): Promise<void> {
    this.#server = await startServer(this.#args);
    this.#connection = await this.#server.connect();
  }

  async #rows(): Promise<unknown> {
    return [
      await this.query('SELECT id, name, amount FROM shop.orders ORDER BY id'),
      await this.query('SELECT day, what FROM shop.events ORDER BY day, what'),
    ];
  }
}
