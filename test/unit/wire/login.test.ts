import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { scrambleNativePassword } from '../../../src/wire/native-password.ts';
import { errorOf, handshakeResponse, packet, query, RawClient, saltOf } from './raw-client.ts';
import { startTestServer } from './test-server.ts';

async function respond(
  port: number,
  parts: Parameters<typeof handshakeResponse>[0],
): Promise<RawClient> {
  const client = RawClient.connect(port);
  await client.next();
  client.send(packet(1, handshakeResponse(parts)));
  return client;
}

describe('a login', () => {
  test('begins with a greeting: the version, an id of its own and a fresh salt', async () => {
    const { port } = await startTestServer();
    const greetings = [];
    for (let count = 0; count < 2; count += 1) {
      greetings.push(await RawClient.connect(port).next());
    }
    expect(greetings.map(({ sequence, payload }) => [sequence, payload.length])).toEqual([
      [0, 74],
      [0, 74],
    ]);
    expect(greetings.map(({ payload }) => payload.readUInt32LE(8))).toEqual([1, 2]);
    const [first, second] = greetings.map(saltOf);
    expect(first?.equals(second ?? Buffer.alloc(0))).toBe(false);
    expect(greetings[0]?.payload.toString('latin1', 1, 8)).toBe('8.0.33\0');
  });

  test('with the right password and database gets OK and opens the database', async () => {
    const { port, frontend } = await startTestServer();
    const client = RawClient.connect(port);
    const auth = scrambleNativePassword('secret', saltOf(await client.next()));
    client.send(
      packet(1, handshakeResponse({ user: 'alice', auth, database: 'default_catalog.sales' })),
    );
    const ok = await client.next();
    expect(ok.sequence).toBe(2);
    expect(ok.payload.toString('hex')).toBe('00000000000000');
    expect(frontend.events).toEqual(['login alice@127.0.0.1 1', 'use default_catalog.sales']);
  });

  test.each([
    ['alice', Buffer.alloc(20, 1), 'YES'],
    ['alice', Buffer.alloc(0), 'NO'],
    ['nobody', Buffer.alloc(20, 1), 'YES'],
    ['', Buffer.alloc(0), 'NO'],
  ])('of %j with a wrong response is refused and ended', async (user, auth, isUsed) => {
    const { port } = await startTestServer();
    const client = await respond(port, { user, auth });
    const refusal = await client.next();
    expect(refusal.sequence).toBe(2);
    expect(errorOf(refusal)).toEqual({
      code: 1045,
      state: '28000',
      text: `Access denied for user '${user}'@'127.0.0.1' (using password: ${isUsed})`,
    });
    await client.ended;
  });

  test('to an unknown database is refused, ends, and its session is closed', async () => {
    const { port, frontend } = await startTestServer();
    const client = await respond(port, { database: 'nowhere' });
    expect(errorOf(await client.next())).toEqual({
      code: 5501,
      state: '3F000',
      text: "Unknown database 'nowhere'",
    });
    await client.ended;
    expect(frontend.events).toEqual(['login root@127.0.0.1 1', 'close 1']);
  });

  test('with caching_sha2_password is switched to the native plugin, same salt', async () => {
    const { port, frontend } = await startTestServer();
    const client = RawClient.connect(port);
    const salt = saltOf(await client.next());
    client.send(
      packet(
        1,
        handshakeResponse({
          user: 'alice',
          auth: Buffer.alloc(32, 5),
          plugin: 'caching_sha2_password',
        }),
      ),
    );
    const request = await client.next();
    expect(request.sequence).toBe(2);
    expect(request.payload).toEqual(
      Buffer.concat([Buffer.from('\xfemysql_native_password\0', 'latin1'), salt, Buffer.alloc(1)]),
    );
    client.send(packet(3, scrambleNativePassword('secret', salt)));
    const ok = await client.next();
    expect([ok.sequence, ok.payload[0]]).toEqual([4, 0]);
    expect(frontend.events).toEqual(['login alice@127.0.0.1 1']);
    client.send(query('SELECT 1'));
    expect(await client.answer()).toHaveLength(5);
  });

  test('after a switch an empty reply is an empty password', async () => {
    const { port } = await startTestServer();
    const client = await respond(port, { user: 'alice', plugin: 'caching_sha2_password' });
    await client.next();
    client.send(packet(3, Buffer.alloc(0)));
    const refusal = await client.next();
    expect(refusal.sequence).toBe(4);
    expect(errorOf(refusal).text).toContain('(using password: NO)');
  });

  test('with Kerberos is refused by name', async () => {
    const { port } = await startTestServer();
    const client = await respond(port, { plugin: 'authentication_kerberos_client' });
    expect(errorOf(await client.next())).toMatchObject({ code: 1524, state: 'HY000' });
  });

  test('with a packet out of order is refused', async () => {
    const { port } = await startTestServer();
    const client = RawClient.connect(port);
    await client.next();
    client.send(packet(7, handshakeResponse()));
    const refusal = await client.next();
    expect(refusal.sequence).toBe(8);
    expect(errorOf(refusal)).toMatchObject({ code: 1156, state: '08S01' });
    await client.ended;
  });

  test('with a truncated response is refused', async () => {
    const { port } = await startTestServer();
    const client = RawClient.connect(port);
    await client.next();
    client.send(packet(1, handshakeResponse().subarray(0, 20)));
    expect(errorOf(await client.next())).toMatchObject({ code: 1043, state: '08S01' });
    await client.ended;
  });

  test('may not be longer than names, a scramble and attributes need', async () => {
    const { port } = await startTestServer();
    const client = RawClient.connect(port);
    await client.next();
    client.send(Buffer.from([0, 0, 0x10, 1]));
    expect(errorOf(await client.next())).toMatchObject({ code: 1153, state: '08S01' });
    await client.ended;
  });

  test('above the limit of connections is refused until another one has ended', async () => {
    const { port, server, frontend } = await startTestServer();
    frontend.variables.set('qe_max_connection', 1);
    const first = await RawClient.login(port);
    const second = await respond(port, {});
    expect(errorOf(await second.next())).toMatchObject({
      code: 1040,
      state: '08004',
      text: expect.stringMatching(/^Too many connections/),
    });
    await second.ended;
    first.send(packet(0, Buffer.from([1])));
    await first.ended;
    await expect.poll(() => server.connectionCount, { interval: 2 }).toBe(0);
    (await RawClient.login(port)).destroy();
  });

  test('that is not finished in time is ended', async () => {
    const clock = new VirtualClock();
    const { port } = await startTestServer({ clock, loginTimeoutMs: 10_000 });
    const silent = RawClient.connect(port);
    await silent.next();
    const slow = await RawClient.login(port);
    clock.advance(10_000);
    await silent.ended;
    slow.send(query('SELECT 1'));
    expect(await slow.answer()).toHaveLength(5);
    slow.destroy();
  });
});
