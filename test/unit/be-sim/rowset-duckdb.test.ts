import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { encodeRows } from '../../../src/be-sim/rowset-codec.ts';
import { column } from './rig.ts';

test('DuckDB reads a rowset file with the types it should have', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rowset-'));
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const columns = [
      column('b', { name: 'BOOLEAN' }),
      column('t', { name: 'TINYINT' }),
      column('i', { name: 'BIGINT' }),
      column('l', { name: 'LARGEINT' }),
      column('m', { name: 'DECIMAL', precision: 38, scale: 2 }),
      column('d', { name: 'DATE' }),
      column('ts', { name: 'DATETIME' }),
      column('s', { name: 'VARCHAR', length: 20 }),
      column('x', { name: 'VARBINARY' }),
      column('f', { name: 'FLOAT' }),
    ];
    const cells = [
      [true, null],
      [-128, null],
      [2n ** 63n - 1n, null],
      [-(2n ** 127n), null],
      ['-123456789012345678901234567890123456.78', null],
      ['0001-01-01', null],
      ['9999-12-31 23:59:59.999999', null],
      ['grün 😀', null],
      [new Uint8Array([0, 255]), null],
      [0.1, null],
    ];
    const path = join(folder, 'a.dat');
    writeFileSync(path, encodeRows(columns, { rowCount: 2, columns: cells, versions: [2, 3] }));
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
    expect(reader.columnTypes().map(String)).toEqual([
      'BOOLEAN',
      'TINYINT',
      'BIGINT',
      'VARCHAR',
      'DECIMAL(38,2)',
      'DATE',
      'TIMESTAMP',
      'VARCHAR',
      'BLOB',
      'FLOAT',
      'BIGINT',
    ]);
    const text = await connection.runAndReadAll(
      `SELECT i::VARCHAR, l::HUGEINT::VARCHAR, m::VARCHAR, d::VARCHAR, ts::VARCHAR, s,
         __version::INT
       FROM read_parquet('${path}') WHERE b`,
    );
    expect(text.getRows()).toEqual([
      [
        '9223372036854775807',
        '-170141183460469231731687303715884105728',
        '-123456789012345678901234567890123456.78',
        '0001-01-01',
        '9999-12-31 23:59:59.999999',
        'grün 😀',
        2,
      ],
    ]);
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(folder, { recursive: true });
  }
});
