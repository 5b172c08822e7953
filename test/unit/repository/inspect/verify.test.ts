/** What is wrong with a snapshot, found without a cluster, and whose damage it is. */
import { beforeAll, describe, expect, test } from 'vitest';
import { SimError } from '../../../../src/base/errors.ts';
import { runNow } from '../../../../src/base/op.ts';
import type { BlobStorage } from '../../../../src/blob/blob-storage.ts';
import type { MemoryBlob } from '../../../../src/blob/memory.ts';
import { isChosen } from '../../../../src/repository/inspect/verify-data.ts';
import { backUp, shopOf } from '../../../model/shared-store.ts';
import {
  bytesAt,
  copyOf,
  firstKey,
  flipAt,
  keyOf,
  md5,
  putAt,
  replaceAt,
  toldOf,
  verify,
} from './support.ts';

let whole: MemoryBlob;
let store: MemoryBlob;

beforeAll(async () => {
  const made = await shopOf('3.5', { seed: 5n });
  await made.cluster.query('CREATE VIEW shop.v AS SELECT id FROM shop.orders');
  await backUp(made.cluster, 'monday');
  await made.cluster.stop();
  whole = made.store;
});

function damaged(damage: (store: MemoryBlob) => void): MemoryBlob {
  store = copyOf(whole);
  damage(store);
  return store;
}

const remove = (key: string): void => runNow(store.delete(key));
const directoryOf = (key: string): string => key.slice(0, key.lastIndexOf('/'));

/** A file of data of the table with partitions; its partition is named in what is found. */
const EVENTS_DATA = /\/\d+\.hdr\./;
const DATA = /\.(?:dat|del)\./;

function eventsData(): string {
  const header = firstKey(store, EVENTS_DATA);
  const below = directoryOf(directoryOf(header));
  return firstKey(store, new RegExp(`^${below}/.*\\.dat\\.`));
}

describe('a snapshot as it was made', () => {
  test.each(['files', 'metadata', 'data'] as const)('is whole at level %s', (level) => {
    const { report, findings } = verify(whole, level);
    expect(findings).toEqual([]);
    expect(report).toMatchObject({ verdict: 'whole', restores: 'yes', hasLeftovers: false });
    expect(report.tables.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'events whole',
      'orders whole',
      'v whole',
    ]);
    const files = whole.keys().filter((key) => key.includes('/__ss_monday/'));
    const unread = {
      files: files.filter((key) => DATA.test(key)).length + 1,
      metadata: 0,
      data: 0,
    };
    unread.metadata = unread.files - 1;
    expect(report.fileCount).toBe(files.length);
    expect(report.filesRead).toBe(files.length - unread[level]);
  });

  test('reports how far it is in tablets, then in bytes', () => {
    const progress: string[] = [];
    verify(whole, 'data', {
      onProgress: ({ unit, done, total }) => {
        if (done === total) progress.push(unit);
      },
    });
    expect(progress).toEqual(['tablets', 'bytes']);
  });

  test('stops where it is told to', () => {
    const checkpoint = (): void => {
      throw new Error('stop');
    };
    expect(() => verify(whole, 'files', { checkpoint })).toThrow('stop');
  });
});

describe('files of tablets', () => {
  test('a missing file hurts its partition', () => {
    damaged(() => remove(eventsData()));
    const looked = verify(store, 'files');
    expect(toldOf(looked)).toEqual(['missing hurts events p1']);
    expect(looked.report).toMatchObject({ verdict: 'damaged', restores: 'partly' });
    const events = looked.report.tables.find(({ name }) => name === 'events');
    expect(events).toMatchObject({ partitionCount: 2, damagedPartitions: ['p1'] });
  });

  test('a tablet without any file is told once, by its directory', () => {
    let directory = '';
    damaged(() => {
      directory = directoryOf(eventsData());
      remove(directory);
    });
    const looked = verify(store, 'files');
    expect(toldOf(looked)).toEqual(['missing hurts events p1']);
    expect(looked.findings[0]?.key).toBe(directory);
  });

  test('a missing header hurts', () => {
    damaged(() => remove(firstKey(store, EVENTS_DATA)));
    expect(toldOf(verify(store, 'files'))).toEqual(['missing hurts events p1']);
  });

  test('a truncated file is found by its size, without reading it', () => {
    damaged(() => {
      const key = eventsData();
      putAt(store, key, bytesAt(store, key).slice(0, -1));
    });
    expect(toldOf(verify(store, 'files'))).toEqual(['truncated hurts events p1']);
  });

  test('a longer file is damaged', () => {
    damaged(() => putAt(store, eventsData(), new Uint8Array(99_999)));
    expect(toldOf(verify(store, 'files'))).toEqual(['damaged hurts events p1']);
  });

  test('a flipped bit is found by reading the data, and not before', () => {
    damaged(() => flipAt(store, eventsData()));
    expect(verify(store, 'metadata').findings).toEqual([]);
    const looked = verify(store, 'data');
    expect(toldOf(looked)).toEqual(['damaged hurts events p1']);
    expect(looked.findings[0]?.text).toContain(md5(bytesAt(store, eventsData())));
  });

  test('a flipped bit of a header is found at once', () => {
    damaged(() => flipAt(store, firstKey(store, EVENTS_DATA)));
    expect(toldOf(verify(store, 'files'))).toEqual(['damaged hurts events p1']);
  });

  test('a header of another tablet or version is inconsistent', () => {
    damaged(() => {
      const key = firstKey(store, EVENTS_DATA);
      const text = new TextDecoder().decode(bytesAt(store, key));
      replaceAt(store, key, text.replace(/"version": \d+/, '"version": 77'));
    });
    const looked = verify(store, 'files');
    expect(toldOf(looked)).toEqual(['inconsistent hurts events p1']);
    expect(looked.findings[0]?.text).toContain('version 77');
    damaged(() => {
      const key = firstKey(store, EVENTS_DATA);
      const text = new TextDecoder().decode(bytesAt(store, key));
      replaceAt(store, key, text.replace(/"tabletId": \d+/, '"tabletId": 5'));
    });
    expect(verify(store, 'files').findings[0]?.text).toContain('tablet 5');
  });

  test('an older version of a file hurts where a restore takes it, and else is left over', () => {
    const withStale = (digit: string): string => {
      damaged(() => putAt(store, `${eventsData().slice(0, -32)}${digit.repeat(32)}`, 'old'));
      return toldOf(verify(store, 'files')).join();
    };
    // Listings are sorted by name, and the first file of a name is taken.
    expect(withStale('0')).toBe('stale hurts events p1');
    expect(withStale('f')).toBe('stale leftover events p1');
  });

  test('a .part is left over beside the whole file, and hurts alone', () => {
    damaged(() => putAt(store, `${eventsData().slice(0, -32)}part`, 'half'));
    expect(toldOf(verify(store, 'files'))).toEqual(['part leftover events p1']);
    damaged(() => putAt(store, `${directoryOf(eventsData())}/other_0.dat.part`, 'half'));
    const looked = verify(store, 'files');
    expect(toldOf(looked)).toEqual(['part hurts events p1']);
  });

  test('what nobody lists is extra; a name that StarRocks refuses hurts', () => {
    damaged(() => {
      const directory = directoryOf(eventsData());
      putAt(store, `${directory}/other_0.dat.${md5('x')}`, 'x');
      putAt(store, `${directory}/README`, 'x');
      putAt(store, `${directory}/notes.txt`, 'x');
    });
    expect([...toldOf(verify(store, 'files'))].sort()).toEqual([
      'extra leftover events p1',
      'extra leftover events p1',
      'foreign hurts events p1',
    ]);
  });

  test('directories that no tablet has are told once each', () => {
    damaged(() => {
      const partition = directoryOf(directoryOf(directoryOf(eventsData())));
      putAt(store, `${partition}/__idx_1/__2/2.hdr.${md5('x')}`, 'x');
      putAt(store, `${partition}/note`, 'x');
    });
    const looked = verify(store, 'files');
    expect(toldOf(looked)).toEqual(['extra leftover', 'extra leftover']);
    expect(looked.report).toMatchObject({ verdict: 'whole', restores: 'yes', hasLeftovers: true });
  });
});

describe('metadata', () => {
  const META = /__meta\./;
  const INFO = /__info_/;

  test('a missing, doubled or unfinished __meta keeps the whole snapshot from coming back', () => {
    damaged(() => remove(keyOf(store, META)));
    expect(toldOf(verify(store, 'files'))).toEqual(['missing hurts']);
    damaged(() => putAt(store, `${directoryOf(keyOf(store, META))}/__meta.${md5('x')}`, 'x'));
    expect(verify(store, 'files').report.restores).toBe('no');
    damaged(() => putAt(store, `${directoryOf(keyOf(store, META))}/__meta.part`, 'x'));
    const looked = verify(store, 'files');
    expect(toldOf(looked)).toEqual(['part hurts']);
    expect(looked.report).toMatchObject({ verdict: 'damaged', restores: 'no' });
  });

  test('a flipped bit of __meta or __info is damage', () => {
    damaged(() => flipAt(store, keyOf(store, META)));
    expect(verify(store, 'files').findings).toEqual([]);
    expect(toldOf(verify(store))).toEqual(['damaged hurts']);
    damaged(() => flipAt(store, keyOf(store, INFO)));
    expect(toldOf(verify(store, 'files'))).toEqual(['damaged hurts']);
  });

  test('an __info or __meta that is no metadata hurts, with what is wrong', () => {
    damaged(() => replaceAt(store, keyOf(store, INFO), '{"name":"monday"}'));
    const info = verify(store);
    expect(toldOf(info)).toEqual(['unreadable hurts']);
    expect(info.findings[0]?.text).toContain('backup_objects');
    damaged(() =>
      replaceAt(store, keyOf(store, META), bytesAt(store, keyOf(store, META)).slice(0, 99)),
    );
    const meta = verify(store);
    expect(toldOf(meta)).toEqual(['unreadable hurts']);
    expect(meta.findings[0]?.text).toMatch(/announces \d+ bytes/);
  });

  test('without __info there is no snapshot: damage where somebody relies on it', () => {
    damaged(() => {
      remove(keyOf(store, INFO));
      remove(keyOf(store, META));
    });
    const looked = verify(store);
    expect(toldOf(looked)).toEqual(['unfinished leftover']);
    expect(looked.report).toMatchObject({ verdict: 'whole', restores: 'no', hasLeftovers: true });
    expect(toldOf(verify(store, 'files', { isAskedFor: true }))).toEqual(['unfinished hurts']);
    damaged(() => remove(keyOf(store, INFO)));
    expect(toldOf(verify(store))).toEqual(['missing hurts']);
  });

  test('two __info of one timestamp hurt, of two timestamps nobody can tell', () => {
    const another = (timestamp: string): void => {
      const key = keyOf(store, INFO);
      const name =
        timestamp === '' ? key.slice(0, -32) : `${directoryOf(key)}/__info_${timestamp}.`;
      putAt(store, `${name}${'0'.repeat(32)}`, 'x');
    };
    damaged(() => another(''));
    expect(toldOf(verify(store))).toContain('inconsistent hurts');
    damaged(() => another('1999-01-01-00-00-00-000'));
    const looked = verify(store);
    expect(toldOf(looked)).toEqual(['inconsistent unknown']);
    expect(looked.report).toMatchObject({ verdict: 'unknown', restores: 'unknown' });
  });

  test.each([
    ['"id":(\\d+),"partitions"', '"id":1,"partitions"', 'its id is 1 in __info'],
    ['"p1":', '"p9":', '__meta has no such partition'],
    ['"version":2,"indexes"', '"version":9,"indexes"', 'version 9 in __info and 2 in __meta'],
  ])('an __info with %s other than in __meta contradicts it', (from, to, text) => {
    damaged(() => {
      const key = keyOf(store, INFO);
      const old = new TextDecoder().decode(bytesAt(store, key));
      const changed = old.replace(new RegExp(from), to);
      expect(changed).not.toBe(old);
      replaceAt(store, key, changed);
    });
    const told = verify(store).findings.filter(({ kind }) => kind === 'inconsistent');
    expect(told.map((finding) => finding.text).join()).toContain(text);
    expect(told.every(({ effect, table }) => effect === 'hurts' && table !== undefined)).toBe(true);
  });

  test('a name that nobody knows beside them is left over', () => {
    damaged(() => putAt(store, `${directoryOf(keyOf(store, META))}/notes`, 'x'));
    expect(toldOf(verify(store))).toEqual(['extra leftover']);
  });
});

describe('a snapshot of a real cluster', () => {
  /** Headers as real backends write them are no JSON; names and checksums are right. */
  function real(): MemoryBlob {
    return damaged(() => {
      for (const key of store.keys()) {
        if (/\/(?:\d+\.hdr|meta)\.[0-9a-f]{32}$/.test(key)) {
          replaceAt(store, key, Uint8Array.of(8, 1, 16, 200, 3, 26, 4));
        }
      }
    });
  }

  test('is never called good where its headers cannot be read', () => {
    const { report, findings } = verify(real(), 'data');
    expect(findings).toEqual([]);
    expect(report).toMatchObject({ verdict: 'unknown', restores: 'unknown' });
    expect(report.unjudgedTablets).toBe(report.tabletCount);
    expect(report.tables.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'events unknown',
      'orders unknown',
      'v whole',
    ]);
  });

  test('shows damage all the same, and which of two files is meant as unknown', () => {
    real();
    const key = eventsData();
    flipAt(store, key);
    expect(toldOf(verify(store, 'data'))).toEqual(['damaged hurts events p1']);
    real();
    putAt(store, `${eventsData().slice(0, -32)}${'f'.repeat(32)}`, 'old');
    expect(toldOf(verify(store, 'files'))).toEqual(['stale unknown events p1']);
    real();
    remove(directoryOf(eventsData()));
    expect(verify(store).report).toMatchObject({ verdict: 'damaged', restores: 'partly' });
  });
});

describe('a sample of the data', () => {
  test('is the same for one seed, another for another, and as large as asked for', () => {
    const keys = Array.from({ length: 2_000 }, (_, at) => `/__ss_x/${at}.dat`);
    const chosen = (share: number, seed: string): readonly string[] =>
      keys.filter((key) => isChosen({ share, seed }, key));
    expect(chosen(0.05, 'a')).toEqual(chosen(0.05, 'a'));
    expect(chosen(0.05, 'a')).not.toEqual(chosen(0.05, 'b'));
    expect(chosen(0.05, 'a').length).toBeGreaterThan(50);
    expect(chosen(0.05, 'a').length).toBeLessThan(170);
    expect(chosen(1, 'a')).toEqual(keys);
  });

  test('reads only those files', () => {
    const { report } = verify(whole, 'data', { sample: { share: 1e-9, seed: '1' } });
    expect(report.filesRead).toBe(verify(whole, 'metadata').report.filesRead);
  });
});

describe('a store that does not give an object', () => {
  const failing = (pattern: RegExp, code: 'blob-not-permitted' | 'blob-unreachable'): BlobStorage =>
    Object.assign(Object.create(whole) as MemoryBlob, {
      traits: whole.traits,
      list: (directory: string) => whole.list(directory),
      get(key: string) {
        if (pattern.test(key)) throw new SimError(code, `no ${key}`);
        return whole.get(key);
      },
    });

  test.each([
    ['a header', EVENTS_DATA, 'unreadable unknown events'],
    ['__meta', /__meta/, 'unreadable unknown'],
    ['__info', /__info/, 'unreadable unknown'],
  ])('for want of permission leaves what %s is of unknown', (_, pattern, told) => {
    const looked = verify(whole, 'metadata', { storage: failing(pattern, 'blob-not-permitted') });
    expect(toldOf(looked)[0]).toContain(told);
    expect(looked.report).toMatchObject({ verdict: 'unknown', restores: 'unknown' });
  });

  test('because it is gone ends the look', () => {
    const storage = failing(/__meta/, 'blob-unreachable');
    expect(() => verify(whole, 'metadata', { storage })).toThrow('no /bucket');
  });
});
