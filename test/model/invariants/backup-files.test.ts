/**
 * Invariants of backup-jobs.md 10 that speak of what stands in a repository after a backup: whole
 * clusters in virtual time over a store that fails now and then.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaultPoint } from '../../../src/base/fault-points.ts';
import { runNow } from '../../../src/base/op.ts';
import type { TabletManifest } from '../../../src/be-sim/manifest.ts';
import { readObject } from '../../../src/blob/byte-source.ts';
import { MemoryBlob, type MemoryFlavour } from '../../../src/blob/memory.ts';
import { decodeJobInfo } from '../../../src/repository/job-info-reader.ts';
import { type Cluster, withHistory } from '../virtual-run.ts';

const SNAPSHOT = '/backups/__starrocks_repository_repo/__ss_s1/';
const OBJECT_MAX = 1 << 24;

const flavours = fc.constantFrom<MemoryFlavour>('object-store', 'hdfs');
const storms = fc.array(
  fc.record({
    point: fc.constantFrom<FaultPoint>('blob.put', 'blob.list', 'blob.rename', 'be.task.report'),
    times: fc.integer({ min: 1, max: 6 }),
    skippedMs: fc.nat(9_000),
  }),
  { maxLength: 4 },
);

interface Taken {
  readonly cluster: Cluster;
  readonly store: MemoryBlob;
  /** Tablets that snapshot tasks were sent for. */
  readonly tasked: ReadonlySet<number>;
}

/** A finished backup of the history, through failures of the store and of reports. */
async function taken(
  flavour: MemoryFlavour,
  storm: readonly { point: FaultPoint; times: number; skippedMs: number }[],
): Promise<Taken> {
  const store = new MemoryBlob(flavour);
  const cluster = await withHistory({ memoryStore: store });
  await cluster.query('BACKUP SNAPSHOT shop.s1 TO repo');
  for (const { point, times, skippedMs } of storm) {
    cluster.faults.enable(point, { do: 'fail', text: 'storm' }, { times });
    cluster.advance(skippedMs);
  }
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  const tasked = new Set(
    cluster.trace
      .filter(({ what, about }) => what === 'task.send' && about['type'] === 'MAKE_SNAPSHOT')
      .map(({ about }) => Number(about['signature'])),
  );
  return { cluster, store, tasked };
}

const bytesOf = (store: MemoryBlob, key: string): Uint8Array =>
  runNow(readObject(store, key, OBJECT_MAX));

function keysBelow(store: MemoryBlob, prefix: string): readonly string[] {
  return store.keys().filter((key) => key.includes(prefix));
}

/** The file name behind the last dot must be the MD5 of the bytes. */
function expectOwnDigest(store: MemoryBlob, key: string): void {
  const digest = createHash('md5').update(bytesOf(store, key)).digest('hex');
  expect(key.slice(key.lastIndexOf('.') + 1)).toBe(digest);
}

function infoKey(store: MemoryBlob): string {
  const [found, another] = keysBelow(store, `${SNAPSHOT}__info_`);
  if (found === undefined || another !== undefined) throw new Error('not one info file');
  return found;
}

/** The keys of every `tablets` object of the file. */
function listedTablets(text: string): readonly number[] {
  const ids: number[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, below] of Object.entries(value)) {
      if (key === 'tablets') ids.push(...Object.keys(below).map(Number));
      else visit(below);
    }
  };
  visit(JSON.parse(text));
  return ids;
}

const infoText = (store: MemoryBlob): string =>
  Buffer.from(bytesOf(store, infoKey(store))).toString();

/** Names with checksum that a tablet's header says it has, the header's own among them. */
function namesInHeader(store: MemoryBlob, keys: readonly string[]): readonly string[] {
  const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
  const isHeader = (name: string): boolean => name.includes('.hdr.') || name.startsWith('meta.');
  const headers = keys.filter((key) => isHeader(nameOf(key)));
  const [header] = headers;
  if (header === undefined || headers.length > 1) throw new Error('not one header');
  const manifest: Pick<TabletManifest, 'rowsets'> = JSON.parse(
    Buffer.from(bytesOf(store, header)).toString(),
  );
  const files = manifest.rowsets.flatMap((rowset) => rowset.files);
  return [nameOf(header), ...files.map(({ name, md5 }) => `${name}.${md5}`)];
}

describe('the snapshot of a finished backup', () => {
  it('backup invariant 17: is whole, names end in the MD5, no .part is left', async () => {
    await fc.assert(
      fc.asyncProperty(flavours, storms, async (flavour, storm) => {
        const { cluster, store, tasked } = await taken(flavour, storm);
        const keys = keysBelow(store, SNAPSHOT);
        expect(keys.filter((key) => key.endsWith('.part'))).toEqual([]);
        expect(keys.filter((key) => key.includes('/__meta.')).length).toBe(1);
        expectOwnDigest(store, infoKey(store));
        expect(new Set(listedTablets(infoText(store)))).toEqual(tasked);
        for (const tabletId of tasked) {
          const there = keys.filter((key) => key.includes(`/__${tabletId}/`));
          expect(there.map((key) => key.slice(key.lastIndexOf('/') + 1)).sort()).toEqual(
            [...namesInHeader(store, there)].sort(),
          );
        }
        for (const key of keys) expectOwnDigest(store, key);
        await cluster.stop();
      }),
      { numRuns: 12 },
    );
  });

  it('backup invariant 19: an upload that runs again writes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 40, max: 90 }), async (silentSec) => {
        const store = new MemoryBlob();
        const cluster = await withHistory({ memoryStore: store });
        await cluster.query('BACKUP SNAPSHOT shop.s1 TO repo');
        const fault = { do: 'fail', text: 'report lost' } as const;
        cluster.faults.enable('be.task.report', fault, { match: { type: 'UPLOAD' } });
        // Backends try a report a few times; after that the frontend sends the task again.
        cluster.advance(silentSec * 1000);
        cluster.faults.disable('be.task.report');
        expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
        const sent = cluster.trace.filter(
          ({ what, about }) => what === 'task.send' && about['type'] === 'UPLOAD',
        );
        expect(sent.length).toBeGreaterThan(
          new Set(sent.map(({ about }) => about['signature'])).size,
        );
        const puts = cluster.trace
          .filter(({ what, about }) => what === 'blob' && about['operation'] === 'put')
          .map(({ about }) => String(about['key']))
          .filter((key) => key.includes('__ss_content'));
        expect(new Set(puts).size).toBe(puts.length);
        expect(puts.length).toBe(keysBelow(store, '__ss_content').length);
        await cluster.stop();
      }),
      { numRuns: 6 },
    );
  });

  it('backup invariant 29: its info lists each tablet once, and the time', async () => {
    await fc.assert(
      fc.asyncProperty(flavours, storms, async (flavour, storm) => {
        const { cluster, store, tasked } = await taken(flavour, storm);
        const text = infoText(store);
        const listed = listedTablets(text);
        expect(new Set(listed)).toEqual(tasked);
        expect(new Set(listed).size).toBe(listed.length);
        const info = decodeJobInfo(text);
        const ordered: number[] = [];
        for (const { partitions } of info.tables.values()) {
          for (const { subPartitions, indexes } of partitions.values()) {
            expect(indexes.size).toBe(0);
            for (const sub of subPartitions.values()) {
              for (const { tabletIds } of sub.indexes.values()) ordered.push(...tabletIds);
            }
          }
        }
        expect([...ordered].sort()).toEqual([...listed].sort());
        const { rows, columns } = await cluster.query('SHOW BACKUP FROM shop');
        const created = String(rows[0]?.[columns.indexOf('CreateTime')]);
        const shown = new Date(info.backupTimeMs).toISOString();
        expect(shown.slice(0, 19).replace('T', ' ')).toBe(created);
        await cluster.stop();
      }),
      { numRuns: 6 },
    );
  });
});
