import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as catalogCodec from '../../../src/catalog/codec.ts';
import type { Table } from '../../../src/catalog/model.ts';
import { EMPTY_META } from '../../../src/repository/meta-info.ts';
import {
  CURRENT_META_FORM,
  decodeMeta,
  encodeMeta,
} from '../../../src/repository/meta-info-codec.ts';
import { arbitraryTable } from '../catalog/arbitrary-table.ts';
import { SAMPLE_CATALOG, SAMPLE_FUNCTION, SAMPLE_VIEW } from '../catalog/sample-objects.ts';
import { md5Of, plainCodec } from './support.ts';

const bytesOf = (tables: ReadonlyMap<string, Table>): Buffer =>
  Buffer.concat([...encodeMeta({ ...EMPTY_META, tables }, plainCodec)]);

const framed = (text: string): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([head, Buffer.from(text)]);
};

const asTable = (json: unknown): Table => json as Table;

test('a meta without tables is written byte for byte as StarRocks does', () => {
  const bytes = bytesOf(new Map());
  expect(bytes.subarray(0, 4).toString('hex')).toBe('0000002e');
  expect(bytes.subarray(4).toString()).toBe('{"tblNameMap":{},"functions":[],"catalogs":[]}');
  expect(bytes.length).toBe(50);
  expect(md5Of(bytes)).toBe('202196513ce574b162ea2ad5ce6b7fc4');
});

test('3.3 writes the tables only', () => {
  const form = { hasFunctionsAndCatalogs: false };
  const bytes = Buffer.concat([...encodeMeta(EMPTY_META, plainCodec, form)]);
  expect(bytes.subarray(4).toString()).toBe('{"tblNameMap":{}}');
  expect(decodeMeta(bytes, plainCodec).tables.size).toBe(0);
});

test('invariant 26: the first four bytes are the length of the rest, which begins with {', () => {
  const tables = fc.dictionary(
    fc.string(),
    fc.json().map((text) => ({ text })),
  );
  fc.assert(
    fc.property(tables, (byName) => {
      const meta = new Map(Object.entries(byName).map(([name, json]) => [name, asTable(json)]));
      const bytes = bytesOf(meta);
      expect(bytes.readUInt32BE()).toBe(bytes.length - 4);
      expect(bytes[4]).toBe(0x7b);
      expect(decodeMeta(bytes, plainCodec).tables).toEqual(meta);
    }),
  );
});

test('characters that mean something in HTML are escaped in names, and read back', () => {
  const tables = new Map([["<a>&='", asTable({})]]);
  expect(bytesOf(tables).toString()).toContain('\\u003ca\\u003e\\u0026\\u003d\\u0027');
  expect([...decodeMeta(bytesOf(tables), plainCodec).tables.keys()]).toEqual(["<a>&='"]);
});

test('a large meta comes in pieces', () => {
  const tables = new Map(
    Array.from(
      { length: 40 },
      (_, at) => [`t${at}`, asTable({ rows: 'é'.repeat(40_000) })] as const,
    ),
  );
  const pieces = [...encodeMeta({ ...EMPTY_META, tables }, plainCodec)];
  expect(pieces.length).toBeGreaterThan(4);
  expect(Buffer.concat(pieces).readUInt32BE()).toBe(Buffer.concat(pieces).length - 4);
});

test('a meta too large to be held is encoded twice, and may not differ the second time', () => {
  let calls = 0;
  const fickle = { ...plainCodec, encodeTable: () => ['1'.repeat(++calls)] };
  const meta = { ...EMPTY_META, tables: new Map([['t', asTable({})]]) };
  const encode = (heldBytesMax?: number): unknown => [
    ...encodeMeta(meta, fickle, CURRENT_META_FORM, heldBytesMax),
  ];
  encode();
  expect(calls).toBe(1);
  expect(() => encode(10)).toThrow('after');
  expect(calls).toBe(3);
});

test('the binary form of early releases is refused by name', () => {
  expect(() => decodeMeta(Buffer.from([0, 0, 0, 1, 0, 5, 1, 2]), plainCodec)).toThrow('before 3.3');
});

test('a meta that is cut is refused, one with more behind it is read', () => {
  const bytes = bytesOf(new Map());
  expect(() => decodeMeta(bytes.subarray(0, 40), plainCodec)).toThrow('announces 46 bytes');
  expect(() => decodeMeta(bytes.subarray(0, 3), plainCodec)).toThrow('only 3 bytes');
  expect(decodeMeta(Buffer.concat([bytes, Buffer.from('rest')]), plainCodec).tables.size).toBe(0);
});

test('what is no meta is told', () => {
  expect(() => decodeMeta(framed('{"tblNameMap":'), plainCodec)).toThrow('not JSON');
  expect(() => decodeMeta(framed('{"functions":[]}'), plainCodec)).toThrow('tblNameMap');
  const broken = framed('{"tblNameMap":{}}');
  broken[10] = 0xff;
  expect(() => decodeMeta(broken, plainCodec)).toThrow('not UTF-8');
});

test('tables of the catalog come back whole', () => {
  fc.assert(
    fc.property(fc.array(arbitraryTable(), { maxLength: 3 }), (tables) => {
      const meta = { ...EMPTY_META, tables: new Map(tables.map((table) => [table.name, table])) };
      const bytes = Buffer.concat([...encodeMeta(meta, catalogCodec)]);
      expect(decodeMeta(bytes, catalogCodec)).toEqual(meta);
    }),
    { numRuns: 20 },
  );
});

test('views, functions and catalogs come back whole, beside tables', () => {
  const meta = {
    ...EMPTY_META,
    views: new Map([[SAMPLE_VIEW.name, SAMPLE_VIEW]]),
    functions: [SAMPLE_FUNCTION],
    catalogs: [SAMPLE_CATALOG],
  };
  const bytes = Buffer.concat([...encodeMeta(meta, plainCodec)]);
  expect(decodeMeta(bytes, plainCodec)).toEqual(meta);
});

test('functions of a real cluster are refused, not left out', () => {
  const text = '{"tblNameMap":{},"functions":[{"clazz":"ScalarFunction","fid":1}],"catalogs":[]}';
  expect(() => decodeMeta(framed(text), plainCodec)).toThrow('$.name: expected');
});
