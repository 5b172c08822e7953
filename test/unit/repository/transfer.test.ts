import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFaultPlan } from '../../../src/base/fault-plan.ts';
import type { FaultPoint } from '../../../src/base/fault-points.ts';
import { runNow, start } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { BlobStorage } from '../../../src/blob/blob-storage.ts';
import { bytesSource, readObject } from '../../../src/blob/byte-source.ts';
import { decodeChecksumName } from '../../../src/blob/checksum-name.ts';
import { EMPTY_META } from '../../../src/repository/meta-info.ts';
import type { Status } from '../../../src/repository/status.ts';
import {
  contentsOf,
  DIRECTORY,
  md5Of,
  putText,
  type Setup,
  setup,
  textAt,
  writeLocal,
} from './support.ts';

const LABEL = `${DIRECTORY}/__ss_s1`;
const LOCAL = '/local/__meta';
const META = '{"tblNameMap":{},"functions":[],"catalogs":[]}';
const META_FILE = Buffer.concat([Buffer.from([0, 0, 0, 0x2e]), Buffer.from(META)]).toString();
const META_MD5 = '202196513ce574b162ea2ad5ce6b7fc4';
const INFO =
  '{"name":"s1","database":"db1","id":10001,"backup_time":1700000000123,"backup_objects":{},' +
  '"meta_version":92,"starrocks_meta_version":3,"backup_result":"succeed"}';
const TIMESTAMP = '2023-11-14-22-13-20-123';

function putMeta({ store }: Setup, content = META_FILE, md5 = md5Of(content)): void {
  putText(store, `${LABEL}/__meta.${md5}`, content);
}

function scratchOf({ files }: Setup): readonly string[] {
  const exists = runNow(files.stat('/tmp_dir/backup')) !== undefined;
  return exists ? runNow(files.list('/tmp_dir/backup')).map(({ name }) => name) : [];
}

function fetchMeta(at: Setup): Status {
  const { status } = runNow(at.repository.fetchMeta('s1'));
  expect(scratchOf(at)).toEqual([]);
  return status;
}

test('an upload appears under its name with the md5 of its content', () => {
  const at = setup();
  writeLocal(at.files, LOCAL, META_FILE);
  expect(runNow(at.repository.uploadMeta('s1', LOCAL)).code).toBe('OK');
  writeLocal(at.files, LOCAL, INFO);
  expect(runNow(at.repository.uploadInfo('s1', TIMESTAMP, LOCAL)).code).toBe('OK');
  expect(contentsOf(at.store)).toEqual({
    [`${LABEL}/__meta.${META_MD5}`]: META_FILE,
    [`${LABEL}/__info_${TIMESTAMP}.${md5Of(INFO)}`]: INFO,
  });
});

test('an upload of a local file that is gone is NOT_FOUND and names it', () => {
  const { repository } = setup();
  expect(runNow(repository.uploadMeta('s1', '/local/gone'))).toMatchObject({
    code: 'NOT_FOUND',
    msg: expect.stringContaining('/local/gone'),
  });
});

test.each(['object-store', 'hdfs'] as const)(
  'invariants 9, 11 and 12: repeated uploads leave one file each, and touch no other (%s)',
  (flavour) => {
    const contents = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(contents, (versions) => {
        const at = setup({ flavour });
        for (const version of versions) {
          writeLocal(at.files, LOCAL, version);
          expect(runNow(at.repository.uploadMeta('s1', LOCAL)).code).toBe('OK');
        }
        const expected = [...new Set(versions)].map((text) => `${LABEL}/__meta.${md5Of(text)}`);
        expect(at.store.keys()).toEqual(expected.sort());
        for (const key of at.store.keys()) {
          expect(decodeChecksumName(key)?.md5).toBe(md5Of(textAt(at.store, key)));
        }
      }),
    );
  },
);

test('an upload makes room for itself, whatever stands under its temporary name', () => {
  const at = setup({ flavour: 'hdfs' });
  putText(at.store, `${LABEL}/__meta.part/x`, 'odd');
  writeLocal(at.files, LOCAL, META_FILE);
  expect(runNow(at.repository.uploadMeta('s1', LOCAL)).code).toBe('OK');
  expect(at.store.keys()).toEqual([`${LABEL}/__meta.${META_MD5}`]);
});

test('an upload overwrites what an interrupted one left', () => {
  const at = setup();
  putText(at.store, `${LABEL}/__meta.part`, 'half');
  putMeta(at, 'damaged', META_MD5);
  writeLocal(at.files, LOCAL, META_FILE);
  runNow(at.repository.uploadMeta('s1', LOCAL));
  expect(contentsOf(at.store)).toEqual({ [`${LABEL}/__meta.${META_MD5}`]: META_FILE });
});

test('invariant 8: a crash in an upload leaves .part or the whole file; a retry is fine', () => {
  const points: readonly FaultPoint[] = ['blob.delete', 'blob.put', 'blob.rename'];
  for (const point of points) {
    for (const visit of [1, 2]) {
      let visits = 0;
      const at = setup({
        faults: {
          at: (passed) => (passed === point && ++visits === visit ? { do: 'crash' } : undefined),
          mayStrike: () => true,
          befall: () => {},
        },
      });
      writeLocal(at.files, LOCAL, META_FILE);
      start(at.repository.uploadMeta('s1', LOCAL), () => {});
      const names = at.store.keys();
      expect(names.length).toBeLessThanOrEqual(1);
      for (const name of names) {
        expect([`${LABEL}/__meta.part`, `${LABEL}/__meta.${META_MD5}`]).toContain(name);
      }
      visits = 10;
      expect(runNow(at.repository.uploadMeta('s1', LOCAL)).code).toBe('OK');
      expect(at.store.keys()).toEqual([`${LABEL}/__meta.${META_MD5}`]);
    }
  }
});

test.each<FaultPoint>(['blob.delete', 'blob.put', 'blob.rename'])(
  'a store that fails at %s fails the upload with a text that names both files',
  (point) => {
    const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
    const at = setup({ faults });
    writeLocal(at.files, LOCAL, META_FILE);
    faults.enable(point, { do: 'fail', text: 'slow down' });
    const status = runNow(at.repository.uploadMeta('s1', LOCAL));
    expect(status.code).toBe('COMMON_ERROR');
    for (const part of [LOCAL, `${LABEL}/__meta.${META_MD5}`, 'slow down']) {
      expect(status.msg).toContain(part);
    }
  },
);

test('what was uploaded is fetched', () => {
  const at = setup();
  putMeta(at);
  putText(at.store, `${LABEL}/__info_${TIMESTAMP}.${md5Of(INFO)}`, INFO);
  expect(runNow(at.repository.fetchMeta('s1'))).toEqual({
    status: { code: 'OK', msg: '' },
    value: EMPTY_META,
  });
  const info = runNow(at.repository.fetchJobInfo('s1', TIMESTAMP));
  expect(info.value).toMatchObject({ name: 's1', dbName: 'db1', dbId: 10001, success: true });
  expect(scratchOf(at)).toEqual([]);
});

test('invariant 14: no file, or two, is told with the count', () => {
  const none = setup();
  expect(fetchMeta(none).msg).toContain(`${LABEL}/__meta*, found 0`);
  const two = setup();
  putMeta(two);
  putMeta(two, 'another');
  expect(fetchMeta(two)).toMatchObject({
    code: 'COMMON_ERROR',
    msg: expect.stringContaining('found 2: __meta.'),
  });
});

test('invariant 14: a leftover .part beside the good file counts as a second one', () => {
  const at = setup();
  putMeta(at);
  putText(at.store, `${LABEL}/__meta.part`, 'half');
  expect(fetchMeta(at).msg).toContain('found 2');
});

test('invariant 14: a directory, a name without checksum, a longer name are refused', () => {
  const directory = setup();
  putText(directory.store, `${LABEL}/__meta.d/x`, '');
  expect(fetchMeta(directory).msg).toContain('is a dir');
  const plain = setup();
  putText(plain.store, `${LABEL}/__meta.part`, META_FILE);
  expect(fetchMeta(plain).msg).toContain('checksum');
  const longer = setup();
  putText(longer.store, `${LABEL}/__info_${TIMESTAMP}.${md5Of(INFO)}`, INFO);
  const { status } = runNow(longer.repository.fetchJobInfo('s1', '2023-11-14-22-13-20'));
  expect(status).toMatchObject({
    code: 'COMMON_ERROR',
    msg: expect.stringContaining('no such file'),
  });
});

test('invariant 14: another checksum than the name says is BAD_FILE, and both are told', () => {
  const at = setup();
  putMeta(at, 'damaged', META_MD5);
  const status = fetchMeta(at);
  expect(status.code).toBe('BAD_FILE');
  expect(status.msg).toContain(`${LABEL}/__meta.${META_MD5}`);
  expect(status.msg).toContain(md5Of('damaged'));
});

test('an upper-case suffix never verifies', () => {
  const at = setup();
  putMeta(at, META_FILE, META_MD5.toUpperCase());
  expect(fetchMeta(at).code).toBe('BAD_FILE');
});

test('invariant 15: flipping any bit of a file makes its reading fail, no listing shows it', () => {
  const at = setup();
  putMeta(at);
  const key = `${LABEL}/__meta.${META_MD5}`;
  const good = runNow(readObject(at.store, key, 1000));
  fc.assert(
    fc.property(fc.nat(good.length * 8 - 1), (bit) => {
      // A slice of a buffer would share its bytes.
      const bad = Uint8Array.from(good);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      runNow(at.store.put(key, bytesSource(bad)));
      expect(fetchMeta(at).code).toBe('BAD_FILE');
      expect(runNow(at.repository.listSnapshots()).value).toEqual(['s1']);
    }),
  );
});

test('an object that shrinks between list and read is an error, not an endless read', () => {
  const lying = (store: BlobStorage): BlobStorage => ({
    traits: store.traits,
    put: (key, source) => store.put(key, source),
    get: (key, range) => store.get(key, range),
    stat: (key) => store.stat(key),
    *list(key) {
      const stats = yield* store.list(key);
      return stats.map((stat) => ({ ...stat, sizeBytes: stat.sizeBytes + 5 }));
    },
    rename: (from, to) => store.rename(from, to),
    delete: (key) => store.delete(key),
    close: () => store.close(),
  });
  const at = setup({ wrap: lying });
  putMeta(at);
  expect(fetchMeta(at).code).toBe('COMMON_ERROR');
});

test('a store that fails while reading is a status with its text', () => {
  for (const point of ['blob.list', 'blob.get'] as const) {
    const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
    const at = setup({ faults });
    putMeta(at);
    faults.enable(point, { do: 'fail', text: 'timed out' });
    expect(fetchMeta(at)).toMatchObject({
      code: 'COMMON_ERROR',
      msg: expect.stringContaining('timed out'),
    });
  }
});

test('a get that is cut leaves no scratch file', () => {
  const faults = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => {} });
  const at = setup({ faults });
  putMeta(at);
  faults.enable('blob.get', { do: 'cut', afterBytes: 7 });
  expect(fetchMeta(at).msg).toContain('cut after 7 bytes');
});

test.each(['', 'a/b', 'a\\b', '..', '.'])(
  'the label "%s" is refused before the store is asked',
  (label) => {
    const at = setup();
    writeLocal(at.files, LOCAL, META_FILE);
    expect(runNow(at.repository.uploadMeta(label, LOCAL)).code).toBe('COMMON_ERROR');
    expect(runNow(at.repository.fetchMeta(label)).status.code).toBe('COMMON_ERROR');
    expect(runNow(at.repository.listInfos(label)).status.code).toBe('COMMON_ERROR');
    expect(at.store.keys()).toEqual([]);
  },
);

test('a timestamp that is a path leads nowhere', () => {
  const at = setup();
  putText(at.store, `${DIRECTORY}/__repo_info`, 'x');
  const { status } = runNow(at.repository.fetchJobInfo('s1', '../../__repo_info'));
  expect(status).toMatchObject({
    code: 'COMMON_ERROR',
    msg: expect.stringContaining('no such file'),
  });
});
