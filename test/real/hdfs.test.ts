/** Repositories in a real HDFS: the promises of every blob storage, and rows there and back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hdfs, startHdfs } from '../../scripts/real/hadoop.ts';
import { describeHdfs } from '../conformance/hdfs.ts';
import { startServer } from '../e2e/server.ts';
import { expectLargeFiles, expectRoundTrip, refusal, type Store } from './round-trip.ts';

const FOLDER = '/backups';

let hdfs: Hdfs;

beforeAll(async () => {
  hdfs = await startHdfs(FOLDER);
});
afterAll(async () => {
  await hdfs.stop();
});

const byRpcPort = (folder = FOLDER): Store => ({
  location: `hdfs://${hdfs.rpcAddress}${folder}`,
  properties: { username: 'starrocks', 'dfs.namenode.http-address': hdfs.httpAddress },
});
const byHttpPort = (folder = FOLDER): Store => ({
  location: `webhdfs://${hdfs.httpAddress}${folder}`,
  properties: { username: 'starrocks' },
});

describeHdfs('HDFS', byRpcPort);

describe.each([
  ['hdfs', byRpcPort],
  ['webhdfs', byHttpPort],
] as const)('HDFS by a %s:// location', (scheme, store) => {
  test('rows come back from it, on another cluster too', async () => {
    await expectRoundTrip(store(`${FOLDER}/${scheme}`));
  });
});

describe('HDFS', () => {
  test('takes large files', async () => {
    const server = await startServer(['--ephemeral']);
    try {
      await expectLargeFiles(server, byRpcPort(`${FOLDER}/large`));
    } finally {
      await server.stop();
    }
  });

  test('refuses a folder that belongs to others, and the error names it', async () => {
    const server = await startServer(['--ephemeral']);
    try {
      expect(await refusal(server, byRpcPort('/owned-by-root'))).toMatchObject({
        errno: 5064,
        message: expect.stringContaining('owned-by-root'),
      });
    } finally {
      await server.stop();
    }
  });
});
