/** ALTER SYSTEM for brokers, SHOW BROKER, and repositories that want one. */
import { beforeAll, describe, expect, test } from 'vitest';
import { Brokers, decodeBrokerRecord, encodeBrokerRecord } from '../../../src/fe/brokers.ts';
import { smallWorld, type World } from './support/world.ts';

const ADD = "ALTER SYSTEM ADD BROKER hdfs1 '10.0.0.1:8000', 'node2:8000'";

let world: World;
beforeAll(() => {
  world = smallWorld();
});

describe('a cluster with brokers', () => {
  test('shows them, alive at once, with the times of their heartbeats', () => {
    world.run(`${ADD}; ALTER SYSTEM ADD BROKER "alone" "h:1"`);
    const rows = world.rows('SHOW BROKER');
    expect(rows.map((row) => [row[0], row[1], row[2], row[3], row[6]])).toEqual([
      ['alone', 'h', '1', 'true', ''],
      ['hdfs1', '10.0.0.1', '8000', 'true', ''],
      ['hdfs1', 'node2', '8000', 'true', ''],
    ]);
    for (const row of rows) expect(row[4]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    const first = rows[0]?.[5];
    world.clock.advance(60_000);
    const later = world.rows("SHOW BROKER WHERE Name = 'alone'");
    expect(later.map((row) => row[4])).toEqual([rows[0]?.[4]]);
    expect(String(later[0]?.[5]) > String(first)).toBe(true);
    expect(world.rows("SHOW PROC '/brokers'").map((row) => row[0])).toEqual(
      rows.map(([name]) => name),
    );
  });

  test('makes repositories through them, and refuses an unknown one', () => {
    world.run("CREATE REPOSITORY r WITH BROKER hdfs1 ON LOCATION 'memory://b'");
    expect(world.rows('SHOW REPOSITORIES').map((row) => row[5])).toEqual(['hdfs1']);
    world.run('BACKUP SNAPSHOT d.s TO r');
    expect(world.untilJobDone('d')).toBe('FINISHED');
    expect(
      world.failure("CREATE REPOSITORY x WITH BROKER none ON LOCATION 'memory://b'"),
    ).toMatchObject({
      code: 5064,
      text: expect.stringContaining('failed to get broker address: unknown broker name: none'),
    });
  });

  test('finds them again after a restart, from the log and from the image', () => {
    const before = world.rows('SHOW BROKER').map((row) => row.slice(0, 4));
    for (const withImage of [false, true]) {
      if (withImage) world.clock.run(world.cluster.frontend.checkpoint());
      world = world.crashed();
      expect(world.rows('SHOW BROKER').map((row) => row.slice(0, 4))).toEqual(before);
    }
  });

  test.each([
    [ADD, 1064, 'Broker(10.0.0.1:8000) has already in brokers(hdfs1)'],
    ["ALTER SYSTEM ADD BROKER b 'h:1', 'h:1'", 1064, 'Broker(h:1) has already in brokers(b)'],
    ["ALTER SYSTEM ADD BROKER b 'h'", 1064, 'Invalid host port: h'],
    ["ALTER SYSTEM ADD BROKER b 'h:0'", 1064, 'Invalid host port: h:0'],
    ["ALTER SYSTEM ADD BROKER `a-b` 'h:1'", 5063, "Incorrect broker name 'a-b'"],
    ["ALTER SYSTEM DROP BROKER none 'h:1'", 1064, 'Unknown broker name(none)'],
    ["ALTER SYSTEM DROP BROKER hdfs1 'h:1'", 1064, 'Broker(h:1) has not in brokers(hdfs1)'],
    ['ALTER SYSTEM DROP ALL BROKER none', 1064, 'Unknown broker name(none)'],
    ["ALTER SYSTEM ADD BACKEND 'h:1'", 1064, 'ALTER SYSTEM is not supported'],
  ])('%s is refused', (sql, code, text) => {
    const sequence = world.context.lastSequence();
    expect(world.failure(sql)).toMatchObject({ code, text: expect.stringContaining(text) });
    expect(world.context.lastSequence()).toBe(sequence);
  });

  test('drops addresses, and a broker with its last one; its repositories say so', () => {
    world.run("ALTER SYSTEM DROP BROKER hdfs1 '10.0.0.1:8000'; ALTER SYSTEM DROP ALL BROKER alone");
    expect(world.rows('SHOW BROKER').map((row) => row[1])).toEqual(['node2']);
    world.run("ALTER SYSTEM DROP BROKER hdfs1 'node2:8000'");
    expect(world.rows('SHOW BROKER')).toEqual([]);
    expect(world.failure('SHOW SNAPSHOT ON r')).toMatchObject({
      code: 5064,
      text: expect.stringContaining('unknown broker name: hdfs1'),
    });
    world.run(ADD);
    expect(world.rows('SHOW SNAPSHOT ON r').map(([label]) => label)).toEqual(['s']);
  });
});

describe('records of brokers', () => {
  test('are read as they were written, and damage is told', () => {
    const record = {
      op: 'OP_ADD_BROKER_V2',
      name: 'b',
      addresses: [{ host: 'h', port: 1 }],
    } as const;
    expect(decodeBrokerRecord(record.op, encodeBrokerRecord(record))).toEqual(record);
    for (const body of [null, { name: 'b' }, { name: 'b', addresses: [{ host: 'h' }] }]) {
      expect(() => decodeBrokerRecord('OP_ADD_BROKER_V2', body)).toThrow('broker: no');
    }
    expect(() => new Brokers().loadImage({})).toThrow('broker: no brokers');
  });
});
