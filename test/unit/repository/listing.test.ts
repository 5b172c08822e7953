import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFaultPlan } from '../../../src/base/fault-plan.ts';
import { runNow } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { formatTimestampLabel, parseDateTime } from '../../../src/base/time-zone.ts';
import { joinKey, normalizeKey } from '../../../src/blob/blob-key.ts';
import { labelProblem, parseTabletDirectory } from '../../../src/repository/layout.ts';
import { openRepository } from '../../../src/repository/repository-store.ts';
import { type ShowSnapshotFilter, showSnapshots } from '../../../src/repository/show-snapshot.ts';
import { DIRECTORY, md5Of, putText, ROOT, repositoryData, type Setup, setup } from './support.ts';

const ALL: ShowSnapshotFilter = { snapshots: [], isList: false, timestamp: undefined };
const one = (label: string, timestamp?: string): ShowSnapshotFilter => ({
  snapshots: [label],
  isList: false,
  timestamp,
});
const T1 = '2023-11-14-22-13-20-123';
const T2 = '2024-01-01-00-00-00-000';
const INFO = JSON.stringify({
  name: 's1',
  database: 'db1',
  id: 10001,
  backup_time: 1700000000123,
  backup_objects: { t: { id: 1, partitions: { p1: { id: 2, version: 3, indexes: {} } } } },
  backup_result: 'succeed',
});

function putInfo({ store }: Setup, label: string, timestamp: string, text = INFO): void {
  putText(store, `${DIRECTORY}/__ss_${label}/__info_${timestamp}.${md5Of(text)}`, text);
}

function show(at: Setup, filter: ShowSnapshotFilter): readonly (readonly (string | null)[])[] {
  const { status, value } = runNow(showSnapshots(at.repository, filter));
  expect(status.code).toBe('OK');
  return value ?? [];
}

function failingList(): Setup {
  const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
  faults.enable('blob.list', { do: 'fail', text: 'access denied' });
  return setup({ faults });
}

test('invariant 3: the timestamp in a file name reads back as the time of the backup', () => {
  const times = fc.integer({ min: 0, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(times, fc.constantFrom('UTC', '+08:00', '-03:30'), (ms, zone) => {
      const [y, m, d, h, min, s, milli] = formatTimestampLabel(ms, zone).split('-');
      const seconds = parseDateTime(`${y}-${m}-${d} ${h}:${min}:${s}`, zone);
      expect((seconds ?? Number.NaN) + Number(milli)).toBe(ms);
    }),
  );
});

const label = fc
  .string({ minLength: 1, maxLength: 8 })
  .filter((text) => labelProblem(text) === undefined && !text.includes('\0'));

test.each(['object-store', 'hdfs'] as const)(
  'invariants 5 and 6: the labels are the __ss_ directories, and nothing else (%s)',
  (flavour) => {
    fc.assert(
      fc.property(fc.uniqueArray(label, { maxLength: 6 }), (labels) => {
        const at = setup({ flavour });
        putText(at.store, `${DIRECTORY}/__repo_info`, '{}');
        putText(at.store, `${DIRECTORY}/__ss_a_file_not_a_directory`, '');
        putText(at.store, `${DIRECTORY}/__other_dir/x`, '');
        putText(at.store, `${ROOT}/__ss_elsewhere/x`, '');
        for (const each of labels) putText(at.store, joinKey(DIRECTORY, `__ss_${each}`, 'x'), '');
        expect(new Set(runNow(at.repository.listSnapshots()).value)).toEqual(new Set(labels));
      }),
    );
  },
);

test('invariant 5: a label without files stays on HDFS and goes on an object store', () => {
  for (const [flavour, left] of [
    ['hdfs', ['s1']],
    ['object-store', []],
  ] as const) {
    const at = setup({ flavour });
    putText(at.store, `${DIRECTORY}/__ss_s1/x`, '');
    runNow(at.store.delete(`${DIRECTORY}/__ss_s1/x`));
    expect(runNow(at.repository.listSnapshots()).value).toEqual(left);
  }
});

test('a tablet directory is a URI below the location that reads back, and no slash doubles', () => {
  const path = { dbId: 1, tableId: 20, partitionId: 300, indexId: 4, tabletId: 50 };
  const rest =
    '__starrocks_repository_nightly/__ss_s.1/__ss_content/__db_1/__tbl_20/__part_300/__idx_4/__50';
  for (const location of [
    'memory://bucket/path',
    'memory://bucket/path/',
    'memory://bucket/path//',
  ]) {
    const { deps } = setup();
    const directory = openRepository(repositoryData({ location }), deps).tabletDirectory(
      's.1',
      path,
    );
    expect(directory).toBe(`memory://bucket/path/${rest}`);
    expect(parseTabletDirectory(directory)).toEqual({ label: 's.1', path });
    expect(normalizeKey(directory.slice('memory:/'.length))).toBe(`${ROOT}/${rest}`);
  }
  expect(parseTabletDirectory(`${ROOT}/__ss_s/__ss_content/__db_1`)).toBeUndefined();
});

test('an empty repository shows no row', () => {
  expect(show(setup(), ALL)).toEqual([]);
});

test('invariants 23 and 24: a row per label, three cells each', () => {
  const at = setup();
  putInfo(at, 's1', T1);
  putText(at.store, `${DIRECTORY}/__ss_half/__ss_content/x`, '');
  expect(show(at, ALL)).toEqual([
    ['half', '', 'ERROR: no snapshot'],
    ['s1', T1, 'OK'],
  ]);
});

test('invariant 23: one label gives one row, also when it does not exist', () => {
  const at = setup();
  putInfo(at, 's1', T1);
  expect(show(at, one('s1'))).toEqual([['s1', T1, 'OK']]);
  expect(show(at, one('nothing'))).toEqual([['nothing', '', 'ERROR: no snapshot']]);
});

test('a list of labels shows those of them that exist', () => {
  const at = setup();
  for (const each of ['a', 'b', 'c']) putInfo(at, each, T1);
  const filter = { snapshots: ['c', 'a', 'x'], isList: true, timestamp: undefined };
  expect(show(at, filter).map(([name]) => name)).toEqual(['a', 'c']);
});

test('invariant 25: as many lines as entries, and one without checksum is invalid yet OK', () => {
  const at = setup();
  putInfo(at, 's1', T2);
  putInfo(at, 's1', T1);
  putText(at.store, `${DIRECTORY}/__ss_s1/__info_${T1}.part`, '');
  putText(at.store, `${DIRECTORY}/__ss_s1/__meta.${'0'.repeat(32)}`, '');
  const [row] = show(at, one('s1'));
  expect(row?.[1]?.split('\n')).toEqual([T1, `Invalid: __info_${T1}.part`, T2]);
  expect(row?.[2]).toBe('OK');

  const bad = setup();
  putText(bad.store, `${DIRECTORY}/__ss_s1/__info_${T1}`, '');
  expect(show(bad, one('s1'))).toEqual([['s1', `Invalid: __info_${T1}`, 'OK']]);
});

test('invariant 16: other files change no result', () => {
  const at = setup();
  putInfo(at, 's1', T1);
  const before = [show(at, ALL), show(at, one('s1')), show(at, one('s1', T1))];
  putText(at.store, `${DIRECTORY}/readme.txt`, 'x');
  putText(at.store, `${DIRECTORY}/__ss_s1/info`, 'x');
  putText(at.store, `${DIRECTORY}/__ss_s1/_SUCCESS`, 'x');
  expect([show(at, ALL), show(at, one('s1')), show(at, one('s1', T1))]).toEqual(before);
});

test('labels and timestamps with characters of patterns match themselves only', () => {
  const at = setup();
  putInfo(at, 's1', T1);
  expect(show(at, one('s*'))).toEqual([['s*', '', 'ERROR: no snapshot']]);
  expect(show(at, one('s1', '2023*'))[0]?.[4]).toContain('Failed to get info: ');
});

test('invariant 24: with a timestamp there are five cells, and the details hold no ids', () => {
  const at = setup();
  putInfo(at, 's1', T1);
  const [row] = show(at, one('s1', T1));
  expect(row?.slice(0, 3)).toEqual(['s1', T1, 'db1']);
  expect(row?.[4]).toBe('OK');
  expect(JSON.parse(row?.[3] ?? '')).toEqual({
    name: 's1',
    database: 'db1',
    backup_time: 1700000000123,
    backup_objects: { t: { partitions: { p1: {} } } },
    meta_version: 92,
    starrocks_meta_version: 3,
    backup_result: 'succeed',
  });
});

test('a detail that cannot be had is text in its row, without the word ERROR', () => {
  const at = setup();
  putInfo(at, 's1', T1);
  const [row] = show(at, one('s1', T2));
  expect(row?.slice(0, 4)).toEqual(['s1', T2, null, null]);
  expect(row?.[4]).toMatch(/^Failed to get info: .*found 0/);
});

test('a damaged info file shows in its detail, and not in the list', () => {
  const at = setup();
  putText(at.store, `${DIRECTORY}/__ss_s1/__info_${T1}.${md5Of(INFO)}`, INFO.replace('db1', 'db2'));
  expect(show(at, ALL)).toEqual([['s1', T1, 'OK']]);
  expect(show(at, one('s1', T1))[0]?.[4]).toContain(md5Of(INFO));
});

test('a verified info file that is no job info fails the statement', () => {
  const at = setup();
  putInfo(at, 's1', T1, '{"name":1}');
  const { status } = runNow(showSnapshots(at.repository, one('s1', T1)));
  expect(status.code).toBe('COMMON_ERROR');
  expect(status.msg).toContain('malformed job info');
});

test('a listing that fails fails the statement for all labels, and is text for one', () => {
  const { status } = runNow(showSnapshots(failingList().repository, ALL));
  expect(status.msg).toContain('failed to list snapshots of repository nightly: access denied');
  expect(show(failingList(), one('s1'))).toEqual([
    ['s1', null, expect.stringMatching(/^ERROR: Failed to get info: .*access denied/)],
  ]);
});
