/**
 * MD5 of large files on a few worker threads, so that the main thread keeps answering. The pool is
 * made at first use and never keeps the process alive while it has nothing to do.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SimError } from './errors.ts';
import { fileError } from './file-error.ts';
import { type Op, suspend } from './op.ts';
import { MIB } from './units.ts';

/** More threads than this wait for the disk, not for each other. */
export const MD5_WORKERS_MAX = 4;

/** Callers bound their own concurrency; past this a caller does not. */
export const MD5_QUEUE_MAX = 100_000;

const HASH_CHUNK_BYTES = MIB;

/** Plain JavaScript in a string: it runs alike from TypeScript sources and the built package. */
const WORKER_CODE = `
const { parentPort } = require('node:worker_threads');
const { closeSync, openSync, readSync } = require('node:fs');
const { createHash } = require('node:crypto');
const chunk = Buffer.allocUnsafeSlow(${HASH_CHUNK_BYTES});
parentPort.on('message', (path) => {
  try {
    const hash = createHash('md5');
    const file = openSync(path, 'r');
    try {
      for (;;) {
        const count = readSync(file, chunk, 0, chunk.length, null);
        if (count === 0) break;
        hash.update(chunk.subarray(0, count));
      }
    } finally {
      closeSync(file);
    }
    parentPort.postMessage({ md5: hash.digest('hex') });
  } catch (error) {
    parentPort.postMessage({ errno: error.code, text: error.message });
  }
});
`;

interface Reply {
  readonly md5?: string;
  readonly errno?: string;
  readonly text?: string;
}

interface Job {
  readonly path: string;
  readonly done: (outcome: { ok: true; value: string } | { ok: false; error: unknown }) => void;
}

const workersMax = Math.max(1, Math.min(MD5_WORKERS_MAX, availableParallelism()));
const idle: Worker[] = [];
const busy = new Map<Worker, Job>();
const queue: Job[] = [];

/** 32 lower-case hex digits over the file's content. */
export function* md5InPool(path: string): Op<string> {
  if (queue.length >= MD5_QUEUE_MAX) {
    throw new SimError('limit-reached', `more than ${MD5_QUEUE_MAX} files wait for their MD5`);
  }
  return yield* suspend<string>((resume) => {
    queue.push({ path, done: resume });
    assignWork();
  });
}

function assignWork(): void {
  while (queue.length > 0) {
    const worker = idle.pop() ?? (busy.size < workersMax ? openWorker() : undefined);
    if (worker === undefined) return;
    const job = queue.shift();
    if (job === undefined) return;
    busy.set(worker, job);
    worker.ref();
    worker.postMessage(job.path);
  }
}

function openWorker(): Worker {
  const worker = new Worker(WORKER_CODE, { eval: true, execArgv: [], name: 'md5' });
  worker.on('message', (reply: Reply) => {
    const job = busy.get(worker);
    busy.delete(worker);
    idle.push(worker);
    worker.unref();
    if (job !== undefined) finish(job, reply);
    assignWork();
  });
  worker.on('error', (error) => {
    const job = busy.get(worker);
    forget(worker);
    job?.done({ ok: false, error });
    assignWork();
  });
  worker.on('exit', () => {
    const job = busy.get(worker);
    forget(worker);
    const text = `the MD5 worker ended while it read ${job?.path}`;
    job?.done({ ok: false, error: new SimError('file-error', text) });
    assignWork();
  });
  return worker;
}

function forget(worker: Worker): void {
  busy.delete(worker);
  const index = idle.indexOf(worker);
  if (index >= 0) idle.splice(index, 1);
}

function finish(job: Job, reply: Reply): void {
  if (reply.md5 !== undefined) {
    job.done({ ok: true, value: reply.md5 });
    return;
  }
  const cause = new Error(reply.text ?? 'no reason given');
  job.done({ ok: false, error: fileError(reply.errno ?? 'EIO', 'read', job.path, cause) });
}
