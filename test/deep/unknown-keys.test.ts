/** What a later release adds to metadata is ignored, wherever it stands. */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { decodeTable, encodeTable } from '../../src/catalog/codec.ts';
import { writeImage } from '../../src/fe/image.ts';
import { frontendRecordCodec } from '../../src/fe/records.ts';
import { decodeJobInfo } from '../../src/repository/job-info-reader.ts';
import { decodeMeta } from '../../src/repository/meta-info-codec.ts';
import { loggedState, replayedFrontend } from '../model/crash/machine.ts';
import { IMAGE_DIR, recordMetadata } from '../unit/metadata/recorded.ts';
import { withUnknownKeys } from '../unit/metadata/unknown-keys.ts';

const recorded = recordMetadata();

/** Objects whose keys are names or ids: a key that nobody knows would be one of those. */
const MAPS: ReadonlySet<string> = new Set([
  'baseTableVisibleVersionMap',
  'backup_objects',
  'databases',
  'globals',
  'idToPartition',
  'idToSubPartition',
  'idToVisibleRollupIndex',
  'indexIdToMeta',
  'indexNameToId',
  'indexes',
  'partitions',
  'properties',
  'pt',
  'restoredVersionInfo',
  'restoredVersionInfo.*',
  'rp',
  'snapshotInfos',
  'snapshotInfos.*',
  'subPartitions',
  'tables',
  'tablets',
  'taskErrMsg',
  'tblAlias',
  'tblNameMap',
]);

const lastOf = (place: string): string => /[^.]+(\.\*)?$/.exec(place)?.[0] ?? '';
const isMap = (place: string): boolean => MAPS.has(lastOf(place));

/** Places at which an unknown key is not ignored. */
function notIgnored(json: unknown, decode: (json: unknown) => unknown): readonly string[] {
  const plain = decode(json);
  const places: string[] = [];
  for (const { place, json: changed } of withUnknownKeys(json, isMap)) {
    try {
      if (!isDeepStrictEqual(decode(changed), plain)) places.push(`${place}: another value`);
    } catch (error) {
      places.push(`${place}: ${error}`);
    }
  }
  return places;
}

test('in every record of the edit log', () => {
  const seen = new Map<string, number>();
  for (const { op, body } of recorded.records) {
    const times = seen.get(op) ?? 0;
    seen.set(op, times + 1);
    // Jobs are logged in state after state, each with other parts; the rest is much alike.
    if (times > 2 && !op.includes('JOB')) continue;
    expect(notIgnored(body, (json) => frontendRecordCodec.decode(op, json))).toEqual([]);
  }
  expect(seen.size).toBeGreaterThan(8);
});

test('in __info', () => {
  const json: unknown = JSON.parse(recorded.info);
  expect(notIgnored(json, (changed) => decodeJobInfo(JSON.stringify(changed)))).toEqual([]);
});

test('in __meta', () => {
  const json: unknown = JSON.parse(Buffer.from(recorded.meta).subarray(4).toString());
  const decode = (changed: unknown): unknown => {
    const text = Buffer.from(JSON.stringify(changed));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(text.length);
    return decodeMeta(Buffer.concat([head, text]), { encodeTable, decodeTable });
  };
  expect(notIgnored(json, decode)).toEqual([]);
});

test('in the image', () => {
  const { machine } = recorded;
  const seq = machine.frontend.lastSequence();
  const decode = (changed: unknown): unknown => {
    const files = machine.files.crash({ fate: 'kept', random: new SeededRandom(0n) });
    machine.run(files.remove(`${IMAGE_DIR}/image.${seq}`));
    machine.run(writeImage(files, IMAGE_DIR, seq, [JSON.stringify(changed)]));
    return loggedState(replayedFrontend(files, machine.clock.now(), machine.profile));
  };
  expect(notIgnored(recorded.image, decode)).toEqual([]);
});
