#!/usr/bin/env node
/** The program `srbr`: gives a call of it the real clock, files, environment and terminal. */
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { realClock } from '../base/clock.ts';
import { isSimError } from '../base/errors.ts';
import { createLocalFiles } from '../base/local-files.ts';
import { toPromise } from '../base/op.ts';
import { realRandom } from '../base/random.ts';
import { writeFileDurably } from '../base/write-file.ts';
import type { BlobLocation, OpenedBlob } from '../blob/blob-storage.ts';
import { runProgram } from './cli/run-program.ts';
import type { Config } from './config/config.ts';
import type { Connection } from './connection/connection.ts';
import { BrError, messageOf } from './errors.ts';
import type { Delivery, Interruption, Ports, Signal } from './ports.ts';

const files = createLocalFiles();
const env = (name: string): string | undefined => process.env[name];

async function readText(path: string): Promise<string | undefined> {
  try {
    return Buffer.from(await toPromise(files.read(resolve(path)))).toString('utf8');
  } catch (error) {
    if (isSimError(error, 'file-not-found')) return undefined;
    throw new BrError('config', messageOf(error), {
      advice: ['it must be a file, and one that this user may read'],
      cause: error,
    });
  }
}

async function neededText(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = await readText(path);
  if (text === undefined) throw new BrError('config', `there is no file ${path}`);
  return text;
}

/** From the environment or a file that it names; never from the configuration. */
async function password(): Promise<string> {
  const given = env('STARROCKS_PASSWORD');
  if (given !== undefined) return given;
  const text = await neededText(env('STARROCKS_PASSWORD_FILE'));
  return (text ?? '').replace(/\r?\n$/, '');
}

async function connect(config: Config): Promise<Connection> {
  const { connectMysql } = await import('./connection/mysql-connection.ts');
  const { caCert, clientCert, clientKey, enabled } = config.tls;
  const tlsFiles = {
    ca: await neededText(enabled ? caCert : undefined),
    cert: await neededText(enabled ? clientCert : undefined),
    key: await neededText(enabled ? clientKey : undefined),
  };
  return await connectMysql(config, { password: await password(), tlsFiles });
}

/** The first signal is told, so that a run can leave in order; the second ends the process. */
function interruption(): Interruption {
  let signal: Signal | undefined;
  const listeners = new Set<() => void>();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      signal ??= name;
      for (const tell of listeners) tell();
    });
  }
  return {
    get signal() {
      return signal;
    },
    onSignal(tell) {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
  };
}

async function askLine(prompt: string): Promise<string | undefined> {
  if (process.stdin.isTTY !== true) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((done) => {
      lines.once('close', () => done(undefined));
      lines.question(prompt).then(done, () => done(undefined));
    });
  } finally {
    lines.close();
  }
}

async function delivery(): Promise<Delivery> {
  return (await import('./alerts/real-delivery.ts')).createDelivery(files);
}

async function openStore(where: BlobLocation): Promise<OpenedBlob> {
  const { createOpenBlob } = await import('../blob/registry.ts');
  const { noFaults } = await import('../base/fault.ts');
  return createOpenBlob({ files, faults: noFaults, clock: realClock, hasNetwork: true })(where);
}

const ports: Ports = {
  connect,
  readText,
  writeText: (path, text) => toPromise(writeFileDurably(files, resolve(path), [text])),
  env,
  delivery: {
    post: async (url, body) => await (await delivery()).post(url, body),
    runCommand: async (command, input) => await (await delivery()).runCommand(command, input),
    append: async (path, text) => await (await delivery()).append(resolve(path), text),
  },
  openStore,
  clock: realClock,
  random: realRandom,
  streams: {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  },
  interruption: interruption(),
  askLine,
};

process.exitCode = await runProgram(process.argv.slice(2), ports);
