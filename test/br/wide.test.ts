/** Many partitions: what is sent (br-cli.md 10, E2E-40). */
import { expect, test } from 'vitest';
import { type Outcome, openSite, type Site } from './site.ts';

const FEW = 3;
const MANY = 90;

async function createTable(site: Site, name: string, count: number): Promise<void> {
  const partitions = Array.from(
    { length: count },
    (_, index) => `PARTITION p${index} VALUES LESS THAN ('${index + 1}')`,
  );
  await site.sql(
    `CREATE TABLE sales_db.${name} (id INT NOT NULL) DUPLICATE KEY(id) ` +
      `PARTITION BY RANGE(id) (${partitions.join(', ')}) DISTRIBUTED BY HASH(id) BUCKETS 1`,
  );
}

/** Looks at a job, which are as many as it lasts, do not count. */
function countOf({ exit, err, statements }: Outcome): number {
  expect(exit, err).toBe(0);
  return statements.filter((sql) => !/^SHOW (BACKUP|RESTORE)|br_claims/.test(sql)).length;
}

test('E2E-40: statements do not grow with partitions', async () => {
  const site = await openSite();
  await site.sql('CREATE DATABASE sales_db');
  await createTable(site, 'few', FEW);
  await createTable(site, 'many', MANY);
  await site.run(['init']);
  const counts: Record<string, readonly number[]> = {};
  for (const name of ['few', 'many']) {
    await site.run(['inventory', 'add', '--group', name, name]);
    const full = await site.run(['backup', 'full', '--group', name, '--name', `${name}_full`]);
    await site.sql(`INSERT INTO sales_db.${name} VALUES (1)`);
    const words = ['backup', 'incremental', '--group', name, '--name', `${name}_inc`];
    const incremental = await site.run(words);
    const restored = await site.run(['restore', '--target-label', `${name}_inc`, '--yes']);
    counts[name] = [full, incremental, restored].map(countOf);
    expect(await site.sql(`SELECT * FROM sales_db.${name}`)).toEqual([{ id: '1' }]);
  }
  expect(counts['many']).toEqual(counts['few']);
});
