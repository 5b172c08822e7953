/**
 * Repositories that another release has written: the directory of the oldest ones, names of files
 * in `__info`, the binary `__meta` (repository.md 1.6 and 3). What can be read is restored, the
 * rest is refused by name.
 */
import { expect, test } from 'vitest';
import { runNow } from '../../src/base/op.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import type { ProfileName } from '../../src/fe/profile.ts';
import type { Cluster } from '../../src/start-cluster.ts';
import {
  bytesAt,
  copyOf,
  keyOf,
  md5,
  putAt,
  replaceAt,
} from '../unit/repository/inspect/support.ts';
import {
  backUp,
  clusterWith,
  PROFILES_IN_ORDER,
  rowsOfShop,
  shopOf,
  snapshotsOf,
  timestampOf,
} from './shared-store.ts';

interface Made {
  readonly store: MemoryBlob;
  readonly rows: unknown;
}

async function made(profile: ProfileName): Promise<Made> {
  const { cluster, store } = await shopOf(profile, { seed: 5n, backends: 1 });
  await backUp(cluster, 'monday');
  const rows = await rowsOfShop(cluster);
  await cluster.stop();
  return { store, rows };
}

const attached = (starrocksVersion: ProfileName, memoryStore: MemoryBlob): Promise<Cluster> =>
  clusterWith({ starrocksVersion, backends: 1, seed: 6n, memoryStore }, false);

async function restore(cluster: Cluster): Promise<string> {
  if (!(await cluster.query("SHOW DATABASES LIKE 'shop'")).rows.length) {
    await cluster.query('CREATE DATABASE shop');
  }
  await cluster.query(`RESTORE SNAPSHOT shop.monday FROM repo
    PROPERTIES ('backup_timestamp' = '${await timestampOf(cluster, 'monday')}')`);
  const { state, status } = await cluster.untilJobDone('shop');
  return `${state} ${status}`;
}

const asPalo = (key: string): string =>
  key.replace('__starrocks_repository_', '__palo_repository_');

test('the directory of the oldest releases is attached, restored, written to', async () => {
  const { store, rows } = await made('3.5');
  const palo = new MemoryBlob();
  for (const key of store.keys()) putAt(palo, asPalo(key), bytesAt(store, key));
  const cluster = await attached('3.5', palo);
  expect(Object.keys(await snapshotsOf(cluster))).toEqual(['monday']);
  expect(await restore(cluster)).toBe('FINISHED [OK]');
  expect(await rowsOfShop(cluster)).toEqual(rows);
  await backUp(cluster, 'tuesday');
  expect(palo.keys().filter((key) => key.includes('__starrocks_repository_'))).toEqual([]);
  await cluster.stop();
});

/** As the oldest releases wrote it: indexes of the partition itself, and every file by its name. */
function withFileNames(store: MemoryBlob): void {
  const key = keyOf(store, /__info_/);
  const info = JSON.parse(new TextDecoder().decode(bytesAt(store, key)));
  for (const table of Object.values<Json>(info.backup_objects)) {
    for (const partition of Object.values<Json>(table['partitions'] ?? {})) {
      for (const index of Object.values<Json>(partition['indexes'] ?? {})) {
        const tablets = index['tablets'] ?? {};
        for (const id of Object.keys(tablets)) {
          const files = store.keys().filter((each) => each.includes(`/__${id}/`));
          tablets[id] = files.map((each) => each.slice(each.lastIndexOf('/') + 1)) as never;
        }
      }
      delete partition['subPartitions'];
    }
  }
  for (const late of ['meta_version', 'starrocks_meta_version']) delete info[late];
  replaceAt(store, key, JSON.stringify(info));
}

interface Json {
  [key: string]: Json;
}

test.each(PROFILES_IN_ORDER)(
  'an __info with the names of files, as the oldest releases wrote it, is restored by %s',
  async (profile) => {
    const { store, rows } = await made('3.3');
    withFileNames(store);
    const cluster = await attached(profile, copyOf(store));
    expect(await restore(cluster)).toBe('FINISHED [OK]');
    expect(await rowsOfShop(cluster)).toEqual(rows);
    await cluster.stop();
  },
);

test.each(PROFILES_IN_ORDER)('a binary __meta is refused by name by %s', async (profile) => {
  const { store } = await made(profile);
  const binary = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 9, 123, 34, 105);
  const key = replaceAt(store, keyOf(store, /__meta\./), binary);
  expect(key).toContain(md5(binary));
  const cluster = await attached(profile, store);
  expect((await snapshotsOf(cluster))['monday']).toMatchObject({ Status: 'OK' });
  expect(await restore(cluster)).toMatch(
    /^CANCELLED .*binary form of Apache Doris and of StarRocks before 3\.3/,
  );
  expect(runNow(store.stat(key))).toBeDefined();
  await cluster.stop();
});
