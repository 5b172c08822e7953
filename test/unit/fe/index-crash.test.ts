/** A crash around the one record of a change: afterwards the change is there whole, or not at all. */
import { describe, expect, test } from 'vitest';
import { attempt, start } from '../../../src/base/op.ts';
import { runText } from '../../../src/fe/run-text.ts';
import { rowsOf, tableOf } from './support/index-rows.ts';
import { World } from './support/world.ts';

const BEFORE = 'fe.edit-log.append';
const AFTER = 'fe.edit-log.applied';

function world(): World {
  const made = new World();
  made.run(`CREATE DATABASE d;
    CREATE TABLE d.t (k INT, v INT) DUPLICATE KEY (k)
      PARTITION BY RANGE (k) (PARTITION p1 VALUES LESS THAN ('10'))
      DISTRIBUTED BY HASH (k) BUCKETS 2;
    CREATE TABLE d.r (id BIGINT NOT NULL AUTO_INCREMENT, v INT) DUPLICATE KEY (id)
      DISTRIBUTED BY RANDOM BUCKETS 1 PROPERTIES ("bucket_size" = "1");
    INSERT INTO d.t VALUES (1, 10), (2, 20), (3, 30);
    INSERT INTO d.t VALUES (4, 40);
    INSERT INTO d.r (v) VALUES (1)`);
  return made;
}

/** Runs the text until the record's point kills the machine, and starts it again. */
function crashedAt(point: typeof BEFORE | typeof AFTER, op: string, sql: string): World {
  const at = world();
  prepare(at, op);
  at.faults.enable(point, { do: 'crash' }, { match: { op }, times: 1 });
  let hasEnded = false;
  start(attempt(runText(at.cluster.frontend, sql)), () => {
    hasEnded = true;
  });
  at.clock.advance(30_000);
  expect(hasEnded).toBe(false);
  const after = at.crashed();
  after.clock.advance(60_000);
  return after;
}

function prepare(at: World, op: string): void {
  if (op === 'OP_REPLACE_TEMP_PARTITION') {
    at.run(`ALTER TABLE d.t ADD TEMPORARY PARTITION tp VALUES LESS THAN ('10');
      INSERT INTO d.t TEMPORARY PARTITION (tp) VALUES (9, 90)`);
  }
  if (op === 'OP_DROP_ROLLUP') at.run('ALTER TABLE d.t ADD ROLLUP x (v)');
}

/** Tablets that backends hold and no table has. */
function strangers(at: World): number {
  const known = new Set<number>();
  for (const name of ['t', 'r']) {
    const { partitions, tempPartitions } = tableOf(at, name);
    for (const { physical } of [...partitions.values(), ...tempPartitions.values()]) {
      for (const { indexes } of physical) {
        for (const { tablets } of indexes) for (const id of tablets.tabletIds) known.add(id);
      }
    }
  }
  let count = 0;
  for (const { what, about } of at.events) {
    if (what === 'task.finish' && about['type'] === 'DROP') {
      if (!known.has(Number(about['signature']))) count += 1;
    }
  }
  return count;
}

const values = (at: World): unknown[] => at.rows('SELECT v FROM d.t ORDER BY v').map(([v]) => v);

describe.each([BEFORE, AFTER] as const)('%s', (point) => {
  const isThere = point === AFTER;

  test('ADD ROLLUP', () => {
    const at = crashedAt(point, 'OP_ALTER_JOB_V2', 'ALTER TABLE d.t ADD ROLLUP x (v)');
    expect(tableOf(at, 't').indexMetas).toHaveLength(isThere ? 2 : 1);
    // What was made for nothing is dropped after the first reports.
    expect(strangers(at)).toBe(isThere ? 0 : 6);
    if (!isThere) at.run('ALTER TABLE d.t ADD ROLLUP x (v)');
    expect(rowsOf(at, 'x')).toEqual(['10', '20', '30', '40']);
    at.stop();
  });

  test('ADD COLUMN', () => {
    const sql = 'ALTER TABLE d.t ADD COLUMN w INT DEFAULT "5"';
    const at = crashedAt(point, 'OP_MODIFY_TABLE_ADD_OR_DROP_COLUMNS', sql);
    // The former tablets or the new ones go, whichever the table does not have.
    expect(strangers(at)).toBe(6);
    if (!isThere) at.run(sql);
    expect(rowsOf(at, 't')).toEqual(['1|10|5', '2|20|5', '3|30|5', '4|40|5']);
    at.stop();
  });

  test('DROP ROLLUP', () => {
    const at = crashedAt(point, 'OP_DROP_ROLLUP', 'ALTER TABLE d.t DROP ROLLUP x');
    expect(tableOf(at, 't').indexMetas).toHaveLength(isThere ? 1 : 2);
    at.run('INSERT INTO d.t VALUES (5, 50)');
    expect(values(at)).toEqual([10, 20, 30, 40, 50]);
    at.stop();
  });

  test('REPLACE PARTITION', () => {
    const sql = 'ALTER TABLE d.t REPLACE PARTITION (p1) WITH TEMPORARY PARTITION (tp)';
    const at = crashedAt(point, 'OP_REPLACE_TEMP_PARTITION', sql);
    expect(values(at)).toEqual(isThere ? [90] : [10, 20, 30, 40]);
    expect(tableOf(at, 't').tempPartitions.size).toBe(isThere ? 0 : 1);
    at.stop();
  });

  test('a partition that grows', () => {
    const sql = 'INSERT INTO d.r (v) VALUES (2)';
    const at = crashedAt(point, 'OP_ADD_SUB_PARTITIONS_V2', sql);
    at.run('INSERT INTO d.r (v) VALUES (3)');
    expect(at.rows('SELECT v FROM d.r ORDER BY v').map(([v]) => v)).toEqual([1, 3]);
    at.stop();
  });

  test('ids of AUTO_INCREMENT', () => {
    const at = world();
    at.run('ADMIN SET FRONTEND CONFIG ("auto_increment_cache_size" = "1")');
    at.run('INSERT INTO d.r (v) SELECT v FROM d.t');
    const taken = new Set(at.rows('SELECT id FROM d.r').map(([id]) => id));
    at.faults.enable(point, { do: 'crash' }, { match: { op: 'OP_SAVE_AUTO_INCREMENT_ID' } });
    start(attempt(runText(at.cluster.frontend, batchOf(10))), () => {});
    at.clock.advance(30_000);
    const after = at.crashed();
    after.clock.advance(60_000);
    after.run('INSERT INTO d.r (v) VALUES (7)');
    const fresh = after.rows('SELECT id FROM d.r WHERE v = 7').map(([id]) => id);
    expect(fresh.some((id) => taken.has(id))).toBe(false);
    after.stop();
  });
});

function batchOf(rows: number): string {
  return `INSERT INTO d.r (v) SELECT 5 FROM TABLE(generate_series(1, ${rows}))`;
}
