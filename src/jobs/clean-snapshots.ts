/**
 * Deletes snapshots whose time to live is over (repository.md 8). What may go is decided from the
 * repository alone: only what its job info file calls ours and expired, and that no job uses.
 */
import type { Millis } from '../base/clock.ts';
import type { Op } from '../base/op.ts';
import { SECOND_MS } from '../base/units.ts';
import type { Repository } from '../repository/repository.ts';
import { isExpiredAt, type SnapshotRetention } from '../repository/snapshot-retention-cache.ts';
import { deleteSnapshot, isInUse, type SnapshotKeeper } from './drop-snapshot.ts';
import type { SubmissionLock } from './submission-lock.ts';

/** Longest wait for the lock: statements go first, the snapshot goes in a later round. */
export const CLEAN_WAIT_MS_MAX: Millis = SECOND_MS;

/** Snapshots whose failures are counted; the count of the oldest is forgotten first. */
export const CLEAN_FAILURES_MAX = 10_000;

/** Attempts that failed, counted until a restart. */
export class CleanFailures {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string): number {
    const count = this.of(key) + 1;
    this.#counts.delete(key);
    this.#counts.set(key, count);
    const [oldest] = this.#counts.keys();
    if (oldest !== undefined && this.#counts.size > CLEAN_FAILURES_MAX) this.#counts.delete(oldest);
    return count;
  }

  forget(key: string): void {
    this.#counts.delete(key);
  }
}

export interface Cleaner {
  readonly keeper: SnapshotKeeper;
  readonly lock: SubmissionLock;
  readonly failures: CleanFailures;
}

/** One round over all repositories; it ends early when the lock is not to be had. */
export function* cleanExpiredSnapshots(cleaner: Cleaner): Op<void> {
  const { ports, slots, retentions } = cleaner.keeper;
  if (!ports.traits.hasSnapshotRetention) return;
  for (const repository of ports.repositories.all()) {
    const { id, isReadOnly, name } = repository.data;
    if (isReadOnly) continue;
    const labels = yield* repository.listSnapshots();
    if (labels.value === undefined) {
      const text = labels.status.msg;
      ports.logger.log('warn', 'cannot look for expired snapshots', { repository: name, text });
      continue;
    }
    for (const label of labels.value) {
      const retention = yield* retentions.get(repository, label);
      if (retention === undefined || !isDue(cleaner, repository, label, retention)) continue;
      if (isInUse(slots, id, label, 'BACKUP') || isInUse(slots, id, label, 'RESTORE')) continue;
      const held = yield* cleaner.lock.holdWithin(CLEAN_WAIT_MS_MAX, () =>
        cleanOne(cleaner, repository, label, retention),
      );
      if (held === undefined) return;
    }
  }
}

/** Ours, over, and not given up. */
function isDue(
  { keeper: { ports }, failures }: Cleaner,
  repository: Repository,
  label: string,
  retention: SnapshotRetention,
): boolean {
  if (retention.clusterId !== ports.clusterId) return false;
  if (!isExpiredAt(retention, ports.clock.now())) return false;
  const key = keyOf(repository, label, retention);
  return failures.of(key) < ports.config.backupCleanRetryLimit;
}

/**
 * While waiting for the lock the label may have been dropped and backed up again: what lies there
 * must still be the file that the decision was made from. The repository may be gone as well.
 */
function* cleanOne(
  { keeper, failures }: Cleaner,
  repository: Repository,
  label: string,
  retention: SnapshotRetention,
): Op<void> {
  const { ports, slots } = keeper;
  const { id, name } = repository.data;
  const key = keyOf(repository, label, retention);
  const now = yield* repository.findJobInfo(label);
  if (now.value?.fileName !== retention.file.fileName) {
    failures.forget(key);
    return;
  }
  if (ports.repositories.byId(id) === undefined) return;
  if (isInUse(slots, id, label, 'BACKUP') || isInUse(slots, id, label, 'RESTORE')) return;
  const status = yield* deleteSnapshot(keeper, repository, label, 'ttl');
  if (status.code === 'OK') {
    failures.forget(key);
    return;
  }
  const attempts = failures.add(key);
  const isGivenUp = attempts >= ports.config.backupCleanRetryLimit;
  ports.logger.log(
    isGivenUp ? 'error' : 'warn',
    isGivenUp ? 'gives up deleting an expired snapshot' : 'cannot delete an expired snapshot',
    { repository: name, label, attempts, text: status.msg },
  );
}

/** Another backup under the same label begins to count anew. */
function keyOf(repository: Repository, label: string, { file }: SnapshotRetention): string {
  return `${repository.data.id}:${label}:${file.fileName}`;
}
