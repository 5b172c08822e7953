/** The parts of the demo that decide whether every row came back. */
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';
import { writeFileDurably } from '../../../src/base/write-file.ts';
import { createCleaner } from '../../../src/cli/demo/cleaner.ts';
import { checksumOf, compareRows, DIFFERENCES_MAX } from '../../../src/cli/demo/compare-rows.ts';
import { folderUsage } from '../../../src/cli/demo/folder-usage.ts';
import { type FollowRequest, followJob } from '../../../src/cli/demo/follow-job.ts';
import {
  type NamedRow,
  oneLine,
  type SqlClient,
  type TextRow,
} from '../../../src/cli/demo/sql-client.ts';
import { parseWeather, readWeather } from '../../../src/cli/demo/weather.ts';
import { accidentOf, createTableSql, insertSql } from '../../../src/cli/demo/weather-table.ts';
import type { Printer } from '../../../src/cli/ui/printer.ts';
import { parseStatements } from '../../../src/sql/parse.ts';

describe('comparing rows', () => {
  const columns = ['date', 'wind'];
  const rows: TextRow[] = [
    ['2012-01-01', '4.7'],
    ['2012-01-02', '4.5'],
    ['2012-01-03', null],
  ];

  test('finds rows that are the same', () => {
    const heard: number[] = [];
    const copy = rows.map((row) => [...row]);
    expect(compareRows(columns, rows, copy, (done) => heard.push(done))).toEqual({
      sameCount: 3,
      differenceCount: 0,
      differences: [],
    });
    expect(heard).toEqual([1, 2, 3]);
    expect(checksumOf(copy)).toBe(checksumOf(rows));
  });

  test('names every kind of difference', () => {
    const actual: TextRow[] = [
      ['2012-01-01', '4.70'],
      ['2012-01-03', null],
      ['2012-01-03', null],
      ['2012-01-04', '1.0'],
    ];
    expect(compareRows(columns, rows, actual)).toEqual({
      sameCount: 1,
      differenceCount: 4,
      differences: [
        '2012-01-01: wind was 4.7, is 4.70',
        '2012-01-03: not expected, is (2012-01-03, )',
        '2012-01-04: not expected, is (2012-01-04, 1.0)',
        '2012-01-02: missing, was (2012-01-02, 4.5)',
      ],
    });
  });

  test('tells NULL from an empty text and from the word', () => {
    const wanted: TextRow[] = [['2012-01-03', null]];
    for (const cell of ['', 'null', 'NULL']) {
      expect(compareRows(columns, wanted, [['2012-01-03', cell]]).differenceCount).toBe(1);
      expect(checksumOf([['2012-01-03', cell]])).not.toBe(checksumOf(wanted));
    }
  });

  test('counts all differences and lists the first', () => {
    const many = Array.from({ length: 500 }, (_, at): TextRow => [String(at), '1.0']);
    const result = compareRows(columns, many, []);
    expect(result.differenceCount).toBe(500);
    expect(result.differences).toHaveLength(DIFFERENCES_MAX);
  });

  test('sees the order of cells and rows in the checksum', () => {
    expect(checksumOf(rows.toReversed())).not.toBe(checksumOf(rows));
    expect(checksumOf([['a,b']])).not.toBe(checksumOf([['a', 'b']]));
  });
});

describe('the weather file', () => {
  test('is read as it is, by date and year', async () => {
    const weather = await readWeather();
    const perYear = weather.years.map(({ rows }) => rows.length);
    expect(perYear.reduce((sum, count) => sum + count, 0)).toBe(weather.rows.length);
    expect(weather.years.map(({ year }) => year)).toEqual(
      [...new Set(weather.rows.map(([date]) => date?.slice(0, 4)))].sort(),
    );
  });

  test('may have its days in any order', () => {
    const weather = parseWeather('date,wind\r\n2013-01-01,1.0\n2012-12-31,2.0\n');
    expect(weather.rows).toEqual([
      ['2012-12-31', '2.0'],
      ['2013-01-01', '1.0'],
    ]);
    expect(weather.years.map(({ year, rows }) => [year, rows.length])).toEqual([
      ['2012', 1],
      ['2013', 1],
    ]);
  });

  test.each([
    ['a line with a cell too few', 'date,wind\n2012-01-01\n', 'line 2'],
    ['a line without a date', 'date,wind\n2012-01-01,1.0\nsoon,1.0\n', 'line 3'],
    ['a day that is there twice', 'date,wind\n2012-01-01,1.0\n2012-01-01,1.0\n', 'twice'],
  ])('is refused with %s', (_, text, said) => {
    expect(() => parseWeather(text)).toThrow(said);
  });

  test('becomes statements that the parser knows', async () => {
    const weather = await readWeather();
    const options = {
      strict: true,
      newBackupForms: true,
      dropSnapshot: false,
      pipesAsConcat: false,
    };
    const kindOf = (sql: string): unknown => parseStatements(sql, options)[0]?.statement.kind;
    expect(kindOf(createTableSql(weather))).toBe('create-table');
    expect(kindOf(insertSql(weather.rows.slice(0, 3)))).toBe('insert');
    expect(kindOf(accidentOf(weather).sql)).toBe('update');
  });

  test('loses its most frequent kind of weather by accident', () => {
    const days = ['rain', 'sun', 'rain'].map((kind, at) => `2012-01-0${at + 1},1.0,${kind}`);
    const accident = accidentOf(parseWeather(`date,precipitation,weather\n${days.join('\n')}`));
    expect(accident.rowCount).toBe(2);
    expect(accident.sql).toContain("WHERE weather = 'rain'");
  });
});

describe('following a job', () => {
  /** Time passes as soon as somebody waits for it. */
  function hastyClock(): Clock {
    let nowMs = 0;
    return {
      now: () => nowMs,
      after(delayMs, run) {
        nowMs += delayMs;
        run();
        return () => {};
      },
    };
  }

  interface Told {
    readonly states: string[];
    readonly progress: string[];
  }

  async function follow(
    rows: readonly NamedRow[],
    changes: Partial<FollowRequest> = {},
  ): Promise<Told> {
    const told: Told = { states: [], progress: [] };
    const printer: Printer = {
      line: ({ facts }) => told.states.push(`${facts?.['state']}${facts?.['seen'] ? '' : '?'}`),
      progress: ({ label, done, total }) => told.progress.push(`${label} ${done}/${total}`),
      close: () => {},
    };
    let at = 0;
    const client = {
      show: async () => [rows[Math.min(at++, rows.length - 1)]],
    } as unknown as SqlClient;
    const request: FollowRequest = {
      client,
      printer,
      clock: hastyClock(),
      kind: 'BACKUP',
      database: 'd',
      label: 'l',
      taskCount: 4,
      ...changes,
    };
    await followJob(request);
    return told;
  }

  const look = (state: string, unfinished = '', more: NamedRow = {}): NamedRow => ({
    SnapshotName: 'l',
    Label: 'l',
    State: state,
    UnfinishedTasks: unfinished,
    ...more,
  });

  test('tells each state once and how much of its work is done', async () => {
    const told = await follow([
      look('PENDING'),
      look('PENDING'),
      look('SNAPSHOTING', '1=10001, 2=10002, 3=10003'),
      look('SNAPSHOTING', '3=10003'),
      look('UPLOAD_SNAPSHOT'),
      look('UPLOADING', '7=10001'),
      look('SAVE_META'),
      look('UPLOAD_INFO'),
      look('FINISHED'),
    ]);
    expect(told.states).toEqual([
      ...['PENDING', 'SNAPSHOTING', 'UPLOAD_SNAPSHOT', 'UPLOADING', 'SAVE_META', 'UPLOAD_INFO'],
      'FINISHED',
    ]);
    expect(told.progress).toEqual([
      ...['snapshot 1/4', 'snapshot 3/4', 'snapshot 4/4'],
      ...['upload 3/4', 'upload 4/4'],
    ]);
  });

  test('tells states that lay between two looks, as not seen', async () => {
    const told = await follow([look('DOWNLOAD'), look('FINISHED')], { kind: 'RESTORE' });
    expect(told.states).toEqual([
      ...['PENDING?', 'SNAPSHOTING?', 'DOWNLOAD', 'DOWNLOADING?', 'COMMIT?', 'COMMITTING?'],
      'FINISHED',
    ]);
  });

  test('fails with the reason of a cancelled job', async () => {
    const cancelled = look('CANCELLED', '', { Status: '[CANCELLED]: user cancelled' });
    await expect(follow([look('PENDING'), cancelled])).rejects.toThrow(
      "BACKUP 'l' was cancelled: [CANCELLED]: user cancelled",
    );
  });

  test('fails when the job stays where it is, with what it waits for', async () => {
    const row = look('UPLOADING', '7=10001', { TaskErrMsg: '[7: disk full]' });
    await expect(follow([row])).rejects.toThrow("BACKUP 'l' stays in UPLOADING; [7: disk full]");
  });

  test.each([
    ['no job', [undefined as unknown as NamedRow]],
    ['another job', [look('PENDING', '', { SnapshotName: 'other' })]],
  ])('fails when SHOW has %s', async (_, rows) => {
    await expect(follow(rows)).rejects.toThrow("SHOW BACKUP does not show the job 'l'");
  });
});

describe('cleaning up', () => {
  async function clean(body: () => Promise<string>, failing: readonly string[]): Promise<string[]> {
    const done: string[] = [];
    const cleaner = createCleaner((error) => done.push(`further: ${(error as Error).message}`));
    for (const name of ['folder', 'cluster', 'client']) {
      cleaner.add(async () => {
        done.push(name);
        if (failing.includes(name)) throw new Error(`${name} failed`);
      });
    }
    await cleaner.after(body).then(
      (result) => done.push(`result: ${result}`),
      (error: Error) => done.push(`thrown: ${error.message}`),
    );
    return done;
  }

  const works = async (): Promise<string> => 'well';
  const fails = async (): Promise<string> => {
    throw new Error('body failed');
  };

  test('goes backwards after success', async () => {
    expect(await clean(works, [])).toEqual(['client', 'cluster', 'folder', 'result: well']);
  });

  test('is done after a failure, which stays the one that is thrown', async () => {
    expect(await clean(fails, ['cluster'])).toEqual([
      'client',
      'cluster',
      'folder',
      'further: cluster failed',
      'thrown: body failed',
    ]);
  });

  test('goes on after a step that failed, and fails', async () => {
    expect(await clean(works, ['client', 'folder'])).toEqual([
      'client',
      'cluster',
      'folder',
      'further: folder failed',
      'thrown: client failed',
    ]);
  });
});

test('a folder is measured with all in it', () => {
  const files = new MemoryFiles();
  runNow(files.makeDirectory('/a/b'));
  runNow(files.makeDirectory('/a/empty'));
  runNow(writeFileDurably(files, '/a/one', [new Uint8Array(10)]));
  runNow(writeFileDurably(files, '/a/b/two', [new Uint8Array(5)]));
  expect(runNow(folderUsage(files, '/a'))).toEqual({ fileCount: 2, sizeBytes: 15 });
});

test('a long statement is shown in one line that ends in dots', () => {
  expect(oneLine('SELECT\n  1,\n  2', 60)).toBe('SELECT 1, 2');
  expect(oneLine('SELECT 1234567890', 14)).toBe('SELECT 123 ...');
});
