/** The database that most tests of `srbr` back up (br-cli.md 10, common fixture). */
import { openSite, type Site } from './site.ts';

const MONTHS = ['2026-02-01', '2026-03-01', '2026-04-01', '2026-05-01'];

export async function openSales(options: Parameters<typeof openSite>[0] = {}): Promise<Site> {
  const site = await openSite(options);
  await createSales(site);
  await site.run(['init']);
  await site.run(['inventory', 'add', '--group', 'g', 'orders', 'dim']);
  await site.run(['inventory', 'add', '--group', 'all', '*']);
  return site;
}

export async function createSales(site: Site): Promise<void> {
  const partitions = MONTHS.map(
    (day, index) => `PARTITION p${index + 1} VALUES LESS THAN ('${day}')`,
  );
  await site.sql('CREATE DATABASE sales_db');
  await site.sql(
    'CREATE TABLE sales_db.orders (day DATE, id INT, note VARCHAR(20)) DUPLICATE KEY(day, id) ' +
      `PARTITION BY RANGE(day) (${partitions.join(', ')}) DISTRIBUTED BY HASH(id) BUCKETS 1`,
  );
  await site.sql(
    'CREATE TABLE sales_db.dim (id INT NOT NULL, name VARCHAR(20)) PRIMARY KEY(id) ' +
      'DISTRIBUTED BY HASH(id) BUCKETS 1',
  );
  await site.sql(
    'CREATE TABLE sales_db.events (id INT, place VARCHAR(20) NOT NULL) DUPLICATE KEY(id) ' +
      "PARTITION BY LIST(place) (PARTITION eu VALUES IN ('eu'), PARTITION us VALUES IN ('us')) " +
      'DISTRIBUTED BY HASH(id) BUCKETS 1',
  );
  await site.sql(
    "INSERT INTO sales_db.orders VALUES ('2026-01-05', 1, 'a'), ('2026-02-05', 2, 'b'), " +
      "('2026-03-05', 3, 'c'), ('2026-04-05', 4, 'd')",
  );
  await site.sql("INSERT INTO sales_db.dim VALUES (1, 'x'), (2, 'y')");
  await site.sql("INSERT INTO sales_db.events VALUES (1, 'eu'), (2, 'us')");
}

/** Every row of the three tables, sorted. */
export async function salesRows(
  site: Site,
  database = 'sales_db',
): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows: Record<string, readonly string[]> = {};
  for (const table of ['orders', 'dim', 'events']) {
    const all = await site.sql(`SELECT * FROM \`${database}\`.${table}`);
    rows[table] = all.map((row) => Object.values(row).join(',')).sort();
  }
  return rows;
}

/** The BACKUP statement that a call sent, on one line. */
export function backupOf(statements: readonly string[]): string | undefined {
  return statements.find((sql) => /^BACKUP/.test(sql))?.replace(/\s+/g, ' ');
}
