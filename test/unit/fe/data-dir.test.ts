import { describe, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { FIRST_BACKEND_ID } from '../../../src/base/ids.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow, start } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { type DataDir, type DataDirRequest, openDataDir } from '../../../src/fe/data-dir.ts';

function open(files: MemoryFiles, change: Partial<DataDirRequest> = {}): DataDir {
  return runNow(openDataDir(requestOf(files, change)));
}

function requestOf(files: MemoryFiles, change: Partial<DataDirRequest> = {}): DataDirRequest {
  return {
    files,
    path: '/home/data',
    random: new SeededRandom(3n),
    profiles: ['3.3', '3.5', '4.2'],
    profile: '3.5',
    backendCount: 3,
    ...change,
  };
}

function refusal(files: MemoryFiles, change: Partial<DataDirRequest> = {}): string {
  try {
    open(files, change);
  } catch (error) {
    if (error instanceof SimError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

function write(files: MemoryFiles, path: string, text: string): void {
  runNow(files.remove(path));
  runNow(runNow(files.create(path)).write(Buffer.from(text)));
}

describe('a data directory', () => {
  test('is created with a cluster id that later starts find again', () => {
    const files = new MemoryFiles();
    const first = open(files);
    expect(first.isNew).toBe(true);
    expect(first.version).toMatchObject({ formatVersion: 1, profile: '3.5', backendCount: 3 });
    expect(first.version.clusterId).toBeGreaterThan(0);
    expect(first.version.clusterId).toBeLessThan(2 ** 31);
    expect(first.backendDir(FIRST_BACKEND_ID)).toBe('/home/data/be/10001');
    runNow(first.release());
    const second = open(files, { random: new SeededRandom(4n) });
    expect(second.isNew).toBe(false);
    expect(second.version).toEqual(first.version);
  });

  test('serves one cluster at a time', () => {
    const files = new MemoryFiles();
    open(files);
    expect(refusal(files)).toBe('data-dir-in-use: /home/data/LOCK is held by this process');
  });

  test('grows by backends and to a newer version, and never goes back', () => {
    const files = new MemoryFiles();
    runNow(open(files).release());
    runNow(open(files, { backendCount: 5, profile: '4.2' }).release());
    expect(refusal(files, { backendCount: 4, profile: '4.2' })).toBe(
      'data-dir-unusable: data directory /home/data has 5 backends, so it cannot run with 4',
    );
    expect(refusal(files, { backendCount: 5 })).toMatch(
      /data-dir-unusable: .* is of version 4.2, which 3.5 cannot go back from/,
    );
    expect(open(files, { backendCount: 6, profile: '4.2' }).version.backendCount).toBe(6);
  });

  test('is free again after it was refused', () => {
    const files = new MemoryFiles();
    runNow(open(files).release());
    expect(refusal(files, { backendCount: 1 })).toMatch(/cannot run with 1/);
    expect(refusal(files)).toBe('no error');
  });

  test('is refused with a newer format, an unknown version or an unreadable version file', () => {
    const files = new MemoryFiles();
    const { version, release } = open(files);
    runNow(release());
    const path = '/home/data/VERSION';
    write(files, path, JSON.stringify({ ...version, formatVersion: 2 }));
    expect(refusal(files)).toMatch(/has format 2, this program knows up to 1/);
    write(files, path, JSON.stringify({ ...version, profile: '9.9' }));
    expect(refusal(files)).toMatch(/is of the unknown version 9.9/);
    for (const text of ['', '{', '[]', 'null', '{"formatVersion":"1"}']) {
      write(files, path, text);
      expect(refusal(files)).toMatch(/data-dir-unusable: .* has a VERSION file that is not one/);
    }
  });

  test('is refused when it is a file, holds something else, or cannot be written', () => {
    const files = new MemoryFiles();
    write(files, '/file', 'x');
    expect(refusal(files, { path: '/file' })).toMatch(/data-dir-unusable: .* \/file is a file/);
    expect(refusal(files, { path: '/file/below' })).toMatch(/data-dir-unusable: /);
    runNow(files.makeDirectory('/photos'));
    write(files, '/photos/.hidden', 'x');
    write(files, '/photos/cat.jpg', 'x');
    expect(refusal(files, { path: '/photos' })).toMatch(/holds 'cat.jpg' but no VERSION file/);
    const full = new MemoryFiles({
      onMutation: () => {
        throw new SimError('disk-full', 'cannot create /home: no space left on the disk');
      },
    });
    expect(refusal(full)).toMatch(/data-dir-unusable: .* cannot be used: .* no space left/);
  });

  test('keeps its cluster id through a crash at every change, once it was given', () => {
    for (let crashAt = 1; crashAt < 15; crashAt += 1) {
      for (const fate of ['lost', 'torn', 'kept'] as const) {
        let count = 0;
        const files: MemoryFiles = new MemoryFiles({
          onMutation: () => {
            count += 1;
            if (count === crashAt) files.halt();
          },
        });
        let given: number | undefined;
        start(openDataDir(requestOf(files)), (outcome) => {
          if (outcome.ok) given = outcome.value.version.clusterId;
        });
        const disk = files.crash({ fate, random: new SeededRandom(BigInt(crashAt)) });
        const { clusterId } = open(disk, { random: new SeededRandom(99n) }).version;
        expect(clusterId).toBe(given ?? clusterId);
      }
    }
  });
});
