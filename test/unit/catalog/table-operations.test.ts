import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../../src/base/assert.ts';
import { asId, type PhysicalPartitionId } from '../../../src/base/ids.ts';
import type { OlapTable, PhysicalPartition } from '../../../src/catalog/model.ts';
import type { CommitRecord } from '../../../src/catalog/records.ts';
import { allPartitions, baseIndexMeta } from '../../../src/catalog/table-lookup.ts';
import {
  renamed,
  selectivelyCopied,
  withCommittedVersions,
  withPartitionDropped,
  withPartitionsAdded,
  withPartitionsReplaced,
  withRestoredVersions,
  withState,
} from '../../../src/catalog/table-operations.ts';
import { replicaForBackup, replicaLag } from '../../../src/catalog/tablet-columns.ts';
import { arbitraryTable } from './arbitrary-table.ts';
import { sampleTable } from './sample-table.ts';

function physicalOf(table: OlapTable): PhysicalPartition[] {
  return [...allPartitions(table)].flatMap((one) => one.physical);
}

function firstPhysical(table: OlapTable): PhysicalPartition {
  return present(physicalOf(table)[0], 'a physical partition');
}

function commit(
  id: PhysicalPartitionId,
  version: number,
  failed: readonly number[] = [],
): CommitRecord['partitions'] {
  return [{ physicalPartitionId: id, version, failedReplicas: failed.map((one) => asId(one)) }];
}

describe('renaming', () => {
  test('takes the base index along, and the only partition of an unpartitioned table', () => {
    const table = renamed(sampleTable({ partitionBy: { kind: 'UNPARTITIONED' } }), 'sold');
    expect(table.name).toBe('sold');
    expect(baseIndexMeta(table).name).toBe('sold');
    expect([...table.partitions.entries()].map(([key, one]) => [key, one.name])).toEqual([
      ['sold', 'sold'],
    ]);
  });

  test('leaves the partitions of a range table and the rollups alone', () => {
    fc.assert(
      fc.property(arbitraryTable(), (table) => {
        const after = renamed(table, 'sold');
        expect(after.indexMetas.slice(1)).toEqual(table.indexMetas.slice(1));
        if (table.partitionBy.kind === 'RANGE') expect(after.partitions).toBe(table.partitions);
        expect(renamed(renamed(after, 'x'), 'sold')).toEqual(after);
      }),
    );
  });
});

describe('partitions', () => {
  test('are added behind the others, replaced in place, dropped, and not twice', () => {
    const table = sampleTable();
    const other = sampleTable({ firstId: 500, days: ['2024-02-01', '2024-02-02'] });
    const added = withPartitionsAdded(table, [...other.partitions.values()]);
    expect([...added.partitions.keys()]).toEqual(['p20240101', 'p20240102', 'p20240201']);
    expect(withPartitionsAdded(added, [...other.partitions.values()])).toBe(added);
    const twin = present([...other.partitions.values()][0], 'a partition');
    expect(() => withPartitionsAdded(added, [{ ...twin, id: asId(9) }])).toThrow(/p20240201/);

    const fresh = { ...twin, name: 'p20240101', id: asId<typeof twin.id>(900) };
    const replaced = withPartitionsReplaced(added, [fresh]);
    expect([...replaced.partitions.keys()]).toEqual([...added.partitions.keys()]);
    expect(replaced.partitions.get('p20240101')).toBe(fresh);
    expect(replaced.partitions.get('p20240102')).toBe(added.partitions.get('p20240102'));
    expect(() => withPartitionsReplaced(table, [twin])).toThrow(/p20240201/);

    expect([...withPartitionDropped(added, 'p20240102').partitions.keys()]).toEqual([
      'p20240101',
      'p20240201',
    ]);
    expect(withPartitionDropped(added, 'none')).toBe(added);
  });
});

describe('versions', () => {
  test('a commit moves its partition on and leaves all others the same objects', () => {
    const table = sampleTable();
    const [first, second] = physicalOf(table);
    const id = present(first, 'first').id;
    const after = withCommittedVersions(table, commit(id, 2), 77);
    expect(physicalOf(after)[0]).toMatchObject({
      visibleVersion: 2,
      nextVersion: 3,
      visibleVersionTimeMs: 77,
    });
    expect(physicalOf(after)[1]).toBe(second);
    expect(withCommittedVersions(after, commit(id, 2), 99)).toBe(after);
    expect(withCommittedVersions(after, commit(asId(12345), 9), 99)).toBe(after);
  });

  test('a replica that failed stays behind and keeps its first standing while others go on', () => {
    const table = sampleTable();
    const { id, indexes } = firstPhysical(table);
    const replica = present(indexes[0]?.tablets.replicaIds[1], 'a replica');
    let after = withCommittedVersions(table, commit(id, 2, [replica]), 1);
    after = withCommittedVersions(after, commit(id, 3), 2);
    expect(replicaLag(firstPhysical(after), asId(replica))).toEqual({
      version: 1,
      lastFailedVersion: 2,
    });
    after = withCommittedVersions(after, commit(id, 4, [replica]), 3);
    expect(replicaLag(firstPhysical(after), asId(replica))).toEqual({
      version: 1,
      lastFailedVersion: 4,
    });
    const fine = present(indexes[0]?.tablets.replicaIds[0], 'another');
    expect(replicaLag(firstPhysical(after), asId(fine))).toEqual({
      version: 4,
      lastFailedVersion: -1,
    });
  });

  test('a backup reads the lowest replica that is whole, and none if none is', () => {
    const table = sampleTable();
    const { id, indexes } = firstPhysical(table);
    const tablets = present(indexes[0], 'an index').tablets;
    const replicas = [...tablets.replicaIds.slice(0, 3)];
    const chosen = (failed: readonly number[]): number | undefined => {
      const after = firstPhysical(withCommittedVersions(table, commit(id, 2, failed), 1));
      return replicaForBackup(after, tablets, 0)?.replicaId;
    };
    expect(chosen([])).toBe(replicas[0]);
    expect(chosen(replicas.slice(0, 2))).toBe(replicas[2]);
    expect(chosen(replicas)).toBeUndefined();
  });

  test('a restore may set a version back and clears every failure of the partition', () => {
    fc.assert(
      fc.property(arbitraryTable(), fc.integer({ min: 1, max: 60 }), (table, version) => {
        const all = physicalOf(table);
        const versions = new Map(all.slice(0, 1).map((one) => [one.id, version]));
        const after = physicalOf(withRestoredVersions(table, versions, 5));
        after.forEach((one, at) => {
          if (at > 0) expect(one).toBe(all[at]);
          else {
            expect(one).toMatchObject({
              visibleVersion: version,
              nextVersion: version + 1,
              visibleVersionTimeMs: 5,
            });
            expect(one.lagging.size).toBe(0);
          }
        });
      }),
    );
  });
});

describe('the copy for a backup', () => {
  test('has the chosen partitions in the order of the table, as the same objects', () => {
    const table = withState(sampleTable(), 'SCHEMA_CHANGE');
    const copy = selectivelyCopied(table, ['p20240102']);
    expect(copy.state).toBe('NORMAL');
    expect([...copy.partitions.keys()]).toEqual(['p20240102']);
    expect(copy.partitions.get('p20240102')).toBe(table.partitions.get('p20240102'));
    expect(selectivelyCopied(table, undefined).partitions).toBe(table.partitions);
    expect(() => selectivelyCopied(table, ['none'])).toThrow(/none/);
  });

  test('does not see what happens to the table afterwards', () => {
    const table = sampleTable();
    const copy = selectivelyCopied(table, undefined);
    const { id } = firstPhysical(table);
    withRestoredVersions(withCommittedVersions(table, commit(id, 2), 1), new Map([[id, 9]]), 1);
    expect(firstPhysical(copy).visibleVersion).toBe(1);
  });
});
