/** Against StarRocks 3.3: other words for BACKUP and RESTORE, other columns (br-cli.md 4). */
import { beforeAll, expect, test } from 'vitest';
import { backupOf } from './sales.ts';
import { CONFIG, type Outcome, openSite, type Site } from './site.ts';

let site: Site;

function run(...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', ...words]);
}

async function rows(database = 'sales_db'): Promise<readonly string[]> {
  const all = await site.sql(`SELECT * FROM ${database}.orders`);
  return all.map((row) => Object.values(row).join(',')).sort();
}

beforeAll(async () => {
  site = await openSite({ starrocksVersion: '3.3' });
  await site.sql('CREATE DATABASE sales_db');
  await site.sql(
    'CREATE TABLE sales_db.orders (day DATE, id INT) DUPLICATE KEY(day) PARTITION BY RANGE(day) ' +
      "(PARTITION p1 VALUES LESS THAN ('2026-02-01'), " +
      "PARTITION p2 VALUES LESS THAN ('2026-03-01')) " +
      'DISTRIBUTED BY HASH(id) BUCKETS 1',
  );
  await site.sql('CREATE VIEW sales_db.ids AS SELECT id FROM sales_db.orders');
  await site.sql("INSERT INTO sales_db.orders VALUES ('2026-01-05', 1), ('2026-02-05', 2)");
  await site.run(['init']);
  await site.run(['inventory', 'add', '--group', 'all', '*']);
});

test('AC-CONN-1: SHOW FRONTENDS with and without Id, both are read by name', async () => {
  const newer = await openSite();
  expect(Object.keys((await newer.sql('SHOW FRONTENDS'))[0] ?? {})).toContain('Id');
  expect(Object.keys((await site.sql('SHOW FRONTENDS'))[0] ?? {})).not.toContain('Id');
  await newer.sql('CREATE DATABASE sales_db');
  for (const each of [newer, site]) {
    expect((await each.run(['doctor'])).out).toContain('ok   nodes: all nodes are alive');
  }
});

test('full, incremental and their restores in the words of 3.3', async () => {
  const full = await run('backup', 'full', '--group', 'all');
  expect(full.err).toContain('this release cannot back up views, left out: ids');
  expect(full.exit).toBe(0);
  expect(backupOf(full.statements)).toMatch(
    /^BACKUP SNAPSHOT `sales_db`.`sales_db_\d+_full` TO `repo` ON \(`orders`\)$/,
  );
  await site.sql("INSERT INTO sales_db.orders VALUES ('2026-02-06', 3)");
  const wanted = await rows();
  const second = await run('backup', 'incremental', '--group', 'all');
  expect(backupOf(second.statements)).toContain('ON (`orders` PARTITION (`p2`))');
  const { label } = JSON.parse(second.out);
  await site.sql('TRUNCATE TABLE sales_db.orders');
  const restored = await run('restore', '--target-label', label, '--yes');
  expect(restored.err).not.toContain('Error');
  expect(restored.exit).toBe(0);
  const restores = restored.statements.filter((sql) => sql.startsWith('RESTORE'));
  expect(restores[0]).toMatch(/^RESTORE SNAPSHOT `sales_db`\.`sales_db_\d+_full`\n/);
  expect(restores[0]).toContain('AS `orders_restored`');
  expect(await rows()).toEqual(wanted);
  const copy = ['restore', '--target-label', label, '--to-database', 'copy', '--yes'];
  expect((await run(...copy)).exit).toBe(0);
  expect(await rows('copy')).toEqual(wanted);
});

test('snapshots of the ops database and bootstrap do too', async () => {
  const config = CONFIG.replace('meta_snapshot: false', 'meta_snapshot: true');
  const backup = await site.run(['--json', 'backup', 'full', '--group', 'all'], { config });
  expect(backup.err).toMatch(/snapshot of ops: opsmeta_\d+_1/);
  const { label } = JSON.parse(backup.out);
  await site.sql('DROP DATABASE ops FORCE');
  const outcome = await run('bootstrap');
  expect(outcome.err).not.toContain('Error');
  expect(JSON.parse(outcome.out).restorable).toContain(label);
});

test('a table that 3.3 cannot back up is refused by the server, by name', async () => {
  await site.sql(
    'CREATE TABLE sales_db.events (id INT, place VARCHAR(20) NOT NULL) DUPLICATE KEY(id) ' +
      "PARTITION BY LIST(place) (PARTITION eu VALUES IN ('eu')) DISTRIBUTED BY HASH(id) BUCKETS 1",
  );
  const outcome = await run('backup', 'full', '--group', 'all', '--name', 'refused');
  expect(outcome.exit).toBe(1);
  expect(outcome.err).toContain('Table events is partitioned by LIST');
});
