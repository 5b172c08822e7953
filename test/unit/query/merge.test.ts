/** Live rows over files: each key model against a model of it, at every version. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Row } from '../../../src/base/row-stream.ts';
import type { TabletSchema } from '../../../src/protocol/tablet-schema.ts';
import {
  column,
  createFixture,
  type FakeFile,
  type Fixture,
  query,
  schemaOf,
  summed,
} from './fixture.ts';

let fixture: Fixture;
beforeAll(() => {
  fixture = createFixture();
});
afterAll(async () => {
  expect(fixture.openLeases.size).toBe(0);
  await fixture.close();
});

/** One load: keys it deletes, then rows it writes. */
interface Load {
  readonly version: number;
  readonly deletes: readonly number[];
  readonly rows: readonly (readonly [number, number | null])[];
}

const key = fc.integer({ min: 0, max: 6 });
const loadsOf = fc
  .array(
    fc.record({
      deletes: fc.oneof(fc.constant([]), fc.array(key, { maxLength: 3 })),
      rows: fc.array(fc.tuple(key, fc.option(fc.integer({ min: -5, max: 5 }))), { maxLength: 5 }),
    }),
    { maxLength: 8 },
  )
  .map((loads): Load[] => loads.map((load, index) => ({ version: index + 2, ...load })));
/** How many neighbouring loads share a file. */
const gathering = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 8, maxLength: 8 });

function filesOf(loads: readonly Load[], sizes: readonly number[]): FakeFile[] {
  const files: FakeFile[] = [];
  for (let at = 0, turn = 0; at < loads.length; turn += 1) {
    const group = loads.slice(at, at + (sizes[turn] ?? 1));
    at += group.length;
    const version = group.at(-1)?.version ?? 0;
    const keys = group.flatMap((load) =>
      load.deletes.map((k) => ({ version: load.version, row: [k] })),
    );
    const rows = group.flatMap((load) => load.rows.map((row) => ({ version: load.version, row })));
    for (const [kind, list] of [
      ['delete', keys],
      ['data', rows],
    ] as const) {
      const cells = list.map(({ row }): Row => row);
      if (group.length === 1) files.push({ kind, version, rows: cells });
      else files.push({ kind, version, rows: cells, versions: list.map((item) => item.version) });
    }
  }
  return files;
}

let tables = 0;

async function rowsAt(
  schema: TabletSchema,
  loads: readonly Load[],
  sizes: readonly number[],
  version: number,
): Promise<string[]> {
  tables += 1;
  const name = `t${tables}`;
  fixture.addTable(name, { schema, version, tablets: [filesOf(loads, sizes)] });
  const { rows } = await query(fixture, `SELECT * FROM ${name}`);
  return rows.map((row) => row.join()).sort();
}

const RUNS = { numRuns: 15, seed: 7 };
const INT = { name: 'INT' } as const;

test.each(['PRIMARY_KEYS', 'UNIQUE_KEYS'] as const)(
  '%s: the last event of a key counts',
  (keysType) => {
    const schema = schemaOf(keysType, [column('k', INT, true), column('v', INT)]);
    return fc.assert(
      fc.asyncProperty(loadsOf, gathering, fc.nat(), async (loads, sizes, pick) => {
        const version = 1 + (pick % (loads.length + 1));
        const model = new Map<number, number | null>();
        for (const load of loads.filter((item) => item.version <= version)) {
          for (const k of load.deletes) model.delete(k);
          for (const [k, v] of load.rows) model.set(k, v);
        }
        const live = await rowsAt(schema, loads, sizes, version);
        expect(live).toEqual([...model].map(([k, v]) => [k, v].join()).sort());
      }),
      RUNS,
    );
  },
);

test('DUP_KEYS: every row counts until its key is deleted', () => {
  const schema = schemaOf('DUP_KEYS', [column('k', INT, true), column('v', INT)]);
  return fc.assert(
    fc.asyncProperty(loadsOf, gathering, fc.nat(), async (loads, sizes, pick) => {
      const version = 1 + (pick % (loads.length + 1));
      let model: (readonly [number, number | null])[] = [];
      for (const load of loads.filter((item) => item.version <= version)) {
        model = [...model.filter(([k]) => !load.deletes.includes(k)), ...load.rows];
      }
      const live = await rowsAt(schema, loads, sizes, version);
      expect(live).toEqual(model.map((row) => row.join()).sort());
    }),
    RUNS,
  );
});

test.each([
  ['SUM', (a: number, b: number) => a + b],
  ['MIN', Math.min],
  ['MAX', Math.max],
  ['REPLACE_IF_NOT_NULL', (_: number, b: number) => b],
] as const)('AGG_KEYS: %s combines the rows of a key', (aggregation, combine) => {
  const schema = schemaOf('AGG_KEYS', [column('k', INT, true), summed('v', INT, aggregation)]);
  return fc.assert(
    fc.asyncProperty(loadsOf, gathering, async (loads, sizes) => {
      const model = new Map<number, number | null>();
      for (const load of loads) {
        for (const k of load.deletes) model.delete(k);
        for (const [k, v] of load.rows) {
          const old = model.get(k) ?? null;
          model.set(k, old === null ? v : v === null ? old : combine(old, v));
        }
      }
      const live = await rowsAt(schema, loads, sizes, loads.length + 1);
      expect(live).toEqual([...model].map(([k, v]) => [k, v].join()).sort());
    }),
    { ...RUNS, numRuns: 8 },
  );
});

test('AGG_KEYS: REPLACE takes the last row, NULL too, and sums wrap around', async () => {
  const schema = schemaOf('AGG_KEYS', [
    column('k', INT, true),
    summed('r', INT, 'REPLACE'),
    summed('t', { name: 'TINYINT' }, 'SUM'),
    summed('b', { name: 'BIGINT' }, 'sum'),
  ]);
  fixture.addTable('agg', {
    schema,
    version: 3,
    tablets: [
      [
        {
          version: 2,
          rows: [
            [1, 5, 100, 9223372036854775807n],
            [1, 6, 100, 1n],
          ],
        },
        { version: 3, rows: [[1, null, null, null]] },
      ],
    ],
  });
  const { rows } = await query(fixture, 'SELECT * FROM agg');
  expect(rows).toEqual([['1', null, '-56', '-9223372036854775808']]);
});

test.each([
  ['DECIMAL(5, 2)', { name: 'DECIMAL', precision: 5, scale: 2 }, '999.99', '0.01'],
  ['LARGEINT', { name: 'LARGEINT' }, 2n ** 127n - 1n, 1n],
] as const)('AGG_KEYS: a sum that leaves %s is refused', async (_, type, a, b) => {
  const schema = schemaOf('AGG_KEYS', [column('k', INT, true), summed('v', type, 'SUM')]);
  const rows = [
    [1, a],
    [1, b],
  ];
  fixture.addTable('wide', { schema, version: 2, tablets: [[{ version: 2, rows }]] });
  await expect(query(fixture, 'SELECT * FROM wide')).rejects.toMatchObject({ code: 'unsupported' });
});

test('an aggregation that is not supported is refused by name', async () => {
  const schema = schemaOf('AGG_KEYS', [column('k', INT, true), summed('h', INT, 'HLL_UNION')]);
  fixture.addTable('other', { schema, version: 2, tablets: [[{ version: 2, rows: [[1, 1]] }]] });
  await expect(query(fixture, 'SELECT * FROM other')).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining("HLL_UNION of column 'h'"),
  });
});

test('values of every type come back from files as they are, in both engines', async () => {
  const columns = [
    column('k', { name: 'INT' }, true),
    column('l', { name: 'LARGEINT' }),
    column('big', { name: 'DECIMAL', precision: 38, scale: 10 }),
    column('small', { name: 'DECIMAL', precision: 5, scale: 1 }),
    column('x', { name: 'VARBINARY' }),
    column('j', { name: 'JSON' }),
    column('d', { name: 'DATE' }),
    column('t', { name: 'DATETIME' }),
    column('f', { name: 'FLOAT' }),
    column('c', { name: 'CHAR', length: 5 }),
  ];
  const row: Row = [
    1,
    -170141183460469231731687303715884105728n,
    '-1234567890123456789012345678.0123456789',
    '-0.5',
    new Uint8Array([0, 255]),
    '{"a": [1, "ü"]}',
    '9999-12-31',
    '0001-01-01 23:59:59.000001',
    -3.4e38,
    'a\0b',
  ];
  const schema = schemaOf('PRIMARY_KEYS', columns);
  const rows = [row, [2, ...row.slice(1).map(() => null)]];
  fixture.addTable('types', { schema, version: 2, tablets: [[{ version: 2, rows }]] });
  const result = await query(fixture, 'SELECT * FROM types ORDER BY k');
  expect(result.rows[0]).toEqual([...row.slice(0, 4), '00ff', ...row.slice(5)].map(String));
  expect(result.rows[1]?.slice(1)).toEqual(row.slice(1).map(() => null));
});
