import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../../src/base/assert.ts';
import { SimError } from '../../../src/base/errors.ts';
import { asId, type DbId, type TableId } from '../../../src/base/ids.ts';
import {
  applyCatalogRecord,
  emptyCatalog,
  putFunction,
  putTable,
  putView,
} from '../../../src/catalog/apply.ts';
import {
  decodeCatalog,
  decodePartition,
  decodeTable,
  encodeCatalog,
  encodePartition,
  encodeTable,
} from '../../../src/catalog/codec.ts';
import {
  CATALOG_OPS,
  decodeCatalogRecord,
  encodeCatalogRecord,
} from '../../../src/catalog/codec-records.ts';
import type { JsonText } from '../../../src/catalog/json-chunks.ts';
import { CHUNK_LENGTH } from '../../../src/catalog/json-chunks.ts';
import type { OlapTable } from '../../../src/catalog/model.ts';
import type { CatalogRecord } from '../../../src/catalog/records.ts';
import { defaultPhysical } from '../../../src/catalog/table-lookup.ts';
import { SAMPLE_MATERIALIZED_VIEW } from './arbitrary-materialized-view.ts';
import { arbitraryPartition, arbitraryTable } from './arbitrary-table.ts';
import {
  SAMPLE_CATALOG,
  SAMPLE_FUNCTION,
  SAMPLE_ROLLUP_JOB,
  SAMPLE_SCHEMA_CHANGE_JOB,
  SAMPLE_TABLE_INDEX,
  SAMPLE_VIEW,
  SAMPLE_VIEW_INDEX,
} from './sample-objects.ts';
import { sampleTable } from './sample-table.ts';

const parse = (chunks: JsonText): unknown => JSON.parse([...chunks].join(''));

/** `toEqual` ignores the order of maps; the order of partitions is part of a table. */
function orderOf(table: OlapTable): unknown {
  return {
    partitions: [...table.partitions.keys()],
    temporary: [...table.tempPartitions.keys()],
    indexes: table.indexMetas.map((meta) => meta.indexId),
  };
}

describe('tables', () => {
  test('any table is the same after encoding and decoding, order and all', () => {
    fc.assert(
      fc.property(arbitraryTable(), (table) => {
        const decoded = decodeTable(parse(encodeTable(table)));
        expect(decoded).toEqual(table);
        expect(orderOf(decoded)).toEqual(orderOf(table));
      }),
    );
  });

  test('keys that the emulator does not know are ignored wherever they stand', () => {
    const add = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(add);
      if (typeof value !== 'object' || value === null) return value;
      const fields = Object.entries(value).map(([key, one]) => [key, add(one)]);
      const isMapById = fields.length > 0 && fields.every(([key]) => /^\d+$/.test(String(key)));
      const isNames = 'replication_num' in value || 'orders' in value;
      return Object.fromEntries(isMapById || isNames ? fields : [...fields, ['later', { x: 1 }]]);
    };
    const json = parse(encodeTable(sampleTable()));
    // An empty map by id gets no foreign key: there an unknown key would be an id.
    const withUnknown = JSON.parse(
      JSON.stringify(add(json)).replaceAll(':{"later":{"x":1}}', ':{}'),
    );
    expect(decodeTable(withUnknown)).toEqual(sampleTable());
  });

  test('the text has the keys of the real form', () => {
    const json = JSON.stringify(parse(encodeTable(sampleTable())));
    for (const key of [
      '"clazz":"OlapTable"',
      '"indexNameToId":{"orders":',
      '"indexIdToMeta":{',
      '"partitionInfo":{"clazz":"RangePartitionInfo","type":"RANGE"',
      '"idToDataProperty":{',
      '"idToReplicationNum":{',
      '"idToInMemory":{',
      '"idToPartition":{',
      '"idToSubPartition":{',
      '"dpid":',
      '"distributionInfo":{"clazz":"HashDistributionInfo","type":"HASH"',
      '"baseIndex":{"id":',
      '"idToVisibleRollupIndex":{',
      '"clazz":"LocalTablet"',
      '"lastFailedVersion":-1',
      '"tableProperty":{"properties":{',
      '"type":{"clazz":"ScalarType","type":"DATE"}',
    ]) {
      expect(json).toContain(key);
    }
  });

  test('a table that was written without our own part still has its replicas and columns', () => {
    const table = sampleTable({ partitionBy: { kind: 'UNPARTITIONED' } });
    const json = parse(encodeTable(table));
    if (typeof json === 'object' && json !== null) Reflect.deleteProperty(json, 'emulator');
    const decoded = decodeTable(json);
    expect(decoded.indexMetas).toEqual(table.indexMetas);
    expect([...decoded.partitions.values()][0]?.physical).toEqual(
      [...table.partitions.values()][0]?.physical,
    );
  });

  test('a large table comes in chunks that stay small', () => {
    const table = sampleTable({ buckets: 3000 });
    const chunks = [...encodeTable(table)];
    expect(chunks.length).toBeGreaterThan(5);
    for (const chunk of chunks.slice(0, -1)) {
      expect(chunk.length).toBeGreaterThanOrEqual(CHUNK_LENGTH);
      expect(chunk.length).toBeLessThan(CHUNK_LENGTH + 4096);
    }
  });
});

describe('damage', () => {
  const damaged = (path: readonly string[], value: unknown): unknown => {
    const json: unknown = parse(encodeTable(sampleTable()));
    let at = json;
    for (const key of path.slice(0, -1)) at = Reflect.get(Object(at), key);
    Reflect.set(Object(at), path.at(-1) ?? '', value);
    return json;
  };
  const errorOf = (json: unknown): SimError => {
    try {
      decodeTable(json);
    } catch (error) {
      if (error instanceof SimError) return error;
    }
    throw new Error('no SimError was thrown');
  };

  test.each([
    [['name'], 7, '$.name: expected a string, found the number 7'],
    [['id'], 1.5, '$.id: expected a whole number, found the number 1.5'],
    [['state'], 'ODD', '$.state: expected one of NORMAL, RESTORE'],
    [
      ['clazz'],
      'LakeTable',
      '$.clazz: expected one of OlapTable, MaterializedView, found the string',
    ],
    [['idToPartition'], [], '$.idToPartition: expected an object, found an array'],
    [['partitionInfo', 'idToInMemory', '2'], 'x', '$.partitionInfo.idToInMemory.2: expected true'],
    [['indexIdToMeta'], {}, '$.indexIdToMeta.4: expected an object, found nothing'],
    [['tableProperty', 'properties', 'a b'], 1, '$.tableProperty.properties["a b"]: expected a st'],
    [
      ['idToPartition', '2', 'idToSubPartition', '3', 'baseIndex', 'tablets', '1', 'replicas'],
      [],
      '$.idToPartition.2.idToSubPartition.3.baseIndex.tablets[1].replicas: expected 3 replicas',
    ],
  ])('%j = %j is reported with its path', (path, value, text) => {
    const error = errorOf(damaged(path, value));
    expect(error.code).toBe('metadata-unreadable');
    expect(error.message).toContain(text);
  });

  test('no damage of one value makes anything but a named error or another table', () => {
    const text = JSON.stringify(parse(encodeTable(sampleTable())));
    const numbers = [...text.matchAll(/(?<=[:[,])(?:-?\d+|"[^"]*")(?=[,}\]])/g)];
    fc.assert(
      fc.property(
        fc.constantFrom(...numbers),
        fc.constantFrom('null', '"x"', '{}', '[]', 'true', '0.5', '99'),
        (found, value) => {
          const end = found.index + found[0].length;
          const json: unknown = JSON.parse(text.slice(0, found.index) + value + text.slice(end));
          try {
            decodeTable(json);
          } catch (error) {
            expect(error).toMatchObject({ code: 'metadata-unreadable' });
          }
        },
      ),
    );
  });
});

describe('partitions, records and the whole catalog', () => {
  test('a partition is the same after encoding and decoding, with its range', () => {
    fc.assert(
      fc.property(arbitraryTable(), (table) => {
        for (const partition of table.partitions.values()) {
          expect(decodePartition(parse(encodePartition(partition)))).toEqual(partition);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('every kind of record is the same after encoding and decoding', () => {
    fc.assert(
      fc.property(arbitraryTable(), arbitraryPartition(900_000), (table, partition) => {
        const where = { dbId: asId<DbId>(7), tableId: table.id };
        const records: CatalogRecord[] = [
          { op: 'OP_CREATE_DB_V2', dbId: where.dbId, name: 'a "db"' },
          { op: 'OP_DROP_DB', dbId: where.dbId },
          { op: 'OP_RENAME_DB_V2', dbId: where.dbId, newName: 'b' },
          { op: 'OP_ALTER_DB_V2', dbId: where.dbId, dataQuotaBytes: 5, replicaQuota: 6 },
          { op: 'OP_CREATE_TABLE_V2', dbId: where.dbId, table },
          { op: 'OP_DROP_TABLE', ...where },
          { op: 'OP_RENAME_TABLE_V2', ...where, newName: 'other' },
          { op: 'OP_SWAP_TABLE', ...where, otherId: asId<TableId>(7) },
          { op: 'OP_ALTER_TABLE_PROPERTIES', ...where, comment: 'c', properties: new Map() },
          { op: 'OP_RENAME_PARTITION_V2', ...where, partitionName: 'p1', newName: 'p2' },
          { op: 'OP_DROP_PARTITIONS', ...where, partitionNames: ['p1', 'p2'] },
          { op: 'OP_ADD_PARTITIONS_V2', ...where, partitions: [partition] },
          { op: 'OP_DROP_PARTITION', ...where, partitionName: 'p1' },
          { op: 'OP_DYNAMIC_PARTITION', ...where, properties: new Map([['__proto__', 'a']]) },
          {
            op: 'OP_REPLACE_TEMP_PARTITION',
            ...where,
            partitionNames: ['p1', 'p2'],
            tempPartitionNames: ['tp'],
            newNames: ['tp'],
          },
          {
            op: 'OP_ADD_SUB_PARTITIONS_V2',
            ...where,
            partitionId: partition.id,
            physical: defaultPhysical(partition),
          },
          {
            op: 'OP_ALTER_JOB_V2',
            ...where,
            job: SAMPLE_ROLLUP_JOB,
            meta: SAMPLE_VIEW_INDEX,
            physical: partition.physical,
          },
          {
            op: 'OP_MODIFY_TABLE_ADD_OR_DROP_COLUMNS',
            ...where,
            job: SAMPLE_SCHEMA_CHANGE_JOB,
            indexes: [{ formerId: asId(4), meta: SAMPLE_VIEW_INDEX }],
            physical: partition.physical,
            sortKey: ['a'],
            maxColUniqueId: 9,
            renames: new Map([['__proto__', 'a']]),
            lost: ['__proto__'],
          },
          { op: 'OP_DROP_ROLLUP', ...where, indexId: asId(4) },
          { op: 'OP_SAVE_AUTO_INCREMENT_ID', ...where, nextId: 100_001, isReplaced: true },
          { op: 'OP_COLOCATE_ADD_TABLE_V2', ...where, group: { id: 6, name: 'near' } },
          { op: 'OP_TRUNCATE_TABLE', ...where, partitions: [partition] },
          {
            op: 'OP_INSERT_OVERWRITE_STATE_CHANGE',
            ...where,
            partitions: [partition],
            dropped: ['p2'],
            commit: {
              op: 'OP_UPSERT_TRANSACTION_STATE_V2',
              ...where,
              txnId: asId(6),
              label: 'o',
              commitTimeMs: 13,
              partitions: [],
            },
            materializedView: SAMPLE_MATERIALIZED_VIEW,
          },
          {
            op: 'OP_ALTER_MATERIALIZED_VIEW_STATUS',
            ...where,
            materializedView: SAMPLE_MATERIALIZED_VIEW,
          },
          {
            op: 'OP_ALTER_MATERIALIZED_VIEW_BASE_TABLE_INFOS',
            ...where,
            formerId: where,
            materializedView: SAMPLE_MATERIALIZED_VIEW,
          },
          { op: 'OP_CREATE_VIEW', dbId: where.dbId, view: SAMPLE_VIEW },
          { op: 'OP_DROP_VIEW', dbId: where.dbId, name: 'a view' },
          { op: 'OP_ADD_FUNCTION_V2', dbId: where.dbId, function: SAMPLE_FUNCTION },
          { op: 'OP_DROP_FUNCTION_V2', dbId: where.dbId, signature: 'f(INT)' },
          { op: 'OP_CREATE_CATALOG', catalog: SAMPLE_CATALOG },
          { op: 'OP_DROP_CATALOG', name: 'lake' },
          {
            op: 'OP_UPSERT_TRANSACTION_STATE_V2',
            ...where,
            txnId: asId(5),
            label: 'l',
            commitTimeMs: 12,
            partitions: [{ physicalPartitionId: asId(3), version: 2, failedReplicas: [asId(8)] }],
          },
        ];
        expect(records.map((one) => one.op)).toEqual(CATALOG_OPS);
        for (const record of records) {
          const body = parse(encodeCatalogRecord(record));
          expect(decodeCatalogRecord(record.op, body)).toEqual(record);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('what a record may leave out it does not make up', () => {
    const where = { dbId: asId<DbId>(7), tableId: asId<TableId>(8) };
    const [partition] = sampleTable().partitions.values();
    if (partition === undefined) throw new Error('the sample table has a partition');
    const records: CatalogRecord[] = [
      { op: 'OP_ADD_PARTITIONS_V2', ...where, partitions: [partition], isTempPartition: true },
      { op: 'OP_DROP_PARTITION', ...where, partitionName: 'p1', isTempPartition: true },
      { op: 'OP_ALTER_TABLE_PROPERTIES', ...where, properties: new Map([['a', 'b']]) },
      { op: 'OP_ALTER_TABLE_PROPERTIES', ...where, comment: '' },
      { op: 'OP_ALTER_TABLE_PROPERTIES', ...where, indexes: [SAMPLE_TABLE_INDEX] },
      { op: 'OP_ALTER_DB_V2', dbId: where.dbId, replicaQuota: 6 },
    ];
    for (const record of records) {
      const body = parse(encodeCatalogRecord(record));
      expect(decodeCatalogRecord(record.op, body)).toEqual(record);
    }
  });

  test('an operation that is not of the catalog is named', () => {
    expect(() => decodeCatalogRecord('OP_BACKUP_JOB_V2', {})).toThrow(/OP_BACKUP_JOB_V2/);
  });

  test('a catalog is the same after encoding and decoding', () => {
    const catalog = emptyCatalog();
    applyCatalogRecord(catalog, { op: 'OP_CREATE_DB_V2', dbId: asId(8), name: 'late' });
    applyCatalogRecord(catalog, { op: 'OP_CREATE_DB_V2', dbId: asId(7), name: 'shop' });
    const table = sampleTable();
    putTable(catalog, asId(7), {
      ...table,
      indexMetas: table.indexMetas.map((meta) => ({
        ...meta,
        definition: present(SAMPLE_VIEW_INDEX.definition, 'a definition'),
      })),
      colocateGroup: { id: 12, name: 'near' },
      maxColUniqueId: 17,
      indexes: [SAMPLE_TABLE_INDEX],
    });
    applyCatalogRecord(catalog, {
      op: 'OP_SAVE_AUTO_INCREMENT_ID',
      dbId: asId(7),
      tableId: table.id,
      nextId: 100_001,
      isReplaced: false,
    });
    catalog.databases.get(asId(7))?.rollupJobs.push(SAMPLE_ROLLUP_JOB);
    catalog.databases.get(asId(7))?.schemaChangeJobs.push(SAMPLE_SCHEMA_CHANGE_JOB);
    const quota = { op: 'OP_ALTER_DB_V2', dbId: asId<DbId>(7), dataQuotaBytes: 9 } as const;
    applyCatalogRecord(catalog, quota);
    putView(catalog, asId(8), SAMPLE_VIEW);
    putView(catalog, asId(8), { ...SAMPLE_VIEW, name: 'homeless', definitionDb: undefined });
    putFunction(catalog, asId(7), SAMPLE_FUNCTION);
    putFunction(catalog, asId(7), { ...SAMPLE_FUNCTION, argTypes: [], kind: 'TABLE' });
    for (const name of ['lake', 'sea']) {
      const one = { ...SAMPLE_CATALOG, name, comment: undefined };
      applyCatalogRecord(catalog, { op: 'OP_CREATE_CATALOG', catalog: one });
    }
    applyCatalogRecord(catalog, { op: 'OP_DROP_CATALOG', name: 'sea' });
    const decoded = decodeCatalog(parse(encodeCatalog(catalog)));
    expect(decoded).toEqual(catalog);
    expect([...decoded.databases.keys()]).toEqual([8, 7]);
  });
});
