import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Logger } from '../../../src/base/log.ts';
import { command, errorOf, handshakeResponse, packet, query, RawClient } from './raw-client.ts';
import { startTestServer } from './test-server.ts';

const CONVERSATION = [
  packet(1, handshakeResponse({ database: 'sales' })),
  query('SELECT 1; SELECT 2'),
  command(0x02, 'sales'),
  command(0x0e),
  command(0x16, 'SELECT ?'),
  command(0x1f),
  command(0x01),
];

type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly mask: number }
  | { readonly kind: 'cut'; readonly at: number; readonly count: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array };

const at = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at, mask: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at, count: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('insert' as const), at, bytes: fc.uint8Array({ maxLength: 40 }) }),
);

function mutated(bytes: Buffer, change: Mutation): Buffer {
  const place = Math.floor(change.at * bytes.length);
  const head = bytes.subarray(0, place);
  switch (change.kind) {
    case 'flip': {
      const copy = Buffer.from(bytes);
      copy[place] = (copy[place] ?? 0) ^ change.mask;
      return copy;
    }
    case 'cut':
      return Buffer.concat([head, bytes.subarray(place + change.count)]);
    case 'insert':
      return Buffer.concat([head, change.bytes, bytes.subarray(place)]);
  }
}

describe('a server under hostile input', () => {
  test('ends the connection, keeps serving others, and meets no bug', async () => {
    const bugs: string[] = [];
    const logger: Logger = {
      log: (level, text, fields) => {
        if (level === 'error') bugs.push(`${text} ${JSON.stringify(fields)}`);
      },
    };
    const { port, server } = await startTestServer({ logger });
    const bystander = await RawClient.login(port);
    const changes = fc.array(mutation, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, fc.boolean(), async (list, isCutOff) => {
        const bytes = list.reduce(mutated, Buffer.concat(CONVERSATION));
        const attacker = RawClient.connect(port);
        attacker.send(bytes);
        if (isCutOff) {
          await attacker.next();
          attacker.socket.resetAndDestroy();
        } else {
          attacker.socket.end();
          await attacker.ended;
          attacker.destroy();
        }
        bystander.send(query('SELECT 1'));
        expect(await bystander.answer()).toHaveLength(5);
      }),
      { numRuns: 300 },
    );
    expect(bugs).toEqual([]);
    await expect.poll(() => server.connectionCount, { interval: 2 }).toBe(1);
  });

  test.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a TLS hello', Buffer.from('16030102000100', 'hex')],
    ['zeros', Buffer.alloc(100)],
    ['ones', Buffer.alloc(100, 0xff)],
  ])('answers %s with an error and ends', async (_what, bytes) => {
    const { port } = await startTestServer();
    const client = RawClient.connect(port);
    await client.next();
    client.send(bytes);
    expect(errorOf(await client.next()).state).toBe('08S01');
    await client.ended;
  });
});
