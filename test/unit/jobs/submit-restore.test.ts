import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/base/errors.ts';
import type { RestoreRequest } from '../../../src/jobs/submit-restore.ts';
import { World } from './support/world.ts';

interface Violation {
  readonly what: string;
  readonly code: ErrorCode;
  readonly text: RegExp;
  violate(world: World, request: RestoreRequest): RestoreRequest;
}

/** The handler's checks in their order: each case also violates every later one. */
const VIOLATIONS: readonly Violation[] = [
  {
    what: 'the repository is not there',
    code: 'common-error',
    text: /Repository \[nowhere\] does not exist/,
    violate: (_world, request) => ({ ...request, repository: 'nowhere' }),
  },
  {
    what: 'the snapshot has no such timestamp',
    code: 'common-error',
    text: /snapshot 's1' because: find 0 files\. Maybe specified wrong backup timestamp/,
    violate: (_world, request) => ({ ...request, backupTimestamp: '2020-01-01-00-00-00-000' }),
  },
  {
    what: 'a job of the target database is not done',
    code: 'common-error',
    text: /one backup or restore job of a database/,
    violate(world, request) {
      world.backup({ label: 'other' });
      return request;
    },
  },
  {
    what: 'the snapshot is of another database',
    code: 'common-error',
    text: /Database \[Shop\] does not exist in snapshot s1/,
    violate: (_world, request) => ({
      ...request,
      snapshotDbName: 'Shop',
      targetDbName: 'shop',
    }),
  },
  {
    what: 'a table is not in the snapshot',
    code: 'common-error',
    text: /Table lost does not exist in snapshot s1/,
    violate: (_world, request) => ({ ...request, objects: [{ name: 'lost' }] }),
  },
];

function backedUp(): { world: World; timestamp: string } {
  const world = new World();
  world.createTable({ name: 'a' });
  world.createTable({
    name: 'b',
    ranges: [
      ['p1', 0, 10],
      ['p2', 10, 20],
    ],
  });
  return { world, timestamp: world.finishedBackup() };
}

describe('RESTORE is refused', () => {
  it.each(VIOLATIONS.map((violation, from) => ({ ...violation, from })))(
    'when $what, before anything that is checked later',
    ({ code, text, from }) => {
      const { world, timestamp } = backedUp();
      let request = world.restoreRequest(timestamp);
      for (const { violate } of VIOLATIONS.slice(from)) request = violate(world, request);
      const records = world.log.length;
      const box = world.begin(world.handler.submitRestore(request));
      const error = box.outcome?.ok === false ? box.outcome.error : undefined;
      expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
      expect(world.log).toHaveLength(records);
    },
  );

  it('for partitions that are temporary or not in the snapshot', () => {
    const { world, timestamp } = backedUp();
    expect(() =>
      world.restore(timestamp, { objects: [{ name: 'b', partitionNames: ['p9'] }] }),
    ).toThrow('Partition p9 of table b does not exist in snapshot s1');
    expect(() =>
      world.restore(timestamp, { objects: [{ name: 'b', hasTemporaryPartitions: true }] }),
    ).toThrow(/temporary partitions/);
  });

  it('for a missing database in releases that do not create it', () => {
    const { world, timestamp } = backedUp();
    Object.assign(world.traits, { createsMissingDatabase: false });
    expect(() => world.restore(timestamp, { targetDbName: 'mirror' })).toThrow(
      "Unknown database 'mirror'",
    );
  });

  it('and a database that was created for it stays (9 #7)', () => {
    const { world, timestamp } = backedUp();
    const objects = [{ name: 'lost' }];
    expect(() => world.restore(timestamp, { targetDbName: 'mirror', objects })).toThrow(/lost/);
    expect([...world.catalog.databases.values()].map(({ name }) => name)).toContain('mirror');
  });

  it('for an object that is no table, by its name', () => {
    const { world, timestamp } = backedUp();
    const key = `s1/__info_${timestamp}`;
    const info = JSON.parse(Buffer.from(world.repository.objects.get(key) ?? []).toString('utf8'));
    info.backup_objects.v_orders = { id: 7, partitions: {} };
    world.repository.objects.set(key, Buffer.from(JSON.stringify(info)));
    expect(() => world.restore(timestamp)).toThrow(/v_orders.*cannot be restored/);
  });

  it('for a snapshot of external catalogs where a release has none', () => {
    const { world, timestamp } = backedUp();
    const key = `s1/__info_${timestamp}`;
    const text = Buffer.from(world.repository.objects.get(key) ?? []).toString('utf8');
    world.repository.objects.set(key, Buffer.from(text.replace('"shop"', '""')));
    world.traits.hasCatalogSlot = false;
    expect(() => world.restore(timestamp)).toThrow(/external catalogs, which this release/);
  });
});

describe('RESTORE takes', () => {
  it('everything without an ON clause', () => {
    const { world, timestamp } = backedUp();
    world.restore(timestamp);
    expect([...world.restoreJob().jobInfo.tables.keys()]).toEqual(['a', 'b']);
  });

  it('the listed objects, their partitions and aliases', () => {
    const { world, timestamp } = backedUp();
    world.restore(timestamp, {
      objects: [{ name: 'b', partitionNames: ['p2'], alias: 'c' }],
    });
    const job = world.restoreJob();
    expect([...job.jobInfo.tables.keys()]).toEqual(['b']);
    expect([...(job.jobInfo.tables.get('b')?.partitions.keys() ?? [])]).toEqual(['p2']);
    expect(job.tblAlias).toEqual(new Map([['b', 'c']]));
  });

  it('the rest, too, with ALL TABLES', () => {
    const { world, timestamp } = backedUp();
    world.restore(timestamp, { objects: [{ name: 'b', alias: 'c' }], addsAllTables: true });
    expect([...world.restoreJob().jobInfo.tables.keys()]).toEqual(['b', 'a']);
  });

  it('the database named by AS, by DATABASE or in the snapshot, in this order', () => {
    for (const [change, name] of [
      [{ targetDbName: 'x', snapshotDbName: 'shop' }, 'x'],
      [{ snapshotDbName: 'shop' }, 'shop'],
      [{}, 'shop'],
    ] as const) {
      const { world, timestamp } = backedUp();
      world.restore(timestamp, change);
      const job = world.handler.jobs().find((view) => view.job.type === 'RESTORE')?.job;
      expect(job?.dbName).toBe(name);
    }
  });

  it('a read-only repository', () => {
    const { world, timestamp } = backedUp();
    world.repository.data = { ...world.repository.data, isReadOnly: true };
    world.restore(timestamp);
    expect(world.untilDone().state).toBe('FINISHED');
  });
});
