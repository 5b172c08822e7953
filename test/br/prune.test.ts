/** Retention and the start on an empty cluster (br-cli.md 7.6, 7.7). */
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryBlob } from '../../src/index.ts';
import { createSales, openSales, salesRows } from './sales.ts';
import { CONFIG, type Outcome, openSite, type Site } from './site.ts';

let site: Site;

function run(...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', ...words]);
}

async function backup(type: string, ...more: readonly string[]): Promise<string> {
  site.pass(60_000);
  const outcome = await run('backup', type, '--group', 'all', ...more);
  expect(outcome.exit).toBe(0);
  return JSON.parse(outcome.out).label;
}

async function change(): Promise<void> {
  await site.sql("INSERT INTO sales_db.dim VALUES (7, 'changed')");
}

async function labels(): Promise<readonly (string | null | undefined)[]> {
  const rows = await site.sql('SELECT label FROM ops.backup_history ORDER BY started_at');
  return rows.map((row) => row['label']);
}

async function snapshots(): Promise<readonly (string | null | undefined)[]> {
  return (await site.sql('SHOW SNAPSHOT ON repo')).map((row) => row['Snapshot']).sort();
}

describe('srbr prune', () => {
  beforeEach(async () => {
    site = await openSales();
  });

  test('AC-PRUNE-1, AC-PRUNE-2, AC-PRUNE-3, AC-PRUNE-4, AC-PRUNE-8: as upstream does', async () => {
    const all = [await backup('full'), await backup('full'), await backup('full')];
    const [first, second, third] = all;
    const dry = await run('prune', '--keep-last', '1', '--dry-run');
    expect(JSON.parse(dry.out).wouldDelete).toEqual([first, second]);
    expect(dry.statements.filter((sql) => !/^(SELECT|SHOW|ADMIN SHOW)/.test(sql))).toEqual([]);
    expect(await labels()).toEqual(all);
    expect(await snapshots()).toEqual(all);
    await run('prune', '--snapshot', first ?? '', '--yes');
    expect(await labels()).toEqual([second, third]);
    const [row] = await site.sql(
      `SELECT finished_at FROM ops.backup_history WHERE label = '${third}'`,
    );
    await run('prune', '--older-than', row?.['finished_at'] ?? '', '--yes');
    expect(await labels()).toEqual([third]);
    expect(await snapshots()).toEqual([third]);
    expect(await site.sql(`SELECT * FROM ops.backup_partitions WHERE label = '${first}'`)).toEqual(
      [],
    );
    await run('prune', '--snapshots', `${third}`, '--yes');
    expect(await labels()).toEqual([]);
  });

  test('AC-PRUNE-5, AC-PRUNE-6, E2E-28: what a kept backup stands on stays', async () => {
    const full = await backup('full');
    await change();
    const first = await backup('incremental');
    await change();
    const second = await backup('incremental');
    await run('prune', '--keep-last', '1', '--yes');
    expect(await labels()).toEqual([full, second]);
    expect(first).not.toBe(second);
    const refused = await run('prune', '--snapshot', full, '--yes');
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain(`${second} stands on it`);
    const cascaded = await run('prune', '--snapshot', full, '--cascade', '--yes');
    expect(JSON.parse(cascaded.out).deleted).toEqual([second, full]);
    expect(await snapshots()).toEqual([]);
  });

  test('AC-PRUNE-10: times are those of the cluster; without an end it is skipped', async () => {
    site = await openSite({ timeZone: 'Asia/Shanghai' });
    await createSales(site);
    await site.run(['init']);
    await site.run(['inventory', 'add', '--group', 'all', '*']);
    const first = await backup('full');
    site.pass(2 * 3_600_000);
    await backup('full');
    const older = async (time: string): Promise<unknown> =>
      JSON.parse((await run('prune', '--older-than', time, '--dry-run')).out).wouldDelete;
    expect(await older('1h')).toEqual([first]);
    expect(await older('2025-01-01 09:00:00')).toEqual([first]);
    expect(await older('2025-01-01 08:00:00')).toEqual([]);
    await site.sql(`UPDATE ops.backup_history SET finished_at = NULL WHERE label = '${first}'`);
    const skipped = await run('prune', '--older-than', '1h', '--yes');
    expect(skipped.exit).toBe(0);
    expect(skipped.err).toContain(`${first}: when it finished is not known; skipped`);
    expect(await labels()).toContain(first);
  });

  test('AC-PRUNE-9, AC-PRUNE-11: labels that are none delete nothing', async () => {
    const full = await backup('full');
    for (const label of ["x' OR '1'='1", 'nope']) {
      const outcome = await run('prune', '--snapshot', label, '--yes');
      expect(outcome.exit).toBe(1);
    }
    expect(await labels()).toEqual([full]);
    expect((await run('prune', '--keep-last', '1', '--snapshot', full)).exit).toBe(1);
    expect((await run('prune', '--keep-last', '0')).exit).toBe(1);
  });

  test('AC-PRUNE-7: a frontend that cannot drop snapshots keeps the records', async () => {
    const full = await backup('full');
    const { ServerError } = await import('../../src/br/errors.ts');
    const outcome = await site.run(['prune', '--snapshot', full, '--yes'], {
      onStatement(sql) {
        if (sql.startsWith('DROP SNAPSHOT')) throw new ServerError(1064, 'syntax error');
      },
    });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('DROP SNAPSHOT needs StarRocks 4.2');
    expect(await labels()).toEqual([full]);
  });
});

describe('srbr bootstrap', () => {
  const config = CONFIG.replace('meta_snapshot: false', 'meta_snapshot: true');
  const boot = `CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups';`;
  const files = new Map([['repo.sql', boot]]);

  test.each([true, false])(
    'AC-DR-1, AC-DR-2, AC-DR-3, E2E-31, E2E-32: on a new cluster, with its records: %s',
    async (hasMeta) => {
      const memoryStore = new MemoryBlob();
      site = await openSite({ memoryStore });
      await createSales(site);
      const how = hasMeta ? { config } : {};
      await site.run(['init'], how);
      await site.run(['inventory', 'add', '--group', 'all', '*'], how);
      const full = await site.run(['--json', 'backup', 'full', '--group', 'all'], how);
      const { label: base } = JSON.parse(full.out);
      await change();
      const wanted = await salesRows(site);
      const second = await site.run(['--json', 'backup', 'incremental', '--group', 'all'], how);
      const { label } = JSON.parse(second.out);
      await site.cluster.stop();

      site = await openSite({ memoryStore, seed: 8n }, { withRepository: false });
      const first = await site.run(['--json', 'bootstrap', '--repository-sql', 'repo.sql'], {
        files,
        ...how,
      });
      expect(first.err).not.toContain('Error');
      expect(first.exit).toBe(0);
      const found = JSON.parse(first.out);
      expect(found.restorable).toEqual(hasMeta ? [base, label] : [base]);
      expect(found.needBase).toEqual(hasMeta ? [] : [label]);
      const again = await site.run(['--json', 'bootstrap'], how);
      expect(JSON.parse(again.out)).toEqual({ ...found, found: [] });
      const restore = ['restore', '--target-label', label, '--create-database', '--yes'];
      const outcome = await site.run(hasMeta ? restore : [...restore, '--base', base], how);
      expect(outcome.exit).toBe(0);
      expect(await salesRows(site)).toEqual(wanted);
    },
  );

  test('AC-DR-4: a meta snapshot that fails is an event, not a failed backup', async () => {
    site = await openSales();
    const { ServerError } = await import('../../src/br/errors.ts');
    const outcome = await site.run(['backup', 'full', '--group', 'g'], {
      config,
      onStatement(sql) {
        if (sql.startsWith('BACKUP DATABASE `ops`')) throw new ServerError(5064, 'busy');
      },
    });
    expect(outcome.exit).toBe(0);
    expect(
      await site.sql("SELECT detail FROM ops.br_events WHERE event = 'meta-snapshot.failed'"),
    ).toHaveLength(1);
  });
});
