import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteWriter } from '../../../src/base/files.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { type Op, runNow, start } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { writeFileDurably } from '../../../src/base/write-file.ts';
import { filesConformance, put } from '../../conformance/files.ts';

filesConformance('memory', () => ({ files: rooted(), root: '/r' }));

function rooted(): MemoryFiles {
  const files = new MemoryFiles();
  runNow(files.makeDirectory('/r'));
  runNow(files.syncDirectory('/'));
  return files;
}

const random = new SeededRandom(1n);
const LOST = { fate: 'lost', random } as const;
const KEPT = { fate: 'kept', random } as const;
const TORN = { fate: 'torn', random } as const;

function namesIn(files: MemoryFiles, directory: string): string[] {
  return runNow(files.list(directory)).map((entry) => entry.name);
}

function textIn(files: MemoryFiles, path: string): string {
  return Buffer.from(runNow(files.read(path))).toString('utf8');
}

describe('a crash of a simulated disk', () => {
  test('loses bytes that were not synced and keeps those that were', () => {
    const files = rooted();
    const writer = runNow(files.create('/r/f'));
    const write = (text: string): void => runNow(writer.write(Buffer.from(text)));
    write('synced');
    runNow(writer.sync());
    runNow(files.syncDirectory('/r'));
    write(' and not');
    expect(textIn(files.crash(LOST), '/r/f')).toBe('synced');
    expect(textIn(files.crash(KEPT), '/r/f')).toBe('synced and not');
    const lengths = new Set<number>();
    for (let round = 0; round < 200; round += 1) {
      const torn = textIn(files.crash(TORN), '/r/f');
      expect('synced and not'.startsWith(torn)).toBe(true);
      lengths.add(torn.length);
    }
    expect([...lengths].sort((a, b) => a - b)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  test('loses a name whose directory was not synced, synced bytes or not', () => {
    const files = rooted();
    const writer = runNow(files.create('/r/f'));
    runNow(writer.write(Buffer.from('x')));
    runNow(writer.sync());
    expect(namesIn(files.crash(LOST), '/r')).toEqual([]);
    expect(namesIn(files.crash(KEPT), '/r')).toEqual(['f']);
  });

  test('leaves an empty file where a name is durable and its bytes are not', () => {
    const files = rooted();
    runNow(put(files, '/r/f', 'content'));
    runNow(files.syncDirectory('/r'));
    expect(textIn(files.crash(LOST), '/r/f')).toBe('');
  });

  test('undoes renames, clones and removals that were not synced', () => {
    const files = rooted();
    for (const name of ['a', 'b', 'c']) runNow(put(files, `/r/${name}`, ''));
    runNow(files.syncDirectory('/r'));
    runNow(files.rename('/r/a', '/r/z'));
    runNow(files.clone('/r/b', '/r/y'));
    runNow(files.remove('/r/c'));
    expect(namesIn(files.crash(LOST), '/r')).toEqual(['a', 'b', 'c']);
    expect(namesIn(files.crash(KEPT), '/r')).toEqual(['b', 'y', 'z']);
    runNow(files.syncDirectory('/r'));
    expect(namesIn(files.crash(LOST), '/r')).toEqual(['b', 'y', 'z']);
  });

  test('keeps a prefix of the operations on one directory', () => {
    const files = rooted();
    for (const name of ['a', 'b', 'c', 'd']) runNow(put(files, `/r/${name}`, ''));
    const seen = new Set<string>();
    for (let round = 0; round < 200; round += 1) {
      seen.add(namesIn(files.crash(TORN), '/r').join(''));
    }
    expect([...seen].sort()).toEqual(['', 'a', 'ab', 'abc', 'abcd']);
  });

  test('never shows a file under both or neither of the names of a move', () => {
    const files = rooted();
    runNow(files.makeDirectory('/r/from'));
    runNow(files.makeDirectory('/r/to'));
    runNow(put(files, '/r/from/f', ''));
    for (const directory of ['/r', '/r/from', '/r/to']) runNow(files.syncDirectory(directory));
    runNow(files.rename('/r/from/f', '/r/to/f'));
    const seen = new Set<string>();
    for (let round = 0; round < 100; round += 1) {
      const disk = files.crash(TORN);
      seen.add(`${namesIn(disk, '/r/from')}|${namesIn(disk, '/r/to')}`);
    }
    expect([...seen].sort()).toEqual(['f|', '|f']);
    runNow(files.syncDirectory('/r/to'));
    expect(namesIn(files.crash(LOST), '/r/from')).toEqual([]);
    expect(namesIn(files.crash(LOST), '/r/to')).toEqual(['f']);
  });

  test('takes a whole tree whose top was not synced', () => {
    const files = rooted();
    runNow(files.makeDirectory('/r/d'));
    runNow(put(files, '/r/d/f', 'x'));
    runNow(files.syncDirectory('/r/d'));
    expect(namesIn(files.crash(LOST), '/r')).toEqual([]);
  });

  test('leaves the disk before it as it was', () => {
    const files = rooted();
    const writer: ByteWriter = runNow(files.create('/r/f'));
    runNow(files.syncDirectory('/r'));
    runNow(writer.write(Buffer.from('ab')));
    const after = files.crash(KEPT);
    runNow(writer.write(Buffer.from('cd')));
    const other = runNow(after.openAppend('/r/f'));
    runNow(other.write(Buffer.from('XY')));
    expect(textIn(files, '/r/f')).toBe('abcd');
    expect(textIn(after, '/r/f')).toBe('abXY');
  });

  test('keeps hard links of one file together', () => {
    const files = rooted();
    runNow(put(files, '/r/a', 'x'));
    runNow(files.clone('/r/a', '/r/b'));
    const disk = files.crash(KEPT);
    expect(runNow(disk.stat('/r/a'))?.inode).toBe(runNow(disk.stat('/r/b'))?.inode);
  });
});

test('a halted disk answers nobody, so nothing of a dead process runs on', () => {
  const seen: string[] = [];
  const files: MemoryFiles = new MemoryFiles({
    onMutation: (operation, path) => {
      seen.push(`${operation} ${path}`);
      if (seen.length === 3) files.halt();
    },
  });
  let ranOn = false;
  function* program(): Op<void> {
    yield* files.makeDirectory('/d');
    try {
      yield* put(files, '/d/f', 'x');
    } finally {
      ranOn = true;
    }
  }
  start(program(), () => {
    ranOn = true;
  });
  start(files.stat('/d'), () => {
    ranOn = true;
  });
  expect(ranOn).toBe(false);
  expect(seen).toEqual(['make-directory /d', 'create /d/f', 'write /d/f']);
  expect(files.mutationCount).toBe(2);
  expect(textIn(files.crash(KEPT), '/d/f')).toBe('');
});

test('an error thrown before a change is its outcome and nothing changes', () => {
  const files = new MemoryFiles({
    onMutation: (operation) => {
      if (operation === 'create') throw new Error('no room');
    },
  });
  expect(() => runNow(files.create('/f'))).toThrow('no room');
  expect(namesIn(files, '/')).toEqual([]);
  expect(files.mutationCount).toBe(0);
});

test('hollow files take no room however large they are', () => {
  const files = rooted();
  const sizeBytes = 1e15;
  runNow(files.createFilled('/r/f', sizeBytes, 5));
  expect(runNow(files.stat('/r/f'))?.sizeBytes).toBe(sizeBytes);
  expect(runNow(files.md5('/r/f'))).toMatch(/^[0-9a-f]{32}$/);
  expect(runNow(files.read('/r/f', { start: sizeBytes - 5 })).length).toBe(5);
  expect(() => runNow(files.read('/r/f'))).toThrow(/at once/);
});

test('a durable write leaves the old or the new content at every crash', () => {
  for (let crashAt = 1; crashAt < 20; crashAt += 1) {
    for (const fate of ['lost', 'torn', 'kept'] as const) {
      let count = 0;
      const files: MemoryFiles = new MemoryFiles({
        onMutation: () => {
          count += 1;
          if (count === crashAt) files.halt();
        },
      });
      let done = 0;
      function* program(): Op<void> {
        yield* writeFileDurably(files, '/f', ['old']);
        done = 1;
        yield* writeFileDurably(files, '/f', ['ne', Buffer.from('w')]);
        done = 2;
      }
      start(program(), () => {});
      const disk = files.crash({ fate, random });
      const found = runNow(disk.stat('/f')) === undefined ? 'none' : textIn(disk, '/f');
      const allowed = [['none', 'old'], ['old', 'new'], ['new']][done];
      expect(allowed).toContain(found);
    }
  }
});

/** The contract in its simplest form: what was synced is there, and nothing that never was. */
test('whatever was synced survives any crash', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const command = fc.oneof(
    fc.record({ do: fc.constant('write' as const), name, text: fc.constantFrom('1', '22') }),
    fc.record({ do: fc.constant('rename' as const), name, to: name }),
    fc.record({ do: fc.constant('remove' as const), name }),
    fc.record({ do: fc.constant('sync' as const), name }),
    fc.record({ do: fc.constant('sync-directory' as const) }),
  );
  const fate = fc.constantFrom('lost' as const, 'torn' as const, 'kept' as const);
  fc.assert(
    fc.property(fc.array(command, { maxLength: 25 }), fate, fc.nat(), (commands, fateOf, seed) => {
      const files = rooted();
      // Every listing of the directory since its last sync: one of them is what a crash leaves.
      let histories = [''];
      const content = new Map<number, { synced: string; all: string }>();
      const listing = (): string =>
        runNow(files.list('/r'))
          .map((entry) => `${entry.name}:${runNow(files.stat(`/r/${entry.name}`))?.inode}`)
          .join(' ');
      for (const step of commands) {
        const path = 'name' in step ? `/r/${step.name}` : '/r';
        const exists = runNow(files.stat(path)) !== undefined;
        if (step.do === 'sync-directory') {
          runNow(files.syncDirectory('/r'));
          histories = [];
        } else if (step.do === 'write') {
          const writer = runNow(files.openAppend(path));
          runNow(writer.write(Buffer.from(step.text)));
          const inode = runNow(files.stat(path))?.inode ?? 0;
          const known = content.get(inode) ?? { synced: '', all: '' };
          content.set(inode, { synced: known.synced, all: known.all + step.text });
        } else if (step.do === 'sync' && exists) {
          runNow(runNow(files.openAppend(path)).sync());
          const inode = runNow(files.stat(path))?.inode ?? 0;
          const all = content.get(inode)?.all ?? '';
          content.set(inode, { synced: all, all });
        } else if (step.do === 'rename' && exists) {
          runNow(files.rename(path, `/r/${step.to}`));
        } else if (step.do === 'remove') {
          runNow(files.remove(path));
        }
        if (histories.at(-1) !== listing()) histories.push(listing());
      }
      const disk = files.crash({ fate: fateOf, random: new SeededRandom(BigInt(seed)) });
      const left = runNow(disk.list('/r')).map((entry) => {
        const inode = runNow(disk.stat(`/r/${entry.name}`))?.inode ?? 0;
        const text = textIn(disk, `/r/${entry.name}`);
        const known = content.get(inode) ?? { synced: '', all: '' };
        expect(text.startsWith(known.synced)).toBe(true);
        expect(known.all.startsWith(text)).toBe(true);
        return `${entry.name}:${inode}`;
      });
      expect(histories).toContain(left.join(' '));
    }),
    { numRuns: 500 },
  );
});

test('tens of thousands of small files are no burden', () => {
  const files = rooted();
  for (let index = 0; index < 30_000; index += 1) {
    if (index % 1000 === 0) runNow(files.makeDirectory(`/r/${index / 1000}`));
    runNow(put(files, `/r/${Math.floor(index / 1000)}/${index}`, 'small'));
  }
  expect(namesIn(files.crash(KEPT), '/r/29')).toHaveLength(1000);
});
