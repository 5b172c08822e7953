/** A new cluster that has the repository and nothing else (br-cli.md 7.7). */
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryBlob } from '../../src/index.ts';
import { createSales, salesRows } from './sales.ts';
import { CONFIG, type Outcome, openSite, type Site } from './site.ts';

const config = CONFIG.replace('meta_snapshot: false', 'meta_snapshot: true');
const REPOSITORY = `CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups'`;

let site: Site;
let memoryStore: MemoryBlob;

function run(...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', ...words]);
}

async function backup(type: string, ...more: readonly string[]): Promise<string> {
  const outcome = await run('backup', type, '--group', 'all', ...more);
  expect(outcome.exit).toBe(0);
  return JSON.parse(outcome.out).label;
}

async function onNewCluster(): Promise<ReturnType<typeof JSON.parse>> {
  await site.cluster.stop();
  site = await openSite({ memoryStore, seed: 8n }, { withRepository: false });
  await site.sql(REPOSITORY);
  const outcome = await run('bootstrap');
  expect(outcome.err).not.toContain('Error');
  return JSON.parse(outcome.out);
}

beforeEach(async () => {
  memoryStore = new MemoryBlob();
  site = await openSite({ memoryStore });
  await createSales(site);
  await site.run(['init']);
  await site.run(['inventory', 'add', '--group', 'all', '*']);
});

describe('without a snapshot of the ops database', () => {
  test('what a snapshot holds tells its type, whatever its name; views come back', async () => {
    await site.sql('CREATE VIEW sales_db.names AS SELECT name FROM sales_db.dim');
    await backup('full', '--name', 'night');
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 8, 'second')");
    const wanted = await salesRows(site);
    await backup('incremental', '--name', 'morning');
    await backup('full', '--name', 'noon');
    await site.sql('ALTER TABLE sales_db.orders DROP PARTITION p1');
    await backup('full', '--name', 'short');
    expect(await onNewCluster()).toMatchObject({
      found: expect.arrayContaining(['morning', 'night', 'noon', 'short']) as string[],
      restorable: ['night', 'noon'],
      needBase: ['morning', 'short'],
    });
    const restore = ['restore', '--target-label', 'morning', '--create-database', '--yes'];
    const refused = await run(...restore);
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain('--base morning');
    expect((await run(...restore, '--base', 'night')).exit).toBe(0);
    expect(await salesRows(site)).toEqual(wanted);
    expect(await site.sql('SELECT * FROM sales_db.names')).toHaveLength(2);
    const itself = ['restore', '--target-label', 'short', '--base', 'short', '--yes'];
    expect(JSON.parse((await run(...itself)).out)).toMatchObject({ chain: ['short'] });
  });
});

describe('with snapshots of the ops database', () => {
  test('backups that were deleted since are told, and not called restorable', async () => {
    const words = ['--json', 'backup', 'full', '--group', 'all'];
    const first = JSON.parse((await site.run(words, { config })).out).label;
    const second = JSON.parse((await site.run(words, { config })).out).label;
    await run('prune', '--snapshot', first, '--yes');
    expect(await onNewCluster()).toMatchObject({ restorable: [second], gone: [first] });
  });

  test('one of an older layout, or of upstream alone, is merged all the same', async () => {
    const label = await backup('full');
    await site.sql('ALTER TABLE ops.backup_partitions RENAME kept');
    await site.sql(
      'CREATE TABLE ops.backup_partitions (label STRING NOT NULL, database_name STRING NOT NULL, ' +
        'table_name STRING NOT NULL, partition_name STRING NOT NULL) ' +
        'PRIMARY KEY (label, database_name, table_name, partition_name)',
    );
    await site.sql(
      'INSERT INTO ops.backup_partitions SELECT label, database_name, table_name, ' +
        'partition_name FROM ops.kept',
    );
    for (const table of ['br_backup_meta', 'br_partition_state']) {
      await site.sql(`DROP TABLE ops.${table}`);
    }
    await site.sql('BACKUP DATABASE ops SNAPSHOT opsmeta_20250101000000_1 TO repo');
    await site.cluster.untilJobDone('ops');
    expect(await onNewCluster()).toMatchObject({ restorable: [label], found: [] });
    const rows = await site.sql('SELECT key_hash FROM ops.backup_partitions');
    expect(rows).toHaveLength(7);
    expect(rows[0]?.['key_hash']).toMatch(/^[0-9a-f]{32}$/);
    const restore = ['restore', '--target-label', label, '--create-database', '--yes'];
    expect((await run(...restore)).exit).toBe(0);
  });

  test('the newest three stay, the others go with their backups', async () => {
    const metaLabels = async (): Promise<readonly string[]> =>
      (await site.sql('SHOW SNAPSHOT ON repo'))
        .map((row) => row['Snapshot'] ?? '')
        .filter((label) => label.startsWith('opsmeta_'))
        .sort();
    const backUp = async (): Promise<void> => {
      site.pass(60_000);
      await site.run(['backup', 'full', '--group', 'all'], { config });
    };
    for (let count = 0; count < 4; count += 1) await backUp();
    const four = await metaLabels();
    expect(four).toHaveLength(4);
    await run('prune', '--keep-last', '1', '--yes');
    expect(await metaLabels()).toEqual(four.slice(1));
    await backUp();
    await run('prune', '--keep-last', '1', '--yes');
    const last = await metaLabels();
    expect(last).toHaveLength(3);
    expect(last.slice(0, 2)).toEqual(four.slice(2));
  });
});
