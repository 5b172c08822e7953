/**
 * Settings of a backend: StarRocks' own by their meaning (resolutions.md, part (a)), then the
 * limits of the emulator's storage.
 */
import { KIB, MIB } from '../base/units.ts';

export interface BackendConfig {
  /** Task reports go out this often (`report_task_interval_seconds`). */
  readonly reportTaskIntervalMs: number;
  /** Tablet reports go out this often. */
  readonly reportTabletIntervalMs: number;
  /** 0 = as many as cores (`upload_worker_count`). */
  readonly uploadWorkers: number;
  /** 0 = as many as cores; also for moves (`download_worker_count`). */
  readonly downloadWorkers: number;
  readonly makeSnapshotWorkers: number;
  readonly releaseSnapshotWorkers: number;
  readonly createTabletWorkers: number;
  readonly dropTabletWorkers: number;
  /** Age at which a snapshot directory without a timeout in its name is swept. */
  readonly snapshotExpireSec: number;
  readonly snapshotSweepIntervalMs: number;
  /** A repeated move of a moved primary-key tablet succeeds; off: it is stuck, as in StarRocks. */
  readonly isPrimaryKeyMoveIdempotent: boolean;
  /** A leftover `.part` is taken for the file before it, as in StarRocks; off: it is no file. */
  readonly partFilesCount: boolean;
  /** What the backend says its disk holds; downloads beyond it are refused. */
  readonly diskCapacityBytes: number;
  /** How long a publish waits for the version before it. */
  readonly publishWaitMs: number;

  /** A load of more rows or bytes for one tablet is written as files at once. */
  readonly inlineLoadRowsMax: number;
  readonly inlineLoadBytesMax: number;
  /** A tablet with more published rows or bytes in the meta log gets a file of them. */
  readonly inlineTabletRowsMax: number;
  readonly inlineTabletBytesMax: number;
  readonly segmentRowsMax: number;
  /** A flush or compaction folds small files of late while the result stays below this. */
  readonly foldRowsMax: number;
  /** Tablets compacted at a time; 0 none, -1 as many as cores (`max_compaction_concurrency`). */
  readonly compactionWorkers: number;
  /** So many small rowsets of late are compacted without being asked. */
  readonly compactRowsetsMin: number;
  /** Rows that one rowset is compacted to where all are: they are held in memory. */
  readonly compactRowsMax: number;
  /** The meta log is checkpointed past this, and past twice the last checkpoint. */
  readonly metaLogBytesMax: number;
  /** A primary-key tablet with more rows in its files gets an estimated row count. */
  readonly exactCountRowsMax: number;
}

export const DEFAULT_BACKEND_CONFIG: BackendConfig = Object.freeze({
  reportTaskIntervalMs: 10_000,
  reportTabletIntervalMs: 10_000,
  uploadWorkers: 0,
  downloadWorkers: 0,
  makeSnapshotWorkers: 5,
  releaseSnapshotWorkers: 5,
  createTabletWorkers: 3,
  dropTabletWorkers: 3,
  snapshotExpireSec: 172_800,
  snapshotSweepIntervalMs: 180_000,
  isPrimaryKeyMoveIdempotent: true,
  partFilesCount: false,
  diskCapacityBytes: 1024 * 1024 * MIB,
  publishWaitMs: 1000,
  inlineLoadRowsMax: 512,
  inlineLoadBytesMax: 64 * KIB,
  inlineTabletRowsMax: 4096,
  inlineTabletBytesMax: 512 * KIB,
  segmentRowsMax: 100_000,
  foldRowsMax: 50_000,
  compactionWorkers: -1,
  compactRowsetsMin: 5,
  compactRowsMax: 500_000,
  metaLogBytesMax: 8 * MIB,
  exactCountRowsMax: 100_000,
});
