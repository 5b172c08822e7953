/**
 * Colocate groups: tables of a database whose buckets lie on the same backends, so that a join by
 * the distribution columns stays on each. Who is in a group, and where its buckets lie, is read off
 * the tables that bear it; a group is gone with its last table.
 */
import { type SqlType, typeText } from '../base/sql-type.ts';
import type { BackendChooser } from './build-partition.ts';
import type { ColocateGroup, Column, OlapTable } from './model.ts';
import { allPartitions, baseIndexMeta } from './table-lookup.ts';

/** What tables of a group have in common. */
export interface ColocateSchema {
  readonly buckets: number;
  readonly replicationNum: number;
  readonly columnTypes: readonly SqlType[];
}

export interface ColocateMembers extends ColocateSchema {
  readonly group: ColocateGroup;
  readonly tables: readonly OlapTable[];
  /** Backends of each bucket in turn; undefined while no member has a partition. */
  readonly sequence: Float64Array | undefined;
  /** Every bucket of every member lies where the sequence says. */
  readonly isStable: boolean;
}

/** A definition that is to join a group. */
export interface ColocateCandidate {
  readonly columnNames: readonly string[];
  readonly columns: readonly Pick<Column, 'name' | 'type'>[];
  /** Of the table and of each partition. */
  readonly buckets: readonly number[];
  readonly replicationNums: readonly number[];
}

export function colocateGroups(tables: Iterable<OlapTable>): readonly ColocateMembers[] {
  const members = new Map<string, OlapTable[]>();
  for (const table of tables) {
    const name = table.colocateGroup?.name;
    if (name === undefined) continue;
    const list = members.get(name) ?? [];
    list.push(table);
    members.set(name, list);
  }
  return [...members.values()].flatMap((list) => membersOf(list) ?? []);
}

export function colocateGroupNamed(
  tables: Iterable<OlapTable>,
  name: string,
): ColocateMembers | undefined {
  return membersOf([...tables].filter((table) => table.colocateGroup?.name === name));
}

function membersOf(tables: readonly OlapTable[]): ColocateMembers | undefined {
  const [first] = tables;
  if (first?.colocateGroup === undefined) return undefined;
  const candidate = candidateOf(first);
  const sequence = sequenceOf(tables);
  return {
    group: first.colocateGroup,
    tables,
    buckets: candidate.buckets[0] ?? 0,
    replicationNum: candidate.replicationNums[0] ?? 0,
    columnTypes: typesOf(candidate),
    sequence,
    isStable: tables.every((table) => liesAt(table, sequence)),
  };
}

/** A restore adds partitions to a table of a group wherever there is room (restore-jobs.md 3.6). */
function liesAt(table: OlapTable, sequence: Float64Array | undefined): boolean {
  for (const { physical } of allPartitions(table)) {
    for (const { indexes } of physical) {
      for (const { tablets } of indexes) {
        if (!tablets.backendIds.every((id, at) => sequence?.[at] === id)) return false;
      }
    }
  }
  return true;
}

function sequenceOf(tables: readonly OlapTable[]): Float64Array | undefined {
  for (const table of tables) {
    for (const { physical } of allPartitions(table)) {
      const tablets = physical[0]?.indexes[0]?.tablets;
      if (tablets !== undefined) return tablets.backendIds;
    }
  }
  return undefined;
}

export function candidateOf(table: OlapTable): ColocateCandidate {
  const { defaultDistribution: distribution } = table;
  const partitions = [...allPartitions(table)];
  return {
    columnNames: distribution.kind === 'HASH' ? distribution.columns : [],
    columns: baseIndexMeta(table).schema,
    buckets: [distribution.buckets, ...partitions.map((one) => one.distribution.buckets)],
    replicationNums: [
      Number(table.properties.get('replication_num')),
      ...partitions.map((one) => one.replicationNum),
    ],
  };
}

function typesOf({ columnNames, columns }: ColocateCandidate): readonly SqlType[] {
  return columnNames.flatMap((name) => {
    const column = columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
    return column?.type ?? [];
  });
}

/** Why the candidate cannot be in a group; undefined when it can. Without a group: on its own. */
export function colocateRefusal(
  group: ColocateSchema | undefined,
  candidate: ColocateCandidate,
): string | undefined {
  const types = typesOf(candidate);
  if (types.length === 0) return 'Colocate tables must be distributed by HASH';
  const buckets = group?.buckets ?? candidate.buckets[0];
  if (candidate.buckets.some((one) => one !== buckets)) {
    return `Colocate tables must have same bucket num: ${buckets}`;
  }
  const replicationNum = group?.replicationNum ?? candidate.replicationNums[0];
  if (candidate.replicationNums.some((one) => one !== replicationNum)) {
    return `Colocate tables must have same replication num: ${replicationNum}`;
  }
  if (group === undefined) return undefined;
  if (types.length !== group.columnTypes.length) {
    return `Colocate tables distribution columns size must be same : ${group.columnTypes.length}`;
  }
  const at = types.findIndex((type, index) => !isSameType(type, group.columnTypes[index]));
  const [actual, wanted] = [types[at], group.columnTypes[at]];
  if (actual === undefined || wanted === undefined) return undefined;
  return (
    'Colocate tables distribution columns must have the same data type: ' +
    `${candidate.columnNames[at]} should be ${typeText(wanted)}`
  );
}

/** Lengths of text do not matter: values hash alike. */
function isSameType(a: SqlType, b: SqlType | undefined): boolean {
  return a.name === b?.name && a.precision === b.precision && a.scale === b.scale;
}

/** Every index of every partition lies where the group's buckets do; the first choice decides. */
export function colocatedChooser(
  sequence: Float64Array | undefined,
  choose: BackendChooser,
): BackendChooser {
  let known = sequence;
  return (tabletCount, replicationNum) => {
    known ??= choose(tabletCount, replicationNum);
    return known;
  };
}

/** A table without its group, as RESTORE makes it unless it is told otherwise. */
export function withoutColocateGroup(table: OlapTable): OlapTable {
  if (table.colocateGroup === undefined && !table.properties.has(COLOCATE_WITH)) return table;
  const { colocateGroup: _group, ...others } = table;
  const properties = new Map(table.properties);
  properties.delete(COLOCATE_WITH);
  return Object.freeze({ ...others, properties });
}

export const COLOCATE_WITH = 'colocate_with';
