/**
 * DROP SNAPSHOT: every check in StarRocks' order, then the snapshot's directory goes
 * (resolutions.md 9, repository.md 8). Nothing of it is logged: the repository itself is the state.
 */
import { SimError } from '../base/errors.ts';
import type { RepositoryId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { Repository } from '../repository/repository.ts';
import type { SnapshotRetentionCache } from '../repository/snapshot-retention-cache.ts';
import type { Status } from '../repository/status.ts';
import { isTerminal, type JobKind } from './abstract-job.ts';
import type { JobSlots } from './job-slots.ts';
import type { JobPorts } from './ports.ts';
import { knownRepository } from './submit-backup.ts';

export interface DropSnapshotRequest {
  readonly repository: string;
  /** At least one. All are checked before the first is deleted. */
  readonly labels: readonly string[];
  /** Also what another cluster wrote, or nobody knows who. */
  readonly force: boolean;
}

/** What deleting snapshots needs of the handler. */
export interface SnapshotKeeper {
  readonly ports: JobPorts;
  readonly slots: JobSlots;
  readonly retentions: SnapshotRetentionCache;
}

/** The caller holds the submission lock. Throws `common-error`. */
export function* dropSnapshots(keeper: SnapshotKeeper, request: DropSnapshotRequest): Op<void> {
  const repository = knownRepository(keeper.ports, request.repository);
  if (repository.data.isReadOnly) {
    throw new SimError('common-error', `Repository ${request.repository} is read only`);
  }
  const listed = yield* repository.listSnapshots();
  if (listed.value === undefined) {
    throw new SimError('common-error', `Failed to list snapshots: ${listed.status.msg}`);
  }
  const labels = [...new Set(request.labels)];
  for (const label of labels) {
    yield* checkDroppable(keeper, repository, label, listed.value, request.force);
  }
  for (const label of labels) {
    const status = yield* deleteSnapshot(keeper, repository, label, 'statement');
    if (status.code === 'OK') continue;
    throw new SimError(
      'common-error',
      `Failed to delete snapshot ${label} of repository ${request.repository}: ${status.msg}`,
      { hint: 'the statement can be repeated' },
    );
  }
}

function* checkDroppable(
  keeper: SnapshotKeeper,
  repository: Repository,
  label: string,
  listed: readonly string[],
  force: boolean,
): Op<void> {
  const { id, name } = repository.data;
  if (!listed.includes(label)) {
    throw new SimError('common-error', `Snapshot ${label} does not exist in repository ${name}`, {
      hint: `SHOW SNAPSHOT ON ${name} lists them`,
    });
  }
  if (isInUse(keeper.slots, id, label, 'BACKUP')) throw busy(label, 'a backup is writing it');
  if (isInUse(keeper.slots, id, label, 'RESTORE')) throw busy(label, 'a restore is reading it');
  if (!force && keeper.ports.traits.hasSnapshotRetention) {
    yield* checkOwner(keeper, repository, label);
  }
}

function busy(label: string, why: string): SimError {
  return new SimError('common-error', `Snapshot ${label} cannot be dropped: ${why}`, {
    hint: 'wait for the job or cancel it',
  });
}

function* checkOwner(keeper: SnapshotKeeper, repository: Repository, label: string): Op<void> {
  const own = keeper.ports.clusterId;
  const owner = (yield* keeper.retentions.get(repository, label))?.clusterId;
  if (owner === own) return;
  const whose = owner === undefined ? 'has no known owner' : `belongs to cluster ${owner}`;
  throw new SimError(
    'common-error',
    `Snapshot ${label} ${whose}, this is cluster ${own}; DROP SNAPSHOT ... FORCE drops it anyway`,
  );
}

/** An unfinished job of that kind works on the label in that repository. */
export function isInUse(
  slots: JobSlots,
  repositoryId: RepositoryId,
  label: string,
  kind: JobKind,
): boolean {
  return [...slots.values()].some(
    ({ job }) =>
      job.type === kind &&
      job.repoId === repositoryId &&
      job.label === label &&
      !isTerminal(job.state),
  );
}

/** Deletes the files and forgets what was known of them; tells what came of it. */
export function* deleteSnapshot(
  { ports, retentions }: SnapshotKeeper,
  repository: Repository,
  label: string,
  trigger: 'statement' | 'ttl',
): Op<Status> {
  const status = yield* repository.deleteSnapshot(label);
  // Also after a failure: part of it may be gone.
  retentions.forget(repository.data.id, label);
  ports.events.emit('snapshot.delete', {
    repository: repository.data.name,
    label,
    trigger,
    status: status.code,
  });
  return status;
}
