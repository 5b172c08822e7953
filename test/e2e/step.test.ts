/** `start --step` as a process: lines on standard input move the handler, its output tells. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterEach, expect, test } from 'vitest';
import { temporaryFolder } from './server.ts';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
const TICK = "ADMIN EXECUTE ON FRONTEND 'backupHandler.tick()'";

interface Stepped {
  readonly process: ChildProcess;
  readonly lines: string[];
  /** Waits for a line, from where the last wait ended. */
  until(pattern: RegExp): Promise<string>;
  sql(text: string): Promise<RowDataPacket[]>;
  /** Sends one line. */
  press(): void;
  stop(): Promise<void>;
}

const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

async function startStepped(args: readonly string[]): Promise<Stepped> {
  const folder = await temporaryFolder();
  cleanUp.push(folder.remove);
  await mkdir(join(folder.path, 'repository'));
  const ports = ['--port', '0', '--http-port', '0', '--data-dir', join(folder.path, 'data')];
  const child = spawn(process.execPath, [MAIN, 'start', '--step', ...ports, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await closed;
  };
  cleanUp.push(stop);
  if (child.stdout === null) throw new Error('no standard output');
  const { lines, until } = followed(createInterface({ input: child.stdout }));
  const port = Number(/(?:127\.0\.0\.1:|"mysqlPort":)(\d+)/.exec(await until(/ready/))?.[1]);
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' });
  cleanUp.push(async () => connection.destroy());
  const sql = async (text: string): Promise<RowDataPacket[]> =>
    (await connection.query<RowDataPacket[]>(text))[0];
  await sql('CREATE DATABASE shop');
  await sql(
    'CREATE TABLE shop.t (id INT NOT NULL) PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2',
  );
  await sql(
    `CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file://${join(folder.path, 'repository')}'`,
  );
  return { process: child, lines, until, sql, stop, press: () => child.stdin?.write('\n') };
}

function followed(output: Interface): Pick<Stepped, 'lines' | 'until'> {
  const lines: string[] = [];
  let at = 0;
  let wake = (): void => {};
  output.on('line', (line) => {
    lines.push(line);
    wake();
  });
  return {
    lines,
    async until(pattern) {
      for (;;) {
        while (at < lines.length) {
          const line = lines[at] ?? '';
          at += 1;
          if (pattern.test(line)) return line;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

test('each line moves a job by one state and is told, without colours off a terminal', async () => {
  const stepped = await startStepped([]);
  await stepped.sql('BACKUP SNAPSHOT shop.monday TO repo');
  await stepped.until(/^backup shop\.monday is new, in PENDING$/);
  const path = ['SNAPSHOTING', 'UPLOAD_SNAPSHOT', 'UPLOADING', 'SAVE_META', 'UPLOAD_INFO'];
  for (const [index, state] of path.entries()) {
    stepped.press();
    await stepped.until(new RegExp(`^tick ${index + 1}$`));
    await stepped.until(new RegExp(`^ {4}state +\\w+ -> ${state}$`));
    // What the tick sent has ended when nothing is unfinished any more.
    while ((await stepped.sql('SHOW BACKUP FROM shop'))[0]?.['UnfinishedTasks'] !== '');
    expect((await stepped.sql('SHOW BACKUP FROM shop'))[0]?.['State']).toBe(state);
  }
  await stepped.sql('CANCEL BACKUP FROM shop');
  await stepped.until(/^backup shop\.monday UPLOAD_INFO -> CANCELLED$/);
  await stepped.stop();
  expect(stepped.lines.join('\n')).not.toContain('\u001b');
  expect(Math.max(...stepped.lines.map((line) => line.length))).toBeLessThan(100);
});

test('a statement moves it too, and a program reads the same as JSON lines', async () => {
  const stepped = await startStepped(['--json']);
  await stepped.sql('BACKUP SNAPSHOT shop.monday TO repo');
  expect(JSON.parse(await stepped.until(/"event":"job"/))).toEqual({
    event: 'job',
    kind: 'backup',
    db: 'shop',
    label: 'monday',
    from: null,
    to: 'PENDING',
  });
  const rows = await stepped.sql(TICK);
  expect(rows[0]?.['result']).toBe('tick 1');
  const report = JSON.parse(await stepped.until(/"event":"tick"/));
  expect(report).toMatchObject({
    tick: 1,
    jobs: [{ kind: 'backup', db: 'shop', label: 'monday', state: 'SNAPSHOTING' }],
    during: { logged: [], sent: expect.any(Array) },
  });
  expect(report.jobs[0].changes).toContainEqual({
    field: 'state',
    from: 'PENDING',
    to: 'SNAPSHOTING',
  });
  await stepped.stop();
  for (const line of stepped.lines) expect(() => JSON.parse(line)).not.toThrow();
});
