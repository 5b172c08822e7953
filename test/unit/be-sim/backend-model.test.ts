import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asId } from '../../../src/base/ids.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { Cell } from '../../../src/base/sql-type.ts';
import type { RowBatch } from '../../../src/protocol/data.ts';
import type { KeysType } from '../../../src/protocol/tablet-schema.ts';
import { createRig, moveTask, type Rig, remove, schemaOf, snapshotTask, upsert } from './rig.ts';

type Pair = readonly [number, string | null];
type Step =
  | { readonly do: 'load'; readonly batches: readonly Batch[] }
  | { readonly do: 'open' | 'compact' | 'restart' | 'power-failure' | 'move' };
type Batch =
  | { readonly op: 'upsert'; readonly rows: readonly Pair[] }
  | { readonly op: 'delete'; readonly keys: readonly number[] };

const key = fc.integer({ min: 0, max: 6 });
const pair: fc.Arbitrary<Pair> = fc.tuple(key, fc.constantFrom('a', 'b', 'c', '', null));
const batch: fc.Arbitrary<Batch> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(pair, { minLength: 1, maxLength: 5 })
      .map((rows): Batch => ({ op: 'upsert', rows })),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(key, { minLength: 1, maxLength: 3 })
      .map((keys): Batch => ({ op: 'delete', keys })),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(batch, { minLength: 1, maxLength: 3 })
      .map((batches): Step => ({ do: 'load', batches })),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Step>(
      { do: 'open' },
      { do: 'compact' },
      { do: 'restart' },
      { do: 'power-failure' },
      { do: 'move' },
    ),
  },
);

/** The rows of a table, kept the plain way. */
class Model {
  readonly keysType: KeysType;
  #rows: Pair[] = [];

  constructor(keysType: KeysType) {
    this.keysType = keysType;
  }

  apply(change: Batch): void {
    if (change.op === 'delete') {
      this.#rows = this.#rows.filter(([k]) => !change.keys.includes(k));
      return;
    }
    for (const [k, v] of change.rows) {
      const old = this.#rows.findIndex(([other]) => other === k);
      if (this.keysType === 'DUP_KEYS' || old < 0) this.#rows.push([k, v]);
      else this.#rows[old] = [k, this.#combined(this.#rows[old]?.[1] ?? null, v)];
    }
  }

  rows(): readonly (readonly Cell[])[] {
    if (this.keysType === 'DUP_KEYS') return [...this.#rows];
    return [...this.#rows].sort(([a], [b]) => a - b);
  }

  #combined(older: string | null, newer: string | null): string | null {
    if (this.keysType !== 'AGG_KEYS') return newer;
    if (older === null || newer === null) return older ?? newer;
    return newer > older ? newer : older;
  }
}

const toRowBatch = (change: Batch): RowBatch =>
  change.op === 'upsert' ? upsert(...change.rows) : remove(...change.keys);

interface World {
  rig: Rig;
  disk: MemoryFiles;
  version: number;
  txn: number;
  /** Versions before this went with a move. */
  oldest: number;
  readonly history: Map<number, readonly (readonly Cell[])[]>;
}

const CONFIGS = [
  {},
  { inlineLoadRowsMax: 2, segmentRowsMax: 2, foldRowsMax: 10 },
  { inlineLoadRowsMax: 0, compactRowsetsMin: 2, foldRowsMax: 12, compactRowsMax: 15 },
  { metaLogBytesMax: 200, inlineTabletRowsMax: 3 },
];

test.each(['DUP_KEYS', 'PRIMARY_KEYS', 'UNIQUE_KEYS', 'AGG_KEYS'] as const)(
  'a %s tablet is what a plain model says, at every version, through flushes, kills and moves',
  (keysType) => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 14 }),
        fc.constantFrom(...CONFIGS),
        (steps, config) => {
          const disk = new MemoryFiles();
          const rig = createRig({ files: disk, config });
          rig.create(100, schemaOf(keysType));
          const history = new Map([[1, [] as readonly (readonly Cell[])[]]]);
          const world: World = { rig, disk, version: 1, txn: 1, oldest: 1, history };
          const model = new Model(keysType);
          for (const each of steps) take(world, model, each, config);
          for (const [version, rows] of world.history) {
            if (version >= world.oldest) expect(world.rig.rows(100, version)).toEqual(rows);
          }
        },
      ),
      { numRuns: 30 },
    );
  },
);

function take(world: World, model: Model, each: Step, config: object): void {
  const { rig } = world;
  const { keysType } = model;
  const tabletId = asId<never>(100);
  switch (each.do) {
    case 'load':
      world.txn += 1;
      world.version += 1;
      rig.load(world.txn, 100, world.version, ...each.batches.map(toRowBatch));
      for (const change of each.batches) model.apply(change);
      world.history.set(world.version, model.rows());
      if (keysType === 'PRIMARY_KEYS') {
        const tablets = [{ tabletId, version: world.version }];
        const [stat] = rig.run(rig.backend.publishVersion({ txnId: asId(world.txn), tablets }));
        expect(stat?.rowCount).toBe(model.rows().length);
      }
      return;
    case 'open': {
      const { version } = world;
      const opened = rig.run(rig.backend.openTablet({ tabletId, version }));
      rig.backend.closeTablet(opened.leaseId);
      return;
    }
    case 'compact':
      rig.backend.compact({ tabletIds: [tabletId, asId(101)], mode: 'all' });
      rig.clock.advance(1);
      return;
    case 'restart':
      rig.restart();
      return;
    case 'power-failure':
      // What a publish must not lose is what was staged; a sync makes all of it durable here.
      world.txn += 1;
      rig.run(
        rig.backend.writeRowsets({
          txnId: asId(world.txn),
          tablets: [{ tabletId, batch: upsert([0, 'x']) }],
        }),
      );
      world.disk = world.disk.crash({ fate: 'torn', random: new SeededRandom(BigInt(world.txn)) });
      world.rig = createRig({ files: world.disk, config });
      world.rig.run(world.rig.backend.abortTxn({ txnId: asId(world.txn) }));
      return;
    case 'move': {
      const made = rig.task(snapshotTask(100, world.version));
      const moved = rig.task(moveTask(100, `${made.snapshotPath}/100/77`, world.txn));
      expect(moved.status).toEqual({ code: 'OK', errorMsgs: [] });
      world.oldest = world.version;
    }
  }
}

test('a crash before any write of a load, snapshot or move leaves the tablet old or new', () => {
  const rowsOf = (rig: Rig): string => {
    rig.clock.advance(1);
    const { version } = rig.frontend.tabletReports.at(-1)?.tablets[0] ?? { version: 0 };
    return JSON.stringify(rig.rows(100, version));
  };
  for (let point = 1; ; point += 1) {
    let isArmed = false;
    let left = point;
    const disk: MemoryFiles = new MemoryFiles({
      onMutation: () => {
        if (!isArmed) return;
        left -= 1;
        if (left === 0) disk.halt();
      },
    });
    const rig = createRig({ files: disk, config: { inlineLoadRowsMax: 1 } });
    rig.create(100, schemaOf('PRIMARY_KEYS'));
    rig.load(1, 100, 2, upsert([1, 'old'], [2, 'old']));
    rig.load(2, 100, 3, upsert([3, 'old']));
    const made = rig.task(snapshotTask(100, 3));
    rig.load(3, 100, 4, upsert([1, 'new'], [9, 'new']));
    const before = rowsOf(rig);
    isArmed = true;
    rig.backend.submitTasks([
      {
        ...moveTask(100, `${made.snapshotPath}/100/77`),
        backendId: rig.backend.backendId,
        dbId: asId<never>(1),
        signature: asId<never>(1),
      } as never,
    ]);
    rig.clock.advance(1);
    const isDone = left > 0;
    const after = createRig({
      files: disk.crash({ fate: 'torn', random: new SeededRandom(BigInt(point)) }),
    });
    const restored = '[[1,"old"],[2,"old"],[3,"old"]]';
    expect([before, restored]).toContain(rowsOf(after));
    if (isDone) {
      expect(rowsOf(after)).toBe(restored);
      break;
    }
  }
});
