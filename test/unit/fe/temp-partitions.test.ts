/** Temporary partitions: loaded beside the others, put in their place, never backed up. */
import { describe, expect, test } from 'vitest';
import { smallWorld, type World } from './support/world.ts';

const TP1 = "ALTER TABLE d.r ADD TEMPORARY PARTITION tp1 VALUES LESS THAN ('2024-02-01')";

function loaded(): World {
  const world = smallWorld();
  world.run(`INSERT INTO d.r VALUES ('2024-01-01', 'old'), ('2024-02-02', 'kept');
    ${TP1};
    INSERT INTO d.r TEMPORARY PARTITION (tp1) VALUES ('2024-01-01', 'new'), ('2024-01-02', 'new')`);
  return world;
}

const words = (world: World, from = 'd.r'): unknown[] =>
  world.rows(`SELECT what FROM ${from} ORDER BY day, what`).map(([what]) => what);
const names = (world: World, kind = ''): unknown[] =>
  world.rows(`SHOW ${kind} PARTITIONS FROM d.r`).map(([, name]) => name);

describe('a temporary partition', () => {
  test('has rows of its own, which only a query that names it sees', () => {
    const world = loaded();
    expect(words(world)).toEqual(['old', 'kept']);
    expect(words(world, 'd.r TEMPORARY PARTITION (tp1)')).toEqual(['new', 'new']);
    expect(names(world)).toEqual(['p1', 'p2']);
    expect(names(world, 'TEMPORARY')).toEqual(['tp1']);
    world.stop();
  });

  test('takes the place of another under its name, with its rows, also after a crash', () => {
    const world = loaded();
    world.run('ALTER TABLE d.r REPLACE PARTITION (p1) WITH TEMPORARY PARTITION (tp1)');
    expect(words(world)).toEqual(['new', 'new', 'kept']);
    expect(names(world)).toEqual(['p1', 'p2']);
    expect(names(world, 'TEMPORARY')).toEqual([]);
    const after = world.crashed();
    after.clock.advance(30_000);
    expect(words(after)).toEqual(['new', 'new', 'kept']);
    after.run("INSERT INTO d.r VALUES ('2024-01-03', 'later')");
    expect(words(after)).toEqual(['new', 'new', 'later', 'kept']);
    after.stop();
  });

  test('keeps its own name when the statement says so, or when the numbers differ', () => {
    const world = loaded();
    const replace = 'ALTER TABLE d.r REPLACE PARTITION';
    world.run(`${replace} (p1) WITH TEMPORARY PARTITION (tp1)
      PROPERTIES ("use_temp_partition_name" = "true")`);
    expect(names(world)).toEqual(['tp1', 'p2']);
    world.run(`ALTER TABLE d.r ADD TEMPORARY PARTITION whole VALUES LESS THAN ('2024-03-01');
      ${replace} (tp1, p2) WITH TEMPORARY PARTITION (whole)`);
    expect(names(world)).toEqual(['whole']);
    expect(words(world)).toEqual([]);
    world.stop();
  });

  test('is dropped alone or with all others; its backends forget its tablets', () => {
    const world = loaded();
    world.run('ALTER TABLE d.r DROP TEMPORARY PARTITION tp1');
    world.run(`${TP1}; ALTER TABLE d.r DROP ALL TEMPORARY PARTITIONS`);
    expect(names(world, 'TEMPORARY')).toEqual([]);
    world.run('ALTER TABLE d.r DROP TEMPORARY PARTITION IF EXISTS tp1');
    expect(words(world)).toEqual(['old', 'kept']);
    world.stop();
  });

  test('goes with its table', () => {
    const world = loaded();
    world.run('DROP TABLE d.r FORCE');
    world.clock.advance(60_000);
    const drops = world.events.filter(
      ({ what, about }) => what === 'task.finish' && about['type'] === 'DROP',
    );
    // Three partitions of one bucket with three replicas.
    expect(drops.length).toBeGreaterThanOrEqual(9);
    world.stop();
  });
});

describe('refused', () => {
  const world = loaded();
  world.run("CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/x'");
  const replace = 'ALTER TABLE d.r REPLACE PARTITION';
  test.each([
    [TP1, 1517],
    ["ALTER TABLE d.r ADD TEMPORARY PARTITION p2 VALUES LESS THAN ('2024-05-01')", 1517],
    ["ALTER TABLE d.r ADD TEMPORARY PARTITION x VALUES [('2024-01-05'), ('2024-01-06'))", 1064],
    ["ALTER TABLE d.p ADD TEMPORARY PARTITION x VALUES LESS THAN ('2024-01-05')", 1064],
    ['ALTER TABLE d.r DROP TEMPORARY PARTITION nothing', 1507],
    ['ALTER TABLE d.r ADD ROLLUP x (what)', 1064],
    [`${replace} (p2) WITH TEMPORARY PARTITION (tp1)`, 1064],
    [`${replace} (p9) WITH TEMPORARY PARTITION (tp1)`, 1735],
    [`${replace} (p1) WITH TEMPORARY PARTITION (p2)`, 1735],
    [`${replace} (p2) WITH TEMPORARY PARTITION (tp1) PROPERTIES ("strict_range" = "false")`, 1064],
    [`${replace} (p1) WITH TEMPORARY PARTITION (tp1) PROPERTIES ("x" = "false")`, 1064],
    ["INSERT INTO d.r TEMPORARY PARTITION (p1) VALUES ('2024-01-01', 'x')", 1735],
    ["INSERT INTO d.r TEMPORARY PARTITION (tp1) VALUES ('2024-02-01', 'x')", 1748],
    ['BACKUP SNAPSHOT d.s TO repo ON (r)', 5064],
    ['BACKUP SNAPSHOT d.s TO repo ON (r PARTITION (p1))', 5064],
    ['BACKUP SNAPSHOT d.s TO repo', 5064],
  ])('%s: %d', (sql, code) => {
    expect(world.failure(sql)).toMatchObject({ code });
    expect(names(world)).toEqual(['p1', 'p2']);
    expect(names(world, 'TEMPORARY')).toEqual(['tp1']);
  });

  test('a restore onto the table, which would have to leave them out', () => {
    const other = smallWorld();
    other.run(`CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/x';
      BACKUP SNAPSHOT d.s TO repo ON (r)`);
    expect(other.untilJobDone('d')).toBe('FINISHED');
    other.run(TP1);
    const [snapshot] = other.objects("SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's'");
    other.run(`RESTORE SNAPSHOT d.s FROM repo ON (r)
      PROPERTIES ("backup_timestamp" = "${String(snapshot?.['Timestamp'])}")`);
    expect(other.untilJobDone('d')).toBe('CANCELLED');
    expect(String(other.objects('SHOW RESTORE FROM d')[0]?.['Status'])).toContain(
      'temp partitions',
    );
    expect(names(other, 'TEMPORARY')).toEqual(['tp1']);
    other.stop();
  });
});
