/** `srbr init` against a cluster (br-cli.md 5). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { UPSTREAM_TABLES } from '../../src/br/ops/tables.ts';
import { backupOf, createSales, openSales } from './sales.ts';
import { CONFIG, openSite, type Site } from './site.ts';

let site: Site;

beforeAll(async () => {
  site = await openSite();
});

describe('srbr init', () => {
  test('AC-OPS-4: makes nothing when the repository is unknown', async () => {
    const outcome = await site.run(['init'], { config: CONFIG.replace('repo\n', 'nowhere\n') });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain("repository 'nowhere' not found");
    expect(outcome.err).toContain('CREATE REPOSITORY');
    expect((await site.sql('SHOW DATABASES')).map((row) => row['Database'])).not.toContain('ops');
  });

  test("E2E-01: makes upstream's five tables and five of its own, and again nothing", async () => {
    const first = await site.run(['init']);
    expect(first.err).toContain('database ops is ready');
    expect(first.exit).toBe(0);
    const tables = (await site.sql('SHOW TABLES FROM ops')).map((row) => row['Tables_in_ops']);
    expect(tables).toEqual(expect.arrayContaining(UPSTREAM_TABLES.map(({ name }) => name)));
    expect(tables).toHaveLength(10);
    const again = await site.run(['--json', 'init']);
    expect(JSON.parse(again.out)).toMatchObject({ created: [], added: 0 });
  });
});

/** Upstream's own statements, as it sends them (starrocks-br-client.md 3, 4 and 8). */
const UPSTREAM_DDL = readFileSync(new URL('upstream-init.sql', import.meta.url), 'utf8');

describe('the tables of upstream', () => {
  test('AC-OPS-1: are those of the golden file, and a second init adds no row', async () => {
    const own = await openSales();
    const texts: string[] = [];
    for (const { name } of UPSTREAM_TABLES) {
      const [row] = await own.sql(`SHOW CREATE TABLE ops.${name}`);
      texts.push(row?.['Create Table'] ?? '');
    }
    const golden = readFileSync(new URL('ops-tables.golden.sql', import.meta.url), 'utf8');
    expect(`${texts.join('\n\n')}\n`).toBe(golden);
    const count = 'SELECT COUNT(*) AS total FROM ops.table_inventory';
    const before = await own.sql(count);
    expect((await own.run(['init'])).exit).toBe(0);
    expect(await own.sql(count)).toEqual(before);
  });

  test('AC-OPS-2: made by upstream serve srbr, and made by srbr serve upstream', async () => {
    const theirs = await openSite();
    await createSales(theirs);
    for (const statement of UPSTREAM_DDL.split(/;\n/)) {
      if (statement.trim() !== '') await theirs.sql(statement);
    }
    const full = ['backup', 'full', '--group', 'daily'];
    expect((await theirs.run(full)).exit).toBe(0);

    const ours = await openSales();
    await ours.sql("SELECT label FROM ops.backup_history WHERE label LIKE 'sales_db%'");
    await ours.sql(
      'INSERT INTO ops.run_status (scope, label, state, started_at) ' +
        "VALUES ('backup', 'theirs', 'ACTIVE', NOW())",
    );
    await ours.sql(
      'INSERT INTO ops.backup_partitions (key_hash, label, database_name, table_name, ' +
        "partition_name) VALUES ('abc', 'theirs', 'sales_db', 'dim', 'dim')",
    );
    await ours.sql(
      'INSERT INTO ops.backup_history ( label, backup_type, status, repository, started_at, ' +
        "finished_at, error_message ) VALUES ( 'theirs', 'full', 'FINISHED', 'repo', " +
        "'2025-01-01 00:00:00', '2025-01-01 00:00:10', NULL )",
    );
    await ours.sql(
      "UPDATE ops.run_status SET state='FINISHED', finished_at=NOW() " +
        "WHERE scope='backup' AND label='theirs'",
    );
    const [listed] = JSON.parse((await ours.run(['--json', 'list'])).out);
    expect(listed).toMatchObject({ label: 'theirs', status: 'FINISHED', partitions: 1 });
  });
});

describe('the inventory', () => {
  test('AC-OPS-5: keeps quotes and backslashes as they are', async () => {
    const config = `${CONFIG}table_inventory:
  - {group: "O'Brien", tables: [{database: 'a\\b', table: "it's"}]}
`;
    const own = await openSite();
    expect((await own.run(['init'], { config })).exit).toBe(0);
    const rows = await own.sql(
      'SELECT inventory_group, database_name, table_name FROM ops.table_inventory',
    );
    expect(rows).toEqual([
      { inventory_group: "O'Brien", database_name: 'a\\b', table_name: "it's" },
    ]);
  });

  test('AC-OPS-6: --sync-inventory removes what its groups no longer list, no other', async () => {
    const own = await openSales();
    const config = `${CONFIG}table_inventory:
  - {group: g, tables: [{database: sales_db, table: dim}]}
`;
    const outcome = await own.run(['--json', 'init', '--sync-inventory'], { config });
    expect(JSON.parse(outcome.out)).toMatchObject({ added: 0, removed: 1 });
    const rows = await own.sql(
      'SELECT inventory_group, table_name FROM ops.table_inventory ORDER BY 1, 2',
    );
    expect(rows.map((row) => Object.values(row).join('.'))).toEqual(['all.*', 'g.dim']);
  });

  test('E2E-03: comes from the configuration; an unknown database is one warning', async () => {
    const own = await openSite();
    await createSales(own);
    const config = `${CONFIG}table_inventory:
  - group: g
    tables: [{database: sales_db, table: dim}, {database: nowhere, table: '*'}]
`;
    const outcome = await own.run(['--json', 'init'], { config });
    expect(outcome.exit).toBe(0);
    expect(JSON.parse(outcome.out).added).toBe(2);
    expect(outcome.err.match(/there is no database nowhere/g)).toHaveLength(1);
  });

  test('E2E-02: on a virgin cluster a backup makes the schema and ends there', async () => {
    const own = await openSite();
    await createSales(own);
    const full = ['backup', 'full', '--group', 'g'];
    const dry = await own.run([...full, '--dry-run']);
    expect(dry.exit).toBe(1);
    expect(dry.err).toContain('database ops lacks table_inventory');
    const first = await own.run(full);
    expect(first.exit).toBe(1);
    expect(first.err).toContain('the ops schema was created');
    expect(first.err).toContain('add rows to ops.table_inventory');
    expect(backupOf(first.statements)).toBeUndefined();
    await own.sql(
      'INSERT INTO ops.table_inventory (inventory_group, database_name, table_name) ' +
        "VALUES ('g', 'sales_db', 'orders')",
    );
    expect((await own.run(full)).exit).toBe(0);
  });
});

describe('srbr init --migrate', () => {
  let own: Site;
  const LABEL = 'sales_db_20250101_full';

  /** Gives tables the layout that older releases made. */
  async function makeOld(): Promise<void> {
    await own.sql('ALTER TABLE ops.backup_partitions RENAME kept');
    await own.sql(
      'CREATE TABLE ops.backup_partitions (label STRING NOT NULL, database_name STRING NOT NULL, ' +
        'table_name STRING NOT NULL, partition_name STRING NOT NULL, ' +
        'created_at DATETIME DEFAULT CURRENT_TIMESTAMP) ' +
        'PRIMARY KEY (label, database_name, table_name, partition_name)',
    );
    await own.sql(
      'INSERT INTO ops.backup_partitions (label, database_name, table_name, partition_name, ' +
        'created_at) SELECT label, database_name, table_name, partition_name, created_at ' +
        'FROM ops.kept',
    );
    await own.sql('ALTER TABLE ops.br_claims RENAME old_claims');
    await own.sql(
      'CREATE TABLE ops.br_claims (claim_id VARCHAR(64) NOT NULL) PRIMARY KEY (claim_id)',
    );
    await own.sql("INSERT INTO ops.br_claims VALUES ('one')");
  }

  beforeEach(async () => {
    own = await openSales();
    await own.run(['backup', 'full', '--group', 'g']);
    await makeOld();
  });

  test('keeps the rows of older layouts, which other commands refuse by name', async () => {
    for (const words of [['list'], ['init'], ['bootstrap']]) {
      const refused = await own.run(['--exit-codes', 'extended', ...words]);
      expect(refused.exit).toBe(4);
      expect(refused.err).toContain('backup_partitions (no key_hash)');
      expect(refused.err).toContain('srbr init --migrate');
    }
    const planned = JSON.parse((await own.run(['--json', 'init', '--migrate', '--dry-run'])).out);
    expect(planned.migrate).toEqual(['backup_partitions', 'br_claims']);
    expect((await own.run(['init', '--migrate'])).exit).toBe(0);
    const [row] = await own.sql(
      "SELECT key_hash, created_at FROM ops.backup_partitions WHERE partition_name = 'p1'",
    );
    const [kept] = await own.sql("SELECT created_at FROM ops.kept WHERE partition_name = 'p1'");
    const key = createHash('md5').update(`${LABEL}|sales_db|orders|p1`).digest('hex');
    expect(row).toEqual({ key_hash: key, created_at: kept?.['created_at'] });
    expect(await own.sql('SELECT claim_id, owner FROM ops.br_claims')).toEqual([
      { claim_id: 'one', owner: null },
    ]);
    expect((await own.run(['verify', LABEL])).exit).toBe(0);
  });

  test('killed between any two statements loses nothing', async () => {
    const { LostConnection } = await import('../../src/br/errors.ts');
    let isOver = false;
    for (let at = 6; !isOver; at += 3) {
      const outcome = await own.run(['init', '--migrate'], {
        onStatement(_, index) {
          if (index >= at) throw new LostConnection('killed');
        },
      });
      isOver = outcome.exit === 0;
      const rows = await own.sql('SELECT label FROM ops.backup_partitions');
      expect(rows).toHaveLength(5);
    }
    const names = (await own.sql('SHOW TABLES FROM ops')).map((row) => row['Tables_in_ops']);
    expect(names.filter((name) => name?.endsWith('_migrated'))).toEqual([]);
    expect((await own.run(['verify', LABEL])).exit).toBe(0);
  });
});
