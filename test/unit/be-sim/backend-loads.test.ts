import { describe, expect, test } from 'vitest';
import { asId } from '../../../src/base/ids.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { createRig, DATA_DIR, remove, schemaOf, upsert } from './rig.ts';

const FORMS = [
  ['rows in the meta log', {}],
  ['rows in files', { inlineLoadRowsMax: 0, segmentRowsMax: 2 }],
] as const;

describe.each(FORMS)('loads with %s', (_name, config) => {
  test('published rows are read at their version and not before', () => {
    const rig = createRig({ config });
    rig.create(100, schemaOf('DUP_KEYS'));
    rig.load(1, 100, 2, upsert([1, 'a'], [2, 'b'], [3, null]));
    rig.load(2, 100, 3, upsert([1, 'a']));
    expect(rig.rows(100, 1)).toEqual([]);
    expect(rig.rows(100, 2)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, null],
    ]);
    expect(rig.rows(100, 3)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, null],
      [1, 'a'],
    ]);
  });

  test('a primary key keeps its last row, deletes remove, and rows come in key order', () => {
    const rig = createRig({ config });
    rig.create(100, schemaOf('PRIMARY_KEYS'));
    rig.load(1, 100, 2, upsert([3, 'c'], [1, 'a'], [2, 'b'], [1, 'A']));
    rig.load(2, 100, 3, remove(2), upsert([3, 'C']), upsert([4, 'd']), remove(4));
    expect(rig.rows(100, 2)).toEqual([
      [1, 'A'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(rig.rows(100, 3)).toEqual([
      [1, 'A'],
      [3, 'C'],
    ]);
  });

  test('a delete and a new row of its key in one transaction leave the new row', () => {
    for (const keysType of ['DUP_KEYS', 'UNIQUE_KEYS', 'PRIMARY_KEYS', 'AGG_KEYS'] as const) {
      const rig = createRig({ config });
      rig.create(100, schemaOf(keysType));
      rig.load(1, 100, 2, upsert([1, 'z']));
      rig.load(2, 100, 3, upsert([1, 'x']), remove(1), upsert([1, 'b']));
      expect(rig.rows(100, 3)).toEqual([[1, 'b']]);
      rig.run(rig.backend.openTablet({ tabletId: asId(100), version: 3 }));
      expect(rig.rows(100, 2)).toEqual([[1, 'z']]);
      expect(rig.rows(100, 3)).toEqual([[1, 'b']]);
    }
  });

  test('an aborted transaction leaves no rows and no files', () => {
    const rig = createRig({ config });
    rig.create(100, schemaOf('DUP_KEYS'));
    const tabletId = asId<never>(100);
    rig.run(
      rig.backend.writeRowsets({
        txnId: asId(1),
        tablets: [{ tabletId, batch: upsert([1, 'a'], [2, 'b'], [3, 'c']) }],
      }),
    );
    rig.run(rig.backend.abortTxn({ txnId: asId(1) }));
    rig.run(rig.backend.abortTxn({ txnId: asId(1) }));
    rig.load(2, 100, 2);
    expect(rig.rows(100, 2)).toEqual([]);
    const directory = `${DATA_DIR}/data/100/77`;
    if (rig.run(rig.files.stat(directory)) !== undefined) {
      expect(rig.run(rig.files.list(directory))).toEqual([]);
    }
  });

  test('a kill keeps acknowledged staged rows and published versions', () => {
    const rig = createRig({ config });
    rig.create(100, schemaOf('PRIMARY_KEYS'));
    rig.create(101, schemaOf('DUP_KEYS'));
    rig.load(1, 100, 2, upsert([1, 'a'], [2, 'b'], [3, 'c']));
    const tablets = [
      { tabletId: asId<never>(100), batch: remove(2) },
      { tabletId: asId<never>(101), batch: upsert([9, 'x']) },
    ];
    rig.run(rig.backend.writeRowsets({ txnId: asId(2), tablets }));
    rig.restart();
    expect(rig.rows(100, 2)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    rig.clock.advance(1);
    expect(rig.frontend.tabletReports.at(-1)?.stagedTxns).toEqual([2]);
    rig.load(2, 100, 3);
    rig.load(2, 101, 2);
    rig.restart();
    expect(rig.rows(100, 3)).toEqual([
      [1, 'a'],
      [3, 'c'],
    ]);
    expect(rig.rows(101, 2)).toEqual([[9, 'x']]);
  });
});

test('small and large batches of one transaction keep their order', () => {
  const rig = createRig({ config: { inlineLoadRowsMax: 1 } });
  rig.create(100, schemaOf('PRIMARY_KEYS'));
  rig.load(1, 100, 2, upsert([1, 'a']), upsert([1, 'b'], [2, 'b']), remove(2), upsert([3, 'c']));
  expect(rig.rows(100, 2)).toEqual([
    [1, 'b'],
    [3, 'c'],
  ]);
  rig.restart();
  expect(rig.rows(100, 2)).toEqual([
    [1, 'b'],
    [3, 'c'],
  ]);
});

test('a publish is idempotent and answers with the figures of its tablets', () => {
  const rig = createRig();
  rig.create(100, schemaOf('PRIMARY_KEYS'));
  rig.load(1, 100, 2, upsert([1, 'a'], [2, 'b']));
  rig.load(2, 100, 3, upsert([2, 'c']));
  const again = rig.run(
    rig.backend.publishVersion({
      txnId: asId(1),
      tablets: [
        { tabletId: asId(100), version: 2 },
        { tabletId: asId(999), version: 2 },
      ],
    }),
  );
  expect(again).toMatchObject([{ tabletId: 100, version: 3, rowCount: 2 }]);
  expect(rig.rows(100, 3)).toEqual([
    [1, 'a'],
    [2, 'c'],
  ]);
});

test('a publish waits for the version before it, and names the tablet if it does not come', () => {
  const rig = createRig();
  rig.create(100, schemaOf('DUP_KEYS'));
  const tabletId = asId<never>(100);
  const write = (txn: number): void =>
    rig.run(
      rig.backend.writeRowsets({
        txnId: asId(txn),
        tablets: [{ tabletId, batch: upsert([txn, 'a']) }],
      }),
    );
  write(1);
  write(2);
  rig.clock.after(200, () => rig.load(1, 100, 2));
  rig.load(2, 100, 3);
  expect(rig.rows(100, 3)).toEqual([
    [1, 'a'],
    [2, 'a'],
  ]);
  write(4);
  expect(() => rig.load(4, 100, 5)).toThrow(
    'tablet 100 on backend 10001 is at version 3: version 5 cannot be published before 4',
  );
});

test('rows a column cannot hold are refused and leave nothing staged', () => {
  const rig = createRig();
  rig.create(100, schemaOf('DUP_KEYS'));
  const tabletId = asId<never>(100);
  const write = (batch: ReturnType<typeof upsert>) => () =>
    rig.run(rig.backend.writeRowsets({ txnId: asId(1), tablets: [{ tabletId, batch }] }));
  expect(write(upsert([2 ** 31, 'a']))).toThrow(
    "column 'k' of type int(11) cannot hold '2147483648'",
  );
  expect(write(upsert(['1', 'a']))).toThrow("column 'k' of type int(11)");
  expect(write(upsert([1]))).toThrow('a batch of 1 rows needs 2 columns');
  expect(() =>
    rig.run(
      rig.backend.writeRowsets({
        txnId: asId(1),
        tablets: [{ tabletId: asId(5), batch: upsert([1, 'a']) }],
      }),
    ),
  ).toThrow('tablet 5 does not exist on backend 10001');
  rig.clock.advance(10_000);
  expect(rig.frontend.tabletReports.at(-1)?.stagedTxns).toEqual([]);
});

test('a version that is not there is an error that says which are', () => {
  const rig = createRig();
  rig.create(100, schemaOf('DUP_KEYS'), 4);
  rig.load(1, 100, 5, upsert([1, 'a']));
  expect(() => rig.rows(100, 6)).toThrow(
    'tablet 100 on backend 10001 has versions 4-5: version 6 is not available',
  );
  expect(() => rig.rows(100, 3)).toThrow('version 3 is not available');
  expect(() => rig.rows(7, 3)).toThrow('tablet 7 does not exist on backend 10001');
});

test('many small loads give few files, and every version stays readable', () => {
  const rig = createRig();
  rig.create(100, schemaOf('PRIMARY_KEYS'));
  for (let version = 2; version <= 65; version += 1) {
    rig.load(version, 100, version, upsert([version % 7, `v${version}`]));
    const opened = rig.run(rig.backend.openTablet({ tabletId: asId(100), version }));
    rig.backend.closeTablet(opened.leaseId);
    expect(opened.files.length).toBeLessThan(8);
  }
  const lastOf = [7, 8, 9, 3, 4, 5, 6];
  expect(rig.rows(100, 9)).toEqual(lastOf.map((version, key) => [key, `v${version}`]));
  expect(rig.rows(100, 65).length).toBe(7);
  rig.restart();
  expect(rig.rows(100, 4)).toEqual([
    [2, 'v2'],
    [3, 'v3'],
    [4, 'v4'],
  ]);
});

test('a checkpoint of the meta log keeps everything', () => {
  const rig = createRig({ config: { metaLogBytesMax: 500 } });
  rig.create(100, schemaOf('PRIMARY_KEYS'));
  for (let version = 2; version <= 40; version += 1) {
    rig.load(version, 100, version, upsert([version, 'a']));
  }
  const txn = {
    txnId: asId<never>(99),
    tablets: [{ tabletId: asId<never>(100), batch: remove(2) }],
  };
  rig.run(rig.backend.writeRowsets(txn));
  const names = rig.run(rig.files.list(`${DATA_DIR}/meta`)).map(({ name }) => name);
  expect(names.some((name) => name.startsWith('checkpoint.'))).toBe(true);
  expect(names.length).toBe(2);
  rig.restart();
  expect(rig.rows(100, 40).length).toBe(39);
  rig.load(99, 100, 41);
  expect(rig.rows(100, 41).length).toBe(38);
});

test('a meta log cut off at its end is mended, damage in it stops the start', () => {
  const rig = createRig();
  rig.create(100, schemaOf('DUP_KEYS'));
  rig.load(1, 100, 2, upsert([1, 'a']));
  rig.backend.kill();
  const path = `${DATA_DIR}/meta/log.1`;
  const size = rig.run(rig.files.stat(path))?.sizeBytes ?? 0;
  rig.run(rig.files.truncate(path, size - 3));
  rig.run(rig.backend.start());
  rig.load(1, 100, 2);
  expect(rig.rows(100, 2)).toEqual([[1, 'a']]);
  rig.backend.kill();
  rig.run(rig.files.unsafeOverwrite(path, 20, new Uint8Array([1])));
  expect(() => rig.run(rig.backend.start())).toThrow(/meta log \/be\/10001\/meta\/log.1 at byte 0/);
  expect(rig.backend.isRunning).toBe(false);
});

const FATES = ['lost', 'torn', 'kept'] as const;

test.each(FATES)('a power failure with what was not synced %s loses nothing', (fate) => {
  for (const config of [{}, { inlineLoadRowsMax: 0 }, { metaLogBytesMax: 300 }]) {
    const disk = new MemoryFiles();
    const rig = createRig({ files: disk, config });
    rig.create(100, schemaOf('PRIMARY_KEYS'));
    rig.load(1, 100, 2, upsert([1, 'a'], [2, 'b']));
    rig.run(rig.backend.openTablet({ tabletId: asId(100), version: 2 }));
    const batch = upsert([3, 'c']);
    rig.run(
      rig.backend.writeRowsets({ txnId: asId(2), tablets: [{ tabletId: asId(100), batch }] }),
    );
    const files = disk.crash({ fate, random: new SeededRandom(3n) });
    const after = createRig({ files, config });
    after.load(1, 100, 2);
    after.load(2, 100, 3);
    expect(after.rows(100, 3)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  }
});

test('a backend that is down answers nobody', () => {
  const rig = createRig();
  rig.create(100, schemaOf('DUP_KEYS'));
  rig.run(rig.backend.stop());
  expect(() => rig.rows(100, 1)).toThrow('backend 10001 is down');
  expect(() => rig.backend.submitTasks([])).toThrow('backend 10001 is down');
  rig.run(rig.backend.start());
  expect(rig.rows(100, 1)).toEqual([]);
});
