/** Following jobs to their end, and writing what became of them (br-cli.md 6.8, 7.4). */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { tasksText } from '../../src/br/cluster/jobs.ts';
import { readConfig } from '../../src/br/config/read-config.ts';
import type { Connection, Row } from '../../src/br/connection/connection.ts';
import { LostConnection, ServerError } from '../../src/br/errors.ts';
import { trackJob } from '../../src/br/jobs/track-job.ts';
import { createReport } from '../../src/br/report/report.ts';
import { openSales } from './sales.ts';
import { CONFIG, type Outcome, type Site } from './site.ts';

const FINAL = ['FINISHED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'LOST'];

describe('a job that ends badly', () => {
  const LABEL = 'sales_db_20250101_full';
  let site: Site;

  beforeEach(async () => {
    site = await openSales();
  });

  test('AC-POLL-3: past its deadline it is TIMEOUT, and its slot waits for reconcile', async () => {
    const rewrite = (sql: string, rows: readonly Row[]): readonly Row[] =>
      sql.startsWith('SHOW BACKUP') ? rows.map((row) => ({ ...row, State: 'UPLOADING' })) : rows;
    const words = ['--exit-codes', 'extended', 'backup', 'full', '--group', 'g'];
    const outcome = await site.run([...words, '--timeout', '600'], { rewrite });
    expect(outcome.exit).toBe(8);
    expect(outcome.err).toContain('timed out: no end after 20m');
    expect(outcome.err).toContain(`srbr reconcile --label ${LABEL}`);
    const status = 'SELECT status FROM ops.backup_history';
    expect(await site.sql(status)).toEqual([{ status: 'TIMEOUT' }]);
    const [slot] = await site.sql('SELECT state FROM ops.run_status');
    expect(slot).toEqual({ state: 'ACTIVE' });
    expect((await site.run(['reconcile', '--label', LABEL])).exit).toBe(0);
    expect(await site.sql(status)).toEqual([{ status: 'FINISHED' }]);
    expect(await site.sql("SELECT * FROM ops.run_status WHERE state = 'ACTIVE'")).toEqual([]);
    expect((await site.run(['restore', '--target-label', LABEL, '--yes'])).exit).toBe(0);
  });

  test('AC-POLL-4: a cancelled job ends with the reason of the frontend', async () => {
    const outcome = await site.run(['backup', 'full', '--group', 'g'], {
      async onStatement(sql) {
        if (sql.startsWith('SHOW BACKUP')) await site.sql('CANCEL BACKUP FROM sales_db');
      },
    });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toMatch(/was cancelled: .*user/);
  });

  test('AC-HIST-2: runs that failed are found as upstream documents it', async () => {
    await site.run(['backup', 'full', '--group', 'g', '--ttl', 'soon']);
    const rows = await site.sql(
      "SELECT label, error_message FROM ops.backup_history WHERE status = 'FAILED' " +
        'AND started_at >= DATE_SUB(NOW(), INTERVAL 1 DAY) ORDER BY started_at DESC',
    );
    expect(rows).toEqual([
      { label: LABEL, error_message: expect.stringContaining('ttl') as string },
    ]);
  });

  test('an end that cannot be written is told in full, and reconcile writes it', async () => {
    const outcome = await site.run(['backup', 'full', '--group', 'g'], {
      onStatement(sql) {
        if (sql.startsWith('INSERT INTO `ops`.`backup_history`')) throw new LostConnection('cut');
      },
    });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain(`the end of ${LABEL} could not be recorded: cut`);
    expect(outcome.err).toContain('state: FINISHED');
    expect((await site.run(['reconcile', '--label', LABEL])).exit).toBe(0);
    expect(await site.sql('SELECT status FROM ops.backup_history')).toEqual([
      { status: 'FINISHED' },
    ]);
  });

  test('a BACKUP whose answer is lost is found again', async () => {
    let isLost = false;
    const outcome = await site.run(['backup', 'full', '--group', 'g'], {
      async onStatement(sql) {
        if (!sql.startsWith('BACKUP') || isLost) return;
        isLost = true;
        await site.sql(sql);
        throw new LostConnection('cut');
      },
    });
    expect(outcome.exit).toBe(0);
    expect(await site.sql('SELECT label FROM ops.backup_history')).toEqual([{ label: LABEL }]);
  });
});

describe('whatever the frontend shows', () => {
  const look = fc.oneof(
    fc.constant('lost' as const),
    fc.constant('refused' as const),
    fc.constant('gone' as const),
    fc.record({
      state: fc.constantFrom('PENDING', 'UPLOADING', 'ODD', 'FINISHED', 'CANCELLED', 'FAILED'),
      label: fc.constantFrom('ours', 'ours', 'ours', 'theirs'),
      id: fc.constantFrom('-1', '7', '7', '8'),
    }),
  );

  test('AC-POLL-5: tracking ends in one of five states', async () => {
    const { config } = await readConfig(CONFIG, 'config.yaml');
    const silent = { out: () => undefined, err: () => undefined };
    const report = createReport(silent, { json: false, logFormat: 'text', verbose: false });
    await fc.assert(
      fc.asyncProperty(fc.array(look), fc.boolean(), async (looks, isInRepository) => {
        let nowMs = 0;
        const script = [...looks];
        const connection: Connection = {
          async query(sql) {
            if (sql.startsWith('SHOW SNAPSHOT')) {
              const status = isInRepository ? 'OK' : 'ERROR: no snapshot';
              return [{ Snapshot: 'ours', Timestamp: isInRepository ? 't' : '', Status: status }];
            }
            const next = script.shift() ?? 'gone';
            if (next === 'lost') throw new LostConnection('cut');
            if (next === 'refused') throw new ServerError(1064, 'no');
            return next === 'gone' ? [] : [jobRow(next)];
          },
          close: async () => undefined,
        };
        const ports = {
          clock: {
            now: () => nowMs,
            after(spanMs: number, wake: () => void) {
              nowMs += spanMs;
              queueMicrotask(wake);
              return () => undefined;
            },
          },
          random: new SeededRandom(1n),
          interruption: { signal: undefined, onSignal: () => () => undefined },
        };
        const end = await trackJob(
          { kind: 'backup', database: 'd', label: 'ours' },
          { connection, config, report, ports: ports as never, beat: async () => undefined },
        );
        expect(FINAL).toContain(end.state);
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  function jobRow({ state, label, id }: { state: string; label: string; id: string }): Row {
    return {
      ...{ JobId: id, SnapshotName: label, State: state, TaskErrMsg: '', Status: '[OK]' },
      ...{ CreateTime: '', SnapshotFinishedTime: '', FinishedTime: '', UnfinishedTasks: '' },
      ...{ Progress: '', Timeout: '600' },
    };
  }
});

describe('whatever goes wrong on the way', () => {
  const fault = fc.record({
    at: fc.nat(70),
    times: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom('lost' as const, 'refused' as const),
  });

  async function runWith(
    site: Site,
    words: readonly string[],
    faults: readonly { at: number; times: number; kind: 'lost' | 'refused' }[],
  ): Promise<Outcome> {
    let index = 0;
    return await site.run(words, {
      onStatement(sql) {
        index += 1;
        const hit = faults.find(({ at, times }) => index > at && index <= at + times);
        if (hit === undefined) return;
        if (hit.kind === 'lost') throw new LostConnection('cut');
        if (/^(BACKUP|RESTORE|SHOW)/.test(sql)) throw new ServerError(1064, 'refused');
      },
    });
  }

  test('AC-HIST-1: each run leaves one final row, at once or after reconcile', async () => {
    const site = await openSales();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('full', 'restore'),
        fc.array(fault, { maxLength: 2 }),
        fc.boolean(),
        async (what, faults, isStoreFull) => {
          const [newest] = await site.sql(
            "SELECT label FROM ops.backup_history WHERE status = 'FINISHED' ORDER BY label DESC",
          );
          const target = newest?.['label'];
          const words =
            what === 'full' || typeof target !== 'string'
              ? ['backup', 'full', '--group', 'g']
              : ['restore', '--target-label', target, '--table', 'dim', '--drop-old', '--yes'];
          if (isStoreFull) site.cluster.faults.enable('blob.put', { do: 'fail', text: 'full' });
          const { statements } = await runWith(site, words, faults);
          site.cluster.faults.disable('blob.put');
          site.pass(3_600_000);
          await site.run(['reconcile']);
          for (const sql of statements) {
            const label = /^BACKUP[\s\S]*?SNAPSHOT `(.*?)`/.exec(sql)?.[1];
            if (label === undefined) continue;
            const rows = await site.sql(
              `SELECT status FROM ops.backup_history WHERE label = '${label}'`,
            );
            expect(rows).toHaveLength(1);
            expect(FINAL).toContain(rows[0]?.['status']);
          }
          const jobs = await site.sql(
            "SELECT job_id FROM ops.br_restore_steps WHERE action = 'plan'",
          );
          for (const { job_id: id } of jobs) {
            const ofJob = `SELECT status FROM ops.restore_history WHERE job_id = '${id}'`;
            if ((await site.sql(ofJob)).length === 0)
              await site.run(['restore', '--resume', `${id}`]);
            expect(FINAL).toContain((await site.sql(ofJob))[0]?.['status']);
          }
          expect(await site.sql("SELECT * FROM ops.run_status WHERE state = 'ACTIVE'")).toEqual([]);
        },
      ),
      { numRuns: 6, seed: 11 },
    );
  });
});

test('of many tasks that are left a few are told by name, the rest by number', () => {
  const tasks = Array.from({ length: 100_000 }, (_, at) => `${at}=10001`);
  expect(tasksText(tasks.join(', '))).toBe(`${tasks.slice(0, 5).join(', ')} and 99995 more`);
  expect(tasksText('7=10001, 8=10002')).toBe('7=10001, 8=10002');
});
