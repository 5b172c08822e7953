/**
 * Settings that can be changed while a backend works (backup-jobs.md 8): how many tasks of a kind
 * it runs at a time. A change lives until the backend ends, as in StarRocks.
 */
import { SimError } from '../base/errors.ts';
import type { TaskType } from '../protocol/agent-task.ts';
import type { BackendSetting } from '../protocol/backend-setting.ts';
import { type BackendConfig, DEFAULT_BACKEND_CONFIG } from './config.ts';

/** More workers than this would only take memory from each other. */
export const WORKERS_MAX = 1024;

type WorkerSetting =
  | 'uploadWorkers'
  | 'downloadWorkers'
  | 'makeSnapshotWorkers'
  | 'releaseSnapshotWorkers'
  | 'compactionWorkers';

/** What a setting limits: tasks of a type, or the compactions that a backend begins by itself. */
export type Limited = TaskType | 'COMPACTION';

interface SettingRow {
  readonly key: WorkerSetting;
  readonly limits: readonly Limited[];
  readonly countMin: number;
  /** The value that stands for the number of cores. */
  readonly cores: number | undefined;
}

const ROWS: Readonly<Record<string, SettingRow>> = Object.freeze({
  download_worker_count: {
    key: 'downloadWorkers',
    limits: ['DOWNLOAD', 'MOVE'],
    countMin: 0,
    cores: 0,
  },
  make_snapshot_worker_count: {
    key: 'makeSnapshotWorkers',
    limits: ['MAKE_SNAPSHOT'],
    countMin: 1,
    cores: undefined,
  },
  max_compaction_concurrency: {
    key: 'compactionWorkers',
    limits: ['COMPACTION'],
    countMin: -1,
    cores: -1,
  },
  release_snapshot_worker_count: {
    key: 'releaseSnapshotWorkers',
    limits: ['RELEASE_SNAPSHOT'],
    countMin: 1,
    cores: undefined,
  },
  upload_worker_count: { key: 'uploadWorkers', limits: ['UPLOAD'], countMin: 0, cores: 0 },
});

export interface Settings {
  rows(): readonly BackendSetting[];
  /** Throws `bad-option` for an unknown name or a value that is no such count. */
  change(name: string, value: string): void;
}

export function createSettings(
  config: BackendConfig,
  cpuCores: number,
  resize: (what: Limited, limitMax: number) => void,
): Settings {
  const values = new Map(Object.values(ROWS).map(({ key }) => [key, config[key]]));
  return Object.freeze({
    rows: () =>
      Object.entries(ROWS).map(
        ([name, { key }]): BackendSetting => ({
          name,
          value: String(values.get(key)),
          type: 'INT',
          defaultValue: String(DEFAULT_BACKEND_CONFIG[key]),
          isMutable: true,
        }),
      ),
    change(name: string, value: string): void {
      const row = ROWS[name];
      if (row === undefined) throw unknownSetting(name);
      const count = countOf(name, value, row.countMin);
      values.set(row.key, count);
      for (const what of row.limits) resize(what, countOrCores(count, cpuCores, row.cores));
    },
  });
}

/** A count as it is meant: one value may stand for the number of cores. */
export function countOrCores(count: number, cpuCores: number, cores: number | undefined): number {
  return count === cores ? cpuCores : count;
}

function unknownSetting(name: string): SimError {
  return new SimError('bad-option', `a backend has no setting ${name} that can be changed`, {
    hint: `There are ${Object.keys(ROWS).join(', ')}.`,
  });
}

function countOf(name: string, value: string, countMin: number): number {
  const count = /^-?\d{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN;
  if (count >= countMin && count <= WORKERS_MAX) return count;
  throw new SimError(
    'bad-option',
    `${name} must be a whole number from ${countMin} to ${WORKERS_MAX}, not '${value}'`,
  );
}
