/** Snapshots with owners and a time to live, in whole clusters on virtual time (repository.md 8). */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import type { Cluster } from '../../src/start-cluster.ts';
import {
  backUp,
  CREATE_REPOSITORY,
  clusterWith,
  labelsOf,
  PROFILES_IN_ORDER,
  refusal,
  rowsOfShop,
  shopOf,
  snapshotsOf,
  textIn,
  timestampOf,
} from './shared-store.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A round of the cleanup, and the time that it may take. */
const ROUND_MS = 11 * MINUTE_MS;

async function clusterIdOf(cluster: Cluster): Promise<string> {
  const { columns, rows } = await cluster.query('SHOW FRONTENDS');
  return String(rows[0]?.[columns.indexOf('ClusterId')]);
}

/** Two clusters of 4.2 over one repository; both have `shop`. */
async function twoClusters(): Promise<readonly [Cluster, Cluster]> {
  const memoryStore = new MemoryBlob();
  return [
    await clusterWith({ starrocksVersion: '4.2', memoryStore, seed: 1n }, true),
    await clusterWith({ starrocksVersion: '4.2', memoryStore, seed: 2n }, true),
  ];
}

describe('a ttl', () => {
  test('is written into the snapshot with owner and moment of expiry, and shown', async () => {
    const { cluster, store } = await shopOf('4.2', { timeZone: 'Asia/Shanghai' });
    await backUp(cluster, 'monthly', '1 MONTH');
    await backUp(cluster, 'always');
    const info = JSON.parse(textIn(store, /__ss_monthly\/__info_/));
    const ownId = await clusterIdOf(cluster);
    expect(info).toMatchObject({ ttl: '1 MONTH', cluster_id: Number(ownId) });
    expect(info.expire_time - info.finish_time).toBe(31 * DAY_MS);
    expect(info.finish_time).toBeGreaterThan(info.backup_time);
    const kept = JSON.parse(textIn(store, /__ss_always\/__info_/));
    expect(kept).toHaveProperty('finish_time');
    expect(kept).not.toHaveProperty('ttl');
    expect(kept).not.toHaveProperty('expire_time');
    const { monthly, always } = await snapshotsOf(cluster);
    expect(monthly).toMatchObject({ ClusterId: ownId, TTL: '1 MONTH', Status: 'OK' });
    // 08:00 in Shanghai is midnight of 2025-01-01 in UTC.
    expect(monthly?.['FinishTime']).toMatch(/^2025-01-01 08:00:/);
    expect(monthly?.['ExpireTime']).toMatch(/^2025-02-01 08:00:/);
    expect(always).toMatchObject({ ClusterId: ownId, TTL: null, ExpireTime: null });
    const utc = await cluster.query("SET time_zone = 'UTC'; SHOW SNAPSHOT ON repo");
    expect(utc.rows.find(([label]) => label === 'monthly')?.at(-1)).toMatch(/^2025-02-01 00:00:/);
  });

  test('invariant 29: no release before 4.2 writes any of it', async () => {
    for (const version of ['3.3', '3.5'] as const) {
      const { cluster, store } = await shopOf(version);
      await backUp(cluster, 's');
      const info = JSON.parse(textIn(store, /__ss_s\/__info_/));
      for (const key of ['cluster_id', 'finish_time', 'ttl', 'expire_time']) {
        expect(info).not.toHaveProperty(key);
      }
    }
  });

  test('ends the snapshot in the round after it is over, and no earlier', async () => {
    const { cluster, store } = await shopOf('4.2');
    await backUp(cluster, 'short', '1 HOUR');
    await backUp(cluster, 'long', '3 HOUR');
    await backUp(cluster, 'always');
    cluster.advance(HOUR_MS - 5 * MINUTE_MS);
    expect(await labelsOf(cluster)).toEqual(['always', 'long', 'short']);
    cluster.advance(5 * MINUTE_MS + ROUND_MS);
    expect(await labelsOf(cluster)).toEqual(['always', 'long']);
    expect(store.keys().filter((key) => key.includes('__ss_short'))).toEqual([]);
    cluster.advance(2 * HOUR_MS);
    expect(await labelsOf(cluster)).toEqual(['always']);
    cluster.advance(8 * HOUR_MS);
    expect(await labelsOf(cluster)).toEqual(['always']);
    const deleted = cluster.trace.filter(({ what }) => what === 'snapshot.delete');
    expect(deleted.map(({ about }) => about['label'])).toEqual(['short', 'long']);
  });

  test('holds for views, functions and external catalogs as for tables', async () => {
    const { cluster } = await shopOf('4.2');
    await cluster.query(`CREATE VIEW shop.names AS SELECT name FROM shop.orders;
      CREATE FUNCTION shop.f(INT) RETURNS INT
        PROPERTIES ('symbol' = 's', 'file' = 'http://host/f.jar', 'type' = 'StarrocksJar');
      CREATE EXTERNAL CATALOG lake PROPERTIES ('type' = 'hive')`);
    await cluster.query(`BACKUP EXTERNAL CATALOG (lake) SNAPSHOT catalogs TO repo
      PROPERTIES ('ttl' = '1 HOUR')`);
    await cluster.query(`BACKUP SNAPSHOT shop.objects TO repo ON (VIEW names, FUNCTION f)
      PROPERTIES ('ttl' = '1 HOUR')`);
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    const ClusterId = await clusterIdOf(cluster);
    const { catalogs, objects } = await snapshotsOf(cluster);
    for (const snapshot of [catalogs, objects]) {
      expect(snapshot).toMatchObject({ ClusterId, TTL: '1 HOUR', Status: 'OK' });
    }
    expect(
      await refusal(
        cluster,
        "BACKUP EXTERNAL CATALOG (lake) SNAPSHOT x TO repo PROPERTIES ('ttl' = 'soon')",
      ),
    ).toBe('1064/HY000');
    cluster.advance(HOUR_MS + ROUND_MS);
    expect(await labelsOf(cluster)).toEqual([]);
  });

  test('survives a crash of the cluster at any state of the backup', async () => {
    const states = ['PENDING', 'UPLOAD_SNAPSHOT', 'UPLOADING', 'SAVE_META', 'UPLOAD_INFO'];
    for (const state of states) {
      const { cluster } = await shopOf('4.2');
      cluster.faults.enable(
        'fe.job.enter',
        { do: 'crash' },
        { match: { kind: 'backup', state }, times: 1 },
      );
      await cluster
        .query("BACKUP SNAPSHOT shop.s TO repo PROPERTIES ('ttl' = '1 HOUR')")
        .catch(() => {});
      await cluster.untilJobDone('shop').catch(() => {});
      const next = await cluster.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
      expect(await next.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
      expect((await snapshotsOf(next))['s']).toMatchObject({ TTL: '1 HOUR' });
      next.advance(HOUR_MS + ROUND_MS);
      expect(await labelsOf(next)).toEqual([]);
    }
  });

  test('does not end a snapshot that a restore is reading', async () => {
    const { cluster } = await shopOf('4.2');
    const rows = await rowsOfShop(cluster);
    await backUp(cluster, 's', '3 HOUR');
    const timestamp = await timestampOf(cluster, 's');
    cluster.faults.enable(
      'be.task.begin',
      { do: 'fail', text: 'slow' },
      { match: { type: 'DOWNLOAD' } },
    );
    cluster.advance(2 * HOUR_MS);
    await cluster.query('DROP TABLE shop.orders');
    await cluster.query(`RESTORE SNAPSHOT shop.s FROM repo
      PROPERTIES ('backup_timestamp' = '${timestamp}')`);
    cluster.advance(3 * HOUR_MS);
    expect(await refusal(cluster, 'DROP SNAPSHOT s ON repo FORCE')).toBe('5064/42000');
    expect(await labelsOf(cluster)).toEqual(['s']);
    cluster.faults.disableAll();
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    expect(await rowsOfShop(cluster)).toEqual(rows);
    cluster.advance(ROUND_MS);
    expect(await labelsOf(cluster)).toEqual([]);
  });

  test('failures are counted up to the limit, and a raised limit lets it go on', async () => {
    const { cluster } = await shopOf('4.2', { config: { backup_clean_retry_limit: '2' } });
    for (const label of ['a', 'b']) await backUp(cluster, label, '1 HOUR');
    cluster.faults.enable('blob.delete', { do: 'fail', text: 'no permission' });
    cluster.advance(2 * HOUR_MS);
    const attempts = cluster.trace.filter(({ what }) => what === 'snapshot.delete');
    expect(attempts).toHaveLength(4);
    cluster.faults.disableAll();
    cluster.advance(HOUR_MS);
    expect(await labelsOf(cluster)).toEqual(['a', 'b']);
    await cluster.query("ADMIN SET FRONTEND CONFIG ('backup_clean_retry_limit' = '3')");
    cluster.advance(ROUND_MS);
    expect(await labelsOf(cluster)).toEqual([]);
  });

  test('has no hold on a repository that is attached read-only', async () => {
    const { cluster } = await shopOf('4.2');
    await backUp(cluster, 's', '1 HOUR');
    await cluster.query('DROP REPOSITORY repo');
    await cluster.query(CREATE_REPOSITORY.replace('CREATE', 'CREATE READ ONLY'));
    cluster.advance(2 * HOUR_MS);
    expect(await labelsOf(cluster)).toEqual(['s']);
    expect(await refusal(cluster, 'DROP SNAPSHOT s ON repo FORCE')).toBe('5064/42000');
    await cluster.query('DROP REPOSITORY repo');
    await cluster.query(CREATE_REPOSITORY);
    cluster.advance(ROUND_MS);
    expect(await labelsOf(cluster)).toEqual([]);
  });

  test('goes for a cluster of 3.5 that became 4.2 only where 4.2 wrote the snapshot', async () => {
    const { cluster, store } = await shopOf('3.5');
    await backUp(cluster, 'old');
    const later = await clusterWith(
      { starrocksVersion: '4.2', memoryStore: store, seed: 9n },
      true,
    );
    await backUp(later, 'new', '1 HOUR');
    later.advance(5 * HOUR_MS);
    expect(await labelsOf(later)).toEqual(['old']);
    expect(await refusal(later, 'DROP SNAPSHOT old ON repo')).toBe('5064/42000');
    await later.query('DROP SNAPSHOT old ON repo FORCE');
    expect(await labelsOf(later)).toEqual([]);
  });
});

describe('two clusters over one repository', () => {
  test('invariant 31: neither ends what the other wrote, however late', async () => {
    const [one, two] = await twoClusters();
    await backUp(one, 'of_one', '1 HOUR');
    await backUp(two, 'of_two', '1 HOUR');
    expect(await clusterIdOf(one)).not.toBe(await clusterIdOf(two));
    one.advance(5 * HOUR_MS);
    expect(await labelsOf(two)).toEqual(['of_two']);
    two.advance(5 * HOUR_MS);
    expect(await labelsOf(one)).toEqual([]);
  });

  test('each may drop its own, and the other one only by force', async () => {
    const [one, two] = await twoClusters();
    await backUp(one, 'a');
    await backUp(one, 'b');
    expect((await snapshotsOf(two))['a']?.['ClusterId']).toBe(await clusterIdOf(one));
    expect(await refusal(two, 'DROP SNAPSHOT a ON repo')).toBe('5064/42000');
    expect(await refusal(two, "DROP SNAPSHOT ON repo WHERE SNAPSHOT = 'a'")).toBe('5064/42000');
    await one.query('DROP SNAPSHOT a ON repo');
    await two.query('DROP SNAPSHOT b ON repo FORCE');
    expect(await labelsOf(one)).toEqual([]);
  });

  test("a label that the other has dropped and used again is the other one's", async () => {
    const [one, two] = await twoClusters();
    await backUp(one, 'daily', '1 HOUR');
    expect(await labelsOf(one)).toEqual(['daily']);
    await two.query('DROP SNAPSHOT daily ON repo FORCE');
    await backUp(two, 'daily', '7 DAY');
    one.advance(5 * HOUR_MS);
    expect(await labelsOf(one)).toEqual(['daily']);
    expect((await snapshotsOf(one))['daily']?.['ClusterId']).toBe(await clusterIdOf(two));
    expect(await refusal(one, 'DROP SNAPSHOT daily ON repo')).toBe('5064/42000');
  });
});

describe('DROP SNAPSHOT', () => {
  const FORMS = {
    name: 'DROP SNAPSHOT s ON repo',
    force: 'DROP SNAPSHOT s ON repo FORCE',
    where: "DROP SNAPSHOT ON repo WHERE SNAPSHOT = 's'",
    list: "DROP SNAPSHOT ON repo WHERE SNAPSHOT IN ('s', 's')",
    timestamp: "DROP SNAPSHOT ON repo WHERE SNAPSHOT = 's' AND TIMESTAMP = '2025'",
  };

  /** What each form comes to: for an own snapshot, for one of a foreign cluster, when strict. */
  const GOLDEN = {
    '3.3': {
      own: ['accepted', 'accepted', 'accepted', 'accepted', '1064/HY000'],
      foreign: ['accepted', 'accepted', 'accepted', 'accepted', '1064/HY000'],
      strict: ['1064/HY000', '1064/HY000', '1064/HY000', '1064/HY000', '1064/HY000'],
    },
    '3.5': {
      own: ['accepted', 'accepted', 'accepted', 'accepted', '1064/HY000'],
      foreign: ['accepted', 'accepted', 'accepted', 'accepted', '1064/HY000'],
      strict: ['1064/HY000', '1064/HY000', '1064/HY000', '1064/HY000', '1064/HY000'],
    },
    '4.2': {
      own: ['accepted', 'accepted', 'accepted', 'accepted', '1064/HY000'],
      foreign: ['5064/42000', 'accepted', '5064/42000', '5064/42000', '1064/HY000'],
      strict: ['accepted', 'accepted', '1064/HY000', '1064/HY000', '1064/HY000'],
    },
  };

  test.each(PROFILES_IN_ORDER)('%s has these forms', async (version) => {
    const tried = async (whose: 'own' | 'foreign' | 'strict'): Promise<string[]> => {
      const outcomes: string[] = [];
      for (const statement of Object.values(FORMS)) {
        const strict = whose === 'strict';
        const { cluster, store } = await shopOf(version, { strict });
        const spec = { starrocksVersion: '4.2', memoryStore: store, seed: 5n } as const;
        await backUp(whose === 'foreign' ? await clusterWith(spec, true) : cluster, 's');
        const outcome = await refusal(cluster, statement);
        expect(await labelsOf(cluster)).toEqual(outcome === 'accepted' ? [] : ['s']);
        outcomes.push(outcome);
      }
      return outcomes;
    };
    expect({
      own: await tried('own'),
      foreign: await tried('foreign'),
      strict: await tried('strict'),
    }).toEqual(GOLDEN[version]);
  });

  test('is refused for what is not there, in use or locked, with 5064', async () => {
    const { cluster } = await shopOf('4.2');
    await backUp(cluster, 's');
    for (const sql of [
      'DROP SNAPSHOT s ON nowhere',
      'DROP SNAPSHOT S ON repo',
      'DROP SNAPSHOT `a/b` ON repo FORCE',
      'DROP SNAPSHOT `..` ON repo FORCE',
      "DROP SNAPSHOT ON repo WHERE SNAPSHOT IN ('s', 'other')",
    ]) {
      expect([sql, await refusal(cluster, sql)]).toEqual([sql, '5064/42000']);
    }
    await cluster.query('BACKUP SNAPSHOT shop.busy TO repo');
    cluster.advance(9_000);
    expect(await refusal(cluster, 'DROP SNAPSHOT busy ON repo FORCE')).toBe('5064/42000');
    await cluster.untilJobDone('shop');
    await cluster.query('DROP SNAPSHOT busy ON repo');
    expect(await labelsOf(cluster)).toEqual(['s']);
  });

  test('leaves the other snapshots whole, and the label can be used again', async () => {
    const { cluster } = await shopOf('4.2');
    const rows = await rowsOfShop(cluster);
    for (const label of ['s', 's1']) await backUp(cluster, label);
    await cluster.query('DROP SNAPSHOT s ON repo');
    await backUp(cluster, 's');
    await cluster.query('DROP DATABASE shop');
    for (const label of ['s1', 's']) {
      await cluster.query(`RESTORE SNAPSHOT shop.${label} FROM repo
        PROPERTIES ('backup_timestamp' = '${await timestampOf(cluster, label)}')`);
      expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
      expect(await rowsOfShop(cluster)).toEqual(rows);
      await cluster.query('DROP DATABASE shop');
    }
  });
});
