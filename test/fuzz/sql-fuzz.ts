/**
 * Statements of every kind, each changed in some places, run in a whole virtual cluster by sessions
 * that come and go. What a statement may do is succeed, or fail with an error for its user.
 */
import { asSimError } from '../../src/base/errors.ts';
import { attempt } from '../../src/base/op.ts';
import { type ClientSession, openClientSession } from '../../src/fe/client-session.ts';
import { collected } from '../../src/fe/run-text.ts';
import { parseStatements } from '../../src/sql/parse.ts';
import { smallWorld, type World } from '../unit/fe/support/world.ts';
import { Dice } from './dice.ts';

/** At least one for each kind of statement; what they name is there or is made by another one. */
export const CORPUS: readonly string[] = [
  `SELECT a.id, COUNT(*) c, 'x' FROM d.p a WHERE NOT a.n = 1 AND s IN ('a', 'b') OR a.id BETWEEN 1
   AND 2 GROUP BY a.id HAVING COUNT(*) > 0 ORDER BY 1 DESC LIMIT 1, 2`,
  'SELECT CASE WHEN n > 1 THEN CAST(s AS INT) ELSE -n END, CONCAT(s, ?) FROM d.p PARTITION (p)',
  'SELECT @@query_timeout, @x, DATABASE(), CONNECTION_ID(), LAST_QUERY_ID(), `id` FROM d.p',
  "SELECT 1 UNION ALL (SELECT 2 EXCEPT SELECT 3) ORDER BY 1; SELECT NULL <=> 1e3 + X'00ff'",
  "SELECT table_name FROM information_schema.tables WHERE table_schema = 'd'",
  'WITH w AS (SELECT day FROM d.r) SELECT DATE_ADD(day, INTERVAL 1 DAY), UPPER(what) FROM d.r, w',
  "USE d; SET NAMES utf8; SET @x = 1 + 2, query_timeout = 9, @@sql_mode = 'PIPES_AS_CONCAT'",
  'SET GLOBAL wait_timeout = DEFAULT; SET TRANSACTION READ ONLY; BEGIN; COMMIT',
  "CREATE DATABASE IF NOT EXISTS e PROPERTIES ('a' = 'b'); DROP DATABASE IF EXISTS e FORCE",
  `CREATE TABLE IF NOT EXISTS d.a (k DATE NOT NULL COMMENT 'c', v DECIMAL(5, 2) SUM DEFAULT "0")
   AGGREGATE KEY (k) PARTITION BY RANGE (k) (PARTITION q VALUES [("2024-01-01"), ("2024-02-01")))
   DISTRIBUTED BY HASH (k) BUCKETS 1 PROPERTIES ("replication_num" = "1")`,
  `CREATE TABLE d.l (c VARCHAR(5) NOT NULL) DUPLICATE KEY (c) PARTITION BY LIST (c)
   (PARTITION a VALUES IN ("x", "y")) DISTRIBUTED BY RANDOM BUCKETS 1`,
  'CREATE TABLE d.like_p LIKE d.p; CREATE TABLE d.copy AS SELECT id, n FROM d.p',
  'DROP TABLE IF EXISTS d.copy; DROP TABLE d.l FORCE; TRUNCATE TABLE d.r PARTITION (p1)',
  "ALTER TABLE d.r ADD PARTITION p3 VALUES LESS THAN ('2024-04-01'); ALTER TABLE d.r RENAME r2",
  "ALTER TABLE d.r SET ('replication_num' = '1'); ALTER TABLE d.r DROP PARTITION IF EXISTS p3",
  'ALTER TABLE d.p ADD ROLLUP u (n, s); ALTER TABLE d.p DROP ROLLUP u; ALTER TABLE d.p SWAP WITH q',
  "INSERT INTO d.p (id, n) VALUES (1, DEFAULT), (-2.5e3, '7'), (NULL, NULL)",
  'INSERT INTO d.p WITH LABEL l1 SELECT id + 1, n, s FROM d.p',
  "INSERT OVERWRITE d.r VALUES ('2024-01-05', 'x')",
  "UPDATE d.p SET n = n + 1, s = 'z' WHERE id = 1; DELETE FROM d.p WHERE id > 5 AND s LIKE 'a%'",
  'CREATE VIEW d.v (a) AS SELECT id FROM d.p; ALTER VIEW d.v AS SELECT n FROM d.p; DROP VIEW d.v',
  `CREATE MATERIALIZED VIEW d.m DISTRIBUTED BY HASH (id) REFRESH ASYNC AS SELECT id FROM d.p;
   REFRESH MATERIALIZED VIEW d.m; ALTER MATERIALIZED VIEW d.m INACTIVE; DROP MATERIALIZED VIEW d.m`,
  `CREATE FUNCTION d.f(INT, VARCHAR) RETURNS INT PROPERTIES ("symbol" = "a.B", "type" =
   "StarrocksJar", "file" = "http://h/x.jar"); DROP FUNCTION d.f(INT, VARCHAR)`,
  `CREATE EXTERNAL CATALOG c PROPERTIES ("type" = "hive", "hive.metastore.uris" = "thrift://h:1");
   SHOW CREATE CATALOG c; DROP CATALOG c`,
  "CREATE REPOSITORY rp WITH BROKER ON LOCATION 'memory://b' PROPERTIES ('a' = 'b')",
  "BACKUP SNAPSHOT d.s1 TO rp ON (p, r PARTITION (p1)) PROPERTIES ('type' = 'full')",
  "RESTORE SNAPSHOT d.s1 FROM rp ON (p AS p2) PROPERTIES ('backup_timestamp' = '2024-01-01')",
  'CANCEL BACKUP FROM d; CANCEL RESTORE FROM d; DROP REPOSITORY rp; DROP SNAPSHOT s1 ON rp',
  "SHOW BACKUP FROM d; SHOW RESTORE; SHOW REPOSITORIES; SHOW SNAPSHOT ON rp WHERE SNAPSHOT = 's1'",
  "SHOW DATABASES LIKE 'd%'; SHOW FULL TABLES FROM d WHERE Table_type = 'VIEW'; SHOW TABLE STATUS",
  'SHOW CREATE TABLE d.p; SHOW CREATE DATABASE d; DESC d.p ALL; SHOW FULL COLUMNS FROM d.p',
  'SHOW PARTITIONS FROM d.r ORDER BY PartitionName LIMIT 1; SHOW INDEX FROM d.p',
  'SHOW DATA FROM d.p; ADMIN SHOW FRONTEND CONFIG',
  "SHOW TABLET FROM d.p; SHOW TABLET 10010; SHOW PROC '/dbs'; SHOW BACKENDS; SHOW FRONTENDS",
  "SHOW VARIABLES LIKE 'q%'; SHOW WARNINGS; SHOW ENGINES; SHOW FULL PROCESSLIST; SHOW BROKER",
  'SHOW FULL FUNCTIONS FROM d; SHOW MATERIALIZED VIEWS FROM d; SHOW ALTER TABLE ROLLUP FROM d',
  'SHOW DYNAMIC PARTITION TABLES FROM d; SHOW ALTER TABLE COLUMN FROM d; SHOW FAILPOINTS',
  "ADMIN SET FRONTEND CONFIG ('default_replication_num' = '1')",
  "ALTER SYSTEM ADD BROKER b 'h:8000'; ALTER SYSTEM DROP ALL BROKER b",
  "CREATE USER u IDENTIFIED BY 'x'; ALTER USER u DEFAULT ROLE NONE; SET PASSWORD FOR u = ''",
  'CREATE ROLE o; GRANT o TO u; SET DEFAULT ROLE o TO u; REVOKE o FROM u; DROP ROLE o; DROP USER u',
  'GRANT SELECT, INSERT ON TABLE d.p TO u; REVOKE ALL ON DATABASE d FROM u; SHOW GRANTS FOR u',
  "SHOW USERS; SHOW ROLES; SET ROLE ALL; SET PROPERTY FOR 'u' 'max_user_connections' = '5'",
  'PREPARE t FROM SELECT ? + 1; EXECUTE t USING @x; DEALLOCATE PREPARE t; SHOW PROPERTY; KILL 999',
];

/** Ten to the twelfth buckets are a long wait rather than a bug: numbers stay small. */
const NUMBERS = ['0', '1', '-1', '7', '2.5', '1e2', '99'];
const WORDS = ['NULL', 'x', "''", '"', '`p`', '(', ')', ',', ';', '.', '*', '@', '/*', '--', 'ü'];

const PIECES: readonly string[] = CORPUS.flatMap((text) => tokensOf(text));

/** Words, quoted texts, numbers and symbols, with the blanks between them. */
function tokensOf(text: string): string[] {
  return text.match(/'[^']*'|"[^"]*"|`[^`]*`|\w+|\s+|[^\w\s]/g) ?? [];
}

function mutated(dice: Dice): string {
  const tokens = tokensOf(dice.of(CORPUS));
  for (let changes = dice.below(4); changes > 0; changes -= 1) {
    const at = dice.below(tokens.length);
    const piece = dice.once(4) ? dice.of(dice.once(2) ? NUMBERS : WORDS) : dice.of(PIECES);
    const kind = dice.below(5);
    if (kind === 0) tokens.splice(at, 1 + dice.below(3));
    else if (kind === 1) tokens.splice(at, 0, piece);
    else if (kind === 2) tokens.splice(at, 0, ...tokens.slice(at, at + 1 + dice.below(6)));
    else if (kind === 3) tokens.length = at + 1;
    else tokens[at] = piece;
  }
  const text = tokens.join('');
  if (!dice.once(10)) return text;
  const at = dice.below(text.length + 1);
  return (
    text.slice(0, at) + String.fromCharCode(dice.below(0x3000)) + text.slice(at + dice.below(3))
  );
}

export interface SqlFuzzReport {
  /** Kind of statement with what came of it: `backup ok`, `select 5502`. */
  readonly outcomes: ReadonlySet<string>;
  /** Kinds of statements that ran to their end. */
  readonly kinds: ReadonlySet<string>;
  /** Texts that did not parse. */
  readonly unparsed: number;
  readonly complaints: readonly string[];
}

/** A cluster grows with what is made in it; each lives so long. */
const WORLD_EVERY = 2000;
const SESSION_EVERY = 50;
const COMPLAINTS_MAX = 5;
/** Connection ids of the statements' own sessions; the bystander has another. */
const CONNECTION_ID = 7;

export function fuzzSql(from: number, to: number): SqlFuzzReport {
  const outcomes = new Set<string>();
  const kinds = new Set<string>();
  const complaints: string[] = [];
  let unparsed = 0;
  let world = freshWorld();
  let session = openSession(world);
  for (let number = from; number < to && complaints.length < COMPLAINTS_MAX; number += 1) {
    if (number % WORLD_EVERY === 0) world = freshWorld();
    if (number % SESSION_EVERY === 0) session = openSession(world);
    const text = mutated(new Dice(number));
    const complain = (what: unknown): void => {
      complaints.push(`case ${number}: ${String(what)} in: ${text}`);
    };
    try {
      const parsed = session.parse(text);
      const options = { pipesAsConcat: false, newBackupForms: true, dropSnapshot: false };
      const statements = parseStatements(text, { ...options, strict: false });
      for (let index = 0; index < parsed.statementCount; index += 1) {
        const kind = statements[index]?.statement.kind ?? '';
        const code = runOne(world, parsed, index);
        if (code instanceof Error) complain(code.stack);
        else outcomes.add(`${kind} ${code}`);
        if (code === 'ok') kinds.add(kind);
      }
    } catch (error) {
      unparsed += 1;
      const { code, row } = asSimError(error);
      outcomes.add(`unparsed ${code}`);
      if (row.kind === 'bug') complain(asSimError(error).stack);
    }
    if (world.fatal !== undefined) complain(world.fatal);
    if (number % SESSION_EVERY === 1 && world.cell('SELECT 1') !== 1) complain('no answer');
  }
  return { outcomes, kinds, unparsed, complaints };
}

function freshWorld(): World {
  const world = smallWorld({ backends: 1 });
  world.run("INSERT INTO d.p VALUES (1, 1, 'a'), (2, NULL, 'b')");
  world.run("CREATE REPOSITORY rp WITH BROKER ON LOCATION 'memory://b'");
  return world;
}

function openSession(world: World): ClientSession {
  return openClientSession(world.cluster.frontend, {
    connectionId: CONNECTION_ID,
    user: 'root',
    remoteHost: 'fuzz',
  });
}

/** `ok`, the number of the error, or the error if it is a bug. */
function runOne(
  world: World,
  parsed: ReturnType<ClientSession['parse']>,
  index: number,
): string | Error {
  const outcome = world.clock.run(
    attempt(
      (function* () {
        return yield* collected(yield* parsed.run(index));
      })(),
    ),
  );
  if (outcome.ok) return 'ok';
  const error = asSimError(outcome.error);
  return error.row.kind === 'bug' ? error : String(error.row.mysql);
}
