/** What upstream gets wrong and no acceptance criterion names alone (br-cli.md 8). */
import { existsSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Row } from '../../src/br/connection/connection.ts';
import { ServerError } from '../../src/br/errors.ts';
import { readPage } from '../docs/made-page.ts';
import { backupOf, openSales } from './sales.ts';
import type { CallOptions, Outcome, Site } from './site.ts';

let site: Site;

function full(group = 'g', how: CallOptions = {}): Promise<Outcome> {
  return site.run(['--json', '--exit-codes', 'extended', 'backup', 'full', '--group', group], how);
}

describe('weaknesses of upstream', () => {
  beforeEach(async () => {
    site = await openSales();
  });

  test('W-14: a run whose question for labels is refused ends there', async () => {
    for (const table of ['backup_history', 'run_status', 'br_claims']) {
      const outcome = await full('g', {
        onStatement(sql) {
          const isQuestion = sql.startsWith('SELECT') && sql.includes(`\`ops\`.\`${table}\``);
          if (isQuestion) throw new ServerError(1064, 'too many versions');
        },
      });
      expect(outcome.exit).toBe(1);
      expect(backupOf(outcome.statements)).toBeUndefined();
    }
    expect(await site.sql('SELECT * FROM ops.run_status')).toEqual([]);
  });

  test('W-22: prune --group leaves the backups of groups that share a table', async () => {
    const mine = JSON.parse((await full('g')).out).label;
    const others = JSON.parse((await full('all')).out).label;
    const theirs = JSON.parse((await full('all')).out).label;
    await site.sql(`DELETE FROM ops.br_backup_meta WHERE label = '${theirs}'`);
    const older = ['--json', 'prune', '--older-than', '0s', '--dry-run', '--group'];
    site.pass(1000);
    const ofGroup = async (group: string): Promise<unknown> =>
      JSON.parse((await site.run([...older, group])).out).wouldDelete;
    expect(await ofGroup('g')).toEqual([mine]);
    expect(await ofGroup('all')).toEqual([others, theirs]);
  });

  test('W-39: tables of other databases in a group are named, or backed up too', async () => {
    await site.sql('CREATE DATABASE other_db');
    await site.sql('CREATE TABLE other_db.t (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1');
    await site.run(['inventory', 'add', '--group', 'g', 'other_db.t']);
    const one = await full();
    expect(one.err).toContain('group g also has tables of other_db: not part of this backup');
    const both = await site.run(['backup', 'full', '--group', 'g', '--database', 'all']);
    const named = both.statements.filter((sql) => sql.startsWith('BACKUP'));
    expect(named.map((sql) => /DATABASE `(.*?)`/.exec(sql)?.[1])).toEqual(['other_db', 'sales_db']);
  });

  test('W-40: a slot whose database refuses to tell is not taken for stale', async () => {
    await site.sql('CREATE DATABASE secret');
    await site.sql(
      "INSERT INTO ops.run_status (scope, label, state, started_at) VALUES ('backup', 'theirs', " +
        "'ACTIVE', DATE_SUB(NOW(), INTERVAL 1 DAY))",
    );
    const onStatement = (sql: string): void => {
      if (sql === 'SHOW BACKUP FROM `secret`') throw new ServerError(5203, 'Access denied');
    };
    const refused = await full('g', { onStatement });
    expect(refused.exit).toBe(3);
    expect(refused.err).toContain('backup:theirs, active for 1d');
    expect((await full()).exit).toBe(0);
  });

  test('W-41: a partition with several physical ones is named once', async () => {
    await full();
    await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-07', 9, 'new')");
    const twice = (rows: readonly Row[]): readonly Row[] =>
      rows.flatMap((row) => [row, { ...row, PartitionId: `${Number(row['PartitionId']) + 5000}` }]);
    const outcome = await site.run(['backup', 'full', '--group', 'g', '--dry-run'], {
      rewrite: (sql, rows) => (sql.startsWith('SHOW PARTITIONS') ? twice(rows) : rows),
    });
    expect(outcome.out).toMatch(/ON \(TABLE `dim`,\s+TABLE `orders`\)/);
    const second = await site.run(['--json', 'backup', 'incremental', '--group', 'g'], {
      rewrite: (sql, rows) => (sql.endsWith('`orders`') ? twice(rows) : rows),
    });
    const { tables } = JSON.parse(second.out);
    expect(tables).toMatchObject([{ name: 'orders', partitions: ['p1', 'p2', 'p3', 'p4'] }]);
  });
});

/** `| W-01 ... | ... | `test/br/x.test.ts` AC-INC-3 |`. */
test('docs/srbr.md has a row for each of them, with tests that are there', () => {
  const rows = [...readPage('docs/srbr.md').matchAll(/^\| (W-\d\d) .* \| ([^|]*) \|$/gm)];
  const ids = rows.map(([, id]) => id);
  const all = Array.from({ length: 45 }, (_, index) => `W-${String(index + 1).padStart(2, '0')}`);
  expect(ids).toEqual(all);
  const faults = rows.flatMap(([, id, shownBy = '']) => {
    const parts = [...shownBy.matchAll(/`(test\/[^`]+)` ([^`;]+)/g)];
    if (parts.length === 0) return [`${id}: no test`];
    return parts.flatMap(([, file = '', names = '']) => {
      if (!existsSync(file)) return [`${id}: no file ${file}`];
      const text = readFileSync(file, 'utf8');
      const missing = names
        .trim()
        .split(/, ?/)
        .filter((name) => !text.includes(name));
      return missing.map((name) => `${id}: ${file} has no ${name}`);
    });
  });
  expect(faults).toEqual([]);
});
