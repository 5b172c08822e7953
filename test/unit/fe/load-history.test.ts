/** SHOW LOAD, SHOW TRANSACTION, information_schema.loads: what has been loaded. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { CommitRecord } from '../../../src/catalog/records.ts';
import { LoadHistory } from '../../../src/fe/load-history.ts';
import { smallWorld, type World } from './support/world.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);

let world: World;

beforeAll(() => {
  world = smallWorld({ config: { label_keep_max_num: '4' } });
  world.run("INSERT INTO d.p WITH LABEL first VALUES (1, 1, 'a'), (2, 2, 'b')");
  world.run("INSERT INTO d.r VALUES ('2024-01-05', 'x')");
  world.run("INSERT OVERWRITE d.r SELECT '2024-01-06', 'y'");
});

const labels = (of: World): unknown[] => of.objects('SHOW LOAD FROM d').map((row) => row['Label']);

describe('SHOW LOAD', () => {
  test('tells label, state, rows and times of each load, the oldest first', () => {
    const rows = world.objects('SHOW LOAD FROM d');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({
      Label: 'first',
      State: 'FINISHED',
      Progress: 'ETL:100%; LOAD:100%',
      Type: 'INSERT',
      Priority: 'NORMAL',
      ScanRows: '2',
      FilteredRows: '0',
      SinkRows: '2',
      ErrorMsg: null,
      CreateTime: TIME,
      LoadFinishTime: TIME,
    });
    expect(labels(world)[1]).toMatch(/^insert_/);
    expect(rows[2]).toMatchObject({ SinkRows: '1' });
  });

  test('is filtered, sorted and cut', () => {
    const jobs = (tail: string): unknown =>
      world.objects(`SHOW LOAD FROM d ${tail}`).map((row) => row['Label']);
    expect(jobs("WHERE LABEL = 'first' AND STATE = 'FINISHED'")).toEqual(['first']);
    expect(jobs("WHERE STATE = 'CANCELLED'")).toEqual([]);
    expect(jobs("LIKE 'fir%'")).toEqual(['first']);
    expect(jobs('ORDER BY JobId DESC LIMIT 1, 2')).toEqual([labels(world)[1], 'first']);
    expect(world.failure('SHOW LOAD')).toMatchObject({ code: 1046 });
    expect(world.failure('SHOW LOAD FROM x')).toMatchObject({ code: 5501 });
  });
});

test('SHOW TRANSACTION tells of one load', () => {
  const id = world.rows('SHOW LOAD FROM d')[0]?.[0];
  expect(world.objects(`SHOW TRANSACTION FROM d WHERE ID = ${id}`)).toEqual([
    {
      TransactionId: id,
      Label: 'first',
      Coordinator: 'FE: 127.0.0.1',
      TransactionStatus: 'VISIBLE',
      LoadJobSourceType: 'INSERT_STREAMING',
      PrepareTime: TIME,
      CommitTime: TIME,
      FinishTime: TIME,
      Reason: '',
      ErrorReplicasCount: '0',
      ListenerId: '-1',
      TimeoutMs: '14400000',
    },
  ]);
  expect(world.failure('SHOW TRANSACTION FROM d WHERE ID = 1')).toMatchObject({
    code: 1064,
    text: expect.stringContaining('transaction with id 1 does not exist'),
  });
});

test('information_schema.loads tells of the loads of all databases', () => {
  const sql = `SELECT ID = JOB_ID, DB_NAME, TABLE_NAME, STATE, TYPE, SINK_ROWS
    FROM information_schema.loads ORDER BY ID`;
  expect(world.rows(sql)).toEqual([
    [true, 'd', 'p', 'FINISHED', 'INSERT', 2n],
    [true, 'd', 'r', 'FINISHED', 'INSERT', 1n],
    [true, 'd', 'r', 'FINISHED', 'INSERT', 1n],
  ]);
});

test('a user sees the loads of tables on which there is a privilege', () => {
  world.run('CREATE USER ann; GRANT SELECT ON TABLE d.r TO ann');
  const session = world.session('ann');
  const seen = session.run('SHOW LOAD FROM d').rows.map((row) => row[1]);
  expect(seen).toEqual(labels(world).slice(1));
  const tables = session.run('SELECT TABLE_NAME FROM information_schema.loads').rows.flat();
  expect(tables).toEqual(['r', 'r']);
});

test('loads are remembered over a crash and in an image, and go with their database', () => {
  const before = labels(world);
  let next = world.crashed();
  expect(labels(next)).toEqual(before);
  next.stop();
  next = next.crashed();
  expect(labels(next)).toEqual(before);
  for (const day of [7, 8]) next.run(`INSERT INTO d.r VALUES ('2024-01-0${day}', 'z')`);
  expect(labels(next)).toHaveLength(4);
  expect(labels(next)).not.toContain('first');
  next.run('DROP DATABASE d FORCE; CREATE DATABASE d');
  expect(labels(next)).toEqual([]);
  expect(next.rows('SELECT * FROM information_schema.loads')).toEqual([]);
});

test('what an image gives is, to the letter, what it was made of', () => {
  const applied = new LoadHistory(() => 9);
  const loaded = { source: 'INSERT', rowCount: 3, startTimeMs: 5 } as const;
  const ids = { txnId: 1, dbId: 2, tableId: 3 } as Pick<CommitRecord, 'txnId' | 'dbId' | 'tableId'>;
  applied.apply({ ...ids, label: 'l', commitTimeMs: 7, loaded } as CommitRecord);
  const image = JSON.stringify(applied.all());
  const read = new LoadHistory(() => 9);
  read.load(JSON.parse(image));
  expect(JSON.stringify(read.all())).toBe(image);
  expect(read.all()).toHaveLength(1);
});
