/**
 * The packets of a login: greeting, handshake response of protocol 4.1, auth switch
 * (sql-surface.md 1.1 and 1.2, resolutions.md 44 and 45). Encoding and parsing only.
 */
import { SimError } from '../base/errors.ts';
import type { PacketWriter } from './packet-writer.ts';
import { PayloadReader } from './payload-reader.ts';
import {
  CAPABILITY,
  CHARSET_UTF8,
  MARK,
  NATIVE_PASSWORD_PLUGIN,
  PROTOCOL_VERSION,
  SALT_BYTES,
  SERVER_CAPABILITIES,
  STATUS_NONE,
} from './protocol-numbers.ts';

const SALT_HEAD_BYTES = 8;
const GREETING_RESERVED_BYTES = 10;
const RESPONSE_RESERVED_BYTES = 23;
/** A request for TLS is a response that ends before the user name. */
const TLS_REQUEST_BYTES = 32;

export interface Greeting {
  readonly serverVersion: string;
  readonly connectionId: number;
  readonly salt: Uint8Array;
  /** Adds `CAPABILITY.ssl` to what is offered. */
  readonly offersTls: boolean;
}

export function writeGreeting(writer: PacketWriter, greeting: Greeting): void {
  const capabilities = SERVER_CAPABILITIES | (greeting.offersTls ? CAPABILITY.ssl : 0);
  writer.begin();
  writer.uint8(PROTOCOL_VERSION);
  writer.nulTerminatedText(greeting.serverVersion);
  writer.uint32(greeting.connectionId);
  writer.bytes(greeting.salt.subarray(0, SALT_HEAD_BYTES));
  writer.uint8(0);
  writer.uint16(capabilities & 0xffff);
  writer.uint8(CHARSET_UTF8);
  writer.uint16(STATUS_NONE);
  writer.uint16(capabilities >>> 16);
  writer.uint8(SALT_BYTES + 1);
  writer.zeros(GREETING_RESERVED_BYTES);
  writer.bytes(greeting.salt.subarray(SALT_HEAD_BYTES));
  writer.uint8(0);
  writer.nulTerminatedText(NATIVE_PASSWORD_PLUGIN);
  writer.end();
}

/** Asks for a `mysql_native_password` scramble of the salt that the greeting carried. */
export function writeAuthSwitch(writer: PacketWriter, salt: Uint8Array): void {
  writer.begin();
  writer.uint8(MARK.authSwitch);
  writer.nulTerminatedText(NATIVE_PASSWORD_PLUGIN);
  writer.bytes(salt);
  writer.uint8(0);
  writer.end();
}

export interface HandshakeResponse {
  /** What both sides can do. */
  readonly capabilities: number;
  readonly user: string;
  /** A copy of its own, so that it keeps no bigger buffer alive. */
  readonly authResponse: Uint8Array;
  /** Empty when the client named none; may be `catalog.db`. */
  readonly database: string;
  /** `mysql_native_password` when the client named none. */
  readonly plugin: string;
  /** What the client says about itself, such as `_client_name`; nobody has to believe it. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Whether the packet asks for TLS, before it tells anything of the user. */
export function isTlsRequest(payload: Buffer): boolean {
  return payload.length === TLS_REQUEST_BYTES && (payload.readUInt32LE(0) & CAPABILITY.ssl) !== 0;
}

/**
 * Reads a handshake response. What follows the parts we know is ignored, a missing end mark of the
 * last part is forgiven. Throws `bad-handshake` when it is cut short or older than protocol 4.1.
 */
export function parseHandshakeResponse(payload: Buffer): HandshakeResponse {
  const reader = new PayloadReader(payload);
  const clientCapabilities = reader.uint32();
  if ((clientCapabilities & CAPABILITY.protocol41) === 0) {
    throw new SimError('bad-handshake', 'the client is older than protocol 4.1');
  }
  const capabilities = clientCapabilities & SERVER_CAPABILITIES;
  const has = (capability: number): boolean => (capabilities & capability) !== 0;

  reader.skip(4 + 1 + RESPONSE_RESERVED_BYTES);
  const user = reader.nulTerminatedText();
  const authResponse = readAuthResponse(reader, capabilities);
  const database =
    has(CAPABILITY.connectWithDb) && !reader.isAtEnd ? reader.nulTerminatedTextOrRest() : '';
  const plugin =
    has(CAPABILITY.pluginAuth) && !reader.isAtEnd ? reader.nulTerminatedTextOrRest() : '';
  return {
    capabilities,
    user,
    authResponse,
    database,
    plugin: plugin === '' ? NATIVE_PASSWORD_PLUGIN : plugin,
    attributes: has(CAPABILITY.connectAttributes) ? readAttributes(reader) : new Map(),
  };
}

export type ChangeUserRequest = Pick<
  HandshakeResponse,
  'user' | 'authResponse' | 'database' | 'plugin'
>;

/** Of a COM_CHANGE_USER packet; what follows the plugin's name is ignored. */
export function parseChangeUser(payload: Buffer): ChangeUserRequest {
  const reader = new PayloadReader(payload, 'malformed-packet');
  reader.skip(1);
  const user = reader.nulTerminatedText();
  const authResponse = Uint8Array.from(reader.bytes(reader.uint8()));
  const database = reader.isAtEnd ? '' : reader.nulTerminatedTextOrRest();
  const hasPlugin = reader.end - reader.at > CHARSET_BYTES;
  if (hasPlugin) reader.skip(CHARSET_BYTES);
  const plugin = hasPlugin ? reader.nulTerminatedTextOrRest() : '';
  return { user, authResponse, database, plugin: plugin === '' ? NATIVE_PASSWORD_PLUGIN : plugin };
}

const CHARSET_BYTES = 2;

function readAuthResponse(reader: PayloadReader, capabilities: number): Uint8Array {
  if ((capabilities & CAPABILITY.lenencAuthResponse) !== 0) {
    return Uint8Array.from(reader.lenencBytes());
  }
  if ((capabilities & CAPABILITY.secureConnection) !== 0) {
    return Uint8Array.from(reader.bytes(reader.uint8()));
  }
  return Uint8Array.from(Buffer.from(reader.nulTerminatedText(), 'utf8'));
}

/** Attributes decide nothing, so one that is cut short only ends the list. */
function readAttributes(reader: PayloadReader): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  const sizeBytes = reader.lenencIntIfWhole();
  if (sizeBytes === undefined) return attributes;
  const end = Math.min(reader.at + sizeBytes, reader.end);
  while (reader.at < end) {
    const name = reader.lenencTextIfWhole();
    const value = reader.lenencTextIfWhole();
    if (name === undefined || value === undefined) break;
    attributes.set(name, value);
  }
  return attributes;
}
