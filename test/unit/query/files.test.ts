/** FILES: text and Parquet files of others, the same through DuckDB and through the interpreter. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { realClock } from '../../../src/base/clock.ts';
import { noFaults } from '../../../src/base/fault.ts';
import { createLocalFiles } from '../../../src/base/local-files.ts';
import { toPromise } from '../../../src/base/op.ts';
import { bytesSource } from '../../../src/blob/byte-source.ts';
import { createExternalFiles } from '../../../src/blob/external-files.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';
import { createOpenBlob } from '../../../src/blob/registry.ts';
import { S3Blob } from '../../../src/blob/s3.ts';
import { s3Place } from '../../../src/blob/s3-properties.ts';
import { createQueryEngine } from '../../../src/query/create-query-engine.ts';
import type { QueryEngine } from '../../../src/query/query-engine.ts';
import { BUCKET, type S3Server, startS3Server } from '../../support/s3-server.ts';
import { collect, contextOf, type Result } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'files-'));
let engines: readonly QueryEngine[];

function engineOf(mode: 'duckdb' | 'interpreter'): QueryEngine {
  const files = createLocalFiles();
  const openBlob = createOpenBlob({
    files,
    clock: realClock,
    faults: noFaults,
    hasNetwork: true,
    memory: new MemoryBlob(),
  });
  const external = createExternalFiles({ openBlob, files, folder: join(folder, mode) });
  return createQueryEngine({
    mode,
    backend: () => undefined,
    files: { external, files, hasDuckDb: mode === 'duckdb' },
  });
}

/** The file's text under its name. */
function text(name: string, content: string | Uint8Array): void {
  writeFileSync(join(folder, name), content);
}

/** `FILES(...)` over a path in the folder. */
function files(path: string, format: string, options = ''): string {
  return `FILES("path" = "file://${folder}/${path}", "format" = "${format}"${options})`;
}

/** What both engines answer. */
async function ask(sql: string): Promise<Result> {
  const [one, other] = await Promise.all(
    engines.map((engine) => toPromise(collect(engine, sql, contextOf(new Map())))),
  );
  expect(other).toEqual(one);
  return one ?? { names: [], types: [], rows: [] };
}

/** What DuckDB alone is asked: joins and the like. */
function askDuckDb(sql: string): Promise<Result> {
  const [engine] = engines;
  if (engine === undefined) throw new Error('no engine');
  return toPromise(collect(engine, sql, contextOf(new Map())));
}

const ALL_TYPES = `SELECT * FROM (VALUES
  (true, 1::TINYINT, 2::SMALLINT, 3, 4::BIGINT, 5::UTINYINT, 6::UINTEGER, 7::UBIGINT, 1.5::FLOAT,
   2.25::DOUBLE, 1.10::DECIMAL(4,2), 12345678901.123::DECIMAL(14,3),
   -1234567890123456789012.5::DECIMAL(30,1), 'ä', '\\x00\\xFF'::BLOB, DATE '2024-02-29',
   TIMESTAMP '2024-02-29 10:11:12.000345', TIMESTAMPTZ '2024-02-29 10:11:12+00',
   '2024-01-01 00:00:00'::TIMESTAMP_NS, '{"a":1}'::JSON),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL)
) AS t(bo, i8, i16, i32, i64, u8, u32, u64, f, d, dec9, dec18, dec38, s, bin, da, ts, tz, ns, js)`;

beforeAll(async () => {
  engines = [engineOf('duckdb'), engineOf('interpreter')];
  mkdirSync(join(folder, 'years'));
  text('years/2023.csv', 'a\t1\nb\t2\n');
  text('years/2024.csv', 'c\t3\n\n');
  text('years/notes.txt', 'nothing');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const codec of ['uncompressed', 'snappy', 'gzip']) {
    await connection.run(
      `COPY (${ALL_TYPES}) TO '${folder}/types-${codec}.parquet' (FORMAT parquet, CODEC '${codec}')`,
    );
  }
  await connection.run(
    `COPY (SELECT 1 AS a, 'x' AS b) TO '${folder}/two-1.parquet' (FORMAT parquet)`,
  );
  await connection.run(`COPY (SELECT 2.5 AS a) TO '${folder}/two-2.parquet' (FORMAT parquet)`);
  await connection.run(`COPY (SELECT [1] AS l) TO '${folder}/nested.parquet' (FORMAT parquet)`);
  await connection.run(
    `COPY (SELECT range AS n FROM range(3000)) TO '${folder}/many.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  );
  connection.closeSync();
  instance.closeSync();
});

afterAll(async () => {
  for (const engine of engines) await toPromise(engine.close());
  rmSync(folder, { recursive: true, force: true });
});

describe('text files', () => {
  test('have columns $1, $2, ... whose types all values agree on', async () => {
    text('t.csv', '1\t1.5\ttrue\t007\tx\n\\N\t-2e3\tFALSE\t1\t\n-3\t\\N\t\\N\t2\tz\r\n');
    expect(await ask(`SELECT * FROM ${files('t.csv', 'csv')}`)).toEqual({
      names: ['$1', '$2', '$3', '$4', '$5'],
      types: ['BIGINT', 'DOUBLE', 'BOOLEAN', 'VARCHAR', 'VARCHAR'],
      rows: [
        ['1', '1.5', '1', '007', 'x'],
        [null, '-2000', '0', '1', ''],
        ['-3', null, null, '2', 'z'],
      ],
    });
    const plain = files('t.csv', 'csv', ', "auto_detect_types" = "false"');
    expect((await ask(`SELECT $1, f.$4 FROM ${plain} AS f WHERE $1 > 0`)).types).toEqual([
      'VARCHAR',
      'VARCHAR',
    ]);
  });

  test('are spelled as the csv properties say', async () => {
    text('quoted.csv', '﻿k;name;note\n"1";"a;""b""";x\\;y\n 2 ; "two\nlines" ;\\N\n');
    const options =
      ', "csv.column_separator" = ";", "csv.enclose" = \'"\', "csv.escape" = "\\\\", ' +
      '"csv.skip_header" = "1", "csv.trim_space" = "true"';
    expect((await ask(`SELECT * FROM ${files('quoted.csv', 'csv', options)}`)).rows).toEqual([
      ['1', 'a;"b"', 'x;y'],
      ['2', 'two\nlines', null],
    ]);
    text('hex.txt', 'a\u0001b||c\u0001d||');
    const hex = ', "csv.column_separator" = "\\\\x01", "csv.row_delimiter" = "||"';
    expect((await ask(`SELECT $2 FROM ${files('hex.txt', 'csv', hex)}`)).rows).toEqual([
      ['b'],
      ['d'],
    ]);
  });

  test('are found by patterns and read one after the other', async () => {
    for (const path of ['years/*.csv', 'y*/202[34].csv', '{years,months}/????.csv']) {
      expect((await ask(`SELECT $1, $2 FROM ${files(path, 'csv')}`)).rows).toEqual([
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ]);
    }
  });

  test('of many rows go to DuckDB as files, which are gone afterwards', async () => {
    const rows = Array.from({ length: 60_000 }, (_, n) => `${n},n${n % 7}`);
    text('large.csv', `${rows.join('\n')}\n`);
    const large = files('large.csv', 'csv', ', "csv.column_separator" = ","');
    const sql = `SELECT $2, count(*), sum($1) FROM ${large} GROUP BY $2 ORDER BY $2 LIMIT 1`;
    expect((await ask(sql)).rows).toEqual([['n0', '8572', '257147142']]);
    const local = createLocalFiles();
    expect(await toPromise(local.list(join(folder, 'duckdb')))).toEqual([]);
  });

  test.each([
    ['a\tb\nc\n', 'row 2: Value count does not match column count: expected 2, got 1'],
    ['a\n"b\n', 'row 2: an enclosed value does not end: "b'],
    ['"a"b\n', 'row 1: text stands behind an enclosed value: "a"b'],
    [new Uint8Array([0x61, 0xff, 0x0a]), 'the file is not UTF-8'],
    ['\n\n', 'has no rows to tell its columns from'],
  ])('that are broken are named with the row: %j', async (content, message) => {
    text('broken.csv', content);
    const asked = ask(`SELECT * FROM ${files('broken.csv', 'csv', ', "csv.enclose" = \'"\'')}`);
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toThrow('broken.csv');
  });

  test('may be shorter in some rows when that is wanted', async () => {
    text('short.csv', 'a\t1\nb\n');
    const filled = files('short.csv', 'csv', ', "fill_mismatch_column_with" = "null"');
    expect((await ask(`SELECT * FROM ${filled}`)).rows).toEqual([
      ['a', '1'],
      ['b', null],
    ]);
  });
});

describe('Parquet files', () => {
  test.each(['uncompressed', 'snappy', 'gzip'])('give cells of every type (%s)', async (codec) => {
    const { types, rows } = await ask(
      `SELECT * FROM ${files(`types-${codec}.parquet`, 'parquet')}`,
    );
    expect(types.join(' ')).toBe(
      'BOOLEAN TINYINT SMALLINT INT BIGINT SMALLINT BIGINT LARGEINT FLOAT DOUBLE DECIMAL DECIMAL ' +
        'DECIMAL VARCHAR VARBINARY DATE DATETIME DATETIME DATETIME VARCHAR',
    );
    const [row, nulls] = rows;
    expect(row?.join(' | ')).toBe(
      '1 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 1.5 | 2.25 | 1.10 | 12345678901.123 | ' +
        '-1234567890123456789012.5 | ä | 00ff | 2024-02-29 | 2024-02-29 10:11:12.000345 | ' +
        '2024-02-29 18:11:12 | 2024-01-01 00:00:00 | {"a":1}',
    );
    expect(new Set(nulls)).toEqual(new Set([null]));
  });

  test('of several row groups are read whole', async () => {
    const sql = `SELECT count(*), sum(n), max(n) FROM ${files('many.parquet', 'parquet')}`;
    expect((await ask(sql)).rows).toEqual([['3000', '4498500', '2999']]);
  });

  test('are joined with each other and with text files', async () => {
    const sql = `SELECT y.$1, m.n FROM ${files('years/*.csv', 'csv')} AS y
      JOIN ${files('many.parquet', 'parquet')} AS m ON y.$2 = m.n ORDER BY 2 DESC LIMIT 1`;
    expect((await askDuckDb(sql)).rows).toEqual([['c', '3']]);
  });

  test('with other columns are one table only when that is wanted', async () => {
    const asked = ask(`SELECT * FROM ${files('two-*.parquet', 'parquet')}`);
    await expect(asked).rejects.toThrow(/column 'b' is not in .*two-2\.parquet/);
    const filled = files('two-*.parquet', 'parquet', ', "fill_mismatch_column_with" = "null"');
    expect((await ask(`SELECT a, b FROM ${filled} ORDER BY a`)).rows).toEqual([
      ['1.0', 'x'],
      ['2.5', null],
    ]);
  });
});

describe('files in S3', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
    const { properties } = server;
    const place = s3Place(
      { location: `s3a://${BUCKET}`, brokerName: '', properties },
      `//${BUCKET}`,
    );
    const store = new S3Blob(place);
    for (const name of ['two-1.parquet', 'many.parquet']) {
      const bytes = readFileSync(join(folder, name));
      await toPromise(store.put(`/lake/${name}`, bytesSource(bytes)));
    }
    await toPromise(store.close());
  });
  afterAll(() => server.stop());

  const inS3 = (path: string, given: Record<string, string> = {}): string => {
    const properties = { ...server.properties, ...given };
    const list = Object.entries(properties).map(([key, value]) => `"${key}" = "${value}"`);
    return `FILES("path" = "s3://${BUCKET}/${path}", "format" = "parquet", ${list.join(', ')})`;
  };

  test('are fetched with the properties of repositories, then read as if here', async () => {
    const sql = `SELECT count(*), max(n) FROM ${inS3('lake/many*')}`;
    expect((await ask(sql)).rows).toEqual([['3000', '2999']]);
  });

  test('that may not be read or are not there are named, never the secret', async () => {
    const missing = ask(`SELECT * FROM ${inS3('lake/none-*')}`);
    await expect(missing).rejects.toThrow(`no files were found matching the path 's3://${BUCKET}/`);
    const wrong = { 'aws.s3.access_key': 'nobody', 'aws.s3.secret_key': 'hush-hush' };
    const refused = ask(`SELECT * FROM ${inS3('lake/many*', wrong)}`);
    await expect(refused).rejects.toMatchObject({ code: 'blob-not-permitted' });
    await expect(refused).rejects.not.toThrow('hush-hush');
  });
});

describe('what cannot be read is named', () => {
  test.each([
    [files('none/*.csv', 'csv'), 'analysis', 'no files were found matching'],
    [files('years', 'csv'), 'analysis', "years' is a directory"],
    [files('years/2023.csv', 'parquet'), 'file-error', '2023.csv is not a Parquet file'],
    [files('nested.parquet', 'parquet'), 'unsupported', "column 'l' of file:///"],
    [files('years/2023.csv', 'orc'), 'unsupported', "format 'orc'"],
    ['FILES("format" = "csv")', 'analysis', 'path is null'],
    ['FILES("path" = "file:///x", "format" = "")', 'analysis', 'format is null'],
    ['FILES("path" = "/x", "format" = "csv")', 'analysis', "path '/x' must have the form"],
    ['FILES("path" = "gs://b/x", "format" = "csv")', 'blob-location-unsupported', 'gs://'],
    [files('x', 'csv', ', "csv.enclose" = "ab"'), 'analysis', "csv.enclose 'ab'"],
    [files('x', 'csv', ', "columns_from_path" = "y"'), 'unsupported', "'columns_from_path'"],
    [files('x', 'csv', ', "pasword" = "hush"'), 'unsupported', "'pasword'"],
  ])('%s', async (relation, code, message) => {
    const asked = ask(`SELECT * FROM ${relation}`);
    await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    await expect(asked).rejects.not.toThrow('hush');
  });

  test('a damaged Parquet file is an error of the file, not of a tablet', async () => {
    const bytes = readFileSync(join(folder, 'many.parquet'));
    text('damaged.parquet', bytes.fill(0xff, 4, 40));
    const asked = ask(`SELECT sum(n) FROM ${files('damaged.parquet', 'parquet')}`);
    await expect(asked).rejects.toMatchObject({
      code: 'file-error',
      message: expect.stringContaining('damaged.parquet'),
    });
  });
});
