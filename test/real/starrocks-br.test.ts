/**
 * The real `starrocks-br` against the emulator: init, full, incremental, restore, and the faults of
 * its own that a faithful frontend brings to light (starrocks-br-client.md 12 and 14).
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult } from '../../scripts/real/command.ts';
import { type Server, startServer, temporaryFolder } from '../e2e/server.ts';
import { type StarrocksBr, type StarrocksBrOptions, starrocksBr } from './starrocks-br-cli.ts';

const INSTALL_MS = 10 * 60_000;

const TABLES = `
  CREATE DATABASE shop;
  CREATE TABLE shop.orders (day DATE NOT NULL, id INT NOT NULL, name VARCHAR(20))
    DUPLICATE KEY (day, id) PARTITION BY RANGE (day)
    (PARTITION p1 VALUES LESS THAN ('2024-01-01'), PARTITION p2 VALUES LESS THAN ('2025-01-01'))
    DISTRIBUTED BY HASH (id) BUCKETS 2;
  CREATE TABLE shop.items (id INT NOT NULL, name VARCHAR(20)) PRIMARY KEY (id);
  INSERT INTO shop.orders VALUES ('2023-05-01', 1, 'ann'), ('2024-05-01', 2, 'bob');
  INSERT INTO shop.items VALUES (1, 'pen'), (2, 'ink')`;

interface Site {
  readonly server: Server;
  readonly tool: StarrocksBr;
  rows(sql: string): Promise<unknown[][]>;
  /** Until the cluster's clock shows another second: what times are compared by. */
  nextSecond(): Promise<void>;
  stop(): Promise<void>;
}

type SiteOptions = Pick<StarrocksBrOptions, 'release' | 'connector' | 'config'> & {
  readonly serverArgs?: readonly string[];
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let sites = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  await folder.remove();
});

async function openSite(options: SiteOptions): Promise<Site> {
  sites += 1;
  const repository = join(folder.path, `repository-${sites}`);
  await mkdir(repository);
  const server = await startServer(['--ephemeral', ...(options.serverArgs ?? [])]);
  for (const sql of TABLES.split(';')) await server.sql(sql);
  await server.sql(`CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file://${repository}'`);
  const tool = await starrocksBr({ ...options, port: server.mysqlPort, folder: folder.path });
  const rows = async (sql: string): Promise<unknown[][]> =>
    (await server.sql(sql)).map((row) => Object.values(row));
  return {
    server,
    tool,
    rows,
    async nextSecond() {
      const [before] = await rows('SELECT CAST(now() AS VARCHAR)');
      for (;;) {
        const [now] = await rows('SELECT CAST(now() AS VARCHAR)');
        if (String(now) !== String(before)) return;
      }
    },
    async stop() {
      await server.stop();
    },
  };
}

const said = ({ stdout, stderr }: CommandResult): string => stdout + stderr;

/** Fails with all that the tool said. */
function expectExit(result: CommandResult, code: number): void {
  expect(result.code, said(result)).toBe(code);
}

const ORDERS = 'SELECT id, name FROM shop.orders ORDER BY id';
const ITEMS = 'SELECT id, name FROM shop.items ORDER BY id';
const LABELS = 'SELECT label FROM ops.backup_history ORDER BY label';

async function labelOf(site: Site, type: 'full' | 'incremental'): Promise<string> {
  const found = await site.rows(
    `SELECT label FROM ops.backup_history WHERE backup_type = '${type}' ORDER BY finished_at`,
  );
  return String(found[0]?.[0]);
}

describe.each([
  { release: '0.6.0', connector: 'C' },
  { release: '0.6.0', connector: 'pure' },
  { release: '0.5.2', connector: 'C' },
] as const)('starrocks-br $release over the $connector connector', ({ release, connector }) => {
  let site: Site;

  beforeAll(async () => {
    site = await openSite({ release, connector });
  }, INSTALL_MS);
  afterAll(async () => {
    await site.stop();
  });

  test('init makes its five tables, and again without harm', async () => {
    expectExit(await site.tool.run('init'), 0);
    expectExit(await site.tool.run('init'), 0);
    expect((await site.rows('SHOW TABLES FROM ops')).flat()).toEqual([
      'backup_history',
      'backup_partitions',
      'restore_history',
      'run_status',
      'table_inventory',
    ]);
    // Older releases know no inventory in the config file.
    await site.server.sql(`INSERT INTO ops.table_inventory (inventory_group, database_name,
      table_name) VALUES ('daily', 'shop', 'orders'), ('daily', 'shop', 'items')`);
    expect(await site.rows('SELECT COUNT(*) FROM ops.table_inventory')).toEqual([[2]]);
  });

  test('a full backup is FINISHED, its slot freed, its partitions written down', async () => {
    expectExit(await site.tool.run('backup', 'full', '--group', 'daily'), 0);
    const label = await labelOf(site, 'full');
    expect(label).toMatch(/^shop_\d{8}_full$/);
    expect(await site.rows('SELECT status, repository FROM ops.backup_history')).toEqual([
      ['FINISHED', 'repo'],
    ]);
    expect(await site.rows('SELECT state, finished_at IS NULL FROM ops.run_status')).toEqual([
      ['FINISHED', 0],
    ]);
    const manifest = await site.rows(`SELECT key_hash, table_name, partition_name
      FROM ops.backup_partitions ORDER BY table_name, partition_name`);
    const md5 = (table: unknown, partition: unknown): string =>
      createHash('md5').update(`${label}|shop|${table}|${partition}`).digest('hex');
    expect(manifest.map(([, table, partition]) => [table, partition])).toEqual([
      ['items', 'items'],
      ['orders', 'p1'],
      ['orders', 'p2'],
    ]);
    for (const [hash, table, partition] of manifest) expect(hash).toBe(md5(table, partition));
    expect(await site.rows('SHOW SNAPSHOT ON repo')).toEqual([
      [label, expect.stringMatching(/^\d{4}(-\d\d){5}-\d{3}$/), 'OK'],
    ]);
  });

  test('without a change there is nothing to back up incrementally', async () => {
    const result = await site.tool.run('backup', 'incremental', '--group', 'daily');
    expectExit(result, 1);
    expect(said(result)).toContain('No partitions found');
  });

  test('an incremental backup takes the partition that changed, and no other', async () => {
    await site.nextSecond();
    await site.server.sql("INSERT INTO shop.orders VALUES ('2024-06-01', 3, 'cid')");
    expectExit(await site.tool.run('backup', 'incremental', '--group', 'daily'), 0);
    const label = await labelOf(site, 'incremental');
    expect(
      await site.rows(
        `SELECT table_name, partition_name FROM ops.backup_partitions WHERE label = '${label}'`,
      ),
    ).toEqual([['orders', 'p2']]);
  });

  test('a second full backup of the day gets a label of its own', async () => {
    expectExit(await site.tool.run('backup', 'full', '--group', 'daily'), 0);
    const labels = (await site.rows(LABELS)).flat();
    expect(labels.filter((label) => String(label).endsWith('_full_r1'))).toHaveLength(1);
  });

  test('a restore of the full backup brings its rows back and keeps the old tables', async () => {
    await site.server.sql('DELETE FROM shop.items WHERE id = 1');
    await site.server.sql("INSERT INTO shop.orders VALUES ('2024-07-01', 9, 'lost')");
    const label = await labelOf(site, 'full');
    expectExit(await site.tool.run('restore', '--target-label', label, '--yes'), 0);
    expect(await site.rows(ORDERS)).toEqual([
      [1, 'ann'],
      [2, 'bob'],
    ]);
    expect(await site.rows(ITEMS)).toEqual([
      [1, 'pen'],
      [2, 'ink'],
    ]);
    const names = (await site.rows('SHOW TABLES FROM shop')).flat().map(String);
    expect(names.filter((name) => /^(items|orders)_backup_\d{8}_\d{6}$/.test(name))).toHaveLength(
      2,
    );
    expect(await site.rows('SELECT job_id, status FROM ops.restore_history')).toEqual([
      [label, 'FINISHED'],
    ]);
  });

  if (release === '0.5.2') {
    test('W-10, older form: an incremental restore fills the live table and is lost', async () => {
      const label = await labelOf(site, 'incremental');
      expectExit(await site.tool.run('restore', '--target-label', label, '--yes'), 0);
      // The row of the incremental backup lies in the table that was renamed away.
      expect((await site.rows(ORDERS)).flat()).not.toContain('cid');
    });
  } else {
    test('W-10: an incremental restore names a table that no snapshot has', async () => {
      const label = await labelOf(site, 'incremental');
      const result = await site.tool.run('restore', '--target-label', label, '--yes');
      expectExit(result, 1);
      expect(said(result)).toContain(
        `5064 (42000): Table orders_restored does not exist in snapshot ${label}`,
      );
      expect((await site.rows('SHOW TABLES FROM shop')).flat()).toContain('orders_restored');
    });
  }
});

describe('what a faithful frontend shows of starrocks-br', () => {
  const newest = { release: '0.6.0', connector: 'C' } as const;

  async function atSite(options: SiteOptions, run: (site: Site) => Promise<void>): Promise<void> {
    const site = await openSite(options);
    try {
      await run(site);
    } finally {
      await site.stop();
    }
  }

  test(
    'a backup before init makes the tables and gives up',
    async () => {
      await atSite(newest, async ({ tool, rows }) => {
        expectExit(await tool.run('backup', 'full', '--group', 'daily'), 1);
        expect(await rows('SHOW TABLES FROM ops')).toHaveLength(5);
        expectExit(await tool.run('init'), 0);
        expectExit(await tool.run('backup', 'full', '--group', 'daily'), 0);
      });
    },
    INSTALL_MS,
  );

  test('a label that only the repository knows: guidance, and a slot that heals', async () => {
    await atSite(newest, async ({ tool, rows, server }) => {
      expectExit(await tool.run('init'), 0);
      await server.sql('BACKUP SNAPSHOT shop.mine TO repo');
      const state = async (): Promise<unknown> => (await rows('SHOW BACKUP FROM shop'))[0]?.[3];
      while ((await state()) !== 'FINISHED');
      const refused = await tool.run('backup', 'full', '--group', 'daily', '--name', 'mine');
      expectExit(refused, 1);
      expect(said(refused)).toContain('mine_retry');
      expect(await rows('SELECT label, state FROM ops.run_status')).toEqual([['mine', 'ACTIVE']]);
      const next = await tool.run('backup', 'full', '--group', 'daily');
      expectExit(next, 0);
      expect(said(next)).toContain('stale');
    });
  });

  test('W-05: east of UTC a fresh change is not seen, unless the baseline is named', async () => {
    const serverArgs = ['--time-zone', 'Asia/Shanghai'];
    await atSite({ ...newest, serverArgs }, async (site) => {
      expectExit(await site.tool.run('init'), 0);
      expectExit(await site.tool.run('backup', 'full', '--group', 'daily'), 0);
      await site.nextSecond();
      await site.server.sql("INSERT INTO shop.items VALUES (3, 'cap')");
      const blind = await site.tool.run('backup', 'incremental', '--group', 'daily');
      expectExit(blind, 1);
      expect(said(blind)).toContain('No partitions found');
      const baseline = ['--baseline-backup', await labelOf(site, 'full')];
      expectExit(await site.tool.run('backup', 'incremental', '--group', 'daily', ...baseline), 0);
    });
  });

  test('W-13 and W-38: a table that is gone is not restored, and then never again', async () => {
    await atSite(newest, async (site) => {
      expectExit(await site.tool.run('init'), 0);
      expectExit(await site.tool.run('backup', 'full', '--group', 'daily'), 0);
      const restore = ['restore', '--target-label', await labelOf(site, 'full'), '--yes'];
      await site.server.sql('DROP TABLE shop.items');
      expectExit(await site.tool.run(...restore), 1);
      expect((await site.rows('SHOW TABLES FROM shop')).flat()).toContain('items_restored');
      expectExit(await site.tool.run(...restore), 1);
      expect((await site.rows('SHOW RESTORE FROM shop'))[0]?.[4]).toBe('CANCELLED');
    });
  });

  test('W-19: with an ops database of another name no backup is taken', async () => {
    await atSite({ ...newest, config: { ops_database: 'keep' } }, async ({ tool, rows }) => {
      expectExit(await tool.run('init'), 0);
      expect(await rows('SHOW TABLES FROM keep')).toHaveLength(5);
      const result = await tool.run('backup', 'full', '--group', 'daily');
      expectExit(result, 1);
      expect(said(result)).toContain("Unknown database 'ops'");
    });
  });

  test('a backup that somebody cancels is CANCELLED in its history', async () => {
    await atSite({ ...newest, serverArgs: ['--tick', '1000'] }, async ({ tool, rows, server }) => {
      expectExit(await tool.run('init'), 0);
      const backup = tool.run('backup', 'full', '--group', 'daily');
      while ((await rows('SHOW BACKUP FROM shop')).length === 0);
      await server.sql('CANCEL BACKUP FROM shop');
      expectExit(await backup, 1);
      expect(await rows('SELECT status FROM ops.backup_history')).toEqual([['CANCELLED']]);
    });
  });

  test('the SHOW FRONTENDS of 3.3 has no Id, so the cluster is taken for unhealthy', async () => {
    await atSite({ ...newest, serverArgs: ['--starrocks-version', '3.3'] }, async ({ tool }) => {
      expectExit(await tool.run('init'), 0);
      const result = await tool.run('backup', 'full', '--group', 'daily');
      expectExit(result, 1);
      expect(said(result)).toContain('unhealthy');
    });
  });

  test(
    'release 0.5.1 polls for a label in backticks and loses every backup',
    async () => {
      await atSite({ release: '0.5.1', connector: 'C' }, async ({ tool, rows, server }) => {
        expectExit(await tool.run('init'), 0);
        await server.sql(`INSERT INTO ops.table_inventory (inventory_group, database_name,
        table_name) VALUES ('daily', 'shop', '*')`);
        const result = await tool.run('backup', 'full', '--group', 'daily');
        expectExit(result, 1);
        expect(await rows('SELECT status FROM ops.backup_history')).toEqual([['LOST']]);
        expect(await rows('SELECT state FROM ops.run_status')).toEqual([['ACTIVE']]);
      });
    },
    INSTALL_MS,
  );

  test.each([
    ['an unknown repository', { repository: 'nowhere' }, 'not found'],
    ['an unknown database', { database: 'nowhere' }, '5501 (3F000)'],
    ['an unknown user', { user: 'nobody' }, '1045 (28000)'],
  ])('%s is told by name', async (_what, config, text) => {
    await atSite({ ...newest, config }, async ({ tool }) => {
      const result = await tool.run('init');
      expectExit(result, 1);
      expect(said(result)).toContain(text);
    });
  });
});
