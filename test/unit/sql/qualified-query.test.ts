import { expect, test } from 'vitest';
import { qualifiedQuery } from '../../../src/sql/qualified-query.ts';

const qualified = (text: string) =>
  qualifiedQuery(text, false, ({ db, name }) => ({ db: db ?? 'd', name }));

test.each([
  ['SELECT a FROM t', 'SELECT a FROM `d`.`t`'],
  ['SELECT t.a, `t` . b FROM t', 'SELECT `d`.`t`.a, `d`.`t` . b FROM `d`.`t`'],
  ['SELECT e.t.a FROM e.t', 'SELECT `e`.`t`.a FROM `e`.`t`'],
  ['SELECT t.*, d.t.* FROM t', 'SELECT `d`.`t`.*, `d`.`t`.* FROM `d`.`t`'],
  ['SELECT x.*, count(*) FROM t AS x', 'SELECT x.*, count(*) FROM `d`.`t` AS x'],
  ['SELECT x.a FROM t AS x', 'SELECT x.a FROM `d`.`t` AS x'],
  ['SELECT t.a FROM u AS t', 'SELECT t.a FROM `d`.`u` AS t'],
  [
    'SELECT t.a /* t.a */ FROM t JOIN u ON t.a = u.a',
    'SELECT `d`.`t`.a /* t.a */ FROM `d`.`t` JOIN `d`.`u` ON `d`.`t`.a = `d`.`u`.a',
  ],
  ["SELECT 't.a' FROM default_catalog.e.`t``x`", "SELECT 't.a' FROM `e`.`t``x`"],
  [
    'WITH c AS (SELECT a FROM t) SELECT c.a FROM c',
    'WITH c AS (SELECT a FROM `d`.`t`) SELECT c.a FROM c',
  ],
  [
    'SELECT a FROM t WHERE a IN (SELECT u.a FROM u) UNION SELECT 1 FROM (SELECT 1 FROM e.t) x',
    'SELECT a FROM `d`.`t` WHERE a IN (SELECT `d`.`u`.a FROM `d`.`u`) UNION SELECT 1 FROM (SELECT 1 FROM `e`.`t`) x',
  ],
])('%s names its tables in full', (text, expected) => {
  expect(qualified(text).text).toBe(expected);
});

test('each table is told once, common tables never, and what is called', () => {
  const query = qualified(
    'WITH c AS (SELECT a FROM t) SELECT sum(a), Rand() FROM c JOIN t ON 1 = 1 JOIN e.t AS x ON 1 = 1',
  );
  expect(query.tables).toEqual([
    { db: 'd', name: 't' },
    { db: 'e', name: 't' },
  ]);
  expect([...query.functions].sort()).toEqual(['rand', 'sum']);
});

test('a column whose table is ambiguous stays as it is written', () => {
  expect(qualified('SELECT t.a FROM t UNION SELECT t.a FROM e.t').text).toBe(
    'SELECT t.a FROM `d`.`t` UNION SELECT t.a FROM `e`.`t`',
  );
});
