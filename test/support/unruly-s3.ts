/**
 * A server between a client and an S3 server that does to requests what networks and busy stores
 * do: answers in the store's place, breaks connections, delivers less than it announced.
 */
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export type Trouble =
  /** 503 SlowDown, as a store that is asked too much answers. */
  | 'slow-down'
  /** 403 AccessDenied. */
  | 'deny'
  /** The connection is reset when half of the body is through, in whichever direction it goes. */
  | 'reset'
  /** The connection ends properly after half of the body of an answer. */
  | 'cut'
  /** Half of the body, announced as all of it. */
  | 'short';

export interface UnrulyS3 {
  readonly endpoint: string;
  /** Requests so far, as `GET /bucket/key`. */
  readonly seen: string[];
  /** Asked for each request. */
  trouble: (method: string, path: string) => Trouble | undefined;
  stop(): Promise<void>;
}

export async function startUnrulyS3(target: string): Promise<UnrulyS3> {
  const server = createServer((incoming, answer) => {
    const { method = 'GET', url = '/' } = incoming;
    const path = decodeURIComponent(url.split('?')[0] ?? '/');
    unruly.seen.push(`${method} ${path}`);
    void answerTo(target, unruly.trouble(method, path), incoming, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const unruly: UnrulyS3 = {
    endpoint: `http://127.0.0.1:${port}`,
    seen: [],
    trouble: () => undefined,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return unruly;
}

async function answerTo(
  target: string,
  trouble: Trouble | undefined,
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const body: Buffer[] = [];
  const half = Number(incoming.headers['content-length'] ?? 0) / 2;
  let size = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      body.push(chunk);
      size += chunk.length;
      if (trouble === 'reset' && half > 0 && size >= half) {
        incoming.socket.resetAndDestroy();
        return;
      }
    }
  } catch {
    // The client is gone; there is nobody to answer.
    return;
  }
  if (trouble === 'slow-down') refuse(answer, 503, 'SlowDown');
  else if (trouble === 'deny') refuse(answer, 403, 'AccessDenied');
  else await pass(target, trouble, incoming, Buffer.concat(body), answer);
}

function refuse(answer: ServerResponse, status: number, code: string): void {
  answer.writeHead(status, { 'content-type': 'application/xml' });
  answer.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

async function pass(
  target: string,
  trouble: Trouble | undefined,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  answer: ServerResponse,
): Promise<void> {
  const { hostname, port } = new URL(target);
  const asked = forward({ hostname, port, method, path: url, headers, agent: false });
  asked.end(body);
  const given = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve);
    asked.on('error', reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of given as AsyncIterable<Buffer>) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  const part = whole.subarray(0, whole.length >> 1);
  const isHalf = trouble !== undefined && method === 'GET' && whole.length > 1;
  const length = trouble === 'short' && isHalf ? part.length : whole.length;
  const { 'transfer-encoding': _, ...kept } = given.headers;
  const announced = method === 'HEAD' ? {} : { 'content-length': String(length) };
  answer.writeHead(given.statusCode ?? 500, { ...kept, ...announced });
  if (!isHalf) answer.end(whole);
  else if (trouble === 'short') answer.end(part);
  else answer.write(part, () => breakOff(trouble, answer));
}

function breakOff(trouble: Trouble, answer: ServerResponse): void {
  if (trouble === 'reset') answer.socket?.resetAndDestroy();
  else answer.socket?.end();
}
