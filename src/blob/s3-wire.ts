/**
 * The two requests that a backup makes for every tablet and file, PUT and LIST, straight over HTTP:
 * the client library spends more on one of them than a server does on serving it. Connections are
 * kept open; bodies are streamed from their source, never held as a whole. Nothing is retried.
 */

import { hash } from 'node:crypto';
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { realClock } from '../base/clock.ts';
import type { ByteReader } from '../base/files.ts';
import { toPromise } from '../base/op.ts';
import { MIB } from '../base/units.ts';
import type { BlobKey, ByteSource } from './blob-storage.ts';
import { checkLength } from './byte-source.ts';
import type { S3Place } from './s3-properties.ts';
import { createS3Signer, encodedPath, queryText, UNSIGNED_PAYLOAD } from './s3-sign.ts';
import { parseError, parseListPage, type S3ListPage } from './s3-xml.ts';

export const CONNECTIONS_MAX = 64;
export const CONNECT_MS_MAX = 5_000;
/** Silence of a server after which a request counts as lost. */
export const SILENCE_MS_MAX = 60_000;
/** A page of a list has 1,000 keys of at most 1,024 bytes; no server needs more to say it. */
const ANSWER_BYTES_MAX: number = 16 * MIB;

export interface S3Wire {
  /** The source has its MD5, which the server checks the bytes against. */
  putStream(key: BlobKey, source: ByteSource, md5: string): Promise<void>;
  putBytes(key: BlobKey, bytes: Uint8Array): Promise<void>;
  list(query: Readonly<Record<string, string>>): Promise<S3ListPage>;
  close(): void;
}

/** Failures have the form that `s3-errors.ts` reads: that of the client library. */
export class S3Failure extends Error {
  readonly Code: string;
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(code: string, message: string, status: number) {
    super(message);
    this.Code = code;
    this.$metadata = { httpStatusCode: status };
  }
}

type Send = (options: RequestOptions, answered: (answer: IncomingMessage) => void) => ClientRequest;

export async function openS3Wire(place: S3Place): Promise<S3Wire> {
  const base = addressOf(place);
  const isSecure = base.protocol === 'https:';
  const http = isSecure ? await import('node:https') : await import('node:http');
  const agent: Agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  const signer = createS3Signer(place.credentials, place.region);
  const send: Send = http.request;

  const request = (
    { method, path, query, headers }: Request,
    payloadHash: string,
  ): RequestOptions => {
    const target = `${base.path}${path}`;
    const toSign = {
      method,
      path: target === '' ? '/' : target,
      query,
      headers: { host: base.host, ...headers },
      payloadHash,
    };
    const parameters = queryText(query);
    return {
      agent,
      method,
      protocol: base.protocol,
      hostname: base.hostname,
      port: base.port,
      path: parameters === '' ? toSign.path : `${toSign.path}?${parameters}`,
      headers: signer.sign(toSign, realClock.now()),
      timeout: SILENCE_MS_MAX,
      setHost: false,
    };
  };

  return Object.freeze({
    async putStream(key: BlobKey, source: ByteSource, md5: string): Promise<void> {
      const { sizeBytes, bytes } = source;
      const put = putOf(key, sizeBytes, md5);
      const options = request(put, UNSIGNED_PAYLOAD);
      await exchange(send, options, bytes ?? { key, source });
    },
    async putBytes(key: BlobKey, bytes: Uint8Array): Promise<void> {
      const options = request(putOf(key, bytes.length), hash('sha256', bytes));
      await exchange(send, options, bytes);
    },
    async list(query: Readonly<Record<string, string>>): Promise<S3ListPage> {
      const get: Request = { method: 'GET', path: '', query, headers: {} };
      const text = await exchange(send, request(get, EMPTY_SHA256), undefined);
      const page = parseListPage(text);
      if (page !== undefined) return page;
      throw new S3Failure('UnexpectedAnswer', 'the answer is no list: is this an S3 server?', 200);
    },
    close: () => agent.destroy(),
  });
}

interface Request {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

const EMPTY_SHA256: string = hash('sha256', '');

function putOf(key: BlobKey, sizeBytes: number, md5?: string): Request {
  const headers: Record<string, string> = {
    'content-length': String(sizeBytes),
    'content-type': 'application/octet-stream',
  };
  if (md5 !== undefined) headers['content-md5'] = Buffer.from(md5, 'hex').toString('base64');
  return { method: 'PUT', path: encodedPath(key), query: {}, headers };
}

interface Address {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string | undefined;
  /** What the header `Host` says. */
  readonly host: string;
  /** Before every key: empty, or the bucket. */
  readonly path: string;
}

/** A bucket with a dot in its name has no certificate of its own, so it stays in the path. */
function addressOf({ endpoint, region, bucket, isPathStyle }: S3Place): Address {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = new URL(endpoint ?? `https://s3.${region}.${suffix}`);
  const isInPath = isPathStyle || (bucket.includes('.') && url.protocol === 'https:');
  const before = isInPath ? '' : `${bucket}.`;
  return {
    protocol: url.protocol,
    hostname: `${before}${url.hostname}`.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : url.port,
    host: `${before}${url.host}`,
    path: isInPath ? `/${bucket}` : '',
  };
}

type Body = Uint8Array | { readonly key: BlobKey; readonly source: ByteSource } | undefined;

/** Sends a request and gives the text of a good answer; a server may answer before it has all. */
function exchange(send: Send, options: RequestOptions, body: Body): Promise<string> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const fail = (error: unknown): void => {
      if (isOver) return;
      isOver = true;
      outgoing.destroy();
      reject(error);
    };
    const outgoing = send(options, (answer) => {
      readAnswer(answer).then((text) => {
        if (isOver) return;
        isOver = true;
        // What is left of a body that the server did not want would be taken for a request.
        if (!outgoing.writableFinished) outgoing.destroy();
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(text);
        else reject(failureOf(status, text));
      }, fail);
    });
    outgoing.once('error', fail);
    outgoing.once('timeout', () => fail(silence(`no answer in ${SILENCE_MS_MAX} ms`)));
    limitConnecting(outgoing, fail);
    if (body === undefined) outgoing.end();
    else if (body instanceof Uint8Array) outgoing.end(body);
    else stream(outgoing, body.source, body.key, () => isOver).catch(fail);
  });
}

function limitConnecting(outgoing: ClientRequest, fail: (error: unknown) => void): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return;
    const cancel = realClock.after(CONNECT_MS_MAX, () =>
      fail(silence(`no connection in ${CONNECT_MS_MAX} ms`)),
    );
    socket.once('connect', cancel);
    socket.once('close', cancel);
  });
}

const silence = (text: string): Error => Object.assign(new Error(text), { name: 'TimeoutError' });

async function stream(
  outgoing: ClientRequest,
  source: ByteSource,
  key: BlobKey,
  isOver: () => boolean,
): Promise<void> {
  const reader: ByteReader = await toPromise(source.open());
  let sent = 0;
  try {
    for (;;) {
      const chunk = await toPromise(reader.read());
      if (chunk === undefined || isOver()) break;
      sent += chunk.length;
      if (sent > source.sizeBytes) checkLength(sent, source.sizeBytes, key);
      if (!outgoing.write(chunk)) await drained(outgoing);
    }
  } finally {
    await toPromise(reader.close());
  }
  if (isOver()) return;
  checkLength(sent, source.sizeBytes, key);
  outgoing.end();
}

/** Also when nothing will be taken any more: who waits looks whether the exchange is over. */
function drained(outgoing: ClientRequest): Promise<void> {
  if (outgoing.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
  });
}

async function readAnswer(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > ANSWER_BYTES_MAX) throw new Error(`an answer of over ${ANSWER_BYTES_MAX} bytes`);
  }
  return chunks.length === 0 ? '' : Buffer.concat(chunks).toString();
}

function failureOf(status: number, text: string): S3Failure {
  const error = parseError(text);
  return new S3Failure(
    error?.code ?? `HTTP ${status}`,
    error?.message ?? 'no reason given',
    status,
  );
}
