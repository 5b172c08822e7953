/** ALTER DATABASE: the name, and how much it may hold. */
import { expect, test } from 'vitest';
import { smallWorld } from './support/world.ts';

test('a renamed database keeps its tables, rows and grants; views over them go inactive', () => {
  const world = smallWorld({ backends: 1 });
  world.run(`INSERT INTO d.p VALUES (1, 1, 'a');
    CREATE USER u; GRANT SELECT ON ALL TABLES IN DATABASE d TO u;
    CREATE MATERIALIZED VIEW d.v REFRESH MANUAL AS SELECT id FROM d.p;
    ALTER DATABASE d RENAME e`);
  expect(world.session('u').cell('SELECT n FROM e.p')).toBe(1);
  expect(world.failure('SELECT n FROM d.p').code).toBe(5501);
  expect(world.rows('SHOW DATABASES').map(([name]) => name)).toContain('e');
  const after = world.crashed('kept');
  after.clock.advance(30_000);
  expect(after.cell('SELECT s FROM e.p')).toBe('a');
  expect(
    after.rows('SELECT IS_ACTIVE, INACTIVE_REASON FROM information_schema.materialized_views'),
  ).toEqual([['false', 'database renamed: d']]);
  after.stop();
});

test('quotas are shown and kept to', () => {
  const own = smallWorld({ backends: 1 });
  expect(own.session().run('USE d; SHOW DATA').rows.slice(-2)).toEqual([
    ['Quota', '8388608.000 TB', '1073741824'],
    ['Left', '8388608.000 TB', '1073741820'],
  ]);
  own.run(`INSERT INTO d.p VALUES (1, 1, 'a');
    ALTER DATABASE d SET DATA QUOTA 1B; ALTER DATABASE d SET REPLICA QUOTA 5`);
  expect(own.failure(`INSERT INTO d.p VALUES (2, 1, 'a')`).text).toContain(
    'Database[d] data size exceeds quota[1.000 B]',
  );
  own.run(`ALTER DATABASE d SET DATA QUOTA 10g; INSERT INTO d.p VALUES (2, 1, 'a')`);
  const add = `ALTER TABLE d.r ADD PARTITION p3 VALUES LESS THAN ('2024-04-01')`;
  own.run(add);
  expect(own.failure('CREATE TABLE d.x (k INT)').text).toContain('replica number exceeds quota[5]');
  expect(own.failure(add.replace('p3', 'p4').replace('04', '05')).text).toContain('exceeds quota');
  const after = own.crashed('kept');
  const [row] = after.objects(`SHOW PROC '/dbs'`);
  expect(row).toMatchObject({ Quota: '10.000 GB', ReplicaQuota: '5' });
  after.stop();
});

test('refused', () => {
  const own = smallWorld({ backends: 1 });
  own.run(`CREATE DATABASE e; CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://bucket/x';
    INSERT INTO d.p VALUES (1, 1, 'a')`);
  const code = (sql: string): number => own.failure(sql).code;
  expect(code('ALTER DATABASE d RENAME e')).toBe(1064);
  expect(code('ALTER DATABASE d RENAME d')).toBe(1064);
  expect(code('ALTER DATABASE d RENAME `a b`')).toBe(1102);
  expect(code('ALTER DATABASE sys RENAME x')).toBe(5203);
  expect(code('ALTER DATABASE no SET REPLICA QUOTA 1')).toBe(5501);
  own.run('BACKUP SNAPSHOT d.s TO r');
  expect(own.failure('ALTER DATABASE d RENAME x').text).toContain('BACKUP job s of database');
  expect(own.untilJobDone('d')).toBe('FINISHED');
  own.run('ALTER DATABASE d RENAME x');
  own.stop();
});
