/** The main job with a stock client: create, load, back up, lose everything, restore, read it back. */

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Server,
  snapshotTimestamp,
  startServer,
  temporaryFolder,
  untilJobDone,
} from './server.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let repository: string;
let args: string[];
let server: Server;
let connection: Connection;

async function query(sql: string): Promise<RowDataPacket[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows;
}

/** Rows of SHOW RESTORE without what only a running frontend knows (backup-jobs.md 6.1). */
function lasting(rows: readonly RowDataPacket[]): readonly unknown[] {
  return rows.map(({ UnfinishedTasks: _tasks, Progress: _progress, ...rest }) => rest);
}

async function run(sql: string): Promise<ResultSetHeader> {
  const [header] = await connection.query<ResultSetHeader>(sql);
  return header;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  repository = join(folder.path, 'repository');
  await mkdir(repository);
  args = ['--data-dir', join(folder.path, 'data'), '--tick', '20'];
  server = await startServer(args);
  connection = await server.connect();
  await run('CREATE DATABASE shop');
  await run('USE shop');
  await run(`CREATE TABLE visits (
      day DATE NOT NULL, page VARCHAR(40), hits BIGINT DEFAULT "0", share DOUBLE)
    DUPLICATE KEY (day, page)
    PARTITION BY RANGE (day) (
      PARTITION p2023 VALUES [('2023-01-01'), ('2024-01-01')),
      PARTITION p2024 VALUES [('2024-01-01'), ('2025-01-01')))
    DISTRIBUTED BY HASH (page) BUCKETS 3`);
  await run(`CREATE TABLE users (
      id BIGINT NOT NULL, name VARCHAR(40), balance DECIMAL(12, 2), seen DATETIME)
    PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2`);
  await run(`INSERT INTO visits VALUES
    ('2023-05-01', '/', 10, 0.5), ('2023-05-02', '/näh', 20, NULL), ('2024-01-01', '/', 30, 0.25)`);
  await run(`INSERT INTO visits (day, page)
    SELECT date_add('2024-03-01', INTERVAL generate_series DAY), concat('/p', generate_series)
    FROM TABLE(generate_series(1, 200))`);
  await run(`INSERT INTO users VALUES
    (1, 'ann', 10.50, '2024-01-01 10:00:00'), (2, 'bob', -3, NULL), (3, 'it''s', 0, '1999-12-31')`);
  await run(`UPDATE users SET balance = balance + 1 WHERE id = 1`);
  await run(`DELETE FROM users WHERE id = 2`);
  await run(`CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file://${repository}'`);
});

afterAll(async () => {
  connection.destroy();
  await server.stop();
  await folder.remove();
});

const VISITS = 'SELECT day, page, hits, share FROM shop.visits ORDER BY day, page';
const USERS = 'SELECT id, name, balance, seen FROM shop.users ORDER BY id';

async function backUp(label: string, on: string = ''): Promise<string> {
  await run(`BACKUP SNAPSHOT shop.${label} TO repo ${on}`);
  const job = await untilJobDone(connection, 'BACKUP', 'shop');
  expect(job).toMatchObject({ State: 'FINISHED', Status: '[OK]', TaskErrMsg: '' });
  return await snapshotTimestamp(connection, 'repo', label);
}

async function restore(sql: string, database: string): Promise<void> {
  await run(sql);
  const job = await untilJobDone(connection, 'RESTORE', database);
  expect(job).toMatchObject({ State: 'FINISHED', Status: '[OK]', TaskErrMsg: '' });
}

/** Every file below a folder, as paths relative to it. */
async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

describe('a database that was backed up', () => {
  test('comes back row by row after it was dropped', async () => {
    const visits = await query(VISITS);
    const users = await query(USERS);
    expect(visits).toHaveLength(203);
    expect(users).toHaveLength(2);
    const timestamp = await backUp('whole');
    await run('DROP DATABASE shop');
    await expect(query(VISITS)).rejects.toMatchObject({ errno: 5501, sqlState: '3F000' });
    await restore(
      `RESTORE SNAPSHOT whole FROM repo PROPERTIES ('backup_timestamp' = '${timestamp}')`,
      'shop',
    );
    await run('USE shop');
    expect(await query(VISITS)).toEqual(visits);
    expect(await query(USERS)).toEqual(users);
    expect(await query('SELECT count(*) AS n FROM shop.visits PARTITION (p2023)')).toEqual([
      { n: 2 },
    ]);
  });

  test('lies in the repository under StarRocks names with the md5 of its bytes', async () => {
    const files = await filesBelow(join(repository, '__starrocks_repository_repo/__ss_whole'));
    expect(files.filter((file) => /^__meta\.[0-9a-f]{32}$/.test(file))).toHaveLength(1);
    expect(
      files.filter((file) => /^__info_\d{4}(-\d\d){5}-\d{3}\.[0-9a-f]{32}$/.test(file)),
    ).toHaveLength(1);
    const content = files.filter((file) => file.startsWith('__ss_content/'));
    expect(content.length).toBeGreaterThan(5);
    for (const file of content) {
      expect(file).toMatch(
        /^__ss_content\/__db_\d+\/__tbl_\d+\/__part_\d+\/__idx_\d+\/__\d+\/[\w.]+\.[0-9a-f]{32}$/,
      );
    }
    for (const file of files) {
      const bytes = await readFile(
        join(repository, '__starrocks_repository_repo/__ss_whole', file),
      );
      expect(createHash('md5').update(bytes).digest('hex')).toBe(file.slice(-32));
    }
  });

  test('can be restored beside itself, under an alias and into another database', async () => {
    const users = await query(USERS);
    const timestamp = await backUp('twice');
    const properties = `PROPERTIES ('backup_timestamp' = '${timestamp}')`;
    await restore(
      `RESTORE SNAPSHOT shop.twice FROM repo ON (users AS users2) ${properties}`,
      'shop',
    );
    expect(await query(USERS.replace('shop.users', 'shop.users2'))).toEqual(users);
    await restore(
      `RESTORE SNAPSHOT twice FROM repo DATABASE shop AS other ON (TABLE users) ${properties}`,
      'other',
    );
    expect(await query(USERS.replace('shop.users', 'other.users'))).toEqual(users);
    expect(await query('SHOW TABLES FROM other')).toEqual([{ Tables_in_other: 'users' }]);
    await run('DROP TABLE shop.users2');
  });

  test('gets back the rows of the snapshot when later loads are overwritten', async () => {
    const users = await query(USERS);
    const timestamp = await backUp('before');
    await run(`INSERT INTO users VALUES (7, 'late', 1, NULL)`);
    await run(`UPDATE users SET name = 'changed' WHERE id = 1`);
    await restore(
      `RESTORE SNAPSHOT shop.before FROM repo ON (users) PROPERTIES ('backup_timestamp' = '${timestamp}')`,
      'shop',
    );
    expect(await query(USERS)).toEqual(users);
    await run(`INSERT INTO users VALUES (8, 'after', 1, NULL)`);
    expect(await query('SELECT name FROM users WHERE id = 8')).toEqual([{ name: 'after' }]);
    await run('DELETE FROM users WHERE id = 8');
  });

  test('gets back one partition without the others being touched', async () => {
    const timestamp = await backUp('parts', 'ON (visits PARTITION (p2023))');
    const kept = await query('SELECT count(*) AS n FROM visits PARTITION (p2024)');
    await run('ALTER TABLE visits DROP PARTITION p2023');
    await restore(
      `RESTORE SNAPSHOT shop.parts FROM repo ON (visits PARTITION (p2023))
       PROPERTIES ('backup_timestamp' = '${timestamp}')`,
      'shop',
    );
    expect(await query('SELECT count(*) AS n FROM visits PARTITION (p2023)')).toEqual([{ n: 2 }]);
    expect(await query('SELECT count(*) AS n FROM visits PARTITION (p2024)')).toEqual(kept);
  });
});

describe('jobs', () => {
  test('can be cancelled, and the database is free for the next one', async () => {
    await run(`BACKUP SNAPSHOT shop.given_up TO repo`);
    await run('CANCEL BACKUP FROM shop');
    const [row] = await query('SHOW BACKUP FROM shop');
    expect(row).toMatchObject({ State: 'CANCELLED', SnapshotName: 'given_up' });
    const timestamp = await backUp('next');
    await run(`RESTORE SNAPSHOT shop.next FROM repo ON (users AS users3)
      PROPERTIES ('backup_timestamp' = '${timestamp}')`);
    await run('CANCEL RESTORE FROM shop');
    const [cancelled] = await query('SHOW RESTORE FROM shop');
    expect(cancelled).toMatchObject({ State: 'CANCELLED', Label: 'next' });
    expect(await query(`SHOW TABLES LIKE 'users3'`)).toEqual([]);
  });
});

describe('a new start on the same data directory', () => {
  test('has every row, table, repository and job, after SIGTERM and after SIGKILL', async () => {
    const visits = await query(VISITS);
    const users = await query(USERS);
    const jobs = lasting(await query('SHOW RESTORE'));
    for (const end of ['stop', 'kill'] as const) {
      await run(`INSERT INTO users VALUES (100, '${end}', 5, NULL)`);
      connection.destroy();
      const exit = await server[end]();
      expect(exit.code).toBe(end === 'stop' ? 0 : null);
      server = await startServer(args);
      connection = await server.connect('shop');
      expect(await query('SELECT name FROM users WHERE id = 100')).toEqual([{ name: end }]);
      await run('DELETE FROM users WHERE id = 100');
      expect(await query(VISITS)).toEqual(visits);
      expect(await query(USERS)).toEqual(users);
      expect(lasting(await query('SHOW RESTORE'))).toEqual(jobs);
      expect(await query('SHOW REPOSITORIES')).toHaveLength(1);
    }
  });
});

test('the health page answers 200 while everything is up', async () => {
  const response = await fetch(`http://127.0.0.1:${server.httpPort}/api/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'OK' });
});
