import { expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { createFaultPlan, type FaultPlan } from '../../../src/base/fault-plan.ts';
import type { FaultPoint } from '../../../src/base/fault-points.ts';
import { runNow } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { decodeRepoInfo, encodeRepoInfo } from '../../../src/repository/repo-info-codec.ts';
import { openRepository } from '../../../src/repository/repository-store.ts';
import { contentsOf, DIRECTORY, NOW_MS, putText, ROOT, repositoryData, setup } from './support.ts';

const INFO = `${DIRECTORY}/__repo_info`;
const VECTOR = '{"name":"nightly","create_time":"2023-11-14 22:13:20"}';

const plan = (): FaultPlan => createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });

test('the repo info is written in the session zone and read as +08:00', () => {
  const info = { name: 'nightly', createTimeMs: NOW_MS };
  expect(encodeRepoInfo(info, 'UTC')).toBe(VECTOR);
  expect(decodeRepoInfo(VECTOR)).toEqual({ name: 'nightly', createTimeMs: 1_699_971_200_000 });
  const shanghai = encodeRepoInfo(info, 'Asia/Shanghai');
  expect(shanghai).toContain('2023-11-15 06:13:20');
  expect(decodeRepoInfo(shanghai).createTimeMs).toBe(1_700_000_000_000);
});

test('a repo info with more keys is read, one that does not fit says what is wrong', () => {
  expect(decodeRepoInfo(VECTOR.replace('{', '{"more":[1],')).name).toBe('nightly');
  expect(() => decodeRepoInfo('{"name":"x"')).toThrow('__repo_info is not JSON');
  expect(() => decodeRepoInfo('{"create_time":"2023-11-14 22:13:20"}')).toThrow('name is not');
  expect(() => decodeRepoInfo('{"name":"x","create_time":"yesterday"}')).toThrow('yesterday');
});

test('an empty location becomes a repository by one object', () => {
  const { repository, store } = setup();
  const { status, value } = runNow(repository.initialize('UTC'));
  expect(status.code).toBe('OK');
  expect(value).toMatchObject({ name: 'nightly', createTimeMs: NOW_MS });
  expect(contentsOf(store)).toEqual({ [INFO]: VECTOR });
});

test('without a session the time is written in the global default zone', () => {
  const { repository, store, deps } = setup();
  const other = openRepository(repository.data, { ...deps, defaultTimeZone: () => '+08:00' });
  runNow(other.initialize());
  expect(contentsOf(store)[INFO]).toContain('2023-11-15 06:13:20');
});

test('invariant 17: creating again attaches, with the stored time and no write', () => {
  const { repository, store, deps, clock } = setup();
  runNow(repository.initialize('UTC'));
  const before = contentsOf(store);
  clock.advance(5_000);
  const again = openRepository(repositoryData({ createTimeMs: clock.now() }), deps);
  const { value } = runNow(again.initialize('Asia/Tokyo'));
  expect(value?.createTimeMs).toBe(1_699_971_200_000);
  expect(contentsOf(store)).toEqual(before);
});

test('invariant 18: a read-only create writes one object on an empty location, else none', () => {
  const { repository, store, deps } = setup({ data: { isReadOnly: true } });
  runNow(repository.initialize('UTC'));
  expect(store.keys()).toEqual([INFO]);
  const before = contentsOf(store);
  runNow(openRepository(repository.data, deps).initialize('UTC'));
  expect(contentsOf(store)).toEqual(before);
});

test('the name in the repo info wins over that of the statement', () => {
  const { repository, store } = setup();
  putText(store, INFO, VECTOR.replace('nightly', 'weekly'));
  expect(runNow(repository.initialize('UTC')).value?.name).toBe('weekly');
});

test('a name in the repo info that leads elsewhere is refused', () => {
  const { repository, store } = setup();
  putText(store, INFO, VECTOR.replace('nightly', '../../etc'));
  const { status } = runNow(repository.initialize('UTC'));
  expect(status).toMatchObject({ code: 'COMMON_ERROR' });
  expect(status.msg).toContain('names a repository that cannot be');
});

test('a legacy directory is attached and kept for later paths', () => {
  const { repository, store, deps } = setup();
  putText(store, `${ROOT}/__palo_repository_nightly/__repo_info`, VECTOR);
  putText(store, `${ROOT}/__palo_repository_nightly/__ss_old/x`, 'x');
  const { value } = runNow(repository.initialize('UTC'));
  const attached = openRepository(value ?? repositoryData(), deps);
  expect(runNow(attached.listSnapshots()).value).toEqual(['old']);
  const path = { dbId: 1, tableId: 2, partitionId: 3, indexId: 4, tabletId: 5 };
  expect(attached.tabletDirectory('old', path)).toContain('/__palo_repository_nightly/__ss_old/');
});

test('trouble with the legacy directory is passed over', () => {
  const { repository, store } = setup();
  putText(store, `${ROOT}/__palo_repository_nightly/__repo_info`, 'broken');
  putText(store, INFO, VECTOR);
  expect(runNow(repository.initialize('UTC')).value?.prefix).toBe('__starrocks_repository_');
});

test('a repo info that is a directory, or broken, stops the create', () => {
  const asDirectory = setup();
  putText(asDirectory.store, `${INFO}/x`, '');
  expect(runNow(asDirectory.repository.initialize('UTC')).status.msg).toContain('is not a file');
  const broken = setup();
  putText(broken.store, INFO, '{');
  expect(runNow(broken.repository.initialize('UTC')).status.msg).toContain(
    `read repo info ${INFO}`,
  );
});

test.each<readonly [FaultPoint, string]>([
  ['blob.stat', 'COMMON_ERROR'],
  ['blob.put', 'BAD_CONNECTION'],
])('a store that fails at %s fails the create with %s', (point, code) => {
  const faults = plan();
  const { repository, store } = setup({ faults });
  faults.enable(point, { do: 'fail', text: 'no route to host' });
  const { status } = runNow(repository.initialize('UTC'));
  expect(status.code).toBe(code);
  expect(status.msg).toContain('no route to host');
  expect(store.keys()).toEqual([]);
});

test('a put of the repo info that is cut leaves nothing', () => {
  const faults = plan();
  const { repository, store } = setup({ faults });
  faults.enable('blob.put', { do: 'cut', afterBytes: 10 });
  expect(runNow(repository.initialize('UTC')).status.code).toBe('BAD_CONNECTION');
  expect(store.keys()).toEqual([]);
});

test('a file:// directory that is missing is told by its path', () => {
  const { deps, files } = setup();
  const data = repositoryData({ location: 'file:///backups/typo' });
  const { status } = runNow(openRepository(data, deps).initialize('UTC'));
  expect(status.msg).toContain('/backups/typo does not exist');
  expect(status.msg).toContain('mkdir');
  expect(runNow(files.stat('/backups'))).toBeUndefined();
});

test('a file:// directory that may not be written is told by its path', () => {
  const { deps } = setup({
    wrap: (store) => ({
      traits: store.traits,
      get: (key, range) => store.get(key, range),
      stat: (key) => store.stat(key),
      list: (key) => store.list(key),
      rename: (from, to) => store.rename(from, to),
      delete: (key) => store.delete(key),
      close: () => store.close(),
      *put(key) {
        throw new SimError('blob-not-permitted', `cannot create ${key}: no permission`);
      },
    }),
  });
  const { status } = runNow(openRepository(repositoryData(), deps).initialize('UTC'));
  expect(status.msg).toContain(`repository directory ${ROOT} is not writable`);
});

test('a repository in a local directory is files under it', () => {
  const { deps, files } = setup();
  runNow(files.makeDirectory('/backups/here'));
  const data = repositoryData({ location: 'file:///backups/here/' });
  const repository = openRepository(data, deps);
  expect(runNow(repository.initialize('UTC')).status.code).toBe('OK');
  const path = '/backups/here/__starrocks_repository_nightly/__repo_info';
  expect(Buffer.from(runNow(files.read(path))).toString()).toBe(VECTOR);
  expect(runNow(files.list('/backups/here'))).toHaveLength(1);
});

test('a location out of reach is a status of every operation, not an exception', () => {
  const { deps } = setup();
  const repository = openRepository(repositoryData({ location: 's3://b/p' }), deps);
  expect(runNow(repository.initialize('UTC')).status.msg).toContain('s3://');
  expect(runNow(repository.listSnapshots()).status.code).toBe('COMMON_ERROR');
  expect(runNow(repository.fetchMeta('s')).status.code).toBe('COMMON_ERROR');
  runNow(repository.ping());
  expect(repository.errMsg).toContain('s3://');
});
