/** What statements need: each is refused without its privilege and runs with it (sql-surface.md 6). */
import { beforeEach, describe, expect, test } from 'vitest';
import { World } from '../support/world.ts';

let world: World;

beforeEach(() => {
  world = new World();
  world.run('CREATE DATABASE d; CREATE USER ann');
  world.run('CREATE TABLE d.t (k INT, v INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH(k)');
  world.run('CREATE TABLE d.u (k INT) DISTRIBUTED BY HASH(k); INSERT INTO d.t VALUES (1, 2)');
  world.run('CREATE VIEW d.w AS SELECT k FROM d.t');
  world.run("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'");
});

/** Refused first; then, with the grants, not refused for want of a privilege any more. */
function needs(sql: string, names: string, ...grants: readonly string[]): void {
  const refused = world.session('ann').failure(sql);
  expect(refused, sql).toMatchObject({ code: 5203, state: '42000' });
  expect(refused.text, sql).toContain(`(at least one of) the ${names} for this operation`);
  for (const grant of grants) world.run(`GRANT ${grant} TO ann`);
  world.session('ann').run(sql);
}

describe('the backup family', () => {
  const repository = 'REPOSITORY on SYSTEM';

  test.each([
    ["CREATE REPOSITORY q WITH BROKER ON LOCATION 'memory://q'"],
    ['SHOW REPOSITORIES'],
    ['SHOW SNAPSHOT ON r'],
    ['SHOW BACKUP'],
    ['SHOW RESTORE'],
    ['DROP REPOSITORY r'],
  ])('%s needs REPOSITORY on SYSTEM', (sql) => {
    needs(sql, 'REPOSITORY privilege(s) on SYSTEM', repository);
  });

  test('BACKUP needs REPOSITORY and EXPORT on every table of the list', () => {
    const sql = 'BACKUP SNAPSHOT d.l TO r ON (t, u)';
    const ann = world.session('ann');
    expect(ann.failure(sql).text).toContain('REPOSITORY privilege(s) on SYSTEM');
    world.run(`GRANT ${repository} TO ann; GRANT EXPORT ON TABLE d.t TO ann`);
    expect(ann.failure(sql).text).toContain('EXPORT privilege(s) on TABLE u');
    world.run('GRANT EXPORT ON TABLE d.u TO ann');
    ann.run(sql);
    expect(world.untilJobDone('d')).toBe('FINISHED');
  });

  test('BACKUP of a function needs USAGE on it, and the refusal says DROP', () => {
    world.run('GRANT REPOSITORY ON SYSTEM TO ann');
    world.run(
      'CREATE FUNCTION d.f(INT) RETURNS INT PROPERTIES ' +
        '("symbol" = "A", "type" = "StarrocksJar", "file" = "http://x/a.jar")',
    );
    const sql = 'BACKUP DATABASE d SNAPSHOT l TO r ON (FUNCTION f)';
    const refused = world.session('ann').failure(sql);
    expect(refused.text).toContain('DROP privilege(s) on FUNCTION f(INT)');
    world.run('GRANT USAGE ON ALL FUNCTIONS IN DATABASE d TO ann');
    world.session('ann').run(sql);
  });

  test('BACKUP of an external catalog needs USAGE, and the refusal says CREATE DATABASE', () => {
    world.run('CREATE EXTERNAL CATALOG c PROPERTIES ("type" = "hive")');
    world.run('GRANT REPOSITORY ON SYSTEM TO ann');
    const sql = 'BACKUP EXTERNAL CATALOG (c) SNAPSHOT l TO r';
    expect(world.session('ann').failure(sql).text).toContain(
      'CREATE DATABASE privilege(s) on CATALOG c',
    );
    world.run('GRANT USAGE ON CATALOG c TO ann');
    world.session('ann').run(sql);
  });

  test('who lacks a privilege still learns what does not exist', () => {
    const ann = world.session('ann');
    expect(ann.failure('BACKUP SNAPSHOT d.l TO nowhere').text).toContain('[nowhere]');
    expect(ann.failure('BACKUP SNAPSHOT nothing.l TO r')).toMatchObject({ code: 5501 });
  });

  test('BACKUP of a view asks for EXPORT as on a table', () => {
    world.run('GRANT REPOSITORY ON SYSTEM TO ann; GRANT EXPORT ON TABLE d.t TO ann');
    const sql = 'BACKUP DATABASE d SNAPSHOT l TO r ON (VIEW w)';
    expect(world.session('ann').failure(sql).text).toContain('EXPORT privilege(s) on TABLE w');
    world.run('GRANT EXPORT ON ALL TABLES IN DATABASE d TO ann');
    world.session('ann').run(sql);
  });

  test('one job with a table that may not be exported empties SHOW BACKUP (quirk Q9)', () => {
    world.run('CREATE DATABASE e; CREATE TABLE e.x (k INT) DISTRIBUTED BY HASH(k)');
    world.run('BACKUP SNAPSHOT d.l TO r ON (t); BACKUP SNAPSHOT e.l TO r');
    world.run('GRANT REPOSITORY ON SYSTEM TO ann; GRANT EXPORT ON TABLE d.t TO ann');
    const ann = world.session('ann');
    expect(ann.run('SHOW BACKUP FROM d').rows).toHaveLength(1);
    expect(ann.run('SHOW BACKUP').rows).toHaveLength(0);
    world.run('GRANT EXPORT ON TABLE e.x TO ann');
    expect(ann.run('SHOW BACKUP').rows).toHaveLength(2);
  });

  test('CANCEL BACKUP needs EXPORT on the tables of the job, CANCEL RESTORE does not', () => {
    world.run('BACKUP SNAPSHOT d.l TO r ON (t); GRANT REPOSITORY ON SYSTEM TO ann');
    const ann = world.session('ann');
    expect(ann.failure('CANCEL BACKUP FROM d').text).toContain('EXPORT privilege(s) on TABLE t');
    world.run('GRANT EXPORT ON TABLE d.t TO ann');
    ann.run('CANCEL BACKUP FROM d');
    expect(world.untilJobDone('d')).toBe('CANCELLED');
  });

  test('RESTORE needs CREATE DATABASE, or CREATE TABLE and INSERT under the original name', () => {
    world.run('BACKUP SNAPSHOT d.l TO r ON (t)');
    expect(world.untilJobDone('d')).toBe('FINISHED');
    const stamp = world.rows('SHOW SNAPSHOT ON r')[0]?.[1];
    const properties = `PROPERTIES ("backup_timestamp" = "${stamp}")`;
    world.run('GRANT REPOSITORY ON SYSTEM TO ann');
    const ann = world.session('ann');
    expect(ann.failure(`RESTORE SNAPSHOT d.l FROM r ${properties}`).text).toContain(
      'CREATE DATABASE privilege(s) on CATALOG default_catalog',
    );
    const listed = `RESTORE SNAPSHOT d.l FROM r ON (t AS t2) ${properties}`;
    expect(ann.failure(listed).text).toContain('CREATE TABLE privilege(s) on DATABASE d');
    world.run('GRANT CREATE TABLE ON DATABASE d TO ann');
    // The alias is not looked at: the rights on the table that stays as it is are.
    expect(ann.failure(listed).text).toContain('INSERT privilege(s) on TABLE t ');
    world.run('GRANT INSERT ON TABLE d.t TO ann');
    ann.run(listed);
    expect(world.untilJobDone('d')).toBe('FINISHED');
    expect(world.cell('SELECT v FROM d.t2')).toBe(2);
  });
});

describe('tables, views and nodes', () => {
  test.each([
    ['SELECT k FROM d.t', 'SELECT privilege(s) on TABLE t', 'SELECT ON TABLE d.t'],
    ['SELECT k FROM d.w', 'SELECT privilege(s) on VIEW w', 'SELECT ON VIEW d.w'],
    ['INSERT INTO d.u VALUES (1)', 'INSERT privilege(s) on TABLE u', 'INSERT ON TABLE d.u'],
    ['TRUNCATE TABLE d.t', 'DELETE privilege(s) on TABLE t', 'DELETE ON TABLE d.t'],
    ['DROP TABLE d.t', 'DROP privilege(s) on TABLE t', 'DROP ON TABLE d.t'],
    ['ALTER TABLE d.u RENAME x', 'ALTER privilege(s) on TABLE u', 'ALTER ON TABLE d.u'],
    ['DESC d.t', 'ANY privilege(s) on TABLE t', 'INSERT ON TABLE d.t'],
    ['SHOW CREATE TABLE d.t', 'ANY privilege(s) on TABLE t', 'SELECT ON TABLE d.t'],
    ['SHOW PARTITIONS FROM d.t', 'ANY privilege(s) on TABLE t', 'SELECT ON TABLE d.t'],
    [
      'CREATE TABLE d.n (k INT) DISTRIBUTED BY HASH(k)',
      'CREATE TABLE privilege(s) on DATABASE d',
      'CREATE TABLE ON DATABASE d',
    ],
    [
      'CREATE DATABASE n',
      'CREATE DATABASE privilege(s) on CATALOG default_catalog',
      'CREATE DATABASE ON CATALOG default_catalog',
    ],
    ['SHOW BACKENDS', 'OPERATE, NODE privilege(s) on SYSTEM', 'cluster_admin'],
    [
      'ADMIN SET FRONTEND CONFIG ("label_keep_max_num" = "7")',
      'OPERATE privilege(s) on SYSTEM',
      'OPERATE ON SYSTEM',
    ],
    ['SET GLOBAL query_timeout = 7', 'OPERATE privilege(s) on SYSTEM', 'OPERATE ON SYSTEM'],
    [
      "UPDATE information_schema.be_configs SET VALUE = '1' WHERE NAME = 'upload_worker_count'",
      'OPERATE, NODE privilege(s) on SYSTEM',
      'OPERATE ON SYSTEM',
    ],
    ['CREATE USER bob', 'GRANT privilege(s) on SYSTEM', 'GRANT ON SYSTEM'],
  ])('%s is refused for want of %s', (sql, names, grant) => {
    const isRole = !grant.includes(' ON ');
    if (isRole) {
      const refused = world.session('ann').failure(sql);
      expect(refused.text).toContain(names);
      world.run(`GRANT ${grant} TO ann; SET DEFAULT ROLE ${grant} TO ann`);
      world.session('ann').run(sql);
      return;
    }
    needs(sql, names, grant);
  });

  test('a swap needs ALTER on both tables: nobody moves a name away from under others', () => {
    const sql = 'ALTER TABLE d.u SWAP WITH t';
    world.run('GRANT ALTER ON TABLE d.u TO ann');
    expect(world.session('ann').failure(sql).text).toContain('ALTER privilege(s) on TABLE t ');
    world.run('GRANT ALTER ON TABLE d.t TO ann');
    world.session('ann').run(sql);
  });

  test('a load from a query needs SELECT on what it reads', () => {
    world.run('GRANT INSERT ON TABLE d.u TO ann');
    const ann = world.session('ann');
    const sql = 'INSERT INTO d.u SELECT k FROM d.t';
    expect(ann.failure(sql).text).toContain('SELECT privilege(s) on TABLE t');
    world.run('GRANT SELECT ON TABLE d.t TO ann');
    ann.run(sql);
  });

  test('a view cannot be made of tables that its maker may not read', () => {
    world.run('GRANT CREATE VIEW ON DATABASE d TO ann');
    const ann = world.session('ann');
    expect(ann.failure('CREATE VIEW d.x AS SELECT k FROM d.t').text).toContain('SELECT');
    world.run('GRANT SELECT ON TABLE d.t TO ann');
    ann.run('CREATE VIEW d.x AS SELECT k FROM d.t');
  });

  test('only databases and tables with some privilege are shown', () => {
    const ann = world.session('ann');
    const databases = (): unknown[] => ann.run('SHOW DATABASES').rows.map(([name]) => name);
    expect(databases()).not.toContain('d');
    expect(ann.failure('USE d')).toMatchObject({ code: 5203 });
    world.run('GRANT SELECT ON TABLE d.t TO ann');
    expect(databases()).toContain('d');
    ann.run('USE d');
    expect(ann.run('SHOW TABLES').rows).toEqual([['t']]);
    const listed = ann.run('SELECT table_name FROM information_schema.tables').rows;
    expect(listed).toEqual([['t']]);
  });

  test('a table that is made anew is one that nobody was granted anything on', () => {
    world.run('GRANT SELECT ON TABLE d.t TO ann; DROP TABLE d.t');
    world.run('CREATE TABLE d.t (k INT) DISTRIBUTED BY HASH(k)');
    expect(world.session('ann').failure('SELECT k FROM d.t')).toMatchObject({ code: 5203 });
    expect(world.rows('SHOW GRANTS FOR ann')).toEqual([]);
  });
});
