/** Compaction: fewer rowsets that say the same at every version; leases, crashes, damage, limits. */
import { describe, expect, test } from 'vitest';
import { asId, type TabletId } from '../../../src/base/ids.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { OpenedTablet } from '../../../src/protocol/data.ts';
import {
  createRig,
  DATA_DIR,
  moveTask,
  type Rig,
  type RigOptions,
  remove,
  schemaOf,
  snapshotTask,
  upsert,
} from './rig.ts';

const TABLET = asId<TabletId>(100);
const FOLDER = `${DATA_DIR}/data/100/77`;
/** Every load is a file. */
const FILES = { inlineLoadRowsMax: 0 };

function rigWith(options: RigOptions = {}): Rig {
  const rig = createRig({ ...options, config: { ...FILES, ...options.config } });
  rig.create(100, schemaOf('PRIMARY_KEYS'));
  return rig;
}

/** Versions `from` to `to`, each a load of one row. */
function loadVersions(rig: Rig, from: number, to: number): void {
  for (let version = from; version <= to; version += 1) {
    rig.load(version, 100, version, upsert([version % 4, `v${version}`]));
  }
}

function rowsetCount(rig: Rig): number {
  rig.clock.advance(10_000);
  return rig.frontend.tabletReports.at(-1)?.tablets[0]?.rowsetCount ?? -1;
}

function filesOf(rig: Rig): readonly string[] {
  return runNow(rig.files.list(FOLDER)).map(({ name }) => name);
}

function open(rig: Rig, version: number): OpenedTablet {
  return rig.run(rig.backend.openTablet({ tabletId: TABLET, version }));
}

const compactAll = (rig: Rig): void => rig.backend.compact({ tabletIds: [TABLET], mode: 'all' });

describe('many loads', () => {
  test('are folded as they come, and every version stays what it was', () => {
    const rig = rigWith();
    const plain = rigWith({ config: { compactionWorkers: 0 } });
    loadVersions(rig, 2, 31);
    loadVersions(plain, 2, 31);
    expect(rowsetCount(plain)).toBe(30);
    expect(rowsetCount(rig)).toBeLessThan(10);
    for (const version of [1, 2, 6, 7, 30, 31]) {
      expect(rig.rows(100, version)).toEqual(plain.rows(100, version));
    }
    rig.restart();
    expect(rig.rows(100, 31)).toEqual(plain.rows(100, 31));
    expect(filesOf(rig).length).toBeLessThan(10);
  });

  test('above the limit of rows stay apart', () => {
    const rig = rigWith({ config: { foldRowsMax: 6, compactRowsMax: 12 } });
    loadVersions(rig, 2, 31);
    expect(rowsetCount(rig)).toBeGreaterThanOrEqual(5);
    compactAll(rig);
    expect(rowsetCount(rig)).toBe(3);
  });

  test('wait while compaction is switched off, and their turn comes afterwards', () => {
    const rig = rigWith();
    rig.backend.changeSetting('max_compaction_concurrency', '0');
    loadVersions(rig, 2, 11);
    compactAll(rig);
    expect(rowsetCount(rig)).toBe(10);
    rig.backend.changeSetting('max_compaction_concurrency', '-1');
    expect(rowsetCount(rig)).toBe(1);
    expect(rig.rows(100, 11)).toHaveLength(4);
  });

  test('that are in the log only are gathered too when all is asked for', () => {
    const rig = createRig();
    rig.create(100, schemaOf('DUP_KEYS'));
    loadVersions(rig, 2, 4);
    rig.load(5, 100, 5, remove(2));
    expect(rowsetCount(rig)).toBe(4);
    compactAll(rig);
    expect(rowsetCount(rig)).toBe(1);
    expect(rig.rows(100, 4)).toHaveLength(3);
    expect(rig.rows(100, 5)).toEqual([
      [3, 'v3'],
      [0, 'v4'],
    ]);
  });
});

describe('files that are in use', () => {
  test('stay until the reader has closed its lease', () => {
    const rig = rigWith({ config: { compactRowsetsMin: 99 } });
    loadVersions(rig, 2, 5);
    const opened = open(rig, 5);
    compactAll(rig);
    expect(rowsetCount(rig)).toBe(1);
    expect(filesOf(rig)).toHaveLength(5);
    for (const { path } of opened.files) expect(runNow(rig.files.stat(path))).toBeDefined();
    rig.backend.closeTablet(opened.leaseId);
    rig.clock.advance(1);
    expect(filesOf(rig)).toHaveLength(1);
  });

  test('of a snapshot stay in it; one of a version before is made from what is there now', () => {
    const rig = rigWith({ config: { compactRowsetsMin: 99 } });
    loadVersions(rig, 2, 4);
    const rows = rig.rows(100, 4);
    const before = rig.task(snapshotTask(100, 4));
    loadVersions(rig, 5, 8);
    compactAll(rig);
    const after = rig.task(snapshotTask(100, 4));
    expect(filesOf(rig)).toHaveLength(1);
    for (const [at, { status, snapshotPath }] of [before, after].entries()) {
      expect(status.code).toBe('OK');
      const moved = rig.task(moveTask(100, `${snapshotPath}/100/77`, 1000 + at));
      expect(moved.status.code).toBe('OK');
      expect(rig.rows(100, 4)).toEqual(rows);
    }
  });
});

test('a damaged file is left as it is, and the rowsets with it', () => {
  const rig = rigWith({ config: { compactRowsetsMin: 99 } });
  loadVersions(rig, 2, 5);
  const [name = ''] = filesOf(rig);
  runNow(rig.files.unsafeOverwrite(`${FOLDER}/${name}`, 0, new Uint8Array([1, 2, 3])));
  compactAll(rig);
  expect(rowsetCount(rig)).toBe(4);
  expect(() => rig.rows(100, 5)).toThrow('is damaged');
});

test('a crash before any write of a compaction leaves the rows of every version', () => {
  const fates = ['lost', 'torn', 'kept'] as const;
  for (let point = 1, isOver = false; !isOver; point += 1) {
    let left = Number.POSITIVE_INFINITY;
    const disk: MemoryFiles = new MemoryFiles({
      onMutation: () => {
        left -= 1;
        if (left === 0) disk.halt();
      },
    });
    const config = { ...FILES, compactRowsetsMin: 99 };
    const rig = rigWith({ files: disk, config });
    loadVersions(rig, 2, 5);
    const rows = [2, 4, 5].map((version) => rig.rows(100, version));
    // The tablet report makes what was published durable.
    rig.clock.advance(10_000);
    left = point;
    compactAll(rig);
    rig.clock.advance(1);
    isOver = left > 0;
    for (const fate of fates) {
      const next = disk.crash({ fate, random: new SeededRandom(BigInt(point)) });
      const again = createRig({ files: next, config });
      expect([2, 4, 5].map((version) => again.rows(100, version))).toEqual(rows);
      compactAll(again);
      again.clock.advance(1);
      expect(filesOf(again)).toHaveLength(1);
      expect([2, 4, 5].map((version) => again.rows(100, version))).toEqual(rows);
    }
    expect(point).toBeLessThan(100);
  }
});
