/** Who wrote a snapshot and how long it stays: the cache, SHOW SNAPSHOT's cells, deletion. */
import { describe, expect, test } from 'vitest';
import { createFaultPlan } from '../../../src/base/fault-plan.ts';
import { asId, type RepositoryId } from '../../../src/base/ids.ts';
import { runNow } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { encodeJobInfo } from '../../../src/repository/job-info-codec.ts';
import type { Repository } from '../../../src/repository/repository.ts';
import {
  type ShowSnapshotFilter,
  showSnapshotColumns,
  showSnapshots,
} from '../../../src/repository/show-snapshot.ts';
import {
  isExpiredAt,
  RETENTION_CACHE_ENTRIES_MAX,
  SnapshotRetentionCache,
} from '../../../src/repository/snapshot-retention-cache.ts';
import { OK } from '../../../src/repository/status.ts';
import { contentsOf, DIRECTORY, md5Of, NOW_MS, putText, type Setup, setup } from './support.ts';

const T1 = '2023-11-14-22-13-20-123';
const T2 = '2024-01-01-00-00-00-000';
const DAY_MS = 86_400_000;
const ALL: ShowSnapshotFilter = { snapshots: [], isList: false, timestamp: undefined };

interface Retention {
  readonly clusterId?: number;
  readonly finishTimeMs?: number;
  readonly ttl?: string;
  readonly expireTimeMs?: number;
}

const OURS: Retention = {
  clusterId: 77,
  finishTimeMs: NOW_MS,
  ttl: '1 DAY',
  expireTimeMs: NOW_MS + DAY_MS,
};

function infoText(retention: Retention): string {
  return encodeJobInfo({
    name: 's1',
    dbName: 'db1',
    dbId: 10001,
    backupTimeMs: NOW_MS,
    tables: new Map(),
    success: true,
    metaVersion: 92,
    starrocksMetaVersion: 3,
    ...retention,
  });
}

function putInfo({ store }: Setup, label: string, timestamp: string, text: string): string {
  const key = `${DIRECTORY}/__ss_${label}/__info_${timestamp}.${md5Of(text)}`;
  putText(store, key, text);
  return key;
}

describe('finding the job info of a label', () => {
  test('takes the one file with a checksum, whatever else lies there', () => {
    const at = setup();
    const { store, repository } = at;
    expect(runNow(repository.findJobInfo('s1'))).toEqual({ status: OK, value: undefined });
    putText(store, `${DIRECTORY}/__ss_s1/__info_${T1}.part`, 'x');
    putText(store, `${DIRECTORY}/__ss_s1/__info_${T1}`, 'x');
    putText(store, `${DIRECTORY}/__ss_s1/__info_${T2}.${md5Of('d')}/file`, 'a directory');
    putText(store, `${DIRECTORY}/__ss_s1/__meta.${md5Of('m')}`, 'm');
    expect(runNow(repository.findJobInfo('s1')).value).toBeUndefined();
    const text = infoText(OURS);
    putInfo(at, 's1', T1, text);
    expect(runNow(repository.findJobInfo('s1')).value).toEqual({
      timestamp: T1,
      fileName: `__info_${T1}.${md5Of(text)}`,
    });
    putInfo(at, 's1', T2, text);
    expect(runNow(repository.findJobInfo('s1')).value).toBeUndefined();
  });
});

describe('the cache', () => {
  test('reads a file once, and again when another lies there, also of the same time', () => {
    const at = setup();
    const cache = new SnapshotRetentionCache();
    const get = (): unknown => runNow(cache.get(at.repository, 's1'));
    const first = putInfo(at, 's1', T1, infoText(OURS));
    const known = get();
    expect(known).toMatchObject({ ...OURS, file: { timestamp: T1 } });
    expect(get()).toBe(known);
    runNow(at.store.delete(first));
    expect(get()).toBeUndefined();
    putInfo(at, 's1', T1, infoText({ clusterId: 5 }));
    expect(get()).toMatchObject({ clusterId: 5, ttl: undefined, expireTimeMs: undefined });
  });

  test('keeps nothing of a file that cannot be read', () => {
    const at = setup();
    const cache = new SnapshotRetentionCache();
    putInfo(at, 's1', T1, '{"name":');
    putText(at.store, `${DIRECTORY}/__ss_s2/__info_${T1}.${md5Of('other')}`, infoText(OURS));
    for (const label of ['s1', 's2']) {
      expect(runNow(cache.get(at.repository, label))).toBeUndefined();
    }
    expect(cache.size).toBe(0);
  });

  test('keeps repositories and labels apart, and forgets on demand', () => {
    const at = setup();
    const cache = new SnapshotRetentionCache();
    putInfo(at, 's1', T1, infoText(OURS));
    runNow(cache.get(at.repository, 's1'));
    cache.forget(asId<RepositoryId>(1), 's1');
    cache.forget(at.repository.data.id, 's2');
    expect(cache.size).toBe(1);
    cache.forget(at.repository.data.id, 's1');
    expect(cache.size).toBe(0);
  });

  test('holds ten thousand entries; the one unused for longest goes first', () => {
    const cache = new SnapshotRetentionCache();
    let downloads = 0;
    const source: Pick<Repository, 'data' | 'findJobInfo' | 'fetchJobInfo'> = {
      data: setup().repository.data,
      *findJobInfo() {
        return { status: OK, value: { timestamp: T1, fileName: `__info_${T1}.x` } };
      },
      *fetchJobInfo() {
        downloads += 1;
        return {
          status: OK,
          value: {
            name: 's',
            dbName: 'd',
            dbId: 1,
            backupTimeMs: 1,
            tables: new Map(),
            success: true,
            metaVersion: 92,
            starrocksMetaVersion: 3,
          },
        };
      },
    };
    for (let at = 0; at < RETENTION_CACHE_ENTRIES_MAX; at += 1) {
      runNow(cache.get(source, `s${at}`));
    }
    runNow(cache.get(source, 's0'));
    runNow(cache.get(source, 'one more'));
    expect(cache.size).toBe(RETENTION_CACHE_ENTRIES_MAX);
    downloads = 0;
    runNow(cache.get(source, 's0'));
    expect(downloads).toBe(0);
    runNow(cache.get(source, 's1'));
    expect(downloads).toBe(1);
  });

  test('a snapshot is over from its moment of expiry on, and never without one', () => {
    const file = { timestamp: T1, fileName: 'x' };
    const base = { file, clusterId: 1, finishTimeMs: 1, ttl: '1 DAY' };
    expect(isExpiredAt({ ...base, expireTimeMs: 10 }, 9)).toBe(false);
    expect(isExpiredAt({ ...base, expireTimeMs: 10 }, 10)).toBe(true);
    expect(isExpiredAt({ ...base, expireTimeMs: undefined }, Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});

describe('SHOW SNAPSHOT with retention', () => {
  const show = (at: Setup, filter: ShowSnapshotFilter, sessionTimeZone = 'UTC') => {
    const cells = { cache: new SnapshotRetentionCache(), sessionTimeZone };
    return runNow(showSnapshots(at.repository, filter, cells)).value ?? [];
  };
  const OUR_CELLS = ['77', '2023-11-14 22:13:20', '1 DAY', '2023-11-15 22:13:20'];
  const NOTHING = [null, null, null, null];

  test('invariant 24: three and five columns, and four more after Status from 4.2 on', () => {
    const detail = { snapshots: ['s1'], isList: false, timestamp: T1 };
    expect(showSnapshotColumns(ALL, false)).toEqual(['Snapshot', 'Timestamp', 'Status']);
    expect(showSnapshotColumns(detail, false)).toHaveLength(5);
    const seven = showSnapshotColumns(ALL, true);
    expect(seven.slice(2)).toEqual(['Status', 'ClusterId', 'FinishTime', 'TTL', 'ExpireTime']);
    const nine = showSnapshotColumns(detail, true);
    expect(nine.slice(4)).toEqual(['Status', 'ClusterId', 'FinishTime', 'TTL', 'ExpireTime']);
    const at = setup();
    putInfo(at, 's1', T1, infoText(OURS));
    expect(show(at, ALL).map((row) => row.length)).toEqual([7]);
    expect(show(at, detail).map((row) => row.length)).toEqual([9]);
  });

  test('tells owner, times in the session zone and ttl, in both forms', () => {
    const at = setup();
    putInfo(at, 's1', T1, infoText(OURS));
    putInfo(at, 's2', T1, infoText({ clusterId: 5, finishTimeMs: NOW_MS }));
    putInfo(at, 's3', T1, infoText({}));
    expect(show(at, ALL)).toEqual([
      ['s1', T1, 'OK', ...OUR_CELLS],
      ['s2', T1, 'OK', '5', '2023-11-14 22:13:20', null, null],
      ['s3', T1, 'OK', ...NOTHING],
    ]);
    const [row = []] = show(at, { snapshots: ['s1'], isList: false, timestamp: T1 }, '+08:00');
    expect(row.slice(4)).toEqual([
      'OK',
      '77',
      '2023-11-15 06:13:20',
      '1 DAY',
      '2023-11-16 06:13:20',
    ]);
  });

  test('all four are NULL for what cannot be read', () => {
    const at = setup();
    putText(at.store, `${DIRECTORY}/__ss_empty/x`, '');
    putInfo(at, 'torn', T1, '{');
    putInfo(at, 'twice', T1, infoText(OURS));
    putInfo(at, 'twice', T2, infoText(OURS));
    expect(show(at, ALL)).toEqual([
      ['empty', '', 'ERROR: no snapshot', ...NOTHING],
      ['torn', T1, 'OK', ...NOTHING],
      ['twice', `${T1}\n${T2}`, 'OK', ...NOTHING],
    ]);
    const detail = show(at, { snapshots: ['empty'], isList: false, timestamp: T1 });
    expect(detail[0]?.slice(2, 4)).toEqual([null, null]);
    expect(detail[0]?.slice(5)).toEqual(NOTHING);
    expect(show(at, { snapshots: ['lost'], isList: false, timestamp: undefined })).toEqual([
      ['lost', '', 'ERROR: no snapshot', ...NOTHING],
    ]);
  });

  test('invariant 23: a row for each label, and one for a name or a timestamp', () => {
    const at = setup();
    for (const label of ['a', 'b', 'c']) putInfo(at, label, T1, infoText(OURS));
    expect(show(at, ALL)).toHaveLength(3);
    for (const timestamp of [undefined, T1, 'never']) {
      for (const label of ['a', 'nowhere']) {
        expect(show(at, { snapshots: [label], isList: false, timestamp })).toHaveLength(1);
      }
    }
    expect(show(at, { snapshots: ['a', 'x'], isList: true, timestamp: undefined })).toHaveLength(1);
  });
});

describe.each(['object-store', 'hdfs'] as const)('deleting a snapshot (%s)', (flavour) => {
  test('takes the whole directory of that label and no other byte, also twice', () => {
    const at = setup({ flavour });
    const { store, repository } = at;
    for (const label of ['s', 's1', 's10', 'S1', '*']) {
      putInfo(at, label, T1, infoText(OURS));
      putText(store, `${DIRECTORY}/__ss_${label}/__ss_content/__db_1/__tbl_2/x.dat`, label);
    }
    putText(store, `${DIRECTORY}/__repo_info`, '{}');
    const before = contentsOf(store);
    for (const label of ['s1', 's1', '*', 'never was']) {
      expect(runNow(repository.deleteSnapshot(label))).toEqual(OK);
    }
    const left = Object.entries(before).filter(([key]) => !/\/__ss_(s1|\*)\//.test(key));
    expect(contentsOf(store)).toEqual(Object.fromEntries(left));
    expect(runNow(repository.listSnapshots()).value).toEqual(['S1', 's', 's10']);
  });

  test.each(['', 'a/b', 'a\\b', '.', '..', '../s1'])('refuses the label %j', (label) => {
    const at = setup({ flavour });
    putInfo(at, 's1', T1, infoText(OURS));
    const before = contentsOf(at.store);
    expect(runNow(at.repository.deleteSnapshot(label)).code).toBe('COMMON_ERROR');
    expect(contentsOf(at.store)).toEqual(before);
  });

  test('says what the store says when it fails', () => {
    const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
    faults.enable('blob.delete', { do: 'fail', text: 'access denied' });
    const at = setup({ flavour, faults });
    putInfo(at, 's1', T1, infoText(OURS));
    expect(runNow(at.repository.deleteSnapshot('s1')).msg).toContain('access denied');
  });
});
