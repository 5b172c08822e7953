/** Snapshots that are written by rows read like each written by itself. */
import { expect, test } from 'vitest';
import { asId } from '../../../src/base/ids.ts';
import { JsonChunks } from '../../../src/catalog/json-chunks.ts';
import type { SnapshotInfo } from '../../../src/jobs/snapshot-info.ts';
import { SnapshotWriter } from '../../../src/jobs/snapshot-writer.ts';
import { tabletSnapshots } from '../../../src/jobs/tablet-snapshots.ts';

function infoOf(tabletId: number, path: string, files: readonly string[]): SnapshotInfo {
  const indexId = tabletId > 100 ? 5 : 4;
  return {
    dbId: asId(1),
    tblId: asId(2),
    partitionId: asId(3),
    indexId: asId(indexId),
    tabletId: asId(tabletId),
    beId: asId(10_001 + (tabletId % 2)),
    schemaHash: -7,
    path,
    files,
  };
}

test('each entry has all fields, wherever the path has its number', () => {
  const infos = [
    infoOf(9, '/be/10002/snapshot/20260101000000.0.86400', ['9.hdr']),
    infoOf(10, '/be/10001/snapshot/20260101000000.9.86400', ['10.hdr']),
    infoOf(12, '/be/10001/snapshot/20260101000000.10.86400', ['12.hdr', 'a.dat']),
    infoOf(14, '/a "path" without a number', []),
    infoOf(101, '/be/10002/snapshot/20260101000000.11.3600', ['101.hdr', 'ä.dat']),
  ];
  const out = new JsonChunks();
  const writer = new SnapshotWriter(out, tabletSnapshots(infos));
  for (const at of infos.keys()) writer.writeEntry(at);
  const entries = infos.map((info) => `"${info.tabletId}":${JSON.stringify(info)}`);
  expect(out.take().toString()).toBe(entries.join(','));
});
