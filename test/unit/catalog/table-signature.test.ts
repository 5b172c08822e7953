import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../../src/base/assert.ts';
import { Adler32 } from '../../../src/catalog/adler32.ts';
import { idRun } from '../../../src/catalog/id-run.ts';
import type { Column, OlapTable } from '../../../src/catalog/model.ts';
import { countIdsNeeded, reassignIds } from '../../../src/catalog/reassign-ids.ts';
import { schemaHash } from '../../../src/catalog/schema-hash.ts';
import { renamed } from '../../../src/catalog/table-operations.ts';
import { firstDifference, tableSignature } from '../../../src/catalog/table-signature.ts';
import { arbitraryTable } from './arbitrary-table.ts';
import { roundRobin, sampleTable } from './sample-table.ts';

const all = (table: OlapTable): string[] => [...table.partitions.keys()];
const signatureOf = (table: OlapTable) => tableSignature(table, all(table));

describe('Adler-32', () => {
  test('is what the end of a zlib stream says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const stream = deflateSync(Buffer.from(text));
        expect(new Adler32().text(text).value).toBe(stream.readUInt32BE(stream.length - 4));
      }),
    );
  });

  test('is fed piece by piece, and read as a signed number without its sign', () => {
    const text = 'z'.repeat(5000);
    const sum = new Adler32();
    for (const letter of text) sum.text(letter);
    expect(sum.value).toBe(new Adler32().text(text).value);
    expect(sum.value).toBeGreaterThan(2 ** 31);
    expect(sum.absolute).toBe(2 ** 32 - sum.value);
  });
});

describe('the signature', () => {
  test('invariant 25: does not depend on ids, replica counts, schema hashes or order', () => {
    fc.assert(
      fc.property(arbitraryTable(), fc.integer({ min: 1, max: 3 }), (table, replication) => {
        const count = countIdsNeeded(table, replication);
        const placement = {
          ids: idRun(5_000_000, count),
          chooseBackends: roundRobin,
          physicalIdEqualsLogical: false,
        };
        const { table: other } = present(reassignIds(table, replication, placement), 'a table');
        const shuffled: OlapTable = {
          ...other,
          indexMetas: other.indexMetas.map((meta) => ({ ...meta, schemaHash: 1 })).reverse(),
          partitions: new Map([...other.partitions].reverse()),
        };
        const names = all(table);
        const expected = tableSignature(table, names);
        expect(tableSignature(shuffled, [...names].reverse())).toEqual(expected);
      }),
    );
  });

  test('invariant 25: changes with the table name and the partition type', () => {
    const table = sampleTable();
    const whole = sampleTable({ partitionBy: { kind: 'UNPARTITIONED' } });
    expect(tableSignature(renamed(table, 'orders2'), all(table)).signature).not.toBe(
      signatureOf(table).signature,
    );
    expect(tableSignature(whole, []).signature).not.toBe(tableSignature(table, []).signature);
  });

  test('names the component in which two tables part', () => {
    const table = sampleTable();
    const difference = (other: OlapTable) =>
      firstDifference(signatureOf(table), tableSignature(other, all(table)));
    expect(difference(table)).toBeUndefined();
    expect(difference(renamed(table, 'other'))).toBe('Table name');
    expect(difference(sampleTable({ buckets: 3 }))).toBe('bucket number');
    expect(difference(sampleTable({ buckets: 258 }))).toBeUndefined();
    const [meta] = table.indexMetas;
    const base = present(meta, 'an index');
    const withMeta = (change: Partial<typeof base>): OlapTable => ({
      ...table,
      indexMetas: [{ ...base, ...change }],
    });
    expect(difference(withMeta({ name: 'x' }))).toBe('index name');
    expect(difference(withMeta({ shortKeyColumnCount: 1 }))).toBe('short key column count');
    const retyped = (name: string): Column[] =>
      base.schema.map((one) => (one.name === name ? { ...one, type: { name: 'DATETIME' } } : one));
    expect(difference(withMeta({ schema: retyped('dt') }))).toBe('partition columns');
    expect(difference(withMeta({ schema: retyped('id') }))).toBe('distribution column hash');
    expect(difference(withMeta({ schema: retyped('note') }))).toBeUndefined();
  });

  test('blames nothing when one table has an index more', () => {
    const table = sampleTable();
    const [meta] = table.indexMetas;
    const more = { ...table, indexMetas: [...table.indexMetas, present(meta, 'an index')] };
    expect(firstDifference(signatureOf(table), signatureOf(more))).toBeUndefined();
    expect(signatureOf(more).signature).not.toBe(signatureOf(table).signature);
  });
});

test('the schema hash changes with names, types and keys, not with comments', () => {
  const { schema } = present(sampleTable().indexMetas[0], 'an index');
  const hash = schemaHash(schema);
  const change = (some: Partial<Column>): number =>
    schemaHash(schema.map((one, at) => (at === 2 ? { ...one, ...some } : one)));
  expect(change({})).toBe(hash);
  expect(change({ comment: 'x', isAllowNull: false })).toBe(hash);
  const others = [
    change({ name: 'nota' }),
    change({ isKey: true }),
    change({ type: { name: 'VARCHAR', length: 21 } }),
    schemaHash(schema, 1),
  ];
  expect(new Set([hash, ...others]).size).toBe(5);
});
