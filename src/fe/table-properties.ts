/**
 * PROPERTIES of a table or partition: which keys StarRocks knows, which the emulator acts on, which
 * are kept and shown only (sql-surface.md 9). A key it does not know is refused.
 */
import { COLOCATE_WITH } from '../catalog/colocation.ts';
import { analysisError } from './analysis-error.ts';
import { isDynamicProperty } from './analyze-dynamic-partition.ts';
import { BUCKET_SIZE } from './grow-partition.ts';
import { SYNTHETIC_PROPERTIES } from './synthetic-tablets.ts';

/** Kept and shown; they change nothing a backup or restore could see. */
const SHOWN_ONLY: ReadonlySet<string> = new Set([
  'bloom_filter_columns',
  'compression',
  'datacache.partition_duration',
  'enable_persistent_index',
  'fast_schema_evolution',
  'in_memory',
  'partition_live_number',
  'persistent_index_type',
  'replicated_storage',
  'storage_cooldown_time',
  'storage_format',
  'storage_medium',
  'write_quorum',
]);

const REPLICATION_NUM = 'replication_num';

/** More replicas than any cluster of ours has backends. */
const REPLICATION_NUM_MAX = 32_767;

export interface TableProperties {
  readonly replicationNum: number;
  /** As given, `replication_num` in its place of the first if it was not. */
  readonly shown: ReadonlyMap<string, string>;
}

export function analyzeTableProperties(
  given: ReadonlyMap<string, string>,
  defaultReplicationNum: number,
): TableProperties {
  const unknown = [...given.keys()].filter(
    (key) =>
      key !== REPLICATION_NUM &&
      key !== COLOCATE_WITH &&
      key !== BUCKET_SIZE &&
      !SHOWN_ONLY.has(key) &&
      !SYNTHETIC_PROPERTIES.includes(key) &&
      !isDynamicProperty(key),
  );
  if (unknown.length > 0) {
    throw analysisError(
      `Unknown table properties: ${JSON.stringify(Object.fromEntries(unknown.map((key) => [key, given.get(key)])))}`,
    );
  }
  const text = given.get(REPLICATION_NUM);
  const replicationNum = text === undefined ? defaultReplicationNum : Number(text);
  if (
    !Number.isInteger(replicationNum) ||
    replicationNum < 1 ||
    replicationNum > REPLICATION_NUM_MAX
  ) {
    throw analysisError(
      `Replication num should larger than 0. Please specify a correct value, not '${text}'`,
    );
  }
  return { replicationNum, shown: given };
}

/** A partition takes what its table is, so of these it may have none of its own. */
export function analyzePartitionProperties(
  given: ReadonlyMap<string, string>,
  defaultReplicationNum: number,
): number {
  const name = [...given.keys()].find(
    (property) => SYNTHETIC_PROPERTIES.includes(property) || isDynamicProperty(property),
  );
  if (name !== undefined) {
    throw analysisError(`property ${name} is one of tables, not of partitions`, 'unsupported');
  }
  return analyzeTableProperties(given, defaultReplicationNum).replicationNum;
}
