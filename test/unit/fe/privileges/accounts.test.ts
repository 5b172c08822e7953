/** Users, roles and what they hold: through statements, a crash and an image (sql-surface.md 6). */
import { describe, expect, test } from 'vitest';
import { runNow } from '../../../../src/base/op.ts';
import { World } from '../support/world.ts';

const column = (world: World, sql: string): unknown[] => world.rows(sql).map(([cell]) => cell);

function textsIn({ files }: World, directory: string): string[] {
  return runNow(files.list(directory)).map(({ name }) =>
    Buffer.from(runNow(files.read(`${directory}/${name}`))).toString(),
  );
}

describe('users', () => {
  test('a user is made once, keeps its host pattern, and is dropped by name and host', () => {
    const world = new World();
    world.run("CREATE USER ann IDENTIFIED BY 'x'; CREATE USER 'ann'@'10.%'");
    expect(column(world, 'SHOW USERS')).toEqual(["'root'@'%'", "'ann'@'%'", "'ann'@'10.%'"]);
    expect(world.failure('CREATE USER ann')).toMatchObject({ code: 1396, state: 'HY000' });
    world.run('CREATE USER IF NOT EXISTS ann');
    world.run("DROP USER 'ann'@'10.%'; DROP USER IF EXISTS nobody");
    expect(column(world, 'SHOW USERS')).toEqual(["'root'@'%'", "'ann'@'%'"]);
    expect(world.failure('DROP USER bob').text).toContain("user 'bob'@'%' does not exist");
    expect(world.failure('DROP USER root').text).toContain('root');
  });

  test('a client is let in as the account whose host fits it best', () => {
    const world = new World();
    world.run("CREATE USER ann; CREATE USER 'ann'@'10.0.%'; CREATE USER 'ann'@'10.0.0.7'");
    expect(world.session('ann').cell('SELECT CURRENT_USER()')).toBe("'ann'@'10.0.0.7'");
    world.run("DROP USER 'ann'@'10.0.0.7'");
    expect(world.session('ann').cell('SELECT CURRENT_USER()')).toBe("'ann'@'10.0.%'");
  });

  test('no password stands in the edit log, in the image or in an error', () => {
    const world = new World();
    world.run("CREATE USER ann IDENTIFIED BY 'pa55-of-ann'");
    world.run("SET PASSWORD FOR ann = PASSWORD('pa55-second')");
    const failure = world.failure("CREATE USER bob IDENTIFIED WITH x BY 'pa55-third'");
    expect(failure.text).not.toContain('pa55');
    const log = textsIn(world, '/data/fe/edit_log').join();
    expect(log).toContain('OP_CREATE_USER_V2');
    expect(log).not.toContain('pa55');
    world.stop();
    const image = textsIn(world, '/data/fe/image').join();
    expect(image).toContain('"name":"ann"');
    expect(image).not.toContain('pa55');
  });

  test('a hash is taken as it is and must look like one', () => {
    const world = new World();
    const hash = '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19';
    world.run(`CREATE USER ann IDENTIFIED BY PASSWORD '${hash}'`);
    expect(world.context.accounts.user({ name: 'ann', host: '%' })?.passwordHash).toBe(
      hash.slice(1).toLowerCase(),
    );
    expect(world.failure("SET PASSWORD FOR ann = '*12'").text).toContain('41-digit');
  });
});

describe('roles', () => {
  test('what a role holds counts for whoever has it active, at any depth', () => {
    const world = new World();
    world.run('CREATE ROLE reader, nested; CREATE USER ann; CREATE DATABASE d');
    world.run('CREATE TABLE d.t (k INT) DISTRIBUTED BY HASH(k); INSERT INTO d.t VALUES (1)');
    world.run('GRANT SELECT ON TABLE d.t TO ROLE nested; GRANT nested TO ROLE reader');
    world.run('GRANT reader TO USER ann');
    const ann = world.session('ann');
    const refused = ann.failure('SELECT k FROM d.t');
    expect(refused).toMatchObject({ code: 5203, state: '42000' });
    expect(refused.text).toContain('SELECT privilege(s) on TABLE t');
    expect(refused.text).toContain('Current role(s): NONE. Inactivated role(s): [reader]');
    ann.run('SET ROLE reader');
    expect(ann.cell('SELECT k FROM d.t')).toBe(1);
    expect(ann.cell('SELECT CURRENT_ROLE()')).toBe('reader');
    world.run('SET DEFAULT ROLE ALL TO ann');
    expect(world.session('ann').cell('SELECT k FROM d.t')).toBe(1);
  });

  test('no role can come to stand in itself', () => {
    const world = new World();
    world.run('CREATE ROLE a, b; GRANT a TO ROLE b');
    expect(world.failure('GRANT b TO ROLE a').text).toContain('own parent');
    expect(world.failure('GRANT a TO ROLE a').text).toContain('own parent');
  });

  test('built-in roles stay as they are', () => {
    const world = new World();
    const names = ['root', 'db_admin', 'cluster_admin', 'user_admin', 'public'];
    expect(column(world, 'SHOW ROLES')).toEqual(names);
    for (const name of names) {
      expect(world.failure(`DROP ROLE ${name}`).text).toContain('immutable');
    }
    expect(world.failure('GRANT OPERATE ON SYSTEM TO ROLE db_admin').text).toContain('immutable');
    expect(world.failure('GRANT nobody TO USER root').text).toContain('cannot find role nobody');
  });
});

describe('grants', () => {
  test('SHOW GRANTS says them as statements that can be run again', () => {
    const world = new World();
    world.run('CREATE USER ann; CREATE DATABASE d; CREATE VIEW d.v AS SELECT 1 AS one');
    world.run('CREATE TABLE d.t (k INT) DISTRIBUTED BY HASH(k)');
    world.run('GRANT SELECT, EXPORT ON d.t TO ann WITH GRANT OPTION');
    world.run('GRANT REPOSITORY ON SYSTEM TO ann; GRANT ALL ON ALL TABLES IN DATABASE d TO ann');
    world.run('GRANT SELECT ON VIEW d.v TO ann; GRANT CREATE TABLE ON DATABASE d TO ann');
    world.run('GRANT INSERT ON ALL TABLES IN ALL DATABASES TO ann');
    const grants = world.rows('SHOW GRANTS FOR ann');
    expect(grants).toEqual([
      [
        "'ann'@'%'",
        'default_catalog',
        "GRANT SELECT, EXPORT ON TABLE d.t TO USER 'ann'@'%' WITH GRANT OPTION",
      ],
      ["'ann'@'%'", null, "GRANT REPOSITORY ON SYSTEM TO USER 'ann'@'%'"],
      [
        "'ann'@'%'",
        'default_catalog',
        'GRANT DELETE, DROP, INSERT, SELECT, ALTER, EXPORT, UPDATE, REFRESH ON ALL TABLES IN ' +
          "DATABASE d TO USER 'ann'@'%'",
      ],
      ["'ann'@'%'", 'default_catalog', "GRANT SELECT ON VIEW d.v TO USER 'ann'@'%'"],
      ["'ann'@'%'", 'default_catalog', "GRANT CREATE TABLE ON DATABASE d TO USER 'ann'@'%'"],
      [
        "'ann'@'%'",
        'default_catalog',
        "GRANT INSERT ON ALL TABLES IN ALL DATABASES TO USER 'ann'@'%'",
      ],
    ]);
    world.run('CREATE USER bob');
    for (const [, , text] of grants) world.run(String(text).replace("'ann'", "'bob'"));
    const ofBob = world.rows('SHOW GRANTS FOR bob').map(([, , text]) => text);
    expect(ofBob).toEqual(grants.map(([, , text]) => String(text).replace("'ann'", "'bob'")));
  });

  test('REVOKE takes away what it names, and the rest stays', () => {
    const world = new World();
    world.run('CREATE USER ann; CREATE DATABASE d');
    world.run('CREATE TABLE d.t (k INT) DISTRIBUTED BY HASH(k)');
    world.run('GRANT SELECT, INSERT ON TABLE d.t TO ann; REVOKE SELECT ON TABLE d.t FROM ann');
    expect(world.rows('SHOW GRANTS FOR ann').map(([, , text]) => text)).toEqual([
      "GRANT INSERT ON TABLE d.t TO USER 'ann'@'%'",
    ]);
    world.run('REVOKE ALL ON TABLE d.t FROM USER ann');
    expect(world.rows('SHOW GRANTS FOR ann')).toEqual([]);
  });

  test('who was granted something WITH GRANT OPTION may pass it on, and nothing else', () => {
    const world = new World();
    world.run('CREATE USER ann; CREATE USER bob; CREATE DATABASE d');
    world.run('CREATE TABLE d.t (k INT) DISTRIBUTED BY HASH(k)');
    world.run('GRANT SELECT ON TABLE d.t TO ann WITH GRANT OPTION');
    const ann = world.session('ann');
    ann.run('GRANT SELECT ON TABLE d.t TO bob');
    expect(ann.failure('GRANT INSERT ON TABLE d.t TO bob')).toMatchObject({ code: 5203 });
    expect(ann.failure('CREATE ROLE r')).toMatchObject({ code: 5203 });
  });

  test('a privilege that the kind of object does not have is refused with those it has', () => {
    const world = new World();
    world.run('CREATE USER ann; CREATE DATABASE d');
    const failure = world.failure('GRANT SELECT ON DATABASE d TO ann');
    expect(failure.text).toContain("Cannot grant or revoke SELECT on 'DATABASE' type object");
    expect(world.failure('GRANT SELECT ON TABLE d.nothing TO ann')).toMatchObject({ code: 5502 });
    expect(world.failure('GRANT SELECT ON d.* TO ann').text).toContain('ALL TABLES IN DATABASE');
  });
});

test('users, roles and grants are there after a crash and after a start from an image', () => {
  let world = new World();
  world.run("CREATE ROLE r COMMENT 'c'; CREATE USER ann IDENTIFIED BY 'x' DEFAULT ROLE r");
  world.run('GRANT REPOSITORY ON SYSTEM TO ROLE r; CREATE USER gone; DROP USER gone');
  world.run("SET PASSWORD = PASSWORD('of-root')");
  const before = world.context.accounts.encodeImage();
  world = world.crashed();
  expect(world.context.accounts.encodeImage()).toEqual(before);
  world.stop();
  world = world.crashed();
  expect(world.context.accounts.encodeImage()).toEqual(before);
  expect(world.session('ann').run('SHOW REPOSITORIES').rows).toEqual([]);
});
