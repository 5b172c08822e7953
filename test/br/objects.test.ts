/** Views, materialized views and functions in backups and restores (br-cli.md 6.1, 7.2). */
import { beforeEach, describe, expect, test } from 'vitest';
import { backupOf, openSales, salesRows } from './sales.ts';
import { CONFIG, type Outcome, type Site } from './site.ts';

let site: Site;

function run(...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', '--exit-codes', 'extended', ...words]);
}

async function backup(type: string, group = 'all'): Promise<string> {
  const outcome = await run('backup', type, '--group', group);
  expect(outcome.err).toContain('FINISHED');
  return JSON.parse(outcome.out).label;
}

async function rows(table: string): Promise<readonly string[]> {
  const all = await site.sql(`SELECT * FROM sales_db.${table}`);
  return all.map((row) => Object.values(row).join(',')).sort();
}

beforeEach(async () => {
  site = await openSales();
  await site.sql('CREATE VIEW sales_db.names AS SELECT name FROM sales_db.dim');
  await site.sql(
    'CREATE MATERIALIZED VIEW sales_db.per_day REFRESH ASYNC AS ' +
      'SELECT day, COUNT(*) AS total FROM sales_db.orders GROUP BY day',
  );
  await site.sql(
    'CREATE FUNCTION sales_db.twice(INT) RETURNS INT PROPERTIES ' +
      '("symbol" = "Twice", "type" = "StarrocksJar", "file" = "http://localhost/twice.jar")',
  );
  site.pass(30_000);
});

describe('a wildcard', () => {
  test('takes views, materialized views and functions, and the manifest says so', async () => {
    const outcome = await run('backup', 'full', '--group', 'all');
    expect(backupOf(outcome.statements)).toContain(
      'VIEW `names`, MATERIALIZED VIEW `per_day`, FUNCTION `twice`)',
    );
    const { label } = JSON.parse(outcome.out);
    const [meta] = await site.sql('SELECT partitions_json FROM ops.br_backup_meta');
    const held = JSON.parse(meta?.['partitions_json'] ?? '');
    expect(held).toMatchObject({ 'sales_db.names': [], 'sales_db.per_day': [] });
    const shown = JSON.parse((await run('show', label)).out);
    expect(shown.objects).toEqual({
      views: ['names'],
      materializedViews: ['per_day'],
      functions: ['twice'],
    });
    expect((await run('verify', label)).exit).toBe(0);
  });

  test('leaves out what the configuration does not want', async () => {
    const config = CONFIG.replace('{', '{include_views: false, include_mvs: false, ');
    const outcome = await site.run(['backup', 'full', '--group', 'all'], { config });
    expect(outcome.exit).toBe(0);
    expect(backupOf(outcome.statements)).not.toContain('VIEW');
    const manifest = await site.sql('SELECT DISTINCT table_name FROM ops.backup_partitions');
    expect(manifest).toHaveLength(3);
  });
});

describe('a lost database', () => {
  test('comes back with its views, which work, and its functions', async () => {
    await backup('full');
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 8, 'second')");
    const wanted = await salesRows(site);
    const label = await backup('incremental');
    await site.sql('DROP DATABASE sales_db FORCE');
    const restore = ['restore', '--target-label', label, '--create-database', '--yes'];
    const outcome = await run(...restore);
    expect(outcome.err).not.toContain('Error');
    expect(outcome.exit).toBe(0);
    expect(JSON.parse(outcome.out).objects).toEqual(['names', 'twice', 'per_day']);
    expect(await salesRows(site)).toEqual(wanted);
    expect(await rows('names')).toEqual(['x', 'y']);
    expect(await site.sql('SHOW FULL FUNCTIONS FROM sales_db')).toHaveLength(1);
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 9, 'third')");
    site.pass(60_000);
    expect(await rows('per_day')).toContain('2026-03-09,2');
  });
});

describe('restores of a live database', () => {
  test('leave views that are there and take back those they brought', async () => {
    const label = await backup('full');
    await site.sql('DROP VIEW sales_db.names');
    const { jobId, objects } = JSON.parse(
      (await run('restore', '--target-label', label, '--yes')).out,
    );
    expect(objects).toEqual(['names']);
    expect(await rows('names')).toEqual(['x', 'y']);
    expect((await run('restore', '--rollback', jobId)).exit).toBe(0);
    await expect(rows('names')).rejects.toThrow('names');
    expect(await rows('per_day')).toHaveLength(4);
  });

  test('tell in the plan and the result when a view could not be restored', async () => {
    const label = await backup('full');
    await site.sql('DROP VIEW sales_db.names');
    const { ServerError } = await import('../../src/br/errors.ts');
    const words = ['--exit-codes', 'extended', 'restore', '--target-label', label];
    const outcome = await site.run(words, {
      answer: 'y',
      onStatement(sql) {
        if (/^RESTORE[\s\S]*VIEW `names`/.test(sql)) throw new ServerError(1064, 'not this one');
      },
    });
    expect(outcome.err).toContain(`view names from ${label}, if it is missing`);
    expect(outcome.exit).toBe(7);
    expect(outcome.out).toContain('not restored: names');
    const history = await site.sql('SELECT status, error_message FROM ops.restore_history');
    expect(history).toEqual([{ status: 'FINISHED', error_message: 'not restored: names' }]);
    expect(await site.sql("SELECT * FROM ops.run_status WHERE state = 'ACTIVE'")).toEqual([]);
  });

  test('into another database bring no views, which would read the first one', async () => {
    const label = await backup('full');
    const outcome = await run('restore', '--target-label', label, '--to-database', 'copy', '--yes');
    expect(outcome.exit).toBe(0);
    expect(outcome.err).toContain('views are not restored into another database: names, per_day');
    const there = await site.sql('SHOW TABLES FROM copy');
    expect(there.map((row) => row['Tables_in_copy'])).toEqual(['dim', 'events', 'orders']);
  });
});

describe('an incremental backup', () => {
  test('is made for a view alone, and not again', async () => {
    await backup('full');
    expect((await run('backup', 'incremental', '--group', 'all')).exit).toBe(5);
    await site.sql('DROP VIEW sales_db.names');
    await site.sql('CREATE VIEW sales_db.names AS SELECT name, id FROM sales_db.dim');
    const label = await backup('incremental');
    await site.sql('DROP VIEW sales_db.names');
    expect((await run('restore', '--target-label', label, '--yes')).exit).toBe(0);
    expect(await rows('names')).toEqual(['x,1', 'y,2']);
  });
});
