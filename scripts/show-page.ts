/**
 * The page of columns: every SHOW and every table of information_schema is asked of a virtual
 * cluster of each release, so that the page says what clients get.
 */
import { type Cluster, PROFILES, type ProfileName, startCluster } from '../src/index.ts';

const STATEMENTS: readonly string[] = [
  'SHOW REPOSITORIES',
  'SHOW SNAPSHOT ON r',
  "SHOW SNAPSHOT ON r WHERE SNAPSHOT = 's' AND TIMESTAMP = '2024-01-01-00-00-00-000'",
  'SHOW BACKUP',
  'SHOW RESTORE',
  'SHOW PARTITIONS FROM d.t',
  'SHOW TABLET FROM d.t',
  'SHOW TABLET 1',
  'SHOW DATA FROM d.t',
  'SHOW DATA',
  'SHOW BACKENDS',
  'SHOW FRONTENDS',
  'SHOW BROKER',
  'SHOW COMPUTE NODES',
  "SHOW PROC '/'",
  "SHOW PROC '/dbs'",
  "SHOW PROC '/dbs/d'",
  "SHOW PROC '/dbs/d/t'",
  "SHOW PROC '/dbs/d/t/partitions'",
  "SHOW PROC '/dbs/d/t/index_schema'",
  "SHOW PROC '/jobs'",
  "SHOW PROC '/statistic'",
  "SHOW PROC '/colocation_group'",
  'SHOW DATABASES',
  'SHOW CREATE DATABASE d',
  'SHOW TABLES FROM d',
  'SHOW FULL TABLES FROM d',
  'SHOW TABLE STATUS FROM d',
  'SHOW OPEN TABLES',
  'SHOW CREATE TABLE d.t',
  'SHOW CREATE VIEW d.v',
  'DESC d.t',
  'DESC d.t ALL',
  'SHOW COLUMNS FROM d.t',
  'SHOW FULL COLUMNS FROM d.t',
  'SHOW INDEX FROM d.t',
  'SHOW LOAD FROM d',
  'SHOW TRANSACTION FROM d WHERE ID = 1',
  'SHOW MATERIALIZED VIEWS FROM d',
  'SHOW ALTER TABLE ROLLUP FROM d',
  'SHOW ALTER TABLE COLUMN FROM d',
  'SHOW DYNAMIC PARTITION TABLES FROM d',
  'SHOW PROCESSLIST',
  'SHOW VARIABLES',
  'SHOW VERBOSE VARIABLES',
  'SHOW STATUS',
  'SHOW WARNINGS',
  'SHOW ERRORS',
  'SHOW CATALOGS',
  'SHOW GRANTS',
  'SHOW ROLES',
  'SHOW USERS',
  'SHOW PROPERTY',
  'SHOW FULL FUNCTIONS FROM d',
  'SHOW ENGINES',
  'SHOW CHARSET',
  'SHOW COLLATION',
  'SHOW PLUGINS',
  'SHOW PRIVILEGES',
  'SHOW PROCEDURE STATUS',
  'SHOW FUNCTION STATUS',
  'SHOW TRIGGERS',
  'SHOW EVENTS',
  'SHOW STORAGE VOLUMES',
  'ADMIN SHOW FRONTEND CONFIG',
  'ADMIN SHOW REPLICA DISTRIBUTION FROM d.t',
  'SHOW FAILPOINTS',
];

const SETUP = `CREATE DATABASE d; USE d;
  CREATE TABLE t (id INT NOT NULL) DUPLICATE KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 1;
  INSERT INTO t VALUES (1);
  CREATE VIEW v AS SELECT id FROM t;
  CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'`;

export async function showPage(): Promise<string> {
  const answers = new Map<ProfileName, ReadonlyMap<string, string>>();
  for (const name of Object.keys(PROFILES) as ProfileName[]) {
    answers.set(name, await columnsIn(name));
  }
  const line = (what: string): string =>
    distinct([...answers].map(([name, columns]) => [name, columns.get(what) ?? '']))
      .map(({ names, columns }) => `| \`${what}\` | ${names} | ${columns} |\n`)
      .join('');
  const tables = [...(answers.get('4.2')?.keys() ?? [])].filter((key) => !isStatement(key));
  return `# Columns

Made by \`npm run docs\`, by asking a cluster of each release. Where releases differ, each has a line of its own.
Differences in what the cells hold are rows of [fidelity.md](fidelity.md).

## SHOW

| statement | release | columns |
| --- | --- | --- |
${STATEMENTS.map(line).join('')}
## information_schema

| table | release | columns |
| --- | --- | --- |
${tables.map(line).join('')}`;
}

const isStatement = (key: string): boolean => STATEMENTS.includes(key);

/** By statement or table. */
async function columnsIn(profile: ProfileName): Promise<ReadonlyMap<string, string>> {
  const clock = 'virtual';
  await using cluster = await startCluster({ clock, backends: 1, starrocksVersion: profile });
  await cluster.query(SETUP);
  const found = new Map<string, string>();
  const note = async (what: string, sql: string): Promise<void> => {
    const { columns } = await cluster.query(`USE d; ${sql}`);
    found.set(what, columns.map((column) => `\`${column}\``).join(', '));
  };
  const { rows } = await cluster.query('SHOW LOAD FROM d');
  const txnId = String(rows[0]?.[0]);
  for (const sql of STATEMENTS) await note(sql, sql.replace('ID = 1', `ID = ${txnId}`));
  for (const table of await systemTables(cluster)) {
    await note(table, `SELECT * FROM information_schema.${table} LIMIT 0`);
  }
  return found;
}

async function systemTables(cluster: Cluster): Promise<readonly string[]> {
  const { rows } = await cluster.query('SHOW TABLES FROM information_schema');
  return rows.map(([name]) => String(name));
}

/** Releases with the same columns go together. */
function distinct(
  pairs: readonly (readonly [ProfileName, string])[],
): readonly { readonly names: string; readonly columns: string }[] {
  const groups = new Map<string, ProfileName[]>();
  for (const [name, columns] of pairs) groups.set(columns, [...(groups.get(columns) ?? []), name]);
  return [...groups].map(([columns, names]) => ({
    names: names.length === pairs.length ? 'all' : names.join(', '),
    columns,
  }));
}
