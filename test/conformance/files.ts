/** What every `Files` promises, as tests that take an implementation. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.ts';
import { SimError } from '../../src/base/errors.ts';
import type { ByteReader, ByteWriter, Files } from '../../src/base/files.ts';
import { attempt, type Op, toPromise } from '../../src/base/op.ts';

export interface FilesUnderTest {
  readonly files: Files;
  /** An empty directory of its own for each test. */
  readonly root: string;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const bytes = (content: string): Uint8Array => Buffer.from(content, 'utf8');

export function* put(files: Files, path: string, content: string | Uint8Array): Op<void> {
  const writer: ByteWriter = yield* files.create(path);
  yield* writer.write(typeof content === 'string' ? bytes(content) : content);
  yield* writer.close();
}

function* drain(reader: ByteReader): Op<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = yield* reader.read(); chunk !== undefined; chunk = yield* reader.read()) {
    chunks.push(chunk);
  }
  yield* reader.close();
  yield* reader.close();
  return Buffer.concat(chunks);
}

/** The code of the error, after a check that its text names the path. */
function* codeOf(op: Op<unknown>, path: string): Op<ErrorCode | 'no error'> {
  const outcome = yield* attempt(op);
  if (outcome.ok) return 'no error';
  if (!(outcome.error instanceof SimError)) throw outcome.error;
  expect(outcome.error.message).toContain(path);
  return outcome.error.code;
}

export function filesConformance(name: string, open: () => FilesUnderTest): void {
  const check = (what: string, body: (files: Files, root: string) => Op<void>): void => {
    test(what, async () => {
      const { files, root } = open();
      await toPromise(body(files, root));
    });
  };

  describe(`files: ${name}`, () => {
    check('what is created can be read, listed and looked at', function* (files, root) {
      yield* files.makeDirectory(`${root}/a/b`);
      yield* files.makeDirectory(`${root}/a/b`);
      yield* put(files, `${root}/a/two`, 'zwei');
      yield* put(files, `${root}/a/one`, 'eins');
      expect(text(yield* files.read(`${root}/a/two`))).toBe('zwei');
      expect(yield* files.list(`${root}/a`)).toEqual([
        { name: 'b', isFile: false },
        { name: 'one', isFile: true },
        { name: 'two', isFile: true },
      ]);
      expect(yield* files.stat(`${root}/a/one`)).toMatchObject({ isFile: true, sizeBytes: 4 });
      expect(yield* files.stat(`${root}/a/b`)).toMatchObject({ isFile: false, sizeBytes: 0 });
      expect(yield* files.stat(`${root}/a/none`)).toBeUndefined();
      expect(yield* files.stat(`${root}/a/one/below`)).toBeUndefined();
    });

    check('a range is cut to what is there', function* (files, root) {
      yield* put(files, `${root}/f`, '0123456789');
      expect(text(yield* files.read(`${root}/f`, { start: 3, end: 6 }))).toBe('345');
      expect(text(yield* files.read(`${root}/f`, { start: 8, end: 60 }))).toBe('89');
      expect(text(yield* files.read(`${root}/f`, { start: 20 }))).toBe('');
      expect(text(yield* drain(yield* files.openRead(`${root}/f`, { start: 7 })))).toBe('789');
      expect(text(yield* drain(yield* files.openRead(`${root}/f`, { start: 1, end: 2 })))).toBe(
        '1',
      );
    });

    check('large files pass in chunks and keep every byte', function* (files, root) {
      const content = Buffer.alloc(1_000_003);
      for (let at = 0; at < content.length; at += 1) content[at] = (at * 31) % 251;
      yield* put(files, `${root}/f`, content);
      const back = yield* drain(yield* files.openRead(`${root}/f`));
      expect(Buffer.compare(back, content)).toBe(0);
      expect(Buffer.compare(yield* files.read(`${root}/f`), content)).toBe(0);
      const hash = createHash('md5').update(content).digest('hex');
      expect(yield* files.md5(`${root}/f`)).toBe(hash);
    });

    check('md5 is the same for small and large files as anywhere', function* (files, root) {
      yield* put(files, `${root}/empty`, '');
      expect(yield* files.md5(`${root}/empty`)).toBe('d41d8cd98f00b204e9800998ecf8427e');
      const large = Buffer.alloc(3 * 1024 * 1024, 7);
      yield* put(files, `${root}/large`, large);
      const hash = createHash('md5').update(large).digest('hex');
      expect(yield* files.md5(`${root}/large`)).toBe(hash);
      expect(yield* codeOf(files.md5(`${root}/none`), `${root}/none`)).toBe('file-not-found');
    });

    check('appending goes on at the end and creates what is missing', function* (files, root) {
      for (const part of ['one ', 'two ', 'three']) {
        const writer = yield* files.openAppend(`${root}/log`);
        yield* writer.write(bytes(part));
        yield* writer.sync();
        yield* writer.close();
        yield* writer.close();
      }
      expect(text(yield* files.read(`${root}/log`))).toBe('one two three');
      yield* files.truncate(`${root}/log`, 7);
      const writer = yield* files.openAppend(`${root}/log`);
      yield* writer.write(bytes('!'));
      yield* writer.close();
      expect(text(yield* files.read(`${root}/log`))).toBe('one two!');
    });

    check('the writer keeps its own copy of the bytes', function* (files, root) {
      const buffer = bytes('first');
      const writer = yield* files.create(`${root}/f`);
      yield* writer.write(buffer);
      buffer.fill(0);
      yield* writer.close();
      expect(text(yield* files.read(`${root}/f`))).toBe('first');
    });

    check('errors carry the codes and paths that files.ts promises', function* (files, root) {
      yield* put(files, `${root}/f`, 'x');
      yield* files.makeDirectory(`${root}/full`);
      yield* put(files, `${root}/full/f`, 'x');
      const none = `${root}/none`;
      expect(yield* codeOf(files.read(none), none)).toBe('file-not-found');
      expect(yield* codeOf(files.openRead(none), none)).toBe('file-not-found');
      expect(yield* codeOf(files.list(none), none)).toBe('file-not-found');
      expect(yield* codeOf(files.list(`${root}/f`), `${root}/f`)).toBe('file-error');
      expect(yield* codeOf(files.truncate(none, 0), none)).toBe('file-not-found');
      expect(yield* codeOf(files.clone(none, `${root}/g`), none)).toBe('file-not-found');
      expect(yield* codeOf(files.rename(none, `${root}/g`), none)).toBe('file-not-found');
      expect(yield* codeOf(files.syncDirectory(none), none)).toBe('file-not-found');
      expect(yield* codeOf(files.create(`${none}/f`), none)).toBe('file-not-found');
      expect(yield* codeOf(files.create(`${root}/f`), `${root}/f`)).toBe('file-exists');
      expect(yield* codeOf(files.createFilled(`${root}/f`, 1, 1), `${root}/f`)).toBe('file-exists');
      expect(yield* codeOf(files.clone(`${root}/f`, `${root}/full/f`), 'full/f')).toBe(
        'file-exists',
      );
      expect(yield* codeOf(files.makeDirectory(`${root}/f`), `${root}/f`)).toBe('file-exists');
      expect(yield* codeOf(files.read(`${root}/full`), `${root}/full`)).toBe('file-error');
      expect(yield* codeOf(files.rename(`${root}/f`, `${root}/full`), 'full')).toBe('file-error');
    });

    check('a clone shares the bytes until one of the names gets others', function* (files, root) {
      yield* put(files, `${root}/a`, 'content');
      yield* files.clone(`${root}/a`, `${root}/b`);
      const before = yield* files.stat(`${root}/a`);
      expect((yield* files.stat(`${root}/b`))?.inode).toBe(before?.inode);
      yield* files.unsafeOverwrite(`${root}/b`, 3, bytes('TENTS'));
      expect(text(yield* files.read(`${root}/a`))).toBe('content');
      expect(text(yield* files.read(`${root}/b`))).toBe('conTENTS');
      expect((yield* files.stat(`${root}/b`))?.inode).not.toBe(before?.inode);
      yield* files.remove(`${root}/a`);
      expect(text(yield* files.read(`${root}/b`))).toBe('conTENTS');
    });

    check('rename replaces a file and moves a directory', function* (files, root) {
      yield* put(files, `${root}/a`, 'new');
      yield* put(files, `${root}/b`, 'old');
      yield* files.rename(`${root}/a`, `${root}/b`);
      expect(text(yield* files.read(`${root}/b`))).toBe('new');
      expect(yield* files.stat(`${root}/a`)).toBeUndefined();
      yield* files.makeDirectory(`${root}/d/e`);
      yield* put(files, `${root}/d/e/f`, 'deep');
      yield* files.rename(`${root}/d`, `${root}/g`);
      expect(text(yield* files.read(`${root}/g/e/f`))).toBe('deep');
      yield* files.clone(`${root}/b`, `${root}/c`);
      yield* files.rename(`${root}/b`, `${root}/c`);
      // POSIX: both are names of the same file, so both stay.
      expect((yield* files.list(root)).map((entry) => entry.name)).toEqual(['b', 'c', 'g']);
    });

    check('remove takes a tree and does not mind what is missing', function* (files, root) {
      yield* files.makeDirectory(`${root}/d/e`);
      yield* put(files, `${root}/d/e/f`, 'deep');
      yield* put(files, `${root}/keep`, 'x');
      yield* files.remove(`${root}/d`);
      yield* files.remove(`${root}/d`);
      yield* files.remove(`${root}/none/below`);
      expect((yield* files.list(root)).map((entry) => entry.name)).toEqual(['keep']);
    });

    check(
      'a filled file has its size and the same bytes for the same seed',
      function* (files, root) {
        yield* files.createFilled(`${root}/a`, 700_001, 42);
        yield* files.createFilled(`${root}/b`, 700_001, 42);
        yield* files.createFilled(`${root}/c`, 700_001, 43);
        expect((yield* files.stat(`${root}/a`))?.sizeBytes).toBe(700_001);
        const all = yield* drain(yield* files.openRead(`${root}/a`));
        expect(all.length).toBe(700_001);
        const part = yield* files.read(`${root}/b`, { start: 300_005, end: 300_021 });
        expect(Buffer.compare(part, all.subarray(300_005, 300_021))).toBe(0);
        expect(yield* files.md5(`${root}/a`)).toBe(yield* files.md5(`${root}/b`));
        expect(yield* files.md5(`${root}/a`)).not.toBe(yield* files.md5(`${root}/c`));
        yield* files.unsafeOverwrite(`${root}/b`, 10, bytes('damage'));
        expect(yield* files.md5(`${root}/a`)).not.toBe(yield* files.md5(`${root}/b`));
        const damaged = yield* files.read(`${root}/b`, { start: 8, end: 18 });
        expect(text(damaged.subarray(2, 8))).toBe('damage');
        expect(Buffer.compare(damaged.subarray(0, 2), all.subarray(8, 10))).toBe(0);
      },
    );

    check('a lock has one holder at a time', function* (files, root) {
      const lock = yield* files.lock(`${root}/LOCK`);
      expect(yield* codeOf(files.lock(`${root}/LOCK`), `${root}/LOCK`)).toBe('data-dir-in-use');
      yield* lock.release();
      const second = yield* files.lock(`${root}/LOCK`);
      yield* second.release();
    });
  });
}
