/**
 * A disk that counts and hashes what is written to chosen files and keeps none of it: what huge
 * simulations use for logs and metadata that nobody will read again. Names, sizes and hashes stay;
 * reading such a file fails. Everything else goes to the disk underneath.
 */
import { createHash, type Hash } from 'node:crypto';
import { SimError } from '../src/base/errors.ts';
import type { ByteRange, ByteReader, ByteWriter, FileStat, Files } from '../src/base/files.ts';
import type { InstantFiles } from '../src/base/instant-files.ts';
import { type Op, succeed } from '../src/base/op.ts';

/** MD5 where someone asks for it; SHA-256 elsewhere, which processors do in half the time. */
type HashName = 'md5' | 'sha256';

interface Counted {
  sizeBytes: number;
  readonly hashName: HashName;
  readonly hash: Hash;
}

export interface CountingFilesOptions {
  readonly files: Files;
  /** Which files are counted and not kept; asked when a file is created or opened. */
  readonly isCounted: (path: string) => boolean;
  /** Of which of these `md5` may be asked: the files that a repository gets. */
  readonly needsMd5: (path: string) => boolean;
}

export class CountingFiles implements Files {
  readonly #files: Files;
  readonly #isCounted: (path: string) => boolean;
  readonly #needsMd5: (path: string) => boolean;
  readonly #counted = new Map<string, Counted>();
  #hashedBytes = 0;
  #calls = 0;
  #instant: { readonly inner: InstantFiles; readonly counting: InstantFiles } | undefined;
  #instantCalls = 0;

  constructor({ files, isCounted, needsMd5 }: CountingFilesOptions) {
    this.#files = files;
    this.#isCounted = isCounted;
    this.#needsMd5 = needsMd5;
  }

  /** Bytes that went through the hashes so far. */
  get hashedBytes(): number {
    return this.#hashedBytes;
  }

  /** Calls that are operations, reads and writes of open files left out. */
  get callCount(): number {
    return this.#calls;
  }

  /** Calls of `InstantFiles`. */
  get instantCallCount(): number {
    return this.#instantCalls;
  }

  instant(): InstantFiles | undefined {
    const inner = this.#files.instant?.();
    if (inner !== this.#instant?.inner) {
      this.#instant = inner && { inner, counting: this.#countingInstant(inner) };
    }
    return this.#instant?.counting;
  }

  #countingInstant(inner: InstantFiles): InstantFiles {
    const counted = (): InstantFiles => {
      this.#instantCalls += 1;
      return inner;
    };
    return {
      plant: (top, below, files) => counted().plant(top, below, files),
      plantNumbered: (top, form, number) => counted().plantNumbered(top, form, number),
      replant: (top, below, files) => counted().replant(top, below, files),
      planted: (top, below) => counted().planted(top, below),
      uproot: (top) => counted().uproot(top),
    };
  }

  stat(path: string): Op<FileStat | undefined> {
    this.#calls += 1;
    const counted = this.#counted.get(path);
    return counted === undefined ? this.#files.stat(path) : this.#countedStat(path, counted);
  }

  *#countedStat(path: string, { sizeBytes }: Counted): Op<FileStat | undefined> {
    const stat = yield* this.#files.stat(path);
    return stat === undefined ? stat : { ...stat, sizeBytes, isHollow: true };
  }

  list(directory: string): ReturnType<Files['list']> {
    this.#calls += 1;
    return this.#files.list(directory);
  }

  makeDirectory(path: string): Op<void> {
    this.#calls += 1;
    return this.#files.makeDirectory(path);
  }

  read(path: string, range?: ByteRange): Op<Uint8Array> {
    this.#calls += 1;
    this.#refuseCounted('read', path);
    return this.#files.read(path, range);
  }

  openRead(path: string, range?: ByteRange): Op<ByteReader> {
    this.#calls += 1;
    this.#refuseCounted('read', path);
    return this.#files.openRead(path, range);
  }

  create(path: string): Op<ByteWriter> {
    this.#calls += 1;
    if (!this.#isCounted(path)) return this.#files.create(path);
    return this.#counting(path, this.#files.create(path));
  }

  openAppend(path: string): Op<ByteWriter> {
    this.#calls += 1;
    if (!this.#isCounted(path)) return this.#files.openAppend(path);
    return this.#counting(path, this.#files.openAppend(path));
  }

  truncate(path: string, sizeBytes: number): Op<void> {
    this.#calls += 1;
    this.#refuseCounted('truncate', path);
    return this.#files.truncate(path, sizeBytes);
  }

  clone(from: string, to: string): Op<void> {
    this.#calls += 1;
    this.#refuseCounted('clone', from);
    return this.#files.clone(from, to);
  }

  *rename(from: string, to: string): Op<void> {
    this.#calls += 1;
    yield* this.#files.rename(from, to);
    this.#forget(to);
    for (const [path, counted] of [...this.#counted]) {
      if (!isAtOrBelow(path, from)) continue;
      this.#counted.delete(path);
      this.#counted.set(`${to}${path.slice(from.length)}`, counted);
    }
  }

  *remove(path: string): Op<void> {
    this.#calls += 1;
    yield* this.#files.remove(path);
    this.#forget(path);
  }

  syncDirectory(directory: string): Op<void> {
    this.#calls += 1;
    return this.#files.syncDirectory(directory);
  }

  md5(path: string): Op<string> {
    this.#calls += 1;
    const counted = this.#counted.get(path);
    if (counted === undefined) return this.#files.md5(path);
    if (counted.hashName === 'md5') return succeed(counted.hash.copy().digest('hex'));
    throw new SimError('unsupported', `${path} was hashed otherwise than by MD5`);
  }

  createFilled(path: string, sizeBytes: number, seed: number): Op<void> {
    this.#calls += 1;
    return this.#files.createFilled(path, sizeBytes, seed);
  }

  createHollow(path: string, sizeBytes: number, md5: string): Op<void> {
    this.#calls += 1;
    return this.#files.createHollow(path, sizeBytes, md5);
  }

  lock(path: string): ReturnType<Files['lock']> {
    return this.#files.lock(path);
  }

  unsafeOverwrite(path: string, offset: number, bytes: Uint8Array): Op<void> {
    this.#refuseCounted('overwrite', path);
    return this.#files.unsafeOverwrite(path, offset, bytes);
  }

  *#counting(path: string, opening: Op<ByteWriter>): Op<ByteWriter> {
    const inner = yield* opening;
    const counted = this.#counted.get(path) ?? newCounted(this.#needsMd5(path) ? 'md5' : 'sha256');
    this.#counted.set(path, counted);
    return {
      write: (bytes) => {
        counted.sizeBytes += bytes.length;
        counted.hash.update(bytes);
        this.#hashedBytes += bytes.length;
        return succeed(undefined);
      },
      sync: () => inner.sync(),
      close: () => inner.close(),
    };
  }

  #forget(top: string): void {
    for (const path of this.#counted.keys()) {
      if (isAtOrBelow(path, top)) this.#counted.delete(path);
    }
  }

  #refuseCounted(action: string, path: string): void {
    if (!this.#counted.has(path)) return;
    throw new SimError('unsupported', `cannot ${action} ${path}: its bytes were counted, not kept`);
  }
}

function newCounted(hashName: HashName): Counted {
  return { sizeBytes: 0, hashName, hash: createHash(hashName) };
}

function isAtOrBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`);
}
