/** The ways out over HTTP, through a shell and into files, for the program itself. */
import { spawn } from 'node:child_process';
import type { Files } from '../../base/files.ts';
import { toPromise } from '../../base/op.ts';
import { SECOND_MS } from '../../base/units.ts';
import type { Delivery } from '../ports.ts';

/** Whoever takes longer counts as not reached. */
const POST_MS_MAX: number = 10 * SECOND_MS;
const COMMAND_MS_MAX: number = 60 * SECOND_MS;

export function createDelivery(files: Files): Delivery {
  return { post, runCommand, append: (path, text) => append(files, path, text) };
}

async function post(url: string, body: string): Promise<void> {
  let status: number;
  try {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(POST_MS_MAX);
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    await response.body?.cancel();
    status = response.status;
  } catch (error) {
    throw new Error(`no answer: ${reasonOf(error)}`);
  }
  if (status < 200 || status > 299) throw new Error(`the answer was HTTP ${status}`);
}

/** Codes only: the texts of some of these errors hold the URL, which may hold a token. */
function reasonOf(error: unknown): string {
  const { cause, name } = error as Error & { readonly cause?: { readonly code?: unknown } };
  if (typeof cause?.code === 'string') return cause.code;
  return name === 'TimeoutError' ? 'too late' : 'the URL cannot be used';
}

function runCommand(command: string, input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      shell: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: COMMAND_MS_MAX,
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(signal === null ? `it ended with ${code}` : `it ended by ${signal}`));
    });
    // A command that does not read its input is fine.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

async function append(files: Files, path: string, text: string): Promise<void> {
  const writer = await toPromise(files.openAppend(path));
  try {
    await toPromise(writer.write(Buffer.from(text, 'utf8')));
    await toPromise(writer.sync());
  } finally {
    await toPromise(writer.close());
  }
}
