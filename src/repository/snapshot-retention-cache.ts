/**
 * Remembers who wrote a snapshot and how long it is kept, so that looking again costs a listing and
 * no download (repository.md 8). A job info file never changes; what can change is which one lies
 * below a label, so each lookup compares file names first.
 */
import type { Millis } from '../base/clock.ts';
import type { RepositoryId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { BackupJobInfo } from './job-info.ts';
import type { JobInfoFile, Repository } from './repository.ts';
import { isOk } from './status-guard.ts';

/** What a job info file says about its snapshot's life. */
export interface SnapshotRetention {
  readonly file: JobInfoFile;
  /** Undefined: written by a release that records none, so it belongs to nobody. */
  readonly clusterId: number | undefined;
  readonly finishTimeMs: Millis | undefined;
  readonly ttl: string | undefined;
  /** Undefined: never. */
  readonly expireTimeMs: Millis | undefined;
}

export const RETENTION_CACHE_ENTRIES_MAX = 10_000;

type Source = Pick<Repository, 'data' | 'findJobInfo' | 'fetchJobInfo'>;

export class SnapshotRetentionCache {
  /** The one used last stands last. */
  readonly #entries = new Map<string, SnapshotRetention>();

  get size(): number {
    return this.#entries.size;
  }

  /** Undefined when the label holds no job info, several, or one that cannot be read. */
  *get(repository: Source, label: string): Op<SnapshotRetention | undefined> {
    const found = yield* repository.findJobInfo(label);
    if (found.value === undefined) return undefined;
    return yield* this.getListed(repository, label, found.value);
  }

  /** The same for who has listed the label already. */
  *getListed(
    repository: Source,
    label: string,
    file: JobInfoFile,
  ): Op<SnapshotRetention | undefined> {
    const key = keyOf(repository.data.id, label);
    const known = this.#entries.get(key);
    if (known?.file.fileName === file.fileName) return this.#remember(key, known);
    const info = yield* repository.fetchJobInfo(label, file.timestamp);
    return isOk(info) ? this.#remember(key, retentionOf(file, info.value)) : undefined;
  }

  /** For who has just deleted the snapshot. */
  forget(repositoryId: RepositoryId, label: string): void {
    this.#entries.delete(keyOf(repositoryId, label));
  }

  #remember(key: string, retention: SnapshotRetention): SnapshotRetention {
    this.#entries.delete(key);
    this.#entries.set(key, retention);
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size > RETENTION_CACHE_ENTRIES_MAX) {
      this.#entries.delete(oldest);
    }
    return retention;
  }
}

export function retentionOf(file: JobInfoFile, info: BackupJobInfo): SnapshotRetention {
  const { clusterId, finishTimeMs, ttl, expireTimeMs } = info;
  return Object.freeze({ file, clusterId, finishTimeMs, ttl, expireTimeMs });
}

export function isExpiredAt(retention: SnapshotRetention, nowMs: Millis): boolean {
  return retention.expireTimeMs !== undefined && retention.expireTimeMs <= nowMs;
}

function keyOf(repositoryId: RepositoryId, label: string): string {
  return `${repositoryId}:${label}`;
}
