/** Rollups and synchronous views through a backup and a restore: as new, as another, over what is there. */
import { expect, test } from 'vitest';
import { rowsOf, tableOf } from '../unit/fe/support/index-rows.ts';
import { World } from '../unit/fe/support/world.ts';

function backedUp(): World {
  const world = new World();
  world.run(`CREATE DATABASE d;
    CREATE TABLE d.t (day DATE NOT NULL, shop INT, amount DECIMAL(10, 2), note VARCHAR(10))
      DUPLICATE KEY (day, shop)
      PARTITION BY RANGE (day) (
        PARTITION p1 VALUES LESS THAN ('2024-02-01'), PARTITION p2 VALUES LESS THAN ('2024-03-01'))
      DISTRIBUTED BY HASH (shop) BUCKETS 2
      ROLLUP (r1 (shop, amount));
    INSERT INTO d.t VALUES ('2024-01-05', 1, 1.50, 'a'), ('2024-01-06', 1, 2, NULL);
    CREATE MATERIALIZED VIEW d.sums AS SELECT shop, sum(amount), count(note) FROM d.t GROUP BY shop;
    INSERT INTO d.t VALUES ('2024-01-07', 1, 4, 'c'), ('2024-02-06', NULL, 8, 'd');
    CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/x';
    BACKUP SNAPSHOT d.s TO repo`);
  expect(world.untilJobDone('d')).toBe('FINISHED');
  return world;
}

function restore(world: World, what: string): void {
  const [snapshot] = world.objects("SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's'");
  world.run(`RESTORE SNAPSHOT d.s FROM repo ${what}
    PROPERTIES ("backup_timestamp" = "${String(snapshot?.['Timestamp'])}")`);
  expect(world.untilJobDone('d')).toBe('FINISHED');
}

const INDEXES = ['t', 'r1', 'sums'] as const;
const contents = (world: World, table = 't'): string[][] =>
  INDEXES.map((index) => rowsOf(world, index === 't' ? table : index, table));

test('a dropped table comes back with the rows of every index', () => {
  const world = backedUp();
  const before = contents(world);
  expect(before[2]).toEqual(['1|7.50|2', 'null|8.00|1']);
  world.run('DROP TABLE d.t FORCE');
  restore(world, '');
  expect(contents(world)).toEqual(before);
  expect(world.rows('DESC d.t ALL')).toHaveLength(11);
  world.run("INSERT INTO d.t VALUES ('2024-01-08', 1, 0.50, 'e')");
  expect(rowsOf(world, 'sums')).toEqual(['1|8.00|3', 'null|8.00|1']);
  expect(rowsOf(world, 'r1')).toHaveLength(5);
  world.stop();
});

test('restored as another table: its base index has the new name, rollups keep theirs', () => {
  const world = backedUp();
  const before = contents(world);
  restore(world, 'ON (t AS u)');
  expect(contents(world, 'u')).toEqual(before);
  expect(tableOf(world, 'u').indexMetas.map(({ name }) => name)).toEqual(['u', 'r1', 'sums']);
  world.stop();
});

test('over the table: what was loaded since is gone from every index', () => {
  const world = backedUp();
  const before = contents(world);
  world.run(
    "INSERT INTO d.t VALUES ('2024-01-08', 9, 100, 'late'); ALTER TABLE d.t DROP PARTITION p2",
  );
  restore(world, '');
  expect(contents(world)).toEqual(before);
  const after = world.crashed();
  after.clock.advance(30_000);
  expect(contents(after)).toEqual(before);
  after.stop();
});

test('a table that lacks one of the indexes is another table', () => {
  const world = backedUp();
  world.run('ALTER TABLE d.t DROP ROLLUP r1');
  const [snapshot] = world.objects("SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's'");
  world.run(`RESTORE SNAPSHOT d.s FROM repo
    PROPERTIES ("backup_timestamp" = "${String(snapshot?.['Timestamp'])}")`);
  expect(world.untilJobDone('d')).toBe('CANCELLED');
  expect(String(world.objects('SHOW RESTORE FROM d')[0]?.['Status'])).toContain(
    'already exists but with a different schema',
  );
  world.stop();
});
