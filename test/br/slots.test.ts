/** Slots, tracking and signals against a cluster (br-cli.md 6.4, 6.8). */
import { beforeEach, describe, expect, test } from 'vitest';
import { LostConnection } from '../../src/br/errors.ts';
import type { Signal } from '../../src/br/ports.ts';
import { openSales } from './sales.ts';
import type { CallOptions, Outcome, Site } from './site.ts';

const LABEL = 'sales_db_20250101_full';

let site: Site;

function full(more: readonly string[] = [], how: CallOptions = {}): Promise<Outcome> {
  return site.run(
    ['--json', '--exit-codes', 'extended', 'backup', 'full', '--group', 'g', ...more],
    how,
  );
}

async function takeSlotOf(label: string, ageSeconds = 0): Promise<void> {
  await site.sql(
    `INSERT INTO ops.run_status (scope, label, state, started_at) VALUES ('backup', '${label}', ` +
      `'ACTIVE', DATE_SUB(NOW(), INTERVAL ${ageSeconds} SECOND))`,
  );
}

async function slots(): Promise<readonly string[]> {
  const rows = await site.sql('SELECT label, state FROM ops.run_status ORDER BY label');
  return rows.map((row) => Object.values(row).join(' '));
}

beforeEach(async () => {
  site = await openSales();
});

describe('the slot of a database', () => {
  test('AC-SLOT-1, AC-SLOT-9: is respected while its job runs', async () => {
    await takeSlotOf('theirs');
    await site.sql('BACKUP DATABASE sales_db SNAPSHOT theirs TO repo');
    const outcome = await full();
    expect(outcome.exit).toBe(3);
    expect(outcome.err).toContain('backup:theirs');
    expect(outcome.err).toContain('srbr cancel --label');
    expect(await slots()).toEqual(['theirs ACTIVE']);
  });

  test('AC-SLOT-2, E2E-21: is healed when its job has finished, with its history', async () => {
    await takeSlotOf('theirs');
    await site.sql('BACKUP DATABASE sales_db SNAPSHOT theirs TO repo');
    await site.cluster.untilJobDone('sales_db');
    const outcome = await full();
    expect(outcome.exit).toBe(0);
    expect(await slots()).toEqual([`${LABEL} FINISHED`, 'theirs FINISHED']);
    expect(await site.sql("SELECT status FROM ops.backup_history WHERE label = 'theirs'")).toEqual([
      { status: 'FINISHED' },
    ]);
  });

  test('AC-SLOT-3: of an unknown label is respected for the grace, then healed', async () => {
    await takeSlotOf('silent', 5);
    expect((await full()).exit).toBe(3);
    site.pass(700_000);
    expect((await full()).exit).toBe(0);
    expect(await slots()).toEqual([`${LABEL} FINISHED`, 'silent CANCELLED']);
  });

  test('AC-SLOT-4, E2E-20: of twenty at once exactly one has it', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => full()));
    const exits = outcomes.map(({ exit }) => exit).sort();
    expect(exits).toEqual([0, ...Array.from({ length: 19 }, () => 3)]);
    expect(
      outcomes.flatMap(({ statements }) => statements.filter((s) => /^BACKUP/.test(s))),
    ).toHaveLength(1);
    expect((await slots()).filter((each) => each.endsWith('ACTIVE'))).toEqual([]);
    expect(await site.sql('SELECT * FROM ops.br_claims')).toEqual([]);
  });

  test('AC-SLOT-7: --wait-for-slot comes back until the slot is free', async () => {
    await site.sql('BACKUP DATABASE sales_db SNAPSHOT theirs TO repo');
    const outcome = await full(['--wait-for-slot', '60s']);
    expect(outcome.exit).toBe(0);
    expect(outcome.err).toMatch(/trying again in [456]s/);
  });

  test('of another database does not matter', async () => {
    await site.sql('CREATE DATABASE elsewhere');
    await site.sql('CREATE TABLE elsewhere.t (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1');
    await takeSlotOf('theirs');
    await site.sql('BACKUP DATABASE elsewhere SNAPSHOT theirs TO repo');
    expect((await full()).exit).toBe(0);
  });

  test('AC-SLOT-6: a signal leaves the job alone, or cancels it on request', async () => {
    const send: { send?: (signal: Signal) => void } = {};
    const interrupt: CallOptions = {
      signal: send,
      onStatement(sql) {
        if (sql.startsWith('SHOW BACKUP')) asks += 1;
        if (asks > 3) send.send?.('SIGTERM');
      },
    };
    let asks = 0;
    const detached = await full([], interrupt);
    expect(detached.exit).toBe(143);
    expect(await slots()).toEqual([`${LABEL} ACTIVE`]);
    await site.cluster.untilJobDone('sales_db');
    await site.run(['reconcile']);
    asks = 0;
    const cancelled = await full(['--on-interrupt', 'cancel'], interrupt);
    expect(cancelled.exit).toBe(143);
    expect(await slots()).toEqual([`${LABEL} FINISHED`, `${LABEL}_r1 CANCELLED`]);
  });
});

describe('tracking', () => {
  test('AC-CONN-3, AC-POLL-2, E2E-24: outlives a connection that is cut often', async () => {
    let cuts = 0;
    const outcome = await full([], {
      onStatement(sql) {
        if (!sql.startsWith('SHOW BACKUP') || cuts >= 4) return;
        if (site.cluster.trace.length === 0) return;
        cuts += 1;
        if (cuts > 1) throw new LostConnection('cut');
      },
    });
    expect(outcome.exit).toBe(0);
    expect(cuts).toBe(4);
  });

  test('AC-POLL-1: a job that another has replaced is judged by the repository', async () => {
    let isReplaced = false;
    const outcome = await full([], {
      async onStatement(sql) {
        const [job] = await site.sql('SHOW BACKUP FROM sales_db');
        if (isReplaced || !sql.startsWith('SHOW BACKUP') || job?.['State'] !== 'FINISHED') return;
        isReplaced = true;
        await site.sql('BACKUP DATABASE sales_db SNAPSHOT theirs TO repo');
      },
    });
    expect(isReplaced).toBe(true);
    expect(outcome.err).toContain('the repository has the whole snapshot');
    expect(outcome.exit).toBe(0);
  });
});
