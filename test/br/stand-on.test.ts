/** What a backup stands on stays, and what has gone is stood on by nothing (br-cli.md 6.6, 7.6). */
import { beforeEach, describe, expect, test } from 'vitest';
import { openSales } from './sales.ts';
import type { Outcome, Site } from './site.ts';

let site: Site;

function run(...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', '--exit-codes', 'extended', ...words]);
}

async function backup(type: string, group: string, ...more: readonly string[]): Promise<string> {
  site.pass(60_000);
  const outcome = await run('backup', type, '--group', group, ...more);
  return JSON.parse(outcome.out).label;
}

async function change(): Promise<void> {
  await site.sql("INSERT INTO sales_db.dim VALUES (7, 'changed')");
}

async function dropSnapshot(label: string): Promise<void> {
  await site.sql(`DROP SNAPSHOT ON repo WHERE SNAPSHOT = '${label}'`);
}

beforeEach(async () => {
  site = await openSales();
});

describe('a baseline whose snapshot has gone from the repository', () => {
  test('is passed over for an older one that is whole', async () => {
    const older = await backup('full', 'g');
    await dropSnapshot(await backup('full', 'g'));
    await change();
    const outcome = await run('backup', 'incremental', '--group', 'g');
    expect(JSON.parse(outcome.out).baseline).toBe(older);
    expect(outcome.err).toContain('the repository does not have');
  });

  test('counts as none: backup auto makes a full one, a named one is refused', async () => {
    const full = await backup('full', 'g');
    await change();
    const incremental = await backup('incremental', 'g');
    await dropSnapshot(full);
    await change();
    const words = ['backup', 'incremental', '--group', 'g'];
    expect(await run(...words, '--since', 'last-backup')).toMatchObject({ exit: 6 });
    const named = await run(...words, '--baseline-backup', incremental);
    expect(named).toMatchObject({ exit: 6 });
    expect(named.err).toContain(full);
    const auto = await run('backup', 'auto', '--group', 'g');
    expect(JSON.parse(auto.out)).toMatchObject({ type: 'full', outcome: 'FINISHED' });
  });

  test('or goes while the backup is prepared, refuses the backup', async () => {
    const full = await backup('full', 'g');
    await change();
    let isGone = false;
    const outcome = await site.run(['backup', 'incremental', '--group', 'g'], {
      async onStatement(sql) {
        if (isGone || !sql.startsWith('INSERT INTO `ops`.`br_claims`')) return;
        isGone = true;
        await site.run(['prune', '--snapshot', full, '--yes']);
      },
    });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain(`baseline '${full}' was deleted meanwhile`);
    expect(await site.sql('SELECT label FROM ops.run_status WHERE state = "ACTIVE"')).toEqual([]);
    expect(await site.sql('SELECT label FROM ops.br_backup_meta')).toEqual([]);
  });
});

describe('srbr prune', () => {
  test('spares what a backup stands on whose books are open', async () => {
    const full = await backup('full', 'g');
    await change();
    await run('backup', 'incremental', '--group', 'g', '--detach');
    await backup('full', 'all').catch(() => undefined);
    const refused = await run('prune', '--snapshot', full, '--yes');
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain('stands on it');
    await site.cluster.untilJobDone('sales_db');
    await run('reconcile');
    const [row] = await site.sql("SELECT label FROM ops.br_backup_meta WHERE baseline_label <> ''");
    expect((await run('verify', row?.['label'] ?? '')).exit).toBe(0);
  });

  test('of one group spares what backups of another group stand on', async () => {
    const full = await backup('full', 'all');
    await change();
    const label = await backup('incremental', 'g', '--baseline-backup', full);
    await backup('full', 'all');
    const kept = await run('prune', '--group', 'all', '--keep-last', '1', '--yes');
    expect(JSON.parse(kept.out)).toMatchObject({ deleted: [] });
    expect((await run('verify', label)).exit).toBe(0);
    const cascaded = await run('prune', '--group', 'all', '--snapshot', full, '--cascade', '--yes');
    expect(JSON.parse(cascaded.out).deleted).toEqual([label, full]);
  });
});
