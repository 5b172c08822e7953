/**
 * PROPERTIES of a table or partition: which keys StarRocks knows, which the emulator acts on, which
 * are kept and shown only (sql-surface.md 9). A key it does not know is refused.
 */
import { COLOCATE_WITH } from '../catalog/colocation.ts';
import { analysisError } from './analysis-error.ts';
import { isDynamicProperty } from './analyze-dynamic-partition.ts';
import { BUCKET_SIZE } from './grow-partition.ts';
import { SYNTHETIC_PROPERTIES } from './synthetic-tablets.ts';

const TRUTH = /^(true|false)$/i;

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

/** Those that ALTER TABLE ... SET takes, with what their values look like. */
const SETTABLE: Readonly<Record<string, RegExp>> = Object.freeze({
  bloom_filter_columns: /^/,
  [BUCKET_SIZE]: /^[1-9]\d{0,14}$/,
  'datacache.partition_duration': /^/,
  enable_persistent_index: TRUTH,
  in_memory: TRUTH,
  partition_live_number: /^(-1|[1-9]\d{0,8})$/,
  replicated_storage: TRUTH,
  storage_cooldown_time: /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/,
  storage_medium: /^(hdd|ssd)$/i,
  write_quorum: /^(majority|one|all)$/i,
});

const REPLICATION_NUM = 'replication_num';
const DEFAULT_REPLICATION_NUM = 'default.replication_num';

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

/**
 * ALTER TABLE ... SET: what is to stand in the table's properties afterwards. The number of
 * replicas counts for partitions to come.
 */
export function analyzeSetProperties(
  given: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const set = new Map<string, string>();
  for (const [key, value] of given) {
    if (key === DEFAULT_REPLICATION_NUM) {
      const { replicationNum } = analyzeTableProperties(new Map([[REPLICATION_NUM, value]]), 1);
      set.set(REPLICATION_NUM, String(replicationNum));
      continue;
    }
    const shape = Object.hasOwn(SETTABLE, key) ? SETTABLE[key] : undefined;
    if (shape === undefined) {
      throw analysisError(`ALTER TABLE ... SET ("${key}") is not supported`, 'unsupported');
    }
    if (!shape.test(value)) throw analysisError(`Invalid value of property ${key}: '${value}'`);
    set.set(key, value);
  }
  return set;
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
