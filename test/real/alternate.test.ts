/** The real `starrocks-br` and `srbr` in turns on one cluster, with one file (br-cli.md 10). */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandResult } from '../../scripts/real/command.ts';
import { type Server, startServer, temporaryFolder } from '../e2e/server.ts';
import { type StarrocksBr, starrocksBr } from './starrocks-br-cli.ts';

const INSTALL_MS = 10 * 60_000;

const TABLES = `
  CREATE DATABASE shop;
  CREATE TABLE shop.orders (day DATE NOT NULL, id INT NOT NULL, name VARCHAR(20))
    DUPLICATE KEY (day, id) PARTITION BY RANGE (day)
    (PARTITION p1 VALUES LESS THAN ('2024-01-01'), PARTITION p2 VALUES LESS THAN ('2025-01-01'))
    DISTRIBUTED BY HASH (id) BUCKETS 2;
  CREATE TABLE shop.items (id INT NOT NULL, name VARCHAR(20)) PRIMARY KEY (id);
  INSERT INTO shop.orders VALUES ('2023-05-01', 1, 'ann'), ('2024-05-01', 2, 'bob');
  INSERT INTO shop.items VALUES (1, 'pen'), (2, 'ink')`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Server;
let tool: StarrocksBr;

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'repository'));
  server = await startServer(['--ephemeral']);
  for (const sql of TABLES.split(';')) await server.sql(sql);
  await server.sql(
    `CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file://${folder.path}/repository'`,
  );
  const port = server.mysqlPort;
  tool = await starrocksBr({ release: '0.6.0', connector: 'C', port, folder: folder.path });
}, INSTALL_MS);

afterEach(async () => {
  await server.stop();
  await folder.remove();
});

/** Fails with all that the tool said; answers what it wrote to its standard output. */
async function good(result: Promise<CommandResult>): Promise<string> {
  const { code, stdout, stderr } = await result;
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

async function rows(): Promise<readonly unknown[]> {
  const all = [
    ...(await server.sql('SELECT id, name FROM shop.orders ORDER BY id')),
    ...(await server.sql('SELECT id, name FROM shop.items ORDER BY id')),
  ];
  return all.map((row) => Object.values(row).join(' '));
}

async function labelOf(type: 'full' | 'incremental'): Promise<string> {
  const [row] = await server.sql(
    `SELECT label FROM ops.backup_history WHERE backup_type = '${type}' ORDER BY label`,
  );
  return String(row?.['label']);
}

/** Until the cluster's clock shows another second: upstream goes by whole seconds. */
async function nextSecond(): Promise<void> {
  const now = async (): Promise<string> =>
    String((await server.sql('SELECT CAST(now() AS VARCHAR) AS at'))[0]?.['at']).slice(0, 19);
  const before = await now();
  while ((await now()) === before);
}

test('E2E-37: what starrocks-br backed up in full and incrementally, srbr restores', async () => {
  await good(tool.run('init'));
  await good(tool.run('backup', 'full', '--group', 'daily'));
  await nextSecond();
  await server.sql("INSERT INTO shop.orders VALUES ('2024-06-01', 3, 'cid')");
  const wanted = await rows();
  await good(tool.run('backup', 'incremental', '--group', 'daily'));
  await server.sql('TRUNCATE TABLE shop.orders');
  await server.sql('DROP TABLE shop.items FORCE');
  const out = await good(
    tool.srbr('--json', 'restore', '--target-label', await labelOf('incremental'), '--yes'),
  );
  expect(JSON.parse(out)).toMatchObject({
    chain: [await labelOf('full'), await labelOf('incremental')],
    tables: ['items', 'orders'],
  });
  expect(await rows()).toEqual(wanted);
});

test('E2E-38: starrocks-br goes on from a full backup of srbr, and restores it', async () => {
  await good(tool.srbr('init'));
  await good(tool.srbr('backup', 'full', '--group', 'daily', '--no-meta-snapshot'));
  const wanted = await rows();
  await nextSecond();
  await server.sql("INSERT INTO shop.orders VALUES ('2024-06-01', 3, 'cid')");
  await good(tool.run('backup', 'incremental', '--group', 'daily'));
  const manifest = await server.sql(
    "SELECT partition_name AS name FROM ops.backup_partitions WHERE label LIKE '%incremental'",
  );
  expect(manifest.map((row) => row['name'])).toEqual(['p2']);
  await good(tool.run('restore', '--target-label', await labelOf('full'), '--yes'));
  expect(await rows()).toEqual(wanted);
  const listed = JSON.parse(await good(tool.srbr('--json', 'list')));
  expect(listed).toMatchObject([{ type: 'full' }, { type: 'incremental', status: 'FINISHED' }]);
});

test('AC-OPS-2: either makes the ops tables, the other works with them', async () => {
  await good(tool.run('init'));
  await good(tool.srbr('backup', 'full', '--group', 'daily'));
  await good(tool.run('backup', 'full', '--group', 'daily'));
  const labels = await server.sql('SELECT label FROM ops.backup_history ORDER BY label');
  expect(labels).toHaveLength(2);
});
