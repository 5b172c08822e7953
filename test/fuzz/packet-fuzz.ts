/**
 * Conversations of clients, each changed in some places, held with the MySQL server of a whole
 * virtual cluster: same process, no network, so that 100,000 of them take less than a minute.
 */
import type { Logger } from '../../src/base/log.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { Connection } from '../../src/wire/connection.ts';
import { PART_BYTES_MAX } from '../../src/wire/protocol-numbers.ts';
import { smallWorld } from '../unit/fe/support/world.ts';
import { handshakeResponse } from '../unit/wire/raw-client.ts';
import { Dice } from './dice.ts';
import { MemorySocket } from './memory-socket.ts';

const command = (byte: number, rest: Buffer | string = ''): Buffer =>
  Buffer.concat([Buffer.of(byte), Buffer.from(rest as Buffer)]);

/** `SELECT ? ...` is prepared first in each connection that prepares, and has the id 1. */
function execution(types: readonly number[], values: Buffer, nulls = 0): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(1, 0);
  head.writeUInt32LE(1, 5);
  const codes = Buffer.from(types.flatMap((type) => [type & 0xff, type >> 8]));
  return command(0x17, Buffer.concat([head, Buffer.of(nulls, 1), codes, values]));
}

const TWO = 'SELECT ?, ?';
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
};

/** What a client may send after its login: payloads of one command each. */
const COMMANDS: readonly (readonly Buffer[])[] = [
  [command(0x03, "SELECT 1, 'a', NULL; SELECT n FROM d.p WHERE id = 1; SELECT 2")],
  [command(0x03, 'SHOW DATABASES'), command(0x03, 'SELECT @@version_comment LIMIT 1')],
  [command(0x03, 'SELECT id, n, s FROM d.p ORDER BY id'), command(0x03, '')],
  [command(0x02, 'd'), command(0x04, 'p\0%'), command(0x0e)],
  [command(0x16, TWO), execution([0x03, 0xfd], Buffer.concat([Buffer.alloc(4, 1), text('x')]))],
  [command(0x16, TWO), execution([0x05, 0x8008], Buffer.concat([double(1.5), Buffer.alloc(8, 9)]))],
  [command(0x16, TWO), execution([0x04, 0xfc], Buffer.concat([Buffer.alloc(4), text('y')]), 1)],
  [
    command(0x16, TWO),
    execution([0x0c, 0x0a], Buffer.from('07e807010203040506 04e8070102'.replace(' ', ''), 'hex')),
    command(0x19, Buffer.of(1, 0, 0, 0)),
  ],
  [command(0x16, 'SELECT id FROM d.p WHERE n > ? LIMIT ?'), execution([2, 1], Buffer.alloc(3, 1))],
  [command(0x11, Buffer.from('root\0\0d\0!\0mysql_native_password\0', 'latin1')), command(0x0e)],
  [command(0x1f), command(0x1a, Buffer.of(1, 0, 0, 0)), command(0x09), command(0x1b, '\0\0')],
  [command(0x01)],
];

const LOGINS: readonly Buffer[] = [
  handshakeResponse({ database: 'd' }),
  handshakeResponse({ plugin: 'caching_sha2_password' }),
  handshakeResponse({ auth: Buffer.alloc(20, 7) }),
  handshakeResponse({ user: 'nobody' }),
];

interface Packet {
  readonly sequence: number;
  readonly payload: Buffer;
}

function conversation(dice: Dice): Packet[] {
  const login = dice.once(8) ? dice.of(LOGINS) : (LOGINS[0] as Buffer);
  const packets: Packet[] = [{ sequence: 1, payload: login }];
  if (login === LOGINS[1]) packets.push({ sequence: 3, payload: Buffer.alloc(0) });
  for (let group = 1 + dice.below(3); group > 0; group -= 1) {
    for (const payload of dice.of(COMMANDS)) packets.push({ sequence: 0, payload });
  }
  return packets;
}

/** Changes a copy: flips, cuts, repeats, inserts, or takes over a piece of another command. */
function mutated(dice: Dice, bytes: Buffer): Buffer {
  const at = dice.below(bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (dice.below(6)) {
    case 0: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << dice.below(8));
      return copy;
    }
    case 1:
      return Buffer.concat([head, tail.subarray(1 + dice.below(8))]);
    case 2:
      return head;
    case 3:
      return Buffer.concat([head, tail.subarray(0, 1 + dice.below(8)), tail]);
    case 4: {
      const few = Buffer.from(Array.from({ length: 1 + dice.below(8) }, () => dice.byte()));
      return Buffer.concat([head, few, tail]);
    }
    default: {
      const other = dice.of(dice.of(COMMANDS));
      return Buffer.concat([head, other.subarray(dice.below(other.length))]);
    }
  }
}

function framed({ sequence, payload }: Packet): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(Math.min(payload.length, PART_BYTES_MAX), 0, 3);
  header.writeUInt8(sequence & 0xff, 3);
  return Buffer.concat([header, payload]);
}

/** The bytes of one case: changed inside its packets, or across them, or both. */
function bytesOf(dice: Dice): Buffer {
  const packets = conversation(dice);
  for (let changes = dice.below(4); changes > 0; changes -= 1) {
    const at = dice.below(packets.length);
    const { sequence, payload } = packets[at] as Packet;
    if (dice.once(20)) packets.splice(at, 1);
    else packets[at] = { sequence, payload: mutated(dice, payload) };
    if (packets.length === 0) break;
  }
  const bytes = Buffer.concat(packets.map(framed));
  return dice.once(4) ? mutated(dice, bytes) : bytes;
}

export interface PacketFuzzReport {
  /** How often each answer came: OK, EOF and rows as such, errors by their number. */
  readonly answers: ReadonlyMap<string, number>;
  /** What must never happen, with the number of the case that replays it. */
  readonly complaints: readonly string[];
}

/** Every so many cases an undisturbed connection has to be answered. */
const BYSTANDER_EVERY = 500;
const COMPLAINTS_MAX = 5;

/** Holds conversations `from` to `to`, each with a connection of its own to one server. */
export async function fuzzPackets(from: number, to: number): Promise<PacketFuzzReport> {
  const world = smallWorld({ backends: 1 });
  world.run("INSERT INTO d.p VALUES (1, 1, 'a'), (2, NULL, NULL)");
  const answers = new Map<string, number>();
  const complaints: string[] = [];
  let bug: string | undefined;
  const logger: Logger = {
    log: (level, what, fields) => {
      if (level === 'error') bug = `${what} ${JSON.stringify(fields)}`;
    },
  };
  const open = (connectionId: number): MemorySocket => {
    const socket = new MemorySocket();
    new Connection({
      socket: socket.asSocket(),
      upgrade: undefined,
      connectionId,
      isAdmitted: true,
      handler: world.cluster.queryHandler,
      random: new SeededRandom(BigInt(connectionId)),
      clock: world.clock,
      logger,
      timeouts: { loginTimeoutMs: 1000, endTimeoutMs: 1000 },
      onClosed: () => {},
    }).start();
    return socket;
  };
  const bystander = open(1);
  bystander.say(framed({ sequence: 1, payload: handshakeResponse() }));
  for (let number = from; number < to && complaints.length < COMPLAINTS_MAX; number += 1) {
    const dice = new Dice(number);
    const bytes = bytesOf(dice);
    const socket = open(2);
    const cut = dice.below(bytes.length + 1);
    socket.say(bytes.subarray(0, cut), bytes.subarray(cut));
    if (dice.once(50)) socket.destroy();
    else socket.hangUp();
    await socket.whenClosed;
    const problem = bug ?? note(answers, socket.heard()) ?? leftover(world.context.sessions.size);
    if (problem !== undefined) complaints.push(`case ${number}: ${problem}`);
    bug = undefined;
    if (number % BYSTANDER_EVERY === 0) {
      const before = bystander.heard().length;
      bystander.say(framed({ sequence: 0, payload: command(0x0e) }));
      await new Promise(setImmediate);
      if (bystander.heard().length !== before + 11) complaints.push(`case ${number}: bystander`);
    }
  }
  return { answers, complaints };
}

/** The bystander's session is the only one that outlives a case. */
function leftover(sessions: number): string | undefined {
  return sessions === 1 ? undefined : `${sessions - 1} sessions are left over`;
}

/** Counts the answers; what is not whole packets is a complaint. */
function note(answers: Map<string, number>, heard: Buffer): string | undefined {
  let at = 0;
  while (at < heard.length) {
    if (at + 4 > heard.length) return 'half a header';
    const size = heard.readUIntLE(at, 3);
    const payload = heard.subarray(at + 4, at + 4 + size);
    if (payload.length !== size) return 'half a packet';
    const kind = kindOf(payload);
    answers.set(kind, (answers.get(kind) ?? 0) + 1);
    at += 4 + size;
  }
  return undefined;
}

function kindOf(payload: Buffer): string {
  const first = payload[0];
  if (first === 0xff) return `error ${payload.readUInt16LE(1)}`;
  if (first === 0xfe && payload.length < 9) return 'EOF';
  return first === 0 ? 'OK' : 'other';
}
