/** How much lies in a folder. */
import type { Files } from '../../base/files.ts';
import type { Op } from '../../base/op.ts';

export interface FolderUsage {
  readonly fileCount: number;
  readonly sizeBytes: number;
}

export function* folderUsage(files: Files, folder: string): Op<FolderUsage> {
  let fileCount = 0;
  let sizeBytes = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const { name, isFile } of yield* files.list(next)) {
      const path = `${next}/${name}`;
      if (!isFile) {
        folders.push(path);
        continue;
      }
      fileCount += 1;
      sizeBytes += (yield* files.stat(path))?.sizeBytes ?? 0;
    }
  }
  return { fileCount, sizeBytes };
}
