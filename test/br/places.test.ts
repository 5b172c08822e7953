/** Odd names and other zones (br-cli.md 4, 6.3, 6.6). */
import { expect, test } from 'vitest';
import { backupOf, createSales, openSales, salesRows } from './sales.ts';
import { CONFIG, openSite } from './site.ts';

test('AC-CONN-2, E2E-39: names with hyphens, blanks and reserved words', async () => {
  const site = await openSite();
  const config = CONFIG.replace('database: sales_db', 'database: my-db');
  await site.sql('CREATE DATABASE `my-db`');
  await site.sql(
    'CREATE TABLE `my-db`.`sel ect` (id INT, `or der` INT) DUPLICATE KEY(id) ' +
      "PARTITION BY RANGE(id) (PARTITION `from` VALUES LESS THAN ('10')) " +
      'DISTRIBUTED BY HASH(id) BUCKETS 1',
  );
  await site.sql('INSERT INTO `my-db`.`sel ect` VALUES (1, 2)');
  await site.run(['init'], { config });
  await site.run(['inventory', 'add', '--group', "O'Brien", 'sel ect'], { config });
  const backup = ['backup', 'full', '--group', "O'Brien", '--name', 'odd'];
  expect((await site.run(backup, { config })).exit).toBe(0);
  await site.sql('INSERT INTO `my-db`.`sel ect` VALUES (3, 4)');
  const restored = await site.run(['restore', '--target-label', 'odd', '--yes'], { config });
  expect(restored.exit).toBe(0);
  expect(await site.sql('SELECT * FROM `my-db`.`sel ect`')).toEqual([{ id: '1', 'or der': '2' }]);
  expect((await site.run(['prune', '--snapshot', 'odd', '--yes'], { config })).exit).toBe(0);
});

test.each(['Asia/Shanghai', 'America/Sao_Paulo', 'Pacific/Auckland'])(
  'AC-INC-4, AC-LBL-5, E2E-09: the cluster lives in %s',
  async (timeZone) => {
    const site = await openSite({ timeZone });
    await createSales(site);
    await site.run(['init']);
    await site.run(['inventory', 'add', '--group', 'g', '*']);
    const [now] = await site.sql('SELECT NOW() AS at');
    const full = JSON.parse((await site.run(['--json', 'backup', 'full', '--group', 'g'])).out);
    expect(full.label).toBe(`sales_db_${now?.['at']?.slice(0, 10).replaceAll('-', '')}_full`);
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-07', 9, 'new')");
    const wanted = await salesRows(site);
    const second = await site.run(['--json', 'backup', 'incremental', '--group', 'g']);
    expect(backupOf(second.statements)).toContain('ON (TABLE `orders` PARTITION (`p3`))');
    await site.sql('TRUNCATE TABLE sales_db.orders');
    const { label } = JSON.parse(second.out);
    expect((await site.run(['restore', '--target-label', label, '--yes'])).exit).toBe(0);
    expect(await salesRows(site)).toEqual(wanted);
  },
);

test('AC-OPS-3: a missing table of upstream is made again, and the run ends there', async () => {
  const site = await openSales();
  await site.sql('DROP TABLE ops.backup_partitions');
  const outcome = await site.run(['backup', 'full', '--group', 'g']);
  expect(outcome.exit).toBe(1);
  expect(outcome.err).toContain('created: backup_partitions');
  await site.sql('DROP TABLE ops.br_events');
  expect((await site.run(['backup', 'full', '--group', 'g'])).exit).toBe(0);
});
