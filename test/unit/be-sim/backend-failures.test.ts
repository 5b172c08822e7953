import { describe, expect, test } from 'vitest';
import { sleep } from '../../../src/base/clock.ts';
import { SimError } from '../../../src/base/errors.ts';
import { createFaultPlan } from '../../../src/base/fault-plan.ts';
import type { Files } from '../../../src/base/files.ts';
import { asId } from '../../../src/base/ids.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { all } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createLife, filesOfLife } from '../../../src/be-sim/life.ts';
import { MetaLog } from '../../../src/be-sim/meta-log.ts';
import { MetaState } from '../../../src/be-sim/meta-state.ts';
import { createRig, DATA_DIR, type Rig, schemaOf, snapshotTask, upsert } from './rig.ts';

/** A disk whose next change under a path fails. */
function failingDisk(): {
  readonly files: MemoryFiles;
  failNext(operation: string, part: string): void;
} {
  let armed: readonly [string, string] | undefined;
  const files = new MemoryFiles({
    onMutation: (operation, path) => {
      if (armed === undefined || operation !== armed[0] || !path.includes(armed[1])) return;
      armed = undefined;
      throw new SimError('disk-full', `cannot ${operation} ${path}: no space left on the disk`);
    },
  });
  return {
    files,
    failNext(operation: string, part: string): void {
      armed = [operation, part];
    },
  };
}

function stage(rig: Rig, txn: number, key: number): () => void {
  const tablets = [{ tabletId: asId<never>(100), batch: upsert([key, 'a']) }];
  return () => rig.run(rig.backend.writeRowsets({ txnId: asId(txn), tablets }));
}

describe('a full disk', () => {
  test.each(['write', 'sync'])(
    'at the %s of the meta log refuses the load and nothing else',
    (operation) => {
      const disk = failingDisk();
      const rig = createRig({ files: disk.files });
      rig.create(100, schemaOf('DUP_KEYS'));
      disk.failNext(operation, '/meta/log.');
      expect(stage(rig, 1, 1)).toThrow('no space left on the disk');
      stage(rig, 2, 2)();
      rig.load(2, 100, 2);
      rig.restart();
      expect(rig.rows(100, 2)).toEqual([[2, 'a']]);
      rig.clock.advance(1);
      expect(rig.frontend.tabletReports.at(-1)?.stagedTxns).toEqual([]);
    },
  );

  test('at a rowset file leaves no file behind', () => {
    const disk = failingDisk();
    const rig = createRig({ files: disk.files, config: { inlineLoadRowsMax: 0 } });
    rig.create(100, schemaOf('DUP_KEYS'));
    disk.failNext('write', '.dat');
    expect(stage(rig, 1, 1)).toThrow('no space left on the disk');
    expect(rig.run(rig.files.list(`${DATA_DIR}/data/100/77`))).toEqual([]);
    rig.restart();
    expect(rig.run(rig.files.list(`${DATA_DIR}/data`))).toEqual([]);
  });

  test('at a checkpoint postpones it', () => {
    const disk = failingDisk();
    const rig = createRig({ files: disk.files, config: { metaLogBytesMax: 400 } });
    rig.create(100, schemaOf('DUP_KEYS'));
    disk.failNext('create', 'checkpoint.2.tmp');
    for (let version = 2; version < 30; version += 1) {
      rig.load(version, 100, version, upsert([version, 'a']));
    }
    rig.restart();
    expect(rig.rows(100, 29)).toHaveLength(28);
  });
});

test('work in flight at a kill leaves no trace in the next life', () => {
  const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
  const rig = createRig({ faults, config: { inlineLoadRowsMax: 0 } });
  rig.create(100, schemaOf('DUP_KEYS'));
  rig.load(1, 100, 2, upsert([1, 'a']));
  faults.enable('be.file.write', { do: 'delay', ms: 500 });
  const head = { backendId: asId<never>(10_001), dbId: asId<never>(1), signature: asId<never>(9) };
  rig.backend.submitTasks([{ ...snapshotTask(100, 2), ...head } as never]);
  rig.clock.advance(100);
  faults.disableAll();
  const before = rig.frontend.finished.length;
  rig.restart();
  rig.clock.advance(5000);
  expect(rig.frontend.finished).toHaveLength(before);
  expect(rig.frontend.taskReports.at(-1)?.tasks).toEqual([]);
  expect(rig.rows(100, 2)).toEqual([[1, 'a']]);
});

test('a stopped backend leaves no timer that goes on', () => {
  const rig = createRig();
  rig.clock.advance(1);
  const reports = rig.frontend.taskReports.length;
  rig.run(rig.backend.stop());
  rig.clock.advance(100_000);
  expect(rig.frontend.taskReports).toHaveLength(reports);
});

test('appends that wait at the same time share one sync of the meta log, and all survive', () => {
  const clock = new VirtualClock();
  const disk = new MemoryFiles();
  let syncs = 0;
  const files: Files = {
    ...filesOfLife(disk, createLife(asId(1))),
    *openAppend(path) {
      const writer = yield* disk.openAppend(path);
      return {
        write: (bytes) => writer.write(bytes),
        close: () => writer.close(),
        *sync() {
          syncs += 1;
          yield* sleep(clock, 5);
          yield* writer.sync();
        },
      };
    },
  };
  const open = (state: MetaState): MetaLog => {
    const options = { files, directory: '/meta', state, bytesMax: 1e6, postponed: () => {} };
    const log = new MetaLog(options);
    clock.run(log.open());
    return log;
  };
  const log = open(new MetaState(() => {}));
  const appends = Array.from(
    { length: 100 },
    (_, index) => () => log.append([{ op: 'cluster', clusterId: index + 1 }], true),
  );
  clock.run(all(appends, 100));
  expect(syncs).toBe(2);
  const again = new MetaState(() => {});
  open(again);
  expect(again.clusterId).toBe(100);
});
