/** Asynchronous materialized views from CREATE to DROP, in a whole virtual cluster. */
import { describe, expect, test } from 'vitest';
import { smallWorld, type World, type WorldOptions } from '../support/world.ts';

const BY_S = 'AS SELECT s, sum(n) AS total, count(*) AS c FROM p GROUP BY s';

/** `d.p` with three rows and `d.mv`, which sums them up. */
function withView(clauses = 'REFRESH ASYNC', options: WorldOptions = {}): World {
  const world = smallWorld(options);
  world.run(`INSERT INTO d.p VALUES (1, 10, 'a'), (2, 20, 'a'), (3, 5, 'b'); USE d;
    CREATE MATERIALIZED VIEW mv ${clauses} ${BY_S}`);
  world.clock.advance(1);
  return world;
}

const rowsOf = (world: World, view = 'd.mv'): unknown =>
  world.rows(`SELECT * FROM ${view} ORDER BY 1`);

const FIRST = [
  ['a', 30n, 2n],
  ['b', 5n, 1n],
];

function shown(world: World, name = 'mv'): Record<string, unknown> {
  return world.objects(`SHOW MATERIALIZED VIEWS FROM d WHERE name = '${name}'`)[0] ?? {};
}

describe('rows of a view', () => {
  test.each(['REFRESH ASYNC', 'REFRESH MANUAL', 'DISTRIBUTED BY HASH (s) BUCKETS 2'])(
    'with %s are there soon after CREATE, and after a crash',
    (clauses) => {
      const world = withView(clauses);
      expect(rowsOf(world)).toEqual(FIRST);
      expect(shown(world)).toMatchObject({ is_active: 'true', last_refresh_state: 'SUCCESS' });
      expect(rowsOf(world.crashed())).toEqual(FIRST);
    },
  );

  test('with DEFERRED come with the first load or REFRESH', () => {
    const world = withView('REFRESH DEFERRED ASYNC');
    world.clock.advance(60_000);
    expect(rowsOf(world)).toEqual([]);
    world.run("INSERT INTO d.p VALUES (4, 1, 'b')");
    world.clock.advance(6_000);
    expect(rowsOf(world)).toEqual([FIRST[0], ['b', 6n, 2n]]);
  });

  test('of ASYNC follow the loads of base tables, of MANUAL only REFRESH', () => {
    const world = withView();
    world.run(`USE d; CREATE MATERIALIZED VIEW byhand REFRESH MANUAL ${BY_S}`);
    world.clock.advance(1);
    world.run("INSERT INTO d.p VALUES (4, 100, 'b')");
    expect(rowsOf(world)).toEqual(FIRST);
    world.clock.advance(6_000);
    const after = [FIRST[0], ['b', 105n, 2n]];
    expect(rowsOf(world)).toEqual(after);
    expect(rowsOf(world, 'd.byhand')).toEqual(FIRST);
    expect(world.run('REFRESH MATERIALIZED VIEW d.byhand WITH SYNC MODE').columns).toEqual([
      'QUERY_ID',
    ]);
    expect(rowsOf(world, 'd.byhand')).toEqual(after);
    world.run("INSERT INTO d.p VALUES (5, 1, 'c'); REFRESH MATERIALIZED VIEW d.byhand");
    world.clock.advance(1);
    expect(rowsOf(world, 'd.byhand')).toEqual([...after, ['c', 1n, 1n]]);
  });

  test('of EVERY come with each period, which a START sets', () => {
    const world = withView("REFRESH ASYNC START ('2025-01-01 00:30:00') EVERY (INTERVAL 1 HOUR)");
    world.run("INSERT INTO d.p VALUES (4, 1, 'b')");
    world.clock.advance(29 * 60_000);
    expect(rowsOf(world)).toEqual(FIRST);
    world.clock.advance(2 * 60_000);
    expect(rowsOf(world)).toEqual([FIRST[0], ['b', 6n, 2n]]);
    world.run("INSERT INTO d.p VALUES (5, 1, 'b')");
    world.clock.advance(58 * 60_000);
    expect(rowsOf(world)).toEqual([FIRST[0], ['b', 6n, 2n]]);
    world.clock.advance(2 * 60_000);
    expect(rowsOf(world)).toEqual([FIRST[0], ['b', 7n, 3n]]);
  });

  test('are replaced at one go: a new partition, and none when nothing has changed', () => {
    const world = withView('REFRESH MANUAL');
    const id = (): unknown => world.objects('SHOW PARTITIONS FROM d.mv')[0]?.['PartitionId'];
    const first = id();
    world.run('REFRESH MATERIALIZED VIEW d.mv WITH SYNC MODE');
    expect(id()).toBe(first);
    world.run('REFRESH MATERIALIZED VIEW d.mv FORCE WITH SYNC MODE');
    expect(id()).not.toBe(first);
    expect(world.objects('SHOW PARTITIONS FROM d.mv')[0]).toMatchObject({
      PartitionName: 'mv',
      VisibleVersion: '2',
    });
    expect(rowsOf(world)).toEqual(FIRST);
    world.run('DELETE FROM d.p WHERE id > 0; REFRESH MATERIALIZED VIEW d.mv WITH SYNC MODE');
    expect(rowsOf(world)).toEqual([]);
  });

  test('go on from views over views, also when one of them is renamed away and back', () => {
    const world = withView();
    world.run('USE d; CREATE MATERIALIZED VIEW top REFRESH ASYNC AS SELECT sum(c) AS n FROM mv');
    world.clock.advance(1);
    expect(rowsOf(world, 'd.top')).toEqual([[3n]]);
    world.run("INSERT INTO d.p VALUES (9, 9, 'z')");
    world.clock.advance(12_000);
    expect(rowsOf(world, 'd.top')).toEqual([[4n]]);
    world.run('ALTER MATERIALIZED VIEW d.mv RENAME other');
    expect(shown(world, 'top')).toMatchObject({
      is_active: 'false',
      inactive_reason: 'base-table renamed: mv',
    });
    world.run('ALTER MATERIALIZED VIEW d.other RENAME mv; ALTER MATERIALIZED VIEW d.top ACTIVE');
    expect(shown(world, 'top')).toMatchObject({ is_active: 'true', inactive_reason: '' });
  });

  test('of a view in another database follow TRUNCATE of its table', () => {
    const world = withView();
    world.run(
      'CREATE DATABASE e; CREATE MATERIALIZED VIEW e.m REFRESH ASYNC AS SELECT id FROM d.p',
    );
    world.clock.advance(1);
    expect(rowsOf(world, 'e.m')).toHaveLength(3);
    world.run('TRUNCATE TABLE d.p');
    world.clock.advance(6_000);
    expect(rowsOf(world, 'e.m')).toEqual([]);
    world.run('DROP DATABASE e');
    expect(world.run("INSERT INTO d.p VALUES (1, 1, 'a')").affectedRows).toBe(1);
  });

  test('of a partitioned view follow partitions that loads make', () => {
    const world = smallWorld();
    world.run(`CREATE TABLE d.auto (at DATETIME NOT NULL, n INT)
        PARTITION BY date_trunc('day', at) DISTRIBUTED BY HASH (n) BUCKETS 1;
      CREATE MATERIALIZED VIEW d.days PARTITION BY (at) REFRESH ASYNC
        AS SELECT auto.at, auto.n FROM d.auto;
      INSERT INTO d.auto VALUES ('2024-01-05 10:00:00', 1)`);
    world.clock.advance(6_000);
    world.run("INSERT INTO d.auto VALUES ('2024-01-06 10:00:00', 2)");
    world.clock.advance(6_000);
    const partitions = world.objects('SHOW PARTITIONS FROM d.days');
    expect(partitions.map((row) => row['PartitionName'])).toEqual(['p20240105', 'p20240106']);
    expect(world.rows('SELECT n FROM d.days ORDER BY 1')).toEqual([[1], [2]]);
  });

  test('of a partitioned view follow the partitions of its base table, each by itself', () => {
    const world = smallWorld();
    world.run(`INSERT INTO d.r VALUES ('2024-01-05', 'x'), ('2024-02-05', 'y'); USE d;
      CREATE MATERIALIZED VIEW days PARTITION BY day REFRESH ASYNC
        AS SELECT r.day, count(*) AS c FROM r GROUP BY r.day`);
    world.clock.advance(1);
    const partitions = (): Readonly<Record<string, unknown>> =>
      Object.fromEntries(
        world
          .objects('SHOW PARTITIONS FROM d.days')
          .map((row) => [String(row['PartitionName']), row['PartitionId']]),
      );
    const before = partitions();
    expect(Object.keys(before)).toEqual(['p1', 'p2']);
    world.run(`INSERT INTO d.r VALUES ('2024-02-05', 'z');
      ALTER TABLE d.r ADD PARTITION p3 VALUES LESS THAN ('2024-04-01')`);
    world.clock.advance(6_000);
    expect(partitions()).toMatchObject({ p1: before['p1'], p3: expect.anything() });
    expect(partitions()['p2']).not.toBe(before['p2']);
    expect(rowsOf(world, 'd.days')).toEqual([
      ['2024-01-05', 1n],
      ['2024-02-05', 2n],
    ]);
    expect(shown(world, 'days')).toMatchObject({
      partition_type: 'RANGE',
      last_refresh_mv_refresh_partitions: '[p2,p3]',
    });
    world.run('ALTER TABLE d.r DROP PARTITION p1');
    world.clock.advance(6_000);
    expect(rowsOf(world, 'd.days')).toEqual([['2024-02-05', 2n]]);
  });
});

describe('a view that cannot be refreshed', () => {
  test('says why in SHOW, keeps its rows, and is tried again when a base table changes', () => {
    const world = smallWorld();
    world.run(`INSERT INTO d.p VALUES (1, 100, 'a'); USE d; CREATE MATERIALIZED VIEW mv
      REFRESH ASYNC AS SELECT id, CAST(n AS TINYINT) * CAST(n AS TINYINT) AS sq FROM p`);
    world.clock.advance(1);
    expect(shown(world)).toMatchObject({ last_refresh_state: 'SUCCESS', rows: '1' });
    world.cluster.backends.forEach((backend) => {
      backend.kill();
    });
    world.clock.advance(10_000);
    expect(world.failure('REFRESH MATERIALIZED VIEW d.mv FORCE WITH SYNC MODE').code).toBe(1064);
    expect(shown(world)).toMatchObject({
      is_active: 'true',
      last_refresh_state: 'FAILED',
      last_refresh_error_code: '1064',
      last_refresh_error_message: expect.stringMatching(/./),
    });
    for (const backend of world.cluster.backends.values()) world.clock.run(backend.start());
    world.clock.advance(30_000);
    expect(world.rows('SELECT * FROM d.mv')).toEqual([[1, 10_000]]);
    expect(shown(world)).toMatchObject({ last_refresh_state: 'FAILED' });
    world.run("INSERT INTO d.p VALUES (2, 3, 'a')");
    world.clock.advance(6_000);
    expect(world.rows('SELECT * FROM d.mv ORDER BY 1')).toEqual([
      [1, 10_000],
      [2, 9],
    ]);
    expect(shown(world)).toMatchObject({ last_refresh_state: 'SUCCESS' });
  });

  test('is inactive once a base table is dropped, and refuses REFRESH by name', () => {
    const world = withView();
    world.run('DROP TABLE d.p');
    expect(shown(world)).toMatchObject({
      is_active: 'false',
      inactive_reason: 'base-table dropped: p',
    });
    expect(rowsOf(world)).toEqual(FIRST);
    expect(world.failure('REFRESH MATERIALIZED VIEW d.mv WITH SYNC MODE')).toMatchObject({
      code: 1064,
      text: expect.stringContaining('base-table dropped: p'),
    });
    expect(world.failure('ALTER MATERIALIZED VIEW d.mv ACTIVE').text).toMatch(/Unknown table/);
    const after = world.crashed();
    expect(shown(after)).toMatchObject({ is_active: 'false' });
  });

  test('is active again within a minute of the table being back, and later each time', () => {
    const world = withView();
    world.run('DROP TABLE d.p');
    world.clock.advance(600_000);
    world.run(`CREATE TABLE d.p (id INT NOT NULL, n INT, s VARCHAR(5)) PRIMARY KEY (id)
      DISTRIBUTED BY HASH (id) BUCKETS 1; INSERT INTO d.p VALUES (7, 7, 'q')`);
    // After 10 minutes the attempts are 8 minutes apart.
    world.clock.advance(120_000);
    expect(shown(world)).toMatchObject({ is_active: 'false' });
    world.clock.advance(600_000);
    expect(shown(world)).toMatchObject({ is_active: 'true' });
    expect(rowsOf(world)).toEqual([['q', 7n, 1n]]);
  });

  test('stays inactive when a user has set it so, until a user sets it active', () => {
    const world = withView();
    world.run('ALTER MATERIALIZED VIEW d.mv INACTIVE');
    world.clock.advance(3_600_000);
    expect(shown(world)).toMatchObject({ inactive_reason: 'manually inactivated' });
    world.run('ALTER MATERIALIZED VIEW d.mv ACTIVE');
    expect(shown(world)).toMatchObject({ is_active: 'true' });
    world.run(`ADMIN SET FRONTEND CONFIG ('enable_mv_automatic_active_check' = 'false');
      ALTER TABLE d.p RENAME q; ALTER TABLE d.q RENAME p`);
    world.clock.advance(3_600_000);
    expect(shown(world)).toMatchObject({ inactive_reason: 'base-table renamed: p' });
  });
});

describe('what is refused by name', () => {
  const refusing = withView();
  refusing.run('CREATE VIEW d.v AS SELECT id FROM d.p');

  test.each([
    ['INSERT INTO d.mv VALUES ("a", 1, 1)', /materialized view: INSERT/],
    ['DELETE FROM d.mv WHERE c = 1', /materialized view: DELETE|primary key/],
    ['UPDATE d.mv SET c = 1 WHERE c = 2', /materialized view: UPDATE|primary key/],
    ['TRUNCATE TABLE d.mv', /materialized view: TRUNCATE/],
    ['DROP TABLE d.mv', /materialized view: DROP TABLE/],
    ['DROP VIEW d.mv', /is a table, not a view/],
    ['ALTER TABLE d.mv RENAME x', /materialized view: ALTER TABLE/],
    ['ALTER TABLE d.mv ADD ROLLUP r (s)', /materialized view: ALTER TABLE/],
    ['DROP MATERIALIZED VIEW d.p', /is a table/],
    ['SHOW CREATE MATERIALIZED VIEW d.p', /is not MATERIALIZED VIEW/],
    ['SHOW CREATE VIEW d.mv', /is not VIEW/],
    ['CREATE TABLE d.mv (a INT)', /already exists/],
    ['CREATE MATERIALIZED VIEW d.x REFRESH ASYNC AS SELECT 1', /base table/],
    ['CREATE MATERIALIZED VIEW d.x REFRESH ASYNC AS SELECT * FROM d.none', /Unknown table/],
    ['CREATE MATERIALIZED VIEW d.x REFRESH ASYNC AS SELECT * FROM d.v', /over view 'd.v'/],
    ['CREATE MATERIALIZED VIEW d.x REFRESH ASYNC AS SELECT rand() FROM d.p', /rand/],
    ['CREATE MATERIALIZED VIEW d.x (a) REFRESH ASYNC AS SELECT id, n FROM d.p', /column count/],
    [
      'CREATE MATERIALIZED VIEW d.x REFRESH ASYNC EVERY (INTERVAL 1 MONTH) AS SELECT id FROM d.p',
      /MONTH/,
    ],
    [
      'CREATE MATERIALIZED VIEW d.x PARTITION BY n REFRESH ASYNC AS SELECT n FROM d.p',
      /partition column n/,
    ],
    [
      'CREATE MATERIALIZED VIEW d.x REFRESH ASYNC PROPERTIES ("warehouse" = "w") AS SELECT id FROM d.p',
      /warehouse/,
    ],
    [
      'CREATE MATERIALIZED VIEW d.x REFRESH ASYNC PROPERTIES ("colocate_with" = "g") AS SELECT id FROM d.p',
      /colocate_with/,
    ],
    ['CREATE MATERIALIZED VIEW x AS SELECT c FROM d.mv', /a synchronous view of it/],
    [
      'CREATE MATERIALIZED VIEW d.x REFRESH ASYNC AS SELECT TABLE_NAME FROM information_schema.tables',
      /not supported/,
    ],
  ])('%s', (sql, text) => {
    expect(refusing.failure(sql).text).toMatch(text);
  });

  test('IF EXISTS and IF NOT EXISTS pass over what is missing or there', () => {
    const world = withView();
    world.run(`USE d; DROP MATERIALIZED VIEW IF EXISTS none;
      CREATE MATERIALIZED VIEW IF NOT EXISTS mv REFRESH ASYNC AS SELECT id FROM p`);
    expect(rowsOf(world)).toEqual(FIRST);
    world.run('DROP MATERIALIZED VIEW d.mv');
    expect(world.failure('SELECT * FROM d.mv').code).toBe(5502);
    expect(world.failure('DROP MATERIALIZED VIEW d.mv').code).toBe(5502);
  });
});

describe('what is shown', () => {
  test.each([
    ['3.3', 27],
    ['3.5', 27],
    ['4.2', 39],
  ] as const)('in %s information_schema has %i columns, SHOW 27', (profile, count) => {
    const world = withView('REFRESH ASYNC', { profile });
    const table = world.run('SELECT * FROM information_schema.materialized_views');
    expect(table.columns).toHaveLength(count);
    const show = world.run('SHOW MATERIALIZED VIEWS FROM d');
    expect(show.columns.slice(0, 4)).toEqual(['id', 'database_name', 'name', 'refresh_type']);
    expect(show.columns).toHaveLength(27);
    expect(show.rows[0]?.[0]).toBe(String(table.rows[0]?.[0]));
  });

  test('synchronous views stand beside the asynchronous ones', () => {
    const world = withView();
    world.run('CREATE MATERIALIZED VIEW d.sync AS SELECT what, count(day) FROM d.r GROUP BY what');
    expect(world.objects("SHOW MATERIALIZED VIEWS FROM d LIKE 's%'")).toEqual([
      expect.objectContaining({
        name: 'sync',
        refresh_type: 'ROLLUP',
        is_active: 'true',
        text: expect.stringContaining('count(day)'),
      }),
    ]);
    expect(
      world.rows(
        'SELECT TABLE_NAME, REFRESH_TYPE FROM information_schema.materialized_views ORDER BY 1',
      ),
    ).toEqual([
      ['mv', 'ASYNC'],
      ['sync', 'ROLLUP'],
    ]);
    world.run('DROP MATERIALIZED VIEW d.sync');
    expect(world.rows('SHOW MATERIALIZED VIEWS FROM d')).toHaveLength(1);
  });

  test('SHOW CREATE gives a statement that makes the same view', () => {
    const world = smallWorld();
    world.run(`USE d; CREATE MATERIALIZED VIEW mv (a COMMENT 'x', b) COMMENT 'c'
      DISTRIBUTED BY HASH (a) BUCKETS 2 ORDER BY (a)
      REFRESH DEFERRED ASYNC START ('2025-02-01 00:00:00') EVERY (INTERVAL 2 DAY)
      PROPERTIES ('partition_refresh_number' = '1') AS SELECT p.id, n FROM p`);
    const text = String(world.rows('SHOW CREATE MATERIALIZED VIEW d.mv')[0]?.[1]);
    expect(text.split('\n')).toEqual([
      'CREATE MATERIALIZED VIEW `mv` (`a` COMMENT "x", `b`)',
      'COMMENT "c"',
      'DISTRIBUTED BY HASH(`a`) BUCKETS 2 ',
      'ORDER BY (`a`)',
      'REFRESH DEFERRED ASYNC START("2025-02-01 00:00:00") EVERY(INTERVAL 2 DAY)',
      'PROPERTIES (',
      '"replication_num" = "3",',
      '"partition_refresh_number" = "1"',
      ')',
      'AS SELECT `d`.`p`.id, n FROM `d`.`p`;',
    ]);
    world.run(`DROP MATERIALIZED VIEW d.mv; USE d; ${text}`);
    expect(world.rows('SHOW CREATE TABLE d.mv')[0]?.[1]).toBe(text);
    expect(world.rows("SHOW FULL TABLES FROM d LIKE 'mv'")).toEqual([['mv', 'VIEW']]);
  });
});
