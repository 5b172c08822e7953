/** What is wrong gets one clear error with the code of the specification, and changes nothing. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Exit,
  runProgram,
  type Server,
  startServer,
  temporaryFolder,
  untilJobDone,
} from './server.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let args: string[];
let server: Server;
let connection: Connection;

async function query(sql: string): Promise<RowDataPacket[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows;
}

/** Names, versions and jobs: what a refused statement must leave as it was. */
async function everything(): Promise<unknown> {
  return [
    await query('SHOW DATABASES'),
    await query('SHOW TABLES FROM shop'),
    await query('SHOW PARTITIONS FROM shop.t'),
    await query('SHOW REPOSITORIES'),
    await query('SHOW BACKUP'),
    await query('SHOW RESTORE'),
    await query('SELECT * FROM shop.t ORDER BY id'),
    (await query('SHOW FRONTENDS'))[0]?.['ReplayedJournalId'],
  ];
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'repository'));
  args = ['--data-dir', join(folder.path, 'data'), '--tick', '20'];
  server = await startServer(args);
  connection = await server.connect();
  await query('CREATE DATABASE shop');
  await query(`CREATE TABLE shop.t (id INT NOT NULL, v VARCHAR(5)) PRIMARY KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 1`);
  await query(`INSERT INTO shop.t VALUES (1, 'a')`);
  await query(
    `CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file://${join(folder.path, 'repository')}'`,
  );
  await query('BACKUP SNAPSHOT shop.used TO repo');
  await untilJobDone(connection, 'BACKUP', 'shop');
});

afterAll(async () => {
  connection.destroy();
  await server.stop();
  await folder.remove();
});

interface Refusal {
  readonly what: string;
  readonly sql: string;
  readonly errno: number;
  readonly sqlState: string;
  readonly names: RegExp;
}

const refusal = (
  what: string,
  sql: string,
  errno: number,
  sqlState: string,
  names: RegExp,
): Refusal => ({ what, sql, errno, sqlState, names });

const restoreWith = (property: string): string =>
  `RESTORE SNAPSHOT shop.used FROM repo
    PROPERTIES ('backup_timestamp' = '2024-01-01-00-00-00-000', ${property})`;

const REFUSALS: readonly Refusal[] = [
  refusal('a syntax error', 'SELECT\n  FROM FROM x', 1064, 'HY000', /line 2, column \d+.*FROM/),
  refusal('an unknown database', 'USE nowhere', 5501, '3F000', /nowhere/),
  refusal('an unknown table', 'SELECT * FROM shop.nothing', 5502, '42602', /nothing/),
  refusal('an unknown column', 'SELECT wrong FROM shop.t', 5509, '42S22', /wrong/),
  refusal('an unknown variable', 'SET no_such_variable = 1', 1193, 'HY000', /no_such_variable/),
  refusal('a taken database name', 'CREATE DATABASE shop', 1007, 'HY000', /shop/),
  refusal(
    'a taken table name',
    'CREATE TABLE shop.t (a INT) DUPLICATE KEY (a)',
    1050,
    '42S01',
    /'t'/,
  ),
  refusal('a value too long', `INSERT INTO shop.t VALUES (2, 'too long')`, 5610, '22000', /'v'/),
  refusal('NULL in a key', 'INSERT INTO shop.t VALUES (NULL, NULL)', 5610, '22000', /'id'/),
  refusal('too few values', 'INSERT INTO shop.t VALUES (1)', 5604, '42601', /2 columns, 1 values/),
  refusal(
    'a function that is not known',
    'SELECT no_such_function(id) FROM shop.t',
    1064,
    'HY000',
    /no_such_function/i,
  ),
  refusal(
    'an unknown repository',
    'BACKUP SNAPSHOT shop.x TO nowhere',
    5064,
    '42000',
    /nowhere.*does not exist/,
  ),
  refusal('an unknown database in BACKUP', 'BACKUP SNAPSHOT nodb.x TO repo', 5501, '3F000', /nodb/),
  refusal(
    'an unknown table in BACKUP',
    'BACKUP SNAPSHOT shop.x TO repo ON (nothing)',
    1064,
    'HY000',
    /nothing/,
  ),
  refusal('a label in use', 'BACKUP SNAPSHOT shop.used TO repo', 5064, '42000', /used/),
  refusal(
    'a short timeout',
    `BACKUP SNAPSHOT shop.x TO repo PROPERTIES ('timeout' = '5')`,
    5064,
    '42000',
    /10 minutes/,
  ),
  refusal(
    'an unknown property',
    `BACKUP SNAPSHOT shop.x TO repo PROPERTIES ('nope' = '5')`,
    5064,
    '42000',
    /\[nope\]/,
  ),
  refusal(
    'a timeout that is no number',
    `BACKUP SNAPSHOT shop.x TO repo PROPERTIES ('timeout' = 'soon')`,
    5064,
    '42000',
    /timeout.*soon/i,
  ),
  refusal(
    'a backup type that is none',
    `BACKUP SNAPSHOT shop.x TO repo PROPERTIES ('type' = 'partial')`,
    5064,
    '42000',
    /partial/,
  ),
  refusal('an unknown property of RESTORE', restoreWith(`'nope' = '5'`), 5064, '42000', /\[nope\]/),
  refusal(
    'a short timeout of RESTORE',
    restoreWith(`'timeout' = '5'`),
    5064,
    '42000',
    /10 minutes/,
  ),
  refusal('a bad allow_load', restoreWith(`'allow_load' = 'maybe'`), 5064, '42000', /maybe/),
  refusal('a bad replication_num', restoreWith(`'replication_num' = 'all'`), 5064, '42000', /all/),
  refusal(
    'a label that RESTORE does not find',
    `RESTORE SNAPSHOT shop.gone FROM repo PROPERTIES ('backup_timestamp' = '2024-01-01-00-00-00-000')`,
    5064,
    '42000',
    /gone/,
  ),
  refusal(
    'a RESTORE without a timestamp',
    'RESTORE SNAPSHOT shop.used FROM repo',
    5064,
    '42000',
    /backup_timestamp/,
  ),
  refusal(
    'a RESTORE from an unknown repository',
    `RESTORE SNAPSHOT shop.used FROM nowhere PROPERTIES ('backup_timestamp' = 'x')`,
    5064,
    '42000',
    /nowhere/,
  ),
  refusal('a CANCEL of nothing', 'CANCEL RESTORE FROM shop', 5064, '42000', /currently running/),
  refusal(
    'a repository path that is missing',
    `CREATE REPOSITORY r2 WITH BROKER ON LOCATION 'file:///no/such/path'`,
    5064,
    '42000',
    /\/no\/such\/path/,
  ),
  refusal(
    'a repository path that is not a directory',
    `CREATE REPOSITORY r2 WITH BROKER ON LOCATION 'file:///etc/hosts'`,
    5064,
    '42000',
    /\/etc\/hosts/,
  ),
  refusal(
    'a repository path that not even root may write to',
    `CREATE REPOSITORY r2 WITH BROKER ON LOCATION 'file:///sys'`,
    5064,
    '42000',
    /\/sys.*permi/,
  ),
  refusal(
    'a repository on an unknown scheme',
    `CREATE REPOSITORY r2 WITH BROKER ON LOCATION 'gopher://x/y'`,
    5064,
    '42000',
    /gopher.*file:/,
  ),
  refusal(
    'a repository name in use',
    `CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file:///tmp'`,
    5064,
    '42000',
    /repo.*already exists/,
  ),
  refusal(
    'a bad repository name',
    `CREATE REPOSITORY \`a-b\` WITH BROKER ON LOCATION 'file:///tmp'`,
    5063,
    '42000',
    /a-b/,
  ),
  refusal('an unknown config', `ADMIN SET FRONTEND CONFIG ('nope' = '1')`, 5102, 'F0000', /nope/),
];

describe('a refused statement', () => {
  test.each(REFUSALS)('for $what says so with $errno and changes nothing', async (refused) => {
    const before = await everything();
    const { sql, errno, sqlState, names } = refused;
    await expect(query(sql)).rejects.toMatchObject({
      errno,
      sqlState,
      message: expect.stringMatching(names),
    });
    expect(await everything()).toEqual(before);
  });

  test('for a second job in a busy database says so with 5064', async () => {
    await query(`ADMIN ENABLE FAILPOINT 'be.task.begin:delay=300 type=MAKE_SNAPSHOT'`);
    await query('BACKUP SNAPSHOT shop.slow TO repo');
    const refused = expect.objectContaining({ errno: 5064, sqlState: '42000' });
    await expect(query('BACKUP SNAPSHOT shop.second TO repo')).rejects.toEqual(refused);
    await query(`ADMIN DISABLE FAILPOINT 'be.task.begin'`);
    const job = await untilJobDone(connection, 'BACKUP', 'shop');
    expect(job.State).toBe('FINISHED');
    const [row] = await query(`SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 'second'`);
    expect(row?.['Status']).toBe('ERROR: no snapshot');
  });

  test('for a wrong password says so with 1045', async () => {
    const protectedServer = await startServer(['--ephemeral', '--root-password', 'right']);
    await expect(protectedServer.connect()).rejects.toMatchObject({
      errno: 1045,
      sqlState: '28000',
    });
    await protectedServer.stop();
  });
});

describe('a start that cannot be', () => {
  /** One line on standard error, exit code 1. */
  function expectOneLine(exit: Exit, names: RegExp): void {
    expect(exit.code).toBe(1);
    expect(exit.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(exit.stderr).toMatch(names);
  }

  test('because the port is in use names the port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const exit = await runProgram(['start', '--ephemeral', '--http-port', '0', '--port', port]);
    taken.close();
    expectOneLine(exit, new RegExp(`port ${port}.*--port`));
  });

  test('because the data directory is in use names its holder', async () => {
    const exit = await runProgram(['start', ...args, '--port', '0', '--http-port', '0']);
    expectOneLine(exit, /in use.*\d+/);
  });

  test('because of an unknown option or value names it', async () => {
    expectOneLine(await runProgram(['start', '--tick', 'soon']), /--tick.*soon/);
    const exit = await runProgram(['start', '--ephemeral', '--time-zone', 'Mars/Base']);
    expectOneLine(exit, /Mars\/Base/);
  });

  test('because of an unknown quirk names the nearest', async () => {
    const exit = await runProgram(['start', '--ephemeral', '--quirk', 'partFiles']);
    expectOneLine(exit, /unknown quirk 'partFiles'.*partFilesCount/);
  });

  test('because an init statement fails names file and reason', async () => {
    const file = join(folder.path, 'init.sql');
    await writeFile(file, 'CREATE DATABASE a;\nCREATE DATABASE a;');
    const ports = ['--port', '0', '--http-port', '0'];
    const exit = await runProgram(['start', '--ephemeral', ...ports, '--init', file]);
    expectOneLine(exit, /init\.sql.*exists/);
  });

  test('because the edit log is damaged names file and offset, and mends nothing', async () => {
    const dataDir = join(folder.path, 'damaged');
    const first = await startServer(['--data-dir', dataDir]);
    await first.sql('CREATE DATABASE one');
    await first.sql('CREATE DATABASE two');
    await first.kill();
    const logDir = join(dataDir, 'fe/edit_log');
    const name = (await readdir(logDir)).find((entry) => entry.endsWith('.log')) ?? '';
    const bytes = await readFile(join(logDir, name));
    const at = bytes.indexOf('"one"');
    bytes.write('"0ne"', at);
    await writeFile(join(logDir, name), bytes);
    const ports = ['--port', '0', '--http-port', '0'];
    const exit = await runProgram(['start', '--data-dir', dataDir, ...ports]);
    expectOneLine(exit, new RegExp(`${name}.*\\d+`));
    expect(await readFile(join(logDir, name))).toEqual(bytes);
  });

  test('because of fewer backends than the data has says how many', async () => {
    const dataDir = join(folder.path, 'four');
    const first = await startServer(['--data-dir', dataDir, '--backends', '4']);
    await first.stop();
    const exit = await runProgram(['start', '--data-dir', dataDir, '--backends', '2']);
    expectOneLine(exit, /4.*2|2.*4/);
  });
});
