/** `InstantFiles` of a simulated disk, on what that disk knows of its tree. */
import type { InstantFile, InstantFiles, PlantedFile } from './instant-files.ts';
import { keptContent } from './memory-content.ts';
import type { Place } from './memory-place.ts';
import { PlantedDirectory, PlantedNode } from './memory-planted.ts';
import { applyChanges, commitDirectory, type MemoryNode } from './memory-tree.ts';

export interface MemoryDisk {
  placeIfAny(path: string): Place | undefined;
  find(path: string): MemoryNode | undefined;
  /** The next of so many numbers in a row, each given once. */
  takeNumbers(count: number): number;
}

export function createInstantFiles(disk: MemoryDisk): InstantFiles {
  const untouched = (place: Place | undefined): PlantedDirectory | undefined => {
    const node = place?.directory.entries.get(place.name);
    return node instanceof PlantedDirectory && !node.isTouched ? node : undefined;
  };
  const nodeOf = (file: PlantedFile): PlantedNode | undefined => {
    const { name } = file;
    if ('bytes' in file) {
      const inode = disk.takeNumbers(2);
      const content = keptContent(file.bytes, inode + 1);
      return new PlantedNode(name, { isFile: true, inode, content });
    }
    const node = disk.find(file.cloneOf);
    return node?.isFile ? new PlantedNode(name, node) : undefined;
  };
  return {
    plant(top: string, below: string, files: readonly PlantedFile[]): boolean {
      const place = disk.placeIfAny(top);
      if (place === undefined || place.directory.entries.has(place.name)) return false;
      const nodes: PlantedNode[] = [];
      for (const file of files) {
        const made = nodeOf(file);
        if (made === undefined) return false;
        nodes.push(made);
      }
      const inode = disk.takeNumbers(1 + below.split('/').length);
      place.directory.entries.set(place.name, new PlantedDirectory(inode, below, nodes));
      commitDirectory(place.directory);
      return true;
    },
    planted: (top: string, below: string): readonly InstantFile[] | undefined =>
      untouched(disk.placeIfAny(top))?.filesAt(below),
    uproot(top: string): boolean {
      const place = disk.placeIfAny(top);
      if (place === undefined || untouched(place) === undefined) return false;
      applyChanges(disk.takeNumbers(1), [{ ...place, node: undefined }]);
      return true;
    },
  };
}
