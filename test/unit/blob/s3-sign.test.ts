/** Signatures against the examples of AWS' own documentation, which name every header and byte. */
import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  createS3Signer,
  encodedPath,
  queryText,
  type S3ToSign,
  UNSIGNED_PAYLOAD,
} from '../../../src/blob/s3-sign.ts';

const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const HOST = 'examplebucket.s3.amazonaws.com';
const NOON_MS = Date.UTC(2013, 4, 24);
const NOTHING = hash('sha256', '');

function signatureOf(request: Omit<S3ToSign, 'headers'>, headers: Record<string, string>): string {
  const signer = createS3Signer(CREDENTIALS, 'us-east-1');
  const signed = signer.sign({ ...request, headers: { host: HOST, ...headers } }, NOON_MS);
  return /Signature=(\w+)$/.exec(signed['authorization'] ?? '')?.[1] ?? '';
}

describe('a signature', () => {
  test('of a ranged GET is the one of the documentation', () => {
    const request = { method: 'GET', path: '/test.txt', query: {}, payloadHash: NOTHING } as const;
    expect(signatureOf(request, { range: 'bytes=0-9' })).toBe(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  test('of a PUT with a body and a name to encode is the one of the documentation', () => {
    const path = encodedPath('/test$file.text');
    expect(path).toBe('/test%24file.text');
    const payloadHash = hash('sha256', 'Welcome to Amazon S3.');
    const headers = {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    };
    expect(signatureOf({ method: 'PUT', path, query: {}, payloadHash }, headers)).toBe(
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
  });

  test('of a list is the one of the documentation', () => {
    const query = { prefix: 'J', 'max-keys': '2' };
    const request = { method: 'GET', path: '/', query, payloadHash: NOTHING } as const;
    expect(signatureOf(request, {})).toBe(
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    );
  });

  test('covers a session token, and a key of another day is another one', () => {
    const signer = createS3Signer({ ...CREDENTIALS, sessionToken: 't' }, 'us-east-1');
    const request: S3ToSign = {
      method: 'PUT',
      path: '/a',
      query: {},
      headers: { host: HOST, 'content-md5': 'x' },
      payloadHash: UNSIGNED_PAYLOAD,
    };
    const today = signer.sign(request, NOON_MS);
    expect(today['x-amz-security-token']).toBe('t');
    expect(today['authorization']).toContain(
      'SignedHeaders=content-md5;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,',
    );
    const tomorrow = signer.sign(request, NOON_MS + 86_400_000);
    expect(tomorrow['authorization']).toContain('/20130525/us-east-1/s3/aws4_request,');
    expect(signer.sign(request, NOON_MS)).toEqual(today);
  });

  test('is not there without credentials', () => {
    const signer = createS3Signer(undefined, 'us-east-1');
    const headers = { host: HOST };
    const request = { method: 'GET', path: '/', query: {}, headers, payloadHash: NOTHING } as const;
    expect(signer.sign(request, NOON_MS)).toEqual({
      host: HOST,
      'x-amz-content-sha256': NOTHING,
      'x-amz-date': '20130524T000000Z',
    });
  });

  test('sees names and parameters encoded byte by byte', () => {
    expect(encodedPath("/a b/é+(1)!*'")).toBe('/a%20b/%C3%A9%2B%281%29%21%2A%27');
    expect(queryText({ prefix: 'a/b c', 'list-type': '2' })).toBe('list-type=2&prefix=a%2Fb%20c');
  });
});
