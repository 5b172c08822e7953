/** Metrics, checks and alerts (br-cli.md 7.9). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ServerError } from '../../src/br/errors.ts';
import { METRICS } from '../../src/br/monitor/metric-table.ts';
import type { Delivery } from '../../src/br/ports.ts';
import { parseMetrics } from './prometheus.ts';
import { createSales, openSales } from './sales.ts';
import { type CallOptions, CONFIG, type Outcome, openSite, type Site } from './site.ts';

const ALERTS = `${CONFIG}alerts:
  - {type: webhook, url: 'https://hooks.example/s3cret'}
  - {type: webhook, url_env: HOOK}
  - {type: command, command: 'page the admin'}
  - {type: file, path: alerts.log}
`;

const ENV = { HOOK: 'https://hooks.example/t0ken' };

let site: Site;

async function begin(): Promise<void> {
  site = await openSales();
}

/** Every backup happened so many days earlier: letting virtual days pass takes real seconds. */
async function age(days: number): Promise<void> {
  await site.sql(
    `UPDATE ops.backup_history SET started_at = DATE_SUB(started_at, INTERVAL ${days} DAY), ` +
      `finished_at = DATE_SUB(finished_at, INTERVAL ${days} DAY) WHERE label <> ''`,
  );
}

function run(words: readonly string[], how: CallOptions = {}): Promise<Outcome> {
  return site.run(['--json', ...words], how);
}

interface Taken {
  readonly to: string;
  readonly text: string;
}

/** What was delivered, in its order. */
function inbox(): { taken: Taken[]; delivery: Delivery } {
  const taken: Taken[] = [];
  const take = async (to: string, text: string): Promise<void> => {
    taken.push({ to, text });
  };
  return { taken, delivery: { post: take, runCommand: take, append: take } };
}

async function metrics(how: CallOptions = {}): Promise<ReadonlyMap<string, number>> {
  const outcome = await site.run(['metrics'], how);
  expect(outcome.exit).toBe(0);
  return parseMetrics(outcome.out);
}

describe('srbr metrics', () => {
  test('AC-MON-1: is what Prometheus reads, and what the history says', async () => {
    await begin();
    const empty = await metrics();
    expect(empty.get('runs_total{status="FINISHED"}')).toBe(0);
    expect(empty.get('disk_free_ratio{backend="10001"}')).toBeGreaterThan(0.5);
    await run(['backup', 'full', '--group', 'g']);
    await site.sql("INSERT INTO sales_db.dim VALUES (3, 'z')");
    await run(['backup', 'incremental', '--group', 'g']);
    await run(['backup', 'full', '--group', 'g', '--name', 'cut'], {
      onStatement(sql) {
        if (sql.startsWith('BACKUP')) throw new ServerError(1064, 'no');
      },
    });
    const [row] = await site.sql(
      "SELECT * FROM ops.backup_history WHERE backup_type = 'incremental'",
    );
    const now = await metrics();
    const of = '{database="sales_db",group="g",type="incremental"}';
    const wall = `${row?.['finished_at']?.slice(0, 19).replace(' ', 'T')}Z`;
    expect(now.get(`last_success_timestamp_seconds${of}`)).toBe(Date.parse(wall) / 1000);
    expect(now.get(`last_duration_seconds${of}`)).toBeGreaterThan(0);
    expect(now.get(`last_bytes${of}`)).toBeGreaterThanOrEqual(0);
    expect(now.get('runs_total{status="FINISHED"}')).toBe(2);
    expect(now.get('runs_total{status="FAILED"}')).toBe(1);
    expect(now.get('chain_length{database="sales_db",group="g"}')).toBe(2);
    expect(now.get('slot_active{scope="backup"}')).toBe(0);
    expect(now.get('unrestorable_backups')).toBe(0);
    expect(now.get('orphan_snapshots')).toBe(0);
    expect(now.get('repository_error{repository="repo"}')).toBe(0);
  });

  test('AC-MON-1, AC-DR-4: counts slots, drills, orphans and companions that failed', async () => {
    await begin();
    const config = CONFIG.replace('meta_snapshot: false', 'meta_snapshot: true');
    await run(['backup', 'full', '--group', 'g'], {
      config,
      onStatement(sql) {
        if (sql.startsWith('BACKUP DATABASE `ops`')) throw new ServerError(5064, 'busy');
      },
    });
    await run(['drill']);
    await site.sql('BACKUP DATABASE sales_db SNAPSHOT found TO repo ON (TABLE dim)');
    await site.cluster.untilJobDone('sales_db');
    await run(['backup', 'full', '--group', 'all', '--detach']);
    const now = await metrics();
    expect(now.get('meta_snapshot_failures_total')).toBe(1);
    expect(now.get('drill_last_success_timestamp_seconds{scope="table"}')).toBeGreaterThan(0);
    expect(now.get('orphan_snapshots')).toBe(1);
    expect(now.get('slot_active{scope="backup"}')).toBe(1);
    await run(['prune', '--keep-last', '1', '--yes']);
  });

  test('the configured file follows every run; one that cannot be written is told', async () => {
    await begin();
    const files = new Map<string, string>();
    const config = `${CONFIG}metrics: {textfile: srbr.prom}\n`;
    await run(['backup', 'full', '--group', 'g'], { config, files });
    expect(parseMetrics(files.get('srbr.prom') ?? '').get('runs_total{status="FINISHED"}')).toBe(1);
    await run(['metrics', '--textfile', 'mine.prom'], { files });
    expect(files.get('mine.prom')).toBe(files.get('srbr.prom'));
    const outcome = await run(['backup', 'full', '--group', 'g'], {
      config,
      onStatement(sql) {
        if (sql.startsWith('SHOW VARIABLES')) throw new ServerError(1064, 'not now');
      },
    });
    expect(outcome.exit).toBe(0);
    expect(outcome.err).toContain('the metrics file is not up to date: not now');
  });

  test('AC-MON-4: dashboard and alert rules name exported metrics only', () => {
    for (const file of ['grafana-dashboard.json', 'alert-rules.yaml']) {
      const url = new URL(`../../docs/monitoring/${file}`, import.meta.url);
      const text = readFileSync(url, 'utf8');
      const names = [...text.matchAll(/starrocks_br_([a-z_]+)/g)].map((match) => match[1] ?? '');
      expect(names.length).toBeGreaterThan(4);
      for (const name of names) expect(Object.keys(METRICS)).toContain(name);
    }
  });
});

describe('srbr check', () => {
  async function check(words: readonly string[] = [], how: CallOptions = {}): Promise<string> {
    const outcome = await site.run(['check', '--group', 'g', ...words], how);
    return `${outcome.exit} ${outcome.out.trim()}`;
  }

  test('AC-MON-2: tells by its code and one line how the backups are', async () => {
    await begin();
    expect(await check()).toBe('2 SRBR CRITICAL - group g has no backup');
    await run(['backup', 'full', '--group', 'g']);
    expect(await check()).toMatch(
      /^0 SRBR OK - groups g are backed up \| 'g age'=\d+s 'g size'=\d+B$/,
    );
    expect(await check(['--max-duration', '1s'])).toMatch(/^1 SRBR WARNING - .* at most 1s/);
    await age(2);
    expect(await check()).toMatch(/^2 SRBR CRITICAL - group g: the newest backup is 2d/);
    expect(await check(['--max-age', '3d'])).toMatch(/^0 /);
    expect(await check(['--max-age', '3d', '--max-full-age', '1d'])).toMatch(
      /^1 SRBR WARNING - group g: the newest full backup is 2d/,
    );
    await age(40);
    const old = ['--max-age', '900d'];
    expect(await check([...old, '--drills'])).toMatch(
      /^1 SRBR WARNING - a drill of a partition is due/,
    );
    await run(['drill']);
    expect(await check([...old, '--drills'])).toMatch(/^0 /);
  });

  test('AC-MON-2: broken repositories, dead nodes and bad calls', async () => {
    await begin();
    await run(['backup', 'full', '--group', 'g']);
    const elsewhere = CONFIG.replace('repository: repo', 'repository: elsewhere');
    expect(await check([], { config: elsewhere })).toMatch(
      /^2 SRBR CRITICAL - repository: there is/,
    );
    expect(await check(['--max-age', 'soon'])).toMatch(/^3 SRBR UNKNOWN - option --max-age/);
    expect((await site.run(['check', '--group', 'nope'])).out).toMatch(/^SRBR UNKNOWN - /);
    expect((await site.run(['check', '--sideways'])).exit).toBe(2);
    const json = await run(['check', '--group', 'nope']);
    expect(JSON.parse(json.out)).toMatchObject({ state: 'UNKNOWN' });
  });

  test('AC-MON-2: a dead backend is critical, a lost history unknown', async () => {
    site = await openSite({ backends: 2 });
    await createSales(site);
    await site.run(['init']);
    await site.run(['inventory', 'add', '--group', 'g', 'orders', 'dim']);
    await run(['backup', 'full', '--group', 'g']);
    site.cluster.unsafeKillBackend(10001);
    site.pass(60_000);
    expect(await check()).toMatch(/^2 SRBR CRITICAL - backend 10001 is dead/);
    site.cluster.unsafeKillBackend(10002);
    site.pass(60_000);
    expect(await check()).toMatch(/^3 SRBR UNKNOWN - /);
  });
});

describe('alerts', () => {
  function cancelled(delivery: Delivery, name: string): CallOptions {
    let isSent = false;
    return {
      config: ALERTS,
      env: ENV,
      delivery,
      async onStatement(sql) {
        if (isSent && sql.startsWith('SHOW BACKUP')) {
          isSent = false;
          await site.sql('CANCEL BACKUP FROM sales_db');
        }
        if (sql.includes(`SNAPSHOT \`${name}\``)) isSent = true;
      },
    };
  }

  test('AC-MON-3, E2E-25: a run that fails is told once, everywhere, by no secret', async () => {
    await begin();
    const { taken, delivery } = inbox();
    const words = ['backup', 'full', '--group', 'g', '--name', 'first'];
    const outcome = await run(words, cancelled(delivery, 'first'));
    expect(outcome.exit).toBe(1);
    expect(taken.map(({ to }) => to)).toEqual([
      'https://hooks.example/s3cret',
      'https://hooks.example/t0ken',
      'page the admin',
      'alerts.log',
    ]);
    expect(JSON.parse(taken[0]?.text ?? '')).toMatchObject({
      source: 'srbr',
      cluster: '127.0.0.1:9030',
      kind: 'run-failed',
      level: 'critical',
      subject: 'first',
    });
    expect(taken[0]?.text).toContain('first of sales_db, group g, ended CANCELLED: ');
    const check = await site.run(['check', '--group', 'g'], { config: ALERTS, env: ENV, delivery });
    expect(check.exit).toBe(2);
    expect(check.out).toContain('first ended CANCELLED');
    const kinds = taken.map(({ text }) => JSON.parse(text).kind);
    expect(kinds.filter((kind) => kind === 'run-failed')).toHaveLength(4);
    expect(kinds.filter((kind) => kind === 'missing-backup')).toHaveLength(4);
    const again = await site.run(['check', '--group', 'g'], { config: ALERTS, env: ENV, delivery });
    expect(again.exit).toBe(2);
    expect(taken).toHaveLength(8);
    for (const text of [outcome.err, outcome.out, check.out, check.err]) {
      expect(text).not.toMatch(/s3cret|t0ken/);
    }
  });

  test('what is over may be told again; a check may be told to say nothing', async () => {
    await begin();
    const { taken, delivery } = inbox();
    const config = `${CONFIG}alerts: [{type: file, path: alerts.log}]\n`;
    const how = { config, delivery };
    await site.run(['check', '--group', 'g', '--no-alerts'], how);
    expect(taken).toEqual([]);
    await site.run(['check', '--group', 'g'], how);
    await site.run(['check', '--group', 'g'], how);
    expect(taken).toHaveLength(1);
    await run(['backup', 'full', '--group', 'g'], how);
    await site.run(['check', '--group', 'g'], how);
    await age(2);
    await site.run(['check', '--group', 'g'], how);
    expect(taken.map(({ text }) => JSON.parse(text).kind)).toEqual([
      'missing-backup',
      'missing-backup',
    ]);
  });

  test('refusals are told each time; an alert that gets nowhere fails nothing', async () => {
    await begin();
    const { taken, delivery } = inbox();
    const config = `${CONFIG}alerts: [{type: file, path: alerts.log}]\n`.replace(
      'repository: repo',
      'repository: elsewhere',
    );
    for (const _ of [1, 2]) {
      await run(['backup', 'full', '--group', 'g'], { config, delivery });
      site.pass(2000);
    }
    expect(taken.map(({ text }) => JSON.parse(text).kind)).toEqual(['run-refused', 'run-refused']);
    const lost = await run(['backup', 'full', '--group', 'g', '--name', 'cut'], {
      config: ALERTS,
      onStatement(sql) {
        if (sql.startsWith('BACKUP')) throw new ServerError(1064, 'no');
      },
    });
    expect(lost.err).toContain('alerts[0] (webhook) did not take the alert: nobody is there');
    expect(lost.err).toContain('the environment has no HOOK');
    expect(lost.err).toContain('the server refused the backup cut');
    const events = await site.sql("SELECT * FROM ops.br_events WHERE event = 'alert.undelivered'");
    expect(events).toHaveLength(4);
  });
});
