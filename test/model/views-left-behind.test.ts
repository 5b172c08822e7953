/**
 * What users reported of materialized views and backups (StarRocks issues 60476 and 25819), with
 * rows, in whole clusters in virtual time.
 */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import { type Cluster, type ClusterOptions, startCluster } from '../../src/start-cluster.ts';
import { CREATE_REPOSITORY, PROFILES_IN_ORDER, refusal, timestampOf } from './shared-store.ts';

const SOURCE: readonly string[] = [
  'CREATE DATABASE test_mv',
  'CREATE TABLE test_mv.src (id INT, str1 VARCHAR(20), str2 VARCHAR(20))',
  `INSERT INTO test_mv.src (id, str1, str2)
    VALUES (1, 'qaz', 'qaz123'), (2, 'wer', 'wer321'), (3, '1122', '2211'), (4, 'qqww', 'wwqq')`,
  `CREATE MATERIALIZED VIEW IF NOT EXISTS test_mv._test_mv REFRESH DEFERRED MANUAL
    AS SELECT * FROM test_mv.src`,
  'REFRESH MATERIALIZED VIEW test_mv._test_mv WITH SYNC MODE',
];

async function cluster(options: ClusterOptions = {}): Promise<Cluster> {
  const made = await startCluster({ clock: 'virtual', seed: 3n, ...options });
  await made.query(CREATE_REPOSITORY);
  return made;
}

async function source(options: ClusterOptions = {}): Promise<Cluster> {
  const made = await cluster(options);
  for (const statement of SOURCE) await made.query(statement);
  return made;
}

async function backUp(made: Cluster, on = ''): Promise<void> {
  await made.query(`BACKUP SNAPSHOT test_mv.s TO repo ${on}`);
  expect(await made.untilJobDone('test_mv')).toMatchObject({ state: 'FINISHED' });
}

async function restore(made: Cluster, rest = '', database = 'test_mv'): Promise<void> {
  const timestamp = await timestampOf(made, 's');
  await made.query(`RESTORE SNAPSHOT ${database}.s FROM repo ${rest}
    PROPERTIES ('backup_timestamp' = '${timestamp}')`);
  expect(await made.untilJobDone(database)).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  // The actions on materialized views follow the end of the job.
  made.advance(1_000);
}

async function rowsOf(made: Cluster, view = 'test_mv._test_mv'): Promise<unknown> {
  return (await made.query(`SELECT id, str1, str2 FROM ${view} ORDER BY id`)).rows;
}

async function stateOf(made: Cluster, database = 'test_mv'): Promise<unknown> {
  const { rows } = await made.query(
    `SELECT IS_ACTIVE, INACTIVE_REASON FROM information_schema.materialized_views
      WHERE TABLE_SCHEMA = '${database}'`,
  );
  return rows[0];
}

const ACTIVE = ['true', ''];
const ON = { config: { enable_backup_materialized_view: 'true' } };

describe('views left behind (60476)', () => {
  test.each(PROFILES_IN_ORDER)(
    '60476: in %s a backup of a database leaves its views behind where that is the default',
    async (starrocksVersion) => {
      const made = await source({ starrocksVersion });
      await backUp(made);
      await made.query('DROP DATABASE test_mv');
      if (starrocksVersion === '3.3') await made.query('CREATE DATABASE test_mv');
      await restore(made);
      if (starrocksVersion === '3.3') expect(await rowsOf(made)).toHaveLength(4);
      else expect(await refusal(made, 'SELECT * FROM test_mv._test_mv')).toBe('5502/42602');
      await made.stop();
    },
  );

  test.each([
    ['the setting', '', ON],
    ['its name', 'ON (TABLE src, MATERIALIZED VIEW _test_mv)', {}],
    ['a bare name', 'ON (src, _test_mv)', {}],
    ['ALL', 'ON (ALL TABLES, ALL MATERIALIZED VIEWS)', ON],
  ])('60476: with %s the view comes back with its rows, active', async (_how, on, options) => {
    const made = await source(options);
    const before = await rowsOf(made);
    await backUp(made, on);
    expect(await stateOf(made)).toEqual(ACTIVE);
    await made.query('DROP DATABASE test_mv');
    await restore(made);
    expect(await rowsOf(made)).toEqual(before);
    expect(await stateOf(made)).toEqual(ACTIVE);
    await made.query("INSERT INTO test_mv.src VALUES (5, 'new', 'row')");
    await made.query('REFRESH MATERIALIZED VIEW test_mv._test_mv WITH SYNC MODE');
    expect(await rowsOf(made)).toHaveLength(5);
    await made.stop();
  });
});

describe('views that move to another cluster (25819)', () => {
  const moved = async (): Promise<Cluster> => {
    const memoryStore = new MemoryBlob();
    const from = await source({ ...ON, memoryStore });
    await backUp(from);
    await from.stop();
    const to = await cluster({ memoryStore, seed: 4n });
    // Other ids than those of the snapshot.
    await to.query('CREATE DATABASE busy; CREATE TABLE busy.t (a INT)');
    return to;
  };

  test.each([
    ['all at once', ['']],
    ['tables first', ['ON (src)', 'ON (MATERIALIZED VIEW _test_mv)']],
    ['the view first', ['ON (_test_mv)', 'ON (src)']],
  ])('25819: %s, by names and not by ids, and active in the end', async (_how, jobs) => {
    const to = await moved();
    for (const on of jobs) await restore(to, on);
    expect(await stateOf(to)).toEqual(ACTIVE);
    expect(await rowsOf(to)).toHaveLength(4);
    await to.query("INSERT INTO test_mv.src VALUES (9, 'a', 'b')");
    await to.query('REFRESH MATERIALIZED VIEW test_mv._test_mv WITH SYNC MODE');
    expect(await rowsOf(to)).toHaveLength(5);
    await to.stop();
  });

  test('25819: under another name of the database its query is rewritten', async () => {
    const to = await moved();
    await restore(to, '', 'other');
    expect(await stateOf(to, 'other')).toEqual(ACTIVE);
    const { rows } = await to.query('SHOW CREATE MATERIALIZED VIEW other._test_mv');
    expect(rows[0]?.[1]).toMatch(/AS SELECT \* FROM `other`\.`src`;$/);
    expect(await rowsOf(to, 'other._test_mv')).toHaveLength(4);
    await to.stop();
  });

  test('25819: without its table it says why it is inactive, until that is there', async () => {
    let to = await moved();
    await restore(to, 'ON (_test_mv)');
    const reason = /Materialized view _test_mv is inactive after a restore because .*test_mv\.src/;
    expect(await stateOf(to)).toEqual(['false', expect.stringMatching(reason)]);
    expect(await rowsOf(to)).toHaveLength(4);
    to = await to.unsafeCrash({ fate: 'lost', random: new SeededRandom(1n) });
    expect(await stateOf(to)).toEqual(['false', expect.stringMatching(reason)]);
    await to.query('CREATE TABLE test_mv.src (id INT, str1 VARCHAR(20), str2 VARCHAR(20))');
    to.advance(130_000);
    expect(await stateOf(to)).toEqual(ACTIVE);
    await to.stop();
  });
});

describe('a table that is dropped and restored alone', () => {
  test('60476: takes the view over it along, as soon as the checker has looked', async () => {
    const made = await source();
    await backUp(made);
    await made.query('DROP TABLE test_mv.src');
    expect(await stateOf(made)).toEqual(['false', 'base-table dropped: src']);
    await restore(made);
    made.advance(300_000);
    expect(await stateOf(made)).toEqual(ACTIVE);
    await made.query('REFRESH MATERIALIZED VIEW test_mv._test_mv WITH SYNC MODE');
    expect(await rowsOf(made)).toHaveLength(4);
    await made.stop();
  });
});

describe('a view that is restored beside the one that was backed up', () => {
  test('leaves that one bound to its table: both go inactive when that is dropped', async () => {
    const made = await source(ON);
    await backUp(made);
    await made.query('CREATE DATABASE other');
    await restore(made, 'ON (_test_mv)', 'other');
    expect(await stateOf(made, 'other')).toEqual(ACTIVE);
    await made.query('DROP TABLE test_mv.src');
    const dropped = ['false', 'base-table dropped: src'];
    expect([await stateOf(made), await stateOf(made, 'other')]).toEqual([dropped, dropped]);
    await made.stop();
  });
});

describe('what a backup of views asks for', () => {
  test('a view whose table is gone refuses the backup, naming both', async () => {
    const made = await source(ON);
    await made.query('DROP TABLE test_mv.src');
    await expect(made.query('BACKUP SNAPSHOT test_mv.s TO repo')).rejects.toThrow(
      /Base table src of materialized view _test_mv does not exist/,
    );
    expect(await refusal(made, 'BACKUP SNAPSHOT test_mv.s TO repo')).toBe('1064/HY000');
    await made.stop();
  });

  test('tables stand before the views over them, whatever their names', async () => {
    const made = await source(ON);
    await made.query(
      'CREATE MATERIALIZED VIEW test_mv.aa REFRESH MANUAL AS SELECT id FROM test_mv._test_mv',
    );
    await backUp(made);
    const { rows } = await made.query('SHOW BACKUP FROM test_mv');
    expect(rows[0]?.[4]).toBe('[test_mv.src], [test_mv._test_mv], [test_mv.aa]');
    await made.stop();
  });
});
