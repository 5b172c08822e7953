/**
 * The frontend's settings: one row each with type, default and whether ADMIN SET FRONTEND CONFIG
 * may change it. A change lives until the frontend stops, as in StarRocks without PERSISTENT.
 * Source: backup-jobs.md 8, sql-surface.md 3.7, resolutions.md (a).
 */
import type { Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import type { JobConfig } from '../jobs/ports.ts';
import { MYSQL_SERVER_VERSION } from './profile.ts';

export type ConfigType = 'int' | 'long' | 'boolean' | 'string';

export interface ConfigRow {
  readonly type: ConfigType;
  readonly defaultValue: string;
  readonly isMutable: boolean;
  readonly comment: string;
}

const row = (
  type: ConfigType,
  defaultValue: string,
  isMutable: boolean,
  comment: string,
): ConfigRow => ({ type, defaultValue, isMutable, comment });

export const CONFIG_ROWS: Readonly<Record<string, ConfigRow>> = Object.freeze({
  backup_job_default_timeout_ms: row(
    'int',
    '86400000',
    true,
    'Timeout of a BACKUP or RESTORE job whose statement names none.',
  ),
  max_upload_task_per_be: row(
    'int',
    '0',
    true,
    'Most upload tasks per backend and job; 0 is one task per tablet.',
  ),
  max_download_task_per_be: row(
    'int',
    '0',
    true,
    'Most download tasks per backend and job; 0 is one task per tablet.',
  ),
  history_job_keep_max_second: row(
    'int',
    '604800',
    true,
    'How long a finished or cancelled job stays visible.',
  ),
  label_clean_interval_second: row(
    'int',
    '14400',
    false,
    'Period of the purge of old jobs and labels.',
  ),
  default_replication_num: row(
    'int',
    '3',
    true,
    'Replicas of a table or restore that names no number.',
  ),
  tablet_create_timeout_second: row(
    'int',
    '10',
    true,
    'Longest wait for the creation of one tablet replica.',
  ),
  auto_increment_cache_size: row(
    'int',
    '100000',
    true,
    'Ids of an AUTO_INCREMENT column that are reserved at one go.',
  ),
  enable_colocate_restore: row(
    'boolean',
    'false',
    true,
    'A table that RESTORE creates joins its colocate group.',
  ),
  label_keep_max_num: row('int', '1000', true, 'How many load labels a database remembers.'),
  backup_clean_retry_limit: row(
    'int',
    '3',
    true,
    'Failed attempts after which an expired snapshot is left alone.',
  ),
  auto_partition_max_creation_number_per_load: row(
    'int',
    '4096',
    true,
    'Most partitions that one load may make.',
  ),
  dynamic_partition_enable: row(
    'boolean',
    'true',
    true,
    'Whether dynamic partitions are made and dropped.',
  ),
  edit_log_roll_num: row(
    'int',
    '50000',
    true,
    'Records after which an image is written and the log is cut.',
  ),
  enable_backup_materialized_view: row(
    'boolean',
    'false',
    true,
    'Whether BACKUP takes asynchronous materialized views that it does not name.',
  ),
  enable_mv_automatic_active_check: row(
    'boolean',
    'true',
    true,
    'Whether inactive materialized views are made active again by themselves.',
  ),
  mv_active_checker_interval_seconds: row(
    'int',
    '60',
    false,
    'Period of the checker of inactive materialized views.',
  ),
  mysql_server_version: row(
    'string',
    MYSQL_SERVER_VERSION,
    true,
    'MySQL version of the greeting and of VERSION().',
  ),
  qe_max_connection: row('int', '4096', true, 'Most client connections.'),
  ssl_force_secure_transport: row(
    'boolean',
    'false',
    true,
    'Whether clients without TLS are refused.',
  ),
});

export interface Config {
  get(key: string): string;
  getNumber(key: string): number;
  getBoolean(key: string): boolean;
  /**
   * All or nothing. Throws `unknown-config` for a key that is unknown or fixed,
   * `config-set-failed` for a value.
   */
  set(changes: Iterable<readonly [string, string]>): void;
  rows(): readonly { readonly key: string; readonly value: string; readonly row: ConfigRow }[];
}

export function createConfig(overrides: Readonly<Record<string, string>> = {}): Config {
  const values = new Map<string, string>();
  for (const [key, known] of Object.entries(CONFIG_ROWS)) values.set(key, known.defaultValue);
  for (const [key, value] of Object.entries(overrides)) values.set(key, checked(key, value));

  const get = (key: string): string => {
    const value = values.get(key);
    if (value === undefined) throw new SimError('bug', `no config ${key}`);
    return value;
  };
  return Object.freeze({
    get,
    getNumber: (key: string) => Number(get(key)),
    getBoolean: (key: string) => get(key).toLowerCase() === 'true',
    set(changes: Iterable<readonly [string, string]>): void {
      const accepted = [...changes].map(([key, value]) => {
        if (!configRow(key).isMutable) {
          throw new SimError('unknown-config', `Config '${key}' does not exist or is not mutable`);
        }
        return [key, checked(key, value)] as const;
      });
      for (const [key, value] of accepted) values.set(key, value);
    },
    rows: () =>
      Object.entries(CONFIG_ROWS).map(([key, known]) => ({ key, value: get(key), row: known })),
  });
}

function configRow(key: string): ConfigRow {
  const known = Object.hasOwn(CONFIG_ROWS, key) ? CONFIG_ROWS[key] : undefined;
  if (known !== undefined) return known;
  throw new SimError('unknown-config', `Config '${key}' does not exist or is not mutable`);
}

/** Highest value of each kind of number; none of the settings has a use for less than 0. */
const NUMBER_MAX = { int: 2 ** 31 - 1, long: Number.MAX_SAFE_INTEGER } as const;

function isNumberOf(type: 'int' | 'long', text: string): boolean {
  return /^\d{1,16}$/.test(text) && Number(text) <= NUMBER_MAX[type];
}

function checked(key: string, value: string): string {
  const known = configRow(key);
  const text = value.trim();
  const isRight =
    known.type === 'string' ||
    (known.type === 'boolean' ? /^(true|false)$/i.test(text) : isNumberOf(known.type, text));
  if (!isRight) {
    throw new SimError(
      'config-set-failed',
      `Config '${key}' wants a ${known.type}, not '${value}'`,
    );
  }
  return text;
}

/** A period that a setting changes: in the proportion of its value to what it is by default. */
export function configuredPeriod(config: Config, key: string, byDefaultMs: Millis): Millis {
  const byDefault = Number(CONFIG_ROWS[key]?.defaultValue);
  return Math.max(1, Math.round((byDefaultMs * config.getNumber(key)) / byDefault));
}

/** The job settings, read anew at each use. */
export function jobConfigOf(config: Config): JobConfig {
  return {
    get backupJobDefaultTimeoutMs() {
      return config.getNumber('backup_job_default_timeout_ms');
    },
    get maxUploadTaskPerBe() {
      return config.getNumber('max_upload_task_per_be');
    },
    get maxDownloadTaskPerBe() {
      return config.getNumber('max_download_task_per_be');
    },
    get historyJobKeepMaxSecond() {
      return config.getNumber('history_job_keep_max_second');
    },
    get defaultReplicationNum() {
      return config.getNumber('default_replication_num');
    },
    get tabletCreateTimeoutSecond() {
      return config.getNumber('tablet_create_timeout_second');
    },
    get enableColocateRestore() {
      return config.get('enable_colocate_restore').toLowerCase() === 'true';
    },
    get backupCleanRetryLimit() {
      return config.getNumber('backup_clean_retry_limit');
    },
  };
}
