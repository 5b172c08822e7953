/** Restores against a cluster (br-cli.md 7.1 to 7.3). */
import { beforeEach, describe, expect, test } from 'vitest';
import { openSales, salesRows } from './sales.ts';
import type { CallOptions, Outcome, Site } from './site.ts';

type Rows = Awaited<ReturnType<typeof salesRows>>;

let site: Site;

async function backup(type: string, group = 'all', more: readonly string[] = []): Promise<string> {
  const outcome = await site.run(['--json', 'backup', type, '--group', group, ...more]);
  expect(outcome.err).toContain('FINISHED');
  return JSON.parse(outcome.out).label;
}

function restore(
  label: string,
  more: readonly string[] = [],
  how: CallOptions = {},
): Promise<Outcome> {
  return site.run(['--json', 'restore', '--target-label', label, '--yes', ...more], how);
}

async function tables(): Promise<readonly string[]> {
  return (await site.sql('SHOW TABLES FROM sales_db')).map(
    (row) => row['Tables_in_sales_db'] ?? '',
  );
}

function restoresOf(outcome: Outcome): readonly string[] {
  return outcome.statements.filter((sql) => /^RESTORE/.test(sql));
}

beforeEach(async () => {
  site = await openSales();
});

describe('srbr restore of a full backup', () => {
  let before: Rows;
  let label: string;

  beforeEach(async () => {
    before = await salesRows(site);
    label = await backup('full');
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-01-09', 7, 'later')");
  });

  test('AC-REST-1, AC-CHAIN-1: the rows are live, the old ones are set aside', async () => {
    const outcome = await restore(label);
    expect(outcome.err).toContain('orders is restored');
    expect(outcome.exit).toBe(0);
    expect(await salesRows(site)).toEqual(before);
    const [aside] = (await tables()).filter((name) => name.startsWith('orders_backup_'));
    expect(aside).toMatch(/^orders_backup_\d{8}_\d{6}$/);
    expect(await site.sql(`SELECT * FROM sales_db.${aside}`)).toHaveLength(5);
    expect(await site.sql('SELECT * FROM ops.restore_history')).toMatchObject([
      { backup_label: label, restore_type: 'database', status: 'FINISHED' },
    ]);
  });

  test('AC-CUT-4, AC-HIST-3: restoring again is another row and other names', async () => {
    await restore(label);
    await restore(label);
    const rows = await site.sql('SELECT verification_checksum AS sum FROM ops.restore_history');
    expect(rows).toHaveLength(2);
    expect(rows[0]?.['sum']).toMatch(/^[0-9a-f]{32}$/);
    expect(rows[1]).toEqual(rows[0]);
    expect((await tables()).filter((name) => name.startsWith('dim_backup_'))).toHaveLength(2);
  });

  test('AC-CUT-3, E2E-27: --rollback brings the replaced rows back', async () => {
    const after = await salesRows(site);
    const { jobId } = JSON.parse((await restore(label)).out);
    expect(await salesRows(site)).toEqual(before);
    const undone = await site.run(['restore', '--rollback', jobId]);
    expect(undone.exit).toBe(0);
    expect(await salesRows(site)).toEqual(after);
    expect(await tables()).toEqual(['dim', 'events', 'orders']);
  });

  test('AC-REST-4, AC-REST-5, E2E-13: a dropped database comes back on request', async () => {
    await site.sql('DROP DATABASE sales_db FORCE');
    const refused = await restore(label);
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain('--create-database');
    const outcome = await restore(label, ['--create-database']);
    expect(outcome.exit).toBe(0);
    expect(await salesRows(site)).toEqual(before);
    expect(await tables()).toEqual(['dim', 'events', 'orders']);
  });

  test('AC-REST-9, E2E-17: a wildcard group finds tables that are gone', async () => {
    for (const table of ['orders', 'dim', 'events']) await site.sql(`DROP TABLE sales_db.${table}`);
    expect((await restore(label, ['--group', 'all'])).exit).toBe(0);
    expect(await salesRows(site)).toEqual(before);
  });

  test('E2E-18: --table replaces that table only', async () => {
    await site.sql("INSERT INTO sales_db.dim VALUES (9, 'kept')");
    expect((await restore(label, ['--table', 'orders'])).exit).toBe(0);
    const now = await salesRows(site);
    expect(now['orders']).toEqual(before['orders']);
    expect(now['dim']).toContain('9,kept');
  });

  test('AC-REST-10: names with a dot, empty names and both filters are refused', async () => {
    for (const more of [
      ['--table', 'db.t'],
      ['--table', ' '],
      ['--table', 't', '--group', 'g'],
    ]) {
      const outcome = await restore(label, more);
      expect(outcome.exit).toBe(1);
      expect(outcome.statements).toEqual([]);
    }
  });

  test('AC-REST-11, AC-REST-12: --no-cutover leaves tables with the chosen suffix', async () => {
    const after = await salesRows(site);
    const outcome = await restore(label, ['--no-cutover', '--rename-suffix', '_v']);
    expect(outcome.exit).toBe(0);
    expect(await salesRows(site)).toEqual(after);
    expect(await tables()).toEqual(['dim', 'dim_v', 'events', 'events_v', 'orders', 'orders_v']);
    const again = await restore(label, ['--rename-suffix', '_v']);
    expect(again.exit).toBe(1);
    expect(again.err).toContain('--overwrite-temp');
    expect(restoresOf(again)).toEqual([]);
    expect((await restore(label, ['--rename-suffix', '_v', '--overwrite-temp'])).exit).toBe(0);
    expect(await salesRows(site)).toEqual(before);
  });

  test('restores into another database and leaves this one alone', async () => {
    const after = await salesRows(site);
    expect((await restore(label, ['--to-database', 'other'])).exit).toBe(0);
    expect(await salesRows(site, 'other')).toEqual(before);
    expect(await salesRows(site)).toEqual(after);
  });

  test('AC-CUT-5: declining sends no RESTORE; nobody to ask is a refusal too', async () => {
    for (const how of [{ answer: '' }, { answer: 'n' }, {}]) {
      const outcome = await site.run(
        ['--exit-codes', 'extended', 'restore', '--target-label', label],
        how,
      );
      expect(outcome.exit).toBe(9);
      expect(restoresOf(outcome)).toEqual([]);
    }
    const accepted = await site.run(['restore', '--target-label', label], { answer: 'y' });
    expect(accepted.exit).toBe(0);
  });

  test('--drop-old keeps nothing', async () => {
    expect((await restore(label, ['--drop-old'])).exit).toBe(0);
    expect(await tables()).toEqual(['dim', 'events', 'orders']);
    expect(await salesRows(site)).toEqual(before);
  });

  test('AC-CUT-2: when a table cannot be put in place, all are as they were', async () => {
    const after = await salesRows(site);
    const { ServerError } = await import('../../src/br/errors.ts');
    const outcome = await restore(label, [], {
      onStatement(sql) {
        if (/^ALTER TABLE .*`orders(_restored)?` (RENAME|SWAP)/.test(sql)) {
          throw new ServerError(1064, 'not now');
        }
      },
    });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('every table is as it was');
    expect(await salesRows(site)).toEqual(after);
    expect(await tables()).toEqual(['dim', 'events', 'orders']);
    expect(await site.sql('SELECT status FROM ops.restore_history')).toEqual([
      { status: 'FAILED' },
    ]);
  });

  test('where tables cannot be swapped they are renamed, there and back', async () => {
    const after = await salesRows(site);
    const { ServerError } = await import('../../src/br/errors.ts');
    const onStatement = (sql: string): void => {
      if (/ SWAP WITH /.test(sql)) throw new ServerError(1064, 'no swap here');
    };
    const outcome = await restore(label, [], { onStatement });
    expect(outcome.err).toContain('renaming instead');
    expect(await salesRows(site)).toEqual(before);
    const { jobId } = JSON.parse(outcome.out);
    expect((await site.run(['restore', '--rollback', jobId], { onStatement })).exit).toBe(0);
    expect(await salesRows(site)).toEqual(after);
    expect(await tables()).toEqual(['dim', 'events', 'orders']);
  });

  test('AC-PRE-4: more than there is room for is refused before any RESTORE', async () => {
    await site.sql(
      "UPDATE ops.br_partition_state SET data_size = 9000000000000000 WHERE table_name = 'dim'",
    );
    const outcome = await site.run([
      ...['--exit-codes', 'extended', 'restore', '--target-label', label, '--yes'],
    ]);
    expect(outcome.exit).toBe(4);
    expect(outcome.err).toMatch(/the restore needs 90\d+ bytes, \d+ are free/);
    expect(restoresOf(outcome)).toEqual([]);
    const forced = await restore(label, ['--no-precheck']);
    expect(forced.err).toContain('⚠ the restore needs');
    expect(forced.exit).toBe(0);
  });

  test('AC-CHAIN-6, E2E-41: a snapshot that is gone stops it before any RESTORE', async () => {
    await site.sql(`DROP SNAPSHOT ON repo WHERE SNAPSHOT = '${label}'`);
    const outcome = await site.run([
      ...['--exit-codes', 'extended', 'restore', '--target-label', label, '--yes'],
    ]);
    expect(outcome.exit).toBe(6);
    expect(outcome.err).toContain(label);
    expect(restoresOf(outcome)).toEqual([]);
  });

  test('AC-CHAIN-8: what did not finish is refused', async () => {
    await site.sql(`UPDATE ops.backup_history SET status = 'CANCELLED' WHERE label = '${label}'`);
    const outcome = await restore(label);
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('CANCELLED, not FINISHED');
  });

  test('AC-SLOT-8, E2E-19: a restore waits for a running job, or is refused', async () => {
    await site.sql('BACKUP DATABASE sales_db SNAPSHOT other TO repo');
    const refused = await restore(label);
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain('CONCURRENCY CONFLICT');
    const waited = await restore(label, ['--wait-for-slot', '2m']);
    expect(waited.exit).toBe(0);
    expect(await salesRows(site)).toEqual(before);
  });
});

describe('srbr restore of an incremental backup', () => {
  test('E2E-11, E2E-12, AC-CHAIN-2, AC-REST-2, AC-REST-3: all tables return', async () => {
    const base = await backup('full');
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 8, 'second')");
    const wanted = await salesRows(site);
    const label = await backup('incremental');
    await site.sql('TRUNCATE TABLE sales_db.orders');
    await site.sql('DELETE FROM sales_db.dim WHERE id = 1');
    const outcome = await restore(label);
    expect(outcome.err).not.toContain('Error');
    expect(outcome.exit).toBe(0);
    expect(JSON.parse(outcome.out).chain).toEqual([base, label]);
    const restores = restoresOf(outcome).map((sql) => /SNAPSHOT `(.*)`/.exec(sql)?.[1]);
    expect(restores).toEqual([base, label]);
    expect(await salesRows(site)).toEqual(wanted);
    await site.sql('DROP TABLE sales_db.orders');
    await site.sql('DROP TABLE sales_db.dim');
    expect((await restore(label)).exit).toBe(0);
    expect(await salesRows(site)).toEqual(wanted);
  });

  test('AC-REST-6, AC-REST-7, AC-REST-8, E2E-14, E2E-15: drops and creations stay', async () => {
    await site.sql('CREATE TABLE sales_db.old (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1');
    await backup('full');
    await site.sql('ALTER TABLE sales_db.orders DROP PARTITION p1');
    await site.sql('DROP TABLE sales_db.old');
    await site.sql('CREATE TABLE sales_db.new_t (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1');
    await site.sql('INSERT INTO sales_db.new_t VALUES (5)');
    const label = await backup('incremental');
    await site.sql('DROP TABLE sales_db.new_t');
    await site.sql("ALTER TABLE sales_db.orders ADD PARTITION p1 VALUES LESS THAN ('2026-02-01')");
    expect((await restore(label)).exit).toBe(0);
    expect(await site.sql('SELECT * FROM sales_db.new_t')).toEqual([{ id: '5' }]);
    const partitions = await site.sql('SHOW PARTITIONS FROM sales_db.orders');
    expect(partitions.map((row) => row['PartitionName'])).toEqual(['p2', 'p3', 'p4']);
    expect(await tables()).not.toContain('old');
  });

  test('AC-CHAIN-4, AC-INC-6: databases with like names never stand on each other', async () => {
    for (const name of ['sales', 'sales_eu']) {
      await site.sql(`CREATE DATABASE ${name}`);
      await site.sql(`CREATE TABLE ${name}.t (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1`);
      await site.sql(`INSERT INTO ${name}.t VALUES (1)`);
      await site.run(['inventory', 'add', '--group', 'both', `${name}.t`]);
    }
    const labels: Record<string, string> = {};
    const backUp = async (type: string, database: string): Promise<Outcome> => {
      const words = ['--json', 'backup', type, '--group', 'both', '--database', database];
      site.pass(1000);
      return await site.run(words);
    };
    for (const database of ['sales', 'sales_eu']) {
      labels[database] = JSON.parse((await backUp('full', database)).out).label;
    }
    await site.sql('INSERT INTO sales.t VALUES (2)');
    const second = JSON.parse((await backUp('incremental', 'sales')).out);
    expect(second.baseline).toBe(labels['sales']);
    expect((await backUp('incremental', 'sales_eu')).exit).toBe(1);
    await site.sql('DELETE FROM ops.br_backup_meta WHERE label IS NOT NULL');
    await site.sql('DELETE FROM ops.br_partition_state WHERE label IS NOT NULL');
    await site.sql('TRUNCATE TABLE sales.t');
    const outcome = await restore(second.label);
    expect(JSON.parse(outcome.out).chain).toEqual([labels['sales'], second.label]);
    expect(await site.sql('SELECT id FROM sales.t ORDER BY id')).toHaveLength(2);
    expect(await site.sql('SELECT id FROM sales_eu.t')).toHaveLength(1);
  });

  test('E2E-16: a table that has got a column comes back with it, from one snapshot', async () => {
    await backup('full');
    await site.sql('ALTER TABLE sales_db.orders ADD COLUMN extra INT DEFAULT "8"');
    site.pass(60_000);
    const wanted = (await salesRows(site))['orders'];
    const made = await site.run(['--json', 'backup', 'incremental', '--group', 'all']);
    expect(made.err).toContain('orders: its schema has changed, all of it goes in');
    const { label } = JSON.parse(made.out);
    await site.sql('DROP TABLE sales_db.orders');
    const outcome = await restore(label);
    expect(restoresOf(outcome).filter((sql) => sql.includes('`orders`'))).toHaveLength(1);
    expect((await salesRows(site))['orders']).toEqual(wanted);
    expect(wanted).toContain('2026-04-05,4,d,8');
  });

  test('AC-CHAIN-3: stands on the baseline that was really used', async () => {
    const older = await backup('full');
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 8, 'x')");
    await backup('full');
    const label = await backup('incremental', 'all', ['--baseline-backup', older]);
    const outcome = await restore(label);
    expect(JSON.parse(outcome.out).chain).toEqual([older, label]);
  });

  test.each(['auto', 'staged', 'in-place'])(
    'AC-REST-13, AC-CHAIN-5: three links give every kind of table its rows, %s',
    async (strategy) => {
      await backup('full');
      await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 8, 'one')");
      await site.sql("ALTER TABLE sales_db.events ADD PARTITION asia VALUES IN ('asia')");
      await site.sql("INSERT INTO sales_db.events VALUES (3, 'asia')");
      await backup('incremental');
      await site.sql("INSERT INTO sales_db.orders VALUES ('2026-02-09', 9, 'two')");
      await site.sql(
        "ALTER TABLE sales_db.orders ADD PARTITION p5 VALUES LESS THAN ('2026-06-01')",
      );
      await site.sql("INSERT INTO sales_db.orders VALUES ('2026-05-09', 10, 'three')");
      await site.sql("UPDATE sales_db.dim SET name = 'changed' WHERE id = 2");
      const wanted = await salesRows(site);
      const label = await backup('incremental', 'all', ['--since', 'last-backup']);
      await site.sql('TRUNCATE TABLE sales_db.events');
      await site.sql('TRUNCATE TABLE sales_db.orders');
      const outcome = await restore(label, ['--strategy', strategy]);
      expect(outcome.err).not.toContain('Error');
      expect(JSON.parse(outcome.out).chain).toHaveLength(3);
      expect(await salesRows(site)).toEqual(wanted);
      expect((await tables()).filter((name) => name.includes('_restored'))).toEqual([]);
      for (const table of ['orders', 'events']) await site.sql(`DROP TABLE sales_db.${table}`);
      expect((await restore(label, ['--strategy', strategy])).exit).toBe(0);
      expect(await salesRows(site)).toEqual(wanted);
    },
  );

  test('AC-REST-14, AC-CUT-1: a reader finds the old rows or the new, never none', async () => {
    await backup('full');
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 8, 'second')");
    const wanted = (await salesRows(site))['orders'];
    const label = await backup('incremental');
    await site.sql('TRUNCATE TABLE sales_db.orders PARTITION (p1)');
    const before = (await salesRows(site))['orders'];
    const seen = new Set<string>();
    const outcome = await restore(label, ['--strategy', 'staged'], {
      async onStatement() {
        seen.add(JSON.stringify((await salesRows(site))['orders']));
      },
    });
    expect(outcome.exit).toBe(0);
    expect([...seen]).toEqual([JSON.stringify(before), JSON.stringify(wanted)]);
  });

  test('AC-CHAIN-7: --timestamp takes the newest backup that is not younger', async () => {
    const first = await backup('full');
    site.pass(3_600_000);
    await site.sql('DELETE FROM sales_db.dim WHERE id = 1');
    await backup('full');
    const outcome = await site.run([
      ...['--json', 'restore', '--timestamp', '2025-01-01T08:30:00+08:00', '--yes'],
    ]);
    expect(JSON.parse(outcome.out).label).toBe(first);
    expect((await salesRows(site))['dim']).toEqual(['1,x', '2,y']);
  });
});
