/**
 * The conversation from greeting to OK: who the client is, with which password, in which database
 * (sql-surface.md 1.2). Refusals are thrown; the connection turns them into ERR and ends.
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { Random } from '../base/random.ts';
import {
  type HandshakeResponse,
  isTlsRequest,
  parseChangeUser,
  parseHandshakeResponse,
  writeAuthSwitch,
  writeGreeting,
} from './handshake.ts';
import { createSalt } from './native-password.ts';
import type { PacketInput } from './packet-input.ts';
import type { PacketOutput } from './packet-output.ts';
import {
  CLEAR_PASSWORD_PLUGIN,
  KERBEROS_PLUGIN,
  NATIVE_PASSWORD_PLUGIN,
  SEQUENCE_MASK,
} from './protocol-numbers.ts';
import type {
  ClientSession,
  ConnectionControl,
  LoginRequest,
  QueryHandler,
} from './query-handler.ts';
import { writeOk } from './responses.ts';

export interface LoginContext {
  readonly input: PacketInput;
  readonly output: PacketOutput;
  readonly handler: QueryHandler;
  readonly random: Random;
  readonly connectionId: number;
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly control: ConnectionControl;
  /** Whether the server still has room for a connection. */
  readonly isAdmitted: boolean;
  /** Goes on over TLS; undefined when the server offers none. */
  readonly secure: (() => Op<void>) | undefined;
  /** The client has said all that a login needs; from here on the server is the slow one. */
  onCredentials(response: HandshakeResponse): void;
  /** Called before the database of the handshake is tried: this session has to be closed. */
  onSession(session: ClientSession): void;
}

/** Who is logged in, and what proves other identities on the same connection. */
export interface LoggedIn {
  readonly session: ClientSession;
  readonly salt: Uint8Array;
  readonly isEncrypted: boolean;
}

/**
 * Logs a client in and sends the OK; `undefined` when the client left before. Throws
 * `too-many-connections`, `bad-handshake`, `tls-failed`, `plugin-not-loaded`, or what the handler
 * refuses with.
 */
export function* login(context: LoginContext): Op<LoggedIn | undefined> {
  const { input, output, handler, connectionId, secure } = context;
  const { serverVersion } = handler;
  const salt = createSalt(context.random);
  const offersTls = secure !== undefined;
  output.writer.sequence = 0;
  writeGreeting(output.writer, { serverVersion, connectionId, salt, offersTls });
  output.flush();

  let packet = yield* input.next(output.writer.sequence);
  const isEncrypted = packet !== undefined && isTlsRequest(packet.payload);
  if (isEncrypted) {
    if (secure === undefined) {
      throw new SimError('tls-failed', 'the client asks for TLS, which this server does not offer');
    }
    yield* secure();
    packet = yield* input.next(input.nextSequence);
  }
  if (packet === undefined) return undefined;
  const response = parseHandshakeResponse(packet.payload);
  if (!context.isAdmitted) {
    throw new SimError('too-many-connections', 'Too many connections', {
      hint: 'close idle connections, or start the server with a higher limit.',
    });
  }
  const proof = yield* nativeProof(context, response, salt);
  if (proof === undefined) return undefined;
  context.onCredentials(response);

  const proved = { user: response.user, response: proof, salt, isEncrypted };
  const session = yield* handler.login(requestOf(context, proved));
  context.onSession(session);
  if (response.database !== '') yield* session.useDatabase(response.database);
  output.writer.sequence = input.nextSequence;
  writeOk(output.writer, {});
  output.flush();
  return { session, salt, isEncrypted };
}

/** What a change of the user needs of its connection. */
export type ChangeUserContext = Pick<
  LoginContext,
  'input' | 'output' | 'handler' | 'connectionId' | 'remoteHost' | 'remotePort' | 'control'
> &
  Pick<LoggedIn, 'salt' | 'isEncrypted'>;

/**
 * COM_CHANGE_USER: a session for another user, proved against the salt of the greeting; `undefined`
 * when the client left before. What throws leaves the session that there is in force.
 */
export function* changeUser(
  context: ChangeUserContext,
  payload: Buffer,
): Op<ClientSession | undefined> {
  const { handler, salt, isEncrypted } = context;
  const response = parseChangeUser(payload);
  const proof = yield* nativeProof(context, response, salt);
  if (proof === undefined) return undefined;
  const proved = { user: response.user, response: proof, salt, isEncrypted };
  const session = yield* handler.login(requestOf(context, proved));
  try {
    if (response.database !== '') yield* session.useDatabase(response.database);
  } catch (error) {
    session.close();
    throw error;
  }
  context.output.writer.sequence = context.input.nextSequence;
  return session;
}

function requestOf(
  {
    connectionId,
    remoteHost,
    remotePort,
    control,
  }: Omit<ChangeUserContext, 'salt' | 'isEncrypted'>,
  proved: Pick<LoginRequest, 'user' | 'response' | 'salt' | 'isEncrypted'>,
): LoginRequest {
  return { ...proved, connectionId, remoteHost, remotePort, control };
}

/** The client's scramble, asked for again if the client began with another plugin. */
function* nativeProof(
  context: Pick<LoginContext, 'input' | 'output'>,
  response: Pick<HandshakeResponse, 'plugin' | 'authResponse'>,
  salt: Uint8Array,
): Op<Uint8Array | undefined> {
  const { plugin } = response;
  if (plugin === NATIVE_PASSWORD_PLUGIN || plugin === CLEAR_PASSWORD_PLUGIN) {
    return response.authResponse;
  }
  if (plugin === KERBEROS_PLUGIN) {
    throw new SimError('plugin-not-loaded', `Plugin '${KERBEROS_PLUGIN}' is not loaded`);
  }
  const { input, output } = context;
  output.writer.sequence = input.nextSequence;
  writeAuthSwitch(output.writer, salt);
  output.flush();
  const reply = yield* input.next((input.nextSequence + 1) & SEQUENCE_MASK);
  return reply === undefined ? undefined : Uint8Array.from(reply.payload);
}
