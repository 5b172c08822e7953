/** External catalogs from CREATE to RESTORE, through a whole virtual cluster. */
import { expect, test } from 'vitest';
import { runNow } from '../../../../src/base/op.ts';
import { readObject } from '../../../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../../../src/blob/memory.ts';
import { type Cluster, startCluster } from '../../../../src/start-cluster.ts';
import { LOSE_UNSYNCED, refusal, rows, shopCluster, timestampOf } from './support.ts';

const create = (name: string, type = 'hive'): string =>
  `CREATE EXTERNAL CATALOG ${name} COMMENT 'far away'
   PROPERTIES ('type' = '${type}', 'aws.s3.secret_key' = 'hush', 'uri' = 'thrift://host')`;

const names = async (cluster: Cluster): Promise<unknown[]> =>
  (await rows(cluster, 'SHOW CATALOGS')).map(([name]) => name);

/** Nine seconds and a bit: three cycles of the handler. */
const BACKUP_MS = 10_000;

test('catalogs are made, shown without their secrets, and dropped', async () => {
  await using cluster = await shopCluster();
  await cluster.query(`${create('lake')}; CREATE EXTERNAL CATALOG IF NOT EXISTS lake
    PROPERTIES ('type' = 'jdbc')`);
  expect(await rows(cluster, 'SHOW CATALOGS')).toEqual([
    ['default_catalog', 'Internal', expect.any(String)],
    ['lake', 'Hive', 'far away'],
  ]);
  const [[, text] = []] = await rows(cluster, 'SHOW CREATE CATALOG lake');
  expect(text).toBe(
    [
      'CREATE EXTERNAL CATALOG `lake`',
      'comment "far away"',
      'PROPERTIES ("type"  =  "hive",',
      '"aws.s3.secret_key"  =  "******",',
      '"uri"  =  "thrift://host"',
      ')',
    ].join('\n'),
  );
  expect(await refusal(cluster, create('lake'))).toMatch(/^5514 .*already exists/);
  expect(await refusal(cluster, create('Default_Catalog'))).toMatch(/^1064 .*catalog name/);
  expect(await refusal(cluster, create('x', 'csv'))).toMatch(/^1064 .*type : csv/);
  expect(await refusal(cluster, 'DROP CATALOG default_catalog')).toMatch(/^1064/);
  expect(await refusal(cluster, 'DROP CATALOG none')).toMatch(/^1064 .*doesn't exist/);
  expect(await refusal(cluster, 'SELECT * FROM lake.d.t')).toMatch(/lake/);
  await cluster.query('DROP CATALOG IF EXISTS none; DROP CATALOG lake');
  expect(await names(cluster)).toEqual(['default_catalog']);
});

test('catalogs are backed up and come back, some, all and under other names', async () => {
  await using cluster = await shopCluster();
  await cluster.query(`${create('lake')}; ${create('sea', 'iceberg')}`);
  await cluster.query('BACKUP ALL EXTERNAL CATALOGS SNAPSHOT s TO repo');
  expect(await refusal(cluster, 'BACKUP EXTERNAL CATALOG (sea) SNAPSHOT s2 TO repo')).toMatch(
    /^5064 .*external catalogs/,
  );
  cluster.advance(BACKUP_MS);
  // The row of catalogs stands there whatever FROM says.
  const [shown] = await rows(cluster, 'SHOW BACKUP FROM shop');
  expect(shown?.slice(0, 5)).toEqual(['-1', 's', '', 'FINISHED', '']);
  expect(await rows(cluster, 'SHOW RESTORE')).toEqual([]);
  const timestamp = await timestampOf(cluster, 's');
  const [details] = await rows(
    cluster,
    `SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's' AND TIMESTAMP = '${timestamp}'`,
  );
  expect(JSON.parse(String(details?.[3]))).toMatchObject({ database: '', backup_objects: {} });
  await cluster.query('DROP CATALOG lake; DROP CATALOG sea');
  const at = `PROPERTIES ('backup_timestamp' = '${timestamp}')`;
  await cluster.query(
    `USE shop; RESTORE SNAPSHOT s FROM repo EXTERNAL CATALOGS (lake AS pond) ${at}`,
  );
  cluster.advance(BACKUP_MS);
  expect(await names(cluster)).toEqual(['default_catalog', 'pond']);
  await cluster.query(`USE shop; RESTORE SNAPSHOT s FROM repo ${at}`);
  cluster.advance(BACKUP_MS);
  expect(await names(cluster)).toEqual(['default_catalog', 'lake', 'pond', 'sea']);
  const [restored] = await rows(cluster, 'SHOW RESTORE FROM other');
  expect(restored?.slice(0, 5)).toEqual(['-1', 's', timestamp, '', 'FINISHED']);
  expect(await rows(cluster, 'SHOW BACKUP')).toEqual([]);
});

test('what does not go together with catalogs is refused with its code', async () => {
  await using cluster = await shopCluster();
  const of = (sql: string): Promise<string> => refusal(cluster, sql);
  expect(await of('BACKUP ALL EXTERNAL CATALOGS SNAPSHOT s TO repo')).toMatch(
    /^5064 .*no external/,
  );
  expect(
    await of("BACKUP ALL EXTERNAL CATALOGS SNAPSHOT s TO repo PROPERTIES ('timeout' = '1')"),
  ).toMatch(/^5064 .*10 min/);
  await cluster.query(create('lake'));
  const backup = (rest: string): string => `BACKUP EXTERNAL CATALOG (lake) ${rest}`;
  expect(await of(backup('SNAPSHOT shop.s TO repo'))).toMatch(/^1064/);
  expect(await of(backup('DATABASE shop SNAPSHOT s TO repo'))).toMatch(/^1064/);
  expect(await of(backup('SNAPSHOT s TO repo ON (t)'))).toMatch(/^1064/);
  expect(await of(backup('SNAPSHOT `../s` TO repo'))).toMatch(/^5082/);
  expect(await of(backup('SNAPSHOT s TO nowhere'))).toMatch(/^5064 Repository \[nowhere\]/);
  expect(await of('BACKUP EXTERNAL CATALOG (x) SNAPSHOT s TO repo')).toMatch(/^5064 .*catalog x/);
  expect(await of('CANCEL BACKUP FOR EXTERNAL CATALOG')).toMatch(/^5064 No backup job/);
  await cluster.query(backup('SNAPSHOT s TO repo'));
  await cluster.query('CANCEL BACKUP FOR EXTERNAL CATALOG');
  expect(await of('CANCEL BACKUP FOR EXTERNAL CATALOG')).toMatch(/^5064 .*CANCELLED/);
  await cluster.query(backup('SNAPSHOT s TO repo'));
  cluster.advance(BACKUP_MS);
  expect(await of(backup('SNAPSHOT s TO repo'))).toMatch(/^5064 .*already exist/);
  const at = `PROPERTIES ('backup_timestamp' = '${await timestampOf(cluster, 's')}')`;
  expect(await of(`RESTORE SNAPSHOT shop.s FROM repo ${at}`)).toMatch(/^5064 .*database shop/);
  expect(
    await of(`RESTORE SNAPSHOT s FROM repo EXTERNAL CATALOG (lake AS a, lake AS b) ${at}`),
  ).toMatch(/^1064/);
  expect(
    await of(`RESTORE SNAPSHOT s FROM repo ALL EXTERNAL CATALOGS DATABASE shop ${at}`),
  ).toMatch(/^1064/);
});

test('catalogs and a restore of them outlive crashes', async () => {
  let cluster = await shopCluster();
  await cluster.query(`${create('lake')}; BACKUP ALL EXTERNAL CATALOGS SNAPSHOT s TO repo`);
  cluster.advance(3_500);
  cluster = await cluster.unsafeCrash(LOSE_UNSYNCED);
  expect((await rows(cluster, 'SHOW BACKUP'))[0]?.[3]).toBe('PENDING');
  cluster.advance(4 * BACKUP_MS);
  expect((await rows(cluster, 'SHOW BACKUP'))[0]?.[3]).toBe('FINISHED');
  await cluster.query(`DROP CATALOG lake; RESTORE SNAPSHOT s FROM repo
    PROPERTIES ('backup_timestamp' = '${await timestampOf(cluster, 's')}')`);
  cluster.advance(3_500);
  cluster = await cluster.unsafeCrash(LOSE_UNSYNCED);
  expect((await rows(cluster, 'SHOW RESTORE'))[0]?.[4]).toBe('COMMITTING');
  expect(await names(cluster)).toEqual(['default_catalog', 'lake']);
  cluster.advance(4 * BACKUP_MS);
  expect((await rows(cluster, 'SHOW RESTORE'))[0]?.[4]).toBe('FINISHED');
  await cluster.stop();
});

test('3.3 has no words for catalogs in jobs', async () => {
  await using cluster = await shopCluster({ starrocksVersion: '3.3' });
  expect(await refusal(cluster, 'BACKUP ALL EXTERNAL CATALOGS SNAPSHOT s TO repo')).toMatch(
    /^1064/,
  );
  expect(await refusal(cluster, 'CANCEL BACKUP FOR EXTERNAL CATALOG')).toMatch(/^1064/);
});

test('a secret of a catalog never reaches the repository', async () => {
  const store = new MemoryBlob();
  await using cluster = await startCluster({ clock: 'virtual', memoryStore: store });
  await cluster.query("CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket'");
  await cluster.query(create('lake'));
  await cluster.query('BACKUP ALL EXTERNAL CATALOGS SNAPSHOT s TO repo');
  cluster.advance(BACKUP_MS);
  const texts = store.keys().map((key) => readText(store, key));
  expect(texts.some((text) => text.includes('thrift://host'))).toBe(true);
  expect(texts.filter((text) => text.includes('hush'))).toEqual([]);
  await cluster.query(`DROP CATALOG lake; RESTORE SNAPSHOT s FROM repo
    PROPERTIES ('backup_timestamp' = '${await timestampOf(cluster, 's')}')`);
  cluster.advance(BACKUP_MS);
  const [shown] = await rows(cluster, 'SHOW CREATE CATALOG lake');
  expect(shown?.[1]).toContain('thrift://host');
  expect(shown?.[1]).not.toContain('secret_key');
});

function readText(store: MemoryBlob, key: string): string {
  return Buffer.from(runNow(readObject(store, key, 1_000_000))).toString('latin1');
}
