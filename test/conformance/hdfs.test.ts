import { afterAll, beforeAll } from 'vitest';
import { startWebHdfs, type WebHdfsServer } from '../support/webhdfs-server.ts';
import { describeHdfs } from './hdfs.ts';

let server: WebHdfsServer;

beforeAll(async () => {
  server = await startWebHdfs();
});
afterAll(async () => {
  await server.stop();
});

describeHdfs('HDFS, embedded server', () => ({
  location: 'hdfs://127.0.0.1:9000/backups',
  properties: { 'dfs.namenode.http-address': server.address, username: 'starrocks' },
}));
