import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createLocalFiles } from '../../../src/base/local-files.ts';
import { takeLock } from '../../../src/base/local-lock.ts';
import { toPromise } from '../../../src/base/op.ts';
import { ownIdentity } from '../../../src/base/process-identity.ts';
import { filesConformance } from '../../conformance/files.ts';

const base = mkdtempSync(join(tmpdir(), 'files-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const freshRoot = (): string => mkdtempSync(join(base, 'test-'));

filesConformance('local', () => ({ files: createLocalFiles(), root: freshRoot() }));

const DEAD_NONCE = '0123456789abcdef';

function deadHolder(change: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...ownIdentity(), nonce: DEAD_NONCE, ...change });
}

/** A process that has ended, and whose number may be free or given to another. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.on('exit', resolve));
  return child.pid ?? 0;
}

test('a lock names the process that holds it', () => {
  const path = join(freshRoot(), 'LOCK');
  takeLock(path);
  expect(() => takeLock(path)).toThrow(new RegExp(`LOCK is held by this process ${process.pid}`));
});

test('the lock of a dead process is free', async () => {
  const root = freshRoot();
  writeFileSync(join(root, 'LOCK'), deadHolder({ pid: await deadPid() }));
  takeLock(join(root, 'LOCK'))();
  expect(readdirSync(root)).toEqual([]);
});

test('a later process with the same number does not hold the lock', () => {
  const root = freshRoot();
  writeFileSync(join(root, 'LOCK'), deadHolder({ started: '1' }));
  takeLock(join(root, 'LOCK'))();
  expect(readdirSync(root)).toEqual([]);
});

test('a lock of an earlier boot, or cut by a power failure, is free', () => {
  const root = freshRoot();
  writeFileSync(join(root, 'LOCK'), deadHolder({ boot: 'another' }));
  takeLock(join(root, 'LOCK'))();
  writeFileSync(join(root, 'LOCK'), '');
  takeLock(join(root, 'LOCK'))();
  expect(readdirSync(root)).toEqual([]);
});

test('a taker that died while taking over does not block the lock', () => {
  const root = freshRoot();
  const second = { started: '1', nonce: 'fedcba9876543210' };
  writeFileSync(join(root, 'LOCK'), deadHolder({ started: '1' }));
  writeFileSync(join(root, `LOCK.after-${DEAD_NONCE}`), deadHolder(second));
  takeLock(join(root, 'LOCK'))();
  expect(readdirSync(root)).toEqual([]);
});

test('of many processes that find a dead lock exactly one takes it over', async () => {
  const root = freshRoot();
  const path = join(root, 'LOCK');
  writeFileSync(path, deadHolder({ started: '1' }));
  const module = new URL('../../../src/base/local-lock.ts', import.meta.url).href;
  const code = `
    const { takeLock } = await import(${JSON.stringify(module)});
    process.stdin.once('data', () => {
      try { takeLock(${JSON.stringify(path)}); process.stdout.write('taken '); }
      catch (error) { process.stdout.write(error.code + ' '); }
      setTimeout(() => process.exit(), 60_000);
    });
    process.stdout.write('ready ');`;
  const takers = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code]),
  );
  const outputs = takers.map(() => '');
  takers.forEach((taker, index) => {
    taker.stdout.on('data', (chunk: Buffer) => {
      outputs[index] += chunk.toString();
    });
  });
  const said = (word: RegExp): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (outputs.every((output) => word.test(output))) resolve();
      };
      for (const taker of takers) taker.stdout.on('data', look);
      look();
    });
  await said(/ready/);
  for (const taker of takers) taker.stdin.write('go');
  await said(/taken|data-dir-in-use/);
  expect(outputs.filter((output) => output.includes('taken'))).toHaveLength(1);
  expect(() => takeLock(path)).toThrow(/is held by process/);
  const ended = takers.map((taker) => new Promise((resolve) => taker.on('exit', resolve)));
  for (const taker of takers) taker.kill('SIGKILL');
  await Promise.all(ended);
  takeLock(path)();
  expect(readdirSync(root)).toEqual([]);
}, 20_000);

test('many large files are hashed side by side', async () => {
  const files = createLocalFiles();
  const root = freshRoot();
  const paths = Array.from({ length: 9 }, (_, index) => join(root, `f${index}`));
  for (const path of paths) await toPromise(files.createFilled(path, 1_200_000, 7));
  const digests = await Promise.all(paths.map((path) => toPromise(files.md5(path))));
  expect(new Set(digests).size).toBe(1);
});

test('syncs of many files and of one directory at the same time all end', async () => {
  const root = freshRoot();
  const files = createLocalFiles();
  const names = Array.from({ length: 50 }, (_, index) => join(root, String(index)));
  await Promise.all(
    names.map(async (path) => {
      const writer = await toPromise(files.create(path));
      await toPromise(writer.write(Buffer.from(path)));
      await toPromise(writer.sync());
      await toPromise(writer.close());
      await toPromise(files.syncDirectory(root));
      await toPromise(files.syncDirectory(root));
    }),
  );
  expect(readdirSync(root)).toHaveLength(names.length);
});

test('all who ask hear that a directory cannot be synced; a later sync works', async () => {
  const path = join(freshRoot(), 'late');
  const files = createLocalFiles();
  const both = await Promise.allSettled([
    toPromise(files.syncDirectory(path)),
    toPromise(files.syncDirectory(path)),
  ]);
  for (const outcome of both) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'file-not-found' } });
  }
  await toPromise(files.makeDirectory(path));
  await toPromise(files.syncDirectory(path));
});
