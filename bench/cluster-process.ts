/** The built program in a process of its own, started and stopped as a user would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connectRaw, type RawClient } from './mysql-client.ts';

const MAIN: string = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

export interface ClusterProcess {
  readonly port: number;
  readonly pid: number;
  connect(): Promise<RawClient>;
  stop(): Promise<void>;
}

/** Resolves at the program's `ready` line. */
export async function startClusterProcess(
  options: { readonly dataDir?: string; readonly nodeArgs?: readonly string[] } = {},
): Promise<ClusterProcess> {
  const where = options.dataDir === undefined ? ['--ephemeral'] : ['--data-dir', options.dataDir];
  const program = [MAIN, 'start', ...where, '--port', '0', '--http-port', '0', '--json'];
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), ...program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await firstLine(child);
  const { mysqlPort } = JSON.parse(line) as { mysqlPort: number };
  return {
    port: mysqlPort,
    pid: child.pid ?? 0,
    connect: () => connectRaw(mysqlPort),
    stop: () => stopProcess(child),
  };
}

const children = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of children) child.kill('SIGTERM');
});

/** The first line that a process writes; it does not outlive this process. */
export function firstLine(child: ChildProcess): Promise<string> {
  children.add(child);
  child.once('exit', () => children.delete(child));
  const { stdout } = child;
  if (stdout === null) throw new Error('the process has no standard output to read');
  return new Promise((resolve, reject) => {
    createInterface(stdout).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
    child.once('error', reject);
  });
}

export function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

export function rssMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** A folder that is gone afterwards, whatever happens. */
export async function inTemporaryFolder<T>(body: (path: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), 'starrocks-emulator-bench-'));
  try {
    return await body(path);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
