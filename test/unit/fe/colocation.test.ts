/** Colocate groups: whose buckets lie together, what may join, and what a restore makes of it. */
import { describe, expect, test } from 'vitest';
import { allPartitions } from '../../../src/catalog/table-lookup.ts';
import { rowsOf, tableOf } from './support/index-rows.ts';
import { World, type WorldOptions } from './support/world.ts';

const IN_GROUP = 'PROPERTIES ("colocate_with" = "near", "replication_num" = "2")';

function world(options: WorldOptions = {}): World {
  const made = new World({ backends: 5, ...options });
  made.run(`CREATE DATABASE d;
    CREATE TABLE d.a (k INT, v INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 4 ${IN_GROUP};
    CREATE TABLE d.b (day DATE, k INT) DUPLICATE KEY (day)
      PARTITION BY RANGE (day) (PARTITION p1 VALUES LESS THAN ('2024-02-01'))
      DISTRIBUTED BY HASH (k) BUCKETS 4 ROLLUP (r (k)) ${IN_GROUP};
    CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/x';
    INSERT INTO d.a VALUES (1, 10), (2, 20), (3, 30)`);
  return made;
}

/** Where the buckets lie, once for each distinct layout among the indexes of these tables. */
function layouts(at: World, ...tables: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of tables) {
    for (const { physical } of allPartitions(tableOf(at, name))) {
      for (const { indexes } of physical) {
        for (const { tablets } of indexes) found.add(tablets.backendIds.join(','));
      }
    }
  }
  return [...found];
}

const groups = (at: World): Record<string, unknown>[] =>
  at.objects("SHOW PROC '/colocation_group'");

describe('members of a group', () => {
  test('lie bucket by bucket on the same backends, later partitions and indexes too', () => {
    const at = world();
    at.run(`ALTER TABLE d.b ADD PARTITION p2 VALUES LESS THAN ('2024-03-01');
      ALTER TABLE d.b ADD TEMPORARY PARTITION tp VALUES LESS THAN ('2024-03-01');
      TRUNCATE TABLE d.a; ALTER TABLE d.a ADD ROLLUP s (v)`);
    expect(layouts(at, 'a', 'b')).toHaveLength(1);
    at.stop();
  });

  test('are shown with their buckets, also after a restart', () => {
    const at = world();
    const ids = [tableOf(at, 'a').id, tableOf(at, 'b').id];
    const [group] = groups(at);
    expect(group).toMatchObject({
      TableIds: ids.join(', '),
      BucketsNum: '4',
      ReplicationNum: '2',
      DistCols: 'int(11)',
      IsStable: 'true',
    });
    expect(group?.['GroupName']).toMatch(/^\d+_near$/);
    const path = `/colocation_group/${String(group?.['GroupId'])}`;
    const buckets = at.rows(`SHOW PROC '${path}'`);
    expect(buckets.map(([bucket]) => bucket)).toEqual(['0', '1', '2', '3']);
    const laidOut = buckets.map(([, ids]) => String(ids).replaceAll(' ', '')).join(',');
    expect(layouts(at, 'a')).toEqual([laidOut]);
    const after = at.crashed();
    expect(groups(after)).toEqual([group]);
    after.stop();
  });

  test('leave it when they are dropped; with the last one it is gone', () => {
    const at = world();
    at.run('DROP TABLE d.a FORCE');
    expect(groups(at)).toMatchObject([{ TableIds: String(tableOf(at, 'b').id) }]);
    at.run('DROP TABLE d.b FORCE');
    expect(groups(at)).toEqual([]);
    at.stop();
  });

  test('agree when they begin side by side', () => {
    const at = new World({ backends: 5 });
    at.run('CREATE DATABASE d');
    const create = (name: string): string =>
      `CREATE TABLE d.${name} (k INT) DISTRIBUTED BY HASH (k) BUCKETS 4 ${IN_GROUP}`;
    at.together(create('x'), create('y'));
    expect(groups(at)).toHaveLength(1);
    expect(groups(at)[0]?.['IsStable']).toBe('true');
    at.stop();
  });
});

describe('refused with 5063', () => {
  const at = world();
  const table = (distribution: string, properties = '"replication_num" = "2"'): string =>
    `CREATE TABLE d.x (k INT, l INT, s VARCHAR(5)) DUPLICATE KEY (k) ${distribution}
      PROPERTIES ("colocate_with" = "near", ${properties})`;
  test.each([
    [table('DISTRIBUTED BY HASH (k) BUCKETS 3'), 'same bucket num: 4'],
    [table('DISTRIBUTED BY HASH (k) BUCKETS 4', '"replication_num" = "3"'), 'replication num: 2'],
    [table('DISTRIBUTED BY HASH (k, l) BUCKETS 4'), 'columns size must be same : 1'],
    [table('DISTRIBUTED BY HASH (s) BUCKETS 4'), 's should be int(11)'],
    [table('DISTRIBUTED BY RANDOM BUCKETS 4'), 'HASH'],
    [
      `ALTER TABLE d.b ADD PARTITION p2 VALUES LESS THAN ('2024-03-01') ("replication_num" = "1")`,
      'same replication num: 2',
    ],
  ])('%s', (sql, text) => {
    const failure = at.failure(sql);
    expect(failure).toMatchObject({ code: 5063, state: '42000' });
    expect(failure.text).toContain(text);
    expect(groups(at)).toMatchObject([{ BucketsNum: '4' }]);
  });
});

describe('a restore', () => {
  function restored(at: World, objects: string): string {
    at.run(`BACKUP SNAPSHOT d.s TO repo`);
    expect(at.untilJobDone('d')).toBe('FINISHED');
    at.run('DROP TABLE d.a FORCE');
    return restore(at, objects);
  }

  function restore(at: World, objects: string): string {
    const [snapshot] = at.objects("SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's'");
    at.run(`RESTORE SNAPSHOT d.s FROM repo ON (${objects}) PROPERTIES (
      "backup_timestamp" = "${String(snapshot?.['Timestamp'])}", "replication_num" = "2")`);
    return at.untilJobDone('d');
  }

  test('makes the table without its group', () => {
    const at = world();
    const before = rowsOf(at, 'a', 'a');
    expect(restored(at, 'a')).toBe('FINISHED');
    expect(rowsOf(at, 'a', 'a')).toEqual(before);
    expect(groups(at)).toMatchObject([{ TableIds: String(tableOf(at, 'b').id) }]);
    expect(at.rows('SHOW CREATE TABLE d.a')[0]?.[1]).not.toContain('colocate_with');
    expect(tableOf(at, 'b').colocateGroup?.name).toBe('near');
    at.stop();
  });

  test('with enable_colocate_restore puts it back among the others, with a record of it', () => {
    const at = world({ config: { enable_colocate_restore: 'true' } });
    const before = rowsOf(at, 'a', 'a');
    expect(restored(at, 'a')).toBe('FINISHED');
    expect(rowsOf(at, 'a', 'a')).toEqual(before);
    expect(layouts(at, 'a', 'b')).toHaveLength(1);
    expect(groups(at)).toMatchObject([{ IsStable: 'true' }]);
    const logged = at.events.filter(
      ({ what, about }) => what === 'edit-log.append' && about['op'] === 'OP_COLOCATE_ADD_TABLE_V2',
    );
    expect(logged).toHaveLength(1);
    const after = at.crashed();
    expect(groups(after)).toEqual(groups(at));
    after.stop();
  });

  test('makes the group anew for all tables of it, where nothing of it is left', () => {
    const at = world({ config: { enable_colocate_restore: 'true' } });
    at.run('BACKUP SNAPSHOT d.s TO repo');
    expect(at.untilJobDone('d')).toBe('FINISHED');
    const [old] = groups(at);
    at.run('DROP TABLE d.a FORCE; DROP TABLE d.b FORCE');
    expect(restore(at, 'a, b')).toBe('FINISHED');
    expect(layouts(at, 'a', 'b')).toHaveLength(1);
    expect(groups(at)).toHaveLength(1);
    expect(groups(at)[0]?.['GroupId']).not.toBe(old?.['GroupId']);
    at.stop();
  });

  test('that does not fit the group is cancelled and says what to turn off', () => {
    const at = world({ config: { enable_colocate_restore: 'true' } });
    at.run('BACKUP SNAPSHOT d.s TO repo');
    expect(at.untilJobDone('d')).toBe('FINISHED');
    at.run(`DROP TABLE d.a FORCE; DROP TABLE d.b FORCE;
      CREATE TABLE d.other (k INT) DISTRIBUTED BY HASH (k) BUCKETS 7 ${IN_GROUP}`);
    expect(restore(at, 'a')).toBe('CANCELLED');
    const status = String(at.objects('SHOW RESTORE FROM d')[0]?.['Status']);
    expect(status).toContain('same bucket num: 7');
    expect(status).toContain('enable_colocate_restore');
    at.stop();
  });

  test('that is cancelled leaves the group as it was', () => {
    const at = world({ config: { enable_colocate_restore: 'true' } });
    at.run('BACKUP SNAPSHOT d.s TO repo');
    expect(at.untilJobDone('d')).toBe('FINISHED');
    const before = groups(at);
    const [snapshot] = at.objects("SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's'");
    at.run(`RESTORE SNAPSHOT d.s FROM repo ON (a AS c) PROPERTIES (
      "backup_timestamp" = "${String(snapshot?.['Timestamp'])}", "replication_num" = "2")`);
    const isDownloading = (): boolean => groups(at)[0]?.['TableIds'] !== before[0]?.['TableIds'];
    at.clock.runUntil(isDownloading, 60_000);
    at.run('CANCEL RESTORE FROM d');
    expect(groups(at)).toEqual(before);
    at.stop();
  });
});
