/** The ways out of the program: HTTP, a shell, a file (br-cli.md 7.9). */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocalFiles } from '../../src/base/local-files.ts';
import { createDelivery } from '../../src/br/alerts/real-delivery.ts';
import { redactSql } from '../../src/br/connection/redact-sql.ts';

const delivery = createDelivery(createLocalFiles());
const bodies: string[] = [];
let folder: string;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'srbr-'));
  server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => response.writeHead(request.url === '/full' ? 503 : 204).end());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((closed) => server.close(closed));
  await rm(folder, { recursive: true });
});

describe('an alert', () => {
  test('goes out over HTTP; refusals and silence do not tell the URL', async () => {
    await delivery.post(`${url}/t0ken`, '{"text":"down"}');
    expect(bodies).toEqual(['{"text":"down"}']);
    await expect(delivery.post(`${url}/full`, '')).rejects.toThrow('the answer was HTTP 503');
    const nobody = delivery.post('http://127.0.0.1:1/t0ken', '');
    await expect(nobody).rejects.toThrow(/^no answer: the URL cannot be used$/);
    await expect(delivery.post('http://[t0ken', '')).rejects.toThrow(
      /^no answer: ERR_INVALID_URL$/,
    );
  });

  test('goes to a command of the shell, which must succeed', async () => {
    const path = join(folder, 'taken');
    await delivery.runCommand(`cat > '${path}'`, 'text');
    expect(await readFile(path, 'utf8')).toBe('text');
    await expect(delivery.runCommand('exit 3', 'text')).rejects.toThrow('it ended with 3');
  });

  test('goes to the end of a file', async () => {
    const path = join(folder, 'log');
    await delivery.append(path, 'one\n');
    await delivery.append(path, 'two\n');
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
  });
});

test('statements are shown without the secrets in them', () => {
  const sql =
    `CREATE REPOSITORY r WITH BROKER ON LOCATION 's3://ak:sk@b/p' PROPERTIES ` +
    `("aws.s3.access_key" = "AK", 'aws.s3.secret_key'='S\\'K', "aws.s3.endpoint" = "http://h")`;
  const shown = redactSql(sql);
  expect(shown).not.toMatch(/AK|K'|sk@/);
  expect(shown).toContain('"aws.s3.endpoint" = "http://h"');
  expect(redactSql("SELECT 'a' = 'b'")).toBe("SELECT 'a' = 'b'");
});
