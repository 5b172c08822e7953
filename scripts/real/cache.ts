/**
 * Where parts of real systems are kept between runs: outside the repository, one folder per part
 * and pinned content. Processes that want the same part wait for the one that makes it.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOCK_POLL_MS = 250;
const WAIT_MS_MAX = 30 * 60_000;

/** `STARROCKS_EMULATOR_CACHE`, or the user's cache folder. */
export function cacheRoot(): string {
  const chosen = process.env['STARROCKS_EMULATOR_CACHE'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(caches, 'starrocks-emulator');
}

/**
 * The folder of a part. `pins` is all that decides its content: other pins make another folder.
 * What a `make` that failed left is removed before the next try.
 */
export async function cachedPart(
  name: string,
  pins: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256').update(pins).digest('hex').slice(0, 12);
  const folder = join(cacheRoot(), `${name}-${hash}`);
  const whole = join(folder, '.whole');
  if (await exists(whole)) return folder;
  await mkdir(cacheRoot(), { recursive: true });
  const lock = `${folder}.lock`;
  await takeLock(lock);
  try {
    if (await exists(whole)) return folder;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await make(folder);
    await writeFile(whole, '');
    return folder;
  } finally {
    await rm(lock, { force: true });
  }
}

/** A file that holds the process id of its owner; that of a dead one is taken over. */
async function takeLock(path: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < WAIT_MS_MAX; waitedMs += LOCK_POLL_MS) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
    else await sleep(LOCK_POLL_MS);
  }
  throw new Error(`${path} was held for too long: remove it if nothing is being installed`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
