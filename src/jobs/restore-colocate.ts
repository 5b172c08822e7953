/**
 * Colocate groups of restored tables (restore-jobs.md 3.7 step 8, 5.3): left behind, or, with
 * `enable_colocate_restore`, joined or made in the target database.
 */
import type { Placement } from '../catalog/build-partition.ts';
import {
  candidateOf,
  colocatedChooser,
  colocateGroupNamed,
  colocateRefusal,
  withoutColocateGroup,
} from '../catalog/colocation.ts';
import type { OlapTable } from '../catalog/model.ts';
import { failed, type Status } from '../repository/status.ts';
import type { Effect } from './effects.ts';
import type { RestoreJob } from './restore-job.ts';

export interface Colocation {
  readonly isEnabled: boolean;
  /** Of the target database. */
  readonly tables: readonly OlapTable[];
}

/** Ids that a table takes at most for a group that it is the first of. */
export const COLOCATE_IDS = 1;

interface Grouped {
  readonly table: OlapTable;
  readonly placement: Placement;
}

type Joined =
  | { readonly ok: true; readonly value: Grouped }
  | { readonly ok: false; readonly status: Status };

/** The table of the snapshot with the group it will have here, and where its buckets may lie. */
export function joinedGroup(
  draft: {
    readonly placement: Placement;
    readonly colocation: Colocation;
    readonly newTables: readonly OlapTable[];
  },
  remote: OlapTable,
  replicationNum: number,
): Joined {
  const { placement, colocation, newTables } = draft;
  const name = remote.colocateGroup?.name;
  if (!colocation.isEnabled || name === undefined) {
    return { ok: true, value: { table: withoutColocateGroup(remote), placement } };
  }
  const members = colocateGroupNamed([...colocation.tables, ...newTables], name);
  const candidate = candidateOf(remote);
  const refusal = colocateRefusal(members, {
    ...candidate,
    replicationNums: candidate.replicationNums.map(() => replicationNum),
  });
  if (refusal !== undefined) {
    const text =
      `failed to restore table ${remote.name} into colocate group ${name}: ${refusal}; ` +
      'set enable_colocate_restore to false to restore it without its group';
    return { ok: false, status: failed('COMMON_ERROR', text) };
  }
  const colocateGroup = members?.group ?? { id: placement.ids.next(), name };
  const chooseBackends = colocatedChooser(members?.sequence, placement.chooseBackends);
  return {
    ok: true,
    value: {
      table: Object.freeze({ ...remote, colocateGroup }),
      placement: { ...placement, chooseBackends },
    },
  };
}

/** On the way to DOWNLOAD each table that joined a group has a record of it. */
export function colocateRecords(job: RestoreJob): readonly Effect[] {
  const { dbId } = job;
  return job.restoredTbls.flatMap(({ id: tableId, colocateGroup: group }) =>
    group === undefined
      ? []
      : [{ do: 'log-record', record: { op: 'OP_COLOCATE_ADD_TABLE_V2', dbId, tableId, group } }],
  );
}
