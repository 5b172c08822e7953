import { describe, expect, it } from 'vitest';
import { sleep } from '../../../src/base/clock.ts';
import type { ErrorCode } from '../../../src/base/errors.ts';
import type { BackupRequest } from '../../../src/jobs/submit-backup.ts';
import { failed } from '../../../src/repository/status.ts';
import { World } from './support/world.ts';

interface Violation {
  readonly what: string;
  readonly code: ErrorCode;
  readonly text: RegExp;
  violate(world: World, request: BackupRequest): BackupRequest;
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
    what: 'the database is not there',
    code: 'unknown-database',
    text: /Unknown database 'elsewhere'/,
    violate: (_world, request) => ({ ...request, dbName: 'elsewhere' }),
  },
  {
    what: 'a job of the database is not done',
    code: 'common-error',
    text: /one backup or restore job of a database/,
    violate(world, request) {
      world.backup({ label: 'earlier' });
      return request;
    },
  },
  {
    what: 'the repository is read-only',
    code: 'common-error',
    text: /repo is read only/,
    violate(world, request) {
      world.repository.data = { ...world.repository.data, isReadOnly: true };
      return request;
    },
  },
  {
    what: 'a table is not there',
    code: 'unknown-table',
    text: /Unknown table 'lost'/,
    violate: (_world, request) => ({
      ...request,
      tableRefs: [{ dbName: 'shop', tableName: 'lost' }],
    }),
  },
  {
    what: 'listing the repository fails',
    code: 'common-error',
    text: /store away/,
    violate(world, request) {
      world.repository.listFailure = failed('BAD_CONNECTION', 'store away');
      return request;
    },
  },
  {
    what: 'the label is taken',
    code: 'common-error',
    text: /^Snapshot with name 's1' already exist in repository$/,
    violate(world, request) {
      world.repository.labels.add('s1');
      return request;
    },
  },
];

describe('BACKUP is refused', () => {
  it.each(VIOLATIONS.map((violation, from) => ({ ...violation, from })))(
    'when $what, before anything that is checked later',
    ({ code, text, from }) => {
      const world = new World();
      world.createTable({ name: 'orders' });
      let request = world.backupRequest();
      for (const { violate } of VIOLATIONS.slice(from)) request = violate(world, request);
      const records = world.log.length;
      const jobs = world.handler.jobs().map(({ job }) => job);
      const box = world.begin(world.handler.submitBackup(request));
      const error = box.outcome?.ok === false ? box.outcome.error : undefined;
      expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
      expect(world.log).toHaveLength(records);
      expect(world.handler.jobs().map(({ job }) => job)).toEqual(jobs);
    },
  );

  it('when a partition has gone or partitions are temporary', () => {
    const world = new World();
    const table = world.createTable({ name: 'orders' });
    const ref = { dbName: 'shop', tableName: 'orders' };
    expect(() => world.backup({ tableRefs: [{ ...ref, partitionNames: ['p9'] }] })).toThrow(
      'Unknown partition p9 in table orders',
    );
    expect(() =>
      world.backup({
        tableRefs: [{ ...ref, partitionNames: ['orders'], hasTemporaryPartitions: true }],
      }),
    ).toThrow(/temp partitions/);
    world.database.tables.set(table.id, { ...table, tempPartitions: table.partitions });
    expect(() => world.backup()).toThrow(/orders, which has temp partitions/);
  });

  it('as incremental only when the label is taken (9 Q8)', () => {
    const world = new World();
    world.createTable({ name: 'orders' });
    world.backup({ type: 'INCREMENTAL' });
    expect(world.untilDone().state).toBe('FINISHED');
    expect(() => world.backup({ type: 'INCREMENTAL' })).toThrow(/not support incremental/);
  });

  it('after ten seconds of waiting for another submission', () => {
    const world = new World();
    const holder = world.begin(world.handler.withSubmissionLock(() => sleep(world.clock, 15_000)));
    const waiter = world.begin(world.handler.submitBackup(world.backupRequest()));
    const patient = world.begin(
      (function* () {
        yield* sleep(world.clock, 8_000);
        yield* world.handler.submitBackup(world.backupRequest());
      })(),
    );
    world.clock.advance(10_000);
    expect(waiter.outcome).toMatchObject({ ok: false, error: { code: 'common-error' } });
    world.clock.advance(6_000);
    expect(holder.outcome?.ok).toBe(true);
    expect(patient.outcome?.ok).toBe(true);
    expect(world.job().state).toBe('PENDING');
  });
});

describe('BACKUP is accepted', () => {
  it('and writes nothing before its first tick; its repository is in use until it ends', () => {
    const world = new World();
    world.createTable({ name: 'orders' });
    world.backup();
    expect(world.repository.objects.size).toBe(0);
    expect(world.handler.hasUnfinishedJobFor(world.repository.data.id)).toBe(true);
    world.untilDone();
    expect(world.handler.hasUnfinishedJobFor(world.repository.data.id)).toBe(false);
  });
});
