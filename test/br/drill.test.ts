/** Trial restores (br-cli.md 7.8). */
import { describe, expect, test } from 'vitest';
import { runNow } from '../../src/base/op.ts';
import { LostConnection } from '../../src/br/errors.ts';
import { MemoryBlob } from '../../src/index.ts';
import { createSales, salesRows } from './sales.ts';
import { type Outcome, openSite, type Site } from './site.ts';

const REPOSITORY = '/bucket/backups/__starrocks_repository_repo';

let site: Site;
let store: MemoryBlob;

function run(...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', '--exit-codes', 'extended', ...words]);
}

async function backup(...words: readonly string[]): Promise<string> {
  const outcome = await run('backup', ...words);
  expect(outcome.err).not.toContain('Error');
  return JSON.parse(outcome.out).label;
}

/** Databases and tables, without those of the tool. */
async function names(): Promise<readonly (string | null | undefined)[]> {
  const databases = (await site.sql('SHOW DATABASES')).map((row) => row['Database']);
  const tables = await site.sql('SHOW TABLES FROM sales_db');
  return [...databases, ...tables.map((row) => row['Tables_in_sales_db'])];
}

async function begin(options = {}): Promise<void> {
  store = new MemoryBlob();
  site = await openSite({ memoryStore: store, ...options });
  await createSales(site);
  await site.run(['init']);
  await site.run(['inventory', 'add', '--group', 'all', '*']);
}

describe('srbr drill', () => {
  test.each(['partition', 'table', 'database'])(
    'AC-DRILL-1, E2E-34: a good backup passes by %s, and nothing of the drill stays',
    async (scope) => {
      await begin();
      await backup('full', '--group', 'all');
      await site.sql("INSERT INTO sales_db.dim VALUES (9, 'later')");
      const label = await backup('incremental', '--group', 'all');
      const before = await names();
      const rows = await salesRows(site);
      const outcome = await run('drill', '--scope', scope);
      expect(outcome.err).not.toContain('Error');
      expect(outcome.exit).toBe(0);
      const result = JSON.parse(outcome.out);
      expect(result).toMatchObject({ label, scope });
      expect(result.tables).toHaveLength(scope === 'database' ? 3 : 1);
      for (const table of result.tables) {
        expect(table).toMatchObject({ with: 'live', isSame: true });
        expect(table.expected.checksum).toBe(table.restored.checksum);
      }
      expect(await site.sql('SELECT * FROM ops.restore_history')).toMatchObject([
        {
          job_id: result.jobId,
          backup_label: label,
          restore_type: scope,
          status: 'FINISHED',
          verification_checksum: result.checksum,
        },
      ]);
      expect(await names()).toEqual(before);
      expect(await salesRows(site)).toEqual(rows);
      expect(await site.sql("SELECT * FROM ops.run_status WHERE state = 'ACTIVE'")).toEqual([]);
    },
  );

  test('AC-DRILL-2, E2E-34: other rows fail it, with both checksums', async () => {
    await begin();
    const old = await backup('full', '--group', 'all', '--name', 'old');
    await site.sql("INSERT INTO sales_db.dim VALUES (9, 'later')");
    const label = await backup('full', '--group', 'all', '--name', 'new');
    swapTablets(old, label);
    const before = await names();
    const outcome = await run('drill', '--sample', '3', '--label', label);
    expect(outcome.exit).toBe(10);
    expect(outcome.err).toMatch(/dim: restored 2:\d+, expected 3:\d+/);
    expect(await names()).toEqual(before);
    expect(await site.sql('SELECT status FROM ops.restore_history')).toEqual([
      { status: 'FAILED' },
    ]);
    expect((await site.run(['drill', '--sample', '3', '--label', label])).exit).toBe(1);
  });

  test.each(['table', 'database'])('works with the words of 3.3, by %s', async (scope) => {
    await begin({ starrocksVersion: '3.3' });
    await site.run(['inventory', 'add', '--group', 'g', 'orders', 'dim']);
    await backup('full', '--group', 'g');
    const before = await names();
    const outcome = await run('drill', '--scope', scope);
    expect(outcome.err).not.toContain('Error');
    expect(JSON.parse(outcome.out).tables[0]).toMatchObject({ with: 'live', isSame: true });
    expect(await names()).toEqual(before);
  });

  test('a drill that was killed is tidied up by the next one', async () => {
    await begin();
    await backup('full', '--group', 'all');
    const before = await names();
    let isAssembled = false;
    const killed = await site.run(['drill'], {
      onStatement(sql) {
        if (isAssembled) throw new LostConnection('killed');
        isAssembled = sql.includes('IFNULL(CAST');
      },
    });
    expect(killed.exit).toBe(1);
    expect(await names()).not.toEqual(before);
    site.pass(700_000);
    const next = await run('drill');
    expect(next.exit).toBe(0);
    expect(await names()).toEqual(before);
  });

  test('rows that have changed since are told to be compared with what was recorded', async () => {
    await begin();
    const label = await backup('full', '--group', 'all');
    await site.sql('TRUNCATE TABLE sales_db.dim');
    const outcome = await run('drill', '--sample', '3', '--label', label);
    expect(outcome.exit).toBe(0);
    const dim = JSON.parse(outcome.out).tables.find((each: { table: string }) => {
      return each.table === 'dim';
    });
    expect(dim.with).not.toBe('live');
    expect(dim.restored.rows).toBe(2);
  });

  test('refuses scopes, samples and labels that make no sense', async () => {
    await begin();
    expect((await run('drill', '--scope', 'row')).exit).toBe(2);
    expect((await run('drill', '--scope', 'database', '--sample', '2')).exit).toBe(2);
    const none = await run('drill');
    expect(none.exit).toBe(6);
    expect(none.err).toContain('there is no finished backup of sales_db');
  });
});

/** The newer snapshot gets the files of the older one: whole by every sum, and still wrong. */
function swapTablets(from: string, to: string): void {
  const source = `${REPOSITORY}/__ss_${from}`;
  const target = `${REPOSITORY}/__ss_${to}`;
  runNow(store.delete(target));
  move(source, target);
}

function move(from: string, to: string): void {
  for (const { name, isFile } of runNow(store.list(from))) {
    if (isFile) runNow(store.rename(`${from}/${name}`, `${to}/${name}`));
    else move(`${from}/${name}`, `${to}/${name}`);
  }
}
