/**
 * An exclusive lock between processes, made of a file that names its holder. It is free as soon as
 * its holder has ended, however that came about. Works where processes see each other's ids.
 *
 * A lock file comes into being by `link`, complete and only once. A dead holder's file is replaced
 * by whoever holds the claim on exactly that holder: a lock file of its own, named after the dead
 * holder's nonce. So two takers cannot both replace it, and a slow one cannot replace its
 * successor. A claim whose owner died is taken over the same way.
 */
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { SimError } from './errors.ts';
import { asFileError, errnoOf } from './file-error.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

interface Holder extends ProcessIdentity {
  readonly nonce: string;
}

const NONCE = /^[0-9a-f]{16}$/;

/** Each round somebody else got further, so a taker that loses this often gives up. */
const ROUNDS_MAX = 1000;

/** Dead takers of a dead taker's claim of a dead holder's lock: deeper than this is damage. */
const CLAIM_DEPTH_MAX = 16;

/** Takes the lock and gives the function that frees it, or throws `data-dir-in-use`. */
export function takeLock(path: string): () => void {
  const holder: Holder = { ...ownIdentity(), nonce: randomBytes(8).toString('hex') };
  const draft = `${path}.${holder.nonce}`;
  try {
    writeFileSync(draft, `${JSON.stringify(holder)}\n`, { flag: 'wx' });
    take(path, path, draft, 0);
  } catch (error) {
    throw asFileError(error, 'lock', path);
  } finally {
    removeFile(draft);
  }
  return () => {
    if (readHolder(path)?.nonce === holder.nonce) removeFile(path);
  };
}

function take(base: string, target: string, draft: string, depth: number): void {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (linkNew(draft, target)) return;
    const holder = readHolder(target);
    if (holder === undefined) continue;
    if (isRunning(holder)) throw inUse(base, holder.pid);
    if (depth === CLAIM_DEPTH_MAX) break;
    const claim = `${base}.after-${holder.nonce}`;
    take(base, claim, draft, depth + 1);
    try {
      if (readHolder(target)?.nonce === holder.nonce) {
        replaceBy(draft, target);
        return;
      }
    } finally {
      removeFile(claim);
    }
  }
  throw new SimError('data-dir-in-use', `too many processes want ${base} at once`);
}

function inUse(path: string, pid: number): SimError {
  const who = pid === process.pid ? 'this process' : 'process';
  const text = `the data directory is in use: ${path} is held by ${who} ${pid}`;
  return new SimError('data-dir-in-use', text, {
    hint: 'stop that process or use another --data-dir',
  });
}

function linkNew(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The draft stays: it may be needed for further files. `rename` between links does nothing. */
function replaceBy(draft: string, target: string): void {
  const aside = `${draft}.next`;
  writeFileSync(aside, readFileSync(draft), { flag: 'wx' });
  renameSync(aside, target);
}

/** What cannot be read was cut by a power failure: its holder is dead, its content its name. */
function readHolder(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const fields = fieldsOf(text);
  const { pid, started, boot, nonce } = fields;
  const isWhole =
    typeof pid === 'number' &&
    typeof started === 'string' &&
    typeof boot === 'string' &&
    typeof nonce === 'string' &&
    NONCE.test(nonce);
  if (isWhole) return { pid, started, boot, nonce };
  const digest = createHash('md5').update(text).digest('hex');
  return { pid: 0, started: 'never', boot: 'never', nonce: digest };
}

interface HolderFields {
  readonly pid?: unknown;
  readonly started?: unknown;
  readonly boot?: unknown;
  readonly nonce?: unknown;
}

function fieldsOf(text: string): HolderFields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
