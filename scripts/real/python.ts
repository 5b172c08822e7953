/** Python with the MySQL clients of the real tier, and `starrocks-br` in several releases. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedPart } from './cache.ts';
import { mustRun } from './command.ts';

const REQUIREMENTS = join(import.meta.dirname, '../../test/real/python/requirements.txt');
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];

/** The path of a Python that has all that `requirements.txt` names. */
export async function installPython(): Promise<string> {
  const requirements = await readFile(REQUIREMENTS, 'utf8');
  const version = await mustRun('python3', ['--version']);
  const folder = await cachedPart('python', `${version}${requirements}`, async (folder) => {
    await mustRun('python3', ['-m', 'venv', folder]);
    await mustRun(join(folder, 'bin/python'), [...PIP, '--no-deps', '-r', REQUIREMENTS]);
  });
  return join(folder, 'bin/python');
}

/**
 * A folder for PYTHONPATH with one release of `starrocks-br`; what that release needs is among the
 * requirements.
 */
export async function installStarrocksBr(release: string): Promise<string> {
  const python = await installPython();
  return await cachedPart('starrocks-br', `${release} ${python}`, async (folder) => {
    const args = ['--no-deps', '--target', folder, `starrocks-br==${release}`];
    await mustRun(python, [...PIP, ...args]);
  });
}
