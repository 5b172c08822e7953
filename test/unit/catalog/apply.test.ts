import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asId, type DbId, type TableId } from '../../../src/base/ids.ts';
import {
  applyCatalogRecord,
  emptyCatalog,
  emptyDatabase,
  putTable,
  removeTable,
} from '../../../src/catalog/apply.ts';
import { decodeCatalog, encodeCatalog } from '../../../src/catalog/codec.ts';
import type { Catalog, TabletPlace } from '../../../src/catalog/model.ts';
import type { CatalogRecord } from '../../../src/catalog/records.ts';
import { allPartitions } from '../../../src/catalog/table-lookup.ts';
import { locateTablet } from '../../../src/catalog/tablet-index.ts';
import { arbitraryTable } from './arbitrary-table.ts';
import { sampleTable } from './sample-table.ts';

const DB = asId<DbId>(1_000_001);

/** What a catalog says, as plain data that a naive model can keep too. */
interface PlainTable {
  name: string;
  readonly partitions: Map<string, { id: number; version: number }>;
}
type PlainCatalog = Map<number, { name: string; tables: Map<number, PlainTable> }>;

function plainOf(catalog: Catalog): PlainCatalog {
  return new Map(
    [...catalog.databases].map(([id, database]) => [
      Number(id),
      {
        name: database.name,
        tables: new Map(
          [...database.tables].map(([tableId, table]) => [
            Number(tableId),
            {
              name: table.name,
              partitions: new Map(
                [...table.partitions].map(([name, one]) => [
                  name,
                  { id: Number(one.id), version: one.physical[0]?.visibleVersion ?? 0 },
                ]),
              ),
            },
          ]),
        ),
      },
    ]),
  );
}

/** The model's own idea of each record. */
function applyNaively(plain: PlainCatalog, record: CatalogRecord): void {
  const tables = 'dbId' in record ? plain.get(record.dbId)?.tables : undefined;
  const table = 'tableId' in record ? tables?.get(record.tableId) : undefined;
  switch (record.op) {
    case 'OP_CREATE_DB_V2':
      plain.set(record.dbId, { name: record.name, tables: new Map() });
      break;
    case 'OP_DROP_DB':
      plain.delete(record.dbId);
      break;
    case 'OP_CREATE_TABLE_V2':
      tables?.set(record.table.id, {
        name: record.table.name,
        partitions: new Map(
          [...record.table.partitions.values()].map((one) => [
            one.name,
            { id: Number(one.id), version: one.physical[0]?.visibleVersion ?? 0 },
          ]),
        ),
      });
      break;
    case 'OP_DROP_TABLE':
      tables?.delete(record.tableId);
      break;
    case 'OP_RENAME_TABLE_V2':
      if (table !== undefined) table.name = record.newName;
      break;
    case 'OP_ADD_PARTITIONS_V2':
    case 'OP_TRUNCATE_TABLE':
      for (const one of record.partitions) {
        const version = one.physical[0]?.visibleVersion ?? 0;
        table?.partitions.set(one.name, { id: Number(one.id), version });
      }
      break;
    case 'OP_DROP_PARTITION':
      table?.partitions.delete(record.partitionName);
      break;
    case 'OP_UPSERT_TRANSACTION_STATE_V2':
      for (const commit of record.partitions) {
        for (const one of table?.partitions.values() ?? []) {
          if (one.id + 1 === commit.physicalPartitionId) one.version = commit.version;
        }
      }
  }
}

/** A random history that the checks of a frontend would let happen. */
function historyOf(choices: readonly number[]): CatalogRecord[] {
  const records: CatalogRecord[] = [];
  const catalog = emptyCatalog();
  const log = (record: CatalogRecord): void => {
    records.push(record);
    applyCatalogRecord(catalog, record);
  };
  let nextId = 1;
  const days = (at: number): string[] => [`2024-02-${10 + at}`, `2024-02-${11 + at}`];
  for (const choice of choices) {
    const databases = [...catalog.databases.values()];
    const database = databases[choice % Math.max(databases.length, 1)];
    const tables = [...(database?.tables.values() ?? [])];
    const table = tables[choice % Math.max(tables.length, 1)];
    const kind = choice % 11;
    if (database === undefined || kind === 0) {
      log({ op: 'OP_CREATE_DB_V2', dbId: asId(nextId++), name: `db${nextId}` });
    } else if (kind === 1 && databases.length > 1) {
      log({ op: 'OP_DROP_DB', dbId: database.id });
    } else if (table === undefined || kind <= 3) {
      const made = sampleTable({ firstId: nextId, name: `t${nextId}` });
      nextId += 1000;
      log({ op: 'OP_CREATE_TABLE_V2', dbId: database.id, table: made });
    } else {
      const where = { dbId: database.id, tableId: table.id };
      const partitions = [...table.partitions.values()];
      const partition = partitions[choice % Math.max(partitions.length, 1)];
      if (kind === 4) log({ op: 'OP_DROP_TABLE', ...where });
      else if (kind === 5) log({ op: 'OP_RENAME_TABLE_V2', ...where, newName: `r${nextId++}` });
      else if (kind === 6 || partition === undefined) {
        const other = sampleTable({ firstId: nextId, days: days(records.length % 18) });
        nextId += 1000;
        const fresh = [...other.partitions.values()].map((one) => ({ ...one, name: `n${one.id}` }));
        log({ op: 'OP_ADD_PARTITIONS_V2', ...where, partitions: fresh });
      } else if (kind === 7) {
        log({ op: 'OP_DROP_PARTITION', ...where, partitionName: partition.name });
      } else if (kind === 8) {
        const other = sampleTable({ firstId: nextId, days: days(3) });
        nextId += 1000;
        const fresh = [...other.partitions.values()].map((one) => ({
          ...one,
          name: partition.name,
        }));
        log({ op: 'OP_TRUNCATE_TABLE', ...where, partitions: fresh });
      } else {
        const [physical] = partition.physical;
        if (physical === undefined) continue;
        log({
          op: 'OP_UPSERT_TRANSACTION_STATE_V2',
          ...where,
          txnId: asId(nextId++),
          label: 'l',
          commitTimeMs: nextId,
          partitions: [
            {
              physicalPartitionId: physical.id,
              version: physical.visibleVersion + 1,
              failedReplicas: [],
            },
          ],
        });
      }
    }
  }
  return records;
}

const HISTORY = fc.array(fc.nat(1000), { minLength: 1, maxLength: 25 }).map(historyOf);

function scan(catalog: Catalog): Map<number, TabletPlace> {
  const places = new Map<number, TabletPlace>();
  for (const database of catalog.databases.values()) {
    for (const table of database.tables.values()) {
      for (const partition of allPartitions(table)) {
        for (const physical of partition.physical) {
          for (const { indexId, tablets } of physical.indexes) {
            for (const tabletId of tablets.tabletIds) {
              places.set(tabletId, {
                dbId: database.id,
                tableId: table.id,
                partitionId: partition.id,
                physicalPartitionId: physical.id,
                indexId,
                tabletId: asId(tabletId),
              });
            }
          }
        }
      }
    }
  }
  return places;
}

describe('records', () => {
  test('after any history the catalog says what a naive model says', () => {
    fc.assert(
      fc.property(HISTORY, (records) => {
        const catalog = emptyCatalog();
        const plain: PlainCatalog = new Map();
        for (const record of records) {
          applyCatalogRecord(catalog, record);
          applyNaively(plain, record);
          expect(plainOf(catalog)).toEqual(plain);
        }
      }),
    );
  });

  test('names and ids point at each other after every record', () => {
    fc.assert(
      fc.property(HISTORY, (records) => {
        const catalog = emptyCatalog();
        for (const record of records) {
          applyCatalogRecord(catalog, record);
          const databases = [...catalog.databases.values()];
          expect(catalog.databaseIds).toEqual(new Map(databases.map((one) => [one.name, one.id])));
          for (const { tables, tableIds } of catalog.databases.values()) {
            expect(tableIds.size).toBe(tables.size);
            for (const [name, id] of tableIds) expect(tables.get(id)?.name).toBe(name);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a record that is applied twice changes nothing the second time', () => {
    fc.assert(
      fc.property(HISTORY, (records) => {
        const once = emptyCatalog();
        const twice = emptyCatalog();
        for (const record of records) {
          applyCatalogRecord(once, record);
          applyCatalogRecord(twice, record);
          applyCatalogRecord(twice, record);
        }
        expect(twice).toEqual(once);
      }),
      { numRuns: 50 },
    );
  });

  test('an image in the middle of a history loses nothing', () => {
    fc.assert(
      fc.property(HISTORY, fc.nat(25), (records, cut) => {
        const straight = emptyCatalog();
        for (const record of records) applyCatalogRecord(straight, record);
        const first = emptyCatalog();
        for (const record of records.slice(0, cut)) applyCatalogRecord(first, record);
        const loaded = decodeCatalog(JSON.parse([...encodeCatalog(first)].join('')));
        for (const record of records.slice(cut)) applyCatalogRecord(loaded, record);
        expect(loaded).toEqual(straight);
      }),
      { numRuns: 30 },
    );
  });

  test('a record that cannot be is a bug, and a commit for a dropped table is nothing', () => {
    const catalog = emptyCatalog();
    const where = { dbId: DB, tableId: asId<TableId>(1) };
    const table = sampleTable();
    expect(() =>
      applyCatalogRecord(catalog, { op: 'OP_CREATE_TABLE_V2', dbId: DB, table }),
    ).toThrow(/database 1000001/);
    applyCatalogRecord(catalog, { op: 'OP_CREATE_DB_V2', dbId: DB, name: 'shop' });
    expect(() =>
      applyCatalogRecord(catalog, { op: 'OP_CREATE_DB_V2', dbId: asId(5), name: 'shop' }),
    ).toThrow(/shop/);
    expect(() =>
      applyCatalogRecord(catalog, { op: 'OP_RENAME_TABLE_V2', ...where, newName: 'x' }),
    ).toThrow(/table 1/);
    applyCatalogRecord(catalog, { op: 'OP_CREATE_TABLE_V2', dbId: DB, table });
    const sameName = { ...table, id: asId<TableId>(77) };
    expect(() => putTable(catalog, DB, sameName)).toThrow(/orders/);
    removeTable(catalog, DB, table.id);
    const commit: CatalogRecord = {
      op: 'OP_UPSERT_TRANSACTION_STATE_V2',
      ...where,
      txnId: asId(1),
      label: 'l',
      commitTimeMs: 1,
      partitions: [{ physicalPartitionId: asId(3), version: 2, failedReplicas: [] }],
    };
    applyCatalogRecord(catalog, commit);
    applyCatalogRecord(catalog, { op: 'OP_DROP_DB', dbId: DB });
    applyCatalogRecord(catalog, commit);
    expect(catalog).toEqual(emptyCatalog());
  });
});

describe('locateTablet', () => {
  test('finds after every record what a scan finds, and nothing else', () => {
    fc.assert(
      fc.property(HISTORY, (records) => {
        const catalog = emptyCatalog();
        const seen = new Set<number>([0, 1, 2 ** 40]);
        for (const record of records) {
          applyCatalogRecord(catalog, record);
          const places = scan(catalog);
          for (const id of places.keys()) for (const near of [id - 1, id, id + 1]) seen.add(near);
          for (const id of seen) expect(locateTablet(catalog, asId(id))).toEqual(places.get(id));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('finds nothing of a database that was dropped', () => {
    const catalog = emptyCatalog();
    applyCatalogRecord(catalog, { op: 'OP_CREATE_DB_V2', dbId: DB, name: 'shop' });
    putTable(catalog, DB, sampleTable());
    expect(locateTablet(catalog, asId(5))).toMatchObject({ tableId: 1, partitionId: 2 });
    applyCatalogRecord(catalog, { op: 'OP_DROP_DB', dbId: DB });
    expect(locateTablet(catalog, asId(5))).toBeUndefined();
  });

  test('finds the tablets of tables with gaps, rollups and several physical partitions', () => {
    fc.assert(
      fc.property(
        arbitraryTable({ idBase: 0, name: 'a' }),
        arbitraryTable({ idBase: 100_000, name: 'b' }),
        (a, b) => {
          const catalog = emptyCatalog();
          applyCatalogRecord(catalog, { op: 'OP_CREATE_DB_V2', dbId: DB, name: 'shop' });
          putTable(catalog, DB, a);
          putTable(catalog, DB, b);
          for (const [id, place] of scan(catalog)) {
            expect(locateTablet(catalog, asId(id))).toEqual(place);
          }
          removeTable(catalog, DB, a.id);
          const left = scan(catalog);
          for (const id of scan({ ...catalog, databases: new Map([[DB, only(a)]]) }).keys()) {
            expect(locateTablet(catalog, asId(id))).toEqual(left.get(id));
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

function only(table: ReturnType<typeof sampleTable>) {
  return { ...emptyDatabase(DB, 'shop'), tables: new Map([[table.id, table]]) };
}
