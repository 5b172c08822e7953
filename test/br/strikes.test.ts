/** Single strikes at commands of `srbr`, each of which once did harm (br-cli.md 6.4, 7.3). */
import { beforeEach, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { LostConnection, ServerError } from '../../src/br/errors.ts';
import { leftBehind } from './runs/books.ts';
import { openSales, salesRows } from './sales.ts';
import type { CallOptions, Outcome, Site } from './site.ts';

let site: Site;

function run(...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', ...words]);
}

async function labelOf(...words: readonly string[]): Promise<string> {
  const outcome = await run('backup', ...words, '--group', 'all');
  expect(outcome.exit, outcome.err).toBe(0);
  return JSON.parse(outcome.out).label;
}

/** An incremental backup on a full one, both with rows of `orders`. */
async function chain(): Promise<string> {
  await labelOf('full');
  await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 8, 'second')");
  return await labelOf('incremental');
}

const restoring = (label: string): readonly string[] => [
  'restore',
  '--target-label',
  label,
  '--yes',
];

async function expectNothingLeft(): Promise<void> {
  expect(await leftBehind(site)).toEqual([]);
}

beforeEach(async () => {
  site = await openSales();
});

describe('a connection that is lost', () => {
  test('when the slot is given back: it is given back later', async () => {
    await labelOf('full');
    let isLost = false;
    const outcome = await site.run(['backup', 'incremental', '--group', 'all'], {
      onStatement(sql) {
        if (isLost || !sql.startsWith('DELETE FROM `ops`.`run_status`')) return;
        isLost = true;
        throw new LostConnection('gone');
      },
    });
    expect(isLost).toBe(true);
    expect(outcome.err).toContain('no partition has changed');
    await expectNothingLeft();
  });

  test('when BACKUP was accepted, and after it: the run is followed all the same', async () => {
    let lost = 0;
    const outcome = await site.run(['backup', 'full', '--group', 'all'], {
      async onStatement(sql) {
        if (sql.startsWith('BACKUP')) {
          await site.sql(sql);
          lost = 4;
        }
        if (lost > 0) {
          lost -= 1;
          throw new LostConnection('gone');
        }
      },
    });
    expect(outcome.exit).toBe(0);
    expect(await site.sql('SELECT status FROM ops.backup_history')).toEqual([
      { status: 'FINISHED' },
    ]);
    await expectNothingLeft();
  });

  test('for good after a swap: --resume ends it, and --rollback has the old table', async () => {
    const wanted = await salesRows(site);
    const label = await labelOf('full');
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-01-09', 7, 'later')");
    const before = await salesRows(site);
    let isGone = false;
    const outcome = await site.run(restoring(label), {
      async onStatement(sql) {
        if (/`orders` SWAP WITH/.test(sql)) {
          await site.sql(sql);
          isGone = true;
        }
        if (isGone) throw new LostConnection('gone');
      },
    });
    expect(outcome.exit).toBe(1);
    const job = /srbr restore --resume '([^']+)'/.exec(outcome.err)?.[1] ?? '';
    expect((await run('restore', '--resume', job)).exit).toBe(0);
    expect(await salesRows(site)).toEqual(wanted);
    expect((await run('restore', '--rollback', job)).exit).toBe(0);
    expect(await salesRows(site)).toEqual(before);
    await expectNothingLeft();
  });
});

test('AC-HIST-1: a restore whose plan cannot be written has its one row, as FAILED', async () => {
  const label = await labelOf('full');
  const outcome = await site.run(restoring(label), {
    onStatement(sql) {
      if (/^UPDATE `ops`.`br_restore_steps`.*step_no = 1$/.test(sql)) {
        throw new ServerError(1064, 'not now');
      }
    },
  });
  expect(outcome.exit).toBe(1);
  expect(await site.sql('SELECT status FROM ops.restore_history')).toEqual([{ status: 'FAILED' }]);
  await expectNothingLeft();
});

test('a rollback that is killed before it drops what was restored, drops it later', async () => {
  const label = await labelOf('full');
  const before = await tablesAndRows();
  const { jobId } = JSON.parse((await run(...restoring(label))).out);
  let isKilled = false;
  await site.run(['restore', '--rollback', jobId], {
    onStatement(sql) {
      isKilled ||= sql.startsWith('DROP TABLE');
      if (isKilled) throw new Error('killed');
    },
  });
  expect((await run('restore', '--rollback', jobId)).exit).toBe(0);
  expect(await tablesAndRows()).toEqual(before);
  await expectNothingLeft();
});

describe('a frontend that is started again', () => {
  /** Killed at the nth look at a job, and away for three statements. */
  function restarting(looks: number): CallOptions {
    let away = 0;
    let count = 0;
    return {
      async onStatement(sql) {
        if (away > 0) {
          away -= 1;
          throw new LostConnection('refused');
        }
        if (/^SHOW (BACKUP|RESTORE) /.test(sql)) count += 1;
        if (count !== looks) return;
        count += 1;
        away = 3;
        const random = new SeededRandom(1n);
        site.cluster = await site.cluster.unsafeCrash({ fate: 'lost', random });
        throw new LostConnection('gone');
      },
    };
  }

  test('E2E-24: while a backup uploads: it is followed to its end', async () => {
    const outcome = await site.run(['backup', 'full', '--group', 'all'], restarting(4));
    expect(outcome.exit).toBe(0);
    expect(outcome.err).toContain('failed (4): refused');
    await expectNothingLeft();
  });

  test('E2E-24: while a restore downloads: it is followed to its end', async () => {
    const label = await labelOf('full');
    const wanted = await salesRows(site);
    await site.sql('TRUNCATE TABLE sales_db.orders');
    const outcome = await site.run(restoring(label), restarting(5));
    expect(outcome.err).toContain('failed (4): refused');
    expect(outcome.exit).toBe(0);
    expect(await salesRows(site)).toEqual(wanted);
    await expectNothingLeft();
  });
});

describe('a restore', () => {
  test('that waited looks again: a table that came meanwhile is set aside, not mixed', async () => {
    const label = await chain();
    const wanted = await salesRows(site);
    await site.sql('DROP TABLE sales_db.orders');
    await site.sql('BACKUP DATABASE sales_db SNAPSHOT other TO repo ON (TABLE dim)');
    let isMade = false;
    const outcome = await site.run([...restoring(label), '--wait-for-slot', '2m'], {
      async onStatement() {
        const [job] = await site.sql('SHOW BACKUP FROM sales_db');
        if (isMade || job?.['State'] !== 'FINISHED') return;
        isMade = true;
        await site.sql('CREATE TABLE sales_db.orders (mine INT) DISTRIBUTED BY HASH(mine)');
        await site.sql('INSERT INTO sales_db.orders VALUES (1)');
      },
    });
    expect(outcome.err).toContain('has changed since the plan was made');
    expect(outcome.exit).toBe(0);
    expect(await salesRows(site)).toEqual(wanted);
    const names = (await site.sql('SHOW TABLES FROM sales_db')).map((row) => Object.values(row)[0]);
    const aside = names.find((name) => name?.startsWith('orders_backup_'));
    expect(await site.sql(`SELECT * FROM sales_db.${aside}`)).toEqual([{ mine: '1' }]);
  });

  test('keeps its slot while it counts and copies, though its last job is done', async () => {
    const label = await labelOf('full');
    const seen: number[] = [];
    const outcome = await site.run(restoring(label), {
      async onStatement(sql) {
        if (!/^SELECT COUNT\(\*\) AS row_total/.test(sql) || seen.length > 0) return;
        site.pass(120_000);
        const words = ['--exit-codes', 'extended', 'backup', 'full', '--group', 'all'];
        seen.push((await site.run(words)).exit);
      },
    });
    expect(outcome.exit).toBe(0);
    expect(seen).toEqual([3]);
  });

  test.each(['auto', 'in-place'])(
    'AC-CUT-3, E2E-27: is undone where tables came under their own names, %s',
    async (strategy) => {
      const label = await chain();
      if (strategy === 'auto') await site.sql('DROP TABLE sales_db.orders');
      else await site.sql('TRUNCATE TABLE sales_db.orders');
      const before = await tablesAndRows();
      const words = [...restoring(label), '--strategy', strategy];
      const { jobId } = JSON.parse((await run(...words)).out);
      expect((await run('restore', '--rollback', jobId)).exit).toBe(0);
      expect(await tablesAndRows()).toEqual(before);
      expect((await run('restore', '--rollback', jobId)).exit).toBe(0);
      expect(await tablesAndRows()).toEqual(before);
      const resumed = await run('restore', '--resume', jobId);
      expect(resumed.exit).toBe(1);
      expect(resumed.err).toContain('was undone');
    },
  );

  test('that has finished is not done again by --resume', async () => {
    const label = await labelOf('full');
    const { jobId } = JSON.parse((await run(...restoring(label))).out);
    await site.sql("INSERT INTO sales_db.dim VALUES (9, 'later')");
    const before = await salesRows(site);
    expect((await run('restore', '--resume', jobId)).exit).toBe(0);
    expect(await salesRows(site)).toEqual(before);
    await expectNothingLeft();
  });

  test('is undone whole or not at all: a table that is gone is named first', async () => {
    const label = await labelOf('full');
    const { jobId, setAside } = JSON.parse((await run(...restoring(label))).out);
    const aside = setAside.find((name: string) => name.startsWith('orders_'));
    await site.sql(`DROP TABLE sales_db.${aside} FORCE`);
    const before = await tablesAndRows();
    const outcome = await run('restore', '--rollback', jobId);
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('of orders the table that was live');
    expect(await tablesAndRows()).toEqual(before);
    await expectNothingLeft();
  });
});

/** Names with row counts. */
async function tablesAndRows(): Promise<readonly string[]> {
  const names = (await site.sql('SHOW TABLES FROM sales_db')).map((row) => Object.values(row)[0]);
  const texts: string[] = [];
  for (const name of names) {
    texts.push(`${name} ${(await site.sql(`SELECT * FROM sales_db.${name}`)).length}`);
  }
  return texts;
}
