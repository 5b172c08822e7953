/** SHOW PROC '/colocation_group': the groups, or the buckets of one of them. */
import type { Row } from '../../base/row-stream.ts';
import { typeText } from '../../base/sql-type.ts';
import { type ColocateMembers, colocateGroups } from '../../catalog/colocation.ts';
import { analysisError } from '../analysis-error.ts';
import type { FrontendContext } from '../frontend-context.ts';
import type { ShownTable } from './show-filter.ts';

export function colocationTable(
  frontend: FrontendContext,
  groupId: string | undefined,
): ShownTable {
  const groups = [...frontend.catalog.databases.values()].flatMap(({ id, tables }) =>
    colocateGroups(tables.values()).map((members) => ({ dbId: id, members })),
  );
  const idOf = (one: (typeof groups)[number]): string => `${one.dbId}.${one.members.group.id}`;
  if (groupId === undefined) {
    return {
      names: [
        'GroupId',
        'GroupName',
        'TableIds',
        'BucketsNum',
        'ReplicationNum',
        'DistCols',
        'IsStable',
      ],
      rows: groups.map((one) => [idOf(one), ...groupCells(one.dbId, one.members)]),
    };
  }
  const found = groups.find((one) => idOf(one) === groupId);
  if (found === undefined) throw analysisError(`No such colocate group: ${groupId}`);
  return { names: ['BucketIndex', 'BackendIds'], rows: bucketRows(found.members) };
}

function groupCells(dbId: number, members: ColocateMembers): Row {
  const { group, tables, buckets, replicationNum, columnTypes, isStable } = members;
  return [
    `${dbId}_${group.name}`,
    tables.map((table) => table.id).join(', '),
    String(buckets),
    String(replicationNum),
    columnTypes.map(typeText).join(', '),
    String(isStable),
  ];
}

function bucketRows({ buckets, replicationNum, sequence }: ColocateMembers): readonly Row[] {
  if (sequence === undefined) return [];
  return Array.from({ length: buckets }, (_, bucket) => {
    const ids = sequence.subarray(bucket * replicationNum, (bucket + 1) * replicationNum);
    return [String(bucket), [...ids].join(', ')];
  });
}
