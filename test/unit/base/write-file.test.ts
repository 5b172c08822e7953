import { describe, expect, test } from 'vitest';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import {
  directoryOf,
  gathered,
  makeDirectoryDurably,
  writeFileDurably,
} from '../../../src/base/write-file.ts';

const LOST = { fate: 'lost', random: new SeededRandom(1n) } as const;

function names(files: MemoryFiles, path: string): string[] {
  return runNow(files.list(path)).map((entry) => entry.name);
}

describe('a file written durably', () => {
  test('is there after a crash, replaces the old one and leaves nothing aside', () => {
    const files = new MemoryFiles();
    runNow(writeFileDurably(files, '/f', ['old']));
    runNow(files.create('/f.tmp'));
    runNow(writeFileDurably(files, '/f', ['n', new Uint8Array([101]), 'ü', '']));
    const disk = files.crash(LOST);
    expect(Buffer.from(runNow(disk.read('/f'))).toString()).toBe('neü');
    expect(names(disk, '/')).toEqual(['f']);
  });

  test('stays as it was when the content fails on the way', () => {
    const files = new MemoryFiles();
    runNow(writeFileDurably(files, '/f', ['old']));
    function* broken(): Iterable<string> {
      yield 'new';
      throw new Error('no more');
    }
    expect(() => runNow(writeFileDurably(files, '/f', broken()))).toThrow('no more');
    expect(Buffer.from(runNow(files.read('/f'))).toString()).toBe('old');
    expect(names(files, '/')).toEqual(['f']);
  });
});

test('a directory made durably is there after a crash with all above it', () => {
  const files = new MemoryFiles();
  runNow(makeDirectoryDurably(files, '/a/b/c'));
  runNow(makeDirectoryDurably(files, '/a/b/d'));
  expect(names(files.crash(LOST), '/a/b')).toEqual(['c', 'd']);
  expect(directoryOf('/a/b')).toBe('/a');
  expect(directoryOf('/a')).toBe('/');
});

test('small pieces are gathered to chunks and keep their order', () => {
  function* pieces(): Iterable<string | Uint8Array> {
    for (let index = 0; index < 100_000; index += 1) {
      yield index % 1000 === 0 ? Buffer.from(`<${index}>`) : `${index},`;
    }
  }
  const chunks = [...gathered(pieces())];
  expect(chunks.length).toBeLessThan(6);
  expect(Buffer.concat(chunks).toString()).toBe(
    [...pieces()].map((piece) => piece.toString()).join(''),
  );
  expect([...gathered([])]).toEqual([]);
});
