/** TLS over the MySQL protocol: offered with a certificate only, taken by clients that verify it. */
import { X509Certificate } from 'node:crypto';
import { createServer, createConnection as openSocket, type Server } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { afterEach, describe, expect, test } from 'vitest';
import { realClock } from '../../../src/base/clock.ts';
import { isSimError } from '../../../src/base/errors.ts';
import {
  certifiedHosts,
  selfSignedCertificate,
} from '../../../src/base/self-signed-certificate.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { startCluster } from '../../../src/index.ts';
import { CAPABILITY, SERVER_CAPABILITIES } from '../../../src/wire/protocol-numbers.ts';
import { errorOf, handshakeResponse, packet, query, RawClient } from './raw-client.ts';
import { startTestServer } from './test-server.ts';

const PAIR = selfSignedCertificate(certifiedHosts('::ffff:10.1.2.3'), realClock.now());
const TLS_REQUEST = packet(
  1,
  handshakeResponse({ capabilities: SERVER_CAPABILITIES | CAPABILITY.ssl }).subarray(0, 32),
);
/** Where a greeting of version 8.0.33 has the lower half of the capability word. */
const CAPABILITIES_AT = 21;

const VERIFIED = { ca: PAIR.certificate, verifyIdentity: true };

const proxies: Server[] = [];
afterEach(() => {
  for (const proxy of proxies.splice(0)) proxy.close();
});

async function selectText(port: number, ssl: object): Promise<unknown> {
  const account = { host: '127.0.0.1', port, user: 'alice', password: 'secret' };
  const client = await createConnection({ ...account, database: 'sales', ssl });
  try {
    const [[row]] = await client.query<never[]>('SELECT 7');
    await client.changeUser({ database: 'sales' });
    return row;
  } finally {
    client.destroy();
  }
}

/** Holds a request for TLS back until more has come, as a fast client may send them in one. */
async function joiningProxy(port: number): Promise<number> {
  const proxy = createServer((client) => {
    const server = openSocket({ port, host: '127.0.0.1' });
    const held: Buffer[] = [];
    let heldBytes = 0;
    server.pipe(client);
    client.on('data', (piece: Buffer) => {
      held.push(piece);
      heldBytes += piece.length;
      if (heldBytes > TLS_REQUEST.length) server.write(Buffer.concat(held.splice(0)));
    });
    client.on('close', () => server.destroy());
    server.on('error', () => client.destroy());
  });
  proxies.push(proxy);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a self-made certificate', () => {
  test('names its hosts, holds for two years, and is signed by its own key', () => {
    const made = new X509Certificate(PAIR.certificate);
    expect(made.verify(made.publicKey)).toBe(true);
    expect(made.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, ' +
        'IP Address:0:0:0:0:0:FFFF:A01:203',
    );
    expect(made.ca).toBe(true);
    const late = selfSignedCertificate(['db.example'], 0);
    expect([
      new X509Certificate(late.certificate).validFrom,
      late.privateKey.split('\n')[0],
    ]).toEqual(['Dec 31 00:00:00 1969 GMT', '-----BEGIN PRIVATE KEY-----']);
    expect(new X509Certificate(late.certificate).serialNumber).not.toBe(made.serialNumber);
  });
});

describe('a server with a certificate', () => {
  test('offers TLS; without one it does not', async () => {
    const offers: boolean[] = [];
    for (const options of [{ tls: PAIR }, {}]) {
      const { port } = await startTestServer(options);
      const { payload } = await RawClient.connect(port).next();
      offers.push((payload.readUInt16LE(CAPABILITIES_AT) & CAPABILITY.ssl) !== 0);
    }
    expect(offers).toEqual([true, false]);
  });

  test('serves a client that verifies it, and one that does without TLS', async () => {
    const { port, frontend } = await startTestServer({ tls: PAIR });
    expect(await selectText(port, VERIFIED)).toEqual({ text: 'SELECT 7' });
    const plain = await RawClient.login(port);
    plain.send(query('SELECT 1'));
    expect(await plain.answer()).toHaveLength(5);
    expect(frontend.events.filter((event) => event.startsWith('login'))).toEqual([
      'login alice@127.0.0.1 1 encrypted',
      'login alice@127.0.0.1 1 encrypted',
      'login root@127.0.0.1 2',
    ]);
  });

  test('takes a TLS hello that comes in one piece with the request', async () => {
    const { port } = await startTestServer({ tls: PAIR });
    expect(await selectText(await joiningProxy(port), VERIFIED)).toEqual({ text: 'SELECT 7' });
  });

  test('cuts a client that asks for TLS and then speaks in the clear, and no other', async () => {
    const { port, server } = await startTestServer({ tls: PAIR });
    const bystander = await RawClient.login(port);
    const client = RawClient.connect(port);
    await client.next();
    client.send(TLS_REQUEST, packet(2, handshakeResponse()));
    await client.ended;
    bystander.send(query('SELECT 1'));
    expect(await bystander.answer()).toHaveLength(5);
    await expect.poll(() => server.connectionCount, { interval: 2 }).toBe(1);
  });

  test('is rid at once of a client that does not trust the certificate', async () => {
    // No timer ever fires: only the end of the client can end its connection.
    const { server, port } = await startTestServer({ tls: PAIR, clock: new VirtualClock() });
    const ca = selfSignedCertificate(['another'], realClock.now()).certificate;
    await expect(selectText(port, { ca })).rejects.toMatchObject({ code: 'HANDSHAKE_SSL_ERROR' });
    await server.close();
    expect(server.connectionCount).toBe(0);
  });

  test('cuts a client that asks for TLS and then says nothing', async () => {
    const clock = new VirtualClock();
    const { port } = await startTestServer({ tls: PAIR, clock, loginTimeoutMs: 500 });
    const client = RawClient.connect(port);
    await client.next();
    client.send(TLS_REQUEST);
    const other = await RawClient.login(port);
    clock.advance(500);
    await client.ended;
    other.send(query('SELECT 1'));
    expect(await other.answer()).toHaveLength(5);
  });
});

test('a server without a certificate refuses a request for TLS', async () => {
  const { port } = await startTestServer();
  const client = RawClient.connect(port);
  await client.next();
  client.send(TLS_REQUEST);
  expect(errorOf(await client.next())).toMatchObject({ code: 5400, state: 'XX000' });
  await client.ended;
});

test.each([
  ['no certificate', { certificate: 'none', privateKey: PAIR.privateKey }],
  ['a key of another', { ...PAIR, privateKey: selfSignedCertificate(['a'], 0).privateKey }],
])('a server with %s does not start', async (_what, tls) => {
  const error = await startTestServer({ tls }).catch((thrown: unknown) => thrown);
  expect(isSimError(error, 'bad-option')).toBe(true);
});

test('a cluster that requires TLS refuses the others, until the setting is changed', async () => {
  await using cluster = await startCluster({
    backends: 1,
    storage: 'memory',
    tls: true,
    config: { ssl_force_secure_transport: 'true' },
  });
  const account = { host: '127.0.0.1', port: cluster.port ?? 0, user: 'root' };
  const refusal: unknown = await createConnection(account).catch((thrown: unknown) => thrown);
  expect(refusal).toMatchObject({ errno: 5205, sqlState: 'HY000' });
  const client = await createConnection({ ...account, ssl: { rejectUnauthorized: false } });
  await client.query("ADMIN SET FRONTEND CONFIG ('ssl_force_secure_transport' = 'false')");
  client.destroy();
  const plain = await createConnection(account);
  await plain.ping();
  plain.destroy();
});
