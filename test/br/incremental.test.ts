/** Incremental backups against a cluster (br-cli.md 6.6). */
import { beforeEach, describe, expect, test } from 'vitest';
import { backupOf, openSales } from './sales.ts';
import type { CallOptions, Outcome, Site } from './site.ts';

let site: Site;

function full(group = 'g', more: readonly string[] = []): Promise<Outcome> {
  return site.run(['--json', 'backup', 'full', '--group', group, ...more]);
}

function incremental(more: readonly string[] = [], how: CallOptions = {}): Promise<Outcome> {
  return site.run(['--json', 'backup', 'incremental', '--group', 'g', ...more], how);
}

function insertOrder(day: string): Promise<unknown> {
  return site.sql(`INSERT INTO sales_db.orders VALUES ('${day}', 9, 'new')`);
}

beforeEach(async () => {
  site = await openSales();
});

describe('srbr backup incremental', () => {
  test('AC-INC-1, E2E-06: holds the changed and the new partition', async () => {
    const base = JSON.parse((await full()).out).label;
    await insertOrder('2026-03-07');
    await site.sql("ALTER TABLE sales_db.orders ADD PARTITION p5 VALUES LESS THAN ('2026-06-01')");
    const outcome = await incremental();
    expect(outcome.exit).toBe(0);
    expect(backupOf(outcome.statements)).toMatch(/ON \(TABLE `orders` PARTITION \(`p3`, `p5`\)\)$/);
    expect(
      await site.sql(
        "SELECT baseline_label, root_label FROM ops.br_backup_meta WHERE backup_type = 'incremental'",
      ),
    ).toEqual([{ baseline_label: base, root_label: base }]);
  });

  test('AC-INC-2, E2E-07: has what was loaded while the baseline was uploading', async () => {
    let isLoaded = false;
    await site.run(['backup', 'full', '--group', 'g'], {
      async onStatement(sql) {
        if (isLoaded || !sql.startsWith('SHOW BACKUP')) return;
        const [job] = await site.sql('SHOW BACKUP FROM sales_db');
        if (job?.['SnapshotFinishedTime'] === null || job === undefined) return;
        isLoaded = true;
        await insertOrder('2026-02-07');
      },
    });
    expect(isLoaded).toBe(true);
    expect(backupOf((await incremental()).statements)).toContain('PARTITION (`p2`)');
  });

  test('AC-INC-3, E2E-08: measures against the full of its own group', async () => {
    const base = JSON.parse((await full()).out).label;
    await insertOrder('2026-01-07');
    await full('all');
    const outcome = await incremental();
    expect(JSON.parse(outcome.out).baseline).toBe(base);
    expect(backupOf(outcome.statements)).toContain('PARTITION (`p1`)');
  });

  test('AC-INC-5: a clock of the tool that is ten minutes ahead changes nothing', async () => {
    const clockAheadMs = 600_000;
    await site.run(['backup', 'full', '--group', 'g'], { clockAheadMs });
    await insertOrder('2026-02-07');
    const outcome = await incremental([], { clockAheadMs });
    expect(backupOf(outcome.statements)).toMatch(/ON \(TABLE `orders` PARTITION \(`p2`\)\)$/);
    const [row] = await site.sql('SELECT started_at, NOW() AS at FROM ops.backup_history');
    expect((row?.['started_at'] ?? '') <= (row?.['at'] ?? '')).toBe(true);
  });

  test('AC-INC-7: finds a full under any name', async () => {
    await full('g', ['--name', 'anything']);
    await insertOrder('2026-01-07');
    expect(JSON.parse((await incremental()).out).baseline).toBe('anything');
  });

  test('AC-INC-8: has a partition that was truncated and loaded with as many rows', async () => {
    await full();
    await site.sql('TRUNCATE TABLE sales_db.orders PARTITION (p4)');
    await insertOrder('2026-04-09');
    expect(backupOf((await incremental()).statements)).toContain('PARTITION (`p4`)');
  });

  test('AC-INC-9: has all of a table whose schema has changed, and says so', async () => {
    await full();
    await site.sql('DROP TABLE sales_db.dim');
    await site.sql(
      'CREATE TABLE sales_db.dim (id INT NOT NULL, name VARCHAR(20), extra INT) PRIMARY KEY(id) ' +
        'DISTRIBUTED BY HASH(id) BUCKETS 1',
    );
    const outcome = await incremental();
    expect(outcome.err).toContain('dim: its schema has changed');
    expect(backupOf(outcome.statements)).toMatch(/ON \(TABLE `dim`\)$/);
  });

  test('AC-INC-10: refuses an unknown baseline and lists the candidates', async () => {
    const base = JSON.parse((await full()).out).label;
    const outcome = await incremental(['--baseline-backup', 'nope']);
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain(`${base} (full)`);
  });

  test('AC-INC-11: names the one partition of an unpartitioned table', async () => {
    await full();
    await site.sql("INSERT INTO sales_db.dim VALUES (3, 'z')");
    const outcome = await incremental();
    expect(JSON.parse(outcome.out).tables).toMatchObject([{ name: 'dim', partitions: ['dim'] }]);
  });

  test('AC-INC-12: fails when the partitions of a table cannot be read', async () => {
    await full();
    await insertOrder('2026-01-07');
    const { ServerError } = await import('../../src/br/errors.ts');
    const onStatement = (sql: string): void => {
      if (/^SHOW PARTITIONS.*`dim`/.test(sql)) throw new ServerError(1064, 'no');
    };
    const outcome = await incremental([], { onStatement });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('sales_db.dim cannot be read');
    const skipped = await incremental(['--skip-broken-tables'], { onStatement });
    expect(skipped.exit).toBe(0);
  });

  test('E2E-10: nothing to do is a failure, or a success on request', async () => {
    await full();
    const refused = await site.run([
      ...['--exit-codes', 'extended', 'backup', 'incremental', '--group', 'g'],
    ]);
    expect(refused.exit).toBe(5);
    expect(refused.err).toContain('no partition has changed');
    const empty = await incremental(['--allow-empty']);
    expect(empty.exit).toBe(0);
    expect(backupOf([...refused.statements, ...empty.statements])).toBeUndefined();
    expect(
      await site.sql("SELECT event FROM ops.br_events WHERE event = 'backup.empty'"),
    ).toHaveLength(2);
    expect(await site.sql("SELECT * FROM ops.run_status WHERE state = 'ACTIVE'")).toEqual([]);
  });

  test('makes chains with --since last-backup', async () => {
    await full();
    await insertOrder('2026-01-07');
    const first = JSON.parse((await incremental()).out).label;
    await insertOrder('2026-02-07');
    const second = JSON.parse((await incremental(['--since', 'last-backup'])).out);
    expect(second).toMatchObject({ baseline: first, tables: [{ partitions: ['p2'] }] });
    const differential = JSON.parse((await incremental(['--since', 'last-full'])).out);
    expect(differential).toMatchObject({ tables: [{ partitions: ['p1', 'p2'] }] });
  });

  test('counts generously against a baseline that upstream made', async () => {
    site.pass(3_600_000);
    await full();
    await site.sql('DELETE FROM ops.br_backup_meta WHERE label IS NOT NULL');
    await site.sql('DELETE FROM ops.br_partition_state WHERE label IS NOT NULL');
    site.pass(3_600_000);
    await insertOrder('2026-01-07');
    const generous = await incremental(['--margin', '2h', '--dry-run']);
    expect(JSON.parse(generous.out).tables).toHaveLength(2);
    const exact = await incremental(['--margin', '0']);
    expect(backupOf(exact.statements)).toContain('PARTITION (`p1`)');
  });
});
