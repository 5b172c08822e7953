/**
 * WebHDFS as operations that either did what they say or throw `HdfsFailure`: the one place that
 * touches the library `webhdfs`, and that knows its defects. The library carries the calls without
 * a body; those with one are `hdfs-http.ts`. What is made good here:
 * - errors come as a text only: the answer itself is read, with status and Java exception;
 * - `{"boolean": false}` counts as success: the body is given back and looked at;
 * - paths go out as they are: they are encoded here;
 * - a 200 without a body throws where nobody can catch it: its own handlers never run;
 * - lists come in one piece: they are asked for page by page, where the server knows pages;
 * - a rename has no options, so it cannot replace, and moves into a directory of the new name: the
 *   option is added to the request.
 */
import { Agent } from 'node:http';
import type { ByteRange, ByteReader } from '../base/files.ts';
import { attempt, type Op, wait } from '../base/op.ts';
import { MIB } from '../base/units.ts';
import type { BlobKey, ByteSource } from './blob-storage.ts';
import { answerFailure, connectionFailure, HdfsFailure } from './hdfs-failure.ts';
import { ask, type HttpAnswer, SILENCE_MS_MAX, send, textOf } from './hdfs-http.ts';
import { asBoolean, asListing, asStatus, asStatuses, type FileStatus } from './hdfs-json.ts';
import type { HdfsPlace } from './hdfs-properties.ts';

export const HDFS_CONNECTIONS_MAX = 64;

/** A page has a thousand names unless the server is told otherwise. */
const LIST_PAGE_BYTES_MAX: number = 64 * MIB;

const API = '/webhdfs/v1';

/** A part of what the library offers: each call gives the request it has begun. */
interface LibraryClient {
  stat(path: string, done: () => void): LibraryRequest;
  readdir(path: string, done: () => void): LibraryRequest;
  mkdir(path: string, done: () => void): LibraryRequest;
  rename(path: string, destination: string, done: () => void): LibraryRequest;
  unlink(path: string, isRecursive: boolean, done: () => void): LibraryRequest;
  _sendRequest(method: string, url: string, ...rest: unknown[]): LibraryRequest;
}

interface LibraryRequest {
  once(event: 'complete', listener: (answer: { statusCode: number }, body: unknown) => void): void;
  once(event: 'error', listener: (error: unknown) => void): void;
}

interface Library {
  createClient(options: object, requestOptions: object): LibraryClient;
}

/** `NONE` refuses what exists; `OVERWRITE` replaces a file in one step. */
export type RenameOption = 'NONE' | 'OVERWRITE';

const NOTHING = (): void => {};

export class HdfsClient {
  readonly #place: HdfsPlace;
  readonly #agent: Agent = new Agent({ keepAlive: true, maxSockets: HDFS_CONNECTIONS_MAX });
  /** It takes a tenth of a second to load, so it is not loaded before it is needed. */
  #library: Promise<Library> | undefined;
  /** Which of the NameNodes answered last; the others are its stand-ins. */
  #active = 0;
  #knowsPages = true;

  constructor(place: HdfsPlace) {
    this.#place = place;
  }

  *status(path: BlobKey): Op<FileStatus> {
    return asStatus(yield* this.#call((client) => client.stat(encoded(path), NOTHING)));
  }

  /** What lies directly below a directory, from one name on; of a file, itself without a name. */
  *list(path: BlobKey, after: string): Op<{ files: readonly FileStatus[]; hasMore: boolean }> {
    if (!this.#knowsPages) return yield* this.#listAtOnce(path);
    const query = { op: 'LISTSTATUS_BATCH', ...(after === '' ? {} : { startAfter: after }) };
    const asked = yield* attempt(this.#askNameNode('GET', path, query));
    if (asked.ok) return asListing(yield* textOf(asked.value, LIST_PAGE_BYTES_MAX));
    if (!isUnknownOperation(asked.error)) throw asked.error;
    this.#knowsPages = false;
    return yield* this.#listAtOnce(path);
  }

  /** With all directories above; fine when it is there. */
  *makeDirectory(path: BlobKey): Op<void> {
    const body = yield* this.#call((client) => client.mkdir(encoded(path), NOTHING));
    if (asBoolean(body) !== true) throw this.#foreign(`it did not make the directory ${path}`);
  }

  *rename(from: BlobKey, to: BlobKey, option: RenameOption): Op<void> {
    const body = yield* this.#call((client) => client.rename(encoded(from), to, NOTHING), {
      renameoptions: option,
    });
    // A yes or no comes from servers that do not know the option, and may have moved the file into
    // a directory of the new name.
    if (asBoolean(body) === undefined) return;
    throw this.#foreign('it does not know the options of a rename; HttpFS is not supported');
  }

  /** With all below. False when it was not there. */
  *remove(path: BlobKey): Op<boolean> {
    const body = yield* this.#call((client) => client.unlink(encoded(path), true, NOTHING));
    return asBoolean(body) ?? true;
  }

  /** Makes a new file; it is visible while it is written, and partly when this fails. */
  *create(path: BlobKey, source: ByteSource): Op<void> {
    const query = { op: 'CREATE', overwrite: 'true' };
    const redirect = yield* this.#askNameNode('PUT', path, query);
    const url = yield* this.#dataNode(redirect);
    const answer = yield* send({ method: 'PUT', url, agent: this.#agent }, source, path);
    const body = yield* textOf(answer);
    if (answer.status === 201 || answer.status === 200) return;
    throw answerFailure(answer.status, body, url.host);
  }

  *open(path: BlobKey, range: Required<ByteRange>): Op<ByteReader> {
    const query = {
      op: 'OPEN',
      offset: String(range.start),
      length: String(range.end - range.start),
    };
    const first = yield* this.#askNameNode('GET', path, query);
    if (first.status === 200) return first.body;
    const url = yield* this.#dataNode(first);
    const answer = yield* ask({ method: 'GET', url, agent: this.#agent });
    if (answer.status === 200) return answer.body;
    throw answerFailure(answer.status, yield* textOf(answer), url.host);
  }

  close(): void {
    this.#agent.destroy();
  }

  *#listAtOnce(path: BlobKey): Op<{ files: readonly FileStatus[]; hasMore: boolean }> {
    const body = yield* this.#call((client) => client.readdir(encoded(path), NOTHING));
    return { files: asStatuses(body), hasMore: false };
  }

  /** Where the NameNode sends the bytes of a file. */
  *#dataNode(answer: HttpAnswer): Op<URL> {
    const body = yield* textOf(answer);
    const { status, location } = answer;
    if (status < 300 || status > 399) throw answerFailure(status, body, this.#host());
    if (location?.startsWith('http://') && URL.canParse(location)) return new URL(location);
    throw this.#foreign(`it names a DataNode that cannot be asked: ${location}`);
  }

  *#askNameNode(
    method: 'GET' | 'PUT',
    path: BlobKey,
    query: Readonly<Record<string, string>>,
  ): Op<HttpAnswer> {
    const { userName } = this.#place;
    return yield* this.#onActive(function* (this: HdfsClient): Op<HttpAnswer> {
      const url = new URL(`${this.#origin()}${API}${encoded(path)}`);
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
      if (userName !== undefined) url.searchParams.set('user.name', userName);
      const answer = yield* ask({ method, url, agent: this.#agent });
      if (answer.status < 400) return answer;
      throw answerFailure(answer.status, yield* textOf(answer), url.host);
    });
  }

  /** The body of a successful answer. */
  *#call(
    begin: (client: LibraryClient) => LibraryRequest,
    query: Readonly<Record<string, string>> = {},
  ): Op<unknown> {
    this.#library ??= load();
    const library = yield* wait(this.#library);
    return yield* this.#onActive(function* (this: HdfsClient): Op<unknown> {
      const { status, body } = yield* wait(
        answerOf(begin(this.#client(library, query)), this.#host()),
      );
      if (status === 200) return body;
      throw answerFailure(status, body, this.#host());
    });
  }

  #client(library: Library, query: Readonly<Record<string, string>>): LibraryClient {
    const { hostname, port } = new URL(this.#origin());
    const { userName: user } = this.#place;
    const requestOptions = {
      agent: this.#agent,
      timeout: SILENCE_MS_MAX,
      qs: query,
      // Hadoop's own clients know no proxy; the library would take one from the environment.
      proxy: null,
    };
    const options = { host: hostname, port: port || '80', path: API, ...(user && { user }) };
    const client = library.createClient(options, requestOptions);
    const sendRequest = client._sendRequest.bind(client);
    client._sendRequest = (method, url) => sendRequest(method, url, {}, NOTHING);
    return client;
  }

  /** Asks the active NameNode; if it is down or on standby, the others in turn. */
  *#onActive<T>(run: (this: HdfsClient) => Op<T>): Op<T> {
    const { nameNodes } = this.#place;
    for (let tries = 1; ; tries += 1) {
      try {
        return yield* run.call(this);
      } catch (error) {
        if (!mayOtherAnswer(error) || tries >= nameNodes.length) throw error;
        this.#active = (this.#active + 1) % nameNodes.length;
      }
    }
  }

  #origin(): string {
    return this.#place.nameNodes[this.#active] ?? '';
  }

  #host(): string {
    return new URL(this.#origin()).host;
  }

  #foreign(text: string): HdfsFailure {
    return new HdfsFailure({ server: this.#host(), status: 200, isForeign: true, text });
  }
}

async function load(): Promise<Library> {
  // @ts-expect-error: the package has no types; the part that is used is above.
  const { default: library } = (await import('webhdfs')) as { readonly default: Library };
  return library;
}

function answerOf(
  request: LibraryRequest,
  server: string,
): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    request.once('complete', ({ statusCode }, body) => resolve({ status: statusCode, body }));
    request.once('error', (error) => reject(connectionFailure(error, server)));
  });
}

function mayOtherAnswer(error: unknown): boolean {
  if (!(error instanceof HdfsFailure)) return false;
  const { exception, status } = error.facts;
  return exception === 'StandbyException' || status === undefined;
}

/** Servers before Hadoop 3 do not know pages of lists. */
function isUnknownOperation(error: unknown): boolean {
  if (!(error instanceof HdfsFailure)) return false;
  return error.facts.status === 400 && /LISTSTATUS_BATCH/.test(error.facts.text);
}

/** Each segment percent-encoded, and what `encodeURIComponent` leaves though URLs use it. */
function encoded(path: BlobKey): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
