/**
 * Stores that are set up wrongly, full or unwilling: one clear error that names the object and
 * what to do, and never a part of an object under its final name.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SimError } from '../../src/base/errors.ts';
import { runNow } from '../../src/base/op.ts';
import { readObject } from '../../src/blob/byte-source.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import { BUCKET, type S3Server, startS3Server } from '../support/s3-server.ts';
import { startWebHdfs, type WebHdfsServer } from '../support/webhdfs-server.ts';
import { smallWorld } from '../unit/fe/support/world.ts';
import { newSite } from './pain-points/support.ts';

let s3: S3Server;
let hdfs: WebHdfsServer;
let cluster: Cluster;

beforeAll(async () => {
  [s3, hdfs] = await Promise.all([startS3Server(), startWebHdfs()]);
  cluster = await startCluster({ network: false, storage: 'memory', tickMs: 10, backends: 1 });
});
afterAll(async () => {
  await cluster.stop();
  await s3.stop();
  await hdfs.stop();
});

type Properties = Readonly<Record<string, string>>;

function createRepository(name: string, location: string, properties: Properties): string {
  const list = Object.entries(properties).map(([key, value]) => `'${key}' = '${value}'`);
  return `CREATE REPOSITORY ${name} WITH BROKER ON LOCATION '${location}'
    ${list.length === 0 ? '' : `PROPERTIES (${list.join(', ')})`}`;
}

async function refusal(location: string, properties: Properties): Promise<string> {
  try {
    await cluster.query(createRepository('bad', location, properties));
  } catch (error) {
    if (error instanceof SimError) return `${error.row.mysql} ${error.message} ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('was accepted');
}

describe('a repository', () => {
  test('with wrong credentials says so, without showing them', async () => {
    const wrong = {
      ...s3.properties,
      'aws.s3.access_key': 'nobody',
      'aws.s3.secret_key': 'canary',
    };
    const text = await refusal(`s3://${BUCKET}/x`, wrong);
    expect(text).toMatch(/^5064 .*__repo_info.*denied access.*aws\.s3\.secret_key/s);
    expect(text).not.toContain('canary');
  });

  test('on a host that is unknown names it', async () => {
    expect(await refusal('hdfs://namenode.invalid:9000/x', {})).toMatch(
      /^5064 .*__repo_info.*the host of namenode\.invalid:9870 is unknown.*Check the location/s,
    );
  });

  test('at an RPC port says which address is wanted', async () => {
    hdfs.intercept = (_, response) => {
      response.writeHead(404, { 'Content-Type': 'text/plain' });
      response.end('It looks like you are making an HTTP request to a Hadoop IPC port.');
      return true;
    };
    const text = await refusal(`webhdfs://${hdfs.address}/x`, {});
    hdfs.intercept = () => false;
    expect(text).toMatch(/^5064 .*not as WebHDFS.*'dfs\.namenode\.http-address'/s);
  });

  test('whose location ends in slashes lies where it lies without them', async () => {
    for (const [name, location] of [
      ['plain', `webhdfs://${hdfs.address}/slashes`],
      ['slashed', `webhdfs://${hdfs.address}/slashes///`],
    ] as const) {
      await cluster.query(createRepository(name, location, {}));
    }
    const names = Object.keys(hdfs.tree.files()).filter((path) => path.startsWith('/slashes'));
    expect(names).toEqual([
      '/slashes/__starrocks_repository_plain/__repo_info',
      '/slashes/__starrocks_repository_slashed/__repo_info',
    ]);
  });

  test('whose location has characters of patterns is no pattern', async () => {
    const site = await newSite(`CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id);
      CREATE REPOSITORY star WITH BROKER ON LOCATION 'memory://bucket/back*{a,b}[u-z]?'`);
    const labels = async (repository: string): Promise<unknown[]> =>
      (await site.cluster.query(`SHOW SNAPSHOT ON ${repository}`)).rows.map((row) => row[0]);
    await site.cluster.query('BACKUP SNAPSHOT shop.here TO star');
    expect(await site.cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    await site.cluster.query('BACKUP SNAPSHOT shop.there TO repo');
    expect(await site.cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    expect(await labels('star')).toEqual(['here']);
    expect(await labels('repo')).toEqual(['there']);
    await site.cluster.stop();
  });
});

describe('a backup', () => {
  test('into a full HDFS tells file and reason, and goes on when there is room', async () => {
    const location = `webhdfs://${hdfs.address}/full`;
    await cluster.query(`CREATE DATABASE shop; ${createRepository('repo', location, {})};
      CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id); INSERT INTO shop.t VALUES (1)`);
    hdfs.tree.capacityBytes = 0;
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    const said = (): Promise<string> =>
      cluster.query('SHOW BACKUP FROM shop').then(({ rows }) => String(rows[0]?.[11]));
    await expect
      .poll(said, { timeout: 20_000 })
      .toMatch(
        /__tbl_.*\.part in HDFS: .*could only be written to 0 of the 1 minReplication nodes/,
      );
    const full = Object.keys(hdfs.tree.files()).filter((path) => path.includes('__ss_s/'));
    expect(full.filter((path) => !path.includes('.starrocks-emulator-put-'))).toEqual([]);
    hdfs.tree.capacityBytes = Number.POSITIVE_INFINITY;
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    const names = Object.keys(hdfs.tree.files()).filter((path) => path.includes('__ss_s/'));
    expect(names.filter((path) => !/\.[0-9a-f]{32}$/.test(path))).toEqual([]);
  });

  test('whose snapshot loses files in mid-upload names one, and leaves no part of any', () => {
    const world = smallWorld();
    world.run(`CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b';
      INSERT INTO d.p VALUES (1, 1, NULL); ADMIN ENABLE FAILPOINT 'blob.put:delay=60000'`);
    world.run('BACKUP SNAPSHOT d.s TO repo');
    const shown = (): Record<string, unknown> => world.objects('SHOW BACKUP FROM d')[0] ?? {};
    for (let step = 0; step < 200 && shown()['State'] !== 'UPLOADING'; step += 1) {
      world.clock.advance(500);
    }
    const files = filesBelow(world.files, '/').filter((path) => path.includes('/snapshot/'));
    expect(files.length).toBeGreaterThan(4);
    for (const path of files) runNow(world.files.remove(path));
    world.clock.advance(70_000);
    expect(shown()['TaskErrMsg']).toMatch(/cannot read \/data\/be\/.*: no such file or directory/);
    const keys = world.blob.keys().filter((key) => key.includes('__ss_content'));
    expect(keys.length).toBeLessThan(files.length);
    for (const key of keys) {
      const bytes = runNow(readObject(world.blob, key, 1 << 20));
      expect(key.slice(-32)).toBe(createHash('md5').update(bytes).digest('hex'));
    }
    world.run('CANCEL BACKUP FROM d');
  });
});

function filesBelow(files: ReturnType<typeof smallWorld>['files'], directory: string): string[] {
  return runNow(files.list(directory)).flatMap(({ name, isFile }) => {
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
    return isFile ? [path] : filesBelow(files, path);
  });
}
