import { describe, expect, test } from 'vitest';
import { isSimError } from '../../../src/base/errors.ts';
import { parseHandshakeResponse, writeGreeting } from '../../../src/wire/handshake.ts';
import { PacketWriter } from '../../../src/wire/packet-writer.ts';
import { CAPABILITY, SERVER_CAPABILITIES } from '../../../src/wire/protocol-numbers.ts';
import { handshakeResponse } from './raw-client.ts';

const SALT = Buffer.from('abcdefghijklmnopqrst');

describe('the greeting', () => {
  test('is byte for byte what a StarRocks frontend sends', () => {
    const writer = new PacketWriter();
    writeGreeting(writer, {
      serverVersion: '8.0.33',
      connectionId: 0x01020304,
      salt: SALT,
      offersTls: false,
    });
    const expected = Buffer.concat([
      Buffer.from([74, 0, 0, 0]),
      Buffer.from([10]),
      Buffer.from('8.0.33\0'),
      Buffer.from([4, 3, 2, 1]),
      Buffer.from('abcdefgh\0'),
      Buffer.from([0x0c, 0x82]),
      Buffer.from([33, 0, 0]),
      Buffer.from([0x38, 0x00]),
      Buffer.from([21]),
      Buffer.alloc(10),
      Buffer.from('ijklmnopqrst\0'),
      Buffer.from('mysql_native_password\0'),
    ]);
    expect(writer.pending().toString('hex')).toBe(expected.toString('hex'));
    expect(SERVER_CAPABILITIES).toBe(0x0038820c);
  });
});

describe('a handshake response', () => {
  test('is read with database, plugin and connection attributes', () => {
    const auth = Buffer.alloc(20, 9);
    const response = parseHandshakeResponse(
      handshakeResponse({ user: 'älice', auth, database: 'catalog.sales', plugin: 'x_plugin' }),
    );
    expect(response).toEqual({
      capabilities: SERVER_CAPABILITIES,
      user: 'älice',
      authResponse: new Uint8Array(auth),
      database: 'catalog.sales',
      plugin: 'x_plugin',
      attributes: new Map([['_client_name', 'raw']]),
    });
  });

  test('is taken at what both sides can do', () => {
    const response = parseHandshakeResponse(handshakeResponse({ capabilities: 0x19bfa28d }));
    expect(response.capabilities).toBe(0x19bfa28d & SERVER_CAPABILITIES);
  });

  test('may lack the database, the plugin and the attributes', () => {
    const capabilities = CAPABILITY.protocol41 | CAPABILITY.secureConnection;
    const payload = Buffer.concat([
      handshakeResponse({ capabilities }).subarray(0, 32),
      Buffer.from('root\0\0'),
    ]);
    const response = parseHandshakeResponse(payload);
    expect(response).toMatchObject({
      user: 'root',
      database: '',
      plugin: 'mysql_native_password',
    });
    expect(response.attributes.size).toBe(0);
  });

  test('ignores attributes that are cut short and bytes that follow them', () => {
    const cut = handshakeResponse({ tail: Buffer.from([200, 3, 97, 98]) });
    expect(parseHandshakeResponse(cut).attributes.size).toBe(0);
    const more = handshakeResponse({ tail: Buffer.from('\x04\x01a\x01bleft over', 'latin1') });
    expect(parseHandshakeResponse(more).attributes).toEqual(new Map([['a', 'b']]));
  });

  test('is refused by name when it ends anywhere before the authentication data does', () => {
    const payload = handshakeResponse({ user: 'root', auth: Buffer.alloc(20, 1) });
    const authEnd = 32 + 'root\0'.length + 1 + 20;
    for (let size = 0; size < payload.length; size += 1) {
      let error: unknown;
      try {
        parseHandshakeResponse(payload.subarray(0, size));
      } catch (thrown) {
        error = thrown;
      }
      if (size < authEnd) expect(isSimError(error, 'bad-handshake')).toBe(true);
      else expect(error).toBeUndefined();
    }
  });

  test('of a client older than 4.1 is refused', () => {
    const old = handshakeResponse({ capabilities: CAPABILITY.longFlag });
    expect(() => parseHandshakeResponse(old)).toThrow('older than protocol 4.1');
  });
});
