/**
 * Repositories as other writers leave them: Apache Doris, and StarRocks of the years of file names
 * in `__info` (doris.md 5, repository.md 3.1). Texts are made here after those documents.
 */
import { describe, expect, test } from 'vitest';
import { runNow } from '../../../../src/base/op.ts';
import { MemoryBlob } from '../../../../src/blob/memory.ts';
import {
  findRepositories,
  listRepository,
  readRepoInfo,
} from '../../../../src/repository/inspect/find-repositories.ts';
import {
  readContents,
  tabletCountOf,
} from '../../../../src/repository/inspect/snapshot-contents.ts';
import { md5, putAt, toldOf, verify } from './support.ts';

const PALO = '/bucket/backups/__palo_repository_repo';
const LABEL = `${PALO}/__ss_monday`;
const TABLET = `${LABEL}/__ss_content/__db_1/__tbl_2/__part_3/__idx_4/__5`;

const FILES = {
  '5.hdr': 'header in a form of its own',
  '02000_0.dat': 'rows',
} as const;

const listed = Object.entries(FILES).map(([name, text]) => `${name}.${md5(text)}`);

function dorisInfo(more: object = {}, tablets: object = { 5: listed }): string {
  const index = { id: 4, schema_hash: 7, tablets, tablets_order: [5] };
  return JSON.stringify({
    name: 'monday',
    database: 'shop',
    id: 1,
    backup_time: 1_700_000_000_123,
    backup_result: 'succeed',
    meta_version: 121,
    major_version: 2,
    content: 'ALL',
    backup_objects: {
      t: { id: 2, partitions: { t: { id: 3, version: 2, indexes: { t: index } } } },
    },
    new_backup_objects: { views: [{ id: 9, name: 'v' }], odbc_tables: [], odbc_resources: [] },
    ...more,
  });
}

/** The number of tables, then their records in a form that nobody else reads. */
const BINARY_META = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 9, 123);

function dorisStore(info: string = dorisInfo()): MemoryBlob {
  const store = new MemoryBlob();
  putAt(store, `${PALO}/__repo_info`, '{"name":"repo","create_time":"2024-01-02 03:04:05"}');
  for (const [name, text] of Object.entries(FILES)) {
    putAt(store, `${TABLET}/${name}.${md5(text)}`, text);
  }
  putAt(store, `${LABEL}/__meta.${md5(BINARY_META)}`, BINARY_META);
  putAt(store, `${LABEL}/__info_2023-11-14-22-13-20.${md5(info)}`, info);
  return store;
}

const look = (store: MemoryBlob, level: 'files' | 'metadata' | 'data'): ReturnType<typeof verify> =>
  verify(store, level, { repository: PALO });

describe('a repository of Apache Doris', () => {
  test('is found by its directory, from its location or from inside', () => {
    const store = dorisStore();
    const found = [{ name: 'repo', prefix: '__palo_repository_', directory: PALO }];
    expect(runNow(findRepositories(store, '/bucket/backups'))).toEqual(found);
    expect(runNow(findRepositories(store, PALO))).toEqual(found);
    expect(runNow(findRepositories(store, '/bucket'))).toEqual([]);
    expect(runNow(listRepository(store, PALO))).toEqual({ labels: ['monday'], strangers: [] });
    expect(runNow(readRepoInfo(store, PALO))).toEqual({
      state: 'read',
      name: 'repo',
      created: '2024-01-02 03:04:05',
    });
  });

  test('has all its files where __info names them, headers that nobody reads or not', () => {
    const { report, findings } = look(dorisStore(), 'files');
    expect(findings).toEqual([]);
    expect(report).toMatchObject({ verdict: 'whole', unjudgedTablets: 0 });
  });

  test('is unknown once its binary __meta is asked for', () => {
    const looked = look(dorisStore(), 'metadata');
    expect(toldOf(looked)).toEqual(['unreadable unknown']);
    expect(looked.findings[0]?.text).toContain('binary form of Apache Doris');
    expect(looked.report).toMatchObject({ verdict: 'unknown', restores: 'unknown' });
  });

  test('shows missing, stale and damaged files by the names in __info', () => {
    const rows = `${TABLET}/02000_0.dat.${md5('rows')}`;
    const store = dorisStore();
    runNow(store.delete(rows));
    expect(toldOf(look(store, 'files'))).toEqual(['missing hurts t t']);
    putAt(store, `${TABLET}/02000_0.dat.${md5('old')}`, 'old');
    expect(toldOf(look(store, 'files'))).toEqual(['stale hurts t t']);
    const flipped = dorisStore();
    putAt(flipped, rows, 'rowz');
    expect(toldOf(look(flipped, 'data'))).toContain('damaged hurts t t');
    const headless = dorisStore();
    runNow(headless.delete(`${TABLET}/5.hdr.${md5(FILES['5.hdr'])}`));
    expect(toldOf(look(headless, 'files'))).toEqual(['missing hurts t t']);
  });

  test('of metadata alone wants no files, and has none to miss', () => {
    const info = dorisInfo({ content: 'METADATA_ONLY' }, { 5: [] });
    const contents = readContents(info);
    expect(contents).toMatchObject({ writer: 'Apache Doris', hasData: false, otherObjects: ['v'] });
    expect(tabletCountOf(contents)).toBe(0);
    expect(toldOf(look(dorisStore(info), 'files'))).toEqual(['extra leftover']);
  });

  test('names its writer, as far as __info tells', () => {
    expect(readContents(dorisInfo()).writer).toBe('Apache Doris');
    expect(readContents(dorisInfo({ starrocks_meta_version: 3 })).writer).toBe('StarRocks');
    const old = { major_version: undefined, content: undefined, new_backup_objects: undefined };
    expect(readContents(dorisInfo(old)).writer).toBe('StarRocks 2.x or Apache Doris');
  });
});

test('an __repo_info that is missing or odd is told, and stops nobody', () => {
  const store = dorisStore();
  putAt(store, `${PALO}/__repo_info`, '{}');
  expect(runNow(readRepoInfo(store, PALO))).toMatchObject({ state: 'unreadable' });
  runNow(store.delete(`${PALO}/__repo_info`));
  expect(runNow(readRepoInfo(store, PALO))).toEqual({ state: 'missing' });
  putAt(store, `${PALO}/README`, 'x');
  expect(runNow(listRepository(store, PALO)).strangers).toEqual(['README']);
});
