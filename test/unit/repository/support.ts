/** A repository on a store in memory, with everything it needs, and files for it. */
import { createHash } from 'node:crypto';
import { type FaultPoints, noFaults } from '../../../src/base/fault.ts';
import { asId, type RepositoryId } from '../../../src/base/ids.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { BlobStorage } from '../../../src/blob/blob-storage.ts';
import { readObject, textSource } from '../../../src/blob/byte-source.ts';
import { MemoryBlob, type MemoryFlavour } from '../../../src/blob/memory.ts';
import { createOpenBlob } from '../../../src/blob/registry.ts';
import type { Table } from '../../../src/catalog/model.ts';
import type { TableCodec } from '../../../src/repository/meta-info-codec.ts';
import type { RepositoryData } from '../../../src/repository/repository.ts';
import {
  openRepository,
  type RepositoryDeps,
  type RepositoryStore,
} from '../../../src/repository/repository-store.ts';

export const NOW_MS = 1_700_000_000_123;
export const ROOT = '/bucket/path';
export const DIRECTORY: string = `${ROOT}/__starrocks_repository_nightly`;

/** Tables of these tests are whatever JSON a test calls a table. */
export const plainCodec: TableCodec = {
  *encodeTable(table: Table): Iterable<string> {
    const text = JSON.stringify(table);
    yield text.slice(0, 3);
    yield text.slice(3);
  },
  decodeTable: (json: unknown): Table => json as Table,
};

export interface Setup {
  readonly store: MemoryBlob;
  readonly files: MemoryFiles;
  readonly clock: VirtualClock;
  readonly deps: RepositoryDeps;
  readonly repository: RepositoryStore;
}

export function repositoryData(changes: Partial<RepositoryData> = {}): RepositoryData {
  return {
    id: asId<RepositoryId>(101),
    name: 'nightly',
    createTimeMs: NOW_MS,
    isReadOnly: false,
    location: 'memory://bucket/path',
    brokerName: '',
    properties: {},
    ...changes,
  };
}

export interface SetupOptions {
  readonly flavour?: MemoryFlavour;
  readonly faults?: FaultPoints;
  readonly data?: Partial<RepositoryData>;
  readonly files?: MemoryFiles;
  /** What the repository sees in place of the store itself. */
  readonly wrap?: (store: MemoryBlob) => BlobStorage;
}

export function setup(options: SetupOptions = {}): Setup {
  const { flavour = 'object-store', faults = noFaults, wrap = (store) => store } = options;
  const store = new MemoryBlob(flavour);
  const files = options.files ?? new MemoryFiles();
  const clock = new VirtualClock(NOW_MS);
  const deps: RepositoryDeps = {
    openBlob: createOpenBlob({ files, memory: wrap(store), faults, clock, hasNetwork: false }),
    files,
    tmpDir: '/tmp_dir',
    clock,
    tableCodec: plainCodec,
    defaultTimeZone: () => 'UTC',
  };
  runNow(files.makeDirectory('/local'));
  const repository = openRepository(repositoryData(options.data), deps);
  return { store, files, clock, deps, repository };
}

export const md5Of = (text: string | Uint8Array): string =>
  createHash('md5').update(text).digest('hex');

export function putText(store: BlobStorage, key: string, text: string): void {
  runNow(store.put(key, textSource(text)));
}

export function textAt(store: BlobStorage, key: string): string {
  return Buffer.from(runNow(readObject(store, key, 1 << 24))).toString();
}

export function writeLocal(files: MemoryFiles, path: string, content: string | Uint8Array): void {
  runNow(files.remove(path));
  const writer = runNow(files.create(path));
  runNow(writer.write(typeof content === 'string' ? new TextEncoder().encode(content) : content));
  runNow(writer.close());
}

/** Everything in a store, for comparing before and after. */
export function contentsOf(store: MemoryBlob): Readonly<Record<string, string>> {
  return Object.fromEntries(store.keys().map((key) => [key, textAt(store, key)]));
}
