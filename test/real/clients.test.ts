/**
 * MySQL clients that people use, each with a story in its own language: connect, define, load,
 * query, back up, poll, destroy, restore, compare. The stories stand in the folders beside.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandResult, mustRun, runCommand } from '../../scripts/real/command.ts';
import { installConnectorJ } from '../../scripts/real/java.ts';
import { installMariadb } from '../../scripts/real/mariadb.ts';
import { installPython } from '../../scripts/real/python.ts';
import { type Emulator, REPOSITORY, startEmulator } from './emulator.ts';

const INSTALL_MS = 10 * 60_000;
const HERE = import.meta.dirname;

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(async () => {
  await emulator.stop();
});

/** A story says this when nothing in it was wrong. */
function expectWholeStory({ code, stdout, stderr }: CommandResult): void {
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain('whole story told');
}

describe('Python', () => {
  test.each([
    ['PyMySQL', 'pymysql'],
    ['mysql-connector-python, pure', 'connector-pure'],
    ['mysql-connector-python, C extension', 'connector-c'],
  ])(
    '%s: every row comes back',
    async (_name, client) => {
      const story = join(HERE, 'python/story.py');
      const port = String(emulator.server.mysqlPort);
      expectWholeStory(await runCommand(await installPython(), [story, client, port, REPOSITORY]));
    },
    INSTALL_MS,
  );

  test(
    'SQLAlchemy with the starrocks dialect: every row comes back, tables are reflected',
    async () => {
      const story = join(HERE, 'python/sqlalchemy_story.py');
      const port = String(emulator.server.mysqlPort);
      expectWholeStory(await runCommand(await installPython(), [story, port, REPOSITORY]));
    },
    INSTALL_MS,
  );
});

test(
  'Go, go-sql-driver/mysql: every row comes back, with values in the text and prepared',
  async () => {
    const program = join(emulator.folder, 'story');
    await mustRun('go', ['build', '-o', program, '.'], { cwd: join(HERE, 'go') });
    const address = `127.0.0.1:${emulator.server.mysqlPort}`;
    expectWholeStory(await runCommand(program, [address, REPOSITORY]));
  },
  INSTALL_MS,
);

test(
  'Java, MariaDB Connector/J: every row comes back, with values in the text and prepared',
  async () => {
    const jars = join(await installConnectorJ(), '*');
    const address = `127.0.0.1:${emulator.server.mysqlPort}`;
    const story = join(HERE, 'java/Story.java');
    expectWholeStory(await runCommand('java', ['-cp', jars, story, address, REPOSITORY]));
  },
  INSTALL_MS,
);

describe('the mariadb command line', () => {
  let mariadb: (sql: string, ...args: readonly string[]) => Promise<CommandResult>;

  beforeAll(async () => {
    const program = await installMariadb();
    const port = String(emulator.server.mysqlPort);
    const account = ['--no-defaults', '-h', '127.0.0.1', '-P', port, '-u', 'root'];
    mariadb = (sql, ...args) => runCommand(program, [...account, ...args], { input: sql });
  });

  async function rows(sql: string): Promise<string[]> {
    const { code, stdout, stderr } = await mariadb(sql, '--batch', '--skip-column-names');
    expect(code, stderr).toBe(0);
    return stdout.split('\n').slice(0, -1);
  }

  async function untilDone(show: string, stateAt: number): Promise<string> {
    for (;;) {
      const state = (await rows(show))[0]?.split('\t')[stateAt] ?? '';
      if (state === 'FINISHED' || state === 'CANCELLED') return state;
    }
  }

  test('every row comes back', async () => {
    await rows(`CREATE DATABASE cli; USE cli;
      CREATE TABLE t (id INT NOT NULL, s VARCHAR(50), at DATETIME) PRIMARY KEY (id);
      INSERT INTO t VALUES (1, 'größe 雪\\t''q''', '2024-02-29 10:11:12'), (2, NULL, NULL);`);
    const select = 'SELECT * FROM cli.t ORDER BY id;';
    const before = await rows(select);
    expect(before).toEqual(["1\tgröße 雪\\t'q'\t2024-02-29 10:11:12", '2\tNULL\tNULL']);
    await rows(`BACKUP SNAPSHOT cli.cli TO ${REPOSITORY};`);
    expect(await untilDone('SHOW BACKUP FROM cli;', 3)).toBe('FINISHED');
    await rows('DROP TABLE cli.t FORCE;');
    const [shown] = await rows(`SHOW SNAPSHOT ON ${REPOSITORY} WHERE SNAPSHOT = 'cli';`);
    const timestamp = shown?.split('\t')[1];
    await rows(`RESTORE SNAPSHOT cli.cli FROM ${REPOSITORY}
      PROPERTIES ("backup_timestamp" = "${timestamp}");`);
    expect(await untilDone('SHOW RESTORE FROM cli;', 4)).toBe('FINISHED');
    expect(await rows(select)).toEqual(before);
  });

  test('USE, rehash of names and status work; a failure is told with its number', async () => {
    // Names are gathered by COM_FIELD_LIST for each table.
    const { code, stdout, stderr } = await mariadb('use cli\n\\#\n\\s\nSELECT DATABASE();\n');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('8.0.33');
    expect(stdout.trimEnd().endsWith('cli')).toBe(true);
    const failed = await mariadb('SELECT * FROM cli.nothing;');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('ERROR 5502 (42602)');
    const missing = await mariadb('SELECT 1;', '--database', 'nowhere');
    expect(missing.stderr).toContain('ERROR 5501 (3F000)');
  });

  test('an account with a password gets in with it only', async () => {
    await rows("CREATE USER 'cli' IDENTIFIED BY 'secret';");
    const as = (...args: readonly string[]): Promise<CommandResult> =>
      mariadb('SELECT CURRENT_USER();', '--batch', '--skip-column-names', ...args);
    expect((await as('--user', 'cli', '--password=secret')).stdout).toContain('cli');
    expect((await as('--user', 'cli', '--password=wrong')).stderr).toContain('ERROR 1045 (28000)');
  });
});
