/** INSERT and CREATE TABLE from FILES: casts, keys, limits of where it may stand, privileges. */
import { beforeAll, describe, expect, test } from 'vitest';
import { runNow } from '../../../src/base/op.ts';
import { bytesSource } from '../../../src/blob/byte-source.ts';
import { smallWorld, type World } from './support/world.ts';

let world: World;

const CSV = '"path" = "memory://lake/in/a.csv", "format" = "csv", "csv.column_separator" = ","';

function put(key: string, text: string): void {
  runNow(world.blob.put(key, bytesSource(new TextEncoder().encode(text))));
}

beforeAll(() => {
  world = smallWorld();
  world.run(`CREATE TABLE d.codes (zip VARCHAR(5) NOT NULL, price DECIMAL(20, 9), day DATE,
    n INT DEFAULT "7") PRIMARY KEY (zip) DISTRIBUTED BY HASH (zip) BUCKETS 2`);
  put('/lake/in/a.csv', '00501,12345678901.123456789,2024-01-31\n90210,\\N,2024-02-29\n');
});

describe('INSERT INTO ... SELECT FROM FILES', () => {
  test('casts texts to the types of the columns at once, so that nothing is lost', () => {
    const info = world.run(
      `INSERT INTO d.codes (zip, price, day) WITH LABEL from_file SELECT $1, $2, $3 FROM FILES(${CSV})`,
    );
    expect(info.affectedRows).toBe(2);
    expect(world.rows('SELECT * FROM d.codes ORDER BY zip')).toEqual([
      ['00501', '12345678901.123456789', '2024-01-31', 7],
      ['90210', null, '2024-02-29', 7],
    ]);
  });

  test('changes nothing when a value has no place in its column', () => {
    const before = world.context.lastSequence();
    put('/lake/in/bad.csv', '11111,1,2024-01-31\n22222,1,yesterday\n');
    const bad = CSV.replace('a.csv', 'bad.csv');
    const sql = `INSERT INTO d.codes (zip, price, day) SELECT * FROM FILES(${bad})`;
    expect(world.failure(sql)).toMatchObject({
      code: 5610,
      text: expect.stringContaining("value 'yesterday' of column 'day' is not a date"),
    });
    expect(world.context.lastSequence()).toBe(before);
    expect(world.cell('SELECT count(*) FROM d.codes')).toBe(2n);
  });

  test('leaves no copies of files behind, in failure neither', () => {
    world.failure(`SELECT nothing FROM FILES(${CSV})`);
    const left = runNow(world.files.list('/data/fe/tmp/files'));
    expect(left).toEqual([]);
  });
});

test('CREATE TABLE AS SELECT takes the columns that the files have', () => {
  world.run(`CREATE TABLE d.made (zip, price) AS SELECT $1, $2 FROM FILES(${CSV})`);
  expect(world.rows('SELECT * FROM d.made ORDER BY zip')).toEqual([
    ['00501', 12345678901.123457],
    ['90210', null],
  ]);
});

test('where a query must mean the same later, FILES is refused by name', () => {
  const refused = { text: expect.stringContaining('FILES is not supported in this statement') };
  expect(world.failure(`CREATE VIEW d.v AS SELECT * FROM FILES(${CSV})`)).toMatchObject(refused);
  const beside = `CREATE MATERIALIZED VIEW d.m DISTRIBUTED BY RANDOM REFRESH MANUAL AS
    SELECT f.$1 AS a FROM d.p JOIN FILES(${CSV}) AS f ON id = f.$1`;
  expect(world.failure(beside)).toMatchObject(refused);
});

test('reading files needs no privilege, loading needs INSERT on the table', () => {
  world.run('CREATE USER ann');
  const ann = world.session('ann');
  expect(ann.cell(`SELECT count(*) FROM FILES(${CSV})`)).toBe(2n);
  const sql = `INSERT INTO d.codes (zip, price, day) SELECT * FROM FILES(${CSV})`;
  expect(ann.failure(sql)).toMatchObject({ code: 5203 });
  world.run('GRANT INSERT ON TABLE d.codes TO ann');
  expect(ann.run(sql).affectedRows).toBe(2);
});
