import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSimError } from '../../../src/base/errors.ts';
import { PacketAssembler } from '../../../src/wire/packet-assembler.ts';
import { PacketWriter } from '../../../src/wire/packet-writer.ts';
import { MAX_ALLOWED_PACKET_BYTES, PART_BYTES_MAX } from '../../../src/wire/protocol-numbers.ts';
import { packet } from './raw-client.ts';

function written(write: (writer: PacketWriter) => void): Buffer {
  const writer = new PacketWriter();
  write(writer);
  return Buffer.from(writer.pending());
}

const payloadOf = (write: (writer: PacketWriter) => void): Buffer =>
  written((writer) => {
    writer.begin();
    write(writer);
    writer.end();
  }).subarray(4);

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('the packet writer', () => {
  test.each([
    [0, '00'],
    [250, 'fa'],
    [251, 'fcfb00'],
    [0xffff, 'fcffff'],
    [0x1_0000, 'fd000001'],
    [0xff_ffff, 'fdffffff'],
    [0x100_0000, 'fe0000000100000000'],
    [2 ** 40, 'fe0000000000010000'],
  ])('encodes the length %d as %s', (value, hex) => {
    expect(payloadOf((writer) => writer.lenencInt(value)).toString('hex')).toBe(hex);
  });

  test('writes every text with its length in bytes, whatever its characters', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.string({ unit: fc.constantFrom('a', 'ä', '漢', '😀'), maxLength: 300 }),
    );
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 5 }), (values) => {
        const payload = payloadOf((writer) => {
          for (const value of values) writer.lenencText(value);
        });
        const expected = values.flatMap((value) => {
          const bytes = Buffer.from(value, 'utf8');
          const length = payloadOf((writer) => writer.lenencInt(bytes.length));
          return [length, bytes];
        });
        expect(payload.equals(Buffer.concat(expected))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('numbers packets one after the other and starts again after 255', () => {
    const bytes = written((writer) => {
      writer.sequence = 254;
      for (let count = 0; count < 3; count += 1) {
        writer.begin();
        writer.uint8(count);
        writer.end();
      }
    });
    expect(bytes.toString('hex')).toBe('010000fe00' + '010000ff01' + '0100000002');
  });

  test('forgets an abandoned packet and keeps the ones before it', () => {
    const bytes = written((writer) => {
      writer.begin();
      writer.uint8(1);
      writer.end();
      writer.begin();
      writer.text('half a packet');
      writer.abandon();
      writer.begin();
      writer.uint8(2);
      writer.end();
    });
    expect(bytes.toString('hex')).toBe('0100000001' + '0100000102');
  });

  test.each([PART_BYTES_MAX - 1, PART_BYTES_MAX, PART_BYTES_MAX + 1, 2 * PART_BYTES_MAX])(
    'splits a payload of %d bytes so that it can be put together again',
    (size) => {
      const payload = Buffer.alloc(size);
      for (let at = 0; at < size; at += 4093) payload[at] = at % 251;
      const bytes = written((writer) => {
        writer.begin();
        writer.bytes(payload);
        writer.end();
      });
      expect(bytes.length).toBe(size + 4 * (1 + Math.floor(size / PART_BYTES_MAX)));
      const assembler = new PacketAssembler(MAX_ALLOWED_PACKET_BYTES);
      assembler.push(bytes);
      expect(assembler.next()?.payload.equals(payload)).toBe(true);
      expect(assembler.next()).toBeUndefined();
      expect(assembler.nextSequence).toBe(1 + Math.floor(size / PART_BYTES_MAX));
    },
  );
});

describe('the packet assembler', () => {
  test('gives the same packets however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }),
        (payloads, cuts) => {
          const stream = Buffer.concat(payloads.map((payload) => packet(0, payload)));
          const assembler = new PacketAssembler(1000);
          const seen: string[] = [];
          for (let at = 0, turn = 0; at < stream.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1;
            assembler.push(stream.subarray(at, at + size));
            at += size;
            for (let next = assembler.next(); next !== undefined; next = assembler.next()) {
              seen.push(next.payload.toString('hex'));
            }
          }
          expect(seen).toEqual(payloads.map((payload) => Buffer.from(payload).toString('hex')));
        },
      ),
    );
  });

  test('does not copy a packet that came in one piece', () => {
    const piece = packet(0, Buffer.from('SELECT 1'));
    const assembler = new PacketAssembler(100);
    assembler.push(piece);
    expect(assembler.next()?.payload.buffer).toBe(piece.buffer);
  });

  test('refuses a payload over the limit as soon as its header is there', () => {
    const assembler = new PacketAssembler(100);
    assembler.push(packet(0, Buffer.alloc(101)).subarray(0, 4));
    const error = thrownBy(() => assembler.next());
    expect(isSimError(error, 'packet-too-large')).toBe(true);
  });

  test('counts all parts of a payload against the limit', () => {
    const assembler = new PacketAssembler(PART_BYTES_MAX + 10);
    assembler.push(packet(0, Buffer.alloc(PART_BYTES_MAX)));
    expect(assembler.next()).toBeUndefined();
    assembler.push(packet(1, Buffer.alloc(11)).subarray(0, 4));
    expect(
      isSimError(
        thrownBy(() => assembler.next()),
        'packet-too-large',
      ),
    ).toBe(true);
  });

  test('refuses a part that is out of order', () => {
    const assembler = new PacketAssembler(MAX_ALLOWED_PACKET_BYTES);
    assembler.push(packet(0, Buffer.alloc(PART_BYTES_MAX)));
    assembler.push(packet(2, Buffer.alloc(1)));
    expect(
      isSimError(
        thrownBy(() => assembler.next()),
        'packets-out-of-order',
      ),
    ).toBe(true);
    expect(assembler.nextSequence).toBe(3);
  });

  test('an announced length alone takes no memory', () => {
    const before = process.memoryUsage().arrayBuffers;
    const assemblers = Array.from({ length: 64 }, () => {
      const assembler = new PacketAssembler(MAX_ALLOWED_PACKET_BYTES);
      assembler.push(packet(0, Buffer.alloc(0)).fill(0xf0, 0, 3));
      assembler.push(Buffer.from('x'));
      expect(assembler.next()).toBeUndefined();
      return assembler;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    expect(assemblers).toHaveLength(64);
  });
});
