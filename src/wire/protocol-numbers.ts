/**
 * Numbers of the MySQL client/server protocol that the server speaks, and the server's own limits.
 * Which of them StarRocks uses is said in sql-surface.md 1.1 to 1.5.
 */
import { KIB, MIB, SECOND_MS } from '../base/units.ts';

/** Capability bits that a StarRocks frontend knows (sql-surface.md 1.1). */
export const CAPABILITY = {
  longFlag: 0x4,
  connectWithDb: 0x8,
  protocol41: 0x200,
  ssl: 0x800,
  secureConnection: 0x8000,
  pluginAuth: 0x8_0000,
  connectAttributes: 0x10_0000,
  lenencAuthResponse: 0x20_0000,
} as const;

/** What the greeting offers: 0x0038820C. A server with TLS adds `CAPABILITY.ssl`. */
export const SERVER_CAPABILITIES: number =
  CAPABILITY.longFlag |
  CAPABILITY.connectWithDb |
  CAPABILITY.protocol41 |
  CAPABILITY.secureConnection |
  CAPABILITY.pluginAuth |
  CAPABILITY.connectAttributes |
  CAPABILITY.lenencAuthResponse;

export const PROTOCOL_VERSION = 10;
export const NATIVE_PASSWORD_PLUGIN = 'mysql_native_password';
export const CLEAR_PASSWORD_PLUGIN = 'mysql_clear_password';
export const KERBEROS_PLUGIN = 'authentication_kerberos_client';
export const SALT_BYTES = 20;

/** utf8_general_ci, for everything that holds characters. */
export const CHARSET_UTF8 = 33;
export const CHARSET_BINARY = 63;

/** StarRocks never sets the AUTOCOMMIT bit. */
export const STATUS_NONE = 0;
export const STATUS_MORE_RESULTS_EXISTS = 0x8;

/** The frame of one packet: three bytes of length, one of sequence. */
export const HEADER_BYTES = 4;
/** A payload part of this length says that another part follows. */
export const PART_BYTES_MAX = 0xff_ffff;
export const SEQUENCE_MASK = 0xff;

/** First payload byte of the packets that are told apart by it. */
export const MARK = { ok: 0x00, null: 0xfb, eof: 0xfe, authSwitch: 0xfe, error: 0xff } as const;

export const COMMAND = {
  quit: 0x01,
  initDb: 0x02,
  query: 0x03,
  fieldList: 0x04,
  ping: 0x0e,
  changeUser: 0x11,
  stmtPrepare: 0x16,
  stmtExecute: 0x17,
  stmtClose: 0x19,
  stmtReset: 0x1a,
  resetConnection: 0x1f,
} as const;

/** By command byte; what is not in this list is an unknown command (sql-surface.md 1.3). */
export const COMMAND_NAMES: readonly string[] = [
  'COM_SLEEP',
  'COM_QUIT',
  'COM_INIT_DB',
  'COM_QUERY',
  'COM_FIELD_LIST',
  'COM_CREATE_DB',
  'COM_DROP_DB',
  'COM_REFRESH',
  'COM_SHUTDOWN',
  'COM_STATISTICS',
  'COM_PROCESS_INFO',
  'COM_CONNECT',
  'COM_PROCESS_KILL',
  'COM_DEBUG',
  'COM_PING',
  'COM_TIME',
  'COM_DELAYED_INSERT',
  'COM_CHANGE_USER',
  'COM_BINLOG_DUMP',
  'COM_TABLE_DUMP',
  'COM_CONNECT_OUT',
  'COM_REGISTER_SLAVE',
  'COM_STMT_PREPARE',
  'COM_STMT_EXECUTE',
  'COM_STMT_SEND_LONG_DATA',
  'COM_STMT_CLOSE',
  'COM_STMT_RESET',
  'COM_SET_OPTION',
  'COM_STMT_FETCH',
  'COM_DAEMON',
  'COM_BINLOG_DUMP_GTID',
  'COM_RESET_CONNECTION',
];

/** The biggest payload a client may send; `max_allowed_packet` (sql-surface.md 1.8). */
export const MAX_ALLOWED_PACKET_BYTES: number = 32 * MIB;
/** The same before login: names, scramble and 64 KiB of connection attributes fit. */
export const LOGIN_PACKET_BYTES_MAX: number = 128 * KIB;

/** Rows are handed to the socket when this much has gathered. */
export const FLUSH_BYTES: number = 64 * KIB;
/** Bytes sent in a row, without having waited, before other connections get their turn. */
export const SENT_BYTES_IN_A_ROW_MAX: number = MIB;
/** Pipelined commands served in a row before other connections get their turn. */
export const COMMANDS_IN_A_ROW_MAX = 64;

/** Prepared statements that one connection may hold open; MySQL's limit is of all together. */
export const PREPARED_STATEMENTS_MAX = 16_382;
/** `?` in one statement: their number travels in two bytes. */
export const PARAMETERS_MAX = 65_535;

/** Connections above the limit that are heard long enough to be told so; more are cut. */
export const REFUSED_CONNECTIONS_MAX = 64;

export const LOGIN_TIMEOUT_MS: number = 10 * SECOND_MS;
/** How long a closing server waits for running statements. */
export const DRAIN_TIMEOUT_MS: number = 10 * SECOND_MS;
/** How long an ended connection may take to deliver its last bytes. */
export const END_TIMEOUT_MS: number = 5 * SECOND_MS;
