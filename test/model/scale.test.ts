/**
 * A backup of very many tablets on the virtual clock, through the whole cluster: every tablet goes
 * where it must, once, and the work grows with the tablets and no faster.
 */
import { expect, test } from 'vitest';
import { openWorld, type ScaleWorld } from '../../bench/scale-world.ts';
import type { ClusterEvent } from '../../src/base/events.ts';
import { taskBatches } from '../../src/jobs/task-batches.ts';

const BACKENDS = 20;
const TABLETS = 20_000;
const TABLETS_PER_TABLE = 10_000;
const UPLOAD_TASKS_PER_BACKEND = 7;

interface Counted {
  readonly world: ScaleWorld;
  readonly events: readonly ClusterEvent[];
}

function backedUp(tablets: number): Counted {
  const world = openWorld({
    backends: BACKENDS,
    keepsMeta: false,
    config: { max_upload_task_per_be: String(UPLOAD_TASKS_PER_BACKEND) },
  });
  world.query('CREATE DATABASE d');
  for (let made = 0; made < tablets; made += TABLETS_PER_TABLE) {
    world.query(
      `CREATE TABLE d.t${made} (k BIGINT NOT NULL, a INT) DUPLICATE KEY (k) DISTRIBUTED BY ` +
        `HASH(k) BUCKETS ${Math.min(TABLETS_PER_TABLE, tablets - made)} ` +
        'PROPERTIES ("replication_num" = "1")',
    );
  }
  world.query("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'");
  const events: ClusterEvent[] = [];
  world.events.on((event) => events.push(event));
  world.query('BACKUP SNAPSHOT d.l TO r');
  world.finishJob('d');
  return { world, events };
}

let known: readonly [Counted, Counted] | undefined;

/** 2,000 and 4,000 tablets, for all tests that compare them. */
function onceAndTwice(): readonly [Counted, Counted] {
  known ??= [backedUp(2_000), backedUp(4_000)];
  return known;
}

const sent = ({ events }: Counted, type: string): readonly ClusterEvent[] =>
  events.filter(({ what, about }) => what === 'task.send' && about['type'] === type);

test('each of 20,000 tablets is snapshotted once and is in one upload task (12, 14)', () => {
  const backup = backedUp(TABLETS);
  const snapshots = sent(backup, 'MAKE_SNAPSHOT');
  expect(snapshots).toHaveLength(TABLETS);
  expect(new Set(snapshots.map(({ about }) => about['signature'])).size).toBe(TABLETS);

  const perBackend = TABLETS / BACKENDS;
  const sizes = taskBatches(Array.from({ length: perBackend }), UPLOAD_TASKS_PER_BACKEND);
  expect(sizes.map((batch) => batch.length)).toEqual([142, 142, 142, 142, 142, 142, 148]);
  const uploads = sent(backup, 'UPLOAD');
  expect(uploads).toHaveLength(BACKENDS * UPLOAD_TASKS_PER_BACKEND);
  for (const backend of backup.world.cluster.backends.keys()) {
    const own = uploads.filter(({ about }) => about['backend'] === backend);
    expect(own).toHaveLength(UPLOAD_TASKS_PER_BACKEND);
  }
  expect(sent(backup, 'RELEASE_SNAPSHOT')).toHaveLength(TABLETS);
  expect(backup.world.cluster.frontend.context.tasks.size).toBe(0);
});

test('twice the tablets are twice the events and log bytes, and no more ticks', () => {
  const [once, twice] = onceAndTwice();
  const perTablet = ({ events }: Counted): number =>
    events.filter(({ what }) => what.startsWith('task.')).length;
  const uploads = 2 * BACKENDS * UPLOAD_TASKS_PER_BACKEND;
  expect(perTablet(twice) - uploads).toBe(2 * (perTablet(once) - uploads));
  expect(twice.world.clock.eventsPassed).toBe(once.world.clock.eventsPassed);
  expect(twice.world.files.hashedBytes).toBeLessThan(2.1 * once.world.files.hashedBytes);
});

test('a tablet asks the disk for the same at once, and for nothing step by step', () => {
  const [once, twice] = onceAndTwice();
  // Its snapshot is made, looked for before the upload and at it, and removed.
  const perTablet = 4;
  const more = twice.world.files.instantCallCount - once.world.files.instantCallCount;
  expect(more).toBe(2_000 * perTablet);
  const steps = twice.world.files.callCount - once.world.files.callCount;
  expect(steps).toBeLessThan(100);
});
