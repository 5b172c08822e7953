/** Partitions of random buckets that grow into several physical ones, and their way through a restore. */
import { describe, expect, test } from 'vitest';
import { rowsOf, tableOf } from './support/index-rows.ts';
import { World, type WorldOptions } from './support/world.ts';

function world(options: WorldOptions = {}): World {
  const made = new World(options);
  made.run(`CREATE DATABASE d;
    CREATE TABLE d.t (k INT, v INT) DUPLICATE KEY (k) DISTRIBUTED BY RANDOM BUCKETS 2
      ROLLUP (r (v)) PROPERTIES ("bucket_size" = "1");
    CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/x'`);
  for (let load = 1; load <= 3; load += 1) {
    made.run(`INSERT INTO d.t VALUES (${load}, 1), (${load}, 2), (${load}, 3)`);
  }
  return made;
}

const physicalOf = (at: World, table = 't') =>
  [...tableOf(at, table).partitions.values()].flatMap(({ physical }) => physical);
const keys = (at: World, table = 't'): unknown[] =>
  at.rows(`SELECT k FROM d.${table} ORDER BY k`).map(([k]) => k);
const ALL = [1, 1, 1, 2, 2, 2, 3, 3, 3];

function backUp(at: World): void {
  at.run('BACKUP SNAPSHOT d.s TO repo');
  expect(at.untilJobDone('d')).toBe('FINISHED');
}

function restore(at: World, what = ''): string {
  const [snapshot] = at.objects("SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's'");
  at.run(`RESTORE SNAPSHOT d.s FROM repo ${what}
    PROPERTIES ("backup_timestamp" = "${String(snapshot?.['Timestamp'])}")`);
  return at.untilJobDone('d');
}

describe('a full partition', () => {
  test('takes the next load in another physical partition, with versions of its own', () => {
    const at = world();
    expect(physicalOf(at).map(({ visibleVersion }) => visibleVersion)).toEqual([2, 2, 2]);
    expect(keys(at)).toEqual(ALL);
    expect(rowsOf(at, 'r')).toHaveLength(9);
    const shown = at.objects('SHOW PARTITIONS FROM d.t');
    expect(shown.map((row) => row['PartitionName'])).toEqual(['t', 't', 't']);
    expect(new Set(shown.map((row) => row['PartitionId'])).size).toBe(3);
    const after = at.crashed();
    after.clock.advance(30_000);
    expect(keys(after)).toEqual(ALL);
    after.stop();
  });

  test('has no part without rows after loads side by side, and is one again after TRUNCATE', () => {
    const at = world();
    const insert = 'INSERT INTO d.t VALUES (4, 4)';
    at.together(insert, insert);
    expect(physicalOf(at).length).toBeGreaterThan(3);
    expect(physicalOf(at).every(({ visibleVersion }) => visibleVersion > 1)).toBe(true);
    expect(keys(at)).toEqual([...ALL, 4, 4]);
    at.run('TRUNCATE TABLE d.t');
    expect(physicalOf(at)).toHaveLength(1);
    at.stop();
  });

  test('gets a rollup in every part', () => {
    const at = world();
    at.run('ALTER TABLE d.t ADD ROLLUP s (k)');
    expect(rowsOf(at, 's')).toEqual(ALL.map(String));
    at.stop();
  });
});

describe.each(['3.3', '3.5'] as const)('a restore in release %s', (profile) => {
  test('as new has every physical partition with its rows', () => {
    const at = world({ profile });
    backUp(at);
    at.run('DROP TABLE d.t FORCE');
    expect(restore(at)).toBe('FINISHED');
    expect(keys(at)).toEqual(ALL);
    expect(physicalOf(at)).toHaveLength(3);
    expect(rowsOf(at, 'r')).toHaveLength(9);
    expect(restore(at, 'ON (t AS u)')).toBe('FINISHED');
    expect(keys(at, 'u')).toEqual(ALL);
    at.stop();
  });

  test('over the partition that is there is refused, and changes nothing (#35)', () => {
    const at = world({ profile });
    backUp(at);
    at.run('TRUNCATE TABLE d.t; INSERT INTO d.t VALUES (7, 7)');
    expect(restore(at)).toBe('CANCELLED');
    expect(String(at.objects('SHOW RESTORE FROM d')[0]?.['Status'])).toContain(
      'automatic buckets in the snapshot',
    );
    expect(keys(at)).toEqual([7]);
    at.stop();
  });

  test('over one that has grown here is refused: its other parts would keep their rows', () => {
    const at = new World({ profile });
    at.run(`CREATE DATABASE d;
      CREATE TABLE d.t (k INT, v INT) DUPLICATE KEY (k) DISTRIBUTED BY RANDOM BUCKETS 2
        PROPERTIES ("bucket_size" = "1");
      CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/x';
      INSERT INTO d.t VALUES (1, 1)`);
    backUp(at);
    at.run('INSERT INTO d.t VALUES (2, 2)');
    expect(restore(at)).toBe('CANCELLED');
    expect(String(at.objects('SHOW RESTORE FROM d')[0]?.['Status'])).toContain(
      'automatic buckets here',
    );
    expect(keys(at)).toEqual([1, 2]);
    at.stop();
  });
});

test.each([
  ['DISTRIBUTED BY HASH (k) BUCKETS 1 PROPERTIES ("bucket_size" = "1")', /random distribution/],
  ['DISTRIBUTED BY RANDOM PROPERTIES ("bucket_size" = "1GB")', /Illegal bucket size/],
])('%s is refused', (clause, text) => {
  const at = world();
  expect(at.failure(`CREATE TABLE d.x (k INT) ${clause}`).text).toMatch(text);
  at.stop();
});
