/** INSERT: values, casts, defaults, labels, partitions; a load that fails changes nothing. */
import { beforeAll, describe, expect, test } from 'vitest';
import { smallWorld, type World } from './support/world.ts';

let world: World;
beforeAll(() => {
  world = smallWorld();
  world.run(`CREATE TABLE d.w (k BIGINT NOT NULL, s VARCHAR(3) DEFAULT "abc", n INT,
    m DECIMAL(6, 2) DEFAULT "1.5",
    t DATETIME DEFAULT CURRENT_TIMESTAMP, must INT NOT NULL) DUPLICATE KEY (k)
    DISTRIBUTED BY HASH (k) BUCKETS 3`);
});

/** What a statement that fails must leave as it was: the log, versions, rows. */
function fingerprint(): unknown {
  return [
    world.context.lastSequence(),
    world.rows(
      'SELECT DB_NAME, TABLE_NAME, PARTITION_NAME, VISIBLE_VERSION FROM information_schema.partitions_meta',
    ),
    world.rows('SELECT * FROM d.w ORDER BY k'),
    world.rows('SELECT * FROM d.p ORDER BY id'),
  ];
}

describe('a load that fails names its fault and changes nothing', () => {
  test.each([
    [
      'INSERT INTO d.w (k, must) VALUES (1, 1), (NULL, 2)',
      5610,
      '22000',
      "NULL value in non-nullable column 'k'",
    ],
    ['INSERT INTO d.w (k) VALUES (1)', 1364, 'HY000', "'must' must be explicitly mentioned"],
    [
      'INSERT INTO d.w (k, must) VALUES (1)',
      5604,
      '42601',
      "Column count doesn't match value count",
    ],
    ['INSERT INTO d.w (k, must) SELECT 1', 5604, '42601', "Column count doesn't match value count"],
    ['INSERT INTO d.w (k, nothing) VALUES (1, 2)', 5509, '42S22', "Unknown column 'nothing'"],
    ['INSERT INTO d.w (k, K) VALUES (1, 2)', 1060, '42S21', "'K' specified twice"],
    ["INSERT INTO d.w (k, must, s) VALUES (1, 1, 'abcd')", 5610, '22000', 's'],
    ["INSERT INTO d.w (k, must, n) VALUES (1, 1, 'x')", 5610, '22000', 'n'],
    ['INSERT INTO d.w (k, must, n) VALUES (1, 1, 3000000000)', 5610, '22000', 'n'],
    [
      "INSERT INTO d.r VALUES ('2024-01-01', 'a'), ('2025-01-01', 'b')",
      1748,
      'HY000',
      'no partition for the row (2025-01-01, b)',
    ],
    ["INSERT INTO d.r PARTITION (p2) VALUES ('2024-01-01', 'a')", 1748, 'HY000', 'no partition'],
    [
      "INSERT INTO d.r PARTITION (p9) VALUES ('2024-01-01', 'a')",
      1735,
      'HY000',
      "Unknown partition 'p9'",
    ],
    [
      "INSERT INTO d.r TEMPORARY PARTITION (p1) VALUES ('2024-01-01', 'a')",
      1735,
      'HY000',
      "Unknown partition 'p1'",
    ],
    ['INSERT INTO d.nothing VALUES (1)', 5502, '42602', "Unknown table 'd.nothing'"],
    [
      'INSERT INTO d.p WITH LABEL `not-a label` VALUES (1, 1, NULL)',
      5082,
      '42000',
      'Incorrect label',
    ],
    ['UPDATE d.w SET n = 1 WHERE k = 1', 1064, 'HY000', 'primary key tables only'],
    ['DELETE FROM d.w WHERE k = 1 OR k = 2', 1064, 'HY000', 'Where clause only supports'],
    ['UPDATE d.p SET n = 1', 1064, 'HY000', 'must specify where clause'],
    ['DELETE FROM d.p', 1064, 'HY000', 'must specify where clause'],
    [
      'UPDATE d.p SET id = 1 WHERE id = 2',
      1064,
      'HY000',
      'primary key column cannot be updated: id',
    ],
    ['UPDATE d.p SET nope = 1 WHERE id = 2', 5509, '42S22', 'nope'],
    ['UPDATE d.p SET n = 1, N = 2 WHERE id = 2', 1060, '42S21', 'duplicate column setting'],
    ["UPDATE d.p SET s = 'toolong' WHERE id > 0", 5610, '22000', 's'],
  ])('%s', (sql, code, state, text) => {
    world.run('INSERT INTO d.p VALUES (7, 7, NULL)');
    const before = fingerprint();
    expect(world.failure(sql)).toMatchObject({ code, state, text: expect.stringContaining(text) });
    expect(fingerprint()).toEqual(before);
  });
});

test('columns that are not named get their defaults, DEFAULT too, and casts are made', () => {
  world.run('TRUNCATE TABLE d.w');
  world.run("INSERT INTO d.w (must, k) VALUES (1, '5'), (TRUE, 6)");
  world.run("INSERT INTO d.w VALUES (7, DEFAULT, '8', 2.345, '2024-02-03', 1)");
  world.run("SET time_zone = 'Asia/Tokyo'; INSERT INTO d.w (k, must) SELECT 8, 1");
  expect(world.rows('SELECT k, s, n, m, t FROM d.w ORDER BY k')).toEqual([
    [5n, 'abc', null, '1.50', '2025-01-01 00:00:00'],
    [6n, 'abc', null, '1.50', '2025-01-01 00:00:00'],
    [7n, 'abc', 8, '2.35', '2024-02-03 00:00:00'],
    [8n, 'abc', null, '1.50', '2025-01-01 09:00:00'],
  ]);
});

test('rows go to the partition that holds them, and only its version rises', () => {
  const own = smallWorld();
  own.run("INSERT INTO d.r VALUES ('2024-02-29', 'b')");
  own.run("INSERT INTO d.r PARTITION (p2) SELECT '2024-02-01', 'c'");
  expect(
    own.objects('SHOW PARTITIONS FROM d.r').map((row) => [row['VisibleVersion'], row['RowCount']]),
  ).toEqual([
    ['1', '0'],
    ['3', '2'],
  ]);
  expect(own.cell('SELECT count(*) FROM d.r PARTITION (p1)')).toBe(0n);
});

test('generate_series loads many rows, spread over all buckets', () => {
  const own = smallWorld();
  const { affectedRows } = own.run(
    'INSERT INTO d.p SELECT generate_series, generate_series * 2, NULL FROM TABLE(generate_series(1, 5000))',
  );
  expect(affectedRows).toBe(5000);
  expect(own.rows('SELECT count(*), sum(n), min(id), max(id) FROM d.p')[0]?.map(String)).toEqual([
    '5000',
    '25005000',
    '1',
    '5000',
  ]);
  expect(own.crashed().cell('SELECT count(*) FROM d.p')).toBe(5000n);
});

test('a load of no rows commits nothing', () => {
  const before = world.context.lastSequence();
  expect(world.run('INSERT INTO d.p SELECT 1, 1, NULL WHERE FALSE').affectedRows).toBe(0);
  expect(world.run('DELETE FROM d.p WHERE id = -5').affectedRows).toBe(0);
  expect(world.context.lastSequence()).toBe(before);
});

test('later rows of a key win, within one load and between loads', () => {
  const own = smallWorld();
  own.run("INSERT INTO d.p VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'a')");
  own.run("INSERT INTO d.p VALUES (2, 9, 'z')");
  own.run('DELETE FROM d.p WHERE id = 1');
  own.run('INSERT INTO d.p (id) VALUES (1)');
  expect(own.rows('SELECT * FROM d.p ORDER BY id')).toEqual([
    [1, null, null],
    [2, 9, 'z'],
  ]);
});

describe('a label', () => {
  test('is used once in a database, also after a crash and after an image', () => {
    let own = smallWorld({ config: { edit_log_roll_num: '1' } });
    const load = 'INSERT INTO d.p WITH LABEL monday VALUES (1, 1, NULL)';
    own.run(load);
    for (const spanMs of [0, 61_000]) {
      expect(own.failure(load)).toEqual({
        code: 1064,
        state: 'HY000',
        text: 'Label [monday] has already been used.',
      });
      own.clock.advance(spanMs);
      own = own.crashed();
    }
    expect(own.failure(load).text).toContain('already been used');
    own.run(`CREATE DATABASE e;
      CREATE TABLE e.p (id INT NOT NULL) PRIMARY KEY (id) DISTRIBUTED BY HASH (id)`);
    own.run('INSERT INTO e.p WITH LABEL monday VALUES (1)');
  });

  test('is free again when its load failed', () => {
    const own = smallWorld();
    own.failure("INSERT INTO d.p WITH LABEL l VALUES (1, 'x', NULL)");
    own.run('INSERT INTO d.p WITH LABEL l VALUES (1, 1, NULL)');
  });

  test('is forgotten when there are more than label_keep_max_num', () => {
    const own = smallWorld();
    own.run('ADMIN SET FRONTEND CONFIG ("label_keep_max_num" = "2")');
    for (const label of ['a', 'b', 'c']) {
      own.run(`INSERT INTO d.p WITH LABEL ${label} VALUES (1, 1, NULL)`);
    }
    own.run('INSERT INTO d.p WITH LABEL a VALUES (1, 1, NULL)');
    expect(own.failure('INSERT INTO d.p WITH LABEL c VALUES (1, 1, NULL)').code).toBe(1064);
  });
});

test('the OK packet of a load tells label, status and transaction', () => {
  const session = world.session();
  expect(session.run('INSERT INTO d.p WITH LABEL told VALUES (50, 1, NULL)').affectedRows).toBe(1);
});
