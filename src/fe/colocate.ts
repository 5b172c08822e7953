/** Tables that join a colocate group: `colocate_with` of CREATE TABLE, and their later partitions. */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { BackendChooser, NewPartition } from '../catalog/build-partition.ts';
import type { NewTable } from '../catalog/build-table.ts';
import {
  COLOCATE_WITH,
  type ColocateCandidate,
  candidateOf,
  colocatedChooser,
  colocateGroupNamed,
  colocateRefusal,
} from '../catalog/colocation.ts';
import type { ColocateGroup, Database, OlapTable } from '../catalog/model.ts';
import { isTableName } from '../catalog/names.ts';
import { analysisError } from './analysis-error.ts';
import type { FrontendContext } from './frontend-context.ts';
import { chooseBackends } from './replica-creation.ts';

export interface Joined {
  readonly group: ColocateGroup | undefined;
  readonly chooseBackends: BackendChooser;
}

/** The group that a new table is in, made if need be, and where its buckets go. */
export function* joinGroup(
  frontend: FrontendContext,
  database: Database,
  definition: NewTable,
): Op<Joined> {
  const name = definition.properties.get(COLOCATE_WITH);
  const choose = chooseBackends(frontend);
  if (name === undefined) return { group: undefined, chooseBackends: choose };
  if (!isTableName(name)) {
    throw analysisError(`Incorrect colocate group name '${name}'`, 'bad-name-format');
  }
  const members = colocateGroupNamed(database.tables.values(), name);
  const refusal = colocateRefusal(members, candidateFrom(definition));
  if (refusal !== undefined) throw new SimError('colocate-mismatch', refusal);
  const group = members?.group ?? { id: yield* frontend.ids.next(1), name };
  return { group, chooseBackends: colocatedChooser(members?.sequence, choose) };
}

/** A group may come, or go, while the tablets of a table that means to join it are made. */
export function refuseOtherGroup(database: Database, table: OlapTable): void {
  const { colocateGroup } = table;
  if (colocateGroup === undefined) return;
  const members = colocateGroupNamed(database.tables.values(), colocateGroup.name);
  if (members === undefined) return;
  const sequence = colocateGroupNamed([table], colocateGroup.name)?.sequence;
  const isSame =
    members.group.id === colocateGroup.id &&
    (sequence === undefined ||
      members.sequence === undefined ||
      sequence.every((id, at) => members.sequence?.[at] === id));
  if (isSame) return;
  throw new SimError('execution', `colocate group ${colocateGroup.name} was made meanwhile`, {
    hint: 'run the statement again',
  });
}

/** Where new partitions of a table go; those of a group must be like the rest of it. */
export function partitionChooser(
  frontend: FrontendContext,
  table: OlapTable,
  shapes: readonly NewPartition[],
): BackendChooser {
  const choose = chooseBackends(frontend);
  const name = table.colocateGroup?.name;
  if (name === undefined) return choose;
  const owner = [...frontend.catalog.databases.values()].find((database) =>
    database.tables.has(table.id),
  );
  const members = colocateGroupNamed(owner?.tables.values() ?? [table], name);
  const own = candidateOf(table);
  const refusal = colocateRefusal(members, {
    ...own,
    buckets: shapes.map((shape) => shape.distribution.buckets),
    replicationNums: shapes.map((shape) => shape.replicationNum),
  });
  if (refusal !== undefined) throw new SimError('colocate-mismatch', refusal);
  return colocatedChooser(members?.sequence, choose);
}

function candidateFrom(definition: NewTable): ColocateCandidate {
  const { distribution, columns, partitions, replicationNum } = definition;
  return {
    columnNames: distribution.kind === 'HASH' ? distribution.columns : [],
    columns,
    buckets: [distribution.buckets, ...partitions.map((one) => one.distribution.buckets)],
    replicationNums: [replicationNum, ...partitions.map((one) => one.replicationNum)],
  };
}
