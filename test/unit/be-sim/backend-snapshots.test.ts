import { describe, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { createFaultPlan } from '../../../src/base/fault-plan.ts';
import { asId, type TabletId } from '../../../src/base/ids.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { bytesSource } from '../../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';
import type { KeysType } from '../../../src/protocol/tablet-schema.ts';
import {
  createRig,
  createTask,
  DATA_DIR,
  downloadTask,
  LOCATION,
  moveTask,
  type Rig,
  type RigOptions,
  remoteDirectory,
  remove,
  schemaOf,
  snapshotTask,
  uploadTask,
  upsert,
} from './rig.ts';

const FORMS = [
  ['small loads', {}],
  ['loads as files', { inlineLoadRowsMax: 0 }],
] as const;
const MODELS: readonly KeysType[] = ['DUP_KEYS', 'PRIMARY_KEYS', 'UNIQUE_KEYS', 'AGG_KEYS'];

function filled(keysType: KeysType, options: RigOptions = {}): Rig {
  const rig = createRig(options);
  rig.create(100, schemaOf(keysType));
  rig.load(1, 100, 2, upsert([1, 'a'], [2, 'b'], [3, 'c']));
  rig.load(2, 100, 3, remove(2));
  rig.load(3, 100, 4, upsert([3, 'd'], [4, null]));
  return rig;
}

function snapshot(rig: Rig, id: number, version: number): string {
  const made = rig.task(snapshotTask(id, version));
  expect(made.status).toEqual({ code: 'OK', errorMsgs: [] });
  return `${made.snapshotPath}/${id}/77`;
}

function names(rig: Rig, directory: string): readonly string[] {
  return rig.run(rig.files.list(directory)).map(({ name }) => name);
}

function remoteNames(rig: Rig, id: number): readonly string[] {
  return rig.run(rig.blob.list(remoteKeyOf(id))).map(({ name }) => name);
}

const remoteKeyOf = (id: number): string => remoteDirectory(id).replace(LOCATION, '/root');

/** Uploads tablet 100 at a version and restores it into a new tablet 200. */
function restored(rig: Rig, keysType: KeysType, version: number): void {
  const up = rig.task(uploadTask({ [snapshot(rig, 100, version)]: remoteDirectory(100) }));
  expect(up.status.errorMsgs).toEqual([]);
  rig.create(200, schemaOf(keysType), version);
  const local = snapshot(rig, 200, version);
  const down = rig.task(downloadTask({ [remoteDirectory(100)]: local }));
  expect(down).toMatchObject({ status: { errorMsgs: [] }, downloadedTabletIds: [200] });
  expect(rig.task(moveTask(200, local)).status.errorMsgs).toEqual([]);
}

describe.each(FORMS)('with %s', (_form, config) => {
  test.each(MODELS)('a snapshot of a %s tablet is restored with the same rows', (keysType) => {
    const rig = filled(keysType, { config });
    const before = rig.rows(100, 4);
    restored(rig, keysType, 4);
    expect(rig.rows(200, 4)).toEqual(before);
    rig.load(9, 200, 5, upsert([9, 'z']));
    rig.restart();
    expect(rig.rows(200, 5)).toEqual([...before, [9, 'z']]);
  });

  test.each(MODELS)(
    'a snapshot of an older version of a %s tablet has no later rows',
    (keysType) => {
      const rig = filled(keysType, { config });
      const older = rig.rows(100, 3);
      rig.run(rig.backend.openTablet({ tabletId: asId(100), version: 4 }));
      rig.load(8, 100, 5, upsert([1, 'new'], [7, 'new']));
      restored(rig, keysType, 3);
      expect(rig.rows(200, 3)).toEqual(older);
      expect(() => rig.rows(200, 4)).toThrow('has only version 3');
      expect(rig.rows(100, 5)).toContainEqual([7, 'new']);
    },
  );
});

describe('make snapshot', () => {
  test('answers with the root and the bare names, and shares bytes with the tablet', () => {
    const rig = filled('DUP_KEYS', { config: { inlineLoadRowsMax: 0 } });
    const made = rig.task(snapshotTask(100, 4));
    expect(made.jobId).toBe(5);
    expect(made.snapshotPath).toMatch(/^\/be\/10001\/snapshot\/20250101\d{6}\.0\.600$/);
    const directory = `${made.snapshotPath}/100/77`;
    expect(made.snapshotFiles).toEqual(names(rig, directory));
    expect(made.snapshotFiles).toContain('100.hdr');
    const file = made.snapshotFiles?.find((name) => name.endsWith('.dat'));
    expect(rig.run(rig.files.stat(`${directory}/${file}`))?.inode).toBe(
      rig.run(rig.files.stat(`${DATA_DIR}/data/100/77/${file}`))?.inode,
    );
    expect(rig.task(snapshotTask(100, 4)).snapshotPath).toMatch(/\.1\.600$/);
  });

  test('of a tablet without rows is a header alone', () => {
    const rig = createRig();
    rig.create(100, schemaOf('PRIMARY_KEYS'), 6);
    expect(names(rig, snapshot(rig, 100, 6))).toEqual(['meta']);
  });

  test.each([
    [snapshotTask(100, 9), 'has versions 1-4: version 9 is not available'],
    [snapshotTask(55, 1), 'tablet 55 does not exist on backend 10001'],
    [snapshotTask(100, 4, 1), 'has schema hash 77, not 1'],
  ])('fails by name and leaves nothing behind (%#)', (task, text) => {
    const rig = filled('DUP_KEYS');
    const made = rig.task(task);
    expect(made.status.code).toBe('RUNTIME_ERROR');
    expect(made.status.errorMsgs[0]).toMatch(/^make_snapshot failed\. /);
    expect(made.status.errorMsgs[0]).toContain(text);
    expect(names(rig, `${DATA_DIR}/snapshot`)).toEqual([]);
  });

  test('of a tablet that lost a file names the file and removes its root', () => {
    const rig = filled('DUP_KEYS', { config: { inlineLoadRowsMax: 0 } });
    const directory = `${DATA_DIR}/data/100/77`;
    const lost = `${directory}/${names(rig, directory)[0]}`;
    rig.run(rig.files.remove(lost));
    expect(rig.task(snapshotTask(100, 4)).status.errorMsgs[0]).toContain(lost);
    expect(names(rig, `${DATA_DIR}/snapshot`)).toEqual([]);
  });
});

describe('upload', () => {
  test('skips finished files, and the report names all with their md5', () => {
    const rig = filled('DUP_KEYS');
    const local = snapshot(rig, 100, 4);
    const task = uploadTask({ [local]: remoteDirectory(100) });
    const first = rig.task(task);
    const reported = first.tabletFiles?.get(asId(100)) ?? [];
    expect(reported.map((name) => name.replace(/\.[0-9a-f]{32}$/, ''))).toEqual(names(rig, local));
    expect(remoteNames(rig, 100)).toEqual([...reported].sort());
    const victim = `${remoteKeyOf(100)}/${reported[0]}`;
    rig.run(rig.blob.put(victim, bytesSource(new Uint8Array([1]))));
    expect(rig.task(task).tabletFiles).toEqual(first.tabletFiles);
    expect(rig.run(rig.blob.stat(victim))?.sizeBytes).toBe(1);
  });

  test('adds a file beside another of the same name and deletes nothing', () => {
    const rig = filled('DUP_KEYS');
    const local = snapshot(rig, 100, 4);
    const stale = `${remoteKeyOf(100)}/100.hdr.part`;
    rig.run(rig.blob.put(stale, bytesSource(new Uint8Array([1]))));
    rig.task(uploadTask({ [local]: remoteDirectory(100) }));
    expect(remoteNames(rig, 100).filter((name) => name.startsWith('100.hdr'))).toHaveLength(2);
  });

  test('writes aside and renames where a put is not atomic', () => {
    const inner = new MemoryBlob('object-store');
    const puts: string[] = [];
    const blob = {
      traits: { ...inner.traits, hasAtomicPut: false },
      put: (key: string, source: Parameters<typeof inner.put>[1]) => {
        puts.push(key);
        return inner.put(key, source);
      },
      get: inner.get.bind(inner),
      stat: inner.stat.bind(inner),
      list: inner.list.bind(inner),
      rename: inner.rename.bind(inner),
      delete: inner.delete.bind(inner),
      close: inner.close.bind(inner),
    };
    const rig = filled('DUP_KEYS', { blob });
    rig.task(uploadTask({ [snapshot(rig, 100, 4)]: remoteDirectory(100) }));
    expect(puts.every((key) => key.endsWith('.part'))).toBe(true);
    expect(remoteNames(rig, 100).every((name) => /\.[0-9a-f]{32}$/.test(name))).toBe(true);
  });

  test('a source that is not there fails the task before anything is uploaded', () => {
    const rig = filled('DUP_KEYS');
    const local = snapshot(rig, 100, 4);
    const gone = `${DATA_DIR}/snapshot/x/9/77`;
    const srcDest = { [local]: remoteDirectory(100), [gone]: remoteDirectory(9) };
    const ended = rig.task(uploadTask(srcDest));
    expect(ended.status).toEqual({
      code: 'RUNTIME_ERROR',
      errorMsgs: [`snapshot path is not a directory: ${gone}`],
    });
    expect(remoteNames(rig, 100)).toEqual([]);
  });

  test('reports on every eleventh file, and the answer CANCELLED ends the task', () => {
    const rig = createRig();
    const srcDest: Record<string, string> = {};
    for (let id = 100; id < 124; id += 1) {
      rig.create(id, schemaOf('DUP_KEYS'));
      srcDest[snapshot(rig, id, 1)] = remoteDirectory(id);
    }
    const done = rig.task(uploadTask(srcDest));
    expect(done.status.code).toBe('OK');
    expect(
      rig.frontend.loaderReports.map(({ finishedNum, totalNum }) => [finishedNum, totalNum]),
    ).toEqual([
      [10, 24],
      [21, 24],
    ]);
    rig.frontend.answerLoader = () => ({ code: 'CANCELLED', errorMsgs: [] });
    const ended = rig.task(uploadTask(srcDest));
    expect(ended.status.errorMsgs[0]).toMatch(/UPLOAD task \d+ is cancelled/);
    expect(ended.tabletFiles?.size).toBe(10);
  });
});

describe('download', () => {
  test('fetches what differs, renames the header, and deletes what the snapshot has not', () => {
    const rig = filled('DUP_KEYS');
    const source = snapshot(rig, 100, 4);
    rig.task(uploadTask({ [source]: remoteDirectory(100) }));
    rig.create(200, schemaOf('DUP_KEYS'));
    rig.load(7, 200, 2, upsert([5, 'old']));
    const local = snapshot(rig, 200, 2);
    rig.task(downloadTask({ [remoteDirectory(100)]: local }));
    const expected = names(rig, source).map((name) => name.replace('100.hdr', '200.hdr'));
    expect(names(rig, local)).toEqual(expected.sort());
    expect(rig.rows(200, 2)).toEqual([[5, 'old']]);
  });

  test('of a damaged object names file, expected and actual md5', () => {
    const rig = filled('DUP_KEYS');
    rig.task(uploadTask({ [snapshot(rig, 100, 4)]: remoteDirectory(100) }));
    const name = remoteNames(rig, 100).find((each) => each.includes('.dat.')) ?? '';
    rig.run(rig.blob.put(`${remoteKeyOf(100)}/${name}`, bytesSource(new Uint8Array([1]))));
    rig.create(200, schemaOf('DUP_KEYS'), 4);
    const ended = rig.task(downloadTask({ [remoteDirectory(100)]: snapshot(rig, 200, 4) }));
    const at = name.lastIndexOf('.');
    expect(ended.status.errorMsgs).toEqual([
      `md5sum of downloaded file ${name.slice(0, at)} is wrong: ` +
        `expected ${name.slice(at + 1)}, actual 55a54008ad1ba589aa210d2629c1df41`,
    ]);
    expect(ended.downloadedTabletIds).toEqual([200]);
  });

  test.each([
    ['an empty remote directory', undefined, 'get nothing from remote path: /root/'],
    [
      'a foreign file',
      'notes.txt.0cc175b9c0f1b6a831c399e269772661',
      'invalid file name: notes.txt',
    ],
  ])('of %s fails by name', (_what, name, text) => {
    const rig = createRig();
    rig.create(200, schemaOf('DUP_KEYS'), 4);
    const local = snapshot(rig, 200, 4);
    if (name !== undefined) {
      rig.run(rig.blob.put(`${remoteKeyOf(100)}/${name}`, bytesSource(Buffer.from('a'))));
    }
    const ended = rig.task(downloadTask({ [remoteDirectory(100)]: local }));
    expect(ended.status.errorMsgs[0]).toContain(text);
  });

  test('into a full disk fails', () => {
    const rig = filled('DUP_KEYS', { config: { diskCapacityBytes: 10 } });
    rig.task(uploadTask({ [snapshot(rig, 100, 4)]: remoteDirectory(100) }));
    rig.create(200, schemaOf('DUP_KEYS'), 4);
    const ended = rig.task(downloadTask({ [remoteDirectory(100)]: snapshot(rig, 200, 4) }));
    expect(ended.status.errorMsgs[0]).toContain('reached its capacity limit');
  });

  test('for a tablet that was dropped names it', () => {
    const rig = filled('DUP_KEYS');
    const local = snapshot(rig, 100, 4);
    rig.task(uploadTask({ [local]: remoteDirectory(100) }));
    rig.task({ type: 'DROP', tabletId: asId(100) });
    const ended = rig.task(downloadTask({ [remoteDirectory(100)]: local }));
    expect(ended.status.errorMsgs).toEqual(['tablet 100 does not exist on backend 10001']);
  });
});

describe('move', () => {
  test('names a file that is missing and keeps the tablet as it was', () => {
    const rig = filled('DUP_KEYS');
    const before = rig.rows(100, 4);
    const local = snapshot(rig, 100, 3);
    const lost = names(rig, local).find((name) => name.endsWith('.dat')) ?? '';
    rig.run(rig.files.remove(`${local}/${lost}`));
    expect(rig.task(moveTask(100, local)).status.errorMsgs).toEqual([
      `failed to move tablet 100 from ${local}: file ${lost} listed in 100.hdr is missing`,
    ]);
    expect(rig.rows(100, 4)).toEqual(before);
  });

  test('refuses another directory, a missing one, two headers and an unreadable one', () => {
    const rig = filled('DUP_KEYS');
    rig.create(300, schemaOf('DUP_KEYS'));
    const local = snapshot(rig, 100, 4);
    const text = (id: number, src: string): string =>
      rig.task(moveTask(id, src)).status.errorMsgs[0] ?? '';
    expect(text(300, local)).toContain('the directory is of tablet 100 with schema hash 77');
    expect(text(100, `${DATA_DIR}/snapshot/x/100/77`)).toContain('does not exist');
    expect(text(100, '/nowhere')).toContain('/nowhere is not a tablet directory');
    rig.run(rig.files.clone(`${local}/100.hdr`, `${local}/meta`));
    expect(text(100, local)).toContain('both are there');
    rig.run(rig.files.remove(`${local}/meta`));
    rig.run(rig.files.unsafeOverwrite(`${local}/100.hdr`, 0, Buffer.from('x')));
    expect(text(100, local)).toContain('100.hdr cannot be read');
    rig.run(rig.files.remove(`${local}/100.hdr`));
    expect(text(100, local)).toContain('neither is there');
  });

  test('takes a primary-key source away, and repeated it succeeds by default only', () => {
    for (const isPrimaryKeyMoveIdempotent of [true, false]) {
      const rig = filled('PRIMARY_KEYS', { config: { isPrimaryKeyMoveIdempotent } });
      const rows = rig.rows(100, 3);
      const local = snapshot(rig, 100, 3);
      expect(rig.task(moveTask(100, local)).status.code).toBe('OK');
      expect(rig.run(rig.files.stat(local))).toBeUndefined();
      rig.restart();
      const again = rig.task(moveTask(100, local)).status.code;
      expect(again).toBe(isPrimaryKeyMoveIdempotent ? 'OK' : 'RUNTIME_ERROR');
      expect(rig.rows(100, 3)).toEqual(rows);
    }
  });

  test('keeps loads from before it out, whose versions would pass for the next ones', () => {
    const rig = filled('DUP_KEYS');
    const older = rig.rows(100, 3);
    const local = snapshot(rig, 100, 3);
    expect(rig.task(moveTask(100, local)).status.errorMsgs).toEqual([]);
    const tablets = [{ tabletId: asId<TabletId>(100), version: 4 }];
    for (let life = 0; life < 2; life += 1) {
      rig.run(rig.backend.publishVersion({ txnId: asId(3), tablets }));
      expect(rig.rows(100, 3)).toEqual(older);
      expect(() => rig.rows(100, 4)).toThrow('has only version 3');
      rig.restart();
    }
    rig.load(60, 100, 4, upsert([9, 'z']));
    expect(rig.rows(100, 4)).toEqual([...older, [9, 'z']]);
  });

  test('waits for readers before the old files go', () => {
    const rig = filled('DUP_KEYS');
    const opened = rig.run(rig.backend.openTablet({ tabletId: asId(100), version: 4 }));
    const paths = opened.files.map(({ path }) => path);
    rig.task(moveTask(100, snapshot(rig, 100, 4)));
    expect(paths.map((path) => rig.run(rig.files.stat(path)) !== undefined)).toContain(true);
    rig.backend.closeTablet(opened.leaseId);
    expect(paths.map((path) => rig.run(rig.files.stat(path)))).toEqual(paths.map(() => undefined));
  });
});

describe('release and sweep', () => {
  test('remove snapshots of this backend only, and twice is fine', () => {
    const rig = filled('DUP_KEYS');
    const root = rig.task(snapshotTask(100, 4)).snapshotPath ?? '';
    const release = (snapshotPath: string): string =>
      rig.task({ type: 'RELEASE_SNAPSHOT', snapshotPath }).status.code;
    expect(release(root)).toBe('OK');
    expect(release(root)).toBe('OK');
    expect(rig.run(rig.files.stat(root))).toBeUndefined();
    for (const path of ['/etc', `${DATA_DIR}/data/100`, `${DATA_DIR}/snapshot/../data`]) {
      expect(release(path)).toBe('RUNTIME_ERROR');
    }
    expect(rig.rows(100, 4).length).toBe(4);
  });

  test('an expired snapshot goes by itself, a fresh one stays', () => {
    const rig = filled('DUP_KEYS');
    const old = snapshot(rig, 100, 4);
    rig.clock.advance(500_000);
    const fresh = snapshot(rig, 100, 4);
    rig.clock.advance(300_000);
    expect(rig.run(rig.files.stat(old))).toBeUndefined();
    expect(rig.run(rig.files.stat(fresh))).toBeDefined();
  });
});

describe('damage', () => {
  test('of a file is found when a tablet is opened, and again after it was read well', () => {
    const rig = filled('DUP_KEYS');
    const open = () => rig.run(rig.backend.openTablet({ tabletId: asId(100), version: 4 }));
    const path = open().files.find(({ kind }) => kind === 'data')?.path ?? '';
    open();
    rig.run(rig.files.unsafeOverwrite(path, 10, new Uint8Array([255])));
    expect(open).toThrow(`tablet 100 on backend 10001: file ${path} is damaged`);
    expect(() => rig.rows(100, 4)).toThrow(SimError);
    rig.run(rig.files.truncate(path, 3));
    expect(open).toThrow(`file ${path} has 3 bytes, not`);
    rig.run(rig.files.remove(path));
    expect(open).toThrow(`file ${path} is missing`);
  });

  test('done by a fault while a file is written is found at reading', () => {
    for (const fault of [
      { do: 'corrupt', bitFlips: 3 },
      { do: 'cut', afterBytes: 8 },
    ] as const) {
      const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
      const rig = createRig({ faults, config: { inlineLoadRowsMax: 0 } });
      rig.create(100, schemaOf('DUP_KEYS'));
      faults.enable('be.file.write', fault, { times: 1 });
      rig.load(1, 100, 2, upsert([1, 'a']));
      expect(() => rig.rows(100, 2)).toThrow(/tablet 100 on backend 10001: file .*_0\.dat/);
    }
  });
});

describe('tasks', () => {
  test('that are registered are ignored, listed in task reports, and gone at the end', () => {
    const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
    const rig = createRig({ faults });
    faults.enable('be.task.begin', { do: 'delay', ms: 15_000 });
    const head = { backendId: asId<never>(10_001), dbId: asId<never>(1) };
    const task = { ...createTask(100, schemaOf('DUP_KEYS')), ...head, signature: asId<never>(5) };
    rig.backend.submitTasks([task as never, task as never]);
    rig.clock.advance(12_000);
    rig.backend.submitTasks([task as never]);
    expect(rig.frontend.taskReports.at(-1)?.tasks).toEqual([{ type: 'CREATE', signature: 5 }]);
    rig.clock.advance(20_000);
    expect(rig.frontend.finished).toHaveLength(1);
    expect(rig.frontend.taskReports.at(-1)?.tasks).toEqual([]);
  });

  test('report a failure at their begin, and their end again when nobody answered', () => {
    const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
    const rig = createRig({ faults });
    faults.enable('be.task.begin', { do: 'fail', text: 'no luck' }, { times: 1 });
    expect(rig.task(createTask(100, schemaOf('DUP_KEYS'))).status).toEqual({
      code: 'RUNTIME_ERROR',
      errorMsgs: ['no luck'],
    });
    faults.enable('be.task.report', { do: 'fail', text: 'lost' }, { times: 1 });
    let refusals = 1;
    rig.frontend.answerFinish = () => {
      if (refusals-- > 0) throw new SimError('backend-unavailable', 'nobody listens');
      return { code: 'OK', errorMsgs: [] };
    };
    expect(rig.task(createTask(100, schemaOf('DUP_KEYS'))).status.code).toBe('OK');
  });

  test('refuse at CREATE what could not be read, by name', () => {
    const rig = createRig();
    const schema = schemaOf('AGG_KEYS');
    const hll = {
      ...schema,
      columns: [...schema.columns, { ...schema.columns[1], aggregation: 'HLL_UNION', name: 'h' }],
    };
    expect(rig.task(createTask(100, hll as never)).status.errorMsgs).toEqual([
      "aggregation HLL_UNION of column 'h' is not supported",
    ]);
    const reserved = { ...schema, columns: [{ ...schema.columns[0], name: '__VERSION' }] };
    expect(rig.task(createTask(100, reserved as never)).status.errorMsgs).toEqual([
      "column name '__VERSION' is reserved",
    ]);
  });

  test('DROP removes the files of a tablet, and of an unknown one is fine', () => {
    const rig = filled('DUP_KEYS', { config: { inlineLoadRowsMax: 0 } });
    const drop = { type: 'DROP', tabletId: asId<never>(100) } as const;
    expect(rig.task(drop).status.code).toBe('OK');
    expect(rig.task(drop).status.code).toBe('OK');
    expect(names(rig, `${DATA_DIR}/data`)).toEqual([]);
    rig.restart();
    expect(() => rig.rows(100, 4)).toThrow('does not exist');
  });
});

test('the heartbeat gives figures and refuses another cluster', () => {
  const rig = filled('DUP_KEYS');
  const beat = (clusterId: number) =>
    rig.run(rig.backend.heartbeat({ backendId: rig.backend.backendId, clusterId }));
  const answer = beat(1);
  expect(answer).toMatchObject({ cpuCores: 2, startedAtMs: 1_735_689_600_000 });
  expect(answer.availableBytes + answer.usedBytes).toBe(answer.totalBytes);
  rig.restart();
  expect(() => beat(2)).toThrow('backend 10001 belongs to cluster 1, not to 2');
});
