/** `srbr` as a process, over a socket, against the server as a process. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { realClock } from '../../src/base/clock.ts';
import { certifiedHosts, selfSignedCertificate } from '../../src/base/self-signed-certificate.ts';
import { type Server, startServer, temporaryFolder } from './server.ts';

const MAIN = join(import.meta.dirname, '../../dist/br/main.js');

interface Outcome {
  readonly exit: number | string | null | undefined;
  readonly out: string;
  readonly err: string;
}

const PASSWORD = 'geheim';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Server;

function srbr(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new Promise((done) => {
    const config = join(folder.path, 'config.yaml');
    const options = { env: { ...process.env, STARROCKS_BR_CONFIG: config, ...env } };
    execFile(process.execPath, [MAIN, ...words], options, (error, out, err) => {
      done({ exit: error === null ? 0 : error.code, out, err });
    });
  });
}

async function configFile(name: string, entries: string): Promise<string> {
  const path = join(folder.path, `${name}.yaml`);
  await writeFile(
    path,
    `{host: 127.0.0.1, user: root, database: shop, repository: repo, ${entries}}`,
  );
  return path;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'repo'));
  const sql = join(folder.path, 'init.sql');
  await writeFile(
    sql,
    `CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file://${folder.path}/repo';
     CREATE DATABASE shop;
     CREATE TABLE shop.orders (id INT NOT NULL, name VARCHAR(20)) PRIMARY KEY (id);
     INSERT INTO shop.orders VALUES (1, 'ann'), (2, 'bob');`,
  );
  server = await startServer([
    ...['--ephemeral', '--backends', '1', '--tick', '10', '--root-password', PASSWORD],
    ...['--init', sql],
  ]);
  await writeFile(
    join(folder.path, 'config.yaml'),
    `{host: 127.0.0.1, port: ${server.mysqlPort}, user: root, database: shop, repository: repo, ` +
      'polling: {initial: 50ms}, backup: {meta_snapshot: false}}',
  );
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

describe('the program srbr', () => {
  const env = { STARROCKS_PASSWORD: PASSWORD };

  test('AC-CFG-6: a wrong password is a short message without any password', async () => {
    const outcome = await srbr(['--verbose', 'init'], { STARROCKS_PASSWORD: 'wrong-one' });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('cannot connect to 127.0.0.1');
    expect(outcome.err).not.toContain('wrong-one');
  });

  test('AC-CONN-4: wants TLS that is not offered, and names both ways out', async () => {
    const config = join(folder.path, 'tls.yaml');
    const ca = join(folder.path, 'ca.pem');
    await writeFile(ca, '');
    await writeFile(
      config,
      `{host: 127.0.0.1, port: ${server.mysqlPort}, user: root, database: shop, ` +
        `repository: repo, tls: {enabled: true, ca_cert: ${ca}}}`,
    );
    const outcome = await srbr(['init', '--config', config], env);
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('does not offer TLS');
    expect(outcome.err).toContain('tls.enabled: false');
  });

  test('a frontend that is down, and files that are none, are told by name', async () => {
    const down = await srbr(['doctor', '--config', await configFile('down', 'port: 1')], env);
    expect(down.exit).toBe(1);
    expect(down.err).toContain('cannot connect to 127.0.0.1:1 as root');
    expect(down.err).not.toMatch(/\n +at /);
    const unreadable = await srbr(['doctor', '--config', folder.path], env);
    expect(unreadable.exit).toBe(1);
    expect(unreadable.err).toContain(`cannot read ${folder.path}`);
    expect(unreadable.err).toContain('it must be a file');
  });

  test('AC-CONN-4: TLS as it is configured; wanted, or not trusted, it is told', async () => {
    const { certificate, privateKey } = selfSignedCertificate(
      certifiedHosts('127.0.0.1'),
      realClock.now(),
    );
    const other = selfSignedCertificate(certifiedHosts('127.0.0.1'), realClock.now());
    const [cert, key, wrong] = ['cert.pem', 'key.pem', 'wrong.pem'].map((name) =>
      join(folder.path, name),
    ) as [string, string, string];
    await writeFile(cert, certificate);
    await writeFile(key, privateKey);
    await writeFile(wrong, other.certificate);
    const args = ['--ephemeral', '--backends', '1', '--tls-cert', cert, '--tls-key', key];
    const secure = await startServer([...args, '--require-tls']);
    try {
      const tried = async (tls: string): Promise<Outcome> => {
        const config = await configFile('secure', `port: ${secure.mysqlPort}${tls}`);
        return await srbr(['init', '--config', config]);
      };
      const good = await tried(`, tls: {enabled: true, ca_cert: ${cert}}`);
      expect(good.err).toContain("repository 'repo' not found");
      const plain = await tried('');
      expect(plain.exit).toBe(1);
      expect(plain.err).toContain('tls.enabled: true');
      const untrusted = await tried(`, tls: {enabled: true, ca_cert: ${wrong}}`);
      expect(untrusted.exit).toBe(1);
      expect(untrusted.err).toContain('tls.verify_server_cert: false');
    } finally {
      await secure.stop();
    }
  });

  test('backs up and restores over a socket, with real files', async () => {
    const password = join(folder.path, 'password');
    await writeFile(password, `${PASSWORD}\n`);
    const fromFile = { STARROCKS_PASSWORD_FILE: password };
    expect(await srbr(['init'], fromFile)).toMatchObject({ exit: 0 });
    expect(await srbr(['inventory', 'add', '--group', 'g', '*'], env)).toMatchObject({ exit: 0 });
    const full = await srbr(['--json', 'backup', 'full', '--group', 'g'], env);
    expect(full.err).toContain('FINISHED');
    const { label } = JSON.parse(full.out) as { readonly label: string };
    const restore = await srbr(
      ['--json', 'restore', '--target-label', label, '--to-database', 'copy', '--yes'],
      env,
    );
    expect(restore.err).toContain('orders: 2 rows');
    expect(restore.exit).toBe(0);
    const asked = await srbr(['--exit-codes', 'extended', 'restore', '--target-label', label], env);
    expect(asked.exit).toBe(9);
    expect(`${full.err}${restore.err}`).not.toContain(PASSWORD);
  });
});
