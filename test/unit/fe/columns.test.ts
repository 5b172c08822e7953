/** ALTER TABLE on columns: what the rows are afterwards, what is shown, what is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf, tableOf } from './support/index-rows.ts';
import { World } from './support/world.ts';

const CREATE = `CREATE TABLE d.t
    (day DATE NOT NULL, shop INT, amount INT NOT NULL DEFAULT "7", note VARCHAR(10))
    DUPLICATE KEY (day, shop)
    PARTITION BY RANGE (day) (
      PARTITION p1 VALUES LESS THAN ('2024-02-01'), PARTITION p2 VALUES LESS THAN ('2024-03-01'))
    DISTRIBUTED BY HASH (shop) BUCKETS 2
    ROLLUP (r1 (shop, note))
    PROPERTIES ("bloom_filter_columns" = "note, shop");
  INSERT INTO d.t VALUES ('2024-01-05', 1, 1, '8'), ('2024-02-06', 2, 2, NULL)`;
const PRIMARY = `CREATE TABLE d.p (id INT NOT NULL, n INT, s VARCHAR(5)) PRIMARY KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 2 ORDER BY (n);
  INSERT INTO d.p VALUES (1, 10, '1'), (2, 20, '2'); DELETE FROM d.p WHERE id = 2`;
const AGGREGATE = `CREATE TABLE d.a (k INT, j INT, s BIGINT SUM DEFAULT "0") AGGREGATE KEY (k, j)
    DISTRIBUTED BY HASH (k) BUCKETS 1;
  INSERT INTO d.a VALUES (1, 1, 5), (1, 2, 6)`;
const UNIQUE = `CREATE TABLE d.u (k INT, j INT, v INT) UNIQUE KEY (k, j)
    DISTRIBUTED BY HASH (k) BUCKETS 1 ROLLUP (r1 (k, j, v));
  INSERT INTO d.u VALUES (1, 1, 1), (1, 1, 2)`;
const NO_KEY = 'CREATE TABLE d.n (k INT, v INT) DUPLICATE KEY (k) DISTRIBUTED BY RANDOM';
const SUMMED = `CREATE TABLE d.s (k INT, j INT, v INT) DUPLICATE KEY (k, j)
    PARTITION BY RANGE (k) (PARTITION p1 VALUES LESS THAN ("9")) DISTRIBUTED BY RANDOM;
  CREATE MATERIALIZED VIEW sums AS SELECT k, sum(v) FROM d.s GROUP BY k;
  ALTER TABLE d.s ADD TEMPORARY PARTITION tp VALUES LESS THAN ("9")`;

const at = new World();
at.run('CREATE DATABASE d');
afterAll(() => at.stop());

/** The tables anew. */
function made(...texts: readonly string[]): void {
  for (const [, name] of texts.map((text) => /TABLE d\.(\w)/.exec(text) ?? [])) {
    at.run(`DROP TABLE IF EXISTS d.${name} FORCE`);
  }
  for (const text of texts) at.run(text);
}

function rows(sql: string, where = at): string[] {
  return where.rows(sql).map((row) => row.join('|'));
}

const fields = (table: string, where = at): string[] =>
  where.rows(`DESC ${table}`).map((row) => row.slice(0, 5).join('|'));

describe('rows that are there', () => {
  test('get the default of an added column, or NULL; later ones what they say', () => {
    made(CREATE);
    at.run(`ALTER TABLE d.t ADD COLUMN (c INT, e VARCHAR(4) NOT NULL DEFAULT 'x'),
      ADD COLUMN f DATETIME DEFAULT CURRENT_TIMESTAMP AFTER shop, ADD COLUMN g INT KEY`);
    const moment = String(at.cell('SELECT f FROM d.t LIMIT 1'));
    expect(rows('SELECT * FROM d.t ORDER BY day')).toEqual([
      `2024-01-05|1||${moment}|1|8||x`,
      `2024-02-06|2||${moment}|2|||x`,
    ]);
    at.run(`INSERT INTO d.t (day, shop, c) VALUES ('2024-02-07', 3, 9)`);
    expect(rows('SELECT amount, c, e FROM d.t WHERE shop = 3')).toEqual(['7|9|x']);
    expect(fields('d.t')).toEqual([
      'day|date|NO|true|',
      'shop|int(11)|YES|true|',
      'g|int(11)|YES|true|',
      'f|datetime|YES|false|CURRENT_TIMESTAMP',
      'amount|int(11)|NO|false|7',
      'note|varchar(10)|YES|false|',
      'c|int(11)|YES|false|',
      'e|varchar(4)|NO|false|x',
    ]);
  });

  test('lose a dropped column in every index; what is gone is gone from properties', () => {
    made(CREATE);
    at.run('ALTER TABLE d.t DROP COLUMN amount, DROP COLUMN note');
    expect(rows('SELECT * FROM d.t ORDER BY day')).toEqual(['2024-01-05|1', '2024-02-06|2']);
    expect(rowsOf(at, 'r1')).toEqual(['1', '2']);
    expect(tableOf(at, 't').properties.get('bloom_filter_columns')).toBe('shop');
    at.run(`INSERT INTO d.t VALUES ('2024-02-07', 3)`);
    expect(rowsOf(at, 'r1')).toEqual(['1', '2', '3']);
  });

  test('stay as they are when a value does not fit, or a column is moved', () => {
    made(CREATE);
    at.run('ALTER TABLE d.t MODIFY COLUMN note INT AFTER shop');
    expect(rows('SELECT * FROM d.t ORDER BY day')).toEqual(['2024-01-05|1|8|1', '2024-02-06|2||2']);
    expect(rowsOf(at, 'r1')).toEqual(['1|8', '2|null']);
    made(CREATE);
    at.run(`INSERT INTO d.t VALUES ('2024-01-07', 3, 3, 'word')`);
    expect(at.failure('ALTER TABLE d.t MODIFY COLUMN note INT').text).toContain(
      "Can not change column note to int(11): value 'word' does not fit",
    );
    expect(rows('SELECT note FROM d.t WHERE shop = 3')).toEqual(['word']);
    expect(rowsOf(at, 'r1')).toHaveLength(3);
  });

  test('of keys that were deleted or replaced do not come back', () => {
    made(PRIMARY, UNIQUE);
    at.run('ALTER TABLE d.p ADD COLUMN c INT DEFAULT "3", MODIFY COLUMN s VARCHAR(9)');
    expect(rows('SELECT * FROM d.p')).toEqual(['1|10|1|3']);
    at.run(`INSERT INTO d.p VALUES (2, 5, 'long text', 4)`);
    expect(rows('SELECT * FROM d.p ORDER BY id')).toEqual(['1|10|1|3', '2|5|long text|4']);
    at.run('ALTER TABLE d.u ADD COLUMN i INT KEY DEFAULT "4"');
    expect(rows('SELECT * FROM d.u')).toEqual(['1|1|4|2']);
    expect(rowsOf(at, 'r1', 'u')).toEqual(['1|1|4|2']);
  });

  test('are added up when a key goes', () => {
    made(AGGREGATE);
    at.run('ALTER TABLE d.a DROP COLUMN j');
    expect(rows('SELECT * FROM d.a')).toEqual(['1|11']);
    at.run('ALTER TABLE d.a ADD COLUMN m INT MAX DEFAULT "2"');
    at.run('INSERT INTO d.a VALUES (1, 1, 9)');
    expect(rows('SELECT * FROM d.a')).toEqual(['1|12|9']);
  });
});

describe('names and places', () => {
  test('a renamed column keeps its rows, and is the key and the bucket that it was', () => {
    made(CREATE);
    at.run('ALTER TABLE d.t RENAME COLUMN shop TO store; ALTER TABLE d.t RENAME COLUMN day TO d');
    expect(rows('SELECT d, store, note FROM d.t ORDER BY d')).toEqual([
      '2024-01-05|1|8',
      '2024-02-06|2|',
    ]);
    const table = tableOf(at, 't');
    expect(table.partitionBy).toMatchObject({ columns: ['d'] });
    expect(table.defaultDistribution).toMatchObject({ columns: ['store'] });
    expect([...table.properties]).toContainEqual(['bloom_filter_columns', 'note, store']);
    at.run(`INSERT INTO d.t VALUES ('2024-02-07', 3, 3, 'c')`);
    expect(rowsOf(at, 'r1')).toEqual(['1|8', '2|null', '3|c']);
    expect(rows('SHOW CREATE TABLE d.t')[0]).toContain('PARTITION BY RANGE(`d`)');
    expect(at.failure('SELECT shop FROM d.t').code).toBe(5509);
  });

  test('ORDER BY: other places, and the sort key of a primary-key table', () => {
    made(CREATE, PRIMARY);
    at.run('ALTER TABLE d.t ORDER BY (shop, day, note, amount)');
    expect(rows('SELECT * FROM d.t ORDER BY day')).toEqual(['1|2024-01-05|8|1', '2|2024-02-06||2']);
    at.run('ALTER TABLE d.p ORDER BY (s, n)');
    expect(tableOf(at, 'p').sortKey).toEqual(['s', 'n']);
    expect(rows('SELECT * FROM d.p')).toEqual(['1|10|1']);
  });

  test('unique ids are not given out twice, and each change is one version further', () => {
    made(CREATE);
    const ids = (): readonly number[] =>
      tableOf(at, 't').indexMetas[0]?.schema.map(({ uniqueId }) => uniqueId) ?? [];
    at.run('ALTER TABLE d.t ADD COLUMN x INT; ALTER TABLE d.t DROP COLUMN x');
    at.run('ALTER TABLE d.t ADD COLUMN x INT');
    expect(ids()).toEqual([0, 1, 2, 3, 5]);
    const [base, rollup] = tableOf(at, 't').indexMetas;
    expect([base?.schemaVersion, rollup?.schemaVersion]).toEqual([3, 0]);
  });
});

describe('around a change', () => {
  test('SHOW ALTER TABLE COLUMN lists every index that is new; versions stay', () => {
    made(CREATE);
    const versions = (): string[] =>
      at.objects('SHOW PARTITIONS FROM d.t').map((row) => String(row['VisibleVersion']));
    const before = versions();
    at.run('ALTER TABLE d.t DROP COLUMN note');
    expect(versions()).toEqual(before);
    const base = tableOf(at, 't').baseIndexId;
    const hash = tableOf(at, 't').indexMetas[0]?.schemaHash;
    const shown = at.objects(`SHOW ALTER TABLE COLUMN FROM d WHERE TableName = 't'`).slice(-2);
    expect(shown).toMatchObject([
      { IndexName: 't', IndexId: String(base), SchemaVersion: `1:${hash}`, State: 'FINISHED' },
      { IndexName: 'r1', TableName: 't', Progress: null, Timeout: '86400' },
    ]);
    expect(shown[0]?.['JobId']).toBe(shown[1]?.['JobId']);
    expect(rows(`SHOW PROC '/jobs/d'`)[1]).toMatch(/^schema_change\|0\|0\|\d+\|0\|\d+$/);
  });

  test('backends drop the former tablets', () => {
    made(CREATE);
    const count = (): number =>
      Number(at.cell(`SELECT count(*) FROM information_schema.be_tablets`));
    at.clock.advance(120_000);
    const before = count();
    at.run('ALTER TABLE d.t ADD COLUMN c INT');
    at.clock.advance(120_000);
    expect(count()).toBe(before);
  });

  test('a load that was routed before is refused, not half stored', () => {
    made(CREATE);
    const insert = `INSERT INTO d.t VALUES ('2024-01-07', 9, 1, 'x')`;
    const [change, load] = at.together('ALTER TABLE d.t DROP COLUMN amount', insert);
    expect(change).not.toHaveProperty('text');
    expect(load).toHaveProperty('text');
    expect(rows('SELECT count(*) FROM d.t')).toEqual(['2']);
    expect(rowsOf(at, 'r1')).toHaveLength(2);
  });

  test('a materialized view goes inactive for a column that it may miss, for no other', () => {
    made(CREATE);
    at.run(`CREATE MATERIALIZED VIEW d.v REFRESH MANUAL AS SELECT shop, note FROM d.t`);
    const state = (): string[] =>
      rows('SELECT IS_ACTIVE, INACTIVE_REASON FROM information_schema.materialized_views');
    at.run('ALTER TABLE d.t ADD COLUMN c INT');
    expect(state()).toEqual(['true|']);
    at.run('ALTER TABLE d.t DROP COLUMN note');
    expect(state()).toEqual(['false|base-table t changed columns: note']);
    at.run('DROP MATERIALIZED VIEW d.v');
  });

  test.each(['lost', 'kept'] as const)('unsynced bytes %s: a change is whole', (fate) => {
    const first = new World();
    first.run('CREATE DATABASE d');
    first.run(CREATE);
    first.run('ALTER TABLE d.t ADD COLUMN c INT DEFAULT "4", DROP COLUMN amount');
    const after = first.crashed(fate);
    after.clock.advance(30_000);
    expect(rows('SELECT * FROM d.t ORDER BY day', after)).toEqual([
      '2024-01-05|1|8|4',
      '2024-02-06|2||4',
    ]);
    expect(after.rows('SHOW ALTER TABLE COLUMN FROM d')).toHaveLength(1);
    after.stop();
  });
});

describe('refused', () => {
  beforeAll(() => made(CREATE, PRIMARY, UNIQUE, NO_KEY, SUMMED));

  test.each([
    ['ADD COLUMN note INT', 1060, 'Can not add column which already exists in base table: note'],
    ['ADD COLUMN c INT, ADD COLUMN C INT', 1060, 'Repeatedly add same column: C'],
    ['ADD COLUMN c INT NOT NULL', 1064, 'Column c is NOT NULL'],
    ['ADD COLUMN c INT SUM', 1064, "Cannot specify aggregate function 'SUM'"],
    ['ADD COLUMN c BIGINT NOT NULL AUTO_INCREMENT', 1064, 'Can not add AUTO_INCREMENT column'],
    ['ADD COLUMN c INT FIRST', 1064, 'value should be after key'],
    ['ADD COLUMN c INT KEY AFTER note', 1064, 'value should be after key'],
    ['ADD COLUMN c INT AFTER no', 5509, 'Column[no] does not exist'],
    ['ADD COLUMN __op INT', 1166, "Incorrect column name '__op'"],
    ['DROP COLUMN no', 1064, 'Column does not exists: no'],
    ['DROP COLUMN day', 1064, 'Partition column[day] cannot be dropped'],
    ['DROP COLUMN shop', 1064, 'Distribution column[shop] cannot be dropped'],
    ['MODIFY COLUMN shop BIGINT KEY', 1064, 'Distribution column[shop] cannot be modified'],
    ['MODIFY COLUMN shop BIGINT', 1064, 'Can not change aggregation type'],
    ['MODIFY COLUMN amount SMALLINT DEFAULT "7"', 1064, 'Can not change INT to SMALLINT'],
    ['MODIFY COLUMN amount BIGINT', 1064, 'Can not change default value'],
    ['MODIFY COLUMN note VARCHAR(5)', 1064, 'Cannot shorten string length'],
    ['MODIFY COLUMN note VARCHAR(10) NOT NULL', 1064, 'Can not change from nullable'],
    ['MODIFY COLUMN note VARCHAR(10)', 1064, 'Nothing is changed'],
    ['RENAME COLUMN note TO amount', 1060, 'Column name[amount] is already used'],
    ['ORDER BY (day, shop)', 1064, 'Reorder stmt should contains all columns'],
    ['ORDER BY (day, amount, shop, note)', 1064, 'value should be after key'],
  ])('%s', (action, code, text) => {
    const failure = at.failure(`ALTER TABLE d.t ${action}`);
    expect(failure).toMatchObject({ code });
    expect(failure.text).toContain(text);
  });

  test.each([
    ['p', 'DROP COLUMN id', 'Can not drop key column in primary data model table'],
    ['p', 'DROP COLUMN n', 'Can not drop sort column: n'],
    ['p', 'MODIFY COLUMN n BIGINT', 'Can not modify sort column'],
    ['p', 'ADD COLUMN c INT KEY', 'Can not add key column to primary key table'],
    ['u', 'DROP COLUMN j', 'Can not drop key column in Unique data model table'],
    ['s', 'DROP COLUMN v', 'it is used in the related rollup/mv sums'],
    ['n', 'DROP COLUMN k', 'No key column left'],
    ['s', 'ADD COLUMN c INT', 'when there are temp partitions in table'],
  ])('%s: %s', (table, action, text) => {
    expect(at.failure(`ALTER TABLE d.${table} ${action}`).text).toContain(text);
  });
});
