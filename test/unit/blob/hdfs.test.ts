/** HDFS: what its driver makes of a server's answers, and each defect of its library. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import type { ByteReader } from '../../../src/base/files.ts';
import { type Op, succeed, toPromise } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { ByteSource } from '../../../src/blob/blob-storage.ts';
import { bytesSource, readObject, textSource } from '../../../src/blob/byte-source.ts';
import { HdfsBlob } from '../../../src/blob/hdfs.ts';
import {
  answerError,
  startWebHdfs,
  type WebHdfsRequest,
  type WebHdfsServer,
} from '../../support/webhdfs-server.ts';
import { RemoteError } from '../../support/webhdfs-tree.ts';

let server: WebHdfsServer;
let blob: HdfsBlob;

beforeAll(async () => {
  server = await startWebHdfs();
});
afterAll(async () => {
  await server.stop();
});

beforeEach(() => {
  blob = blobAt(`http://${server.address}`);
});
afterEach(async () => {
  server.intercept = () => false;
  server.tree.isInSafeMode = false;
  server.tree.capacityBytes = Number.POSITIVE_INFINITY;
  server.tree.remove('hdfs', '/x');
  await toPromise(blob.close());
});

function blobAt(...nameNodes: string[]): HdfsBlob {
  return new HdfsBlob({ root: '/', nameNodes, userName: 'ann' }, new SeededRandom(1n));
}

const put = (key: string, text = 'text'): Promise<void> =>
  toPromise(blob.put(key, textSource(text)));

async function errorOf(promise: Promise<unknown>): Promise<SimError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SimError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const outcome = async (promise: Promise<unknown>): Promise<string> => {
  const { code, message, hint } = await errorOf(promise);
  return `${code}: ${message} ${hint ?? ''}`;
};

/** Answers one operation with an exception of Hadoop. */
function refuse(op: string, status: number, exception: string, message: string): void {
  server.intercept = (request, response) => {
    if (request.op !== op) return false;
    answerError(response, new RemoteError(status, exception, message));
    return true;
  };
}

/** Answers one operation with a body of our own. */
function answer(op: string, status: number, body: string): void {
  server.intercept = (request, response) => {
    if (request.op !== op) return false;
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(body);
    return true;
  };
}

function seen(op: string): readonly WebHdfsRequest[] {
  return server.requests.filter((request) => request.op === op);
}

describe('defects of the library', () => {
  test('an error and the end that follows it are one failure, told once', async () => {
    server.tree.close('/x');
    expect(await outcome(put('/x/object'))).toMatch(
      /^blob-not-permitted: writing \/x\/object .*user=ann.*Let the user ann read and write/,
    );
    expect(server.tree.files()).toEqual({});
  });

  test('a source that fails ends the put, and nothing of it is left', async () => {
    const failing: ByteSource = {
      sizeBytes: 3_000_000,
      *open(): Op<ByteReader> {
        let reads = 0;
        return {
          *read(): Op<Uint8Array> {
            reads += 1;
            if (reads > 2) throw new SimError('file-not-found', '/disk/x.dat is not there');
            return new Uint8Array(1_000_000);
          },
          close: () => succeed(undefined),
        };
      },
    };
    expect(await outcome(toPromise(blob.put('/x/object', failing)))).toContain('/disk/x.dat');
    expect(server.tree.files()).toEqual({});
  });

  test('an answer of false is no success', async () => {
    await put('/x/from');
    answer('RENAME', 200, '{"boolean":false}');
    expect(await outcome(toPromise(blob.rename('/x/from', '/x/to')))).toMatch(
      /^blob-location-unusable: .*options of a rename; HttpFS is not supported/,
    );
    answer('RENAME', 404, '{"RemoteException":{"exception":"FileNotFoundException"}}');
    const withMkdirs = server.intercept;
    answer('MKDIRS', 200, '{"boolean":false}');
    const refusal = server.intercept;
    server.intercept = (request, response) =>
      withMkdirs(request, response) || refusal(request, response);
    expect(await outcome(toPromise(blob.rename('/x/from', '/x/y/to')))).toContain(
      'did not make the directory /x/y',
    );
  });

  test('paths are encoded on the way', async () => {
    await put('/x/a b#c%20?é');
    await toPromise(blob.rename('/x/a b#c%20?é', '/x/+&=;'));
    expect(seen('RENAME').at(-1)).toMatchObject({
      rawPath: '/webhdfs/v1/x/a%20b%23c%2520%3F%C3%A9',
    });
    expect(seen('RENAME').at(-1)?.query.get('destination')).toBe('/x/+&=;');
    expect(Object.keys(server.tree.files())).toEqual(['/x/+&=;']);
  });

  test('an empty answer where data should be is an error, not the end of the process', async () => {
    answer('GETFILESTATUS', 200, '');
    expect(await outcome(toPromise(blob.stat('/x')))).toMatch(
      /^blob-location-unusable: .*not as WebHDFS.*dfs\.namenode\.http-address/,
    );
  });

  test('a status that the library does not know is an error with its text', async () => {
    answer('GETFILESTATUS', 503, 'come back later');
    expect(await outcome(toPromise(blob.stat('/x')))).toMatch(
      /^blob-unreachable: looking at \/x in HDFS: .*503, come back later/,
    );
  });

  test('a long list comes in pages, and at once from servers without pages', async () => {
    for (let at = 0; at < 105; at += 1) server.tree.create('ann', `/x/n${1000 + at}`, false);
    const before = seen('LISTSTATUS_BATCH').length;
    expect(await toPromise(blob.list('/x'))).toHaveLength(105);
    expect(seen('LISTSTATUS_BATCH').length - before).toBe(2);
    const text = 'Invalid value for webhdfs parameter "op": No enum constant LISTSTATUS_BATCH';
    refuse('LISTSTATUS_BATCH', 400, 'IllegalArgumentException', text);
    for (const tries of [1, 2]) {
      expect(await toPromise(blob.list('/x'))).toHaveLength(105);
      expect(seen('LISTSTATUS')).toHaveLength(tries);
    }
    expect(seen('LISTSTATUS_BATCH').length - before).toBe(3);
  });

  test('a rename does not move into a directory of the new name', async () => {
    await put('/x/from');
    await put('/x/dir/object');
    expect(await outcome(toPromise(blob.rename('/x/from', '/x/dir')))).toMatch(/^blob-error: /);
    expect(Object.keys(server.tree.files()).sort()).toEqual(['/x/dir/object', '/x/from']);
  });
});

describe('bytes', () => {
  test('go out with their length, and are never whole in memory', async () => {
    const chunk = new Uint8Array(1_000_000);
    const source: ByteSource = {
      sizeBytes: 8_000_000,
      *open(): Op<ByteReader> {
        return {
          *read(): Op<Uint8Array | undefined> {
            // What was given before has been taken: the same buffer may be used again.
            left -= 1;
            return left < 0 ? undefined : chunk.fill(left);
          },
          close: () => succeed(undefined),
        };
      },
    };
    let left = 8;
    await toPromise(blob.put('/x/big', source));
    expect(seen('CREATE').at(-1)?.headers).toMatchObject({ 'content-length': '8000000' });
    expect(server.tree.files()).toEqual({ '/x/big': 8_000_000 });
    const stored = await toPromise(readObject(blob, '/x/big', 9_000_000));
    const expected = [7, 6, 5, 4, 3, 2, 1, 0].map((byte) => Buffer.alloc(1_000_000, byte));
    expect(Buffer.compare(stored, Buffer.concat(expected))).toBe(0);
  });

  test('that end early when they are read are an error', async () => {
    await put('/x/object', '0123456789');
    answer('OPEN', 200, '01234');
    expect(await outcome(toPromise(readObject(blob, '/x/object', 100)))).toMatch(
      /\/x\/object changed while it was read/,
    );
  });

  test('that break off on the way out leave nothing under the name', async () => {
    server.intercept = (request, response) => {
      if (request.op !== 'CREATE' || request.headers['content-length'] === '0') return false;
      response.destroy();
      return true;
    };
    expect(await outcome(put('/x/object'))).toMatch(/^blob-unreachable: writing \/x\/object/);
    expect(server.tree.files()).toEqual({});
  });

  test('for which there is no room are an error that says so', async () => {
    server.tree.capacityBytes = 1_000;
    const source = bytesSource(new Uint8Array(2_000));
    expect(await outcome(toPromise(blob.put('/x/object', source)))).toMatch(
      /^blob-error: writing \/x\/object .*could only be written to 0.*make room/,
    );
    expect(server.tree.files()).toEqual({});
  });

  test('that a killed writer left behind are not shown', async () => {
    server.tree.create('ann', '/x/.starrocks-emulator-put-1', false);
    expect(await toPromise(blob.list('/x'))).toEqual([]);
    expect((await errorOf(put('/x/.starrocks-emulator-put-2'))).message).toContain('reserved');
  });
});

describe('answers', () => {
  test('that changes wait for safe mode to end', async () => {
    server.tree.isInSafeMode = true;
    expect(await outcome(put('/x/object'))).toMatch(
      /^blob-unreachable: .*safe mode.*Wait until the NameNode has left safe mode/,
    );
  });

  test.each([
    [403, 'DSQuotaExceededException', /^blob-error: .*Raise the quota/],
    [401, 'SecurityException', /^blob-not-permitted: .*simple authentication only, not Kerberos/],
    [403, 'StandbyException', /^blob-unreachable: .*on standby.*Name the active NameNode/],
    [403, 'AccessControlException', /^blob-not-permitted: .*Let the user ann/],
  ])('%s %s', async (status, exception, expected) => {
    refuse('DELETE', status, exception, 'as the server says\n\tat java.lang.Thread');
    const text = await outcome(toPromise(blob.delete('/x/object')));
    expect(text).toMatch(expected);
    expect(text).not.toContain('java.lang');
  });

  test('of a server that is no NameNode say which address is wanted', async () => {
    const text = 'It looks like you are making an HTTP request to a Hadoop IPC port.';
    answer('GETFILESTATUS', 404, text);
    expect(await outcome(toPromise(blob.stat('/x')))).toMatch(
      /^blob-location-unusable: .*Hadoop IPC port.*'dfs.namenode.http-address' = 'host:9870'/,
    );
  });

  test('that do not come name the server', async () => {
    await toPromise(blob.close());
    blob = blobAt('http://127.0.0.1:1');
    expect(await outcome(toPromise(blob.stat('/x')))).toMatch(
      /^blob-unreachable: looking at \/x in HDFS: 127\.0\.0\.1:1 did not serve.*WebHDFS/,
    );
    blob = blobAt('http://namenode.invalid:9870');
    expect(await outcome(toPromise(blob.list('/x')))).toMatch(
      /^blob-unreachable: .*the host of namenode\.invalid:9870 is unknown/,
    );
  });
});

describe('several NameNodes', () => {
  let standby: Server;
  let asked = 0;

  beforeAll(async () => {
    standby = createServer((_, response) => {
      asked += 1;
      answerError(response, new RemoteError(403, 'StandbyException', 'Operation not supported'));
    });
    await new Promise<void>((resolve) => {
      standby.listen(0, '127.0.0.1', resolve);
    });
  });
  afterAll(async () => {
    standby.closeAllConnections();
    await new Promise((resolve) => {
      standby.close(resolve);
    });
  });

  test('the active one is found behind a standby and a dead one, and kept', async () => {
    const { port } = standby.address() as AddressInfo;
    await toPromise(blob.close());
    blob = blobAt('http://127.0.0.1:1', `http://127.0.0.1:${port}`, `http://${server.address}`);
    await put('/x/object');
    expect(Object.keys(server.tree.files())).toEqual(['/x/object']);
    expect(await toPromise(blob.list('/x'))).toHaveLength(1);
    expect(asked).toBe(1);
  });
});
