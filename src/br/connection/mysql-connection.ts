/**
 * A connection over the MySQL protocol by `mysql2`, text protocol only: frontends prepare nothing
 * but SELECT. No default database is named, so that a missing one is no login error (BR-CONN). A
 * connection that was lost is made again by the next statement.
 */
import type { Connection as Link } from 'mysql2/promise';
import type { Config } from '../config/config.ts';
import { BrError, LostConnection, messageOf, ServerError } from '../errors.ts';
import type { Connection, Row } from './connection.ts';
import { type TlsFiles, tlsOptions } from './tls.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export interface Login {
  readonly password: string;
  readonly tlsFiles: TlsFiles;
}

/** Connects once before it answers, so that a wrong host or password shows at once. */
export async function connectMysql(config: Config, login: Login): Promise<Connection> {
  const { createConnection } = await import('mysql2/promise');
  const open = async (): Promise<Link> => {
    const link = await createConnection({
      host: config.host,
      port: config.port,
      user: config.user,
      password: login.password,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(config.tls.enabled && { ssl: tlsOptions(config.tls, login.tlsFiles) }),
      typeCast: (field) => field.string(),
    });
    // A link that dies between two statements says so here; the next statement finds it closed.
    link.on('error', () => {
      if (current === link) current = undefined;
    });
    return link;
  };
  let current: Link | undefined = await open().catch((error: unknown) => {
    throw connectError(error, config);
  });

  return {
    async query(sql) {
      const link = current ?? (await open().catch(asLost));
      current = link;
      try {
        const [rows] = await link.query(sql);
        return Array.isArray(rows) ? (rows as Row[]) : [];
      } catch (error) {
        if (isServerError(error)) throw new ServerError(error.errno, messageOf(error));
        current = undefined;
        link.destroy();
        throw new LostConnection(`connection to ${config.host}:${config.port} lost: ${why(error)}`);
      }
    },
    async close() {
      await current?.end().catch(() => undefined);
      current = undefined;
    },
  };
}

interface MysqlError extends Error {
  readonly errno: number;
  readonly sqlState: string;
}

/** Error packets carry a SQLSTATE; what goes wrong on the way does not. */
function isServerError(error: unknown): error is MysqlError {
  return error instanceof Error && typeof (error as Partial<MysqlError>).sqlState === 'string';
}

function asLost(error: unknown): never {
  throw new LostConnection(`cannot connect: ${why(error)}`);
}

function why(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return messageOf(error) || (typeof code === 'string' ? code : 'no reason given');
}

function connectError(error: unknown, config: Config): BrError {
  const place = `${config.host}:${config.port}`;
  const code = (error as { code?: unknown }).code;
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') {
    return new BrError('connection', `${place} does not offer TLS, which the configuration wants`, {
      advice: [
        'enable TLS on the frontend (ssl_keystore_location in fe.conf)',
        'or set tls.enabled: false in the configuration',
      ],
      cause: error,
    });
  }
  return new BrError('connection', `cannot connect to ${place} as ${config.user}: ${why(error)}`, {
    advice: connectAdvice(error, config),
    cause: error,
  });
}

/** Of a frontend whose `ssl_force_secure_transport` is on. */
const WANTS_TLS_ERRNO = 5205;

const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

function connectAdvice(error: unknown, { tls }: Config): readonly string[] {
  const code = String((error as { code?: unknown }).code);
  if ((error as { errno?: unknown }).errno === WANTS_TLS_ERRNO) {
    return ['the frontend wants TLS: set tls.enabled: true and tls.ca_cert in the configuration'];
  }
  if (tls.enabled && (UNTRUSTED.test(code) || UNTRUSTED.test(messageOf(error).toUpperCase()))) {
    return [
      'tls.ca_cert must be the certificate that the frontend shows, or of who signed it',
      'tls.verify_server_cert: false takes any certificate',
    ];
  }
  return [
    'check host, port and user in the configuration',
    'the password comes from STARROCKS_PASSWORD or STARROCKS_PASSWORD_FILE',
  ];
}
