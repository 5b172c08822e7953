/** ALTER TABLE ... COMPACT: which tablets are folded, and that nothing but VersionCount changes. */
import { beforeEach, expect, test } from 'vitest';
import { smallWorld, type World } from './support/world.ts';

let world: World;

beforeEach(() => {
  world = smallWorld();
  for (const day of ['2024-01-05', '2024-01-06', '2024-02-05', '2024-02-06']) {
    world.run(`INSERT INTO d.r VALUES ('${day}', 'a'); INSERT INTO d.r VALUES ('${day}', 'b')`);
  }
});

/** Of each partition, the most rowsets that a replica has. */
function versionCounts(): readonly number[] {
  world.clock.advance(20_000);
  return ['p1', 'p2'].map((partition) =>
    Math.max(
      ...world
        .objects(`SHOW TABLET FROM d.r PARTITION (${partition})`)
        .map((row) => Number(row['VersionCount'])),
    ),
  );
}

test('VersionCount falls in the partitions that are named, rows and versions stay', () => {
  const rows = world.rows('SELECT * FROM d.r ORDER BY 1, 2');
  const versions = world.objects('SHOW PARTITIONS FROM d.r').map((row) => row['VisibleVersion']);
  expect(versionCounts()).toEqual([4, 4]);
  world.run('ALTER TABLE d.r COMPACT (p2)');
  expect(versionCounts()).toEqual([4, 1]);
  world.run('ALTER TABLE d.r BASE COMPACT');
  expect(versionCounts()).toEqual([1, 1]);
  expect(world.rows('SELECT * FROM d.r ORDER BY 1, 2')).toEqual(rows);
  expect(world.objects('SHOW PARTITIONS FROM d.r').map((row) => row['VisibleVersion'])).toEqual(
    versions,
  );
  world = world.crashed();
  expect(world.rows('SELECT * FROM d.r ORDER BY 1, 2')).toEqual(rows);
});

test('CUMULATIVE COMPACT takes files of late, a partition may stand without parentheses', () => {
  world.run('ALTER TABLE d.r COMPACT p1');
  expect(versionCounts()).toEqual([1, 4]);
  world.run("INSERT INTO d.r VALUES ('2024-01-07', 'c'); ALTER TABLE d.r CUMULATIVE COMPACT (p1)");
  expect(versionCounts()).toEqual([2, 4]);
});

test('an unknown partition is named, and ALTER on the table is needed', () => {
  expect(world.failure('ALTER TABLE d.r COMPACT (p1, p9)').text).toContain("partition 'p9'");
  world.run('CREATE USER ann');
  expect(world.session('ann').failure('ALTER TABLE d.r COMPACT')).toMatchObject({ code: 5203 });
});
