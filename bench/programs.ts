/** Other programs on this machine: whether they are there, and how they copy a folder. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Peer = 'rclone' | 's5cmd' | 'cp';

/** `version` answers in a moment and changes nothing. */
export function isInstalled(program: string): boolean {
  // s5cmd and rclone know the word, cp and minio the option; whichever: it was there to refuse it.
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  return error === undefined;
}

/** An S3 server as peers are told of it. */
export interface S3Target {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
}

/**
 * Peers take no settings but ours: rclone's file of remotes is not read, and a bundle of
 * certificates, which older S3 clients refuse beside a transport of their own, is not passed on.
 */
function environment({ endpoint, accessKey, secretKey }: S3Target): NodeJS.ProcessEnv {
  const { AWS_CA_BUNDLE: _unused, ...inherited } = process.env;
  return {
    ...inherited,
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
    AWS_REGION: 'us-east-1',
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_PEER_TYPE: 's3',
    RCLONE_CONFIG_PEER_PROVIDER: 'Minio',
    RCLONE_CONFIG_PEER_ENDPOINT: endpoint,
    RCLONE_CONFIG_PEER_ACCESS_KEY_ID: accessKey,
    RCLONE_CONFIG_PEER_SECRET_ACCESS_KEY: secretKey,
  };
}

/** Copies a folder to a bucket; with the checks that the program makes by itself. */
export async function copyToS3(
  peer: 'rclone' | 's5cmd',
  target: S3Target,
  how: { readonly source: string; readonly below: string; readonly concurrency: number },
): Promise<void> {
  const { source, below, concurrency } = how;
  const workers = String(concurrency);
  const env = environment(target);
  if (peer === 'rclone') {
    const options = ['--transfers', workers, '--checkers', workers, '--s3-no-check-bucket'];
    await run('rclone', ['copy', ...options, source, `PEER:${target.bucket}/${below}`], { env });
    return;
  }
  const options = ['--endpoint-url', target.endpoint, '--numworkers', workers, '--log', 'error'];
  await run('s5cmd', [...options, 'cp', `${source}/`, `s3://${target.bucket}/${below}/`], { env });
}

/** Copies a folder on this disk. `cp` does one file after the other. */
export async function copyOnDisk(
  peer: 'rclone' | 'cp',
  how: { readonly source: string; readonly target: string; readonly concurrency: number },
): Promise<void> {
  const { source, target, concurrency } = how;
  const workers = String(concurrency);
  const env = { ...process.env, RCLONE_CONFIG: '/dev/null' };
  if (peer === 'cp') await run('cp', ['-r', source, target]);
  else {
    const options = ['--transfers', workers, '--checkers', workers];
    await run('rclone', ['copy', ...options, source, target], { env });
  }
}

export interface StartedProgram {
  stop(): Promise<void>;
}

/** A server that runs until it is stopped, or until this process ends. */
export async function startProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isReady: () => Promise<boolean>,
): Promise<StartedProgram> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const stop = (): Promise<void> => {
    process.off('exit', kill);
    if (child.exitCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  };
  for (let tries = 0; tries < READY_TRIES_MAX && child.exitCode === null; tries += 1) {
    if (await isReady().catch(() => false)) return { stop };
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  await stop();
  throw new Error(`${program} did not get ready`);
}

const READY_POLL_MS = 100;
const READY_TRIES_MAX = 600;
