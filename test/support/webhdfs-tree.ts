/** The namespace of the embedded HDFS: directories, files, owners, and Hadoop's refusals. */

/** What HDFS answers in place of a result. */
export class RemoteError extends Error {
  readonly status: number;
  readonly exception: string;

  constructor(status: number, exception: string, message: string) {
    super(message);
    this.status = status;
    this.exception = exception;
  }
}

interface Entry {
  readonly owner: string;
  /** Only its owner and the superuser may write here. */
  isClosed: boolean;
  /** Of a file; absent on a directory. */
  chunks: Buffer[] | undefined;
}

export interface TreeStatus {
  readonly pathSuffix: string;
  readonly type: 'FILE' | 'DIRECTORY';
  readonly length: number;
  readonly owner: string;
  readonly permission: string;
}

const SUPERUSER = 'hdfs';

const notFound = (path: string): RemoteError =>
  new RemoteError(404, 'FileNotFoundException', `File does not exist: ${path}`);

const ioError = (exception: string, message: string): RemoteError =>
  new RemoteError(403, exception, message);

export class HdfsTree {
  readonly #entries = new Map<string, Entry>([
    ['/', { owner: SUPERUSER, isClosed: false, chunks: undefined }],
  ]);
  /** No change is taken while it is set. */
  isInSafeMode: boolean = false;
  /** Room of the DataNodes. */
  capacityBytes: number = Number.POSITIVE_INFINITY;

  /** Lets only its owner write into a directory. */
  close(path: string, owner: string = SUPERUSER): void {
    this.#entries.set(path, { owner, isClosed: true, chunks: undefined });
  }

  status(user: string, path: string, pathSuffix = ''): TreeStatus {
    const { owner, isClosed, chunks } = this.#at(user, path);
    return {
      pathSuffix,
      type: chunks === undefined ? 'DIRECTORY' : 'FILE',
      length: chunks === undefined ? 0 : sizeOf(chunks),
      owner,
      permission: isClosed ? '755' : '777',
    };
  }

  list(user: string, path: string, after = ''): TreeStatus[] {
    if (this.#at(user, path).chunks !== undefined) return [this.status(user, path)];
    const prefix = path === '/' ? '/' : `${path}/`;
    const names = [...this.#entries.keys()]
      .filter((key) => key !== '/' && key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .filter((name) => !name.includes('/'))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return names
      .filter((name) => Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0)
      .map((name) => this.status(user, `${prefix}${name}`, name));
  }

  checkAccess(user: string, path: string, action: string): void {
    this.#at(user, path);
    if (action.includes('w')) this.#mayWrite(user, path, path);
  }

  makeDirectory(user: string, path: string): void {
    this.#checkChange(path);
    for (const at of [...above(path).reverse(), path]) {
      const there = this.#entries.get(at);
      if (there?.chunks !== undefined) throw notDirectory(at);
      if (there !== undefined) continue;
      this.#mayWrite(user, parent(at), at);
      this.#entries.set(at, { owner: user, isClosed: false, chunks: undefined });
    }
  }

  create(user: string, path: string, mayReplace: boolean): void {
    this.#checkChange(path);
    const there = this.#entries.get(path);
    if (there !== undefined && (there.chunks === undefined || !mayReplace)) {
      throw ioError('FileAlreadyExistsException', `${path} for client 127.0.0.1 already exists`);
    }
    this.makeDirectory(user, parent(path));
    this.#mayWrite(user, parent(path), path);
    this.#entries.set(path, { owner: user, isClosed: false, chunks: [] });
  }

  append(path: string, chunk: Buffer): void {
    const held = [...this.#entries.values()].map(({ chunks }) => sizeOf(chunks ?? []));
    if (held.reduce((sum, size) => sum + size, chunk.length) > this.capacityBytes) {
      const text = `File ${path} could only be written to 0 of the 1 minReplication nodes.`;
      throw ioError('IOException', `${text} There are 1 datanode(s) running`);
    }
    this.#entries.get(path)?.chunks?.push(chunk);
  }

  read(user: string, path: string): Buffer {
    const { chunks } = this.#at(user, path);
    if (chunks === undefined) throw notFound(path);
    return Buffer.concat(chunks);
  }

  checkOffset(user: string, path: string, offset: number): void {
    const size = this.read(user, path).length;
    if (offset >= 0 && (offset < size || size === 0)) return;
    throw ioError('IOException', `Offset=${offset} out of the range [0, ${size}); OPEN`);
  }

  /** As before there were options: false for what cannot be, and into a directory that is there. */
  renameOld(user: string, from: string, to: string): boolean {
    const isDirectory = this.#entries.has(to) && this.#entries.get(to)?.chunks === undefined;
    const target = isDirectory ? `${to}/${from.slice(from.lastIndexOf('/') + 1)}` : to;
    const mayGo = this.#entries.has(from) && this.#entries.has(parent(target));
    if (!mayGo || this.#entries.has(target)) return false;
    this.rename(user, from, target, false);
    return true;
  }

  rename(user: string, from: string, to: string, mayReplace: boolean): void {
    this.#checkChange(to);
    const moved = this.#entries.get(from);
    if (moved === undefined) throw notFound(from);
    const there = this.#entries.get(to);
    if (there !== undefined && (there.chunks === undefined) !== (moved.chunks === undefined)) {
      throw ioError('IOException', `Source ${from} and destination ${to} must both be directories`);
    }
    if (there !== undefined && !mayReplace) {
      throw ioError('FileAlreadyExistsException', `rename destination ${to} already exists`);
    }
    const target = this.#entries.get(parent(to));
    if (target === undefined) throw notFound(parent(to));
    if (target.chunks !== undefined) throw notDirectory(parent(to));
    for (const at of [from, to]) this.#mayWrite(user, parent(at), at);
    for (const [key, entry] of [...this.#entries]) {
      if (key !== from && !key.startsWith(`${from}/`)) continue;
      this.#entries.delete(key);
      this.#entries.set(`${to}${key.slice(from.length)}`, entry);
    }
  }

  remove(user: string, path: string): boolean {
    this.#checkChange(path);
    this.#checkAbove(path);
    if (!this.#entries.has(path)) return false;
    this.#mayWrite(user, parent(path), path);
    for (const key of [...this.#entries.keys()]) {
      if (key === path || key.startsWith(`${path}/`)) this.#entries.delete(key);
    }
    return true;
  }

  /** All files, also those that a driver hides, with their sizes. */
  files(): Readonly<Record<string, number>> {
    const files = [...this.#entries].filter(([, { chunks }]) => chunks !== undefined);
    return Object.fromEntries(files.map(([path, { chunks }]) => [path, sizeOf(chunks ?? [])]));
  }

  #at(user: string, path: string): Entry {
    this.#checkAbove(path, user);
    const entry = this.#entries.get(path);
    if (entry === undefined) throw notFound(path);
    return entry;
  }

  /** The superuser is not asked for permission on the way, so it is told of no file there. */
  #checkAbove(path: string, user = ''): void {
    for (const at of above(path)) {
      if (this.#entries.get(at)?.chunks === undefined) continue;
      throw user === SUPERUSER ? notFound(path) : notDirectory(at);
    }
  }

  #checkChange(path: string): void {
    if (this.isInSafeMode) {
      throw ioError('SafeModeException', `Cannot change ${path}. Name node is in safe mode.`);
    }
    if (path.split('/').some((name) => name.includes(':'))) {
      throw new RemoteError(400, 'InvalidPathException', `Invalid path name ${path}`);
    }
  }

  #mayWrite(user: string, directory: string, path: string): void {
    const { owner, isClosed } = this.#entries.get(directory) ?? { owner: user, isClosed: false };
    if (!isClosed || user === SUPERUSER || user === owner) return;
    throw ioError(
      'AccessControlException',
      `Permission denied: user=${user}, access=WRITE, inode="${directory}":${owner} (${path})`,
    );
  }
}

function notDirectory(path: string): RemoteError {
  return ioError('ParentNotDirectoryException', `${path} (is not a directory)`);
}

function parent(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** The directories above a path, the nearest first. */
function above(path: string): string[] {
  const found: string[] = [];
  for (let at = path; at !== '/'; ) {
    at = parent(at);
    found.push(at);
  }
  return found;
}

const sizeOf = (chunks: readonly Buffer[]): number =>
  chunks.reduce((sum, { length }) => sum + length, 0);
