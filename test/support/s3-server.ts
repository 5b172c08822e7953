/** An S3 server inside the test process, with one bucket, on a free port of the loopback. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of the package that is used here; it brings no types of its own. */
type S3rver = new (options: {
  readonly address: string;
  readonly port: number;
  readonly silent: boolean;
  readonly directory: string;
  readonly allowMismatchedSignatures: boolean;
  readonly configureBuckets: readonly { readonly name: string }[];
}) => { run(): Promise<unknown>; close(): Promise<void> };

const S3rver: S3rver = createRequire(import.meta.url)('@20minutes/s3rver');

export const BUCKET = 'backups';

export interface S3Server {
  readonly endpoint: string;
  readonly properties: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startS3Server(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 's3-'));
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    allowMismatchedSignatures: true,
    configureBuckets: [{ name: BUCKET }],
  });
  const { port } = (await server.run()) as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    properties: {
      'aws.s3.endpoint': endpoint,
      'aws.s3.access_key': 'S3RVER',
      'aws.s3.secret_key': 'S3RVER',
      'aws.s3.enable_path_style_access': 'true',
    },
    async stop() {
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}
