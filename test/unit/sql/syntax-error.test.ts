import { describe, expect, test } from 'vitest';
import { errorOf } from './support.ts';

/** Places count from 1 in the table; the text counts columns from 0, as StarRocks does. */
describe('a syntax error names line, column, token and what would fit', () => {
  test.each([
    ['SELECT , FROM t', 1, 8, ',', 'a legal identifier'],
    ['SELECT 1 FROM', 1, 14, '<EOF>', 'a legal identifier'],
    ['SELECT\n  a,\n  FROM t', 3, 3, 'FROM', 'a legal identifier'],
    ['SELECT 1 LIMIT x', 1, 16, 'x', 'an integer'],
    ['SELECT (1', 1, 10, '<EOF>', "')'"],
    ['SELECT 1)', 1, 9, ')', "','"],
    ['SELECT CASE a END', 1, 15, 'END', "'WHEN'"],
    ['SELECT CAST(a AS wat)', 1, 18, 'wat', "'VARCHAR'"],
    ['SELECT a NOT b', 1, 14, 'b', "'IN'"],
    ['SELECT a BETWEEN 1 OR 2', 1, 20, 'OR', "'AND'"],
    ['SELECT INTERVAL 1 FORTNIGHT', 1, 19, 'FORTNIGHT', "'MONTH'"],
    ['SELECT 1 FROM t JOIN', 1, 21, '<EOF>', 'a legal identifier'],
    ['SELECT 1 FROM (SELECT 1', 1, 24, '<EOF>', "')'"],
    ['CREATE TABLE t (a int', 1, 22, '<EOF>', "')'"],
    ['CREATE TABLE t ()', 1, 17, ')', 'a legal identifier'],
    ['CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY)', 1, 42, 'PRIMARY', "')'"],
    ['CREATE TABLE order (a INT)', 1, 14, 'order', 'a legal identifier'],
    [
      'CREATE TABLE t (a INT)\nPROPERTIES (replication_num = 1)',
      2,
      13,
      'replication_num',
      'a quoted string',
    ],
    ['CREATE TABLE t (a INT) COMMENT "x" PRIMARY KEY (a)', 1, 36, 'PRIMARY', "';'"],
    ['CREATE REPOSITORY r ON LOCATION "x"', 1, 21, 'ON', "'WITH'"],
    ['CREATE REPOSITORY r WITH BROKER ON LOCATION x', 1, 45, 'x', 'a quoted string'],
    ['BACKUP TO r', 1, 8, 'TO', "'SNAPSHOT'"],
    ['BACKUP SNAPSHOT s', 1, 18, '<EOF>', "'TO'"],
    ['BACKUP SNAPSHOT s TO r ON ()', 1, 28, ')', 'a legal identifier'],
    ['BACKUP DATABASE ops ON (t) TO r', 1, 21, 'ON', "'SNAPSHOT'"],
    ['RESTORE SNAPSHOT s TO r', 1, 20, 'TO', "'FROM'"],
    ['RESTORE TABLE t FROM l', 1, 9, 'TABLE', "'SNAPSHOT'"],
    ['CANCEL NOTHING', 1, 8, 'NOTHING', "'BACKUP'"],
    ['SHOW BACKUP FROM my-db', 1, 20, '-', "';'"],
    ["SHOW SNAPSHOT FROM r WHERE SNAPSHOT = 'x'", 1, 15, 'FROM', "'ON'"],
    ['SHOW PARTITIONS IN t', 1, 17, 'IN', "'FROM'"],
    ['UPDATE t SET a = 1 WHERE b = 2 ORDER BY a DESC LIMIT 1', 1, 32, 'ORDER', "';'"],
    ['INSERT t VALUES (1)', 1, 8, 't', "'INTO'"],
    ['INSERT INTO t VALUES 1', 1, 22, '1', "'('"],
    ['INSERT INTO t (a)', 1, 18, '<EOF>', "'SELECT'"],
    ['DELETE t', 1, 8, 't', "'FROM'"],
    ['SET x', 1, 6, '<EOF>', "'='"],
    ['SELECT 1 SELECT 2', 1, 10, 'SELECT', "';'"],
    ['SELCT 1', 1, 1, 'SELCT', "'SELECT'"],
    ['SELECT @@', 1, 10, '<EOF>', 'a legal identifier'],
    ["SELECT 'a' 'b' 'c'", 1, 16, "'c'", "','"],
  ])('%j', (text, line, column, token, fitting) => {
    const error = errorOf(text);
    expect(error.code).toBe('syntax');
    expect(
      error.message.startsWith(
        `Getting syntax error at line ${line}, column ${column - 1}. Detail message: ` +
          `Unexpected input '${token}', the most similar input is {`,
      ),
      error.message,
    ).toBe(true);
    expect(error.message).toContain(fitting);
    expect(error.message.endsWith('}.')).toBe(true);
  });

  test('a text that ends too early says so', () => {
    expect(errorOf('SELECT').hint).toBe('the text ends before the statement does');
    expect(errorOf('SELECT ,').hint).toBeUndefined();
  });

  test('a long token is cut', () => {
    const { message } = errorOf(`SELECT 1 FROM '${'x'.repeat(10_000)}'`);
    expect(message.length).toBeLessThan(300);
    expect(message).toContain('...');
  });
});
