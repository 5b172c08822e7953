/**
 * The part of WebHDFS that moves bytes, on `node:http`: one exchange at a time, with a known
 * length, without holding a file in memory. The library is not used for it, because its streams
 * cannot be made right from outside: a source that fails leaves the request open for ever, an error
 * is followed by `finish`, and bodies go out without a length.
 */
import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import type { ByteReader } from '../base/files.ts';
import { type Op, suspend, wait } from '../base/op.ts';
import { KIB } from '../base/units.ts';
import type { BlobKey, ByteSource } from './blob-storage.ts';
import { checkLength } from './byte-source.ts';
import { connectionFailure } from './hdfs-failure.ts';

/** Silence of a server after which a request counts as lost. */
export const SILENCE_MS_MAX = 60_000;

/** More of an error is not read. */
const TEXT_BYTES_MAX: number = 64 * KIB;

export interface Exchange {
  readonly method: 'GET' | 'PUT';
  readonly url: URL;
  readonly agent: Agent;
}

export interface HttpAnswer {
  readonly status: number;
  /** Where a redirect leads to. */
  readonly location: string | undefined;
  readonly body: ByteReader;
}

/** Sends a request without a body and gives the head of the answer; close its body. */
export function* ask(exchange: Exchange): Op<HttpAnswer> {
  const request = begin(exchange, 0);
  const answer = answerTo(request, exchange.url.host);
  request.end();
  return yield* wait(answer);
}

/**
 * Sends all bytes of a source. Breaks the connection when the source fails or gives other than it
 * promised, so that the server never has a whole body; stops when the answer comes before the end.
 */
export function* send(exchange: Exchange, source: ByteSource, key: BlobKey): Op<HttpAnswer> {
  const request = begin(exchange, source.sizeBytes);
  const answer = answerTo(request, exchange.url.host);
  let hasAnswer = false;
  const settled = (): void => {
    hasAnswer = true;
  };
  answer.then(settled, settled);
  try {
    const sent = yield* sendChunks(request, source, key, () => hasAnswer);
    if (!hasAnswer) checkLength(sent, source.sizeBytes, key);
  } catch (error) {
    request.destroy();
    throw error;
  }
  if (!hasAnswer) request.end();
  return yield* wait(answer);
}

function* sendChunks(
  request: ClientRequest,
  source: ByteSource,
  key: BlobKey,
  mayStop: () => boolean,
): Op<number> {
  let sent = 0;
  const reader = yield* source.open();
  try {
    for (let chunk = yield* reader.read(); chunk !== undefined; chunk = yield* reader.read()) {
      sent += chunk.length;
      if (sent > source.sizeBytes) checkLength(sent, source.sizeBytes, key);
      if (mayStop()) break;
      yield* writeChunk(request, chunk);
    }
  } finally {
    yield* reader.close();
  }
  return sent;
}

const UNBLOCKING_EVENTS = ['response', 'close'] as const;

/** Waits until the chunk is on its way and may be used again, or nothing needs it any more. */
function* writeChunk(request: ClientRequest, chunk: Uint8Array): Op<void> {
  yield* suspend<void>((resume) => {
    let isDone = false;
    const go = (): void => {
      if (isDone) return;
      isDone = true;
      for (const name of UNBLOCKING_EVENTS) request.off(name, go);
      resume({ ok: true, value: undefined });
    };
    for (const name of UNBLOCKING_EVENTS) request.on(name, go);
    request.write(chunk, go);
  });
}

function begin({ method, url, agent }: Exchange, lengthBytes: number): ClientRequest {
  const headers = {
    'Content-Type': 'application/octet-stream',
    ...(method === 'PUT' ? { 'Content-Length': lengthBytes } : {}),
  };
  const request = httpRequest(url, { method, agent, headers, timeout: SILENCE_MS_MAX });
  request.on('timeout', () => request.destroy(silence()));
  return request;
}

function silence(): Error {
  return Object.assign(new Error(`silent for ${SILENCE_MS_MAX} ms`), { code: 'ETIMEDOUT' });
}

function answerTo(request: ClientRequest, server: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.on('error', (error) => reject(connectionFailure(error, server)));
    request.on('close', () => reject(connectionFailure(undefined, server)));
    request.on('response', (message) => {
      resolve({
        status: message.statusCode ?? 0,
        location: message.headers.location,
        body: bodyReader(request, message, server),
      });
    });
  });
}

function bodyReader(request: ClientRequest, message: IncomingMessage, server: string): ByteReader {
  const chunks = message[Symbol.asyncIterator]();
  return {
    *read(): Op<Uint8Array | undefined> {
      try {
        const next = yield* wait(chunks.next());
        return next.done === true ? undefined : (next.value as Uint8Array);
      } catch (error) {
        throw connectionFailure(error, server);
      }
    },
    *close(): Op<void> {
      // A body that was read to its end leaves the connection to the next request.
      message.destroy();
      if (!request.writableEnded) request.destroy();
    },
  };
}

/** The text of an answer that is no data, as far as it is read; closes its body. */
export function* textOf({ body }: HttpAnswer, bytesMax: number = TEXT_BYTES_MAX): Op<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let chunk = yield* body.read(); chunk !== undefined; chunk = yield* body.read()) {
      size += chunk.length;
      chunks.push(chunk);
      if (size > bytesMax) break;
    }
  } finally {
    yield* body.close();
  }
  return Buffer.concat(chunks).toString('utf8');
}
