/** Full backups, labels and groups against a cluster (br-cli.md 6.1 to 6.5). */
import { beforeEach, describe, expect, test } from 'vitest';
import { STRING_BYTES_MAX } from '../../src/br/ops/tables.ts';
import { backupOf, openSales } from './sales.ts';
import { type CallOptions, CONFIG, type Outcome, type Site } from './site.ts';

const LABEL = 'sales_db_20250101_full';

let site: Site;

function full(more: readonly string[] = [], how: CallOptions = {}): Promise<Outcome> {
  return site.run(['--json', 'backup', 'full', '--group', 'g', ...more], how);
}

async function texts(sql: string): Promise<readonly string[]> {
  return (await site.sql(sql)).map((row) => Object.values(row).join('.'));
}

beforeEach(async () => {
  site = await openSales();
});

describe('srbr backup full', () => {
  test('AC-FULL-1: history, manifest and facts agree with the server', async () => {
    const outcome = await full();
    expect(outcome.err).toContain(`${LABEL}: FINISHED`);
    expect(outcome.exit).toBe(0);
    expect(await site.sql('SELECT * FROM ops.backup_history')).toMatchObject([
      { label: LABEL, backup_type: 'full', status: 'FINISHED', error_message: null },
    ]);
    const [snapshot] = await site.sql('SHOW SNAPSHOT ON repo');
    expect(await site.sql('SELECT * FROM ops.br_backup_meta')).toMatchObject([
      {
        snapshot_timestamp: snapshot?.['Timestamp'],
        inventory_group: 'g',
        partition_count: '5',
        partitions_json: '{"sales_db.dim":["dim"],"sales_db.orders":["p1","p2","p3","p4"]}',
      },
    ]);
    expect(
      await texts('SELECT table_name, partition_name FROM ops.backup_partitions ORDER BY 1, 2'),
    ).toEqual(['dim.dim', 'orders.p1', 'orders.p2', 'orders.p3', 'orders.p4']);
    expect(await texts('SELECT state FROM ops.run_status')).toEqual(['FINISHED']);
    expect(await texts('SELECT claim_id FROM ops.br_claims')).toEqual([]);
  });

  test('AC-LBL-1, AC-INV-1, E2E-04: three runs on one day name just the group', async () => {
    const labels: string[] = [];
    for (let run = 0; run < 3; run += 1) {
      const outcome = await full();
      labels.push(JSON.parse(outcome.out).label);
      expect(backupOf(outcome.statements)).toMatch(/ON \(TABLE `dim`, TABLE `orders`\)$/);
    }
    expect(labels).toEqual([LABEL, `${LABEL}_r1`, `${LABEL}_r2`]);
  });

  test('AC-INV-2, AC-INV-3, E2E-05: a wildcard beside names is everything', async () => {
    await site.run(['inventory', 'add', '--group', 'all', 'orders']);
    await site.sql('CREATE TABLE sales_db.late (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1');
    const outcome = await site.run(['backup', 'full', '--group', 'all']);
    expect(outcome.exit).toBe(0);
    expect(backupOf(outcome.statements)).toBe(
      `BACKUP DATABASE \`sales_db\` SNAPSHOT \`${LABEL}\` TO \`repo\``,
    );
    expect(await texts('SELECT DISTINCT table_name FROM ops.backup_partitions ORDER BY 1')).toEqual(
      ['dim', 'events', 'late', 'orders'],
    );
  });

  test('AC-INV-4, AC-INV-5: unknown groups and missing tables take no slot', async () => {
    const unknown = await site.run([
      ...['--exit-codes', 'extended', 'backup', 'full', '--group', 'nope'],
    ]);
    expect(unknown.exit).toBe(6);
    expect(unknown.err).toContain('known groups: all, g');
    await site.run(['inventory', 'add', '--group', 'g', 'lost', 'gone']);
    const missing = await full();
    expect(missing.exit).toBe(1);
    expect(missing.err).toContain('gone, lost');
    expect(backupOf(missing.statements)).toBeUndefined();
    expect(await texts('SELECT label FROM ops.run_status')).toEqual([]);
  });

  test('AC-FULL-2, E2E-25: a cancelled job gives its own reason', async () => {
    site.cluster.faults.enable('blob.put', { do: 'fail', text: 'bucket is full' });
    const outcome = await full(['--timeout', '600']);
    expect(outcome.exit).toBe(1);
    const [row] = await site.sql('SELECT * FROM ops.backup_history');
    expect(row).toMatchObject({ status: 'CANCELLED' });
    expect(row?.['error_message']).toContain('bucket is full');
    expect(await texts('SELECT state FROM ops.run_status')).toEqual(['CANCELLED']);
    expect(await texts('SELECT label FROM ops.backup_partitions')).toEqual([]);
  });

  test('AC-FULL-4, AC-SLOT-5: a refused BACKUP is a FAILED run that frees its slot', async () => {
    const outcome = await full(['--ttl', 'soon']);
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('the server refused the backup');
    expect(await texts('SELECT label, status FROM ops.backup_history')).toEqual([
      `${LABEL}.FAILED`,
    ]);
    expect(await texts('SELECT state FROM ops.run_status')).toEqual(['FAILED']);
  });

  test('AC-FULL-5: a dry run prints the statement and changes nothing', async () => {
    const outcome = await full(['--dry-run']);
    expect(JSON.parse(outcome.out).statement).toMatch(/^BACKUP DATABASE/);
    expect(outcome.statements.filter((sql) => !/^(SELECT|SHOW|ADMIN SHOW)/.test(sql))).toEqual([]);
  });

  test('AC-LBL-2, E2E-23: a label that only the repository knows is taken', async () => {
    await site.sql(`BACKUP DATABASE sales_db SNAPSHOT ${LABEL} TO repo`);
    await site.cluster.untilJobDone('sales_db');
    const outcome = await full();
    expect(outcome.exit).toBe(0);
    expect(JSON.parse(outcome.out).label).toBe(`${LABEL}_r1`);
  });

  test('AC-LBL-3: -v#r counts up', async () => {
    const labels: string[] = [];
    for (let run = 0; run < 3; run += 1) {
      labels.push(JSON.parse((await full(['--name', 'nightly-v#r'])).out).label);
    }
    expect(labels).toEqual(['nightly-v1', 'nightly-v2', 'nightly-v3']);
  });

  test('AC-LBL-4: a name that is no label is a usage error before anything is sent', async () => {
    const outcome = await full(['--name', 'bad label!']);
    expect(outcome.exit).toBe(2);
    expect(outcome.statements).toEqual([]);
  });

  test('AC-PRE-2: a full disk refuses the backup, or is a warning on request', async () => {
    const rewrite: CallOptions['rewrite'] = (sql, rows) =>
      sql === 'SHOW BACKENDS' ? rows.map((row) => ({ ...row, MaxDiskUsedPct: '90.00 %' })) : rows;
    const refused = await full([], { rewrite });
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain('backend 10001: 10.0 % free, at least 15 % wanted');
    expect(backupOf(refused.statements)).toBeUndefined();
    const forced = await full(['--no-precheck'], { rewrite });
    expect(forced.err).toContain('⚠ backend 10001: 10.0 % free');
    expect(forced.exit).toBe(0);
  });

  test('AC-PRE-3: a read-only repository takes no backup', async () => {
    await site.sql("CREATE READ ONLY REPOSITORY ro WITH BROKER ON LOCATION 'memory://bucket/ro'");
    const outcome = await full([], {
      config: CONFIG.replace('repository: repo', 'repository: ro'),
    });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('read-only');
  });

  test('AC-CFG-5: another ops database serves every statement', async () => {
    const config = `${CONFIG}ops_database: meta_ops\n`;
    await site.run(['init'], { config });
    await site.run(['inventory', 'add', '--group', 'g', 'orders'], { config });
    const outcome = await full([], { config });
    expect(outcome.exit).toBe(0);
    expect(outcome.statements.filter((sql) => /`ops`|\bops\./.test(sql))).toEqual([]);
  });

  test('AC-FULL-3: a manifest of thousands takes few statements', async () => {
    const days = Array.from(
      { length: 1200 },
      (_, index) => `PARTITION ${'day'.padEnd(58, '_')}${index} VALUES IN ('${index}')`,
    );
    await site.sql(
      'CREATE TABLE sales_db.wide (id INT, k VARCHAR(9) NOT NULL) DUPLICATE KEY(id) ' +
        `PARTITION BY LIST(k) (${days.join(', ')}) DISTRIBUTED BY HASH(id) BUCKETS 1`,
    );
    await site.run(['inventory', 'add', '--group', 'wide', 'wide']);
    const outcome = await site.run(['backup', 'full', '--group', 'wide', '--detach']);
    expect(outcome.statements.filter((sql) => sql.includes('backup_partitions'))).toHaveLength(2);
    expect(await texts('SELECT COUNT(*) FROM ops.backup_partitions')).toEqual(['1200']);
    const [length] = await texts('SELECT LENGTH(partitions_json) FROM ops.br_backup_meta');
    expect(Number(length)).toBeGreaterThan(STRING_BYTES_MAX);
  });
});
