/** Credentials of a repository are kept where StarRocks keeps them, and shown nowhere. */
import { expect, test } from 'vitest';
import { runNow } from '../../src/base/op.ts';
import { readObject } from '../../src/blob/byte-source.ts';
import { smallWorld } from '../unit/fe/support/world.ts';

const SECRET = 'canary-4711';

const PROPERTIES = [
  'aws.s3.secret_key',
  'aws.s3.session_token',
  'fs.s3a.secret.key',
  'password',
  'kerberos_keytab_content',
  'azure.blob.shared_key',
  'gcp.gcs.service_account_private_key',
]
  .map((key) => `'${key}' = '${SECRET}'`)
  .join(', ');

test('a secret is in no answer, event, error or object, and in one kind of record alone', () => {
  const world = smallWorld();
  const answers: unknown[] = [];
  const ask = (sql: string): void => {
    answers.push(world.rows(sql).map((row) => row.map(String)));
  };
  const create = (name: string, location: string): string =>
    `CREATE REPOSITORY ${name} WITH BROKER ON LOCATION '${location}' PROPERTIES (${PROPERTIES})`;
  world.run(`${create('repo', 'memory://b')}; INSERT INTO d.p VALUES (1, 1, NULL)`);
  world.run("ADMIN ENABLE FAILPOINT 'blob.put' WITH 2 TIMES; BACKUP SNAPSHOT d.s TO repo");
  for (let tick = 0; tick < 8; tick += 1) {
    ask('SHOW BACKUP');
    world.clock.advance(3_000);
  }
  expect(world.untilJobDone('d')).toBe('FINISHED');
  for (const sql of ['SHOW REPOSITORIES', 'SHOW SNAPSHOT ON repo', 'SHOW PROCESSLIST']) ask(sql);
  answers.push(world.failure(create('repo', 'memory://b')));
  for (const location of [
    's3://b',
    'hdfs://h/p',
    'gs://b',
    'wasbs://c@a/p',
    `s3://k:${SECRET}@b/p`,
  ]) {
    answers.push(world.failure(create('x', location)));
  }
  for (const key of world.blob.keys()) {
    answers.push(Buffer.from(runNow(readObject(world.blob, key, 1 << 20))).toString('latin1'));
  }
  answers.push(world.events);
  expect(JSON.stringify(answers)).not.toContain(SECRET);

  const lines = linesBelow(world.files, '/').filter((line) => line.includes(SECRET));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toContain('OP_CREATE_REPOSITORY_V2');
});

function linesBelow(files: ReturnType<typeof smallWorld>['files'], directory: string): string[] {
  return runNow(files.list(directory)).flatMap(({ name, isFile }) => {
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
    if (!isFile) return linesBelow(files, path);
    return Buffer.from(runNow(files.read(path)))
      .toString('latin1')
      .split('\n');
  });
}
