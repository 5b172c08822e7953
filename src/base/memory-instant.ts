/** `InstantFiles` of a simulated disk, on what that disk knows of its tree. */
import type { InstantFile, InstantFiles, PlantedFile } from './instant-files.ts';
import type { Place } from './memory-place.ts';
import { PlantedDirectory, PlantedNode } from './memory-planted.ts';
import { commitDirectory, type MemoryNode, removeEntry } from './memory-tree.ts';

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
    if ('bytes' in file) return new PlantedNode(file.name, file.bytes);
    const node = disk.find(file.cloneOf);
    return node?.isFile ? new PlantedNode(file.name, node) : undefined;
  };
  return {
    plant(top: string, below: string, files: readonly PlantedFile[]): boolean {
      const place = disk.placeIfAny(top);
      if (place === undefined || place.directory.entries.has(place.name)) return false;
      const nodes = files.map(nodeOf);
      if (!nodes.every((node) => node !== undefined)) return false;
      const inode = disk.takeNumbers(1 + below.split('/').length + nodes.length);
      place.directory.entries.set(place.name, new PlantedDirectory(inode, below, nodes));
      commitDirectory(place.directory);
      return true;
    },
    planted: (top: string, below: string): readonly InstantFile[] | undefined =>
      untouched(disk.placeIfAny(top))?.filesAt(below),
    uproot(top: string): boolean {
      const place = disk.placeIfAny(top);
      if (place === undefined || untouched(place) === undefined) return false;
      removeEntry(disk.takeNumbers(1), place.directory, place.name);
      return true;
    },
  };
}
