/**
 * The `dynamic_partition.*` properties of CREATE TABLE and ALTER TABLE: checked as StarRocks does,
 * each with its code, and completed by its defaults (`DynamicPartitionUtil`, sql-surface.md 5.4).
 */
import type { ErrorCode } from '../base/errors.ts';
import { isTimeZone } from '../base/time-zone.ts';
import type { NewColumn } from '../catalog/build-table.ts';
import { COLOCATE_WITH } from '../catalog/colocation.ts';
import {
  DYNAMIC_PREFIX,
  dynamicPartitionOf,
  isCalendarUnit,
  START_NOT_SET,
} from '../catalog/dynamic-partition.ts';
import type { OlapTable, PartitionBy } from '../catalog/model.ts';
import { isPartitionName } from '../catalog/names.ts';
import { analysisError } from './analysis-error.ts';

/** FE config `max_dynamic_partition_num`. */
const DYNAMIC_PARTITIONS_MAX = 500;

const INTEGER = /^[+-]?\d{1,9}$/;

interface Check {
  readonly code: ErrorCode;
  readonly isGood: (value: string) => boolean;
  readonly text: (value: string) => string;
}

const whole =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (value: string): boolean =>
    INTEGER.test(value) && Number(value) >= min && Number(value) <= max;

const CHECKS: Readonly<Record<string, Check>> = {
  enable: {
    code: 'bad-dynamic-enable',
    isGood: (value) => /^(true|false)$/i.test(value),
    text: (value) => `Invalid dynamic partition enable: ${value}. Expected true or false`,
  },
  time_unit: {
    code: 'bad-dynamic-unit',
    isGood: (value) => isCalendarUnit(value.toUpperCase()),
    text: (value) => `Unsupported time unit ${value}. Expect HOUR/DAY/WEEK/MONTH/YEAR.`,
  },
  time_zone: {
    code: 'bad-time-zone',
    isGood: isTimeZone,
    text: (value) => `Unknown or incorrect time zone: '${value}'`,
  },
  start: {
    code: 'bad-dynamic-offset',
    isGood: (value) => value === START_NOT_SET || whole(-999_999_999, -1)(value),
    text: (value) => `Dynamic partition start must less than 0, not ${value}`,
  },
  end: {
    code: 'bad-dynamic-offset',
    isGood: whole(1),
    text: (value) => `Dynamic partition end must greater than 0, not ${value}`,
  },
  prefix: {
    code: 'bad-dynamic-prefix',
    isGood: isPartitionName,
    text: (value) => `Invalid dynamic partition prefix: ${value}.`,
  },
  buckets: {
    code: 'bad-dynamic-buckets',
    isGood: (value) => INTEGER.test(value),
    text: (value) => `Invalid dynamic partition buckets ${value}`,
  },
  replication_num: {
    code: 'bad-dynamic-replication',
    isGood: whole(1, 32_767),
    text: (value) => `Invalid dynamic partition replication num: ${value}.`,
  },
  history_partition_num: {
    code: 'bad-dynamic-history',
    isGood: whole(0),
    text: (value) => `Dynamic history partition num must greater than 0, not ${value}`,
  },
  start_day_of_week: {
    code: 'analysis',
    isGood: whole(1, 7),
    text: () => 'dynamic_partition.start_day_of_week should between 1 and 7',
  },
  start_day_of_month: {
    code: 'analysis',
    isGood: whole(1, 28),
    text: () => 'dynamic_partition.start_day_of_month should between 1 and 28',
  },
};

/** Whether a property is one of these; their values are checked with the table. */
export function isDynamicProperty(key: string): boolean {
  if (!key.startsWith(DYNAMIC_PREFIX)) return false;
  return Object.hasOwn(CHECKS, key.slice(DYNAMIC_PREFIX.length));
}

/** What of a table its dynamic partitions must fit. */
export interface DynamicTable {
  readonly partitionBy: PartitionBy;
  readonly columns: readonly NewColumn[];
  readonly buckets: number;
}

/** The properties of the table with what dynamic partitions add to them. */
export function analyzeDynamicPartition(
  properties: ReadonlyMap<string, string>,
  { partitionBy, columns, buckets }: DynamicTable,
  systemTimeZone: string,
): ReadonlyMap<string, string> {
  const given = [...properties].filter(([key]) => isDynamicProperty(key));
  if (given.length === 0) return properties;
  const [name, other] = partitionBy.kind === 'RANGE' ? partitionBy.columns : [];
  if (name === undefined || other !== undefined) {
    throw analysisError('Dynamic partition only support single-column range partition');
  }
  const complete = new Map(properties);
  const setDefault = (key: string, value: string): void => {
    if (!complete.has(`${DYNAMIC_PREFIX}${key}`)) complete.set(`${DYNAMIC_PREFIX}${key}`, value);
  };
  for (const key of ['time_unit', 'end']) {
    if (complete.has(`${DYNAMIC_PREFIX}${key}`)) continue;
    throw analysisError(`Must assign dynamic_partition.${key} properties`);
  }
  setDefault('enable', 'true');
  setDefault('prefix', 'p');
  setDefault('start', START_NOT_SET);
  setDefault('time_zone', systemTimeZone);
  for (const [key, value] of given) {
    const check = CHECKS[key.slice(DYNAMIC_PREFIX.length)];
    if (check === undefined || check.isGood(value)) continue;
    throw analysisError(check.text(value), check.code);
  }
  const dynamic = dynamicPartitionOf(complete);
  const type = columns.find((column) => column.name.toLowerCase() === name.toLowerCase())?.type;
  if (dynamic?.unit === 'HOUR' && type?.name === 'DATE') {
    throw analysisError(
      'Date type partition does not support dynamic partitioning granularity of hour',
    );
  }
  const count = (dynamic?.end ?? 0) + (dynamic?.historyPartitionNum ?? 0);
  if (count > DYNAMIC_PARTITIONS_MAX) {
    throw analysisError(`Too many dynamic partitions: ${count}. Limit: ${DYNAMIC_PARTITIONS_MAX}`);
  }
  const ownBuckets = dynamic?.buckets ?? buckets;
  if (complete.has(COLOCATE_WITH) && ownBuckets !== buckets) {
    throw analysisError(
      'Dynamic partition buckets must equal the distribution buckets ' +
        `if creating a colocate table: ${buckets}`,
      'colocate-mismatch',
    );
  }
  return complete;
}

/** Partitions that come and go by themselves are not added or dropped by hand. */
export function refuseIfDynamic(table: OlapTable): void {
  if (dynamicPartitionOf(table.properties)?.isEnabled !== true) return;
  throw analysisError(
    'Cannot add/drop partition on a Dynamic Partition Table, Use command ' +
      '`ALTER TABLE tbl_name SET ("dynamic_partition.enable" = "false")` firstly.',
  );
}
