/** Files that options name: what cannot be read or written is told with the option's word for it. */
import { resolve } from 'node:path';
import { asSimError, SimError } from '../../base/errors.ts';
import { createLocalFiles } from '../../base/local-files.ts';
import { toPromise } from '../../base/op.ts';
import { writeFileDurably } from '../../base/write-file.ts';

/** `bad-option` for a file that is not there or cannot be read. */
export async function readOptionFile(path: string, what: string): Promise<string> {
  try {
    const bytes = await toPromise(createLocalFiles().read(resolve(path)));
    return Buffer.from(bytes).toString('utf8');
  } catch (error) {
    throw new SimError('bad-option', `${what}: ${asSimError(error).message}`, { cause: error });
  }
}

/** Takes the place of a file of that name. */
export async function writeOptionFile(path: string, text: string, what: string): Promise<void> {
  try {
    await toPromise(writeFileDurably(createLocalFiles(), resolve(path), [text]));
  } catch (error) {
    throw new SimError('bad-option', `${what}: ${asSimError(error).message}`, { cause: error });
  }
}
