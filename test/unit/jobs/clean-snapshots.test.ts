/** Expired snapshots go by themselves, and nothing else does (repository.md 8, 10). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep } from '../../../src/base/clock.ts';
import type { Op } from '../../../src/base/op.ts';
import { CLEAN_FAILURES_MAX, CleanFailures } from '../../../src/jobs/clean-snapshots.ts';
import { failed } from '../../../src/repository/status.ts';
import { CLUSTER_ID, World } from './support/world.ts';

const DAY_MS = 86_400_000;
const T1 = '2025-01-01-00-00-00-000';
const T2 = '2025-01-02-00-00-00-000';

interface InfoSpec {
  readonly timestamp?: string;
  readonly clusterId?: number;
  readonly expireTimeMs?: number;
}

function cleaner(): World {
  const world = new World();
  world.traits.hasSnapshotRetention = true;
  return world;
}

function putInfo(world: World, label: string, spec: InfoSpec): void {
  const info = {
    name: label,
    database: 'shop',
    id: 100,
    backup_time: 1,
    backup_objects: {},
    backup_result: 'succeed',
    cluster_id: spec.clusterId,
    finish_time: 2,
    expire_time: spec.expireTimeMs,
  };
  world.repository.labels.add(label);
  const key = `${label}/__info_${spec.timestamp ?? T1}`;
  world.repository.objects.set(key, Buffer.from(JSON.stringify(info)));
}

function removeInfo(world: World, label: string): void {
  for (const key of world.repository.objects.keys()) {
    if (key.startsWith(`${label}/`)) world.repository.objects.delete(key);
  }
}

/** Ours, and over since a millisecond. */
function putExpired(world: World, label = 's1', timestamp = T1): void {
  putInfo(world, label, { timestamp, clusterId: CLUSTER_ID, expireTimeMs: world.clock.now() - 1 });
}

function clean(world: World): void {
  world.run(world.handler.cleanExpiredSnapshots());
}

const labels = (world: World): string[] => [...world.repository.labels];

describe('the cleanup', () => {
  it('deletes a snapshot in the millisecond in which its time is over', () => {
    const world = cleaner();
    const expireTimeMs = world.clock.now() + DAY_MS;
    putInfo(world, 's1', { clusterId: CLUSTER_ID, expireTimeMs });
    world.clock.advance(DAY_MS - 1);
    clean(world);
    expect(labels(world)).toEqual(['s1']);
    world.clock.advance(1);
    clean(world);
    expect(labels(world)).toEqual([]);
    expect(world.events.map(({ what, about }) => [what, about])).toEqual([
      ['snapshot.delete', { repository: 'repo', label: 's1', trigger: 'ttl', status: 'OK' }],
    ]);
  });

  it('downloads each job info once, and lists in every round', () => {
    const world = cleaner();
    putInfo(world, 'live', { clusterId: CLUSTER_ID, expireTimeMs: world.clock.now() + DAY_MS });
    for (let round = 1; round <= 3; round += 1) {
      clean(world);
      expect(world.repository.asked).toEqual({ listings: round, downloads: 1 });
    }
  });

  it('sees that another backup has taken the place of one that is kept for ever', () => {
    const world = cleaner();
    putInfo(world, 's1', { clusterId: CLUSTER_ID });
    clean(world);
    removeInfo(world, 's1');
    putExpired(world, 's1', T2);
    clean(world);
    expect(labels(world)).toEqual([]);
  });

  it.each(['another backup', 'nothing yet'])(
    'leaves a label that holds %s once the lock is taken',
    (what) => {
      const world = cleaner();
      putExpired(world);
      world.repository.beforeListing = () => {
        if (world.repository.asked.listings < 2) return;
        removeInfo(world, 's1');
        if (what === 'another backup') putInfo(world, 's1', { timestamp: T2 });
      };
      clean(world);
      expect(labels(world)).toEqual(['s1']);
    },
  );

  it('waits one second for the lock, and then leaves the round', () => {
    const world = cleaner();
    for (const label of ['s1', 's2']) putExpired(world, label);
    const hold = (ms: number): void => {
      world.begin(world.handler.withSubmissionLock(() => sleep(world.clock, ms)));
    };
    hold(5_000);
    const box = world.begin(world.handler.cleanExpiredSnapshots());
    world.clock.advance(999);
    expect(box.outcome).toBeUndefined();
    world.clock.advance(1);
    expect(box.outcome).toEqual({ ok: true, value: undefined });
    expect(labels(world)).toEqual(['s1', 's2']);
    world.clock.advance(5_000);
    hold(900);
    clean(world);
    expect(labels(world)).toEqual([]);
  });

  it('takes the lock for one snapshot at a time, so that statements get through', () => {
    const world = cleaner();
    world.createTable({ name: 'orders' });
    for (const label of ['a', 'b', 'c']) putExpired(world, label);
    world.repository.deleting = (): Op<void> => sleep(world.clock, 6_000);
    const round = world.begin(world.handler.cleanExpiredSnapshots());
    world.clock.advance(1_000);
    const backup = world.begin(world.handler.submitBackup(world.backupRequest()));
    world.clock.advance(5_000);
    expect(backup.outcome?.ok).toBe(true);
    expect(round.outcome).toBeUndefined();
    world.clock.advance(12_000);
    expect(round.outcome?.ok).toBe(true);
    expect(labels(world)).toEqual([]);
  });

  it('gives up after the limit of failures, and begins again when the limit is raised', () => {
    const world = cleaner();
    world.config.backupCleanRetryLimit = 2;
    putExpired(world);
    let attempts = 0;
    world.repository.deleteFailure = failed('COMMON_ERROR', 'no permission');
    world.repository.deleting = function* (): Op<void> {
      attempts += 1;
    };
    for (let round = 0; round < 4; round += 1) clean(world);
    expect(attempts).toBe(2);
    world.repository.deleteFailure = undefined;
    clean(world);
    expect(labels(world)).toEqual(['s1']);
    world.config.backupCleanRetryLimit = 5;
    clean(world);
    expect(labels(world)).toEqual([]);
  });

  it('begins to count anew after a restart, and for another backup of the label', () => {
    for (const renew of [
      (world: World) => world.restart(),
      (world: World) => {
        removeInfo(world, 's1');
        putExpired(world, 's1', T2);
      },
    ]) {
      const world = cleaner();
      putExpired(world);
      world.repository.deleteFailure = failed('COMMON_ERROR', 'no permission');
      for (let round = 0; round < 4; round += 1) clean(world);
      world.repository.deleteFailure = undefined;
      clean(world);
      expect(labels(world)).toEqual(['s1']);
      renew(world);
      clean(world);
      expect(labels(world)).toEqual([]);
    }
  });

  it('leaves a snapshot that a job writes or reads', () => {
    const world = cleaner();
    world.createTable({ name: 'orders' });
    const timestamp = world.finishedBackup();
    removeInfo(world, 's2');
    world.restore(timestamp);
    const [info = ''] = [...world.repository.objects.keys()].filter((key) => /__info/.test(key));
    const bytes = world.repository.objects.get(info) ?? new Uint8Array();
    const expired = { ...JSON.parse(Buffer.from(bytes).toString()), expire_time: 1 };
    world.repository.objects.set(info, Buffer.from(JSON.stringify(expired)));
    clean(world);
    expect(labels(world)).toEqual(['s1']);
    world.untilDone();
    world.backup({ label: 's2' });
    putExpired(world, 's2');
    clean(world);
    expect(labels(world)).toEqual(['s2']);
  });

  it('goes past repositories that cannot be listed', () => {
    const world = cleaner();
    putExpired(world);
    world.repository.listFailure = failed('BAD_CONNECTION', 'away');
    clean(world);
    world.repository.listFailure = undefined;
    expect(labels(world)).toEqual(['s1']);
  });

  it('does nothing where snapshots have no retention', () => {
    const world = cleaner();
    world.traits.hasSnapshotRetention = false;
    putExpired(world);
    clean(world);
    expect(labels(world)).toEqual(['s1']);
    expect(world.repository.asked.listings).toBe(0);
  });
});

const snapshot = fc.record({
  owner: fc.constantFrom<number | undefined>(CLUSTER_ID, CLUSTER_ID, 5, undefined),
  expireAfterMs: fc.option(fc.integer({ min: -DAY_MS, max: DAY_MS }), { nil: undefined }),
  hasInfo: fc.boolean(),
});

describe('for any repository', () => {
  it('invariants 30 and 31: S goes iff writable, owned and expired; later deletes no less', () => {
    fc.assert(
      fc.property(
        fc.array(snapshot, { maxLength: 8 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 2 * DAY_MS }),
        (snapshots, isReadOnly, laterMs) => {
          const world = cleaner();
          world.repository.data = { ...world.repository.data, isReadOnly };
          const nowMs = world.clock.now();
          const expected = (atMs: number): string[] =>
            snapshots.flatMap(({ owner, expireAfterMs, hasInfo }, at) => {
              const isOver = expireAfterMs !== undefined && nowMs + expireAfterMs <= atMs;
              const goes = !isReadOnly && hasInfo && owner === CLUSTER_ID && isOver;
              return goes ? [] : [`s${at}`];
            });
          for (const [at, { owner, expireAfterMs, hasInfo }] of snapshots.entries()) {
            world.repository.labels.add(`s${at}`);
            if (!hasInfo) continue;
            putInfo(world, `s${at}`, {
              ...(owner === undefined ? {} : { clusterId: owner }),
              ...(expireAfterMs === undefined ? {} : { expireTimeMs: nowMs + expireAfterMs }),
            });
          }
          clean(world);
          const first = labels(world);
          expect(first).toEqual(expected(nowMs));
          world.clock.advance(laterMs);
          clean(world);
          expect(labels(world)).toEqual(expected(nowMs + laterMs));
          expect(first).toEqual(expect.arrayContaining(labels(world)));
        },
      ),
    );
  });
});

describe('counts of failures', () => {
  it('are kept of so many snapshots as failed last', () => {
    const failures = new CleanFailures();
    const names = Array.from({ length: CLEAN_FAILURES_MAX }, (_, at) => `s${at}`);
    for (const name of names) failures.add(name);
    expect(failures.add('s0')).toBe(2);
    expect(failures.add('another')).toBe(1);
    expect(['s0', 's1', 's2', 'another'].map((name) => failures.of(name))).toEqual([2, 0, 1, 1]);
    failures.forget('s0');
    expect(failures.of('s0')).toBe(0);
  });
});
