/** Puts and lists over HTTP, against servers that do what they should not. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { SimError } from '../../../src/base/errors.ts';
import { toPromise } from '../../../src/base/op.ts';
import { bytesSource } from '../../../src/blob/byte-source.ts';
import { S3Blob } from '../../../src/blob/s3.ts';
import { parseError, parseListPage } from '../../../src/blob/s3-xml.ts';

const MD5_OF_HELLO = '5d41402abc4b2a76b9719d911017c592';
const HELLO = { ...bytesSource(Buffer.from('hello')), md5: MD5_OF_HELLO };

let server: Server | undefined;
let storage: S3Blob | undefined;

afterEach(async () => {
  await toPromise(storage?.close() ?? noOp());
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
});

function* noOp(): Generator<never, void> {}

async function storeAt(listener: RequestListener, isPathStyle = true): Promise<S3Blob> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  storage = new S3Blob({
    bucket: 'b',
    root: '/',
    endpoint: `http://${isPathStyle ? '127.0.0.1' : 'localhost'}:${port}`,
    region: 'r',
    isPathStyle,
    credentials: { accessKeyId: 'id', secretAccessKey: 'hunter2' },
  });
  return storage;
}

async function failureOf(run: Promise<unknown>): Promise<SimError> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason as SimError,
  );
  if (error === undefined) throw new Error('it worked');
  return error;
}

const xmlError = (code: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>m</Message></Error>`;

describe('a put', () => {
  test('tells the server the MD5 that it knows, and keeps its connection', async () => {
    const seen: string[] = [];
    const ports = new Set<number | undefined>();
    const store = await storeAt((request, answer) => {
      seen.push(`${request.method} ${request.url} ${request.headers['content-md5']}`);
      ports.add(request.socket.remotePort);
      request.resume().on('end', () => answer.end());
    });
    await toPromise(store.put('/a/x y', HELLO));
    await toPromise(store.put('/a/z', bytesSource(Buffer.from('hello'))));
    expect(seen).toEqual(['PUT /b/a/x%20y XUFAKrxLKna5cZ2REBfFkg==', 'PUT /b/a/z undefined']);
    expect(ports.size).toBe(1);
  });

  test('whose bytes the server finds to be others fails, naming the object', async () => {
    const store = await storeAt((request, answer) => {
      request.resume().on('end', () => answer.writeHead(400).end(xmlError('BadDigest')));
    });
    const error = await failureOf(toPromise(store.put('/a', HELLO)));
    expect(error.code).toBe('blob-error');
    expect(error.message).toContain('writing /a in bucket b: BadDigest');
  });

  test('is refused with the reason of a server that does not wait for the body', async () => {
    const store = await storeAt((_request, answer) => {
      answer.writeHead(403, { connection: 'close' }).end(xmlError('AccessDenied'));
    });
    const large = { ...bytesSource(Buffer.alloc(20 * 1024 * 1024)), md5: MD5_OF_HELLO };
    expect((await failureOf(toPromise(store.put('/a', large)))).code).toBe('blob-not-permitted');
  });

  test.each([
    ['closes the connection', 503, 'SlowDown'],
    ['is too busy', 503, ''],
  ])('may be tried again when a server %s', async (_what, status, code) => {
    const store = await storeAt((request, answer) => {
      if (code === '') request.socket.destroy();
      else answer.writeHead(status).end(xmlError(code));
    });
    const error = await failureOf(toPromise(store.put('/a', HELLO)));
    expect([error.code, error.row.kind]).toEqual(['blob-unreachable', 'transient']);
    expect(error.message).not.toContain('hunter2');
  });

  test.each([
    ['hell', 5, 'the source gave 4 bytes where 5 were promised'],
    ['hello!', 5, 'the source gave 6 bytes where 5 were promised'],
  ])('of a source with other bytes than it promised (%s) fails', async (text, sizeBytes, what) => {
    let taken = 0;
    const store = await storeAt((request, answer) => {
      request.on('error', () => {}).resume();
      request.on('end', () => {
        taken += 1;
        answer.end();
      });
    });
    const source = { ...bytesSource(Buffer.from(text)), sizeBytes, md5: MD5_OF_HELLO };
    const error = await failureOf(toPromise(store.put('/a', source)));
    expect(error.message).toContain(what);
    expect(taken).toBe(0);
  });

  test('names the bucket before the host where that is the style', async () => {
    let host: string | undefined;
    const store = await storeAt((request, answer) => {
      host = `${request.headers.host} ${request.url}`;
      request.resume().on('end', () => answer.end());
    }, false);
    // Names below localhost are the loopback's wherever the system resolves them at all.
    const error = await toPromise(store.put('/a', HELLO)).catch((reason: SimError) => reason);
    if (error === undefined) expect(host).toMatch(/^b\.localhost:\d+ \/a$/);
    else expect((error as SimError).message).toContain('the host of');
  });
});

describe('a list', () => {
  test('that is a page of another server says that it is no list', async () => {
    const store = await storeAt((_request, answer) => answer.end('<html>hello</html>'));
    const error = await failureOf(toPromise(store.list('/a')));
    expect(error.message).toContain('listing /a in bucket b: UnexpectedAnswer: the answer is no');
  });

  test('goes on where a page ended', async () => {
    const asked: string[] = [];
    const store = await storeAt((request, answer) => {
      asked.push(request.url ?? '');
      const isFirst = asked.length === 1;
      const more = isFirst
        ? '<IsTruncated>true</IsTruncated><NextContinuationToken>a=&amp;b</NextContinuationToken>'
        : '<IsTruncated>false</IsTruncated>';
      const key = isFirst ? 'd/1' : 'd/2';
      answer.end(
        `<ListBucketResult xmlns="x"><Contents><Key>${key}</Key><Size>7</Size></Contents>` +
          `${more}</ListBucketResult>`,
      );
    });
    expect(await toPromise(store.list('/d'))).toEqual([
      { name: '1', isFile: true, sizeBytes: 7 },
      { name: '2', isFile: true, sizeBytes: 7 },
    ]);
    expect(asked[1]).toBe('/b?continuation-token=a%3D%26b&delimiter=%2F&list-type=2&prefix=d%2F');
  });

  test('is read with its prefixes, and with every way to write a character', () => {
    const page = parseListPage(
      '<ListBucketResult><Contents><Key>a&#x41;&#66;&lt;&amp;amp;</Key><Size>1</Size></Contents>' +
        '<CommonPrefixes><Prefix>p&quot;/</Prefix></CommonPrefixes></ListBucketResult>',
    );
    expect(page).toEqual({
      objects: [{ key: 'aAB<&amp;', sizeBytes: 1 }],
      prefixes: ['p"/'],
      next: undefined,
    });
    expect(parseError('<html/>')).toBeUndefined();
  });
});
