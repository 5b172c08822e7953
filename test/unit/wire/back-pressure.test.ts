import { describe, expect, test } from 'vitest';
import { type Op, wait } from '../../../src/base/op.ts';
import { answer, TEXT_COLUMN } from './fake-frontend.ts';
import { command, query, RawClient } from './raw-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const BATCH_BYTES = 256 * 1024;
const BATCHES_MAX = 2_000;

/** A result of 500 MB that counts how much of it was asked for, and how often it was closed. */
function installEndless({ frontend }: TestServer): { pulled: number; closed: number } {
  const counts = { pulled: 0, closed: 0 };
  const row = ['x'.repeat(BATCH_BYTES)];
  frontend.answers.set(
    'ENDLESS',
    answer(() => ({
      kind: 'rows',
      columns: [TEXT_COLUMN],
      *next() {
        counts.pulled += 1;
        return counts.pulled > BATCHES_MAX ? undefined : [row];
      },
      *close() {
        counts.closed += 1;
      },
    })),
  );
  return counts;
}

/** Waits until no further batch is pulled over several rounds in which other queries are served. */
async function settled(counts: { pulled: number }, other: RawClient): Promise<void> {
  for (let calm = 0; calm < 20; ) {
    const before = counts.pulled;
    other.send(query('SELECT 1'));
    await other.answer();
    calm = counts.pulled === before ? calm + 1 : 0;
  }
}

describe('a client that does not read', () => {
  test('holds back the pulling of batches, and nobody else', async () => {
    const test = await startTestServer();
    const counts = installEndless(test);
    const stuck = await RawClient.login(test.port);
    const other = await RawClient.login(test.port);
    stuck.socket.pause();
    stuck.send(query('ENDLESS'));
    await test.frontend.event('run ENDLESS');
    await settled(counts, other);
    expect(counts.pulled).toBeGreaterThan(0);
    expect(counts.pulled).toBeLessThan(200);
    expect(counts.closed).toBe(0);
    stuck.destroy();
    await test.frontend.event('close 1');
    expect(counts.closed).toBe(1);
  });
});

describe('a client that vanishes', () => {
  test('in the middle of a result has it closed exactly once', async () => {
    const test = await startTestServer();
    const counts = installEndless(test);
    const client = await RawClient.login(test.port);
    client.send(query('ENDLESS'));
    await client.next();
    client.destroy();
    await test.frontend.event('close 1');
    expect(counts.closed).toBe(1);
    expect(counts.pulled).toBeLessThan(BATCHES_MAX);
  });

  test('while a batch is being made has the result closed after that', async () => {
    const test = await startTestServer();
    const order: string[] = [];
    let deliver = (): void => {};
    const made = new Promise<void>((resolve) => {
      deliver = resolve;
    });
    test.frontend.answers.set(
      'SLOW',
      answer(() => ({
        kind: 'rows',
        columns: [TEXT_COLUMN],
        *next(): Op<string[][]> {
          order.push('next');
          yield* wait(made);
          order.push('made');
          return [['x'.repeat(BATCH_BYTES)]];
        },
        *close() {
          order.push('close');
        },
      })),
    );
    const client = await RawClient.login(test.port);
    client.send(query('SLOW'));
    await test.frontend.event('run SLOW');
    client.socket.resetAndDestroy();
    await expect.poll(() => client.socket.closed, { interval: 2 }).toBe(true);
    deliver();
    await test.frontend.event('close 1');
    expect(order.filter((step) => step === 'close')).toEqual(['close']);
    expect(order.slice(0, 2)).toEqual(['next', 'made']);
    expect(order.at(-1)).toBe('close');
  });

  test('while its statement runs has its session closed when that ends', async () => {
    const test = await startTestServer();
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    test.frontend.answers.set('WAIT', function* () {
      yield* wait(finished);
      test.frontend.events.push('finished');
      return { kind: 'ok', affectedRows: 0 };
    });
    const client = await RawClient.login(test.port);
    client.send(query('WAIT'));
    await test.frontend.event('run WAIT');
    client.destroy();
    const other = await RawClient.login(test.port);
    other.send(command(0x0e));
    await other.next();
    expect(test.frontend.events).not.toContain('close 1');
    finish();
    await test.frontend.event('close 1');
    expect(test.frontend.events.slice(-2)).toEqual(['finished', 'close 1']);
  });

  test('with half of a packet sent has its session closed', async () => {
    const test = await startTestServer();
    const client = await RawClient.login(test.port);
    client.send(query('SELECT 1').subarray(0, 7));
    client.socket.end();
    await test.frontend.event('close 1');
    expect(test.frontend.events).not.toContain('run SELECT 1');
  });
});

describe('a client that sends before it is answered', () => {
  test('is held back while its statement runs, and answered in order after that', async () => {
    const test = await startTestServer();
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    test.frontend.answers.set('WAIT', function* () {
      yield* wait(finished);
      return { kind: 'ok', affectedRows: 7 };
    });
    const client = await RawClient.login(test.port);
    client.send(query('WAIT'));
    await test.frontend.event('run WAIT');
    const text = `SELECT ${'x'.repeat(1024 * 1024)}`;
    for (let count = 0; count < 24; count += 1) client.send(query(text));
    const other = await RawClient.login(test.port);
    for (let round = 0; round < 20; round += 1) {
      other.send(command(0x0e));
      await other.next();
    }
    // What the kernel does not hold is still on the client's side.
    expect(client.socket.writableLength).toBeGreaterThan(8 * 1024 * 1024);
    expect(test.frontend.events.filter((event) => event.startsWith('run'))).toEqual(['run WAIT']);
    finish();
    expect((await client.next()).payload[1]).toBe(7);
    for (let count = 0; count < 24; count += 1) {
      expect((await client.answer())[3]?.payload.length).toBe(text.length + 4);
    }
  });
});
