/** A restore that is killed between two statements, and what `--resume` makes of it (E2E-26). */
import { expect } from 'vitest';
import { LostConnection } from '../../src/br/errors.ts';
import { openSales, salesRows } from './sales.ts';
import type { Site } from './site.ts';

async function jobOf(site: Site): Promise<string | undefined> {
  const rows = await site.sql("SELECT job_id FROM ops.br_restore_steps WHERE action = 'plan'");
  return rows[0]?.['job_id'] ?? undefined;
}

/** Kills it at every so many statements after its plan; answers at how many. */
export async function killEverywhere(stride: number): Promise<number> {
  let boundaries = 0;
  for (let at = 0; ; at += stride) {
    const site = await openSales();
    await site.run(['backup', 'full', '--group', 'all']);
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 8, 'second')");
    const wanted = await salesRows(site);
    const backup = await site.run(['--json', 'backup', 'incremental', '--group', 'all']);
    const { label } = JSON.parse(backup.out);
    await site.sql('TRUNCATE TABLE sales_db.orders');
    let planned = Number.POSITIVE_INFINITY;
    const killed = await site.run(['restore', '--target-label', label, '--yes'], {
      onStatement(sql, index) {
        if (/^INSERT INTO `ops`.`br_restore_steps`.*'plan'/.test(sql)) planned = index;
        if (index > planned + at) throw new LostConnection('killed');
      },
    });
    if (killed.exit === 0) break;
    boundaries += 1;
    const jobId = await jobOf(site);
    const resumed = await site.run(['restore', '--resume', jobId ?? '']);
    expect(`${at} ${resumed.exit} ${resumed.exit === 0 ? '' : resumed.err}`).toBe(`${at} 0 `);
    expect(await salesRows(site)).toEqual(wanted);
    const tables = await site.sql('SHOW TABLES FROM sales_db');
    const names = tables.map((row) => row['Tables_in_sales_db'] ?? '');
    expect(names.filter((name) => name.includes('_restored'))).toEqual([]);
    expect(names.filter((name) => name.startsWith('orders_backup_'))).toHaveLength(1);
    expect(await site.sql("SELECT * FROM ops.run_status WHERE state = 'ACTIVE'")).toEqual([]);
    expect(await site.sql('SELECT * FROM ops.br_claims')).toEqual([]);
    const [row] = await site.sql("SELECT * FROM ops.restore_history WHERE status = 'FINISHED'");
    expect(row?.['verification_checksum']).toMatch(/^[0-9a-f]{32}$/);
    await site.cluster.stop();
  }
  return boundaries;
}
