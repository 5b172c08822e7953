/** Stream Load over HTTP: sign-in, the redirect to a backend, the body on demand, answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toPromise } from '../../../src/base/op.ts';
import { realParts } from '../../../src/cli/real-parts.ts';
import { type AssembledCluster, assembleCluster } from '../../../src/cluster.ts';
import { runText } from '../../../src/fe/run-text.ts';
import { type HttpServer, startHttpServer } from '../../../src/web/http-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'stream-load-'));
let cluster: AssembledCluster;
let server: HttpServer;

beforeAll(async () => {
  cluster = await toPromise(
    assembleCluster(
      realParts({
        dataDir: folder,
        backends: 2,
        profile: '3.5',
        quirks: [],
        tickMs: 100,
        strict: false,
        stepped: false,
        timeZone: 'UTC',
        rootPassword: 's3cret:with colon',
        host: '127.0.0.1',
        queryPort: () => 0,
        httpPort: () => server.port,
        json: false,
        onFatal: () => {},
      }),
    ),
  );
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    isHealthy: cluster.isHealthy,
    frontend: cluster.frontend.context,
  });
  await sql('CREATE DATABASE d; CREATE USER ann; CREATE TABLE d.`ü` (k INT) DUPLICATE KEY (k)');
});

afterAll(async () => {
  await server.close();
  await toPromise(cluster.stop());
  rmSync(folder, { recursive: true });
});

const sql = (text: string) => toPromise(runText(cluster.frontend, text));

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  /** Whether the server asked for the body. */
  readonly isAsked: boolean;
  readonly json: Readonly<Record<string, unknown>>;
}

const ROOT = 'root:s3cret:with colon';
const PATH = '/api/d/%C3%BC/_stream_load';

/** One request; the body goes out when the server asks for it, at once without `Expect`. */
function put(
  path: string,
  body: string,
  given: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { as = ROOT, expect: wanted = '100-continue', ...headers } = given;
  return new Promise((resolve, reject) => {
    let isAsked = false;
    const sent = request({
      host: '127.0.0.1',
      port: server.port,
      path,
      method: 'PUT',
      headers: {
        ...(wanted !== '' && { expect: wanted }),
        ...(as !== '' && { authorization: `Basic ${Buffer.from(as).toString('base64')}` }),
        ...headers,
      },
    });
    sent.on('continue', () => {
      isAsked = true;
      sent.end(body);
    });
    sent.on('error', reject);
    sent.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (!isAsked) sent.destroy();
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          isAsked,
          json: JSON.parse(Buffer.concat(chunks).toString('utf8')),
        });
      });
    });
    if (wanted === '') sent.end(body);
    else sent.flushHeaders();
  });
}

test('the frontend names a backend without taking the body; the backend takes it', async () => {
  const first = await put(PATH, '1\n2\n');
  expect(first).toMatchObject({ status: 307, isAsked: false });
  const location = new URL(first.location ?? '');
  expect(location.port).toBe(String(server.port));
  expect(location.searchParams.get('backend')).toMatch(/^1000[12]$/);
  expect(location.username).toBe('');

  const there = location.pathname + location.search;
  const second = await put(there, '1\n2\n', { label: 'web' });
  expect(second).toMatchObject({
    status: 200,
    isAsked: true,
    json: { Status: 'Success', Label: 'web', NumberLoadedRows: 2, LoadBytes: 4 },
  });
  expect((await put(there, '3\n', { label: 'web' })).json).toMatchObject({
    Status: 'Label Already Exists',
    ExistingJobStatus: 'FINISHED',
  });
  // Clients of a backend may send the body unasked.
  expect((await put(there, '4\n', { expect: '' })).json).toMatchObject({ NumberLoadedRows: 1 });
  expect((await sql('SELECT count(*) FROM d.`ü`')).rows).toEqual([[3n]]);
});

test.each([
  ['without credentials', PATH, { as: '' }, 401, 'Need auth information'],
  ['with a wrong password', PATH, { as: 'root:s3cret' }, 401, 'Access denied for root@127.0.0.1'],
  ['of an unknown user', PATH, { as: 'bob:' }, 401, 'Access denied for bob@127.0.0.1'],
  ['without the privilege', PATH, { as: 'ann:' }, 401, 'INSERT privilege'],
  ['that does not wait', PATH, { expect: '' }, 200, 'There is no 100-continue header'],
  ['of an unknown table', '/api/d/none/_stream_load', {}, 200, "Unknown table 'd.none'"],
  ['of an unknown database', '/api/none/t/_stream_load', {}, 200, "Unknown database 'none'"],
])('a request %s is refused before its body', async (_, path, given, status, message) => {
  const answer = await put(path, '1\n', given);
  expect(answer).toMatchObject({ status, isAsked: false, json: { status: 'FAILED' } });
  expect(answer.json['msg']).toContain(message);
});

test('a body that is announced too large is not asked for', async () => {
  const given = { 'content-length': String(2 ** 40) };
  const answer = await put(`${PATH}?backend=10001`, '', given);
  expect(answer).toMatchObject({ isAsked: false, json: { status: 'FAILED' } });
  expect(answer.json['msg']).toContain('body exceeds max size: limit 536870912');
});

test('a client that goes away in the middle of its body has loaded nothing', async () => {
  const there = `${PATH}?backend=10001`;
  const sent = request({
    host: '127.0.0.1',
    port: server.port,
    path: there,
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from(ROOT).toString('base64')}`,
      'content-length': '100',
      label: 'cut',
    },
  });
  sent.on('error', () => {});
  await new Promise((resolve) => sent.write('5\n6\n', resolve));
  sent.destroy();
  const answer = await put(there, '7\n', { label: 'cut' });
  expect(answer.json).toMatchObject({ Status: 'Success', NumberLoadedRows: 1 });
  expect((await sql('SELECT count(*) FROM d.`ü` WHERE k IN (5, 6)')).rows).toEqual([[0n]]);
});

test('other requests are answered as ever', async () => {
  const health = await fetch(`http://127.0.0.1:${server.port}/api/health`);
  expect([health.status, await health.json()]).toEqual([200, { status: 'OK' }]);
  const get = await fetch(`http://127.0.0.1:${server.port}${PATH}`);
  expect(get.status).toBe(404);
});
