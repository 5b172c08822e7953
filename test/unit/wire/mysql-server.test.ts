import { describe, expect, test } from 'vitest';
import { realClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { type Op, suspend } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { startMysqlServer } from '../../../src/wire/mysql-server.ts';
import type { StatementResult } from '../../../src/wire/query-handler.ts';
import { fakeFrontend } from './fake-frontend.ts';
import { command, errorOf, packet, query, RawClient } from './raw-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** A statement that ends when the returned function is called. */
function installWaiting({ frontend }: TestServer): () => void {
  let finish = (): void => {};
  frontend.answers.set('WAIT', function* (): Op<StatementResult> {
    yield* suspend<void>((resume) => {
      finish = () => resume({ ok: true, value: undefined });
    });
    return { kind: 'ok', affectedRows: 1 };
  });
  return () => finish();
}

describe('the MySQL server', () => {
  test('listens on a free port when asked for port 0', async () => {
    const { server } = await startTestServer();
    expect(server.port).toBeGreaterThan(0);
    expect(server.status).toBe('running');
  });

  test('says by name that a port is in use, and how to help it', async () => {
    const { port } = await startTestServer();
    const second = startMysqlServer({
      host: '127.0.0.1',
      port,
      handler: fakeFrontend().handler,
      random: new SeededRandom(1n),
      clock: realClock,
      logger: silentLogger,
    });
    await expect(second).rejects.toMatchObject({
      code: 'port-in-use',
      message: `port ${port} on 127.0.0.1 is in use`,
      hint: expect.stringContaining('0 takes any free one'),
    });
  });

  test('refuses an address that is not of this machine', async () => {
    await expect(startTestServer({ host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining('192.0.2.1'),
    });
  });

  test('that closes ends idle connections and frees the port', async () => {
    const { server, port, frontend } = await startTestServer();
    const idle = await RawClient.login(port);
    const greeted = RawClient.connect(port);
    await greeted.next();
    const closing = server.close();
    expect(server.status).toBe('closing');
    await closing;
    expect([server.status, server.connectionCount]).toEqual(['closed', 0]);
    expect(frontend.events).toContain('close 1');
    await Promise.all([idle.ended, greeted.ended]);
    const again = await startTestServer({ port });
    expect(again.port).toBe(port);
  });

  test('that closes does not wait for a client that was refused and lingers', async () => {
    const { server, port } = await startTestServer({ clock: new VirtualClock() });
    const refused = RawClient.connect(port, true);
    await refused.next();
    refused.send(packet(5, Buffer.from('x')));
    expect(errorOf(await refused.next()).code).toBe(1156);
    await server.close();
    expect(server.connectionCount).toBe(0);
  });

  test('that closes lets a running statement finish and answers it', async () => {
    const test = await startTestServer();
    const finish = installWaiting(test);
    const client = await RawClient.login(test.port);
    client.send(query('WAIT'));
    await test.frontend.event('run WAIT');
    const closing = test.server.close();
    expect(test.server.close()).toBe(closing);
    finish();
    expect((await client.next()).payload[1]).toBe(1);
    await client.ended;
    await closing;
    expect(test.frontend.events.at(-1)).toBe('close 1');
  });

  test('that closes cuts a statement at the drain limit', async () => {
    const clock = new VirtualClock();
    const test = await startTestServer({ clock, drainTimeoutMs: 3_000 });
    const finish = installWaiting(test);
    const client = await RawClient.login(test.port);
    client.send(query('WAIT'));
    await test.frontend.event('run WAIT');
    const closing = test.server.close();
    clock.advance(2_999);
    expect(test.server.status).toBe('closing');
    clock.advance(1);
    await closing;
    expect(test.server.status).toBe('closed');
    await client.ended;
    finish();
    await test.frontend.event('close 1');
  });

  test('ends a connection that was idle for too long, and only that', async () => {
    const clock = new VirtualClock();
    const { port, frontend } = await startTestServer({ clock });
    frontend.variables.set('wait_timeout', 60);
    const idle = await RawClient.login(port);
    const busy = await RawClient.login(port);
    clock.advance(40_000);
    busy.send(command(0x0e));
    await busy.next();
    clock.advance(20_000);
    await idle.ended;
    busy.send(command(0x0e));
    expect((await busy.next()).payload[0]).toBe(0);
    clock.advance(60_000);
    await busy.ended;
  });

  test('a limit that a client lowers counts from its next silence on', async () => {
    const clock = new VirtualClock();
    const { port, frontend } = await startTestServer({ clock });
    const client = await RawClient.login(port);
    frontend.variables.set('wait_timeout', 5);
    client.send(command(0x0e));
    await client.next();
    clock.advance(5000);
    await client.ended;
  });

  test('a connection is ended as its handler wants: after the answer, or at once', async () => {
    const test = await startTestServer();
    const finish = installWaiting(test);
    const [polite, other] = [await RawClient.login(test.port), await RawClient.login(test.port)];
    polite.send(query('WAIT'));
    await test.frontend.event('run WAIT');
    test.frontend.controls.get(1)?.endSoon();
    finish();
    expect((await polite.next()).payload[0]).toBe(0);
    await polite.ended;
    test.frontend.controls.get(2)?.cut();
    await other.ended;
    await test.frontend.event('close 2');
  });

  test('a statement that runs for long is not idle', async () => {
    const clock = new VirtualClock();
    const test = await startTestServer({ clock });
    test.frontend.variables.set('wait_timeout', 60);
    const finish = installWaiting(test);
    const client = await RawClient.login(test.port);
    client.send(query('WAIT'));
    await test.frontend.event('run WAIT');
    clock.advance(600_000);
    finish();
    expect((await client.next()).payload[1]).toBe(1);
    client.send(command(0x0e));
    expect((await client.next()).payload[0]).toBe(0);
    client.destroy();
  });

  test('serves many connections at once', async () => {
    const { port, server } = await startTestServer();
    const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.login(port)));
    expect(server.connectionCount).toBe(50);
    for (const client of clients) client.send(query('SELECT 1'));
    for (const client of clients) expect(await client.answer()).toHaveLength(5);
  });
});
