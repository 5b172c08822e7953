/** Restores that were refused without need, or that spoilt what they restored. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { backUp, beginRestore, newSite, restore, rowsOf, shown, timestampOf } from './support.ts';

const TABLE = `CREATE TABLE shop.t (id INT NOT NULL, v VARCHAR(9) DEFAULT 'x') DUPLICATE KEY (id)
    PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN ('10'),
      PARTITION p2 VALUES LESS THAN ('20'))
    DISTRIBUTED BY HASH (id) BUCKETS 2;
  INSERT INTO shop.t VALUES (1, 'a'), (2, 'b'), (11, 'c')`;
const ROWS = ['1,a', '11,c', '2,b'];

describe('replication', () => {
  test('26423: a new table has as many replicas as asked for, everywhere', async () => {
    const { cluster } = await newSite(TABLE);
    await backUp(cluster, 's');
    await cluster.query('DROP TABLE shop.t');
    expect(await restore(cluster, 's', { properties: { replication_num: '1' } })).toBe(
      'FINISHED [OK]',
    );
    const partitions = await shown(cluster, 'SHOW PARTITIONS FROM shop.t');
    expect(partitions.map((row) => row['ReplicationNum'])).toEqual(['1', '1']);
    const [create] = await shown(cluster, 'SHOW CREATE TABLE shop.t');
    expect(create?.['Create Table']).toContain('"replication_num" = "1"');
    expect(await shown(cluster, 'SHOW TABLET FROM shop.t')).toHaveLength(4);
    await cluster.query("ALTER TABLE shop.t ADD PARTITION p3 VALUES LESS THAN ('30')");
    expect(await shown(cluster, 'SHOW TABLET FROM shop.t PARTITION (p3)')).toHaveLength(2);
    await cluster.stop();
  });

  test('45323: with too few backends the restore says how many it wants', async () => {
    const { cluster } = await newSite(
      `CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 1
        PROPERTIES ('replication_num' = '1'); INSERT INTO shop.t VALUES (1)`,
      { strict: true, backends: 1 },
    );
    await backUp(cluster, 's');
    await cluster.query('DROP TABLE shop.t');
    expect(await restore(cluster, 's')).toMatch(/^CANCELLED \[COMMON_ERROR, msg: .*\b3\b.*\bt\b/);
    expect((await cluster.query('SHOW TABLES FROM shop')).rows).toEqual([]);
    expect(await restore(cluster, 's', { properties: { replication_num: '1' } })).toBe(
      'FINISHED [OK]',
    );
    expect(await rowsOf(cluster, 'shop.t')).toEqual(['1']);
    await cluster.stop();
  });
});

describe('ids', () => {
  test('33915: a restored table has ids of its own, beside the one it was made from', async () => {
    const { cluster } = await newSite(TABLE);
    await backUp(cluster, 's');
    for (const alias of ['u', 'w']) {
      expect(await restore(cluster, 's', { on: `ON (t AS ${alias})` })).toBe('FINISHED [OK]');
    }
    const ids = new Set<string>();
    const tablets = new Set<string>();
    for (const table of ['t', 'u', 'w']) {
      const rows = await shown(cluster, `SHOW TABLET FROM shop.${table}`);
      for (const { TabletId } of rows) tablets.add(String(TabletId));
      const [place] = await shown(cluster, `SHOW TABLET ${rows[0]?.['TabletId']}`);
      expect(place?.['TableName']).toBe(table);
      ids.add(String(place?.['TableId']));
    }
    expect(ids.size).toBe(3);
    expect(tablets.size).toBe(3 * 4);
    await cluster.query('TRUNCATE TABLE shop.u; DROP TABLE shop.w');
    expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
    await cluster.stop();
  });

  test.each(['3.3', '3.5', '4.2'] as const)(
    '53536: every partition of %s finds its own data again, also after a restart',
    async (starrocksVersion) => {
      let { cluster } = await newSite(TABLE, { starrocksVersion });
      await cluster.query("ALTER TABLE shop.t ADD PARTITION p3 VALUES LESS THAN ('30')");
      await cluster.query("INSERT INTO shop.t VALUES (21, 'd')");
      await backUp(cluster, 's', 'ON (t PARTITION (p2, p3))');
      await cluster.query('ALTER TABLE shop.t DROP PARTITION p3');
      await cluster.query('TRUNCATE TABLE shop.t PARTITION (p2)');
      expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
      cluster = await cluster.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
      expect(await rowsOf(cluster, 'shop.t PARTITION (p2)')).toEqual(['11,c']);
      expect(await rowsOf(cluster, 'shop.t PARTITION (p3)')).toEqual(['21,d']);
      expect(await rowsOf(cluster, 'shop.t PARTITION (p1)')).toEqual(['1,a', '2,b']);
      await cluster.stop();
    },
  );
});

describe('the schema check', () => {
  test('54314: a table made from its own SHOW CREATE TABLE passes the check', async () => {
    const { cluster } = await newSite(TABLE);
    await backUp(cluster, 's');
    const [create] = await shown(cluster, 'SHOW CREATE TABLE shop.t');
    const text = String(create?.['Create Table']);
    await cluster.query('DROP TABLE shop.t');
    await cluster.query(`USE shop; ${text}`);
    expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
    expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
    await cluster.stop();
  });

  test('D19391: a snapshot of an older release goes onto a table made by a newer one', async () => {
    const old = await newSite(TABLE, { starrocksVersion: '3.3' });
    await backUp(old.cluster, 's');
    await old.cluster.stop();
    const create = TABLE.slice(0, TABLE.indexOf('INSERT'));
    const newer = { starrocksVersion: '4.2', memoryStore: old.store, seed: 2n } as const;
    const { cluster } = await newSite(create, newer);
    expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
    expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
    await cluster.query('DROP TABLE shop.t');
    await cluster.query(create.replace("DEFAULT 'x')", "DEFAULT 'x', extra INT)"));
    expect(await restore(cluster, 's')).toMatch(
      /^CANCELLED \[COMMON_ERROR, msg: table t already exists but with a different schema/,
    );
    await cluster.query("INSERT INTO shop.t VALUES (5, 'n', 1)");
    await cluster.stop();
  });
});

test('31790: tablet reports in the middle of a restore do no harm to its replicas', async () => {
  const { cluster } = await newSite(TABLE);
  await backUp(cluster, 's');
  await cluster.query('DROP TABLE shop.t');
  for (const type of ['MAKE_SNAPSHOT', 'DOWNLOAD', 'MOVE']) {
    await cluster.query(`ADMIN ENABLE FAILPOINT 'be.task.begin:delay=25000 type=${type}'`);
  }
  await beginRestore(cluster, 's');
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  cluster.advance(60_000);
  const replicas = await shown(cluster, 'SHOW TABLET FROM shop.t');
  expect(replicas).toHaveLength(2 * 2 * 3);
  for (const replica of replicas) {
    expect(replica).toMatchObject({ State: 'NORMAL', LstFailedVersion: '-1' });
  }
  // Each replica can be read by itself.
  for (const killed of [10001, 10002]) cluster.unsafeKillBackend(killed);
  cluster.advance(30_000);
  expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
  expect(await timestampOf(cluster, 's')).not.toBe('null');
  await cluster.stop();
});
