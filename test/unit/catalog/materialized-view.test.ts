/** Materialized views in the catalog: who knows whom, and what makes one inactive. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asId, type DbId, type TableId } from '../../../src/base/ids.ts';
import { applyCatalogRecord, emptyCatalog } from '../../../src/catalog/apply.ts';
import { decodeTable, encodeTable } from '../../../src/catalog/codec.ts';
import {
  activated,
  inactivated,
  type MaterializedViewInfo,
} from '../../../src/catalog/materialized-view.ts';
import type { Catalog, OlapTable } from '../../../src/catalog/model.ts';
import { tableSignature } from '../../../src/catalog/table-signature.ts';
import { MATERIALIZED_VIEW } from './arbitrary-materialized-view.ts';
import { sampleTable } from './sample-table.ts';

const SHOP = asId<DbId>(900_001);
const OTHER = asId<DbId>(900_002);

function infoOver(...bases: readonly OlapTable[]): MaterializedViewInfo {
  return {
    dbId: OTHER,
    definition: 'SELECT 1',
    resolvedDefinition: 'SELECT 1',
    pipesAsConcat: false,
    baseTables: bases.map(({ id, name }) => ({
      dbId: name.startsWith('mv') ? OTHER : SHOP,
      dbName: 'd',
      tableId: id,
      tableName: name,
    })),
    isActive: true,
    inactiveReason: '',
    refresh: { type: 'MANUAL', moment: 'IMMEDIATE' },
    baseTableVersions: new Map(),
    lastRefreshTimeMs: 0,
  };
}

/** Table `a` in one database; `mv1` over it and `mv2` over that in another. */
function nested(): { catalog: Catalog; a: OlapTable; mv1: OlapTable; mv2: OlapTable } {
  const catalog = emptyCatalog();
  applyCatalogRecord(catalog, { op: 'OP_CREATE_DB_V2', dbId: SHOP, name: 'shop' });
  applyCatalogRecord(catalog, { op: 'OP_CREATE_DB_V2', dbId: OTHER, name: 'other' });
  const a = sampleTable({ name: 'a', firstId: 1_000 });
  const mv1 = { ...sampleTable({ name: 'mv1', firstId: 2_000 }), materializedView: infoOver(a) };
  const mv2 = { ...sampleTable({ name: 'mv2', firstId: 3_000 }), materializedView: infoOver(mv1) };
  applyCatalogRecord(catalog, { op: 'OP_CREATE_TABLE_V2', dbId: SHOP, table: a });
  applyCatalogRecord(catalog, { op: 'OP_CREATE_TABLE_V2', dbId: OTHER, table: mv1 });
  applyCatalogRecord(catalog, { op: 'OP_CREATE_TABLE_V2', dbId: OTHER, table: mv2 });
  return { catalog, a, mv1, mv2 };
}

function reasonOf(catalog: Catalog, table: OlapTable): string | undefined {
  const info = catalog.databases.get(OTHER)?.tables.get(table.id)?.materializedView;
  return info?.isActive === true ? undefined : info?.inactiveReason;
}

const relatedOf = (catalog: Catalog, dbId: DbId, id: TableId): unknown =>
  catalog.databases.get(dbId)?.tables.get(id)?.relatedMaterializedViews;

describe('a table and the views over it', () => {
  test('each base table knows the view once, and forgets it when it is dropped', () => {
    const { catalog, a, mv1, mv2 } = nested();
    applyCatalogRecord(catalog, { op: 'OP_CREATE_TABLE_V2', dbId: OTHER, table: mv1 });
    expect(relatedOf(catalog, SHOP, a.id)).toEqual([{ dbId: OTHER, tableId: mv1.id }]);
    applyCatalogRecord(catalog, { op: 'OP_DROP_TABLE', dbId: OTHER, tableId: mv2.id });
    expect(relatedOf(catalog, OTHER, mv1.id)).toBeUndefined();
    applyCatalogRecord(catalog, { op: 'OP_DROP_DB', dbId: OTHER });
    expect(relatedOf(catalog, SHOP, a.id)).toBeUndefined();
  });

  test.each([
    ['dropped', { op: 'OP_DROP_TABLE', dbId: SHOP, tableId: asId<TableId>(1_000) }],
    ['dropped', { op: 'OP_DROP_DB', dbId: SHOP }],
    [
      'renamed',
      { op: 'OP_RENAME_TABLE_V2', dbId: SHOP, tableId: asId<TableId>(1_000), newName: 'b' },
    ],
  ] as const)(
    'a base table that is %s makes the view inactive, and those over it',
    (how, record) => {
      const { catalog, mv1, mv2 } = nested();
      applyCatalogRecord(catalog, record);
      expect(reasonOf(catalog, mv1)).toBe(`base-table ${how}: a`);
      expect(reasonOf(catalog, mv2)).toBe('base-mv inactive: mv1');
    },
  );

  test('a table that only says it is under a view does not touch it', () => {
    const { catalog, a, mv1 } = nested();
    // As a copy out of a snapshot, which bears the ids of the original.
    const copy = { ...sampleTable({ name: 'copy', firstId: 5_000 }) };
    const related = [{ dbId: OTHER, tableId: mv1.id }];
    const table = { ...copy, relatedMaterializedViews: related };
    applyCatalogRecord(catalog, { op: 'OP_CREATE_TABLE_V2', dbId: SHOP, table });
    applyCatalogRecord(catalog, { op: 'OP_DROP_TABLE', dbId: SHOP, tableId: copy.id });
    expect(reasonOf(catalog, mv1)).toBeUndefined();
    expect(relatedOf(catalog, SHOP, a.id)).toEqual(related);
  });

  test('a view that is bound anew leaves its former ids and tables, twice as well as once', () => {
    const { catalog, a, mv1 } = nested();
    const formerId = { dbId: asId<DbId>(7), tableId: asId<TableId>(8) };
    const b = {
      ...sampleTable({ name: 'b', firstId: 6_000 }),
      relatedMaterializedViews: [formerId],
    };
    applyCatalogRecord(catalog, { op: 'OP_CREATE_TABLE_V2', dbId: SHOP, table: b });
    for (let time = 0; time < 2; time += 1) {
      applyCatalogRecord(catalog, {
        op: 'OP_ALTER_MATERIALIZED_VIEW_BASE_TABLE_INFOS',
        dbId: OTHER,
        tableId: mv1.id,
        formerId,
        materializedView: infoOver(b),
      });
    }
    expect(relatedOf(catalog, SHOP, a.id)).toBeUndefined();
    expect(relatedOf(catalog, SHOP, b.id)).toEqual([{ dbId: OTHER, tableId: mv1.id }]);
  });

  test('a view that is set inactive takes those over it along, and keeps its first reason', () => {
    const { catalog, a, mv1, mv2 } = nested();
    const status = (info: MaterializedViewInfo): void =>
      applyCatalogRecord(catalog, {
        op: 'OP_ALTER_MATERIALIZED_VIEW_STATUS',
        dbId: OTHER,
        tableId: mv1.id,
        materializedView: info,
      });
    status(inactivated(infoOver(a), 'manually inactivated'));
    expect(reasonOf(catalog, mv2)).toBe('base-mv inactive: mv1');
    applyCatalogRecord(catalog, { op: 'OP_DROP_TABLE', dbId: SHOP, tableId: a.id });
    expect(reasonOf(catalog, mv1)).toBe('manually inactivated');
    status(activated(inactivated(infoOver(a), 'x')));
    expect(reasonOf(catalog, mv1)).toBeUndefined();
    expect(reasonOf(catalog, mv2)).toBe('base-mv inactive: mv1');
  });
});

describe('a materialized view as a table', () => {
  test('is the same after encoding and decoding, in StarRocks form', () => {
    fc.assert(
      fc.property(MATERIALIZED_VIEW, (materializedView) => {
        const table: OlapTable = { ...sampleTable(), materializedView };
        const json = JSON.parse([...encodeTable(table)].join(''));
        expect(json).toMatchObject({ clazz: 'MaterializedView', type: 'MATERIALIZED_VIEW' });
        expect(decodeTable(json)).toEqual(table);
      }),
      { numRuns: 50 },
    );
  });

  test('a table keeps the views over it under StarRocks key', () => {
    const { catalog, a } = nested();
    const table = catalog.databases.get(SHOP)?.tables.get(a.id) ?? a;
    const json = JSON.parse([...encodeTable(table)].join(''));
    expect(json.mvs).toEqual([{ dbId: OTHER, id: 2_000 }]);
    expect(decodeTable(json)).toEqual(table);
  });

  test('its signature is not that of a table of the same shape', () => {
    const table = sampleTable();
    const view: OlapTable = { ...table, materializedView: infoOver(table) };
    expect(tableSignature(view, []).signature).not.toBe(tableSignature(table, []).signature);
  });
});
