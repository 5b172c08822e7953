/**
 * May a table of a snapshot go onto a local table of that name (restore-jobs.md 3.4 step 4.4, 3.5,
 * 3.6)? Pure: compares, and names the first thing that differs as StarRocks would.
 */
import { typeText } from '../base/sql-type.ts';
import type { Column, OlapTable, Partition } from '../catalog/model.ts';
import { partitionColumns, rangesEqual, rangesIntersect } from '../catalog/partition-range.ts';
import { baseIndexMeta } from '../catalog/table-lookup.ts';
import { firstDifference, tableSignature } from '../catalog/table-signature.ts';
import type { BackupPartitionInfo } from '../repository/job-info.ts';
import { failed, type Status } from '../repository/status.ts';

/** The first difference between the tables as such; partitions are looked at one by one. */
export function tableDifference(local: OlapTable, remote: OlapTable): Status | undefined {
  if (local.partitionBy.kind !== remote.partitionBy.kind) {
    return failed('COMMON_ERROR', `table ${local.name} has a different partition type`);
  }
  const [ours, theirs] = [baseIndexMeta(local).schema, baseIndexMeta(remote).schema];
  const common = [...remote.partitions.keys()].filter((name) => local.partitions.has(name));
  const localSignature = tableSignature(local, common);
  const remoteSignature = tableSignature(remote, common);
  const differs = localSignature.signature !== remoteSignature.signature;
  if (differs || ours.length !== theirs.length) {
    const component = firstDifference(localSignature, remoteSignature);
    const reason = component === undefined ? '' : `: ${component} is different`;
    return failed(
      'COMMON_ERROR',
      `table ${local.name} already exists but with a different schema${reason}`,
    );
  }
  if (local.keysType !== remote.keysType) {
    return failed(
      'COMMON_ERROR',
      `table ${local.name} already exists but with a different key type: ` +
        `${local.keysType} here, ${remote.keysType} in the snapshot`,
    );
  }
  return columnDifference(local, ours, theirs);
}

function columnDifference(
  local: OlapTable,
  ours: readonly Column[],
  theirs: readonly Column[],
): Status | undefined {
  for (const [at, column] of ours.entries()) {
    const other = theirs[at];
    if (other !== undefined && columnsEqual(column, other)) continue;
    return failed(
      'COMMON_ERROR',
      `table ${local.name} already exists but with a different schema: ` +
        `column ${column.name} here, column ${other?.name ?? ''} in the snapshot`,
    );
  }
  return undefined;
}

/** Equal for RESTORE: everything but ids and comments. */
function columnsEqual(a: Column, b: Column): boolean {
  return (
    a.name.toLowerCase() === b.name.toLowerCase() &&
    a.type.name === b.type.name &&
    a.type.length === b.type.length &&
    a.type.precision === b.type.precision &&
    a.type.scale === b.type.scale &&
    typeText(a.type) === typeText(b.type) &&
    a.isKey === b.isKey &&
    a.isAllowNull === b.isAllowNull &&
    a.isAutoIncrement === b.isAutoIncrement &&
    a.aggregationType === b.aggregationType &&
    a.defaultValue?.kind === b.defaultValue?.kind &&
    a.defaultValue?.text === b.defaultValue?.text
  );
}

/** Why a partition that is there cannot be overwritten; undefined when it can. */
export function overwriteRefusal(
  local: OlapTable,
  here: Partition,
  there: Partition,
  info: BackupPartitionInfo,
  replicationNum: number,
): Status | undefined {
  const { name } = here;
  if (info.subPartitions.size > 1 || here.physical.length > 1) {
    const where = info.subPartitions.size > 1 ? 'in the snapshot' : 'here';
    return failed(
      'COMMON_ERROR',
      `partition ${name} of table ${local.name} has automatic buckets ${where}: ` +
        'it cannot be restored onto an existing partition',
    );
  }
  if (here.range !== undefined || there.range !== undefined) {
    const isSame =
      here.range !== undefined &&
      there.range !== undefined &&
      rangesEqual(here.range, there.range, partitionColumns(local));
    if (!isSame) {
      return failed(
        'COMMON_ERROR',
        `partition ${name} in table ${local.name} has a different range`,
      );
    }
  }
  if (here.replicationNum !== replicationNum) {
    return failed(
      'COMMON_ERROR',
      `table ${local.name} partition ${name} has ${here.replicationNum} replicas, ` +
        `the restore asks for ${replicationNum}`,
    );
  }
  return undefined;
}

/** Why a partition that is not there cannot be added; undefined when it can. */
export function additionRefusal(local: OlapTable, there: Partition): Status | undefined {
  const { range } = there;
  if (range === undefined) {
    // So it says of list partitions, too: they are not added, though they could be.
    return failed(
      'COMMON_ERROR',
      `no partition ${there.name} in single partitioned table ${local.name}`,
    );
  }
  const columns = partitionColumns(local);
  for (const here of local.partitions.values()) {
    if (here.range !== undefined && rangesIntersect(here.range, range, columns)) {
      return failed(
        'COMMON_ERROR',
        `partition ${there.name} in table ${local.name} has a conflicting range with ${here.name}`,
      );
    }
  }
  return undefined;
}
