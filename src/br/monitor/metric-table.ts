/** The metrics that `srbr` exports: the one list of their names (BR-MON). */

interface MetricRow {
  readonly type: 'gauge' | 'counter';
  readonly help: string;
}

export const METRIC_PREFIX = 'starrocks_br_';

export type MetricName =
  | 'last_success_timestamp_seconds'
  | 'last_duration_seconds'
  | 'last_bytes'
  | 'throughput_bytes_per_second'
  | 'runs_total'
  | 'slot_active'
  | 'slot_age_seconds'
  | 'chain_length'
  | 'unrestorable_backups'
  | 'orphan_snapshots'
  | 'repository_error'
  | 'disk_free_ratio'
  | 'drill_last_success_timestamp_seconds'
  | 'meta_snapshot_failures_total';

export const METRICS: Readonly<Record<MetricName, MetricRow>> = {
  last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the newest finished backup ended, in seconds of the epoch.',
  },
  last_duration_seconds: { type: 'gauge', help: 'How long the newest finished backup took.' },
  last_bytes: { type: 'gauge', help: 'Bytes of the partitions in the newest finished backup.' },
  throughput_bytes_per_second: {
    type: 'gauge',
    help: 'Bytes by duration of the newest finished backup.',
  },
  runs_total: { type: 'counter', help: 'Backups in the history by how they ended.' },
  slot_active: { type: 'gauge', help: 'Slots that are taken now.' },
  slot_age_seconds: { type: 'gauge', help: 'Age of the oldest slot that is taken; 0 if none is.' },
  chain_length: { type: 'gauge', help: 'Snapshots that a restore of the newest backup needs.' },
  unrestorable_backups: {
    type: 'gauge',
    help: 'Finished backups of which a snapshot, or what it stands on, is not in the repository.',
  },
  orphan_snapshots: { type: 'gauge', help: 'Snapshots in the repository that no history knows.' },
  repository_error: { type: 'gauge', help: '1 if the repository cannot be used.' },
  disk_free_ratio: { type: 'gauge', help: 'Free share of the fullest disk of a backend.' },
  drill_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When a drill last succeeded, in seconds of the epoch.',
  },
  meta_snapshot_failures_total: {
    type: 'counter',
    help: 'Snapshots of the ops database that failed after a backup.',
  },
};
