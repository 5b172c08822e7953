import { expect, test } from 'vitest';
import type { SqlType } from '../../../src/base/sql-type.ts';
import { typeChangeRefusal } from '../../../src/catalog/column-type-change.ts';

const decimal = (precision: number, scale: number): SqlType => ({
  name: 'DECIMAL',
  precision,
  scale,
});
const text = (length: number): SqlType => ({ name: 'VARCHAR', length });

test.each<[SqlType, SqlType]>([
  [{ name: 'TINYINT' }, { name: 'FLOAT' }],
  [{ name: 'INT' }, { name: 'BIGINT' }],
  [{ name: 'INT' }, text(20)],
  [{ name: 'FLOAT' }, { name: 'DOUBLE' }],
  [{ name: 'DATE' }, { name: 'DATETIME' }],
  [{ name: 'DATETIME' }, { name: 'DATE' }],
  [{ name: 'CHAR', length: 4 }, text(4)],
  [text(4), text(5)],
  [text(4), { name: 'INT' }],
  [decimal(10, 2), decimal(12, 2)],
  [decimal(10, 2), decimal(12, 4)],
])('$0.name may become $1.name', (from, to) => {
  expect(typeChangeRefusal(from, to)).toBeUndefined();
});

test.each<[SqlType, SqlType, string]>([
  [{ name: 'BIGINT' }, { name: 'INT' }, 'Can not change BIGINT to INT'],
  [{ name: 'INT' }, { name: 'FLOAT' }, 'Can not change INT to FLOAT'],
  [{ name: 'JSON' }, text(9), 'Can not change JSON to VARCHAR'],
  [text(5), text(4), 'Cannot shorten string length'],
  [{ name: 'CHAR', length: 4 }, text(3), 'Cannot shorten string length'],
  [
    { name: 'ARRAY', element: { name: 'INT' } },
    { name: 'ARRAY', element: { name: 'BIGINT' } },
    'Can not change array<int(11)> to array<bigint(20)>',
  ],
  [decimal(10, 2), decimal(11, 4), 'Can not change DECIMAL to DECIMAL'],
  [decimal(10, 2), decimal(10, 1), 'Can not change DECIMAL to DECIMAL'],
])('$0.name does not become $1.name', (from, to, why) => {
  expect(typeChangeRefusal(from, to)).toBe(why);
});
