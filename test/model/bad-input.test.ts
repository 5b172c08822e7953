/**
 * What is damaged, foreign, gone or silent while jobs want it: one clear message, the outcome of
 * the specification, and nothing lost.
 */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { runNow } from '../../src/base/op.ts';
import { bytesSource, readObject } from '../../src/blob/byte-source.ts';
import type { MemoryBlob } from '../../src/blob/memory.ts';
import {
  backUp,
  beginRestore,
  type Cluster,
  job,
  newSite,
  restore,
  rowsOf,
  type Site,
  shown,
  untilState,
} from './pain-points/support.ts';

const TABLE = `CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 2;
  INSERT INTO shop.t VALUES (1), (2), (3)`;
const ROWS = ['1', '2', '3'];
const LATER = ['1', '2', '3', '4'];

/** A snapshot `s` of three rows, and a fourth row since then. */
async function backedUp(): Promise<Site> {
  const site = await newSite(TABLE);
  await backUp(site.cluster, 's');
  await site.cluster.query('INSERT INTO shop.t VALUES (4)');
  return site;
}

function keyOf(store: MemoryBlob, pattern: RegExp): string {
  const [key] = store.keys().filter((each) => pattern.test(each));
  if (key === undefined) throw new Error(`no object ${pattern}`);
  return key;
}

function bytesOf(store: MemoryBlob, key: string): Buffer {
  return Buffer.from(runNow(readObject(store, key, 1 << 24)));
}

/** Other content under another name: what a foreign writer would have left. */
function put(store: MemoryBlob, key: string, bytes: Buffer): void {
  const md5 = createHash('md5').update(bytes).digest('hex');
  runNow(store.delete(key));
  runNow(store.put(`${key.slice(0, key.lastIndexOf('.'))}.${md5}`, bytesSource(bytes)));
}

/** One bit of what is there, under the name it has. */
function damage(store: MemoryBlob, pattern: RegExp): void {
  const key = keyOf(store, pattern);
  const bytes = bytesOf(store, key);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  runNow(store.put(key, bytesSource(bytes)));
}

function changeInfo(store: MemoryBlob, change: (info: Json) => void): void {
  const key = keyOf(store, /__info_/);
  const info: Json = JSON.parse(bytesOf(store, key).toString());
  change(info);
  put(store, key, Buffer.from(JSON.stringify(info)));
}

interface Json {
  [key: string]: Json & string & number;
}

/** The table as it was, in a state that takes loads, and a job slot that takes jobs. */
async function expectUnharmed(cluster: Cluster): Promise<void> {
  expect(await rowsOf(cluster, 'shop.t')).toEqual(LATER);
  await cluster.query('INSERT INTO shop.t VALUES (5)');
  await backUp(cluster, 'after');
  await cluster.stop();
}

describe('a damaged snapshot', () => {
  test('whose __info does not match its checksum is refused, and still listed', async () => {
    const { cluster, store } = await backedUp();
    damage(store, /__info_/);
    await expect(beginRestore(cluster, 's')).rejects.toMatchObject({
      code: 'common-error',
      message: expect.stringMatching(/snapshot 's' because: .*(md5|checksum)/),
    });
    expect((await shown(cluster, 'SHOW SNAPSHOT ON repo'))[0]).toMatchObject({ Status: 'OK' });
    expect(await shown(cluster, 'SHOW RESTORE FROM shop')).toEqual([]);
    await expectUnharmed(cluster);
  });

  test('whose __info is no JSON is refused', async () => {
    const { cluster, store } = await backedUp();
    put(store, keyOf(store, /__info_/), Buffer.from('{"name": "s", '));
    await expect(beginRestore(cluster, 's')).rejects.toMatchObject({ code: 'common-error' });
    await expectUnharmed(cluster);
  });

  test('whose __meta does not match its checksum cancels the restore at once', async () => {
    const { cluster, store } = await backedUp();
    damage(store, /__meta\./);
    expect(await restore(cluster, 's')).toMatch(/^CANCELLED \[COMMON_ERROR, msg: .*meta/);
    await expectUnharmed(cluster);
  });

  test('that lacks a tablet waits for it until the timeout, naming the directory', async () => {
    const { cluster, store } = await backedUp();
    const [tablet] = store.keys().filter((key) => key.includes('/__ss_content/'));
    const directory = String(tablet).slice(0, String(tablet).lastIndexOf('/'));
    for (const key of store.keys()) if (key.startsWith(directory)) runNow(store.delete(key));
    await beginRestore(cluster, 's', { on: 'ON (t AS u)', properties: { timeout: '600' } });
    await untilState(cluster, 'RESTORE', 'DOWNLOADING');
    cluster.advance(30_000);
    expect((await job(cluster, 'RESTORE'))['TaskErrMsg']).toContain(
      String(directory.split('/').at(-1)),
    );
    expect(await cluster.untilJobDone('shop')).toMatchObject({
      state: 'CANCELLED',
      status: expect.stringMatching(/^\[TIMEOUT/),
    });
    expect((await cluster.query('SHOW TABLES FROM shop')).rows).toEqual([['t']]);
    await expectUnharmed(cluster);
  });

  test('with a changed byte in a tablet file never brings that byte into a table', async () => {
    const { cluster, store } = await backedUp();
    damage(store, /\.dat\./);
    await beginRestore(cluster, 's', { on: 'ON (t AS u)', properties: { timeout: '600' } });
    await untilState(cluster, 'RESTORE', 'DOWNLOADING');
    cluster.advance(30_000);
    expect((await job(cluster, 'RESTORE'))['TaskErrMsg']).toMatch(/md5|checksum/);
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'CANCELLED' });
    await expectUnharmed(cluster);
  });
});

describe('a snapshot of another release', () => {
  test('with keys that nobody knows and without those that are optional is restored', async () => {
    const { cluster, store } = await backedUp();
    changeInfo(store, (info) => {
      delete info['meta_version'];
      delete info['starrocks_meta_version'];
      Object.assign(info, { from_the_future: { a: [1, 2] }, cluster_id: 5, ttl: '7 DAY' });
    });
    expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
    expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
    await cluster.stop();
  });

  test('without a key that it must have is refused, and the key is named', async () => {
    const { cluster, store } = await backedUp();
    changeInfo(store, (info) => {
      delete info['backup_objects'];
    });
    await expect(beginRestore(cluster, 's')).rejects.toMatchObject({
      code: 'common-error',
      message: expect.stringContaining('backup_objects'),
    });
    await expectUnharmed(cluster);
  });

  test('that lists objects which its __meta does not have changes nothing', async () => {
    const { cluster, store } = await backedUp();
    changeInfo(store, (info) => {
      const objects = info['backup_objects'];
      if (objects !== undefined) objects['ghost'] = objects['t'] as Json[string];
    });
    await expect(restore(cluster, 's')).rejects.toMatchObject({
      message: expect.stringContaining('ghost'),
    });
    await expectUnharmed(cluster);
  });

  test.each([
    ['Apache Doris, or StarRocks before 3.3', [0, 0, 0, 1, 0, 0, 0, 4, 79, 76, 65, 80]],
    ['a writer that stopped in the middle', [0, 0, 255, 0, 123, 125]],
  ])('by %s is refused before a table is touched', async (_writer, bytes) => {
    const { cluster, store } = await backedUp();
    put(store, keyOf(store, /__meta\./), Buffer.from(bytes));
    const outcome = await restore(cluster, 's');
    expect(outcome).toMatch(
      /^CANCELLED \[COMMON_ERROR, msg: .*__meta (is in the binary|announces)/,
    );
    await expectUnharmed(cluster);
  });

  test('of Doris can be looked at under its own prefix; a restore names Doris', async () => {
    const { cluster, store } = await newSite(TABLE);
    const root = '/bucket/doris/__palo_repository_old';
    const text = (key: string, content: string): void =>
      void runNow(store.put(`${root}/${key}`, bytesSource(Buffer.from(content))));
    text('__repo_info', '{"name":"old","create_time":"2024-01-01 00:00:00"}');
    const info = {
      name: 'd',
      database: 'shop',
      id: 10,
      backup_time: 1_704_067_200_000,
      backup_result: 'succeed',
      meta_version: 92,
      content: 'ALL',
      backup_objects: {
        t: {
          id: 11,
          partitions: {
            t: {
              id: 12,
              version: 2,
              version_hash: 0,
              indexes: {
                t: {
                  id: 13,
                  schema_hash: 14,
                  tablets: { 15: ['15.hdr.d41d8cd98f00b204e9800998ecf8427e'] },
                  tablets_order: [15],
                },
              },
            },
          },
        },
      },
    };
    const md5 = (content: string): string => createHash('md5').update(content).digest('hex');
    const infoText = JSON.stringify(info);
    const meta = '\u0000\u0000\u0000\u0001\u0000\u0000\u0000\u0004OLAP';
    text(`__ss_d/__info_2024-01-01-00-00-00.${md5(infoText)}`, infoText);
    text(`__ss_d/__meta.${md5(meta)}`, meta);
    await cluster.query("CREATE REPOSITORY old WITH BROKER ON LOCATION 'memory://bucket/doris'");
    const [row] = await shown(
      cluster,
      "SHOW SNAPSHOT ON old WHERE SNAPSHOT = 'd' AND TIMESTAMP = '2024-01-01-00-00-00'",
    );
    expect(row).toMatchObject({ Snapshot: 'd', Database: 'shop', Status: 'OK' });
    await cluster.query(`RESTORE SNAPSHOT shop.d FROM old ON (t AS u)
      PROPERTIES ('backup_timestamp' = '2024-01-01-00-00-00')`);
    expect(await cluster.untilJobDone('shop')).toMatchObject({
      state: 'CANCELLED',
      status: expect.stringMatching(/^\[COMMON_ERROR, msg: .*Doris/),
    });
    expect((await cluster.query('SHOW TABLES FROM shop')).rows).toEqual([['t']]);
    await cluster.stop();
  });
});

describe('under a running job', () => {
  test('a repository cannot be dropped', async () => {
    const { cluster } = await newSite(TABLE);
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    await untilState(cluster, 'BACKUP', 'UPLOADING');
    await expect(cluster.query('DROP REPOSITORY repo')).rejects.toMatchObject({
      code: 'common-error',
      message: expect.stringContaining('repo'),
    });
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    await cluster.query('DROP REPOSITORY repo');
    await cluster.stop();
  });

  test('a repository whose content is deleted keeps a restore waiting, unharmed', async () => {
    const { cluster, store } = await backedUp();
    await beginRestore(cluster, 's', { on: 'ON (t AS u)', properties: { timeout: '600' } });
    await untilState(cluster, 'RESTORE', 'SNAPSHOTING');
    for (const key of store.keys()) runNow(store.delete(key));
    expect(await cluster.untilJobDone('shop')).toMatchObject({
      state: 'CANCELLED',
      status: expect.stringMatching(/^\[TIMEOUT/),
    });
    expect((await cluster.query('SHOW TABLES FROM shop')).rows).toEqual([['t']]);
    await expectUnharmed(cluster);
  });

  test('a repository whose content is deleted is filled again by a new backup', async () => {
    const { cluster, store } = await newSite(TABLE);
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    await untilState(cluster, 'BACKUP', 'SNAPSHOTING');
    for (const key of store.keys()) runNow(store.delete(key));
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    expect(await restore(cluster, 's', { on: 'ON (t AS u)' })).toBe('FINISHED [OK]');
    expect(await rowsOf(cluster, 'shop.u')).toEqual(ROWS);
    await cluster.stop();
  });

  test('a database that is dropped does not stop a backup that has its snapshots', async () => {
    const { cluster } = await newSite(TABLE);
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    await untilState(cluster, 'BACKUP', 'UPLOAD_SNAPSHOT');
    await cluster.query('DROP DATABASE shop');
    cluster.advance(60_000);
    const [row] = await shown(cluster, 'SHOW SNAPSHOT ON repo');
    expect(row).toMatchObject({ Snapshot: 's', Status: 'OK' });
    await cluster.query('CREATE DATABASE shop');
    expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
    expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
    await cluster.stop();
  });

  test('a database that is dropped cancels a restore and leaves the snapshot', async () => {
    const { cluster } = await backedUp();
    await beginRestore(cluster, 's');
    await untilState(cluster, 'RESTORE', 'DOWNLOAD');
    await cluster.query('DROP DATABASE shop');
    cluster.advance(60_000);
    await cluster.query('CREATE DATABASE shop');
    expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
    expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
    await cluster.stop();
  });

  test.each(['BACKUP', 'RESTORE'] as const)(
    'a backend that never answers holds a %s until its timeout, and harms nothing',
    async (kind) => {
      const { cluster } = await backedUp();
      await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.report:fail' ON BACKEND '10001'");
      if (kind === 'BACKUP') {
        await cluster.query("BACKUP SNAPSHOT shop.s2 TO repo PROPERTIES ('timeout' = '600')");
      } else {
        await beginRestore(cluster, 's', { properties: { timeout: '600' } });
      }
      cluster.advance(300_000);
      const waiting = await job(cluster, kind);
      expect(waiting['State']).toBe('SNAPSHOTING');
      expect(waiting['UnfinishedTasks']).not.toBe('');
      const { state, status } = await cluster.untilJobDone('shop');
      expect(`${state} ${status}`).toMatch(/^CANCELLED \[TIMEOUT/);
      await cluster.query("ADMIN DISABLE FAILPOINT 'be.task.report'");
      await expectUnharmed(cluster);
    },
  );
});
