/** Columns of ARRAY, MAP and STRUCT: what shows them, what they take, where they may not stand. */
import { describe, expect, test } from 'vitest';
import { smallWorld } from './support/world.ts';

const END = 'DISTRIBUTED BY HASH (k) BUCKETS 2';
const CREATE = `CREATE TABLE d.t (k INT, tags ARRAY<VARCHAR(20)> COMMENT 'words',
  attrs MAP<VARCHAR(9), ARRAY<INT>> NOT NULL, who STRUCT<id BIGINT, name VARCHAR(9)>)
  DUPLICATE KEY (k) ${END}`;

test("DESC, SHOW CREATE TABLE and information_schema name the types in StarRocks' words", () => {
  const world = smallWorld();
  world.run(CREATE);
  const types = [
    'array<varchar(20)>',
    'map<varchar(9),array<int(11)>>',
    'struct<id bigint(20), name varchar(9)>',
  ];
  expect(world.objects('DESC d.t').map((row) => row['Type'])).toEqual(['int(11)', ...types]);
  const text = String(world.rows('SHOW CREATE TABLE d.t')[0]?.[1]);
  expect(text).toContain('`tags` array<varchar(20)> NULL COMMENT "words"');
  expect(text).toContain('`attrs` map<varchar(9),array<int(11)>> NOT NULL');
  expect(text).toContain('`who` struct<id bigint(20), name varchar(9)> NULL');
  expect(
    world.rows(`SELECT data_type, column_type, character_maximum_length
      FROM information_schema.columns WHERE table_name = 't' AND column_name != 'k'
      ORDER BY ordinal_position`),
  ).toEqual(types.map((type) => [type.split('<')[0], type, null]));
  world.run('DROP TABLE d.t FORCE');
  world.run(text.replace('CREATE TABLE `t`', 'CREATE TABLE d.`t`'));
  expect(String(world.rows('SHOW CREATE TABLE d.t')[0]?.[1])).toBe(text);
});

test('rows come back as StarRocks prints them, also after a crash', () => {
  const world = smallWorld();
  world.run(`${CREATE};
    INSERT INTO d.t VALUES (1, ['a', 'q"', NULL], map{'x': [1, NULL], 'y': []}, row(7, 'ann')),
      (2, NULL, map(), NULL), (3, [], map{'k': NULL}, named_struct('id', 1, 'name', NULL));
    INSERT INTO d.t SELECT k + 10, tags, attrs, who FROM d.t WHERE k = 1;
    INSERT INTO d.t VALUES (4, '["b", 5]', '{"z": [9]}', '{"name": "bo", "id": 8}')`);
  const first = ['["a","q\\"",null]', '{"x":[1,null],"y":[]}', '{"id":7,"name":"ann"}'];
  for (const each of [world, world.crashed()]) {
    expect(each.rows('SELECT * FROM d.t ORDER BY k')).toEqual([
      [1, ...first],
      [2, null, '{}', null],
      [3, '[]', '{"k":null}', '{"id":1,"name":null}'],
      [4, '["b","5"]', '{"z":[9]}', '{"id":8,"name":"bo"}'],
      [11, ...first],
    ]);
    expect(
      each.rows(`SELECT tags[1], attrs['x'][1], who.name, t.who.id, array_length(tags)
        FROM d.t WHERE array_contains(tags, 'a') AND k < 10`),
    ).toEqual([['a', 1, 'ann', 7n, 3]]);
  }
});

describe('a load refuses what a column cannot hold', () => {
  const world = smallWorld();
  world.run(CREATE);
  test.each([
    ["(1, 'no array', map(), NULL)", "value 'no array' of column 'tags'"],
    ['(1, NULL, NULL, NULL)', 'attrs'],
    ["(1, NULL, map{'x': ['y']}, NULL)", "of column 'attrs'"],
    ['(1, NULL, map(), row(1))', 'Invalid type cast|who'],
    ["(1, NULL, map(), row('x', 'y'))", "of column 'who'"],
  ])('%s', (values, text) => {
    expect(world.failure(`INSERT INTO d.t VALUES ${values}`).text).toMatch(new RegExp(text));
    expect(world.rows('SELECT count(*) FROM d.t')).toEqual([[0n]]);
  });
});

describe('where such columns may not stand', () => {
  const world = smallWorld();
  test.each([
    [`CREATE TABLE d.x (a ARRAY<INT>, k INT) DUPLICATE KEY (a) ${END}`, 'key column'],
    [`CREATE TABLE d.x (k INT, a MAP<INT, INT>) PRIMARY KEY (k, a) ${END}`, 'key column'],
    [
      'CREATE TABLE d.x (k INT, a ARRAY<INT>) DUPLICATE KEY (k) DISTRIBUTED BY HASH (a)',
      'ARRAY column can not be distribution column',
    ],
    [
      'CREATE TABLE d.x (k INT, j JSON) DUPLICATE KEY (k) DISTRIBUTED BY HASH (j)',
      'JSON column can not be distribution column',
    ],
    [`CREATE TABLE d.x (k INT, a STRUCT<b INT>) DUPLICATE KEY (k) PARTITION BY (a) ${END}`, ''],
    [`CREATE TABLE d.x (k INT, a ARRAY<INT>) DUPLICATE KEY (k) ${END} ORDER BY (a)`, 'Sort key'],
    [`CREATE TABLE d.x (k INT, a ARRAY<INT> MAX) AGGREGATE KEY (k) ${END}`, "function 'MAX'"],
    [`CREATE TABLE d.x (k INT, a ARRAY<INT> DEFAULT '[]') ${END}`, 'Invalid default value'],
    ['CREATE FUNCTION d.f(ARRAY<INT>) RETURNS INT PROPERTIES ("symbol" = "a")', 'the type ARRAY'],
  ])('%s', (sql, text) => {
    expect(world.failure(sql).text).toContain(text);
  });

  test('REPLACE may keep them in an aggregate table', () => {
    world.run(`CREATE TABLE d.agg (k INT, a ARRAY<INT> REPLACE, b MAP<INT, INT> REPLACE_IF_NOT_NULL)
        AGGREGATE KEY (k) ${END};
      INSERT INTO d.agg VALUES (1, [1], map{1: 2});
      INSERT INTO d.agg VALUES (1, [2, 3], NULL)`);
    expect(world.rows('SELECT * FROM d.agg')).toEqual([[1, '[2,3]', '{1:2}']]);
  });

  test('a table made from a query has them too, with texts of any length', () => {
    world.run('CREATE TABLE d.made AS SELECT k, a, [b] c FROM d.agg');
    expect(world.objects('DESC d.made').map((row) => row['Type'])).toEqual([
      'int(11)',
      'array<int(11)>',
      'array<map<int(11),int(11)>>',
    ]);
    expect(world.rows('SELECT * FROM d.made')).toEqual([[1, '[2,3]', '[{1:2}]']]);
  });
});
