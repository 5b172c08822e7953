/** `InstantFiles` of a simulated disk, on what that disk knows of its tree. */
import type { InstantFile, InstantFiles, NumberedForm, PlantedFile } from './instant-files.ts';
import { hollowOfDigest, keptContent } from './memory-content.ts';
import type { Place } from './memory-place.ts';
import { NumberedDirectory, PlantedDirectory, PlantedNode } from './memory-planted.ts';
import {
  commitDirectory,
  type MemoryDirectory,
  type MemoryFile,
  type MemoryNode,
  removeEntry,
} from './memory-tree.ts';
import { NumberedBytes } from './numbered-bytes.ts';

export interface MemoryDisk {
  placeIfAny(path: string): Place | undefined;
  find(path: string): MemoryNode | undefined;
  /** The next of so many numbers in a row, each given once. */
  takeNumbers(count: number): number;
  /** The one that will be taken next. */
  nextNumber(): number;
}

export function createInstantFiles(disk: MemoryDisk): InstantFiles {
  const untouched = (
    place: Place | undefined,
  ): PlantedDirectory | NumberedDirectory | undefined => {
    const node = place?.directory.entries.get(place.name);
    const isPlanted = node instanceof NumberedDirectory || node instanceof PlantedDirectory;
    return isPlanted && !node.isTouched ? node : undefined;
  };
  const nodeOf = (file: PlantedFile): PlantedNode | undefined => {
    if ('hollow' in file) return new PlantedNode(file.name, hollowFile(disk, file.hollow));
    if ('bytes' in file) {
      const { bytes } = file;
      return new PlantedNode(
        file.name,
        bytes instanceof NumberedBytes ? bytes : realFile(disk, bytes),
      );
    }
    const node = disk.find(file.cloneOf);
    return node?.isFile ? new PlantedNode(file.name, node) : undefined;
  };
  const put = ({ directory, name }: Place, made: MemoryDirectory): void => {
    directory.entries.set(name, made);
    commitDirectory(directory);
  };
  return {
    plant(top: string, below: string, files: readonly PlantedFile[]): boolean {
      const place = disk.placeIfAny(top);
      if (place === undefined || place.directory.entries.has(place.name)) return false;
      const nodes = files.map(nodeOf);
      if (!nodes.every((node) => node !== undefined)) return false;
      const inode = disk.takeNumbers(1 + depthOf(below) + nodes.length);
      put(place, new PlantedDirectory(inode, below, nodes));
      return true;
    },
    plantNumbered(top: string, form: NumberedForm, number: number): boolean {
      const place = disk.placeIfAny(top);
      if (place === undefined) return false;
      const count = 1 + form.depth + 1;
      const made = new NumberedDirectory(disk.nextNumber(), form, number);
      if (!place.directory.entries.add(place.name, made)) return false;
      disk.takeNumbers(count);
      commitDirectory(place.directory);
      return true;
    },
    replant(top: string, below: string, files: readonly PlantedFile[]): boolean {
      const place = disk.placeIfAny(top);
      const isHere = untouched(place)?.filesAt(below) !== undefined;
      if (place === undefined || !isHere) return false;
      const nodes = files.map(nodeOf);
      if (!nodes.every((node) => node !== undefined)) return false;
      const inode = disk.takeNumbers(1 + depthOf(below) + nodes.length);
      put(place, new PlantedDirectory(inode, below, nodes));
      return true;
    },
    planted: (top: string, below: string): readonly InstantFile[] | undefined =>
      untouched(disk.placeIfAny(top))?.filesAt(below),
    uproot(top: string): boolean {
      const place = disk.placeIfAny(top);
      const node = untouched(place);
      if (place === undefined || node === undefined) return false;
      removeEntry(disk.takeNumbers(1), place.directory, place.name, node);
      return true;
    },
  };
}

function realFile(disk: MemoryDisk, bytes: Uint8Array): MemoryFile {
  const inode = disk.takeNumbers(1);
  return { isFile: true, inode, content: keptContent(bytes, inode) };
}

function hollowFile(
  disk: MemoryDisk,
  { sizeBytes, md5 }: { readonly sizeBytes: number; readonly md5: string },
): MemoryFile {
  const inode = disk.takeNumbers(1);
  return { isFile: true, inode, content: hollowOfDigest(sizeBytes, md5, inode) };
}

/** Directories on a path below another. */
function depthOf(below: string): number {
  let depth = 1;
  for (let at = below.indexOf('/'); at >= 0; at = below.indexOf('/', at + 1)) depth += 1;
  return depth;
}
