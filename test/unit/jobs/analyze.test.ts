import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  analyzeBackupTables,
  analyzeLabel,
  analyzeRestoreNames,
} from '../../../src/jobs/analyze-objects.ts';
import {
  analyzeBackupProperties,
  analyzeRestoreProperties,
} from '../../../src/jobs/analyze-properties.ts';
import { taskBatches } from '../../../src/jobs/task-batches.ts';
import { World } from './support/world.ts';

const { config } = new World();
const backup = (properties: Record<string, string>, hasSnapshotRetention = false): unknown =>
  analyzeBackupProperties(new Map(Object.entries(properties)), config, {
    traits: { hasSnapshotRetention },
    nowMs: 1_700_000_000_000,
    systemTimeZone: 'UTC',
  });
const restore = (properties: Record<string, string>): unknown =>
  analyzeRestoreProperties(new Map(Object.entries(properties)), config);

describe('properties of BACKUP', () => {
  it('have defaults and take the type in any case', () => {
    expect(backup({})).toEqual({ type: 'FULL', timeoutMs: 86_400_000 });
    expect(backup({ type: 'Incremental', timeout: '600' })).toEqual({
      type: 'INCREMENTAL',
      timeoutMs: 600_000,
    });
  });

  it.each([
    [{ ttl: '7 DAY' }, 'Unknown job properties: [ttl]'],
    [{ timeout: 'soon', type: 'x', z: '' }, 'Invalid timeout format: soon'],
    [{ timeout: '599', type: 'x', z: '' }, 'Timeout must be at least 10 minutes'],
    [{ type: 'differential', z: '' }, 'Invalid backup job type: differential'],
    [{ z: '1', TYPE: 'full' }, 'Unknown job properties: [z, TYPE]'],
  ])('are refused in order: %j', (properties, text) => {
    expect(() => backup(properties)).toThrow(
      expect.objectContaining({ code: 'common-error', message: text }),
    );
  });
});

describe('the ttl of a BACKUP', () => {
  it('is kept as written, and none is for ever', () => {
    expect(backup({ ttl: ' 7  day ' }, true)).toMatchObject({ ttl: '7  day' });
    for (const text of ['', '  ']) expect(backup({ ttl: text }, true)).not.toHaveProperty('ttl');
    expect(backup({}, true)).not.toHaveProperty('ttl');
  });

  it('is looked at after unknown keys, and refused as an analysis error', () => {
    expect(() => backup({ ttl: 'soon', z: '1' }, true)).toThrow(
      expect.objectContaining({ code: 'common-error', message: 'Unknown job properties: [z]' }),
    );
    expect(() => backup({ ttl: 'soon' }, true)).toThrow(
      expect.objectContaining({ code: 'analysis', message: "Invalid ttl: 'soon'" }),
    );
    expect(() => backup({ TTL: '7 DAY' }, true)).toThrow('Unknown job properties: [TTL]');
  });
});

describe('properties of RESTORE', () => {
  it('have defaults, and numbers without effect', () => {
    expect(restore({ backup_timestamp: 't', meta_version: '1', allow_load: 'TRUE' })).toEqual({
      backupTimestamp: 't',
      timeoutMs: 86_400_000,
      allowLoad: true,
      replicationNum: 1,
    });
    expect(restore({ backup_timestamp: 't', replication_num: '-2' })).toMatchObject({
      replicationNum: -2,
    });
  });

  it.each([
    [{ timeout: '1', allow_load: 'x' }, 'Timeout must be at least 10 minutes'],
    [{ allow_load: 'yes', replication_num: 'x' }, 'Invalid allow_load value: yes'],
    [{ replication_num: 'two' }, 'Invalid meta version format: two'],
    [{ starrocks_meta_version: '' }, 'Invalid meta version format: '],
    [{ z: '1' }, 'Missing backup_timestamp property'],
    [{ z: '1', backup_timestamp: 't' }, 'Unknown job properties: [z]'],
  ])('are refused in order: %j', (properties, text) => {
    expect(() => restore(properties)).toThrow(
      expect.objectContaining({ code: 'common-error', message: text }),
    );
  });
});

describe('objects of BACKUP', () => {
  const world = new World();
  world.createTable({ name: 'b', ranges: [['p1', 0, 1]] });
  world.createTable({ name: 'a' });
  world.createView('v');
  const analyze = (
    listed: Parameters<typeof analyzeBackupTables>[1],
    all = false,
    views = false,
  ): ReturnType<typeof analyzeBackupTables> =>
    analyzeBackupTables(world.database, listed, {
      allTables: all,
      allViews: views,
      allMaterializedViews: false,
      hasBaseTable: () => true,
    });

  it('are sorted by name, and with ALL join those that were listed', () => {
    expect(analyze([{ name: 'b' }, { name: 'a' }]).map((ref) => ref.tableName)).toEqual(['a', 'b']);
    const p1 = { isTemporary: false, names: ['p1'] };
    expect(analyze([{ name: 'b', partitions: p1 }], true)).toEqual([
      { dbName: 'shop', tableName: 'a' },
      { dbName: 'shop', tableName: 'b', partitionNames: ['p1'] },
    ]);
    expect(analyze([], false)).toEqual([]);
    expect(analyze([{ name: 'b' }], false, true).map((ref) => ref.tableName)).toEqual(['b', 'v']);
    expect(analyze([{ name: 'v' }]).map((ref) => ref.tableName)).toEqual(['v']);
  });

  it.each([
    [[{ name: 'B' }], 'analysis', "Incorrect table name 'B'"],
    [[{ name: 'v', partitions: { isTemporary: false, names: ['p'] } }], 'bad-table-name', /v/],
    [[{ name: 'a', alias: 'v' }], 'common-error', /alias v/],
    [[{ name: 'a', alias: 'b' }], 'common-error', /alias b/],
    [
      [{ name: 'b', partitions: { isTemporary: false, names: ['p9'] } }],
      'analysis',
      "Unknown partition 'p9' in table 'b'",
    ],
    [[{ name: 'a', alias: 'c' }], 'analysis', /Alias c/],
    [[{ name: 'a' }, { name: 'a' }], 'analysis', 'Duplicated table: a'],
  ])('are refused: %j', (listed, code, message) => {
    expect(() => analyze(listed)).toThrow(message);
    expect(() => analyze(listed)).toThrow(expect.objectContaining({ code }));
  });
});

describe('objects of RESTORE', () => {
  it.each([
    [[{ name: 'a' }, { name: 'a' }]],
    [[{ name: 'a' }, { name: 'b', alias: 'a' }]],
    [
      [
        { name: 'a', alias: 'x' },
        { name: 'b', alias: 'x' },
      ],
    ],
  ])('are refused when names collide: %j', (listed) => {
    expect(() => analyzeRestoreNames(listed)).toThrow(/Duplicated/);
  });

  it('compare with case', () => {
    expect(() => analyzeRestoreNames([{ name: 'a' }, { name: 'A', alias: 'x' }])).not.toThrow();
  });
});

describe('a label', () => {
  it.each(['', '.', '..', 'a/b', 'a\\b'])('cannot be %j', (label) => {
    expect(() => analyzeLabel(label)).toThrow(expect.objectContaining({ code: 'bad-label' }));
  });

  it('may hold anything else', () => {
    expect(() => analyzeLabel('nightly # 1 …')).not.toThrow();
  });
});

describe('batches', () => {
  it('partition the items: B of them, equal but for the last (invariants 14 and 10)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: -1, max: 220 }), (n, m) => {
        const items = Array.from({ length: n }, (_, at) => at);
        const batches = taskBatches(items, m);
        const count = m > 0 ? Math.min(n, m) : n;
        expect(batches).toHaveLength(count);
        expect(batches.flat()).toEqual(items);
        const size = Math.floor(n / count);
        expect(batches.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
      }),
    );
    expect(taskBatches([], 3)).toEqual([]);
  });
});
