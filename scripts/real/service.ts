/** A server in a process of its own: started on loopback, waited for, stopped with the run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServiceOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Asked until it says yes; what it throws counts as no. */
  readonly isReady: () => Promise<boolean>;
  readonly readyMsMax: number;
}

export interface Service {
  stop(): Promise<void>;
}

const READY_POLL_MS = 100;
const STOP_MS_MAX = 10_000;
const LOG_CHARACTERS_KEPT = 20_000;

/** Rejects with the last of what the program said when it ends before, or is not ready in time. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, command, args, env, cwd, isReady, readyMsMax } = options;
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const keep = (text: string): void => {
    said = (said + text).slice(-LOG_CHARACTERS_KEPT);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  child.on('error', (error) => keep(error.message));
  const killAtExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killAtExit);
  const stop = async (): Promise<void> => {
    process.off('exit', killAtExit);
    await stopChild(child);
  };
  for (let waitedMs = 0; waitedMs < readyMsMax; waitedMs += READY_POLL_MS) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (await isReady().catch(() => false)) return { stop };
    await sleep(READY_POLL_MS);
  }
  await stop();
  throw new Error(`${name} did not get ready:\n${said}`);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const closed = once(child, 'exit');
  child.kill('SIGTERM');
  const limit = new AbortController();
  const late = sleep(STOP_MS_MAX, 'late', { signal: limit.signal }).catch(() => 'stopped');
  if ((await Promise.race([closed, late])) === 'late') {
    child.kill('SIGKILL');
    await closed;
  }
  limit.abort();
}

/** Ports of the loopback that nobody uses now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) ports.push(address.port);
  }
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}
