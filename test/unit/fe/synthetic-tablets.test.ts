/** Tables with bytes and no rows: made, backed up, restored and refused. */
import { expect, test } from 'vitest';
import { openWorld, type ScaleWorld } from '../../../bench/scale-world.ts';

const GIB = 2 ** 30;

function worldWith(properties: string, replicas = 1, strict = false): ScaleWorld {
  const world = openWorld({ backends: 3, keepsMeta: true, strict });
  world.query('CREATE DATABASE d');
  world.query(
    'CREATE TABLE d.big (k BIGINT NOT NULL) PRIMARY KEY (k) DISTRIBUTED BY HASH(k) BUCKETS 4 ' +
      `PROPERTIES ("replication_num" = "${replicas}", ${properties})`,
  );
  return world;
}

const SIZED = '"emulator.tablet_size" = "64GB", "emulator.files_per_tablet" = "4"';

function tabletBytes({ cluster }: ScaleWorld): readonly number[] {
  const { catalog, stats } = cluster.frontend.context;
  return [...catalog.databases.values()].flatMap((database) =>
    [...database.tables.values()].flatMap((table) =>
      [...table.partitions.values()].flatMap(({ physical }) =>
        physical.flatMap(({ indexes }) =>
          indexes.flatMap(({ tablets }) =>
            Array.from(tablets.tabletIds, (id) => stats.tablet(id as never)?.dataSizeBytes ?? -1),
          ),
        ),
      ),
    ),
  );
}

test('a synthetic table has the size asked for, and keeps it through backup and restore', () => {
  const world = worldWith(SIZED, 2);
  world.clock.advance(20_000);
  expect(tabletBytes(world)).toEqual([64 * GIB, 64 * GIB, 64 * GIB, 64 * GIB]);

  world.query("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'");
  world.query('BACKUP SNAPSHOT d.l TO r');
  world.finishJob('d');
  const timestamp = String(world.query('SHOW SNAPSHOT ON r').rows[0]?.[1]);
  world.query('DROP DATABASE d');
  world.query('CREATE DATABASE d');
  world.query(
    `RESTORE SNAPSHOT d.l FROM r PROPERTIES ("backup_timestamp" = "${timestamp}", ` +
      '"replication_num" = "3")',
  );
  world.finishJob('d');
  world.clock.advance(20_000);
  expect(tabletBytes(world)).toEqual([64 * GIB, 64 * GIB, 64 * GIB, 64 * GIB]);
  expect(() => world.query('SELECT * FROM d.big')).toThrow('holds synthetic tablets');
  expect(JSON.stringify(world.query('SHOW CREATE TABLE d.big').rows)).toContain(
    'emulator.tablet_size',
  );
});

test('what needs rows is refused by name', () => {
  const world = worldWith('"emulator.tablet_size" = "1MB"');
  const refusal = 'holds synthetic tablets (emulator.tablet_size), which have bytes and no rows';
  for (const sql of [
    'SELECT count(*) FROM d.big',
    'INSERT INTO d.big VALUES (1)',
    'DELETE FROM d.big WHERE k = 1',
  ]) {
    expect(() => world.query(sql), sql).toThrow(refusal);
  }
});

test.each([
  ['"emulator.tablet_size" = "many"', 'Invalid emulator.tablet_size'],
  ['"emulator.tablet_size" = "0MB"', 'Invalid emulator.tablet_size'],
  ['"emulator.files_per_tablet" = "2"', 'needs emulator.tablet_size'],
  ['"emulator.tablet_size" = "2B", "emulator.files_per_tablet" = "3"', 'does not reach'],
  ['"emulator.tablet_size" = "1MB", "emulator.files_per_tablet" = "0"', 'must be 1 to 1000'],
])('%s is refused', (properties, text) => {
  expect(() => worldWith(properties)).toThrow(text);
});

test('a strict frontend has no such properties', () => {
  expect(() => worldWith(SIZED, 1, true)).toThrow('which --strict refuses');
});
