/**
 * Signature version 4 of a request to S3, in the `Authorization` header. Pure: the time comes in.
 * Source: AWS, "Authenticating Requests: Using the Authorization Header"; the tests hold it to the
 * examples there.
 */
import { createHmac, hash } from 'node:crypto';
import type { S3Credentials } from './s3-properties.ts';

export interface S3ToSign {
  readonly method: 'GET' | 'PUT';
  /** As it goes over the wire, percent-encoded. */
  readonly path: string;
  /** In any order, not encoded. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case, `host` among them; all of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hex, or `UNSIGNED_PAYLOAD`. */
  readonly payloadHash: string;
}

export interface S3Signer {
  /** The headers of a request, with those that sign it. */
  sign(request: S3ToSign, nowMs: number): Record<string, string>;
}

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Without credentials, as for public buckets, requests go as they are. */
export function createS3Signer(credentials: S3Credentials | undefined, region: string): S3Signer {
  /** The key changes with the day only. */
  let known: { day: string; key: Buffer } = { day: '', key: Buffer.alloc(0) };

  const keyOf = (day: string, secret: string): Buffer => {
    if (known.day === day) return known.key;
    const parts = [day, region, 's3', 'aws4_request'];
    const key = parts.reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
    known = { day, key };
    return key;
  };

  return Object.freeze({
    sign(request: S3ToSign, nowMs: number): Record<string, string> {
      const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
      const headers: Record<string, string> = {
        ...request.headers,
        'x-amz-content-sha256': request.payloadHash,
        'x-amz-date': time,
      };
      if (credentials === undefined) return headers;
      if (credentials.sessionToken !== undefined) {
        headers['x-amz-security-token'] = credentials.sessionToken;
      }
      const day = time.slice(0, 8);
      const scope = `${day}/${region}/s3/aws4_request`;
      const names = Object.keys(headers).sort();
      const canonical = [
        request.method,
        request.path,
        queryText(request.query),
        ...names.map((name) => `${name}:${headers[name]?.trim()}`),
        '',
        names.join(';'),
        request.payloadHash,
      ].join('\n');
      const text = [ALGORITHM, time, scope, hash('sha256', canonical)].join('\n');
      const signature = hmac(keyOf(day, credentials.secretAccessKey), text).toString('hex');
      headers['authorization'] =
        `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, ` +
        `SignedHeaders=${names.join(';')}, Signature=${signature}`;
      return headers;
    },
  });
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Sorted and encoded as both the signature and the address want it. */
export function queryText(query: Readonly<Record<string, string>>): string {
  return Object.keys(query)
    .sort()
    .map((name) => `${uriEncoded(name)}=${uriEncoded(query[name] ?? '')}`)
    .join('&');
}

/** A key in an address: every byte but the unreserved ones and the slashes between segments. */
export function encodedPath(key: string): string {
  return key.split('/').map(uriEncoded).join('/');
}

/** `encodeURIComponent` lets through five characters that the signature wants encoded. */
function uriEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
