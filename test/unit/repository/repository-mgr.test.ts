import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { createFaultPlan } from '../../../src/base/fault-plan.ts';
import { asId, type RepositoryId } from '../../../src/base/ids.ts';
import { runNow } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { decodeRepositoryRecord, encodeRepositoryRecord } from '../../../src/repository/records.ts';
import { RepositoryMgr } from '../../../src/repository/repository-mgr.ts';
import type { Status } from '../../../src/repository/status.ts';
import { contentsOf, DIRECTORY, putText, repositoryData, type Setup, setup } from './support.ts';

let lastId = 100;

function create(mgr: RepositoryMgr, name: string, location = 'memory://bucket/path'): Status {
  lastId += 1;
  const prepared = runNow(
    mgr.prepareCreate({
      id: asId<RepositoryId>(lastId),
      name,
      isReadOnly: false,
      location,
      brokerName: '',
      properties: { 'aws.s3.secret_key': 'hunter2' },
      sessionTimeZone: 'UTC',
    }),
  );
  if (prepared.value !== undefined) {
    const record = { op: 'OP_CREATE_REPOSITORY_V2', repository: prepared.value } as const;
    // Through the text of the log, as at a replay.
    mgr.apply(decodeRepositoryRecord(JSON.parse(JSON.stringify(encodeRepositoryRecord(record)))));
  }
  return prepared.status;
}

function newMgr(at: Setup = setup()): RepositoryMgr {
  return new RepositoryMgr(at.deps);
}

test('a created repository is found by name and by id', () => {
  const mgr = newMgr();
  expect(create(mgr, 'nightly').code).toBe('OK');
  const repository = mgr.byName('nightly');
  expect(repository?.data.name).toBe('nightly');
  expect(repository && mgr.byId(repository.data.id)).toBe(repository);
  expect(mgr.byName('Nightly')).toBeUndefined();
});

test('a name that is taken is refused before the store is asked', () => {
  const at = setup();
  const mgr = newMgr(at);
  create(mgr, 'nightly');
  const before = contentsOf(at.store);
  const status = create(mgr, 'nightly', 'memory://other');
  expect(status.msg).toBe(
    'Failed to create repository: repository with name nightly already exists',
  );
  expect(contentsOf(at.store)).toEqual(before);
});

test('the same location may hold several repositories', () => {
  const at = setup();
  const mgr = newMgr(at);
  expect(create(mgr, 'a').code).toBe('OK');
  expect(create(mgr, 'b').code).toBe('OK');
  expect(at.store.keys()).toHaveLength(2);
});

test('a location whose files carry the name of another registered repository is refused', () => {
  const at = setup();
  const mgr = newMgr(at);
  create(mgr, 'weekly');
  putText(
    at.store,
    `${DIRECTORY}/__repo_info`,
    '{"name":"weekly","create_time":"2023-11-14 22:13:20"}',
  );
  expect(create(mgr, 'nightly').msg).toContain('weekly already exists');
  expect(mgr.all()).toHaveLength(1);
});

test('a store that cannot be used is told in the wrapped text, without secrets', () => {
  const mgr = newMgr();
  const status = create(mgr, 'nightly', 's3://key:hunter2@bucket/p');
  expect(status.msg).toMatch(/^Failed to create repository: .*s3:\/\//);
  expect(status.msg).not.toContain('hunter2');
  expect(mgr.all()).toEqual([]);
});

test('invariants 13 and 20: a drop forgets the repository and changes no remote byte', () => {
  const at = setup();
  const mgr = newMgr(at);
  create(mgr, 'nightly');
  const before = contentsOf(at.store);
  mgr.apply({ op: 'OP_DROP_REPOSITORY', name: 'nightly' });
  expect([mgr.byName('nightly'), mgr.all()]).toEqual([undefined, []]);
  expect(contentsOf(at.store)).toEqual(before);
  expect(() => mgr.apply({ op: 'OP_DROP_REPOSITORY', name: 'nightly' })).toThrow('nightly');
});

test('invariant 19: names and ids lead to the same repositories, and survive the image', () => {
  const step = fc.tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c'));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const at = setup();
      const mgr = newMgr(at);
      let highest = 0;
      for (const [isCreate, name] of steps) {
        const known = mgr.byName(name);
        if (isCreate) {
          expect(create(mgr, name).code).toBe(known === undefined ? 'OK' : 'COMMON_ERROR');
          const id = mgr.byName(name)?.data.id ?? 0;
          if (known === undefined) expect(id).toBeGreaterThan(highest);
          highest = Math.max(highest, id);
        } else if (known !== undefined) mgr.apply({ op: 'OP_DROP_REPOSITORY', name });
        for (const each of mgr.all()) {
          expect(mgr.byName(each.data.name)).toBe(each);
          expect(mgr.byId(each.data.id)).toBe(each);
        }
      }
      const loaded = newMgr(at);
      loaded.loadImage(JSON.parse(JSON.stringify(mgr.encodeImage())));
      expect(loaded.all().map(({ data }) => data)).toEqual(mgr.all().map(({ data }) => data));
    }),
    { numRuns: 50 },
  );
});

test('records and image use the keys of StarRocks', () => {
  const data = repositoryData({ properties: { k: 'v' }, isReadOnly: true });
  const json = {
    id: 101,
    nm: 'nightly',
    ct: 1_700_000_000_123,
    ro: true,
    lc: data.location,
    st: { bn: '', pt: { k: 'v' }, hasBroker: false },
  };
  expect(encodeRepositoryRecord({ op: 'OP_CREATE_REPOSITORY_V2', repository: data })).toEqual({
    op: 'OP_CREATE_REPOSITORY_V2',
    repository: json,
  });
  const mgr = newMgr();
  mgr.apply({ op: 'OP_CREATE_REPOSITORY_V2', repository: data });
  expect(mgr.encodeImage()).toEqual({ rp: { nightly: json } });
});

test('the legacy prefix is kept in the log', () => {
  const repository = repositoryData({ prefix: '__palo_repository_' });
  const record = { op: 'OP_CREATE_REPOSITORY_V2', repository } as const;
  expect(decodeRepositoryRecord(encodeRepositoryRecord(record))).toEqual(record);
});

test.each([
  null,
  {},
  { op: 'OP_OTHER' },
  { op: 'OP_DROP_REPOSITORY' },
  { op: 'OP_CREATE_REPOSITORY_V2', repository: { id: 'x' } },
])('the record %j is damage', (json) => {
  expect(() => decodeRepositoryRecord(json)).toThrow(SimError);
});

test('invariant 21: the error message is that of the last ping, in the global default zone', () => {
  const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
  const at = setup({ faults });
  const mgr = newMgr({ ...at, deps: { ...at.deps, defaultTimeZone: () => '+08:00' } });
  create(mgr, 'nightly');
  const repository = mgr.byName('nightly');
  expect(repository?.errMsg).toBeNull();
  runNow(mgr.pingAll());
  expect(repository?.errMsg).toBeNull();

  faults.enable('blob.stat', { do: 'fail', text: 'no route to host' });
  runNow(mgr.pingAll());
  expect(repository?.errMsg).toMatch(/^2023-11-15 06:13:20: .*no route to host/);
  faults.disableAll();
  runNow(mgr.pingAll());
  expect(repository?.errMsg).toBeNull();

  runNow(at.store.delete('/bucket'));
  runNow(mgr.pingAll());
  expect(repository?.errMsg).toContain(`remote path does not exist: ${DIRECTORY}`);
});

test('a ping that fails for one repository goes on with the next', () => {
  const at = setup();
  const mgr = newMgr(at);
  create(mgr, 'a');
  create(mgr, 'b');
  runNow(at.store.delete('/bucket/path/__starrocks_repository_a'));
  runNow(mgr.pingAll());
  expect(mgr.byName('a')?.errMsg).not.toBeNull();
  expect(mgr.byName('b')?.errMsg).toBeNull();
});

test('SHOW REPOSITORIES has seven cells a row, times in the session zone, and no property', () => {
  const mgr = newMgr();
  mgr.apply({
    op: 'OP_CREATE_REPOSITORY_V2',
    repository: repositoryData({ properties: { password: 'hunter2' }, location: 'memory://b/' }),
  });
  expect(mgr.repositoryRows('Asia/Shanghai')).toEqual([
    ['101', 'nightly', '2023-11-15 06:13:20', 'false', 'memory://b/', '', null],
  ]);
});
