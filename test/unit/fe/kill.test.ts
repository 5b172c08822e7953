/** KILL, SHOW PROCESSLIST, timeouts of statements, limits of connections (sql-surface.md 1.7). */
import { beforeEach, describe, expect, test } from 'vitest';
import { attempt, type Outcome, start } from '../../../src/base/op.ts';
import { type ClientSession, openClientSession } from '../../../src/fe/client-session.ts';
import { collected, type QueryResult } from '../../../src/fe/run-text.ts';
import { failureOf, smallWorld, type World } from './support/world.ts';

/** How long a read of a file takes. */
const SLOW_MS = 100_000;

/** A client as the wire would open it, which notes how its connection is ended. */
class Client {
  readonly ends: string[] = [];
  readonly session: ClientSession;
  readonly #world: World;
  outcome: Outcome<QueryResult> | undefined;

  constructor(world: World, connectionId: number, user = 'root') {
    this.#world = world;
    this.session = openClientSession(world.cluster.frontend, {
      connectionId,
      user,
      remoteHost: '10.0.0.7',
      remotePort: 40_000 + connectionId,
      control: { endSoon: () => this.ends.push('soon'), cut: () => this.ends.push('now') },
    });
  }

  run(sql: string): QueryResult {
    return this.#world.clock.run(this.#op(sql));
  }

  failure(sql: string): object {
    const outcome = this.#world.clock.run(attempt(this.#op(sql)));
    return outcome.ok ? { outcome } : failureOf(outcome.error);
  }

  /** Begins a statement and comes back while it runs. */
  begin(sql: string): void {
    this.outcome = undefined;
    start(this.#op(sql), (outcome) => {
      this.outcome = outcome;
    });
  }

  get failed(): object | undefined {
    return this.outcome?.ok === false ? failureOf(this.outcome.error) : undefined;
  }

  *#op(sql: string) {
    return yield* collected(yield* this.session.parse(sql).run(0));
  }
}

const SLOW = 'SELECT COUNT(*) FROM d.p /* slow */';

let world: World;
let busy: Client;
let admin: Client;

beforeEach(() => {
  world = smallWorld({ backends: 1 });
  world.run(
    "INSERT INTO d.p VALUES (1, 1, 'a'); CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'",
  );
  // A snapshot makes a file of the row; every read of it then takes long.
  world.run('BACKUP SNAPSHOT d.s TO r');
  world.untilJobDone('d');
  world.faults.enable('be.file.read', { do: 'delay', ms: SLOW_MS });
  busy = new Client(world, 1);
  admin = new Client(world, 2);
});

describe('KILL', () => {
  test('QUERY ends what a connection is busy with and leaves the connection', () => {
    busy.begin(SLOW);
    expect(busy.outcome).toBeUndefined();
    admin.run('KILL QUERY 1');
    expect(busy.failed).toMatchObject({ code: 1064, text: 'killed by kill statement : 2' });
    expect(busy.ends).toEqual([]);
    world.clock.advance(2 * SLOW_MS);
    expect(busy.run('SELECT 1').rows).toEqual([[1]]);
  });

  test.each(['KILL 1', 'KILL CONNECTION 1'])('%s ends statement and connection', (sql) => {
    busy.begin(SLOW);
    admin.run(sql);
    expect([busy.failed, busy.ends]).toEqual([expect.objectContaining({ code: 1064 }), ['now']]);
  });

  test('of an idle connection cuts it; of one’s own ends it after the answer', () => {
    admin.run('KILL 1');
    expect(busy.ends).toEqual(['now']);
    admin.run('KILL 2');
    expect(admin.ends).toEqual(['soon']);
  });

  test('takes the id of a query, which LAST_QUERY_ID and the 4.2 process list show', () => {
    busy.begin(SLOW);
    const id = world.context.sessions.get(1)?.running?.queryId;
    admin.run(`KILL QUERY '${id}'`);
    expect(busy.failed).toMatchObject({ code: 1064 });
    expect(busy.run('SELECT LAST_QUERY_ID()').rows).toEqual([[id]]);
  });

  test('of nobody names the number or the id', () => {
    expect(admin.failure('KILL 77')).toEqual({
      code: 1094,
      state: 'HY000',
      text: 'Unknown thread id: 77',
    });
    expect(admin.failure("KILL QUERY 'x-y'")).toEqual({
      code: 1365,
      state: '42000',
      text: 'Unknown query id: x-y',
    });
  });

  test('of others needs OPERATE, of one’s own connections nothing', () => {
    world.run('CREATE USER ann');
    const [ann, annToo] = [new Client(world, 3, 'ann'), new Client(world, 4, 'ann')];
    expect(ann.failure('KILL 1')).toMatchObject({ code: 5203, state: '42000' });
    expect(busy.ends).toEqual([]);
    ann.run('KILL 4');
    expect(annToo.ends).toEqual(['now']);
  });

  test('of a load whose rows are read ends it with nothing changed', () => {
    const lastSequence = world.context.lastSequence();
    busy.begin('INSERT INTO d.p SELECT id + 1, n, s FROM d.p');
    admin.run('KILL QUERY 1');
    expect(busy.failed).toMatchObject({ code: 1064 });
    world.clock.advance(2 * SLOW_MS);
    world.faults.disable('be.file.read');
    expect(world.cell('SELECT COUNT(*) FROM d.p')).toBe(1n);
    expect(world.context.lastSequence()).toBe(lastSequence);
  });
});

describe('a time limit', () => {
  test('ends a query with 5024, which names the variable', () => {
    busy.run('SET query_timeout = 5');
    busy.begin(SLOW);
    world.clock.advance(4999);
    expect(busy.outcome).toBeUndefined();
    world.clock.advance(1);
    expect(busy.failed).toEqual({
      code: 5024,
      state: '53400',
      text:
        'Query reached its timeout of 5 seconds, ' +
        "please increase the 'query_timeout' session variable and retry",
    });
    world.clock.advance(2 * SLOW_MS);
    expect(busy.run('SELECT 1').rows).toEqual([[1]]);
  });

  test.each([
    ['3.3', 'query_timeout'],
    ['3.5', 'insert_timeout'],
  ] as const)('of a load is in %s that of %s', (profile, variable) => {
    world = smallWorld({ backends: 1, profile });
    world.run("INSERT INTO d.p VALUES (1, 1, 'a')");
    world.run("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'; BACKUP SNAPSHOT d.s TO r");
    world.untilJobDone('d');
    world.faults.enable('be.file.read', { do: 'delay', ms: SLOW_MS });
    const client = new Client(world, 1);
    client.run(`SET ${variable} = 7`);
    client.begin('INSERT INTO d.p SELECT id + 1, n, s FROM d.p');
    world.clock.advance(7000);
    expect(client.failed).toMatchObject({ code: 5024, text: expect.stringContaining(variable) });
  });

  test.each(['0', '-1', '259201'])('of %s seconds is refused', (seconds) => {
    expect(busy.failure(`SET query_timeout = ${seconds}`)).toMatchObject({ code: 1064 });
  });
});

describe('SHOW PROCESSLIST', () => {
  test('shows who is busy with what since when, and who rests', () => {
    world.clock.advance(3000);
    busy.run('USE d');
    busy.begin(SLOW);
    world.clock.advance(61_500);
    const { columns, rows } = admin.run('SHOW PROCESSLIST');
    expect(columns.join()).toBe(
      'Id,User,Host,Db,Command,ConnectionStartTime,Time,State,Info,IsPending,Warehouse',
    );
    const opened = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(rows).toEqual([
      [
        1n,
        'root',
        '10.0.0.7:40001',
        'd',
        'Query',
        opened,
        61,
        'OK',
        SLOW.slice(0, 24),
        'false',
        'default_warehouse',
      ],
      [
        2n,
        'root',
        '10.0.0.7:40002',
        '',
        'Query',
        opened,
        0,
        'OK',
        'SHOW PROCESSLIST',
        'false',
        'default_warehouse',
      ],
    ]);
  });

  test('shows how a connection’s last statement ended', () => {
    const states = (): unknown => admin.run('SHOW PROCESSLIST').rows.map((row) => [row[4], row[7]]);
    busy.failure('SELECT nothing');
    expect(states()).toEqual([
      ['Sleep', 'ERR'],
      ['Query', 'OK'],
    ]);
    busy.run('SELECT 1');
    expect(states()).toEqual([
      ['Sleep', 'EOF'],
      ['Query', 'OK'],
    ]);
    busy.run('SET query_timeout = 9');
    expect(states()).toEqual([
      ['Sleep', 'OK'],
      ['Query', 'OK'],
    ]);
  });

  test('cuts a statement after 100 characters unless FULL is said', () => {
    const sql = `SELECT '${'x'.repeat(200)}', COUNT(*) FROM d.p`;
    busy.begin(sql);
    const info = (show: string): unknown => admin.run(show).rows[0]?.[8];
    expect([info('SHOW PROCESSLIST'), info('SHOW FULL PROCESSLIST')]).toEqual([
      sql.slice(0, 100),
      sql,
    ]);
  });

  test('shows no secret of a statement', () => {
    world.faults.enable('fe.edit-log.sync', { do: 'delay', ms: SLOW_MS });
    const shown = (sql: string): unknown => {
      busy.begin(sql);
      const info = admin.run('SHOW FULL PROCESSLIST').rows[0]?.[8];
      world.clock.advance(2 * SLOW_MS);
      return info;
    };
    expect(shown("CREATE USER u IDENTIFIED BY 'pa55'")).toBe('CREATE USER u IDENTIFIED ******');
    expect(shown("SET PASSWORD FOR u = PASSWORD('pa55')")).toBe('SET PASSWORD ******');
    const catalog = 'CREATE EXTERNAL CATALOG c PROPERTIES ("type"="hive", "aws.s3.secret_key" = ';
    expect(shown(`${catalog}'pa55')`)).toBe(`${catalog}"******")`);
  });

  test('shows others only to whoever may OPERATE', () => {
    world.run('CREATE USER ann');
    const users = (client: Client): unknown =>
      client.run('SHOW PROCESSLIST').rows.map((row) => row[1]);
    expect(users(new Client(world, 3, 'ann'))).toEqual(['ann']);
    expect(users(admin)).toEqual(['root', 'root', 'ann']);
  });
});

describe('properties of users', () => {
  test('hold for the name, are shown, survive a crash and an image, and go with the user', () => {
    world.run("CREATE USER ann; CREATE USER 'ann'@'10.%'");
    world.run("SET PROPERTY FOR 'ann' 'max_user_connections' = '2'");
    const limit = (of: World): unknown => of.rows("SHOW PROPERTY FOR ann LIKE 'max%'")[0]?.[1];
    expect(limit(world)).toBe('2');
    let next = world.crashed();
    expect(limit(next)).toBe('2');
    next.run("ALTER USER ann SET PROPERTIES ('max_user_connections' = '3')");
    next.stop();
    next = next.crashed();
    expect(limit(next)).toBe('3');
    next.run("DROP USER 'ann'@'10.%'");
    expect(limit(next)).toBe('3');
    next.run('DROP USER ann; CREATE USER ann');
    expect(next.rows('SHOW PROPERTY FOR ann')).toEqual([
      ['max_user_connections', '1024'],
      ['catalog', 'default_catalog'],
      ['database', ''],
    ]);
  });

  test.each([
    ["SET PROPERTY FOR 'nobody' 'max_user_connections' = '2'", "user 'nobody' doesn't exist"],
    ["SET PROPERTY 'max_user_connections' = '0'", 'from 1 to'],
    ["SET PROPERTY 'max_user_connections' = '4097'", 'qe_max_connection (4096)'],
    ["SET PROPERTY 'session.query_timeout' = '1'", "'session.query_timeout'"],
  ])('%s is refused', (sql, text) => {
    expect(admin.failure(sql)).toMatchObject({ code: 1064, text: expect.stringContaining(text) });
  });
});
