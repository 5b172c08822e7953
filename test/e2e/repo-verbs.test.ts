/** `repo` and `blob check` in processes of their own: what they print, and how they end. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster } from '../../src/start-cluster.ts';
import { backUp, SHOP } from '../model/shared-store.ts';
import { BUCKET, type S3Server, startS3Server } from '../support/s3-server.ts';
import { temporaryFolder } from './server.ts';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let s3: S3Server;
let whole: string;
let broken: string;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** With the credentials of the embedded server in the environment. */
function run(...args: readonly string[]): Promise<Ended> {
  const env = {
    PATH: process.env['PATH'],
    AWS_ACCESS_KEY_ID: 'S3RVER',
    AWS_SECRET_ACCESS_KEY: 'canary-secret',
    AWS_ENDPOINT_URL: s3.endpoint,
    NODE_NO_WARNINGS: '1',
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, stdout, stderr });
    });
  });
}

const eventsOf = ({ stdout }: Ended): readonly Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  folder = await temporaryFolder();
  s3 = await startS3Server();
  whole = join(folder.path, 'whole');
  broken = join(folder.path, 'broken');
  await mkdir(whole);
  const cluster = await startCluster({ network: false, tickMs: 10, backends: 1 });
  const make = (location: string, properties = ''): string =>
    `CREATE REPOSITORY repo WITH BROKER ON LOCATION '${location}'${properties}`;
  for (const statement of [make(`file://${whole}`), ...SHOP]) await cluster.query(statement);
  await backUp(cluster, 'monday');
  await cluster.query('DROP REPOSITORY repo');
  const properties = Object.entries(s3.properties).map(([key, value]) => `'${key}' = '${value}'`);
  await cluster.query(make(`s3://${BUCKET}/b`, ` PROPERTIES (${properties.join(', ')})`));
  await backUp(cluster, 'monday');
  await cluster.stop();
  await cp(whole, broken, { recursive: true });
  const files = await readdir(broken, { recursive: true });
  const data = files.filter((name) => name.includes('.dat.')).sort()[0] ?? '';
  await rm(join(broken, data));
});

afterAll(async () => {
  await s3.stop();
  await folder.remove();
});

describe('the verbs of repo', () => {
  test('find a whole repository whole, by every byte, on the disk as in a bucket', async () => {
    const verified = await run('repo', 'verify', whole, '--read-data');
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(verified.stdout).toContain('1 of 1 snapshot whole');
    expect(verified.stdout).not.toContain('\u001b');
    const bucket = await run('repo', 'verify', `s3://${BUCKET}/b`, '--read-data', '--json');
    expect(bucket).toMatchObject({ code: 0, stderr: '' });
    expect(eventsOf(bucket).at(-1)).toMatchObject({ event: 'summary', whole: 1, damaged: 0 });
    expect(bucket.stdout).not.toContain('canary-secret');
  });

  test('list and show what lies there', async () => {
    const listed = await run('repo', 'ls', whole);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(/repository repo at \S+whole, made /);
    expect(listed.stdout).toMatch(/monday +20\d\d-\S+ +shop +2 +6 +StarRocks +ok/);
    const shown = await run('repo', 'show', whole, 'monday', '--json');
    expect(eventsOf(shown)[0]).toMatchObject({ event: 'snapshot', label: 'monday', meta: 'ok' });
  });

  test('name a file that is missing, whose it is, and end with 10', async () => {
    const verified = await run('repo', 'verify', broken, '--json');
    expect(verified).toMatchObject({ code: 10, stderr: '' });
    const finding = eventsOf(verified).find(({ event }) => event === 'finding');
    expect(finding).toMatchObject({ kind: 'missing', effect: 'hurts', label: 'monday' });
    const snapshot = eventsOf(verified).find(({ event }) => event === 'snapshot');
    expect(snapshot).toMatchObject({ verdict: 'damaged', restores: 'partly', exit: 10 });
  });

  test('tell copies that differ from those that do not, and what a snapshot takes', async () => {
    expect(await run('repo', 'diff', whole, broken)).toMatchObject({ code: 10, stderr: '' });
    expect(await run('repo', 'diff', whole, whole)).toMatchObject({ code: 0, stderr: '' });
    const used = await run('repo', 'du', whole);
    expect(used).toMatchObject({ code: 0, stderr: '' });
    expect(used.stdout).toMatch(/monday +\d+ +\S+KB +0B/);
  });

  test.each([
    [['repo', 'ls', '/nowhere/at/all'], /does not exist/],
    [['blob', 'check', '.', '--store', 'unheard-of'], /nothing is known of 'unheard-of'/],
  ])('refuse %j with one line', async (args, text) => {
    const ended = await run(...args);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(text);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('refuse a label that is not there, and name those that are', async () => {
    const ended = await run('repo', 'verify', whole, 'sunday');
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.stderr).toContain('no snapshot sunday in repository repo (There are: monday)');
  });
});

test('blob check keeps to its own directory, and leaves nothing', async () => {
  const scratch = join(folder.path, 'scratch');
  await mkdir(scratch);
  const ended = await run('blob', 'check', scratch, '--json');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(eventsOf(ended).at(-1)).toMatchObject({ event: 'summary', broken: 0 });
  expect(await readdir(scratch)).toEqual([]);
});
