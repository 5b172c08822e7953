/** Snapshots in a bucket, deleted without a frontend (br-cli.md 7.6). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../../src/base/clock.ts';
import { noFaults } from '../../src/base/fault.ts';
import { MemoryFiles } from '../../src/base/memory-files.ts';
import { toPromise } from '../../src/base/op.ts';
import { textSource } from '../../src/blob/byte-source.ts';
import { createOpenBlob } from '../../src/blob/registry.ts';
import { readConfig } from '../../src/br/config/read-config.ts';
import { openSnapshotStore } from '../../src/br/retention/store-snapshots.ts';
import { BUCKET, type S3Server, startS3Server } from '../support/s3-server.ts';
import { CONFIG } from './site.ts';

let server: S3Server;

beforeAll(async () => {
  server = await startS3Server();
});

afterAll(async () => {
  await server.stop();
});

test('E2E-30: all below the prefix of a snapshot goes from S3, nothing else', async () => {
  const location = `s3a://${BUCKET}/deep/path`;
  const deps = { files: new MemoryFiles(), faults: noFaults, clock: realClock, hasNetwork: true };
  const open = createOpenBlob(deps);
  const { storage } = open({ location, brokerName: '', properties: server.properties });
  const repository = '/deep/path/__starrocks_repository_repo';
  const keys = [
    ...['__ss_a/__info_1.0', '__ss_a/__meta.0', '__ss_a/__ss_content/__db_1/__tbl_2/1.dat.0'],
    ...['__ss_ab/__info_1.0', '__repo_info'],
  ];
  for (const key of keys) await toPromise(storage.put(`${repository}/${key}`, textSource(key)));
  const { config } = await readConfig(
    `${CONFIG}storage: {endpoint: "${server.endpoint}", access_key_env: K, secret_key_env: K}\n`,
    'config.yaml',
  );
  const connection = {
    query: async () => [
      { RepoName: 'repo', IsReadOnly: 'false', Location: location, ErrMsg: 'NULL' },
    ],
    close: async () => undefined,
  };
  const store = await openSnapshotStore(connection, config, {
    env: () => 'S3RVER',
    openStore: async (where) => open(where),
  });
  await store.remove('a');
  await store.remove('never');
  const left = await toPromise(storage.list(repository));
  expect(left.map(({ name }) => name)).toEqual(['__repo_info', '__ss_ab']);
  await store.close();
});
