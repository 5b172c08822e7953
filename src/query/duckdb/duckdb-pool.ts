/**
 * One in-memory DuckDB and a few connections to it. Nothing is loaded before the first query that
 * needs it (design.md 10); more queries than connections wait their turn.
 */
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { SimError } from '../../base/errors.ts';
import { type Op, suspend, wait } from '../../base/op.ts';
import { SETUP_STATEMENTS } from './macros.ts';

/** Queries that run in DuckDB at the same time. */
export const CONNECTIONS_MAX = 16;
/** Queries that wait for a connection. */
export const WAITERS_MAX = 1000;

type Turn = (error?: SimError) => void;

export class DuckDbPool {
  #opening: Promise<DuckDBInstance> | undefined;
  #idle: DuckDBConnection[] = [];
  #taken = 0;
  #isClosed = false;
  readonly #waiting: Turn[] = [];

  /** A connection of one's own until `release`. */
  *acquire(): Op<DuckDBConnection> {
    yield* this.#turn();
    try {
      const idle = this.#idle.pop();
      if (idle !== undefined) return idle;
      this.#opening ??= open();
      const instance = yield* wait(this.#opening);
      return yield* wait(instance.connect());
    } catch (error) {
      this.#endTurn();
      throw error;
    }
  }

  /** Gives a connection back; one whose result was not read to its end is not used again. */
  release(connection: DuckDBConnection, isDrained: boolean): void {
    if (isDrained && !this.#isClosed) this.#idle.push(connection);
    else connection.closeSync();
    this.#endTurn();
  }

  *close(): Op<void> {
    this.#isClosed = true;
    const error = new SimError('query-cancelled', 'the query engine has been closed');
    for (const turn of this.#waiting.splice(0)) turn(error);
    for (const connection of this.#idle.splice(0)) connection.closeSync();
    if (this.#opening === undefined) return;
    const instance = yield* wait(this.#opening);
    instance.closeSync();
  }

  *#turn(): Op<void> {
    if (this.#isClosed) {
      throw new SimError('query-cancelled', 'the query engine has been closed');
    }
    if (this.#taken < CONNECTIONS_MAX) {
      this.#taken += 1;
      return;
    }
    if (this.#waiting.length >= WAITERS_MAX) {
      throw new SimError('limit-reached', `more than ${WAITERS_MAX} queries are waiting`);
    }
    yield* suspend<void>((resume) => {
      this.#waiting.push((error) =>
        resume(error === undefined ? { ok: true, value: undefined } : { ok: false, error }),
      );
    });
  }

  #endTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}

async function open(): Promise<DuckDBInstance> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  const instance = await Instance.create(':memory:');
  const connection = await instance.connect();
  for (const statement of SETUP_STATEMENTS) await connection.run(statement);
  connection.closeSync();
  return instance;
}
