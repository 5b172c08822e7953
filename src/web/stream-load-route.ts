/**
 * `PUT /api/<database>/<table>/_stream_load`: the frontend answers 307 and names a backend, which
 * takes the body. Here both are this one server; a query parameter tells the second request from
 * the first. Source: StarRocks' LoadAction and the documentation of STREAM LOAD.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asSimError, SimError } from '../base/errors.ts';
import { toPromise } from '../base/op.ts';
import type { FrontendContext } from '../fe/frontend-context.ts';
import type { Session } from '../fe/session.ts';
import { signIn } from '../fe/sign-in.ts';
import { streamLoad } from '../fe/stream-load/stream-load.ts';
import { targetOf } from '../fe/stream-load/target.ts';

export interface StreamLoadPath {
  readonly database: string;
  readonly table: string;
  /** The backend that the frontend has named. */
  readonly backendId: number | undefined;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The client sends the body when it is told to. */
  readonly isWaiting: boolean;
  readonly path: StreamLoadPath;
}

/** Bytes of one body: its rows are held in memory until they are committed. */
export const STREAM_LOAD_BYTES_MAX: number = 512 * 1024 * 1024;

const PATH = /^\/api\/([^/]+)\/([^/]+)\/_stream_load$/;
const BACKEND_PARAMETER = 'backend';

/** What a request wants to load into; `undefined` for any other request. */
export function streamLoadPath({ method, url = '' }: IncomingMessage): StreamLoadPath | undefined {
  const [path = '', query = ''] = url.split('?', 2);
  const match = PATH.exec(path);
  if (match === null || method !== 'PUT') return undefined;
  const backend = new URLSearchParams(query).get(BACKEND_PARAMETER);
  return {
    database: decoded(match[1] ?? ''),
    table: decoded(match[2] ?? ''),
    backendId: backend === null ? undefined : Number(backend),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Answers the request in every case; never throws. */
export async function answerStreamLoad(
  frontend: FrontendContext,
  exchange: Exchange,
): Promise<void> {
  const { response } = exchange;
  try {
    const session = sessionOf(frontend, exchange.request);
    if (exchange.path.backendId === undefined) redirect(frontend, session, exchange);
    else await load(frontend, session, exchange);
  } catch (error) {
    // Whoever went away in the middle hears nothing.
    if (response.headersSent || response.destroyed) return;
    const { code, message } = asSimError(error);
    const isUnauthorized = code === 'access-denied-login' || code === 'access-denied';
    if (code === 'access-denied-login') response.setHeader('www-authenticate', 'Basic realm=""');
    send(exchange, isUnauthorized ? 401 : 200, { status: 'FAILED', msg: message });
  }
}

function sessionOf(frontend: FrontendContext, { headers, socket }: IncomingMessage): Session {
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '')?.[1];
  const text = Buffer.from(basic ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw new SimError('access-denied-login', 'Need auth information.');
  // StarRocks takes `user@cluster` for `user`.
  const user = text.slice(0, colon).replace(/@.*$/, '');
  const remoteHost = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return signIn(frontend, { user, password: text.slice(colon + 1), remoteHost });
}

/** The frontend's part: who may load learns which backend takes the body. */
function redirect(frontend: FrontendContext, session: Session, exchange: Exchange): void {
  const { request, response, isWaiting, path } = exchange;
  if (!isWaiting) throw new SimError('execution', 'There is no 100-continue header');
  targetOf(frontend, session, path);
  const alive = frontend.backends.ids().filter((id) => frontend.backends.isAlive(id));
  const chosen = alive[frontend.random.uint32() % alive.length];
  if (chosen === undefined) {
    throw new SimError('backend-unavailable', 'No backend alive.');
  }
  const { host = `127.0.0.1:${frontend.options.httpPort()}` } = request.headers;
  const [plain = ''] = (request.url ?? '').split('?');
  response.setHeader('location', `http://${host}${plain}?${BACKEND_PARAMETER}=${chosen}`);
  send(exchange, 307, {});
}

/** The backend's part. */
async function load(
  frontend: FrontendContext,
  session: Session,
  exchange: Exchange,
): Promise<void> {
  const { request, response, isWaiting, path } = exchange;
  const beganMs = frontend.clock.now();
  targetOf(frontend, session, path);
  if (Number(request.headers['content-length'] ?? 0) > STREAM_LOAD_BYTES_MAX) throw tooLarge();
  if (isWaiting) response.writeContinue();
  const body: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    body.push(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes > STREAM_LOAD_BYTES_MAX) throw tooLarge();
  }
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    const text = Array.isArray(value) ? value[0] : value;
    return text === undefined ? undefined : Buffer.from(text, 'latin1').toString('utf8');
  };
  const { database, table } = path;
  const loading = { database, table, header, body, beganMs };
  send(exchange, 200, await toPromise(streamLoad(frontend, session, loading)));
}

function tooLarge(): SimError {
  return new SimError('limit-reached', `body exceeds max size: limit ${STREAM_LOAD_BYTES_MAX}`, {
    hint: 'load it in several parts',
  });
}

function send({ request, response }: Exchange, status: number, answer: object): void {
  // What was not read of the body is not wanted any more; the client may be sending it.
  if (!request.complete) request.resume();
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(answer, undefined, 4)}\n`);
}
