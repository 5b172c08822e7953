/** Retention over more than a year of the cluster's time (br-cli.md 7.6). */
import { expect, test } from 'vitest';
import { CONFIG, openSite } from '../br/site.ts';

const DAY_MS = 24 * 3_600_000;

/** Long cycles and seldom looks: a year is many of them. */
const TICK_MS = 7_200_000;
const SLOW = CONFIG.replace('backup:', 'polling: {initial: 4h, max: 6h}\nbackup:');

/**
 * A backup every tenth day from 2025-01-01 on, a full one every thirtieth, `prune --policy` on day
 * 400 (2026-02-05). Without settings the first full backup of a month lives 365 days, that of a
 * week 90, others and incrementals 14.
 */
const SURVIVORS: readonly (readonly [day: number, why: string])[] = [
  [60, 'the first full of March 2025, 340 days old'],
  [90, 'the first full of April 2025'],
  [120, 'the first full of May 2025'],
  [180, 'the only full of its month, from here on'],
  [210, ''],
  [240, ''],
  [270, ''],
  [300, ''],
  [330, ''],
  [360, 'and what the next one stands on'],
  [390, 'ten days old'],
];

test('E2E-29: 40 backups in 400 days, a policy keeps what its table says', async () => {
  const site = await openSite({ tickMs: TICK_MS });
  await site.sql('CREATE DATABASE sales_db');
  await site.sql('CREATE TABLE sales_db.t (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1');
  const run = (...words: readonly string[]) => site.run(['--json', ...words], { config: SLOW });
  await run('init');
  await run('inventory', 'add', '--group', 'g', '*');
  const beginMs = await nowMs();
  const labels = new Map<number, string>();
  for (let day = 0; day < 400; day += 10) {
    site.pass(beginMs + day * DAY_MS - (await nowMs()));
    await site.sql(`INSERT INTO sales_db.t VALUES (${day})`);
    const type = day % 30 === 0 ? 'full' : 'incremental';
    const outcome = await run('backup', type, '--group', 'g');
    expect(outcome.exit, outcome.err).toBe(0);
    labels.set(day, JSON.parse(outcome.out).label);
  }
  site.pass(beginMs + 400 * DAY_MS - (await nowMs()));
  expect((await run('prune', '--policy', '--yes')).exit).toBe(0);
  const left = await site.sql('SELECT label FROM ops.backup_history ORDER BY started_at');
  expect(left.map((row) => row['label'])).toEqual(SURVIVORS.map(([day]) => labels.get(day)));
  const snapshots = await site.sql('SHOW SNAPSHOT ON repo');
  expect(snapshots).toHaveLength(SURVIVORS.length);
  for (const [day] of SURVIVORS) {
    expect((await run('verify', labels.get(day) ?? '')).exit).toBe(0);
  }

  async function nowMs(): Promise<number> {
    const [row] = await site.sql('SELECT NOW() AS at');
    return Date.parse(`${row?.['at']?.replace(' ', 'T')}Z`);
  }
});
