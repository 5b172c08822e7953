import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../../src/base/assert.ts';
import type { SqlType } from '../../../src/base/sql-type.ts';
import {
  buildPartition,
  countPartitionIds,
  emptyCopyOf,
  indexIdsOf,
} from '../../../src/catalog/build-partition.ts';
import { buildTable, countTableIds } from '../../../src/catalog/build-table.ts';
import { type IdRun, idRun } from '../../../src/catalog/id-run.ts';
import type { Column, OlapTable } from '../../../src/catalog/model.ts';
import {
  countIdsNeeded,
  countPartitionIdsNeeded,
  newPartitionFor,
  reassignIds,
} from '../../../src/catalog/reassign-ids.ts';
import { shortKeyColumnCount } from '../../../src/catalog/short-key.ts';
import { allPartitions, baseIndexMeta } from '../../../src/catalog/table-lookup.ts';
import { tabletAt, tabletsOf } from '../../../src/catalog/tablet-columns.ts';
import { tabletSchemaOf } from '../../../src/catalog/tablet-schema.ts';
import type { TabletSchema } from '../../../src/protocol/tablet-schema.ts';
import { arbitraryTable } from './arbitrary-table.ts';
import { roundRobin, sampleDefinition, sampleTable } from './sample-table.ts';

function placementFrom(ids: IdRun, physicalIdEqualsLogical = false) {
  return { ids, chooseBackends: roundRobin, physicalIdEqualsLogical };
}

/** Every id of a table but column ids. */
function idsOf(table: OlapTable): number[] {
  const ids: number[] = [table.id, ...table.indexMetas.map((meta) => meta.indexId)];
  for (const partition of allPartitions(table)) {
    ids.push(partition.id);
    for (const physical of partition.physical) {
      if (physical.id !== Number(partition.id)) ids.push(physical.id);
      for (const { tablets } of physical.indexes)
        ids.push(...tablets.tabletIds, ...tablets.replicaIds);
    }
  }
  return ids;
}

describe('a new table', () => {
  test('takes its ids in order: table, partition, physical, index, tablets, replicas', () => {
    const table = sampleTable({ firstId: 100 });
    const [first, second] = table.partitions.values();
    expect([table.id, first?.id, first?.physical[0]?.id, table.baseIndexId]).toEqual([
      100, 101, 102, 103,
    ]);
    const tablets = present(first?.physical[0]?.indexes[0], 'an index').tablets;
    expect(tablets.tabletIds).toEqual(Float64Array.of(104, 105));
    expect(tablets.replicaIds).toEqual(Float64Array.of(106, 107, 108, 109, 110, 111));
    expect([second?.id, second?.physical[0]?.id]).toEqual([112, 113]);
    expect(tabletAt(tablets, 1)).toEqual({
      tabletId: 105,
      replicas: [
        { replicaId: 109, backendId: 10_004 },
        { replicaId: 110, backendId: 10_005 },
        { replicaId: 111, backendId: 10_001 },
      ],
    });
    expect([...tabletsOf(tablets)]).toHaveLength(2);
  });

  test('has one id for a partition and its physical one where the release has', () => {
    const table = sampleTable({ firstId: 100, physicalIdEqualsLogical: true });
    const [first, second] = table.partitions.values();
    expect([first?.id, first?.physical[0]?.id, table.baseIndexId]).toEqual([101, 101, 102]);
    expect(second?.physical[0]?.id).toBe(second?.id);
  });

  test('is empty at version 1, NORMAL, and spells columns as its schema does', () => {
    const table = sampleTable();
    expect(table.state).toBe('NORMAL');
    expect(table.partitionBy).toEqual({ kind: 'RANGE', columns: ['dt'] });
    expect(table.defaultDistribution).toEqual({ kind: 'HASH', columns: ['id'], buckets: 2 });
    for (const partition of table.partitions.values()) {
      expect(partition.distribution).toEqual(table.defaultDistribution);
      expect(partition.physical).toMatchObject([
        { parentId: partition.id, visibleVersion: 1, nextVersion: 2 },
      ]);
    }
    expect(baseIndexMeta(table)).toMatchObject({ name: 'orders', shortKeyColumnCount: 2 });
    expect(baseIndexMeta(table).schema.map((one) => one.uniqueId)).toEqual([0, 1, 2]);
  });

  test('without partitions has one that is called as the table is', () => {
    const table = sampleTable({ partitionBy: { kind: 'UNPARTITIONED' }, name: 'whole' });
    expect([...table.partitions.keys()]).toEqual(['whole']);
    expect([...table.partitions.values()][0]?.range).toBeUndefined();
  });

  test('needs no more ids than it says, and exactly so many where physical ids differ', () => {
    const definition = sampleDefinition({ buckets: 3 });
    const count = countTableIds(definition);
    expect(() => buildTable(definition, placementFrom(idRun(1, count - 1)), 0)).toThrow(/ids/);
    const table = present(buildTable(definition, placementFrom(idRun(1, count)), 0), 'a table');
    expect(idsOf(table).sort((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, at) => at + 1),
    );
  });

  test('is none when there are too few backends', () => {
    const placement = { ...placementFrom(idRun(1, 1000)), chooseBackends: () => undefined };
    expect(buildTable(sampleDefinition(), placement, 0)).toBeUndefined();
    expect(reassignIds(sampleTable(), 3, placement)).toBeUndefined();
  });

  test('gives way to an empty partition of the same shape when it is truncated', () => {
    fc.assert(
      fc.property(arbitraryTable(), (table) => {
        for (const partition of table.partitions.values()) {
          const shape = emptyCopyOf(partition);
          const ids = idRun(900_000_000, countPartitionIds(shape, table.indexMetas.length));
          const made = buildPartition(shape, indexIdsOf(table), placementFrom(ids), 5);
          expect(made).toMatchObject({
            name: partition.name,
            distribution: partition.distribution,
            storageMedium: partition.storageMedium,
            physical: [{ visibleVersion: 1, nextVersion: 2, visibleVersionTimeMs: 5 }],
          });
          expect(made?.range).toEqual(partition.range);
          expect(made?.physical[0]?.indexes.map((one) => one.tablets.count)).toEqual(
            table.indexMetas.map(() => partition.distribution.buckets),
          );
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('new ids for a table out of a snapshot', () => {
  /** What invariant 23 compares. */
  const substance = (table: OlapTable): unknown[] =>
    [...table.partitions.values()].flatMap((partition) =>
      partition.physical.flatMap((physical) =>
        physical.indexes.map((index) => {
          const meta = table.indexMetas.find((one) => one.indexId === index.indexId);
          return {
            index: meta?.name,
            schema: meta?.schema,
            partition: partition.name,
            range: partition.range,
            version: physical.visibleVersion,
            tablets: index.tablets.count,
          };
        }),
      ),
    );

  test('invariant 23: keep what the table holds, share no id, give none out twice', () => {
    fc.assert(
      fc.property(
        arbitraryTable(),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        (remote, replication, sharesId) => {
          const count = countIdsNeeded(remote, replication);
          const placement = placementFrom(idRun(2 ** 40, count), sharesId);
          const made = present(reassignIds(remote, replication, placement), 'a table');
          const { table, newPhysicalIds } = made;
          expect(substance(table)).toEqual(substance(remote));
          const fresh = idsOf(table);
          expect(new Set(fresh).size).toBe(fresh.length);
          for (const id of fresh) {
            expect(id).toBeGreaterThanOrEqual(2 ** 40);
            expect(id).toBeLessThan(2 ** 40 + count);
          }
          expect(table.properties.get('replication_num')).toBe(String(replication));
          const remotePhysical = [...remote.partitions.values()].flatMap((one) => one.physical);
          const localPhysical = [...table.partitions.values()].flatMap((one) => one.physical);
          expect(localPhysical.map((one) => one.id)).toEqual(
            remotePhysical.map((one) => newPhysicalIds.get(one.id)),
          );
          expect(new Set(newPhysicalIds.values()).size).toBe(remotePhysical.length);
          for (const partition of table.partitions.values()) {
            expect(partition.replicationNum).toBe(replication);
            const [first] = partition.physical;
            expect(first?.id === Number(partition.id)).toBe(sharesId);
            for (const physical of partition.physical) {
              expect(physical.parentId).toBe(partition.id);
              expect(physical.nextVersion).toBe(physical.visibleVersion + 1);
              expect(physical.lagging.size).toBe(0);
            }
          }
        },
      ),
    );
  });

  test('use exactly the ids they asked for when physical ids are their own', () => {
    fc.assert(
      fc.property(arbitraryTable(), (remote) => {
        const count = countIdsNeeded(remote, 2);
        const made = reassignIds(remote, 2, placementFrom(idRun(2 ** 40, count)));
        expect(idsOf(present(made, 'a table').table)).toHaveLength(count);
      }),
      { numRuns: 30 },
    );
  });

  test('a partition that the local table lacks gets the local indexes of the same names', () => {
    fc.assert(
      fc.property(arbitraryTable({ name: 't' }), (remote) => {
        const count = countIdsNeeded(remote, 1);
        const placement = placementFrom(idRun(2 ** 40, count));
        const { table: local } = present(reassignIds(remote, 1, placement), 'a table');
        for (const partition of remote.partitions.values()) {
          const ids = idRun(2 ** 41, countPartitionIdsNeeded(partition, 2));
          const request = { local, remote, partition, replicationNum: 2 };
          const made = newPartitionFor({ ...request, placement: placementFrom(ids) });
          const nameIn = (table: OlapTable, id: number) =>
            table.indexMetas.find((meta) => meta.indexId === id)?.name;
          const names = (table: OlapTable, from: typeof partition | undefined) =>
            from?.physical.map((one) => one.indexes.map((index) => nameIn(table, index.indexId)));
          expect(names(local, made?.partition)).toEqual(names(remote, partition));
          expect(made?.partition).toMatchObject({ name: partition.name, replicationNum: 2 });
          expect(made?.partition.range).toEqual(partition.range);
          expect(made?.newPhysicalIds.size).toBe(partition.physical.length);
        }
      }),
      { numRuns: 50 },
    );
  });
});

test('the schema for backends is the one of the protocol', () => {
  const schema: TabletSchema = tabletSchemaOf(baseIndexMeta(sampleTable()));
  expect(schema).toEqual({
    keysType: 'DUP_KEYS',
    schemaHash: baseIndexMeta(sampleTable()).schemaHash,
    columns: [
      { name: 'dt', type: { name: 'DATE' }, isKey: true, isNullable: true },
      { name: 'id', type: { name: 'BIGINT' }, isKey: true, isNullable: true },
      { name: 'note', type: { name: 'VARCHAR', length: 20 }, isKey: false, isNullable: true },
    ],
  });
});

describe('the prefix index', () => {
  const count = (...types: readonly SqlType[]): number =>
    shortKeyColumnCount(
      types.map(
        (type, uniqueId): Column => ({
          name: `k${uniqueId}`,
          uniqueId,
          type,
          isKey: true,
          isAllowNull: false,
          isAutoIncrement: false,
          comment: '',
        }),
      ),
    );
  const int: SqlType = { name: 'INT' };
  const text: SqlType = { name: 'VARCHAR', length: 100 };

  test('has three columns at most, 36 bytes, and ends with the first VARCHAR', () => {
    expect(count(int, int, int, int)).toBe(3);
    expect(count(int, text, int)).toBe(2);
    expect(count({ name: 'LARGEINT' }, { name: 'LARGEINT' }, { name: 'BIGINT' })).toBe(2);
    expect(count({ name: 'CHAR', length: 50 }, int)).toBe(1);
    expect(count(int, { name: 'CHAR', length: 50 })).toBe(1);
    expect(count(int, { name: 'DOUBLE' })).toBe(1);
    expect(count({ name: 'DOUBLE' })).toBe(0);
  });
});
