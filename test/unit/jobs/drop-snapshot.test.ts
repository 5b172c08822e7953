/** DROP SNAPSHOT in the handler: its checks in their order, and what it leaves behind. */
import { describe, expect, it } from 'vitest';
import { sleep } from '../../../src/base/clock.ts';
import type { DropSnapshotRequest } from '../../../src/jobs/drop-snapshot.ts';
import { failed } from '../../../src/repository/status.ts';
import { CLUSTER_ID, World } from './support/world.ts';

/** A cluster of 4.2 with a finished snapshot `s1` of its own. */
function keeper(): World {
  const world = new World();
  world.traits.hasSnapshotRetention = true;
  world.createTable({ name: 'orders' });
  world.finishedBackup();
  return world;
}

function drop(world: World, change: Partial<DropSnapshotRequest> = {}): void {
  world.run(
    world.handler.dropSnapshots({ repository: 'repo', labels: ['s1'], force: false, ...change }),
  );
}

/** Rewrites the job info of a label. */
function rewriteInfo(world: World, label: string, change: (info: object) => object): void {
  for (const [key, bytes] of world.repository.objects) {
    if (!key.startsWith(`${label}/__info_`)) continue;
    const info = change(JSON.parse(Buffer.from(bytes).toString()));
    world.repository.objects.set(key, Buffer.from(JSON.stringify(info)));
  }
}

describe('DROP SNAPSHOT is refused', () => {
  interface Violation {
    readonly what: string;
    readonly text: RegExp;
    violate(world: World, request: DropSnapshotRequest): DropSnapshotRequest;
  }

  /** In the order of the checks: each case also violates every later one. */
  const VIOLATIONS: readonly Violation[] = [
    {
      what: 'the repository is not there',
      text: /^Repository \[nowhere\] does not exist$/,
      violate: (_world, request) => ({ ...request, repository: 'nowhere' }),
    },
    {
      what: 'the repository is read-only',
      text: /^Repository repo is read only$/,
      violate(world, request) {
        world.repository.data = { ...world.repository.data, isReadOnly: true };
        return request;
      },
    },
    {
      what: 'listing fails',
      text: /^Failed to list snapshots: store away$/,
      violate(world, request) {
        world.repository.listFailure = failed('BAD_CONNECTION', 'store away');
        return request;
      },
    },
    {
      what: 'the label is not listed',
      text: /^Snapshot s9 does not exist in repository repo$/,
      violate: (_world, request) => ({ ...request, labels: ['s9'] }),
    },
    {
      what: 'a backup is writing it',
      text: /a backup is writing it/,
      violate(world, request) {
        world.repository.labels.delete('s1');
        world.backup();
        world.repository.labels.add('s1');
        return request;
      },
    },
    {
      what: 'another cluster wrote it',
      text: new RegExp(`belongs to cluster 5, this is cluster ${CLUSTER_ID}.*FORCE`),
      violate(world, request) {
        rewriteInfo(world, 's1', (info) => ({ ...info, cluster_id: 5 }));
        return request;
      },
    },
    {
      what: 'the store cannot delete it',
      text: /^Failed to delete snapshot s1 of repository repo: no permission$/,
      violate(world, request) {
        world.repository.deleteFailure = failed('COMMON_ERROR', 'no permission');
        return request;
      },
    },
  ];

  it.each(VIOLATIONS.map((violation, from) => ({ ...violation, from })))(
    'when $what, before anything that is checked later',
    ({ text, from }) => {
      const world = keeper();
      let request: DropSnapshotRequest = { repository: 'repo', labels: ['s1'], force: false };
      for (const { violate } of VIOLATIONS.slice(from).reverse()) {
        request = violate(world, request);
      }
      const before = [...world.repository.objects.keys()];
      const records = world.log.length;
      expect(() => drop(world, request)).toThrow(
        expect.objectContaining({ code: 'common-error', message: expect.stringMatching(text) }),
      );
      expect([...world.repository.objects.keys()]).toEqual(before);
      expect(world.log).toHaveLength(records);
    },
  );

  it('while a restore reads it, until that has ended', () => {
    const world = keeper();
    const [key = ''] = [...world.repository.objects.keys()].filter((each) => /__info/.test(each));
    world.restore(key.slice('s1/__info_'.length));
    expect(() => drop(world)).toThrow(/a restore is reading it/);
    expect(() => drop(world, { force: true })).toThrow(/a restore is reading it/);
    world.untilDone();
    drop(world);
    expect(world.repository.objects.size).toBe(0);
  });

  it('when nobody knows whose it is, unless forced', () => {
    const cases: ((world: World) => void)[] = [
      (world) => rewriteInfo(world, 's1', (info) => ({ ...info, cluster_id: undefined })),
      (world) => world.repository.objects.delete(infoKey(world)),
      (world) => world.repository.objects.set(infoKey(world), Buffer.from('{')),
      (world) => world.repository.objects.set('s1/__info_other', Buffer.from('{}')),
    ];
    for (const spoil of cases) {
      const world = keeper();
      spoil(world);
      expect(() => drop(world)).toThrow(/no known owner.*FORCE/);
      drop(world, { force: true });
      expect(world.repository.labels.has('s1')).toBe(false);
      expect(world.repository.objects.size).toBe(0);
    }
  });

  it('for all labels of a list, when one of them cannot be dropped', () => {
    const world = keeper();
    expect(() => drop(world, { labels: ['s1', 's1', 's2'] })).toThrow(/s2 does not exist/);
    expect(world.repository.labels.has('s1')).toBe(true);
    world.finishedBackup({ label: 's2' });
    drop(world, { labels: ['s1', 's2'] });
    expect([...world.repository.labels]).toEqual([]);
  });

  it('after ten seconds of waiting for a submission; a submission waits for it', () => {
    const world = keeper();
    const holder = world.begin(world.handler.withSubmissionLock(() => sleep(world.clock, 15_000)));
    const box = world.begin(
      world.handler.dropSnapshots({ repository: 'repo', labels: ['s1'], force: true }),
    );
    world.clock.advance(10_000);
    expect(box.outcome).toMatchObject({ ok: false, error: { code: 'common-error' } });
    world.clock.advance(5_000);
    expect(holder.outcome?.ok).toBe(true);
    world.repository.deleting = () => sleep(world.clock, 4_000);
    const dropping = world.begin(
      world.handler.dropSnapshots({ repository: 'repo', labels: ['s1'], force: false }),
    );
    const next = world.begin(world.handler.submitBackup(world.backupRequest({ label: 's1' })));
    expect(next.outcome).toBeUndefined();
    world.clock.advance(4_000);
    expect(dropping.outcome).toEqual({ ok: true, value: undefined });
    expect(next.outcome?.ok).toBe(true);
  });
});

describe('DROP SNAPSHOT', () => {
  it('frees the label for another backup, and can be repeated after a failure', () => {
    const world = keeper();
    world.repository.deleteFailure = failed('COMMON_ERROR', 'away');
    expect(() => drop(world)).toThrow(/away/);
    world.repository.deleteFailure = undefined;
    drop(world);
    expect(world.handler.retentions.size).toBe(0);
    expect(() => drop(world)).toThrow(/does not exist/);
    world.finishedBackup();
    expect(world.repository.labels.has('s1')).toBe(true);
  });

  it('takes what a cancelled backup left only by force, since it has no info', () => {
    const world = keeper();
    world.backup({ label: 's2' });
    world.untilState('UPLOADING');
    world.cancel('BACKUP');
    expect(() => drop(world, { labels: ['s2'] })).toThrow(/FORCE/);
    drop(world, { labels: ['s2'], force: true });
    expect([...world.repository.labels]).toEqual(['s1']);
  });

  it('asks for no owner where a release knows none', () => {
    const world = new World();
    world.createTable({ name: 'orders' });
    world.finishedBackup();
    drop(world);
    expect(world.repository.objects.size).toBe(0);
  });
});

function infoKey(world: World): string {
  const key = [...world.repository.objects.keys()].find((each) => each.startsWith('s1/__info_'));
  if (key === undefined) throw new Error('no job info');
  return key;
}
