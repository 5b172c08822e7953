/** Looking at backups and closing open books (br-cli.md 6.4, 7.5, 7.8). */
import { beforeEach, describe, expect, test } from 'vitest';
import { openSales, salesRows } from './sales.ts';
import type { Outcome, Site } from './site.ts';

const LABEL = 'sales_db_20250101_full';

let site: Site;

function run(...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', ...words]);
}

function json(outcome: Outcome): ReturnType<typeof JSON.parse> {
  return JSON.parse(outcome.out);
}

beforeEach(async () => {
  site = await openSales();
});

describe('srbr list and show', () => {
  test('an empty history is a message, not a failure', async () => {
    const outcome = await site.run(['list']);
    expect(outcome).toMatchObject({ exit: 0, out: 'no backups yet\n' });
  });

  test('AC-LIST-1, AC-LIST-2: show what they hold, those of upstream too', async () => {
    await run('backup', 'full', '--group', 'g');
    await site.sql(
      'INSERT INTO ops.backup_history (label, backup_type, status, repository, started_at) ' +
        "VALUES ('theirs', 'full', 'LOST', 'repo', '2024-01-01 00:00:00')",
    );
    const rows = json(await run('list'));
    expect(rows).toMatchObject([
      { label: 'theirs', status: 'LOST', snapshot: 'absent' },
      {
        label: LABEL,
        snapshot: 'OK',
        tables: 2,
        partitionsJson: { 'sales_db.dim': ['dim'] },
      },
    ]);
    expect(json(await run('list', '--status', 'lost'))).toHaveLength(1);
    expect(json(await run('list', '--group', 'g'))).toHaveLength(1);
    const mvp = await site.run(['list', '--tsv', '--mvp']);
    expect(mvp.out.split('\n')[0]).toBe('ID\tTYPE\tSTATUS\tSTART\tEND\tLABEL\tTS\tDB\tTABLE');
  });

  test('tell what a backup stands on and what stands on it', async () => {
    await run('backup', 'full', '--group', 'g');
    await site.sql("INSERT INTO sales_db.dim VALUES (3, 'z')");
    const { label } = json(await run('backup', 'incremental', '--group', 'g'));
    expect(json(await run('show', LABEL))).toMatchObject({ chain: [LABEL], dependents: [label] });
    expect(json(await run('show', label))).toMatchObject({ chain: [LABEL, label] });
    expect((await site.run(['--exit-codes', 'extended', 'show', 'nope'])).exit).toBe(6);
  });
});

describe('srbr verify', () => {
  test('a whole backup passes, one that lacks a partition does not', async () => {
    await run('backup', 'full', '--group', 'g');
    expect((await run('verify', LABEL)).exit).toBe(0);
    const [row] = await site.sql('SELECT verified_at FROM ops.br_backup_meta');
    expect(row?.['verified_at']).not.toBeNull();
    await site.sql(
      'INSERT INTO ops.backup_partitions (key_hash, label, database_name, table_name, ' +
        `partition_name) VALUES ('x', '${LABEL}', 'sales_db', 'orders', 'p9')`,
    );
    const outcome = await site.run(['--exit-codes', 'extended', 'verify', LABEL]);
    expect(outcome.exit).toBe(10);
    expect(outcome.err).toContain('lacks orders.p9');
  });
});

describe('open books', () => {
  test('E2E-22: after --detach, reconcile closes them with the times of the server', async () => {
    const detached = await site.run([
      ...['--exit-codes', 'extended', 'backup', 'full', '--group', 'g', '--detach'],
    ]);
    expect(detached.exit).toBe(8);
    expect(await site.sql('SELECT label FROM ops.backup_history')).toEqual([]);
    expect(json(await run('status'))).toMatchObject({
      slots: [{ label: LABEL }],
      jobs: [{ label: LABEL, database: 'sales_db' }],
    });
    expect(json(await run('reconcile')).done).toEqual([]);
    await site.cluster.untilJobDone('sales_db');
    expect((await run('reconcile')).exit).toBe(0);
    const [job] = await site.sql('SHOW BACKUP FROM sales_db');
    expect(await site.sql('SELECT status, finished_at FROM ops.backup_history')).toEqual([
      { status: 'FINISHED', finished_at: job?.['FinishedTime'] },
    ]);
    expect(json(await run('status'))).toMatchObject({ slots: [], jobs: [], claims: [] });
    expect((await run('restore', '--target-label', LABEL, '--yes')).exit).toBe(0);
  });

  test('cancel ends a job, its slot and its history', async () => {
    await run('backup', 'full', '--group', 'g', '--detach');
    expect(json(await run('cancel', '--label', LABEL))).toMatchObject({ cancelled: LABEL });
    expect(await site.sql('SELECT status FROM ops.backup_history')).toEqual([
      { status: 'CANCELLED' },
    ]);
    expect(json(await run('status'))).toMatchObject({ slots: [], jobs: [] });
    expect((await run('cancel')).exit).toBe(1);
  });

  test('reconcile --label brings a snapshot that nobody recorded into the history', async () => {
    await site.sql('BACKUP DATABASE sales_db SNAPSHOT found TO repo ON (TABLE dim)');
    await site.cluster.untilJobDone('sales_db');
    expect((await run('reconcile', '--label', 'found')).exit).toBe(0);
    expect(json(await run('show', 'found'))).toMatchObject({
      partitionsJson: { 'sales_db.dim': ['dim'] },
    });
    expect((await run('reconcile', '--label', 'nope')).exit).toBe(1);
  });
});

describe('srbr doctor', () => {
  test('AC-PRE-1, AC-PRE-5, E2E-33: a line for each check, and nothing is sent', async () => {
    const good = await site.run(['doctor']);
    expect(good.out.split('\n').filter((line) => line.startsWith('ok'))).toHaveLength(5);
    await site.sql('BACKUP DATABASE sales_db SNAPSHOT now TO repo');
    expect((await site.run(['doctor'])).out).toContain("FAIL jobs: backup now runs in 'sales_db'");
    await site.cluster.untilJobDone('sales_db');
    site.cluster.unsafeKillBackend(10001);
    site.pass(60_000);
    const bad = await site.run(['--exit-codes', 'extended', 'doctor']);
    expect(bad.exit).toBe(4);
    expect(bad.out).toContain('FAIL nodes: the cluster is unhealthy: backend 10001');
    expect(bad.statements.every((sql) => /^(SHOW|SELECT)/.test(sql))).toBe(true);
    const refused = await run('backup', 'full', '--group', 'g');
    expect(refused.err).toContain('backend 10001');
  });
});

describe('srbr backup auto', () => {
  async function autoReason(more = ''): Promise<string> {
    const { CONFIG } = await import('./site.ts');
    const config = CONFIG.replace('meta_snapshot: false', `meta_snapshot: false, auto: {${more}}`);
    const outcome = await site.run(['backup', 'auto', '--group', 'g', '--allow-empty'], { config });
    expect(outcome.exit).toBe(0);
    return outcome.err.split('\n').find((line) => /^(full|incremental): /.test(line)) ?? '';
  }

  test('E2E-36: full on day 1 and 8, incremental between, each day restorable', async () => {
    // Days pass quickly where the frontend looks only once a minute.
    site = await openSales({ tickMs: 60_000 });
    const days: { label: string; rows: unknown }[] = [];
    const types: string[] = [];
    for (let day = 1; day <= 9; day += 1) {
      await site.sql(`INSERT INTO sales_db.orders VALUES ('2026-03-0${day}', ${day}, 'day')`);
      const outcome = await site.run(['--json', 'backup', 'auto', '--group', 'g']);
      expect(outcome.err).toMatch(/^(full|incremental): /m);
      const { label, type } = JSON.parse(outcome.out);
      types.push(type);
      days.push({ label, rows: (await salesRows(site))['orders'] });
      site.pass(86_400_000);
    }
    const between = Array.from({ length: 6 }, () => 'incremental');
    expect(types).toEqual(['full', ...between, 'full', 'incremental']);
    for (const [index, { label, rows }] of days.entries()) {
      expect((await site.run(['verify', label])).exit).toBe(0);
      // The end of the first chain and that of the second; verify says it of all.
      if (index !== 6 && index !== 8) continue;
      const copy = `day${index}`;
      const words = ['restore', '--target-label', label, '--to-database', copy, '--yes'];
      expect((await site.run([...words, '--table', 'orders'])).exit).toBe(0);
      const restored = await site.sql(`SELECT * FROM ${copy}.orders`);
      expect(restored.map((row) => Object.values(row).join(',')).sort()).toEqual(rows);
    }
  });

  test('AC-AUTO-1, AC-AUTO-2, AC-AUTO-3, AC-AUTO-4, AC-AUTO-5: tells its rule', async () => {
    expect(await autoReason()).toBe('full: there is no full backup of the group yet');
    site.pass(1000);
    expect(await autoReason()).toBe('incremental: 0 % of the bytes have changed');
    expect(await autoReason('max_chain: 1')).toBe('full: the chain has 1 links, at most 1');
    await site.sql('TRUNCATE TABLE sales_db.dim');
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-01-09', 7, 'later')");
    expect(await autoReason('max_delta_ratio: 0.1')).toMatch(/^full: \d+ % of the bytes/);
    await site.sql('DROP TABLE sales_db.dim');
    await site.sql('CREATE TABLE sales_db.dim (n INT) DISTRIBUTED BY HASH(n) BUCKETS 1');
    expect(await autoReason()).toBe('full: the schema of dim has changed');
    site.pass(3 * 3_600_000);
    expect(await autoReason('full_every: 2h')).toMatch(/^full: the last full backup is 3h/);
  });
});
