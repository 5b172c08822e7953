/** Rows counted at a backup and compared at its restore (br-cli.md 5.2, 7.2, 7.10). */
import { beforeEach, describe, expect, test } from 'vitest';
import { ServerError } from '../../src/br/errors.ts';
import { openSales, salesRows } from './sales.ts';
import { CONFIG, type Outcome, type Site } from './site.ts';

let site: Site;

function run(...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', '--exit-codes', 'extended', ...words]);
}

async function counts(label: string): Promise<readonly string[]> {
  const rows = await site.sql(
    'SELECT table_name, partition_name, row_count FROM ops.br_partition_state ' +
      `WHERE label = '${label}' ORDER BY table_name, partition_name`,
  );
  return rows.map((row) => Object.values(row).join(' ').trimEnd());
}

async function backup(type: string, onStatement?: (sql: string) => Promise<void>): Promise<string> {
  const words = ['--json', 'backup', type, '--group', 'g'];
  const outcome = await site.run(words, onStatement === undefined ? {} : { onStatement });
  expect(outcome.exit).toBe(0);
  return JSON.parse(outcome.out).label;
}

beforeEach(async () => {
  site = await openSales();
});

describe('a backup', () => {
  test('counts partitions in one statement, and takes over what has not changed', async () => {
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-02-06', 5, 'e')");
    await site.sql("ALTER TABLE sales_db.orders ADD PARTITION p5 VALUES LESS THAN ('2026-06-01')");
    const full = await run('backup', 'full', '--group', 'g');
    expect(full.statements.filter((sql) => sql.includes('COUNT(*)'))).toHaveLength(1);
    const { label } = JSON.parse(full.out);
    const expected = ['orders p1 1', 'orders p2 2', 'orders p3 1', 'orders p4 1', 'orders p5 0'];
    expect(await counts(label)).toEqual(['dim dim 2', ...expected]);
    expect(await site.sql('SELECT row_count FROM ops.br_backup_meta')).toEqual([
      { row_count: '7' },
    ]);
    await site.sql("INSERT INTO sales_db.dim VALUES (3, 'z')");
    const second = await run('backup', 'incremental', '--group', 'g');
    const statement = second.statements.find((sql) => sql.includes('COUNT(*) AS total'));
    expect(statement).toBe('SELECT 0 AS branch, COUNT(*) AS total FROM `sales_db`.`dim`');
    expect(await counts(JSON.parse(second.out).label)).toEqual(['dim dim 3', ...expected]);
  });

  test('keeps no count of a partition that changed before its snapshot was taken', async () => {
    const label = await backup('full', async (sql) => {
      if (!sql.startsWith('BACKUP')) return;
      await site.sql("INSERT INTO sales_db.orders VALUES ('2026-02-07', 6, 'late')");
    });
    expect(await counts(label)).toContain('orders p2');
    expect(await counts(label)).toContain('orders p1 1');
    expect(await site.sql('SELECT row_count FROM ops.br_backup_meta')).toEqual([
      { row_count: null },
    ]);
    await site.sql('TRUNCATE TABLE sales_db.orders');
    expect((await run('restore', '--target-label', label, '--yes')).exit).toBe(0);
    expect((await salesRows(site))['orders']).toHaveLength(5);
  });

  test('has a partition that came after it was planned, and not one that went', async () => {
    const label = await backup('full', async (sql) => {
      if (!sql.startsWith('BACKUP')) return;
      const alter = 'ALTER TABLE sales_db.orders';
      await site.sql(`${alter} ADD PARTITION p5 VALUES LESS THAN ('2026-06-01')`);
      await site.sql(`${alter} DROP PARTITION p1`);
      await site.sql("INSERT INTO sales_db.orders VALUES ('2026-05-07', 6, 'late')");
    });
    const wanted = await salesRows(site);
    expect(await counts(label)).toEqual([
      ...['dim dim 2', 'orders p2 1', 'orders p3 1', 'orders p4 1', 'orders p5'],
    ]);
    const manifest = await site.sql(
      "SELECT partition_name FROM ops.backup_partitions WHERE table_name = 'orders' ORDER BY 1",
    );
    expect(manifest.map((row) => row['partition_name'])).toEqual(['p2', 'p3', 'p4', 'p5']);
    const [meta] = await site.sql('SELECT partitions_json FROM ops.br_backup_meta');
    expect(meta?.['partitions_json']).toContain('"sales_db.orders":["p2","p3","p4","p5"]');
    const dry = await run('backup', 'incremental', '--group', 'g', '--dry-run');
    expect(JSON.parse(dry.out).tables).toMatchObject([{ name: 'orders', partitions: ['p5'] }]);
    await site.sql('TRUNCATE TABLE sales_db.orders');
    expect((await run('verify', label)).exit).toBe(0);
    expect((await run('restore', '--target-label', label, '--yes')).exit).toBe(0);
    expect(await salesRows(site)).toEqual(wanted);
  });

  test('goes on without counts when the server refuses to count', async () => {
    const label = await backup('full', async (sql) => {
      if (sql.includes('COUNT(*)')) throw new ServerError(1064, 'query timeout');
    });
    expect(await counts(label)).toContain('orders p1');
    expect((await run('restore', '--target-label', label, '--yes')).exit).toBe(0);
  });

  test('does not count where the configuration says so', async () => {
    const config = CONFIG.replace('{', '{count_rows: false, ');
    const outcome = await site.run(['backup', 'full', '--group', 'g'], { config });
    expect(outcome.exit).toBe(0);
    expect(outcome.statements.filter((sql) => sql.includes('COUNT(*)'))).toEqual([]);
  });
});

describe('a restore', () => {
  test('of other rows than were counted puts nothing in place, and exits 10', async () => {
    const label = await backup('full');
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-01-09', 7, 'later')");
    const live = await salesRows(site);
    const damage = (where: string, count: string): Promise<unknown> =>
      site.sql(`UPDATE ops.br_partition_state SET row_count = ${count} WHERE ${where}`);
    await damage("partition_name = 'p3'", '4');
    const outcome = await run('restore', '--target-label', label, '--yes');
    expect(outcome.exit).toBe(10);
    expect(outcome.err).toContain('orders has 4 rows, the backup had 7');
    await damage("partition_name = 'p1'", 'NULL');
    const partly = await run('restore', '--target-label', label, '--yes');
    expect(partly.err).toContain('orders has 3 rows in p2, p3, p4, the backup had 6');
    expect(await salesRows(site)).toEqual(live);
    expect(await site.sql('SHOW TABLES FROM sales_db')).toHaveLength(3);
    expect(await site.sql('SELECT DISTINCT status FROM ops.restore_history')).toEqual([
      { status: 'FAILED' },
    ]);
  });
});
