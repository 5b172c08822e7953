/** MinIO: built from its Go module at a pinned version, run on a free port with one drive. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedPart } from './cache.ts';
import { mustRun } from './command.ts';
import { freePorts, startService } from './service.ts';

/** The last state of the module; it has no tags that Go takes for versions. */
const MODULE = 'github.com/minio/minio';
const VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c';

/** Six minutes of one core, and what has to be downloaded. */
const BUILD_MS_MAX = 20 * 60_000;

const ACCESS_KEY = 'real-tier';
const SECRET_KEY = 'real-tier-secret';

/** The path of the program. The first build takes some minutes. */
export async function installMinio(): Promise<string> {
  const pins = `${MODULE}@${VERSION} ${process.platform} ${process.arch}`;
  const folder = await cachedPart('minio', pins, async (folder) => {
    await mustRun('go', ['install', `${MODULE}@${VERSION}`], {
      env: { GOBIN: folder },
      timeoutMs: BUILD_MS_MAX,
    });
  });
  return join(folder, 'minio');
}

export interface Minio {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  stop(): Promise<void>;
}

/** With one empty bucket. */
export async function startMinio(bucket: string): Promise<Minio> {
  const program = await installMinio();
  const drive = await mkdtemp(join(tmpdir(), 'minio-'));
  // A folder at the top of a drive is a bucket.
  await mkdir(join(drive, bucket));
  const [port, consolePort] = await freePorts(2);
  const endpoint = `http://127.0.0.1:${port}`;
  const service = await startService({
    name: 'MinIO',
    command: program,
    args: [
      'server',
      drive,
      '--address',
      `127.0.0.1:${port}`,
      '--console-address',
      `127.0.0.1:${consolePort}`,
      '--quiet',
    ],
    env: {
      MINIO_ROOT_USER: ACCESS_KEY,
      MINIO_ROOT_PASSWORD: SECRET_KEY,
      MINIO_UPDATE: 'off',
      MINIO_BROWSER: 'off',
    },
    isReady: async () => (await fetch(`${endpoint}/minio/health/ready`)).ok,
    readyMsMax: 60_000,
  });
  return {
    endpoint,
    accessKey: ACCESS_KEY,
    secretKey: SECRET_KEY,
    async stop() {
      await service.stop();
      await rm(drive, { recursive: true, force: true });
    },
  };
}
