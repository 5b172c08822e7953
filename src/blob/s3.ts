/**
 * A bucket of an S3 store (repository.md 5). Objects come whole or not at all; directories are
 * prefixes of keys; a rename is a copy and a delete. Nothing is retried here. What a backup asks
 * for most, puts and lists, goes through `s3-wire.ts`, the rest through the client library.
 */
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import { all, type Op, succeed, toPromise, wait } from '../base/op.ts';
import { GIB, MIB } from '../base/units.ts';
import { baseName, checkKey, joinKey } from './blob-key.ts';
import type { BlobKey, BlobStat, BlobStorage, BlobTraits, ByteSource } from './blob-storage.ts';
import { bytesReader, checkLength, drain } from './byte-source.ts';
import { boundedReader, clampRange } from './reader-check.ts';
import { isNotFound, isRangeRefusal, type S3Subject, s3Error } from './s3-errors.ts';
import type { S3Place } from './s3-properties.ts';
import {
  CONNECT_MS_MAX,
  CONNECTIONS_MAX,
  openS3Wire,
  type S3Wire,
  SILENCE_MS_MAX,
} from './s3-wire.ts';

/** Without a digest: smaller objects go in one request from memory, larger ones in parts. */
export const SINGLE_PUT_BYTES_MAX: number = 8 * MIB;
/** With its digest an object is streamed in one request up to this, never held as a whole. */
export const STREAMED_PUT_BYTES_MAX: number = 64 * MIB;
/** Parts of one object on their way at a time: what an upload may hold in memory. */
const PARTS_AT_ONCE = 2;
/** S3's own limit. */
const PARTS_MAX = 10_000;
/** S3 copies no larger object in one request. */
const COPY_BYTES_MAX: number = 5 * GIB;
const DELETES_AT_ONCE = 16;
/** Keys that one listing may give; more is no repository directory. */
const LIST_KEYS_MAX = 10_000_000;

const TRAITS: BlobTraits = Object.freeze({
  hasAtomicRename: false,
  hasAtomicPut: true,
  hasDirectories: false,
  renameRefusesExisting: false,
  readsMayLag: false,
  connectionsMax: CONNECTIONS_MAX,
});

type Sdk = typeof import('@aws-sdk/client-s3');

export class S3Blob implements BlobStorage {
  readonly traits: BlobTraits = TRAITS;
  readonly #place: S3Place;
  /** The library takes a tenth of a second to load, so it is not loaded before it is needed. */
  #loaded: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined;
  #wire: Promise<S3Wire> | undefined;

  constructor(place: S3Place) {
    this.#place = place;
  }

  *put(key: BlobKey, source: ByteSource): Op<void> {
    checkKey(key);
    if (source.hollow !== undefined) {
      throw new SimError('blob-error', `${key}: a hollow file can go to memory:// only`);
    }
    const { sizeBytes, md5 } = source;
    if (md5 !== undefined && sizeBytes <= STREAMED_PUT_BYTES_MAX) {
      yield* this.#send('writing', key, (wire) => wire.putStream(key, source, md5));
    } else if (sizeBytes > SINGLE_PUT_BYTES_MAX) {
      yield* this.#putInParts(key, source);
    } else {
      const bytes = source.bytes ?? (yield* collect(key, source));
      yield* this.#send('writing', key, (wire) => wire.putBytes(key, bytes));
    }
  }

  *get(key: BlobKey, range?: ByteRange): Op<ByteReader> {
    const { sdk, client } = yield* this.#open();
    checkKey(key);
    if (range !== undefined && range.end !== undefined && range.end <= range.start) {
      clampRange(key, yield* this.#sizeOf(key), range);
      return bytesReader(new Uint8Array(0));
    }
    const request = {
      ...this.#object(key),
      ...(range === undefined ? {} : { Range: `bytes=${range.start}-${lastByte(range)}` }),
    };
    const subject = this.#subject('reading', key);
    try {
      const answer = yield* wait(client.send(new sdk.GetObjectCommand(request)));
      const body = answer.Body as Readable;
      const length = answer.ContentLength ?? 0;
      return yield* boundedReader(key, length, undefined, () => succeed(reader(body, subject)));
    } catch (error) {
      if (!isRangeRefusal(error)) throw s3Error(error, subject);
    }
    // The range begins at the end of the object, or past it.
    clampRange(key, yield* this.#sizeOf(key), range);
    return bytesReader(new Uint8Array(0));
  }

  *stat(key: BlobKey): Op<BlobStat | undefined> {
    const { sdk, client } = yield* this.#open();
    const name = baseName(checkKey(key));
    if (key !== '/') {
      try {
        const head = yield* wait(client.send(new sdk.HeadObjectCommand(this.#object(key))));
        return { name, isFile: true, sizeBytes: head.ContentLength ?? 0 };
      } catch (error) {
        if (!isNotFound(error)) throw s3Error(error, this.#subject('looking at', key));
      }
    }
    const [first] = yield* this.#page(key, { 'max-keys': '1' });
    return first === undefined ? undefined : { name, isFile: false, sizeBytes: -1 };
  }

  *list(directory: BlobKey): Op<readonly BlobStat[]> {
    const stats: BlobStat[] = [];
    const prefix = prefixOf(checkKey(directory));
    for (const { key, sizeBytes } of yield* this.#page(directory, { delimiter: '/' })) {
      const isFile = sizeBytes !== undefined;
      const name = key.slice(prefix.length, isFile ? undefined : -1);
      // An object named like the directory itself is how some programs mark an empty one.
      if (name !== '') stats.push({ name, isFile, sizeBytes: sizeBytes ?? -1 });
    }
    return stats.sort(byName);
  }

  *rename(from: BlobKey, to: BlobKey): Op<void> {
    const { sdk, client } = yield* this.#open();
    const subject = this.#subject('renaming', checkKey(from));
    const size = yield* this.#sizeOf(from);
    if (size > COPY_BYTES_MAX) {
      throw new SimError('blob-error', `renaming ${from}: S3 copies at most 5 GiB, it has ${size}`);
    }
    const source = `${this.#place.bucket}/${nameOf(from)}`;
    const copy = {
      ...this.#object(checkKey(to)),
      CopySource: source.split('/').map(encodeURIComponent).join('/'),
    };
    try {
      yield* wait(client.send(new sdk.CopyObjectCommand(copy)));
      if (from === to) return;
      yield* wait(client.send(new sdk.DeleteObjectCommand(this.#object(from))));
    } catch (error) {
      throw s3Error(error, subject);
    }
  }

  *delete(key: BlobKey): Op<void> {
    const { sdk, client } = yield* this.#open();
    const below = yield* this.#page(checkKey(key), {});
    const keys = below.map((object) => object.key);
    if (key !== '/') keys.push(nameOf(key));
    const { bucket: Bucket } = this.#place;
    // One by one: some servers take no list without a digest that the library does not send.
    const deletions = keys.map(
      (Key) => () => wait(client.send(new sdk.DeleteObjectCommand({ Bucket, Key }))),
    );
    try {
      yield* all(deletions, DELETES_AT_ONCE);
    } catch (error) {
      throw s3Error(error, this.#subject('deleting', key));
    }
  }

  *close(): Op<void> {
    const [wire, loaded] = [this.#wire, this.#loaded];
    this.#wire = undefined;
    this.#loaded = undefined;
    if (wire !== undefined) (yield* wait(wire)).close();
    if (loaded !== undefined) (yield* wait(loaded)).client.destroy();
  }

  *#send<T>(operation: string, key: BlobKey, run: (wire: S3Wire) => Promise<T>): Op<T> {
    this.#wire ??= openS3Wire(this.#place);
    try {
      return yield* wait(run(yield* wait(this.#wire)));
    } catch (error) {
      throw s3Error(error, this.#subject(operation, key));
    }
  }

  /** A source that fails or ends early makes the upload be given up, so no object appears. */
  *#putInParts(key: BlobKey, source: ByteSource): Op<void> {
    const { client } = yield* this.#open();
    const { Upload } = yield* wait(import('@aws-sdk/lib-storage'));
    const upload = new Upload({
      client,
      params: { ...this.#object(key), Body: Readable.from(chunksOf(key, source)) },
      partSize: Math.max(SINGLE_PUT_BYTES_MAX, Math.ceil(source.sizeBytes / PARTS_MAX)),
      queueSize: PARTS_AT_ONCE,
    });
    try {
      yield* wait(upload.done());
    } catch (error) {
      throw s3Error(error, this.#subject('writing', key));
    }
  }

  *#sizeOf(key: BlobKey): Op<number> {
    const { sdk, client } = yield* this.#open();
    try {
      const head = yield* wait(client.send(new sdk.HeadObjectCommand(this.#object(key))));
      return head.ContentLength ?? 0;
    } catch (error) {
      throw s3Error(error, this.#subject('looking at', key));
    }
  }

  /** What lies below a directory: objects with a size, and with a delimiter prefixes without. */
  *#page(
    directory: BlobKey,
    how: { readonly delimiter?: '/'; readonly 'max-keys'?: '1' },
  ): Op<readonly { readonly key: string; readonly sizeBytes?: number }[]> {
    const found: { key: string; sizeBytes?: number }[] = [];
    let from: string | undefined;
    do {
      const { objects, prefixes, next } = yield* this.#send('listing', directory, (wire) =>
        wire.list({
          'list-type': '2',
          prefix: prefixOf(directory),
          ...how,
          ...(from === undefined ? {} : { 'continuation-token': from }),
        }),
      );
      found.push(...objects, ...prefixes.map((key) => ({ key })));
      if (found.length > LIST_KEYS_MAX) {
        throw new SimError('limit-reached', `${directory} holds over ${LIST_KEYS_MAX} objects`);
      }
      from = next;
    } while (from !== undefined && how['max-keys'] === undefined);
    return found;
  }

  *#open(): Op<{ readonly sdk: Sdk; readonly client: S3Client }> {
    this.#loaded ??= load(this.#place);
    return yield* wait(this.#loaded);
  }

  #object(key: BlobKey): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#place.bucket, Key: nameOf(key) };
  }

  #subject(operation: string, key: BlobKey): S3Subject {
    const { bucket, endpoint } = this.#place;
    return { operation, key, bucket, endpoint };
  }
}

async function load(place: S3Place): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> {
  const sdk = await import('@aws-sdk/client-s3');
  const { endpoint, region, isPathStyle, credentials } = place;
  const client = new sdk.S3Client({
    region,
    forcePathStyle: isPathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? { signer: UNSIGNED } : { credentials }),
    maxAttempts: 1,
    // With the defaults some servers store the framing of the checksum as content.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      requestTimeout: SILENCE_MS_MAX,
      httpAgent: { keepAlive: true, maxSockets: CONNECTIONS_MAX },
      httpsAgent: { keepAlive: true, maxSockets: CONNECTIONS_MAX },
    },
  });
  return { sdk, client };
}

/** For public buckets: sends requests as they are. */
const UNSIGNED = Object.freeze({ sign: async <T>(request: T): Promise<T> => request });

function* collect(key: BlobKey, source: ByteSource): Op<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  yield* drain(yield* source.open(), function* (chunk) {
    size += chunk.length;
    if (size > source.sizeBytes) checkLength(size, source.sizeBytes, key);
    chunks.push(chunk.slice());
  });
  checkLength(size, source.sizeBytes, key);
  return Buffer.concat(chunks, size);
}

async function* chunksOf(key: BlobKey, source: ByteSource): AsyncIterable<Uint8Array> {
  const opened = await toPromise(source.open());
  let size = 0;
  try {
    for (;;) {
      const chunk = await toPromise(opened.read());
      if (chunk === undefined) break;
      size += chunk.length;
      yield chunk;
    }
  } finally {
    await toPromise(opened.close());
  }
  checkLength(size, source.sizeBytes, key);
}

function reader(body: Readable, subject: S3Subject): ByteReader {
  const chunks = body[Symbol.asyncIterator]();
  return {
    *read(): Op<Uint8Array | undefined> {
      try {
        const next = yield* wait(chunks.next());
        return next.done === true ? undefined : (next.value as Uint8Array);
      } catch (error) {
        throw s3Error(error, subject);
      }
    },
    *close(): Op<void> {
      body.destroy();
    },
  };
}

/** The key as S3 has it, without the slash that begins ours. */
const nameOf = (key: BlobKey): string => key.slice(1);

const prefixOf = (directory: BlobKey): string =>
  directory === '/' ? '' : `${nameOf(joinKey(directory))}/`;

const lastByte = ({ end }: ByteRange): string => (end === undefined ? '' : String(end - 1));

const byName = (a: BlobStat, b: BlobStat): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
