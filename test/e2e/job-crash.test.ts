/**
 * SIGKILL on entering and on leaving every state of both jobs: after a new start on the same data
 * directory the job ends as backup-jobs.md 2.6 and restore-jobs.md 2.7 say, and every row is there.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKUP_STATES } from '../../src/jobs/backup-job.ts';
import { RESTORE_STATES } from '../../src/jobs/restore-job.ts';
import {
  type Server,
  snapshotTimestamp,
  startServer,
  temporaryFolder,
  untilJobDone,
} from './server.ts';

interface CrashCase {
  readonly point: 'fe.job.enter' | 'fe.job.leave';
  readonly state: string;
}

/** A terminal state is entered and never left. */
function crashCases(states: readonly string[]): CrashCase[] {
  return states.flatMap((state): CrashCase[] => {
    const enter: CrashCase = { point: 'fe.job.enter', state };
    const isTerminal = state === 'FINISHED' || state === 'CANCELLED';
    return isTerminal ? [enter] : [enter, { point: 'fe.job.leave', state }];
  });
}

const ROWS_SQL = 'SELECT id, name, amount FROM shop.orders ORDER BY id';
const EVENTS_SQL = 'SELECT day, what FROM shop.events ORDER BY day, what';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let args: string[];
let server: Server;
let connection: Connection;
let expectedRows: unknown;
let expectedEvents: unknown;

async function open(): Promise<void> {
  server = await startServer(args);
  connection = await server.connect();
}

async function query(sql: string): Promise<RowDataPacket[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows;
}

/** Arms a crash, runs a statement that leads to it, waits for the kill, starts again. */
async function crashAndRestart(
  kind: string,
  { point, state }: CrashCase,
  sql: string[],
): Promise<void> {
  await query(`ADMIN ENABLE FAILPOINT '${point}:crash kind=${kind} state=${state}' WITH 1 TIMES`);
  for (const statement of sql) {
    // The statement itself may be what dies: its connection is then cut.
    await connection.query(statement).catch((error: NodeJS.ErrnoException) => {
      expect(error.code).toMatch(/PROTOCOL_CONNECTION_LOST|ECONNRESET|EPIPE/);
    });
  }
  const exit = await server.exited;
  expect(exit.signal).toBe('SIGKILL');
  connection.destroy();
  await open();
}

beforeAll(async () => {
  folder = await temporaryFolder();
  const repository = join(folder.path, 'repository');
  await mkdir(repository);
  args = ['--data-dir', join(folder.path, 'data'), '--tick', '20'];
  await open();
  await query('CREATE DATABASE shop');
  await query(`CREATE TABLE shop.orders (id INT NOT NULL, name VARCHAR(20), amount DECIMAL(10, 2))
    PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2`);
  await query(`CREATE TABLE shop.events (day DATE NOT NULL, what VARCHAR(20))
    DUPLICATE KEY (day) PARTITION BY RANGE (day) (
      PARTITION p1 VALUES LESS THAN ('2024-02-01'), PARTITION p2 VALUES LESS THAN ('2024-03-01'))
    DISTRIBUTED BY HASH (day) BUCKETS 2`);
  await query(`INSERT INTO shop.orders VALUES (1, 'a', 1.10), (2, NULL, 2.20), (3, 'c', 3.30)`);
  await query(`UPDATE shop.orders SET name = 'b' WHERE id = 2`);
  await query(`DELETE FROM shop.orders WHERE id = 3`);
  await query(`INSERT INTO shop.events VALUES ('2024-01-05', 'x'), ('2024-02-05', 'y')`);
  await query(`CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file://${repository}'`);
  expectedRows = await query(ROWS_SQL);
  expectedEvents = await query(EVENTS_SQL);
});

afterAll(async () => {
  connection.destroy();
  await server.stop();
  await folder.remove();
});

describe('a SIGKILL during a backup', () => {
  test.each(crashCases(BACKUP_STATES))(
    'at $point $state leaves rows and job as the specification says',
    async ({ point, state }) => {
      const label = `b_${point.split('.').at(-1)}_${state.toLowerCase()}`;
      const backup = `BACKUP SNAPSHOT shop.${label} TO repo`;
      const isCancelled = state === 'CANCELLED';
      const cancel = isCancelled ? ['CANCEL BACKUP FROM shop'] : [];
      await crashAndRestart('backup', { point, state }, [backup, ...cancel]);
      const job = await untilJobDone(connection, 'BACKUP', 'shop');
      expect(job.State).toBe(isCancelled ? 'CANCELLED' : 'FINISHED');
      expect(job.Status).toBe(isCancelled ? '[COMMON_ERROR, msg: user cancelled]' : '[OK]');
      expect(await query(ROWS_SQL)).toEqual(expectedRows);
      expect(await query(EVENTS_SQL)).toEqual(expectedEvents);
      const [snapshot] = await query(`SHOW SNAPSHOT ON repo WHERE SNAPSHOT = '${label}'`);
      expect(snapshot?.['Status']).toBe(isCancelled ? 'ERROR: no snapshot' : 'OK');
    },
  );
});

describe('a SIGKILL during a restore', () => {
  test.each(crashCases(RESTORE_STATES))(
    'at $point $state leaves rows and job as the specification says',
    async ({ point, state }) => {
      const label = `r_${point.split('.').at(-1)}_${state.toLowerCase()}`;
      await query(`BACKUP SNAPSHOT shop.${label} TO repo`);
      expect((await untilJobDone(connection, 'BACKUP', 'shop')).State).toBe('FINISHED');
      const timestamp = await snapshotTimestamp(connection, 'repo', label);
      await query('DROP TABLE shop.orders');
      await query('TRUNCATE TABLE shop.events');
      const restore = `RESTORE SNAPSHOT shop.${label} FROM repo
        PROPERTIES ('backup_timestamp' = '${timestamp}')`;
      const isCancelled = state === 'CANCELLED';
      const cancel = isCancelled ? ['CANCEL RESTORE FROM shop'] : [];
      await crashAndRestart('restore', { point, state }, [restore, ...cancel]);
      const job = await untilJobDone(connection, 'RESTORE', 'shop');
      expect(job.State).toBe(isCancelled ? 'CANCELLED' : 'FINISHED');
      if (isCancelled) {
        expect(await query('SHOW TABLES FROM shop')).toHaveLength(1);
        await query(restore);
        expect((await untilJobDone(connection, 'RESTORE', 'shop')).State).toBe('FINISHED');
      }
      expect(await query(ROWS_SQL)).toEqual(expectedRows);
      expect(await query(EVENTS_SQL)).toEqual(expectedEvents);
    },
  );
});
