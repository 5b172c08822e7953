/** The stores of the matrix: what starts them, who else can copy to them, and how. */
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { RemoteStorage } from '../src/protocol/agent-task.ts';
import { startWebHdfs } from '../test/support/webhdfs-server.ts';
import {
  copyOnDisk,
  copyToS3,
  isInstalled,
  type Peer,
  type S3Target,
  startProgram,
} from './programs.ts';
import { startRequestCounter } from './request-counter.ts';

export const STORES = ['local', 's3', 'hdfs'] as const;
export type StoreName = (typeof STORES)[number];

export interface Copy {
  readonly source: string;
  /** A name that nothing has in the store yet. */
  readonly below: string;
  readonly concurrency: number;
}

export interface BenchStore {
  readonly name: StoreName;
  /** What serves it: for the record. */
  readonly server: string;
  readonly storage: RemoteStorage;
  readonly peers: Readonly<Partial<Record<Peer, (copy: Copy) => Promise<void>>>>;
  /** Peers that could copy there, were they installed. */
  readonly missing: readonly Peer[];
  /** Held back by this from now on; false where there is no way to. */
  setLag(lagMs: number): boolean;
  /** Requests since the last call, where they are counted; only while there is a lag. */
  takeRequests(): number | undefined;
  forget(below: string): Promise<void>;
  stop(): Promise<void>;
}

export async function openStore(name: StoreName, folder: string): Promise<BenchStore> {
  if (name === 'local') return localStore(folder);
  return name === 's3' ? await s3Store(folder) : await hdfsStore();
}

/** Rclone and cp on this disk; s5cmd only knows buckets. */
function localStore(folder: string): BenchStore {
  const root = join(folder, 'repository');
  mkdirSync(root);
  const candidates = ['rclone', 'cp'] as const;
  const there = candidates.filter(isInstalled);
  const copy =
    (peer: 'rclone' | 'cp') =>
    ({ source, below, concurrency }: Copy): Promise<void> =>
      copyOnDisk(peer, { source, target: join(root, below), concurrency });
  return {
    name: 'local',
    server: `a folder in ${dirname(folder)}`,
    storage: { location: `file://${root}`, brokerName: '', properties: {} },
    peers: Object.fromEntries(there.map((peer) => [peer, copy(peer)])),
    missing: candidates.filter((peer) => !there.includes(peer)),
    setLag: (lagMs) => lagMs === 0,
    takeRequests: () => undefined,
    forget: async (below) => rmSync(join(root, below), { recursive: true, force: true }),
    stop: async () => {},
  };
}

const BUCKET = 'bench';
const KEYS = { accessKey: 'bench-key', secretKey: 'bench-secret' };

async function s3Store(folder: string): Promise<BenchStore> {
  if (!isInstalled('minio')) {
    throw new Error('minio is not on the PATH: S3 is not measured (docs/benchmarks.md)');
  }
  const drive = join(folder, 'minio');
  mkdirSync(drive);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const address = ['--address', `127.0.0.1:${port}`, '--console-address', '127.0.0.1:0'];
  const server = await startProgram(
    'minio',
    ['server', drive, ...address, '--quiet'],
    {
      MINIO_ROOT_USER: KEYS.accessKey,
      MINIO_ROOT_PASSWORD: KEYS.secretKey,
      MINIO_UPDATE: 'off',
      MINIO_BROWSER: 'off',
    },
    async () => (await fetch(`${endpoint}/minio/health/ready`)).ok,
  );
  await createBucket(endpoint);
  const counter = await startRequestCounter(endpoint);
  let through = endpoint;
  const target = (): S3Target => ({ ...KEYS, endpoint: through, bucket: BUCKET });
  const candidates = ['rclone', 's5cmd'] as const;
  const there = candidates.filter(isInstalled);
  return {
    name: 's3',
    server: 'MinIO, one drive',
    get storage(): RemoteStorage {
      const properties = {
        'fs.s3a.endpoint': through,
        'fs.s3a.access.key': KEYS.accessKey,
        'fs.s3a.secret.key': KEYS.secretKey,
      };
      return { location: `s3a://${BUCKET}`, brokerName: '', properties };
    },
    peers: Object.fromEntries(
      there.map((peer) => [peer, (copy: Copy) => copyToS3(peer, target(), copy)]),
    ),
    missing: candidates.filter((peer) => !there.includes(peer)),
    setLag(lagMs) {
      counter.lagMs = lagMs;
      through = lagMs === 0 ? endpoint : counter.endpoint;
      return true;
    },
    takeRequests: () => (through === endpoint ? undefined : counter.take()),
    forget: async (below) => {
      rmSync(join(drive, BUCKET, below), { recursive: true, force: true });
    },
    async stop() {
      await counter.stop();
      await server.stop();
    },
  };
}

async function createBucket(endpoint: string): Promise<void> {
  const { accessKey: accessKeyId, secretKey: secretAccessKey } = KEYS;
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
}

/** The embedded server keeps its files in memory: what it shows is the cost of our side. */
async function hdfsStore(): Promise<BenchStore> {
  const server = await startWebHdfs();
  return {
    name: 'hdfs',
    server: 'WebHDFS server of the tests, in this process',
    storage: {
      location: `webhdfs://${server.address}/bench`,
      brokerName: '',
      properties: { username: 'bench' },
    },
    peers: {},
    missing: [],
    setLag: (lagMs) => lagMs === 0,
    takeRequests: () => undefined,
    async forget(below) {
      server.tree.remove('bench', `/bench/${below}`);
    },
    stop: () => server.stop(),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
