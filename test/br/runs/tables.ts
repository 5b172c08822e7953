/** The business database of a random run: its tables as texts, and changes to them. */
import type { Site } from '../site.ts';
import type { Change } from './moves.ts';

/** What a table is and holds, as one text; by name. */
export type Tables = ReadonlyMap<string, string>;

export const DATABASE: string = 'sales_db';

const DEFINITIONS: Readonly<Record<string, readonly string[]>> = {
  orders: [
    '(day DATE, id INT, note VARCHAR(20)) DUPLICATE KEY(day, id) PARTITION BY RANGE(day) ' +
      "(PARTITION p1 VALUES LESS THAN ('2026-02-01'), " +
      "PARTITION p2 VALUES LESS THAN ('2026-03-01')) " +
      'DISTRIBUTED BY HASH(id) BUCKETS 1',
  ],
  dim: [
    '(id INT NOT NULL, name VARCHAR(20)) PRIMARY KEY(id) DISTRIBUTED BY HASH(id) BUCKETS 1',
    '(id INT NOT NULL, name VARCHAR(20), extra INT) PRIMARY KEY(id) ' +
      'DISTRIBUTED BY HASH(id) BUCKETS 1',
  ],
  events: [
    '(id INT, place VARCHAR(20) NOT NULL) DUPLICATE KEY(id) PARTITION BY LIST(place) ' +
      "(PARTITION eu VALUES IN ('eu'), PARTITION us VALUES IN ('us')) " +
      'DISTRIBUTED BY HASH(id) BUCKETS 1',
  ],
};

export const TABLE_NAMES: readonly string[] = Object.keys(DEFINITIONS);

/** Upper bounds of range partitions, oldest first; the first two are there from the start. */
const MONTHS = ['2026-01-09', '2026-02-09', '2026-03-09', '2026-04-09', '2026-05-09'];
const BOUNDS = ['2026-02-01', '2026-03-01', '2026-04-01', '2026-05-01', '2026-06-01'];
const PLACES = ['eu', 'us', 'asia', 'africa'];

export async function createTables(site: Site): Promise<void> {
  await site.sql(`CREATE DATABASE ${DATABASE}`);
  for (const name of TABLE_NAMES) {
    await site.sql(`CREATE TABLE ${DATABASE}.${name} ${DEFINITIONS[name]?.[0]}`);
  }
}

export async function tableNames(
  site: Site,
  database: string = DATABASE,
): Promise<readonly string[]> {
  const rows = await site.sql(`SHOW TABLES FROM \`${database}\``);
  return rows.map((row) => row[`Tables_in_${database}`] ?? '');
}

export async function readTables(site: Site, database: string = DATABASE): Promise<Tables> {
  const tables = new Map<string, string>();
  for (const name of await tableNames(site, database)) {
    tables.set(name, await readTable(site, database, name));
  }
  return tables;
}

async function readTable(site: Site, database: string, name: string): Promise<string> {
  const path = `\`${database}\`.\`${name}\``;
  const columns = await site.sql(`DESC ${path}`);
  const partitions = await partitionNames(site, name, database);
  const rows = await site.sql(`SELECT * FROM ${path}`);
  // An unpartitioned table calls its one partition after itself, whatever it is called now.
  const named = partitions.length === 1 ? ['one'] : [...partitions].sort();
  return [
    columns.map((row) => `${row['Field']} ${row['Type']} ${row['Key']}`).join(', '),
    named.join(' '),
    rows
      .map((row) => Object.values(row).join(','))
      .sort()
      .join(' '),
  ].join(' | ');
}

async function partitionNames(
  site: Site,
  table: string,
  database: string = DATABASE,
): Promise<readonly string[]> {
  const rows = await site.sql(`SHOW PARTITIONS FROM \`${database}\`.\`${table}\``);
  return rows.map((row) => row['PartitionName'] ?? '');
}

let ids = 0;

/** Does nothing where there is nothing to change so. */
export async function applyChange(site: Site, { what, choice }: Change): Promise<void> {
  const there = new Set(await tableNames(site));
  const names = TABLE_NAMES.filter((name) => there.has(name));
  const missing = TABLE_NAMES.filter((name) => !there.has(name));
  const pool = what === 'create-table' ? missing : names;
  const table = pool[choice % Math.max(1, pool.length)];
  if (table === undefined) return;
  const sql = await statementOf(site, what, table, choice);
  if (sql !== undefined) await site.sql(sql);
}

async function statementOf(
  site: Site,
  what: Change['what'],
  table: string,
  choice: number,
): Promise<string | undefined> {
  const path = `${DATABASE}.${table}`;
  switch (what) {
    case 'insert':
      return await insertText(site, table, choice);
    case 'delete':
      return table === 'dim' ? `DELETE FROM ${path} WHERE id = ${choice % 5}` : undefined;
    case 'truncate':
      return `TRUNCATE TABLE ${path}`;
    case 'drop-table':
      return `DROP TABLE ${path} FORCE`;
    case 'create-table': {
      const forms = DEFINITIONS[table] ?? [];
      return `CREATE TABLE ${path} ${forms[choice % forms.length]}`;
    }
    case 'truncate-partition':
    case 'drop-partition': {
      const partitions = await partitionNames(site, table);
      if (table === 'dim' || partitions.length < 2) return undefined;
      const partition = partitions[choice % partitions.length];
      return what === 'drop-partition'
        ? `ALTER TABLE ${path} DROP PARTITION ${partition} FORCE`
        : `TRUNCATE TABLE ${path} PARTITION (${partition})`;
    }
    case 'add-partition':
      return await addPartitionText(site, table, choice);
  }
}

/** Into a partition that is there. */
async function insertText(site: Site, table: string, choice: number): Promise<string | undefined> {
  ids += 1;
  const path = `${DATABASE}.${table}`;
  if (table === 'dim') {
    const columns = await site.sql(`DESC ${path}`);
    const more = columns.length > 2 ? `, ${choice}` : '';
    return `INSERT INTO ${path} VALUES (${choice % 5}, 'n${ids}'${more})`;
  }
  const partitions = await partitionNames(site, table);
  const partition = partitions[choice % partitions.length] ?? '';
  if (table === 'events') return `INSERT INTO ${path} VALUES (${ids}, '${partition}')`;
  const month = MONTHS[Number(partition.slice(1)) - 1];
  return `INSERT INTO ${path} VALUES ('${month}', ${ids}, 'n${ids}')`;
}

/** A range is added above those that are there, a list where it is missing. */
async function addPartitionText(
  site: Site,
  table: string,
  choice: number,
): Promise<string | undefined> {
  const path = `${DATABASE}.${table}`;
  const partitions = await partitionNames(site, table);
  if (table === 'orders') {
    const last = Math.max(...partitions.map((name) => Number(name.slice(1))));
    const bound = BOUNDS[last];
    if (bound === undefined) return undefined;
    return `ALTER TABLE ${path} ADD PARTITION p${last + 1} VALUES LESS THAN ('${bound}')`;
  }
  const free = PLACES.filter((place) => !partitions.includes(place));
  const place = free[choice % Math.max(1, free.length)];
  if (table !== 'events' || place === undefined) return undefined;
  return `ALTER TABLE ${path} ADD PARTITION ${place} VALUES IN ('${place}')`;
}
