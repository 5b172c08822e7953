import { describe, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import type { LogFields, Logger } from '../../../src/base/log.ts';
import { scrambleNativePassword } from '../../../src/wire/native-password.ts';
import { PART_BYTES_MAX } from '../../../src/wire/protocol-numbers.ts';
import { answer, rows, TEXT_COLUMN } from './fake-frontend.ts';
import {
  command,
  errorOf,
  handshakeResponse,
  isEof,
  packet,
  query,
  RawClient,
  saltOf,
  statusOfEof,
} from './raw-client.ts';
import { startTestServer } from './test-server.ts';

const OK = '00000000000000';
const MORE_RESULTS = 8;

describe('a command', () => {
  test('COM_PING, _RESET_CONNECTION, _STMT_RESET and _INIT_DB are answered with OK', async () => {
    const { port, frontend } = await startTestServer();
    const client = await RawClient.login(port);
    for (const bytes of [
      command(0x0e),
      command(0x1f),
      command(0x1a, '\x01\0\0\0'),
      command(0x02, 'sales'),
    ]) {
      client.send(bytes);
      const ok = await client.next();
      expect([ok.sequence, ok.payload.toString('hex')]).toEqual([1, OK]);
    }
    expect(frontend.events.slice(1)).toEqual(['reset', 'use sales']);
  });

  test('COM_INIT_DB of an unknown database is an error and the connection goes on', async () => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(command(0x02, 'nowhere'), command(0x0e));
    expect(errorOf(await client.next())).toMatchObject({ code: 5501, state: '3F000' });
    expect((await client.next()).payload.toString('hex')).toBe(OK);
  });

  test('COM_QUIT ends the connection and closes the session', async () => {
    const { port, frontend } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(command(0x01));
    await client.ended;
    await frontend.event('close 1');
    expect(frontend.events).toEqual(['login root@127.0.0.1 1', 'close 1']);
  });

  test.each([
    [0x09, 'COM_STATISTICS'],
    [0x0c, 'COM_PROCESS_KILL'],
    [0x18, 'COM_STMT_SEND_LONG_DATA'],
    [0x1b, 'COM_SET_OPTION'],
    [0x1c, 'COM_STMT_FETCH'],
    [0x00, 'COM_SLEEP'],
  ])('%d is refused as %s', async (byte, name) => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(command(byte, 'x'), command(0x0e));
    const error = errorOf(await client.next());
    expect(error).toMatchObject({ code: 1064, state: 'HY000' });
    expect(error.text).toContain(name);
    expect((await client.next()).payload.toString('hex')).toBe(OK);
  });

  test('an unknown byte, or none at all, is an unknown command', async () => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(command(0x2f), packet(0, Buffer.alloc(0)), command(0x0e));
    expect(errorOf(await client.next())).toMatchObject({ code: 1047, state: '08S01' });
    expect(errorOf(await client.next())).toMatchObject({ code: 1047, state: '08S01' });
    expect((await client.next()).payload.toString('hex')).toBe(OK);
  });

  test('COM_FIELD_LIST tells columns with table and default, without a count', async () => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(command(0x04, 't\0%'), command(0x04, 'nothing\0'), command(0x0e));
    const fields = [await client.next(), await client.next()].map(({ payload }) =>
      payload.toString('latin1'),
    );
    expect(fields[0]).toContain('\x03def\x05sales\x01t\x01t\x02id\x02id\x0c');
    expect(fields[0]?.endsWith('\xfb')).toBe(true);
    expect(fields[1]?.endsWith('\x01x')).toBe(true);
    expect(isEof(await client.next())).toBe(true);
    expect(errorOf(await client.next())).toMatchObject({
      code: 1064,
      text: 'Unknown table(nothing)',
    });
    expect((await client.next()).payload.toString('hex')).toBe(OK);
  });
});

describe('a prepared statement', () => {
  const executed = (id: number, rest: string): Buffer =>
    packet(
      0,
      Buffer.from(`17${Buffer.from([id, 0, 0, 0]).toString('hex')}0001000000${rest}`, 'hex'),
    );

  test('is announced with its parameters and columns, each part with an EOF', async () => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(command(0x16, 'SELECT ?, ?'));
    const packets = [];
    for (let at = 0; at < 6; at += 1) packets.push(await client.next());
    expect(packets[0]?.payload.toString('hex')).toBe('000100000001000200000000');
    expect(packets.map(isEof)).toEqual([false, false, false, true, false, true]);
    client.send(command(0x16, 'INSERT'), command(0x0e));
    expect(errorOf(await client.next())).toMatchObject({ code: 1295, state: 'HY000' });
    expect((await client.next()).payload.toString('hex')).toBe(OK);
  });

  test('answers in binary rows, again with the types of the time before', async () => {
    const { port, frontend } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(command(0x16, 'SELECT ?'));
    for (let at = 0; at < 5; at += 1) await client.next();
    client.send(executed(1, '00010100ff'), executed(1, '00007f'), executed(1, '0100'));
    for (let at = 0; at < 3; at += 1) {
      const packets = await client.answer();
      expect(packets[3]?.payload.toString('latin1')).toBe('\0\0\x08SELECT ?');
    }
    expect(frontend.events.filter((event) => event.startsWith('execute'))).toEqual([
      'execute SELECT ? with number -1',
      'execute SELECT ? with number 127',
      'execute SELECT ? with null',
    ]);
  });

  test.each([
    ['that was closed', command(0x19, '\x01\0\0\0')],
    ['of before a reset', command(0x1f)],
  ])('one %s is unknown', async (_what, bytes) => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(command(0x16, 'SELECT 1'));
    for (let at = 0; at < 3; at += 1) await client.next();
    client.send(bytes, command(0x0e), executed(1, ''));
    const packets = [await client.next(), await client.next()];
    const last = packets.find(({ payload }) => payload[0] === 0xff) ?? (await client.next());
    expect(errorOf(last)).toMatchObject({ code: 1064 });
  });

  test.each([
    ['no id', '17'],
    ['no values', '1701000000000100000000010800'],
    ['no types', '17010000000001000000000001'],
    ['a type nobody knows', '1701000000000100000000010f'.replace(/0f$/, 'ee0001')],
  ])('%s in the packet is an error, and the connection goes on', async (_what, hex) => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(command(0x16, 'SELECT ?'));
    for (let at = 0; at < 5; at += 1) await client.next();
    client.send(packet(0, Buffer.from(hex, 'hex')), command(0x0e));
    expect(errorOf(await client.next()).code).toBeOneOf([1064, 1835]);
    expect((await client.next()).payload.toString('hex')).toBe(OK);
  });
});

describe('COM_CHANGE_USER', () => {
  const change = (user: string, auth: Uint8Array, database = ''): Buffer =>
    packet(
      0,
      Buffer.concat([
        Buffer.from(`\x11${user}\0`),
        Buffer.from([auth.length]),
        auth,
        Buffer.from(`${database}\0\x21\0mysql_native_password\0`),
      ]),
    );

  test('is proved against the salt of the greeting, and takes a database', async () => {
    const { port, frontend } = await startTestServer();
    const client = RawClient.connect(port);
    const salt = saltOf(await client.next());
    client.send(packet(1, handshakeResponse()));
    await client.next();
    client.send(change('alice', scrambleNativePassword('secret', salt), 'sales'));
    expect((await client.next()).payload.toString('hex')).toBe(OK);
    expect(frontend.events).toEqual([
      'login root@127.0.0.1 1',
      'login alice@127.0.0.1 1',
      'use sales',
      'close 1',
    ]);
  });

  test.each([
    ['a wrong password', change('alice', Buffer.alloc(20, 1)), 1045],
    ['an unknown database', change('root', Buffer.alloc(0), 'nowhere'), 5501],
    ['a packet cut short', packet(0, Buffer.from('\x11root')), 1835],
  ])('%s leaves who was there before', async (_what, bytes, code) => {
    const { port, frontend } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(bytes, query('SELECT 1'));
    expect(errorOf(await client.next()).code).toBe(code);
    await client.answer();
    expect(frontend.events.at(-1)).toBe('run SELECT 1');
  });
});

describe('COM_QUERY', () => {
  test('is answered with numbered packets: count, columns, EOF, rows, EOF', async () => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(query('SELECT 1'));
    const packets = await client.answer();
    expect(packets.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(packets.map(({ payload }) => payload.toString('hex'))).toEqual([
      '01',
      // def, three empty names, text twice, 12, charset 33, 90 bytes, VAR_STRING, no flags
      `03646566000000${'0474657874'.repeat(2)}0c21005a000000fd0000000000`,
      'fe00000000',
      `08${Buffer.from('SELECT 1').toString('hex')}`,
      'fe00000000',
    ]);
  });

  test('loses the NUL bytes at its end and is read as UTF-8', async () => {
    const { port, frontend } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(query("SELECT 'größe 漢字 😀'\0\0"));
    await client.answer();
    expect(frontend.events.at(-1)).toBe("run SELECT 'größe 漢字 😀'");
  });

  test('is understood however its bytes are cut', async () => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    const bytes = query('SELECT 42');
    for (let cut = 1; cut < bytes.length; cut += 1) {
      // The ping that is answered in between shows that the head has arrived alone.
      client.send(Buffer.concat([command(0x0e), bytes.subarray(0, cut)]));
      expect((await client.next()).payload.toString('hex')).toBe(OK);
      client.send(bytes.subarray(cut));
      expect((await client.answer())[3]?.payload.toString('utf8', 1)).toBe('SELECT 42');
    }
  });

  test('runs several statements in order and announces that more follow', async () => {
    const { port, frontend } = await startTestServer();
    frontend.answers.set(
      'INSERT',
      answer(() => ({ kind: 'ok', affectedRows: 300, info: "{'label':'x'}", warningCount: 2 })),
    );
    const client = await RawClient.login(port);
    client.send(query('SELECT 1; INSERT;; SELECT 2;'));
    const first = await client.answer();
    const insert = await client.answer();
    const last = await client.answer();
    expect([first, last].map((packets) => packets.filter(isEof).map(statusOfEof))).toEqual([
      [MORE_RESULTS, MORE_RESULTS],
      [0, 0],
    ]);
    expect(insert[0]?.payload.toString('hex')).toBe(
      `00fc2c01${'00'}0800${'0200'}0d${Buffer.from("{'label':'x'}").toString('hex')}`,
    );
    const numbers = [...first, ...insert, ...last].map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test('stops at the first statement that fails', async () => {
    const { port, frontend } = await startTestServer();
    frontend.answers.set(
      'FAIL',
      answer(() => {
        throw new SimError('unknown-table', 'Unknown table t', { hint: 'create it.' });
      }),
    );
    const client = await RawClient.login(port);
    client.send(query('SELECT 1; FAIL; SELECT 2'), command(0x0e));
    expect((await client.answer()).filter(isEof).map(statusOfEof)).toEqual([8, 8]);
    const failed = await client.next();
    expect(failed.sequence).toBe(6);
    expect(errorOf(failed)).toEqual({
      code: 5502,
      state: '42602',
      text: 'Unknown table t Hint: create it.',
    });
    expect((await client.next()).payload.toString('hex')).toBe(OK);
    expect(frontend.events).not.toContain('run SELECT 2');
  });

  test('with a syntax error anywhere runs nothing', async () => {
    const { port, frontend } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(query('SELECT 1; SYNTAX'));
    expect(errorOf(await client.next())).toMatchObject({ code: 1064, state: 'HY000' });
    expect(frontend.events).toEqual(['login root@127.0.0.1 1']);
  });

  test('without a statement is OK', async () => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(query(' ; '));
    expect((await client.next()).payload.toString('hex')).toBe(OK);
  });

  test('that fails in the middle of its rows ends with ERR; the connection goes on', async () => {
    const { port, frontend } = await startTestServer();
    frontend.answers.set(
      'BREAK',
      answer(() => ({
        ...rows([TEXT_COLUMN], []),
        *next() {
          throw new SimError('tablet-unreadable', '');
        },
      })),
    );
    frontend.answers.set(
      'RAGGED',
      answer(() => rows([TEXT_COLUMN], [[['whole'], ['too', 'many']]])),
    );
    const client = await RawClient.login(port);
    client.send(query('BREAK'), query('RAGGED'), command(0x0e));
    const broken = (await client.answer()).at(-1);
    expect(broken && errorOf(broken)).toEqual({
      code: 1064,
      state: 'HY000',
      text: 'Unknown error',
    });
    const ragged = await client.answer();
    expect(ragged).toHaveLength(5);
    expect(ragged[4] && errorOf(ragged[4])).toMatchObject({ code: 1105, state: 'HY000' });
    expect((await client.next()).payload.toString('hex')).toBe(OK);
  });

  test('whose result cannot be closed ends with ERR instead of EOF', async () => {
    const { port, frontend } = await startTestServer();
    frontend.answers.set(
      'UNCLOSED',
      answer(() => ({
        ...rows([TEXT_COLUMN], [[['one']]]),
        *close() {
          throw new SimError('backend-unavailable', 'backend 10001 is gone');
        },
      })),
    );
    const client = await RawClient.login(port);
    client.send(query('UNCLOSED'), command(0x0e));
    const packets = await client.answer();
    expect(packets).toHaveLength(5);
    expect(packets[4] && errorOf(packets[4]).text).toBe('backend 10001 is gone');
    expect((await client.next()).payload.toString('hex')).toBe(OK);
  });

  test('that meets a bug shows a short text, and the log has the stack', async () => {
    const logged: LogFields[] = [];
    const logger: Logger = { log: (_level, _text, fields = {}) => logged.push(fields) };
    const { port, frontend } = await startTestServer({ logger });
    frontend.answers.set(
      'BUG',
      answer(() => {
        throw new TypeError('x is not a function\n    at somewhere');
      }),
    );
    const client = await RawClient.login(port);
    client.send(query('BUG'));
    expect(errorOf(await client.next())).toEqual({
      code: 1105,
      state: 'HY000',
      text: 'internal error: x is not a function',
    });
    expect(logged.some(({ detail }) => String(detail).includes('commands.test.ts'))).toBe(true);
  });

  test('over the limit of max_allowed_packet is refused while the client still sends', async () => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    const part = Buffer.alloc(PART_BYTES_MAX, 0x20);
    part[0] = 3;
    client.send(packet(0, part), packet(1, part), packet(2, part));
    const refusal = await client.next();
    expect(refusal.sequence).toBe(3);
    expect(errorOf(refusal)).toMatchObject({ code: 1153, state: '08S01' });
    await client.ended;
  });

  test('with a wrong sequence number is refused and the connection ends', async () => {
    const { port, frontend } = await startTestServer();
    const client = await RawClient.login(port);
    client.send(packet(1, Buffer.from('\x03SELECT 1')));
    expect(errorOf(await client.next())).toMatchObject({ code: 1156, state: '08S01' });
    await client.ended;
    await frontend.event('close 1');
    expect(frontend.events).not.toContain('run SELECT 1');
  });

  test('sent many at once are answered in order', async () => {
    const { port } = await startTestServer();
    const client = await RawClient.login(port);
    const texts = Array.from({ length: 500 }, (_, index) => `SELECT ${index}`);
    client.send(Buffer.concat(texts.map(query)));
    const seen: string[] = [];
    for (const _ of texts) seen.push((await client.answer())[3]?.payload.toString('utf8', 1) ?? '');
    expect(seen).toEqual(texts);
  });
});
