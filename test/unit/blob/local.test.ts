import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import type { ByteReader, ByteWriter, Files } from '../../../src/base/files.ts';
import { createLocalFiles } from '../../../src/base/local-files.ts';
import type { CrashFate } from '../../../src/base/memory-crash.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { attempt, type Op, runNow, start, toPromise } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { BlobStorage } from '../../../src/blob/blob-storage.ts';
import { fileSource, hollowSource, readObject, textSource } from '../../../src/blob/byte-source.ts';
import { createLocalBlob } from '../../../src/blob/local.ts';

const FATES: readonly CrashFate[] = ['lost', 'torn', 'kept'];
const KEY = '/repo/dir/deep/object';

function textAt(storage: BlobStorage, key: string): string | undefined {
  if (runNow(storage.stat(key)) === undefined) return undefined;
  return Buffer.from(runNow(readObject(storage, key, 100))).toString();
}

/** Runs an operation on a disk that stops before its nth change; whether it got to its end. */
function runUntil(
  stopAt: number,
  prepare: (blob: BlobStorage) => void,
  op: (blob: BlobStorage) => Op<void>,
): {
  readonly files: MemoryFiles;
  readonly isDone: boolean;
} {
  let changes = Number.POSITIVE_INFINITY;
  const files: MemoryFiles = new MemoryFiles({
    onMutation: () => {
      changes -= 1;
      if (changes < 0) files.halt();
    },
  });
  runNow(files.makeDirectory('/repo'));
  runNow(files.syncDirectory('/'));
  const blob = createLocalBlob(files);
  prepare(blob);
  changes = stopAt;
  let isDone = false;
  start(op(blob), (outcome) => {
    isDone = outcome.ok;
  });
  return { files, isDone };
}

test.each(FATES)('a crash at any moment of a put leaves the old or the new object (%s)', (fate) => {
  let finished = 0;
  for (let stopAt = 0; finished === 0; stopAt += 1) {
    const { files, isDone } = runUntil(
      stopAt,
      (blob) => runNow(blob.put(KEY, textSource('old'))),
      (blob) => blob.put(KEY, textSource('new')),
    );
    const after = createLocalBlob(files.crash({ fate, random: new SeededRandom(BigInt(stopAt)) }));
    expect(isDone ? ['new'] : ['old', 'new']).toContain(textAt(after, KEY));
    expect(runNow(after.list('/repo/dir/deep')).map(({ name }) => name)).toEqual(['object']);
    if (isDone) finished += 1;
  }
});

test.each(FATES)('what put, rename and delete have done survives a crash (%s)', (fate) => {
  const { files, isDone } = runUntil(
    Number.POSITIVE_INFINITY,
    () => {},
    function* (blob) {
      yield* blob.put('/repo/new/a/x.part', textSource('x'));
      yield* blob.rename('/repo/new/a/x.part', '/repo/other/x');
      yield* blob.put('/repo/gone/y', textSource('y'));
      yield* blob.delete('/repo/gone');
    },
  );
  expect(isDone).toBe(true);
  const after = createLocalBlob(files.crash({ fate, random: new SeededRandom(7n) }));
  expect(textAt(after, '/repo/other/x')).toBe('x');
  expect(runNow(after.list('/repo/new/a'))).toEqual([]);
  expect(runNow(after.stat('/repo/gone'))).toBeUndefined();
});

test('a put after a crash is not in the way of what the crash left', () => {
  const { files } = runUntil(
    3,
    () => {},
    (blob) => blob.put('/repo/a', textSource('first')),
  );
  const after = files.crash({ fate: 'kept', random: new SeededRandom(1n) });
  expect(runNow(after.list('/repo')).length).toBe(1);
  const blob = createLocalBlob(after);
  runNow(blob.put('/repo/b', textSource('second')));
  expect(runNow(blob.list('/repo')).map(({ name }) => name)).toEqual(['b']);
  runNow(blob.delete('/repo'));
  expect(runNow(after.stat('/repo'))).toBeUndefined();
});

test('a name that writing uses is refused for an object', () => {
  const blob = createLocalBlob(new MemoryFiles());
  expect(() => runNow(blob.put('/.starrocks-emulator-put-1', textSource('x')))).toThrow('reserved');
});

test('hollow content is refused, since a disk would have to make it up', () => {
  const blob = createLocalBlob(new MemoryFiles());
  const source = hollowSource({ sizeBytes: 1, md5: '0'.repeat(32) });
  expect(() => runNow(blob.put('/a', source))).toThrow('only be kept in memory');
});

test('an object that shrinks while it is read makes the read fail', () => {
  const files = new MemoryFiles();
  const blob = createLocalBlob(
    overriding(files, {
      // What another program does between the look at the size and the reading.
      *openRead(path, range): Op<ByteReader> {
        yield* files.truncate(path, 2);
        return yield* files.openRead(path, range);
      },
    }),
  );
  runNow(blob.put('/a', textSource('four')));
  expect(() => runNow(readObject(blob, '/a', 10))).toThrow('/a changed while it was read');
});

test('a file that is gone is no source', () => {
  expect(() => runNow(fileSource(new MemoryFiles(), '/gone'))).toThrow('/gone is not a file');
});

test('a failed put leaves no file behind on the disk', async () => {
  const base = await mkdtemp(join(tmpdir(), 'blob-'));
  const files = createLocalFiles();
  const blob = createLocalBlob(files);
  // Smaller files are read at once, and then there is nothing to mix.
  await writeFile(join(base, 'source'), 'short'.repeat(10_000));
  const source = await toPromise(fileSource(files, join(base, 'source')));
  await writeFile(join(base, 'source'), 'much longer than it was'.repeat(10_000));
  await expect(toPromise(blob.put(join(base, 'object'), source))).rejects.toThrow('promised');
  expect(await readdir(base)).toEqual(['source']);
  await rm(base, { recursive: true });
});

test('what the disk does not permit is told with the key', () => {
  const files = new MemoryFiles();
  const denied = overriding(files, {
    *create(path): Op<ByteWriter> {
      throw new SimError('file-not-permitted', `cannot create ${path}: no permission`);
    },
  });
  const outcome = runNow(attempt(createLocalBlob(denied).put('/a/b', textSource('x'))));
  expect(outcome).toMatchObject({ ok: false, error: { code: 'blob-not-permitted' } });
  expect(String(outcome.ok ? '' : outcome.error)).toContain('/a/b');
});

/** A disk of which some calls do something else. */
function overriding(files: Files, overrides: Partial<Files>): Files {
  return new Proxy(files, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(overrides, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Larger than what is moved in pieces. */
const LARGE_BYTES = 1024 * 1024;

async function onDisk(
  body: (folder: string, files: Files, blob: BlobStorage) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'blob-'));
  const files = createLocalFiles();
  try {
    await body(folder, files, createLocalBlob(files));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a large file is put as bytes of its own, untouched by later changes', async () => {
  await onDisk(async (folder, files, blob) => {
    const [from, key] = [join(folder, 'from'), join(folder, 'to')];
    await writeFile(from, Buffer.alloc(LARGE_BYTES, 'a'));
    await toPromise(blob.put(key, await toPromise(fileSource(files, from))));
    await writeFile(from, Buffer.alloc(LARGE_BYTES, 'b'));
    const object = await toPromise(files.read(key));
    expect(Buffer.from(object).equals(Buffer.alloc(LARGE_BYTES, 'a'))).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['from', 'to']);
  });
});

test('a large file that was cut while it was a source is no object', async () => {
  await onDisk(async (folder, files, blob) => {
    const [from, key] = [join(folder, 'from'), join(folder, 'to')];
    await writeFile(from, Buffer.alloc(LARGE_BYTES, 'a'));
    const source = await toPromise(fileSource(files, from));
    await toPromise(files.truncate(from, LARGE_BYTES - 1));
    await expect(toPromise(blob.put(key, source))).rejects.toMatchObject({ code: 'blob-error' });
    expect(await readdir(folder)).toEqual(['from']);
  });
});

test('a source of another disk is read there, though a file here has its path', async () => {
  await onDisk(async (folder, files, blob) => {
    const [from, key] = [join(folder, 'from'), join(folder, 'to')];
    await writeFile(from, Buffer.alloc(LARGE_BYTES, 'a'));
    const memory = new MemoryFiles();
    runNow(memory.makeDirectory(folder));
    const writer = runNow(memory.create(from));
    runNow(writer.write(Buffer.alloc(LARGE_BYTES, 'm')));
    runNow(writer.close());
    await toPromise(blob.put(key, runNow(fileSource(memory, from))));
    const object = await toPromise(files.read(key));
    expect(Buffer.from(object).equals(Buffer.alloc(LARGE_BYTES, 'm'))).toBe(true);
  });
});

const SEVERAL = ['a', 'b', 'c'].map((name) => ({ name, source: textSource(`new ${name}`) }));

test.each(FATES)('a crash at any moment of putting several leaves each old or new (%s)', (fate) => {
  let isFinished = false;
  for (let stopAt = 0; !isFinished; stopAt += 1) {
    const { files, isDone } = runUntil(
      stopAt,
      (blob) => runNow(blob.put('/repo/dir/b', textSource('old b'))),
      (blob) => blob.putAll?.('/repo/dir', SEVERAL) ?? blob.close(),
    );
    const after = createLocalBlob(files.crash({ fate, random: new SeededRandom(BigInt(stopAt)) }));
    const texts = ['a', 'b', 'c'].map((name) => textAt(after, `/repo/dir/${name}`));
    expect([undefined, 'new a']).toContain(texts[0]);
    expect(['old b', 'new b']).toContain(texts[1]);
    if (isDone) expect(texts).toEqual(['new a', 'new b', 'new c']);
    isFinished = isDone;
  }
});

test('several that cannot all be read leave nothing, and nothing of theirs lies about', () => {
  const files = new MemoryFiles();
  const blob = createLocalBlob(files);
  const short = { ...textSource('short'), sizeBytes: 7 };
  const objects = [...SEVERAL, { name: 'd', source: short }];
  expect(() => runNow(blob.putAll?.('/repo', objects) ?? blob.close())).toThrow(
    'writing /repo/d: the source gave 5 bytes where 7 were promised',
  );
  expect(runNow(files.list('/repo'))).toEqual([]);
});

test('several of which one is named like a directory leave those before it', () => {
  const files = new MemoryFiles();
  const blob = createLocalBlob(files);
  runNow(blob.put('/repo/b/x', textSource('x')));
  expect(() => runNow(blob.putAll?.('/repo', SEVERAL) ?? blob.close())).toThrow('is a directory');
  expect(runNow(files.list('/repo')).map(({ name }) => name)).toEqual(['a', 'b']);
});
