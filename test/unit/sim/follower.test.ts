/** The second state beside a machine notices what no record stands for, at the next record. */
import { expect, test } from 'vitest';
import { STARROCKS_MACHINES } from '../../../src/jobs/machines.ts';
import { World } from '../../../src/sim/world.ts';

test('a change of the state that was not logged is found after the next record', () => {
  const world = new World({
    seed: 1n,
    sites: 1,
    profile: '3.5',
    machines: STARROCKS_MACHINES,
    comparesAll: true,
  });
  const { machine } = world.site(0);
  machine.query(
    'CREATE DATABASE d0; CREATE TABLE d0.t0 (k INT) PROPERTIES ("replication_num"="1")',
  );
  machine.query('INSERT INTO d0.t0 VALUES (1)');
  expect(world.violations).toEqual([]);
  const { catalog, globals } = machine.cluster.frontend.context;
  globals.set('time_zone', '+01:00');
  machine.query('CREATE DATABASE d1');
  expect(world.violations).toEqual([
    expect.stringMatching(
      /^site 0: the log and memory: after record \d+ \(OP_CREATE_DB_V2\): \/gl/,
    ),
  ]);
  expect(catalog.databaseIds.has('d1')).toBe(true);
  // Once is enough; a start begins anew, with what is on the disk.
  machine.query('CREATE DATABASE d2');
  world.reboot(world.site(0), 'lost');
  machine.query('CREATE DATABASE d3');
  expect(world.violations).toHaveLength(1);
});
