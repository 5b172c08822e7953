/** `starrocks-emulator demo` in a process of its own: what it tells, how it ends, what it leaves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKUP_STATES } from '../../src/jobs/backup-job.ts';
import { RESTORE_STATES } from '../../src/jobs/restore-job.ts';
import { temporaryFolder } from './server.ts';

const ROOT = join(import.meta.dirname, '../..');
const CSV = join(ROOT, 'node_modules/vega-datasets/data/seattle-weather.csv');

type Event = Readonly<Record<string, unknown>> & { readonly event: string };

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(async () => {
  await folder.remove();
});

/** Its temporary folders go where the test can count them. */
function startDemo(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder.path },
  });
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString('utf8');
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}

function eventsOf({ stdout }: Ended): readonly Event[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Event);
}

async function leftovers(): Promise<readonly string[]> {
  return (await readdir(folder.path)).filter((name) => name.startsWith('starrocks-emulator'));
}

/** Rows by partition, counted in the file itself. */
async function expectedCounts(): Promise<Record<string, number>> {
  const [, ...lines] = (await readFile(CSV, 'utf8')).trimEnd().split('\n');
  const counts: Record<string, number> = {};
  for (const line of lines) {
    const name = `p${line.slice(0, 4)}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('the demo', () => {
  test('brings every row back through all states of both jobs, and leaves nothing', async () => {
    const ended = await endOf(startDemo(['--json']));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const events = eventsOf(ended);
    const statesOf = (job: string): unknown[] =>
      events.filter((event) => event.event === 'state' && event['job'] === job).map(stateOf);
    expect(statesOf('BACKUP')).toEqual(BACKUP_STATES.filter((state) => state !== 'CANCELLED'));
    expect(statesOf('RESTORE')).toEqual(RESTORE_STATES.filter((state) => state !== 'CANCELLED'));

    const partitions = await expectedCounts();
    const rowCount = Object.values(partitions).reduce((sum, count) => sum + count, 0);
    const one = (name: string): Event | undefined => events.find(({ event }) => event === name);
    expect(one('rows')).toMatchObject({ rowCount, partitions });
    expect(one('compared')).toMatchObject({
      rowCount,
      partitions,
      checksum: one('rows')?.['checksum'],
    });
    expect(one('spoiled')?.['checksum']).not.toBe(one('rows')?.['checksum']);
    expect(events.at(-1)).toMatchObject({ event: 'result', ok: true, rowCount });
    expect(await leftovers()).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'stops on %s in the middle of a job, says so, and leaves nothing',
    async (signal) => {
      const child = startDemo(['--json']);
      const ended = endOf(child);
      if (child.stdout === null) throw new Error('no standard output');
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (stateOf(JSON.parse(line) as Event) === 'SNAPSHOTING') child.kill(signal);
      });
      const { code, stdout, stderr } = await ended;
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'starrocks-emulator: interrupted\n' });
      expect(eventsOf({ code, stdout, stderr }).at(-1)).toEqual({
        event: 'result',
        ok: false,
        error: 'interrupted',
      });
      expect(await leftovers()).toEqual([]);
    },
  );

  test('stops and leaves nothing when nobody reads its output any more', async () => {
    const child = startDemo([]);
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await endOf(child)).toMatchObject({ code: 1 });
    expect(await leftovers()).toEqual([]);
  });
});

function stateOf(event: Event): unknown {
  return event.event === 'state' ? event['state'] : undefined;
}
