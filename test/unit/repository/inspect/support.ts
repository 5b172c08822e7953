/** Snapshots to look at: one that a cluster made, copied for each test, and one as others write it. */
import { createHash } from 'node:crypto';
import { runNow } from '../../../../src/base/op.ts';
import { decodeManifest } from '../../../../src/be-sim/manifest.ts';
import { bytesSource, readObject, textSource } from '../../../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../../../src/blob/memory.ts';
import type { TabletHeader } from '../../../../src/repository/inspect/check-tablet.ts';
import type { Finding } from '../../../../src/repository/inspect/finding.ts';
import type { SnapshotReport } from '../../../../src/repository/inspect/snapshot-report.ts';
import {
  type VerifyLevel,
  verifySnapshot,
} from '../../../../src/repository/inspect/verify-snapshot.ts';

export const REPOSITORY = '/bucket/backups/__starrocks_repository_repo';

export const OBJECT_BYTES_MAX: number = 1 << 24;

export const md5 = (bytes: Uint8Array | string): string =>
  createHash('md5').update(bytes).digest('hex');

export function bytesAt(store: MemoryBlob, key: string): Uint8Array {
  return runNow(readObject(store, key, OBJECT_BYTES_MAX));
}

export function putAt(store: MemoryBlob, key: string, content: Uint8Array | string): void {
  const source = typeof content === 'string' ? textSource(content) : bytesSource(content);
  runNow(store.put(key, source));
}

export function copyOf(store: MemoryBlob): MemoryBlob {
  const copy = new MemoryBlob();
  for (const key of store.keys()) putAt(copy, key, bytesAt(store, key));
  return copy;
}

/** The one key that matches. */
export function keyOf(store: MemoryBlob, pattern: RegExp): string {
  const [key, another] = store.keys().filter((each) => pattern.test(each));
  if (key === undefined || another !== undefined) throw new Error(`${pattern}: ${key}, ${another}`);
  return key;
}

/** The first key that matches, in order. */
export function firstKey(store: MemoryBlob, pattern: RegExp): string {
  const key = [...store.keys()].sort().find((each) => pattern.test(each));
  if (key === undefined) throw new Error(`no key ${pattern}`);
  return key;
}

/** Other bytes under a name whose checksum fits them. */
export function replaceAt(store: MemoryBlob, key: string, content: Uint8Array | string): string {
  runNow(store.delete(key));
  const fresh = `${key.slice(0, key.lastIndexOf('.'))}.${md5(content)}`;
  putAt(store, fresh, content);
  return fresh;
}

export function flipAt(store: MemoryBlob, key: string): void {
  const bytes = Uint8Array.from(bytesAt(store, key));
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  putAt(store, key, bytes);
}

export function emulatorHeader(bytes: Uint8Array): TabletHeader | undefined {
  const manifest = decodeManifest(bytes);
  if (manifest === undefined) return undefined;
  const { tabletId, version, rowsets } = manifest;
  return { tabletId, version, files: rowsets.flatMap(({ files }) => files) };
}

export interface Looked {
  readonly report: SnapshotReport;
  readonly findings: readonly Finding[];
}

export function verify(
  store: MemoryBlob,
  level: VerifyLevel = 'metadata',
  change: Partial<Parameters<typeof verifySnapshot>[0]> = {},
): Looked {
  const findings: Finding[] = [];
  const report = runNow(
    verifySnapshot({
      storage: store,
      repository: REPOSITORY,
      label: 'monday',
      level,
      sample: { share: 1, seed: '1' },
      isAskedFor: false,
      readHeader: emulatorHeader,
      tell: (finding) => findings.push(finding),
      onProgress: () => {},
      checkpoint: () => {},
      ...change,
    }),
  );
  return { report, findings };
}

/** Kind, effect, and whose it is. */
export function toldOf({ findings }: Looked): readonly string[] {
  return findings.map(({ kind, effect, table = '', partition = '' }) =>
    `${kind} ${effect} ${table} ${partition}`.trim(),
  );
}
