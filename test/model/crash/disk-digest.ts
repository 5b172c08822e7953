/** Equal digests: equal names and bytes below a directory. */
import { createHash } from 'node:crypto';
import type { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';

/** Of all the disk for the directory ''. */
export function digestOf(files: MemoryFiles, directory: string): string {
  const hash = createHash('md5');
  const visit = (at: string): void => {
    for (const { name, isFile } of runNow(files.list(at === '' ? '/' : at))) {
      const path = `${at}/${name}`;
      hash.update(`${path}\n`);
      if (isFile) hash.update(runNow(files.read(path)));
      else visit(path);
    }
  };
  visit(directory);
  return hash.digest('hex');
}
