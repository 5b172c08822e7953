/**
 * Simulated disks and stores do at once what real ones need many steps for. Both ways must leave
 * the same world, tell the same story, and pass the same fault points.
 */
import { expect, test } from 'vitest';
import { openWorld, type ScaleWorld } from '../../bench/scale-world.ts';
import type { ClusterEvent } from '../../src/base/events.ts';
import type { Files } from '../../src/base/files.ts';
import type { Op } from '../../src/base/op.ts';
import { drain } from '../../src/blob/byte-source.ts';

interface Run {
  readonly world: ScaleWorld;
  readonly events: readonly ClusterEvent[];
}

/** Tables without rows, with rows, and with files that have a size alone; then BACKUP. */
function backedUp(prepare: (world: ScaleWorld) => void): Run {
  const world = openWorld({ backends: 3, keepsMeta: true });
  const events: ClusterEvent[] = [];
  world.query('CREATE DATABASE d');
  const create = (name: string, columns: string, buckets: number, properties: string): void => {
    world.query(
      `CREATE TABLE d.${name} ${columns} DISTRIBUTED BY HASH(k) BUCKETS ${buckets} ` +
        `PROPERTIES ("replication_num" = "1"${properties})`,
    );
  };
  create('empty', '(k BIGINT NOT NULL, a INT) DUPLICATE KEY (k)', 40, '');
  create('pk', '(k BIGINT NOT NULL, a INT) PRIMARY KEY (k)', 4, '');
  create(
    'filled',
    '(k BIGINT NOT NULL) DUPLICATE KEY (k)',
    6,
    ', "emulator.tablet_size" = "64MB", "emulator.files_per_tablet" = "3"',
  );
  world.query('INSERT INTO d.pk VALUES (1, 1), (2, 2), (3, 3)');
  world.query("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'");
  world.events.on((event) => events.push(event));
  prepare(world);
  world.query('BACKUP SNAPSHOT d.l TO r');
  world.finishJob('d');
  return { world, events };
}

/** Every object with its size and, where it has bytes, all of them. */
function* objects({ blob }: ScaleWorld): Op<readonly string[]> {
  const found: string[] = [];
  for (const key of blob.keys()) {
    const stat = yield* blob.stat(key);
    let text = stat?.hollow === undefined ? '' : `hollow ${stat.hollow.md5}`;
    if (text === '') {
      yield* drain(yield* blob.get(key), function* (chunk) {
        text += Buffer.from(chunk).toString('latin1');
      });
    }
    found.push(`${key} ${stat?.sizeBytes} ${text}`);
  }
  return found;
}

/** Names, sizes and digests below a directory. */
function* tree(files: Files, directory: string): Op<readonly string[]> {
  const found: string[] = [];
  for (const { name, isFile } of yield* files.list(directory)) {
    const path = `${directory}/${name}`;
    if (!isFile) found.push(`${path}/`, ...(yield* tree(files, path)));
    else found.push(`${path} ${yield* files.md5(path)}`);
  }
  return found;
}

/** A rule that never strikes: while it stands, nothing may be done at once. */
const watch = ({ faults }: ScaleWorld, neverType = 'MOVE'): void => {
  for (const point of ['be.task.begin', 'be.file.write', 'blob.put'] as const) {
    faults.enable(point, { do: 'fail', text: 'never' }, { match: neverMatched(point, neverType) });
  }
};

function neverMatched(point: string, type: string): Record<string, string> {
  if (point === 'be.task.begin') return { type };
  return point === 'blob.put' ? { key: 'nowhere' } : { path: 'nowhere' };
}

function visitsOf({ world }: Run): unknown {
  return world.faults
    .list()
    .filter(({ name }) => !name.startsWith('be.file.'))
    .map((point) => [point.name, point.visits]);
}

test('a backup at once and one step by step leave the same bytes, events and fault visits', () => {
  const [quick, slow] = [backedUp(() => {}), backedUp(watch)];
  const { clock } = quick.world;
  expect(quick.events).toEqual(slow.events);
  expect(quick.events.some(({ what }) => what === 'blob')).toBe(true);
  expect(clock.now()).toBe(slow.world.clock.now());
  expect(clock.eventsPassed).toBe(slow.world.clock.eventsPassed);
  // What is done at once makes no file by itself, so it has none to pass a point with.
  expect(visitsOf(quick)).toEqual(visitsOf(slow));
  expect(quick.world.files.hashedBytes).toBe(slow.world.files.hashedBytes);
  const stored = clock.run(objects(quick.world));
  expect(stored.length).toBeGreaterThan(50);
  expect(stored).toEqual(slow.world.clock.run(objects(slow.world)));
  const disk = clock.run(tree(quick.world.files, '/cluster/be'));
  expect(disk).toEqual(slow.world.clock.run(tree(slow.world.files, '/cluster/be')));
});

test('a restore at once and one step by step leave the same disks, events, visits and rows', () => {
  const restored = (prepare: (world: ScaleWorld) => void): Run & { readonly rows: unknown } => {
    const { world, events } = backedUp(() => {});
    prepare(world);
    const [, timestamp] = world.query('SHOW SNAPSHOT ON r').rows[0] ?? [];
    world.query('DROP DATABASE d');
    world.query('CREATE DATABASE d');
    const properties = `"backup_timestamp" = "${timestamp}", "replication_num" = "1"`;
    world.query(`RESTORE SNAPSHOT d.l FROM r PROPERTIES (${properties})`);
    world.finishJob('d');
    return { world, events, rows: world.query('SELECT * FROM d.pk ORDER BY k').rows };
  };
  const [quick, slow] = [restored(() => {}), restored((world) => watch(world, 'UPLOAD'))];
  const { clock } = quick.world;
  expect(quick.events).toEqual(slow.events);
  expect(quick.events.filter(({ about }) => about['operation'] === 'get').length).toBeGreaterThan(
    40,
  );
  expect(clock.now()).toBe(slow.world.clock.now());
  expect(visitsOf(quick)).toEqual(visitsOf(slow));
  expect(quick.rows).toEqual([
    [1n, 1],
    [2n, 2],
    [3n, 3],
  ]);
  expect(quick.rows).toEqual(slow.rows);
  // A download step by step is at least ten calls to the disk.
  const steps = ({ world }: Run): number => world.files.callCount;
  expect(steps(slow) - steps(quick)).toBeGreaterThan(50 * 10);
  const disk = clock.run(tree(quick.world.files, '/cluster/be'));
  expect(disk).toEqual(slow.world.clock.run(tree(slow.world.files, '/cluster/be')));
});

test('while the backup runs, both have the same snapshots on their disks', () => {
  const snapshots = (prepare: (world: ScaleWorld) => void): readonly string[] => {
    let found: readonly string[] = [];
    backedUp((world) => {
      prepare(world);
      world.events.on(({ what, about }) => {
        if (what !== 'job.state' || about['to'] !== 'UPLOADING') return;
        found = world.clock.run(tree(world.files, '/cluster/be'));
      });
    });
    return found;
  };
  const quick = snapshots(() => {});
  expect(quick.filter((line) => line.includes('/snapshot/')).length).toBeGreaterThan(150);
  expect(quick).toEqual(snapshots(watch));
});

test('a fault that strikes some tablets in between strikes them, and the backup still ends', () => {
  const { world, events } = backedUp(({ faults }) => {
    faults.enable('be.task.begin', { do: 'fail', text: 'no' }, { times: 7 });
  });
  const failed = events.filter(
    ({ what, about }) => what === 'task.finish' && about['code'] !== 'OK',
  );
  expect(failed).toHaveLength(7);
  expect(world.blob.keys().filter((key) => key.includes('.hdr.'))).toHaveLength(46);
});
