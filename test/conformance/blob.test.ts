import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noFaults } from '../../src/base/fault.ts';
import { createLocalFiles } from '../../src/base/local-files.ts';
import { MemoryFiles } from '../../src/base/memory-files.ts';
import { runNow, toPromise } from '../../src/base/op.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { BlobStorage } from '../../src/blob/blob-storage.ts';
import { createLocalBlob } from '../../src/blob/local.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import { type BlobFaultOptions, withFault } from '../../src/blob/with-fault.ts';
import { type BlobUnderTest, describeBlob } from './blob.ts';

const BASE = '/store/base';

async function inMemory(storage: BlobStorage, clock = new VirtualClock()): Promise<BlobUnderTest> {
  return { storage, base: BASE, run: async (op) => clock.run(op), close: async () => {} };
}

function memoryDisk(): BlobStorage {
  const files = new MemoryFiles();
  runNow(files.makeDirectory(BASE));
  return createLocalBlob(files);
}

describeBlob('memory, object store', () => inMemory(new MemoryBlob('object-store')));

describeBlob('memory, HDFS', () => inMemory(new MemoryBlob('hdfs')));

describeBlob('local directory of memory files', () => inMemory(memoryDisk()));

describeBlob('local directory of the disk', async () => {
  const base = await mkdtemp(join(tmpdir(), 'blob-'));
  return {
    storage: createLocalBlob(createLocalFiles()),
    base,
    run: toPromise,
    close: () => rm(base, { recursive: true }),
  };
});

const noPoint = (clock: VirtualClock): BlobFaultOptions => ({
  faults: noFaults,
  clock,
  backend: 'frontend',
});

describeBlob('behind fault points without a plan', () =>
  inMemory(withFault(new MemoryBlob('hdfs'), noPoint(new VirtualClock()))),
);

describeBlob('a local directory behind fault points', () => {
  const clock = new VirtualClock();
  return inMemory(withFault(memoryDisk(), noPoint(clock)), clock);
});
