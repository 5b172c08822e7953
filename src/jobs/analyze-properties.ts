/**
 * Properties of BACKUP and RESTORE, checked in StarRocks' order while the statement is analysed
 * (backup-jobs.md 3.5, restore-jobs.md 3.2, sql-surface.md 5.1 and 5.2). Keys match exactly. Errors
 * are bare; whoever analyses wraps them.
 */
import type { Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import { MINUTE_MS, SECOND_MS } from '../base/units.ts';
import type { JobConfig, JobTraits } from './ports.ts';
import { checkTtl } from './snapshot-ttl.ts';
import { BACKUP_TYPES, type BackupType } from './submit-backup.ts';

export const TIMEOUT_MS_MIN: number = 10 * MINUTE_MS;

export interface BackupProperties {
  readonly type: BackupType;
  readonly timeoutMs: number;
  /** Absent: the snapshot is kept for ever. */
  readonly ttl?: string;
}

/** Where and when a BACKUP is analysed: what its `ttl` depends on. */
export interface BackupSite {
  readonly traits: Pick<JobTraits, 'hasSnapshotRetention'>;
  readonly nowMs: Millis;
  readonly systemTimeZone: string;
}

export interface RestoreProperties {
  /** Verbatim, as SHOW SNAPSHOT prints it. */
  readonly backupTimestamp: string;
  readonly timeoutMs: number;
  readonly allowLoad: boolean;
  readonly replicationNum: number;
}

/** Keys that RESTORE takes without any effect, since metadata is JSON (restore-jobs.md 7.1). */
const IGNORED_NUMBERS = ['meta_version', 'starrocks_meta_version'] as const;

/**
 * Throws `common-error` for a bad value or an unknown key, which `ttl` is where snapshots have no
 * retention; `analysis` for a bad `ttl`.
 */
export function analyzeBackupProperties(
  properties: ReadonlyMap<string, string>,
  config: JobConfig,
  { traits, nowMs, systemTimeZone }: BackupSite,
): BackupProperties {
  const left = new Map(properties);
  const timeoutMs = timeoutOf(left, config);
  const typeText = take(left, 'type')?.toUpperCase() ?? 'FULL';
  const type = BACKUP_TYPES.find((one) => one === typeText);
  if (type === undefined) {
    throw new SimError('common-error', `Invalid backup job type: ${properties.get('type')}`);
  }
  const ttl = traits.hasSnapshotRetention ? take(left, 'ttl')?.trim() : undefined;
  refuseUnknown(left);
  if (ttl === undefined || ttl === '') return { type, timeoutMs };
  checkTtl(ttl, nowMs, systemTimeZone);
  return { type, timeoutMs, ttl };
}

/** Throws `common-error` for a bad value, a missing `backup_timestamp` or an unknown key. */
export function analyzeRestoreProperties(
  properties: ReadonlyMap<string, string>,
  config: JobConfig,
): RestoreProperties {
  const left = new Map(properties);
  const timeoutMs = timeoutOf(left, config);
  const allowLoad = flagOf(left, 'allow_load');
  const replicationNum = numberOf(left, 'replication_num') ?? config.defaultReplicationNum;
  const backupTimestamp = take(left, 'backup_timestamp');
  for (const key of IGNORED_NUMBERS) numberOf(left, key);
  if (backupTimestamp === undefined) {
    throw new SimError('common-error', 'Missing backup_timestamp property', {
      hint: 'SHOW SNAPSHOT ON the repository lists the timestamps',
    });
  }
  refuseUnknown(left);
  return { backupTimestamp, timeoutMs, allowLoad, replicationNum };
}

function take(properties: Map<string, string>, key: string): string | undefined {
  const value = properties.get(key);
  properties.delete(key);
  return value;
}

function timeoutOf(properties: Map<string, string>, config: JobConfig): number {
  const text = take(properties, 'timeout');
  if (text === undefined) return config.backupJobDefaultTimeoutMs;
  const seconds = wholeNumber(text);
  if (seconds === undefined) {
    throw new SimError('common-error', `Invalid timeout format: ${text}`);
  }
  const timeoutMs = seconds * SECOND_MS;
  if (timeoutMs < TIMEOUT_MS_MIN) {
    throw new SimError('common-error', 'Timeout must be at least 10 minutes');
  }
  return timeoutMs;
}

function flagOf(properties: Map<string, string>, key: string): boolean {
  const text = take(properties, key);
  if (text === undefined) return false;
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  throw new SimError('common-error', `Invalid ${key} value: ${text}`);
}

/** All numbers of RESTORE share the words of one of them (restore-jobs.md 9 #5). */
function numberOf(properties: Map<string, string>, key: string): number | undefined {
  const text = take(properties, key);
  if (text === undefined) return undefined;
  const value = wholeNumber(text);
  if (value === undefined)
    throw new SimError('common-error', `Invalid meta version format: ${text}`);
  return value;
}

function wholeNumber(text: string): number | undefined {
  const value = /^[+-]?\d{1,18}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

function refuseUnknown(left: ReadonlyMap<string, string>): void {
  if (left.size === 0) return;
  throw new SimError('common-error', `Unknown job properties: [${[...left.keys()].join(', ')}]`);
}
